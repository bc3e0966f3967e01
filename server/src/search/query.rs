//! The parameters of a search, understood.
//!
//! Everything that is wrong is told at once. What is not known is refused or reported, as the asker prefers; a value
//! that cannot be used is always refused. The number of the patient is taken out here: it is in nothing that is
//! written later.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytes::Bytes;
use samenhang_profiles::classify::classify;
use samenhang_profiles::document::Node;
use samenhang_profiles::{Bsn, FhirVersion, Limits, RawResource};
use samenhang_terminology::{Category, naming};
use serde_json::json;

use super::control::Control;
use super::include::Include;
use super::moment::{Wanted, span};
use super::parameter::{self, Kind, Parameter};
use super::value::{Token, elements, split};
use crate::error::{Kind as Error, Problem};
use crate::fhir::outcome::Issue;
use crate::fhir::parameters::ignored;
use crate::fhir::prefer::Handling;

/// Parameters of a search, at most; and values of one.
const MOST: usize = 64;
/// Results of each code that `$lastn` may be asked for.
const MOST_LATEST: usize = 100;

/// One parameter that selects: one of its values must fit.
#[derive(Debug, Clone)]
pub struct Clause {
    parameter: &'static Parameter,
    tokens: Vec<Token>,
    dates: Vec<Wanted>,
    references: Vec<String>,
}

/// A search that was understood. Holds a BSN: no `Debug`.
#[derive(Clone)]
pub struct Search {
    /// The version of FHIR.
    pub version: FhirVersion,
    /// The type.
    pub kind: String,
    /// For `$lastn`: how many of each code.
    pub latest: Option<usize>,
    /// The patient, when the parameters name one.
    pub patient: Option<Bsn>,
    /// What selects.
    pub clauses: Vec<Clause>,
    /// What comes along.
    pub includes: Vec<Include>,
    /// How the matches are given.
    pub control: Control,
    /// What was used, for the self link; without the number of the patient.
    pub used: Vec<(String, String)>,
    /// What was ignored, to be told in the answer.
    pub ignored: Vec<Issue>,
}

/// Reads the parameters of a search for `kind`.
///
/// # Errors
/// Everything that is wrong with them; never empty.
pub fn read(
    version: FhirVersion,
    kind: &str,
    is_lastn: bool,
    pairs: &[(String, String)],
    handling: Handling,
) -> Result<Search, Vec<Problem>> {
    if parameter::categories(version, kind).is_empty() {
        return Err(vec![Error::NotFound.into()]);
    }
    if pairs.len() > MOST {
        return Err(vec![Error::TooLarge.into()]);
    }
    let mut search = Search {
        version,
        kind: kind.to_owned(),
        latest: is_lastn.then_some(1),
        patient: None,
        clauses: Vec::new(),
        includes: Vec::new(),
        control: Control::default(),
        used: Vec::new(),
        ignored: Vec::new(),
    };
    let mut problems = Vec::new();
    for (index, (name, value)) in pairs.iter().enumerate() {
        // The name comes from the asker and may be anything: its place is told, not itself.
        let at = format!("http.parameter[{index}]");
        match search.take(name, value) {
            Ok(()) => {}
            Err(Fault::Unknown) if handling == Handling::Lenient => search.ignored.push(ignored(at)),
            Err(Fault::Unknown) => problems.push(Problem::new(Error::UnknownParameter).at(at).hint(
                "Laat de parameter weg, of stuur Prefer: handling=lenient om hem te laten negeren. Wat dit type kent, \
                 staat in /metadata.",
                "Leave the parameter out, or send Prefer: handling=lenient to have it ignored. What this type knows is \
                 in /metadata.",
            )),
            Err(Fault::Value) => problems.push(Problem::new(Error::InvalidParameter).at(at)),
            Err(Fault::Hint(nl, en)) => {
                problems.push(Problem::new(Error::InvalidParameter).at(at).hint(nl, en));
            }
        }
    }
    if problems.is_empty() {
        Ok(search)
    } else {
        Err(problems)
    }
}

/// What is wrong with a parameter.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not one that the type has.
    Unknown,
    /// Its value cannot be used.
    Value,
    /// Its value cannot be used; what to do instead, in Dutch and in English.
    Hint(Cow<'static, str>, Cow<'static, str>),
}

