//! The rules of the medication process as data: where facts stand, what stop codes mean, the windows, and which
//! findings are told as contradictions (`reconcile/policy/medication-process.yaml`).
//!
//! The rules that are shipped are read once. Rules that could not be read would make every block one that is not
//! interpreted; the tests of this module read the shipped ones.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{About, FindingKind, Phase, StopKind};
use crate::policy::Path;

const SHIPPED: &str = include_str!("../../policy/medication-process.yaml");

/// What is read from the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    facts: RawFacts,
    stops: Vec<Stops>,
    modifiers: Vec<String>,
    generic_treatment: String,
    prescription_product: String,
    windows: Windows,
    statuses: RawStatuses,
    issues: Vec<Issue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawFacts {
    treatment: Vec<String>,
    registered: Vec<String>,
    period: Vec<String>,
    duration: Vec<String>,
    uncertain: Vec<String>,
    stop: Vec<String>,
    product: Vec<String>,
    dose: Vec<String>,
    dose_text: Vec<String>,
    as_agreed: Vec<String>,
    author: Vec<String>,
    relations: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stops {
    means: StopKind,
    codes: Vec<String>,
}

/// How far from the moment of the overview something is recent or near, in months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// What ended less than this ago is recently stopped.
    pub stopped: i32,
    /// What starts within this is near.
    pub future: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStatuses {
    kinds: Vec<String>,
    fit: Vec<(Phase, Vec<String>)>,
}

/// A finding that is told as a contradiction.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    finding: FindingKind,
    /// Of what; everything when nothing is named.
    #[serde(default)]
    about: Vec<About>,
}

/// The paths of the facts of a building block.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) treatment: Vec<Path>,
    pub(super) registered: Vec<Path>,
    pub(super) period: Vec<Path>,
    pub(super) duration: Vec<Path>,
    pub(super) uncertain: Vec<Path>,
    pub(super) stop: Vec<Path>,
    pub(super) product: Vec<Path>,
    pub(super) dose: Vec<Path>,
    pub(super) dose_text: Vec<Path>,
    pub(super) as_agreed: Vec<Path>,
    pub(super) author: Vec<Path>,
    pub(super) relations: Vec<Path>,
}

/// The rules.
pub(super) struct Rules {
    pub(super) facts: Facts,
    stops: Vec<Stops>,
    modifiers: Vec<String>,
    generic_treatment: String,
    prescription_product: String,
    pub(super) windows: Windows,
    status_kinds: Vec<String>,
    statuses: Vec<(Phase, Vec<String>)>,
    issues: Vec<Issue>,
}

impl Rules {
    /// The rules that are shipped.
    pub(super) fn shipped() -> &'static Rules {
        static RULES: LazyLock<Rules> =
            LazyLock::new(|| Rules::read(SHIPPED).unwrap_or_else(|_| Rules::none()));
        &RULES
    }

    /// Reads rules; what is wrong as a text with its place.
    pub(super) fn read(text: &str) -> Result<Rules, String> {
        let file: File = serde_saphyr::from_str(text).map_err(|error| error.without_snippet().to_string())?;
        let raw = file.facts;
        let facts = Facts {
            treatment: paths(&raw.treatment)?,
            registered: paths(&raw.registered)?,
            period: paths(&raw.period)?,
            duration: paths(&raw.duration)?,
            uncertain: paths(&raw.uncertain)?,
            stop: paths(&raw.stop)?,
            product: paths(&raw.product)?,
            dose: paths(&raw.dose)?,
            dose_text: paths(&raw.dose_text)?,
            as_agreed: paths(&raw.as_agreed)?,
            author: paths(&raw.author)?,
            relations: paths(&raw.relations)?,
        };
        Ok(Rules {
            facts,
            stops: file.stops,
            modifiers: file.modifiers,
            generic_treatment: file.generic_treatment,
            prescription_product: file.prescription_product,
            windows: file.windows,
            status_kinds: file.statuses.kinds,
            statuses: file.statuses.fit,
            issues: file.issues,
        })
    }

    fn none() -> Rules {
        Rules {
            facts: Facts::default(),
            stops: Vec::new(),
            modifiers: Vec::new(),
            generic_treatment: String::new(),
            prescription_product: String::new(),
            windows: Windows {
                stopped: 0,
                future: 0,
            },
            status_kinds: Vec::new(),
            statuses: Vec::new(),
            issues: Vec::new(),
        }
    }

    /// What a code of a stop type means.
    pub(super) fn stop(&self, system: &str, code: &str) -> Option<StopKind> {
        let named = |known: &str| known.split_once('|') == Some((system, code));
        let known = self
            .stops
            .iter()
            .find(|stops| stops.codes.iter().any(|known| named(known)));
        known.map(|stops| stops.means)
    }

    /// Whether a modifier is understood.
    pub(super) fn is_understood(&self, modifier: &str) -> bool {
        self.modifiers.iter().any(|known| known == modifier)
    }

    /// The prescription product of a generic treatment: its number is made of it.
    pub(super) fn generic<'k>(&self, key: &'k (String, String)) -> Option<&'k str> {
        (!self.generic_treatment.is_empty() && key.0 == self.generic_treatment).then_some(&*key.1)
    }

    /// Whether codes of this system are those of prescription products.
    pub(super) fn is_prescription_product(&self, system: &str) -> bool {
        system == self.prescription_product
    }

    /// Whether the status that a source gives goes with what was computed.
    pub(super) fn fits(&self, kind: &str, phase: Phase, status: &str) -> bool {
        let fit = self.statuses.iter().find(|(of, _)| *of == phase);
        status == "unknown"
            || !self.status_kinds.iter().any(|of| of == kind)
            || fit.is_none_or(|(_, fit)| fit.iter().any(|of| of == status))
    }

    /// Whether a finding is told as a contradiction.
    pub(super) fn is_issue(&self, kind: FindingKind, about: &[About]) -> bool {
        self.issues.iter().any(|issue| {
            issue.finding == kind
                && (issue.about.is_empty() || about.iter().any(|of| issue.about.contains(of)))
        })
    }
}

fn paths(texts: &[String]) -> Result<Vec<Path>, String> {
    let path = |text: &String| Path::parse(text).ok_or_else(|| format!("{text} is no path"));
    texts.iter().map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::{Rules, SHIPPED};
    use crate::medication::StopKind;

    #[test]
    fn the_shipped_rules_are_read() {
        let rules = Rules::read(SHIPPED).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            rules.stop("http://snomed.info/sct", "410546004"),
            Some(StopKind::Stop)
        );
        assert_eq!(
            rules.stop("http://snomed.info/sct", "1"),
            None,
            "the system counts"
        );
        assert_eq!(rules.windows.stopped, 2);
    }

    #[test]
    fn what_is_no_path_or_no_key_is_refused() {
        for (from, to) in [
            ("dosageInstruction, dosage]", "\"a..b\"]"),
            ("windows:", "window:"),
            ("means: stop", "means: end"),
        ] {
            let text = SHIPPED.replacen(from, to, 1);
            assert_ne!(text, SHIPPED, "{from} is not there");
            assert!(Rules::read(&text).is_err(), "{from} -> {to}");
        }
    }
}
