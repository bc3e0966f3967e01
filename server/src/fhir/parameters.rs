//! The question as it is asked over FHIR: a `Parameters` resource.
//!
//! Everything that is wrong is told at once. What is not understood is refused or reported, never passed over in
//! silence; a value that cannot be used is always refused, because ignoring it could widen the question. No text of
//! the asker is repeated in an error: `expression` points at it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use samenhang_gather::query::Purpose;
use samenhang_profiles::{Bsn, Limits, Ura, json};
use samenhang_reconcile::view::{View, Views};
use samenhang_terminology::category::{SYSTEM, SYSTEM_OLD};
use samenhang_terminology::{Category, naming};
use serde_json::{Map, Value};

use super::outcome::{Issue, Severity};
use super::prefer::Handling;
use crate::error::{Kind, Problem};

/// Bytes of a question.
pub const MAX_BYTES: usize = 64 << 10;
/// Parameters of a question.
const MAX_PARAMETERS: usize = 64;

/// What was asked. Holds a BSN: no `Debug`.
#[derive(Clone)]
pub struct Asked {
    /// The patient.
    pub patient: Bsn,
    /// The categories; all of them when none was named.
    pub categories: BTreeSet<Category>,
    /// Why.
    pub purpose: Purpose,
    /// Date of birth as the asker knows it.
    pub birth_date: Option<String>,
    /// Family name as the asker knows it.
    pub family: Option<String>,
    /// Holders whose deviating demographics the asker confirmed.
    pub confirmed_identity: BTreeSet<Ura>,
    /// What the answer shows first.
    pub view: &'static View,
    /// What was ignored, to be told in the answer.
    pub ignored: Vec<Issue>,
}

#[derive(Default)]
struct Draft {
    patient: Option<Bsn>,
    categories: BTreeSet<Category>,
    purpose: Option<Purpose>,
    birth_date: Option<String>,
    family: Option<String>,
    confirmed_identity: BTreeSet<Ura>,
    view: Option<&'static View>,
    seen: BTreeSet<&'static str>,
    ignored: Vec<Issue>,
    problems: Vec<Problem>,
}

/// Reads the body of `Patient/$overview`.
///
/// # Errors
/// Everything that is wrong with it; never empty.
pub fn read(body: &[u8], handling: Handling) -> Result<Asked, Vec<Problem>> {
    read_with(body, handling, &mut |_, _| None)
}

/// What became of a parameter that another operation has besides these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is understood.
    Good,
    /// It cannot be used; what to give instead, in Dutch and in English.
    Bad(&'static str, &'static str),
}

/// Reads the body of an operation with the same question, which takes parameters of its own by name.
///
/// # Errors
/// As [`read`].
pub fn read_with(
    body: &[u8],
    handling: Handling,
    own: &mut dyn FnMut(&str, &Value) -> Option<Taken>,
) -> Result<Asked, Vec<Problem>> {
    let limits = Limits {
        max_bytes: MAX_BYTES,
        max_depth: 16,
        max_nodes: 2000,
        ..Limits::default()
    };
    if body.len() > MAX_BYTES {
        return Err(vec![Kind::TooLarge.into()]);
    }
    json::check(body, &limits).map_err(|_| vec![Kind::Unreadable.into()])?;
    let resource: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| vec![Problem::new(Kind::Unreadable)])?;
    if resource.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
        return Err(vec![Problem::new(Kind::Unreadable).at("resourceType")]);
    }
    let mut draft = Draft::default();
    let known = [
        "resourceType",
        "id",
        "meta",
        "implicitRules",
        "language",
        "parameter",
    ];
    if resource.keys().any(|key| !known.contains(&key.as_str())) || resource.contains_key("implicitRules") {
        draft.unknown(handling, "Parameters".to_owned());
    }
    match resource.get("parameter") {
        None => {}
        Some(Value::Array(parameters)) if parameters.len() <= MAX_PARAMETERS => {
            for (index, parameter) in parameters.iter().enumerate() {
                let at = format!("Parameters.parameter[{index}]");
                let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
                match own(name, parameter) {
                    Some(Taken::Good) => {}
                    Some(Taken::Bad(nl, en)) => draft.problems.push(invalid(&at, nl, en)),
                    None => draft.parameter(parameter, handling, &at),
                }
            }
        }
        Some(_) => draft
            .problems
            .push(Problem::new(Kind::Unreadable).at("Parameters.parameter")),
    }
    draft.finish()
}