impl Fault {
    /// A value that cannot be used, and what to do instead, in Dutch and in English.
    pub(super) fn hint(nl: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Fault {
        Fault::Hint(nl.into(), en.into())
    }
}

impl Search {
    fn take(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        if name == "_format" {
            return Ok(());
        }
        let mut told = value.to_owned();
        if parameter::naming_patient(self.version, &self.kind).contains(&name) {
            self.take_patient(value)?;
            told = format!("{}|", naming::BSN);
        } else if let Some(iterates) = iterates(name) {
            let is_reverse = name.starts_with("_rev");
            let include = Include::read(self.version, value, is_reverse, iterates).ok_or(Fault::Unknown)?;
            self.includes.push(include);
        } else if let Some(taken) = self.control.take(self.version, &self.kind, (name, value)) {
            taken?;
        } else if name == "max" && self.latest.is_some() {
            let most = value.parse().ok().filter(|most| (1..=MOST_LATEST).contains(most));
            self.latest = Some(most.ok_or(Fault::Value)?);
        } else {
            let parameter = parameter::find(self.version, &self.kind, name).ok_or(Fault::Unknown)?;
            self.clauses
                .push(Clause::read(parameter, value).ok_or(Fault::Value)?);
        }
        self.used.push((name.to_owned(), told));
        Ok(())
    }

    /// The patient by number. Another number in a second parameter is no question about one patient.
    fn take_patient(&mut self, value: &str) -> Result<(), Fault> {
        let (system, digits) = value.split_once('|').ok_or(Fault::Value)?;
        let bsn = Bsn::parse(digits).map_err(|_| Fault::Value)?;
        let is_same = self.patient.as_ref().is_none_or(|known| *known == bsn);
        if system != naming::BSN || !is_same {
            return Err(Fault::Value);
        }
        self.patient = Some(bsn);
        Ok(())
    }

    /// The categories that have to be asked for: those that the type can hold, narrowed by what the parameters select,
    /// and those of what comes along.
    #[must_use]
    pub fn categories(&self) -> BTreeSet<Category> {
        let mut all = parameter::categories(self.version, &self.kind);
        for clause in &self.clauses {
            if let Some(narrow) = clause.categories(self.version, &self.kind) {
                all.retain(|category| narrow.contains(category));
            }
        }
        if all.is_empty() {
            // Nothing can match; the statement says of which categories that is so.
            all = parameter::categories(self.version, &self.kind);
        }
        for include in &self.includes {
            for kind in include.kinds(self.version) {
                all.extend(parameter::categories(self.version, kind));
            }
        }
        all
    }
}

/// Whether a name is that of an include, and whether that iterates.
fn iterates(name: &str) -> Option<bool> {
    let (name, modifier) = name
        .split_once(':')
        .map_or((name, None), |(name, modifier)| (name, Some(modifier)));
    let is_include = matches!(name, "_include" | "_revinclude");
    match modifier {
        None if is_include => Some(false),
        Some("iterate" | "recurse") if is_include => Some(true),
        _ => None,
    }
}

impl Clause {
    fn read(parameter: &'static Parameter, value: &str) -> Option<Clause> {
        let values = split(value);
        if values.len() > MOST || values.iter().any(String::is_empty) {
            return None;
        }
        let mut clause = Clause {
            parameter,
            tokens: Vec::new(),
            dates: Vec::new(),
            references: Vec::new(),
        };
        match parameter.kind {
            Kind::Token => {
                let tokens = values.iter().map(|value| Token::read(value));
                clause.tokens = tokens.collect::<Option<_>>()?;
            }
            Kind::Date => {
                let dates = values.iter().map(|value| Wanted::read(value));
                clause.dates = dates.collect::<Option<_>>()?;
            }
            Kind::Reference => clause.references = values,
        }
        Some(clause)
    }

    /// Whether a resource fits.
    #[must_use]
    pub(super) fn fits(&self, resource: Node<'_>) -> bool {
        elements(resource, self.parameter.paths)
            .into_iter()
            .any(|node| match self.parameter.kind {
                Kind::Token => self.tokens.iter().any(|token| token.fits(node)),
                Kind::Date => span(node).is_some_and(|own| self.dates.iter().any(|wanted| wanted.fits(own))),
                Kind::Reference => node.text("reference").is_some_and(|text| {
                    let is = |wanted: &String| text == wanted || text.ends_with(&format!("/{wanted}"));
                    self.references.iter().any(is)
                }),
            })
    }

    /// The categories to which all that this selects belongs; `None` when that cannot be told. So no more is asked for
    /// than the question needs: laboratory results are a category with a consent of its own.
    fn categories(&self, version: FhirVersion, kind: &str) -> Option<BTreeSet<Category>> {
        if !matches!(self.parameter.name, "code" | "category") {
            return None;
        }
        let tokens = self.tokens.iter().map(|token| {
            let system = token.system.as_deref().filter(|system| !system.is_empty())?;
            let concept = json!({ "coding": [{ "system": system, "code": token.code }] });
            let body = json!({ "resourceType": kind, self.parameter.name: [concept] }).to_string();
            let resource = RawResource::read(Bytes::from(body), &Limits::default()).ok()?;
            let category = classify(&resource, version);
            (category != Category::Other).then_some(category)
        });
        tokens.collect()
    }
}
