//! What was found, as an OperationOutcome: first what it comes to, then each issue with its place.

use samenhang_profiles::validate;
use samenhang_terminology::naming::SAMENHANG;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::Language;
use crate::fhir::outcome;
use crate::validation::report::{Issue, Report};

/// Extensions of HL7 for the place of an issue in the text.
const LINE: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line";
const COLUMN: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col";

#[derive(Serialize)]
struct OutcomeJson<'a> {
    #[serde(rename = "resourceType")]
    resource_type: &'static str,
    language: &'static str,
    issue: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Found(Box<IssueJson<'a>>),
    Ignored(Box<RawValue>),
}

#[derive(Serialize)]
struct IssueJson<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extension: Vec<Place>,
    severity: &'a str,
    code: &'a str,
    details: Details<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expression: Option<[&'a str; 1]>,
}

#[derive(Serialize)]
struct Place {
    url: &'static str,
    #[serde(rename = "valueInteger")]
    value: u32,
}

#[derive(Serialize)]
struct Details<'a> {
    coding: [Coding<'a>; 1],
    text: &'a str,
}

#[derive(Serialize)]
struct Coding<'a> {
    system: String,
    code: &'a str,
}

/// The language of the validator's texts.
pub(super) fn language(spoken: Language) -> validate::Language {
    match spoken {
        Language::Dutch => validate::Language::Dutch,
        Language::English => validate::Language::English,
    }
}

/// Writes the outcome; what was ignored of the request comes last.
pub(super) fn write(report: &Report, ignored: &[outcome::Issue], spoken: Language) -> Vec<u8> {
    let text = summary(report, spoken);
    let head = IssueJson {
        extension: Vec::new(),
        severity: "information",
        code: "informational",
        details: Details {
            coding: [Coding {
                system: format!("{SAMENHANG}/CodeSystem/validation-result"),
                code: report.result(),
            }],
            text: &text,
        },
        diagnostics: None,
        expression: None,
    };
    let mut issues = vec![Entry::Found(Box::new(head))];
    issues.extend(
        report
            .issues
            .iter()
            .map(|issue| Entry::Found(Box::new(found(issue)))),
    );
    issues.extend(ignored.iter().filter_map(|issue| {
        let written = String::from_utf8(outcome::write_issue(issue, spoken)).ok()?;
        RawValue::from_string(written).ok().map(Entry::Ignored)
    }));
    let outcome = OutcomeJson {
        resource_type: "OperationOutcome",
        language: spoken.tag(),
        issue: issues,
    };
    // Strings and fixed shapes only: serialising cannot fail, and if it did, an empty body beats a panic.
    serde_json::to_vec(&outcome).unwrap_or_default()
}

fn found(issue: &Issue) -> IssueJson<'_> {
    let place = |url, value: Option<u32>| value.map(|value| Place { url, value });
    let system = if issue.rule.starts_with("SAM-") {
        outcome::code_system()
    } else {
        format!("{SAMENHANG}/CodeSystem/validation-rule")
    };
    IssueJson {
        extension: place(LINE, issue.line)
            .into_iter()
            .chain(place(COLUMN, issue.column))
            .collect(),
        severity: issue.severity,
        code: issue.code,
        details: Details {
            coding: [Coding {
                system,
                code: issue.rule,
            }],
            text: &issue.text,
        },
        diagnostics: Some(issue.hint),
        expression: (!issue.expression.is_empty()).then_some([issue.expression.as_str()]),
    }
}

fn summary(report: &Report, spoken: Language) -> String {
    let (errors, unchecked) = (report.errors, report.unchecked);
    match (report.result(), spoken) {
        ("valid", Language::Dutch) => "geldig: alles is gecontroleerd en niets is fout".to_owned(),
        ("valid", Language::English) => "valid: everything was checked and nothing is an error".to_owned(),
        ("unchecked", Language::Dutch) => {
            format!("niet bekend: niets is fout, maar niet alles kon worden gecontroleerd ({unchecked})")
        }
        ("unchecked", Language::English) => {
            format!("not known: nothing is an error, but not everything could be checked ({unchecked})")
        }
        (_, Language::Dutch) => format!("ongeldig: fouten {errors}, niet gecontroleerd {unchecked}"),
        (_, Language::English) => format!("invalid: errors {errors}, unchecked {unchecked}"),
    }
}