impl Draft {
    fn parameter(&mut self, parameter: &Value, handling: Handling, at: &str) {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        match name {
            "identifier" => {
                self.once("identifier", at);
                match patient(parameter) {
                    Ok(bsn) => self.patient = Some(bsn),
                    Err(problem) => self.problems.push(problem.at(format!("{at}.value"))),
                }
            }
            "category" => match coded(parameter, &[SYSTEM, SYSTEM_OLD]).and_then(category) {
                Some(category) => {
                    self.categories.insert(category);
                }
                None => self.problems.push(bad_category(at)),
            },
            "purpose" => {
                self.once("purpose", at);
                self.purpose = coded(parameter, &["http://terminology.hl7.org/CodeSystem/v3-ActReason"])
                    .and_then(Purpose::from_code);
                if self.purpose.is_none() {
                    self.problems.push(invalid(
                        at,
                        "Gebruik TREAT (behandeling) of COC (coordinatie van zorg) uit v3-ActReason.",
                        "Use TREAT (treatment) or COC (coordination of care) of v3-ActReason.",
                    ));
                }
            }
            "birthDate" => {
                self.once("birthDate", at);
                match text(parameter, &["valueDate", "valueString"]).filter(|text| is_date(text)) {
                    Some(date) => self.birth_date = Some(date.to_owned()),
                    None => self.problems.push(invalid(
                        at,
                        "Geef een volledige datum als valueDate, jjjj-mm-dd.",
                        "Give a full date as valueDate, yyyy-mm-dd.",
                    )),
                }
            }
            "family" => {
                self.once("family", at);
                let fits = |text: &&str| !text.trim().is_empty() && text.len() <= 200;
                match text(parameter, &["valueString"]).filter(fits) {
                    Some(family) => self.family = Some(family.trim().to_owned()),
                    None => self.problems.push(invalid(
                        at,
                        "Geef de achternaam als valueString, ten hoogste 200 tekens.",
                        "Give the family name as valueString, at most 200 characters.",
                    )),
                }
            }
            "confirm-identity" => {
                let value = text(parameter, &["valueString", "valueCode"])
                    .or_else(|| identifier(parameter, &[naming::URA]));
                match value.and_then(|text| text.parse().ok()) {
                    Some(ura) => {
                        self.confirmed_identity.insert(ura);
                    }
                    None => self.problems.push(invalid(
                        at,
                        "Geef het URA-nummer van de bronhouder als valueString.",
                        "Give the URA of the holder as valueString.",
                    )),
                }
            }
            "view" => {
                self.once("view", at);
                self.view = text(parameter, &["valueCode", "valueString"])
                    .and_then(|name| Views::shipped().named(name));
                if self.view.is_none() {
                    self.problems.push(bad_view(at));
                }
            }
            _ => self.unknown(handling, at.to_owned()),
        }
    }

    fn once(&mut self, name: &'static str, at: &str) {
        if !self.seen.insert(name) {
            self.problems.push(invalid(
                at,
                "Deze parameter mag maar een keer voorkomen.",
                "This parameter may appear only once.",
            ));
        }
    }

    fn unknown(&mut self, handling: Handling, at: String) {
        match handling {
            Handling::Strict => self.problems.push(Problem::new(Kind::UnknownParameter).at(at)),
            Handling::Lenient => self.ignored.push(ignored(at)),
        }
    }

