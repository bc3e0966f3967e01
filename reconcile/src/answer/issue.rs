//! A `DetectedIssue` for each contradiction and for each possible duplicate: which resources, and what they differ in.
//!
//! It resolves nothing: all of them stand in the answer. Its status is `preliminary`, as no person has looked at it; but
//! that a person keeps two records apart is `final`.

use jiff::Timestamp;
use samenhang_profiles::FhirVersion;
use samenhang_profiles::write::JsonWriter;
use samenhang_terminology::naming;

use super::{entry, id_of, urn};
use crate::Reconciled;
use crate::apart::Unlinked;
use crate::completeness::outcome::concept;
use crate::engine::{Conflict, Possible, Reason};
use crate::medication::{About, Finding, FindingKind, MedicationOverview};
use crate::policy::Policy;

/// One issue.
struct Issue<'a> {
    /// Whether a person has looked at it.
    is_final: bool,
    /// When, if that is known.
    at: Option<Timestamp>,
    code: &'a str,
    display: &'a str,
    en: String,
    nl: String,
    implicated: Vec<&'a str>,
    /// Codes of what they differ in.
    about: &'a [String],
}

/// Writes them as the version of FHIR of the answer has them.
pub(super) fn write(out: &mut JsonWriter, reconciled: &Reconciled, version: FhirVersion) {
    let policy = Policy::shipped();
    let place = |index: usize| reconciled.items().get(index).map(|item| &*item.full_url);
    for conflict in reconciled.conflicts() {
        let implicated = [conflict.a, conflict.b].into_iter().filter_map(place).collect();
        one(out, version, &contradiction(conflict, policy, implicated));
    }
    let medication = reconciled.medication().into_iter();
    for finding in medication.flat_map(MedicationOverview::contradictions) {
        let about: Vec<String> = finding
            .about
            .iter()
            .map(|about| about.code().to_owned())
            .collect();
        let implicated = finding.blocks.iter().filter_map(|&index| place(index)).collect();
        one(out, version, &medicated(finding, &about, implicated));
    }
    for possible in reconciled.possible() {
        let all = std::iter::once(possible.record).chain(possible.like.iter().copied());
        one(
            out,
            version,
            &look_alike(possible, all.filter_map(place).collect()),
        );
    }
    for pair in reconciled.unlinked() {
        let implicated = [pair.a, pair.b].into_iter().filter_map(place).collect();
        one(out, version, &unlinked(pair, implicated));
    }
}

fn unlinked<'a>(pair: &Unlinked, implicated: Vec<&'a str>) -> Issue<'a> {
    let (en, nl) = pair.ground.words();
    Issue {
        is_final: true,
        at: pair.at,
        code: "unlinked",
        display: "Unlinked by a person",
        en: format!("a person recorded that these are not the same: {en}"),
        nl: format!("iemand heeft vastgelegd dat deze niet hetzelfde zijn: {nl}"),
        implicated,
        about: &[],
    }
}

fn contradiction<'a>(conflict: &'a Conflict, policy: &Policy, implicated: Vec<&'a str>) -> Issue<'a> {
    let words = |language: fn(&crate::policy::Words) -> &str| {
        let labels = conflict
            .about
            .iter()
            .filter_map(|slot| policy.label(&conflict.kind, slot));
        labels.map(language).collect::<Vec<_>>().join(", ")
    };
    let (en, nl) = (words(|words| &words.en), words(|words| &words.nl));
    Issue {
        is_final: false,
        at: None,
        code: "contradiction",
        display: "Contradiction",
        en: format!("these records contradict each other: {en}"),
        nl: format!("deze gegevens spreken elkaar tegen: {nl}"),
        implicated,
        about: &conflict.about,
    }
}

fn medicated<'a>(finding: &Finding, about: &'a [String], implicated: Vec<&'a str>) -> Issue<'a> {
    let words = |kind: &str, language: fn(About) -> &'static str| {
        let of: Vec<&str> = finding.about.iter().map(|&about| language(about)).collect();
        if of.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}: {}", of.join(", "))
        }
    };
    let (code, display) = match finding.kind {
        FindingKind::Overlap => ("medication-overlap", "Medication agreements overlap"),
        _ => ("medication-disagreement", "Medication disagreement"),
    };
    Issue {
        is_final: false,
        at: None,
        code,
        display,
        en: words(finding.kind.en(), About::en),
        nl: words(finding.kind.nl(), About::nl),
        implicated,
        about,
    }
}

fn look_alike<'a>(possible: &Possible, implicated: Vec<&'a str>) -> Issue<'a> {
    let (en, nl) = match possible.reason {
        Reason::Ambiguous => (
            "the first looks like more than one of the others and was joined with none",
            "het eerste lijkt op meer dan een van de andere en is met geen ervan samengevoegd",
        ),
        Reason::NotEnough => (
            "these look alike, and too little is recorded to join them",
            "deze lijken op elkaar, en er is te weinig vastgelegd om ze samen te voegen",
        ),
    };
    Issue {
        is_final: false,
        at: None,
        code: "possible-duplicate",
        display: "Possible duplicate",
        en: en.to_owned(),
        nl: nl.to_owned(),
        implicated,
        about: &[],
    }
}

fn one(out: &mut JsonWriter, version: FhirVersion, issue: &Issue<'_>) {
    let mut parts = vec!["issue", issue.code];
    parts.extend(&issue.implicated);
    parts.extend(issue.about.iter().map(String::as_str));
    let urn = urn(&parts);
    out.begin_object();
    out.field("fullUrl", &urn);
    out.key("resource");
    out.begin_object();
    out.field("resourceType", "DetectedIssue");
    out.field("id", id_of(&urn));
    out.field("status", if issue.is_final { "final" } else { "preliminary" });
    // STU3 has a category where R4 has a code, and no place for what the evidence is about.
    let is_r4 = version == FhirVersion::R4;
    out.key(if is_r4 { "code" } else { "category" });
    let system = format!("{}/CodeSystem/reconciliation-issue", naming::SAMENHANG);
    concept(
        out,
        (&system, issue.code, Some(issue.display)),
        Some((&issue.en, &issue.nl)),
    );
    if let Some(at) = issue.at {
        out.field(if is_r4 { "identifiedDateTime" } else { "date" }, &at.to_string());
    }
    out.key("implicated");
    out.begin_array();
    for place in &issue.implicated {
        out.begin_object();
        out.field("reference", place);
        out.end_object();
    }
    out.end_array();
    if is_r4 && !issue.about.is_empty() {
        out.key("evidence");
        out.begin_array();
        out.begin_object();
        out.key("code");
        out.begin_array();
        let system = format!("{}/CodeSystem/policy-slot", naming::SAMENHANG);
        for slot in issue.about {
            concept(out, (&system, slot, None), None);
        }
        out.end_array();
        out.end_object();
        out.end_array();
    }
    out.end_object();
    entry::search(out, "include");
    out.end_object();
}