    fn finish(mut self) -> Result<Asked, Vec<Problem>> {
        if !self.seen.contains("identifier") {
            self.problems.push(missing(
                "Parameters.parameter.where(name='identifier')",
                "Voeg identifier toe: een valueIdentifier met system http://fhir.nl/fhir/NamingSystem/bsn.",
                "Add identifier: a valueIdentifier with system http://fhir.nl/fhir/NamingSystem/bsn.",
            ));
        }
        if !self.seen.contains("purpose") {
            self.problems.push(missing(
                "Parameters.parameter.where(name='purpose')",
                "Voeg purpose toe als valueCode: TREAT (behandeling) of COC (coordinatie van zorg).",
                "Add purpose as valueCode: TREAT (treatment) or COC (coordination of care).",
            ));
        }
        let (Some(patient), Some(purpose), true) = (self.patient, self.purpose, self.problems.is_empty())
        else {
            return Err(self.problems);
        };
        if self.categories.is_empty() {
            self.categories = Category::ALL.into_iter().collect();
        }
        Ok(Asked {
            patient,
            categories: self.categories,
            purpose,
            birth_date: self.birth_date,
            family: self.family,
            confirmed_identity: self.confirmed_identity,
            view: self.view.unwrap_or_else(|| Views::shipped().whole()),
            ignored: self.ignored,
        })
    }
}

/// The issue about something that was not understood and left out, to be told in the answer.
#[must_use]
pub fn ignored(at: impl Into<Cow<'static, str>>) -> Issue {
    let problem = Problem::new(Kind::UnknownParameter).at(at).hint(
        "De parameter is genegeerd. Met Prefer: handling=strict wordt het verzoek geweigerd.",
        "The parameter was ignored. With Prefer: handling=strict the request is refused.",
    );
    Issue {
        severity: Severity::Warning,
        problem,
    }
}

fn patient(parameter: &Value) -> Result<Bsn, Problem> {
    let digits = identifier(parameter, &[naming::BSN, naming::BSN_URN]).ok_or_else(|| {
        Problem::new(Kind::InvalidParameter).hint(
            "Geef een valueIdentifier met system http://fhir.nl/fhir/NamingSystem/bsn en het nummer als value.",
            "Give a valueIdentifier with system http://fhir.nl/fhir/NamingSystem/bsn and the number as value.",
        )
    })?;
    Bsn::parse(digits).map_err(|_| {
        Problem::new(Kind::InvalidParameter).hint(
            "Het burgerservicenummer heeft negen cijfers die de 11-proef doorstaan; controleer het nummer.",
            "The citizen service number has nine digits that pass the 11-proef; check the number.",
        )
    })
}

fn identifier<'a>(parameter: &'a Value, systems: &[&str]) -> Option<&'a str> {
    let identifier = parameter.get("valueIdentifier")?;
    let system = identifier.get("system")?.as_str()?;
    systems
        .contains(&system)
        .then(|| identifier.get("value")?.as_str())
        .flatten()
}

fn text<'a>(parameter: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| parameter.get(*name)?.as_str())
}

/// A code as `valueCode`, `valueString`, `valueCoding` or a `CodeableConcept` with a coding of one of the systems.
fn coded<'a>(parameter: &'a Value, systems: &[&str]) -> Option<&'a str> {
    let of_coding = |coding: &'a Value| {
        let system = coding.get("system").and_then(Value::as_str);
        system
            .is_none_or(|system| systems.contains(&system))
            .then(|| coding.get("code")?.as_str())
            .flatten()
    };
    text(parameter, &["valueCode", "valueString"])
        .or_else(|| of_coding(parameter.get("valueCoding")?))
        .or_else(|| {
            parameter
                .get("valueCodeableConcept")?
                .get("coding")?
                .as_array()?
                .iter()
                .find_map(of_coding)
        })
}

fn category(code: &str) -> Option<Category> {
    code.parse().ok().or_else(|| Category::from_payload_code(code))
}

fn bad_category(at: &str) -> Problem {
    let codes = Category::ALL.map(Category::code).join(", ");
    invalid(
        at,
        &format!("Gebruik een van: {codes}."),
        &format!("Use one of: {codes}."),
    )
}

fn bad_view(at: &str) -> Problem {
    let views = Views::shipped().views.iter();
    let names = views
        .map(|view| view.name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    invalid(
        at,
        &format!("Gebruik een van: {names}."),
        &format!("Use one of: {names}."),
    )
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn invalid(at: &str, nl: &str, en: &str) -> Problem {
    Problem::new(Kind::InvalidParameter)
        .at(at.to_owned())
        .hint(nl.to_owned(), en.to_owned())
}

fn missing(at: &'static str, nl: &'static str, en: &'static str) -> Problem {
    Problem::new(Kind::MissingParameter).at(at).hint(nl, en)
}

#[cfg(test)]
mod tests;
