//! What `$validate` is asked: a resource as it is, or in `Parameters` with profiles and a mode.
//!
//! What stands around the resource is overwritten with blanks instead of cut off, so that lines and columns are those
//! of what was sent.

use std::ops::Range;

use samenhang_profiles::json::{Kind as JsonKind, Reader};
use samenhang_profiles::{FhirVersion, Limits, ReadError};

use super::element;
use crate::error::{Kind, Problem};
use crate::fhir::outcome::Issue;
use crate::fhir::parameters::ignored;
use crate::fhir::prefer::Handling;
use crate::validation::{Fault, Form};

/// Parameters of a request.
const MAX_PARAMETERS: usize = 64;
/// Profiles that one resource is held to.
const MAX_PROFILES: usize = 16;

/// What is to be judged.
#[derive(Debug)]
pub(super) struct Asked {
    /// The resource, with blanks around it.
    pub(super) body: Vec<u8>,
    /// How it is written.
    pub(super) form: Form,
    /// Profiles that it is held to, besides those that it claims.
    pub(super) profiles: Vec<String>,
    /// What of the request was not understood, to be told in the answer.
    pub(super) ignored: Vec<Issue>,
}

/// Why nothing is judged.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The request is not one.
    Problems(Vec<Problem>),
    /// The body cannot be read.
    Fault(Fault),
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        Refusal::Fault(error.into())
    }
}

/// One parameter.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Its name.
    pub(super) name: String,
    /// The text of its value, when it is one that has a text.
    pub(super) value: Option<String>,
    /// Where its resource is.
    pub(super) resource: Option<Range<usize>>,
}

/// The body as far as it has to be known here.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Type of the resource that the body is.
    pub(super) kind: String,
    /// Its parameters, when it has such.
    pub(super) parts: Vec<Part>,
}

/// Reads the body of `{kind}/$validate`, and the parameters that stand in the address.
///
/// # Errors
/// [`Refusal`]: everything that is wrong with the request, or why the body cannot be read.
pub(super) fn read(
    body: &[u8],
    form: Form,
    version: FhirVersion,
    kind: &str,
    handling: Handling,
    query: &[(String, String)],
) -> Result<Asked, Refusal> {
    if body.trim_ascii().is_empty() {
        return Err(Refusal::Fault(Fault::Empty));
    }
    let outline = match form {
        Form::Xml => element::outline(body, version)?,
        Form::Json | Form::Lines => json(body)?,
    };
    let mut draft = Draft {
        handling,
        ..Draft::default()
    };
    for (name, value) in query {
        match name.as_str() {
            "_format" => {}
            "profile" => draft.profile(Some(value), "http.query.profile"),
            "mode" => draft.mode(Some(value), "http.query.mode"),
            _ => draft.unknown("http.query"),
        }
    }
    let is_wrapped = outline.kind == "Parameters"
        && (kind != "Parameters" || outline.parts.iter().any(|part| part.name == "resource"));
    let (body, found) = if is_wrapped {
        match draft.parts(&outline.parts) {
            None => (Vec::new(), None),
            Some(range) => {
                let inner = match form {
                    Form::Xml => element::alone(body, &range),
                    Form::Json | Form::Lines => alone(body, &range).0,
                };
                let outline = match form {
                    Form::Xml => element::outline(&inner, version)?,
                    Form::Json | Form::Lines => json(&inner)?,
                };
                (inner, Some(outline.kind))
            }
        }
    } else {
        (body.to_vec(), Some(outline.kind))
    };
    if found.is_some_and(|found| found != kind) {
        draft.wrong(
            "resourceType",
            "Stuur een resource van het type dat in het adres staat.",
            "Send a resource of the type that the address names.",
        );
    }
    draft.finish(body, form)
}

/// A part of a body with a blank for each character before it, and where it begins then.
pub(super) fn alone(body: &[u8], range: &Range<usize>) -> (Vec<u8>, usize) {
    let before = body.get(..range.start).unwrap_or_default().iter();
    let mut alone: Vec<u8> = before
        // The first byte of a character counts.
        .filter(|byte| **byte & 0xc0 != 0x80)
        .map(|byte| if *byte == b'\n' { b'\n' } else { b' ' })
        .collect();
    let start = alone.len();
    alone.extend_from_slice(body.get(range.clone()).unwrap_or_default());
    (alone, start)
}

/// The outline of a body in JSON. Parameters are told from other resources at the end, as `resourceType` may come last.
fn json(body: &[u8]) -> Result<Outline, ReadError> {
    let mut reader = Reader::new(body, &Limits::default())?;
    let mut outline = Outline::default();
    reader.enter_object()?;
    while let Some(name) = reader.next_key()? {
        match (&*name, reader.peek()?) {
            ("resourceType", JsonKind::String) => outline.kind = reader.string()?.into_owned(),
            ("parameter", JsonKind::Array) => {
                reader.enter_array()?;
                while reader.next_item()? {
                    if reader.peek()? == JsonKind::Object {
                        outline.parts.push(part(&mut reader)?);
                    } else {
                        reader.skip()?;
                    }
                }
            }
            _ => reader.skip()?,
        }
    }
    reader.finish()?;
    if outline.kind.is_empty() {
        return Err(ReadError::Unexpected("a resource has no resourceType"));
    }
    Ok(outline)
}

fn part(reader: &mut Reader<'_>) -> Result<Part, ReadError> {
    let mut part = Part::default();
    reader.enter_object()?;
    while let Some(name) = reader.next_key()? {
        match (&*name, reader.peek()?) {
            ("name", JsonKind::String) => part.name = reader.string()?.into_owned(),
            (name, JsonKind::String) if name.starts_with("value") => {
                part.value = Some(reader.string()?.into_owned());
            }
            ("resource", JsonKind::Object) => {
                let length = reader.raw()?.len();
                let end = reader.offset();
                part.resource = Some(end - length..end);
            }
            _ => reader.skip()?,
        }
    }
    Ok(part)
}

struct Draft {
    handling: Handling,
    profiles: Vec<String>,
    modes: usize,
    needs_profile: bool,
    ignored: Vec<Issue>,
    problems: Vec<Problem>,
}

impl Default for Draft {
    fn default() -> Self {
        Draft {
            handling: Handling::Lenient,
            profiles: Vec::new(),
            modes: 0,
            needs_profile: false,
            ignored: Vec::new(),
            problems: Vec::new(),
        }
    }
}

impl Draft {
    /// Reads the parameters; where the resource is.
    fn parts(&mut self, parts: &[Part]) -> Option<Range<usize>> {
        if parts.len() > MAX_PARAMETERS {
            self.wrong(
                "Parameters.parameter",
                "Stuur ten hoogste 64 parameters.",
                "Send at most 64 parameters.",
            );
            return None;
        }
        let mut resource = None;
        for (index, part) in parts.iter().enumerate() {
            let at = format!("Parameters.parameter[{index}]");
            match part.name.as_str() {
                "resource" if resource.is_some() => self.once(&at),
                "resource" => match &part.resource {
                    Some(range) => resource = Some(range.clone()),
                    None => self.wrong(
                        &at,
                        "Geef de resource in resource.",
                        "Give the resource in resource.",
                    ),
                },
                "profile" => self.profile(part.value.as_deref(), &at),
                "mode" => self.mode(part.value.as_deref(), &at),
                _ => self.unknown(&at),
            }
        }
        if resource.is_none() && self.problems.is_empty() {
            self.problems.push(
                Problem::new(Kind::MissingParameter)
                    .at("Parameters.parameter.where(name='resource')")
                    .hint(
                        "Voeg resource toe, of stuur de resource zonder Parameters.",
                        "Add resource, or send the resource without Parameters.",
                    ),
            );
        }
        resource
    }

    fn profile(&mut self, value: Option<&str>, at: &str) {
        let value = value.map(str::trim).filter(|value| value.contains(':'));
        match value {
            Some(_) if self.profiles.len() >= MAX_PROFILES => {
                self.wrong(at, "Noem ten hoogste 16 profielen.", "Name at most 16 profiles.");
            }
            Some(value) => self.profiles.push(value.to_owned()),
            None => self.wrong(
                at,
                "Geef het adres van het profiel als valueUri of valueCanonical.",
                "Give the address of the profile as valueUri or valueCanonical.",
            ),
        }
    }

    fn mode(&mut self, value: Option<&str>, at: &str) {
        self.modes += 1;
        if self.modes > 1 {
            return self.once(at);
        }
        match value {
            // What is stored here is nothing: to create and to update are the same question.
            Some("create" | "update") => {}
            Some("profile") => self.needs_profile = true,
            _ => self.wrong(
                at,
                "Gebruik create, update of profile; delete heeft hier geen betekenis.",
                "Use create, update or profile; delete has no meaning here.",
            ),
        }
    }

    fn once(&mut self, at: &str) {
        self.wrong(
            at,
            "Deze parameter mag maar een keer voorkomen.",
            "This parameter may appear only once.",
        );
    }

    fn wrong(&mut self, at: &str, nl: &'static str, en: &'static str) {
        let problem = Problem::new(Kind::InvalidParameter);
        self.problems.push(problem.at(at.to_owned()).hint(nl, en));
    }

    fn unknown(&mut self, at: &str) {
        match self.handling {
            Handling::Strict => self.problems.push(
                Problem::new(Kind::UnknownParameter).at(at.to_owned()).hint(
                    "Laat de parameter weg, of stuur Prefer: handling=lenient. Bekend zijn: resource, profile, mode.",
                    "Leave the parameter out, or send Prefer: handling=lenient. Known are: resource, profile, mode.",
                ),
            ),
            Handling::Lenient => self.ignored.push(ignored(at.to_owned())),
        }
    }

    fn finish(mut self, body: Vec<u8>, form: Form) -> Result<Asked, Refusal> {
        if self.needs_profile && self.profiles.is_empty() {
            self.problems.push(
                Problem::new(Kind::MissingParameter)
                    .at("Parameters.parameter.where(name='profile')")
                    .hint(
                        "Voeg profile toe: bij mode=profile is dat nodig.",
                        "Add profile: with mode=profile it is needed.",
                    ),
            );
        }
        if !self.problems.is_empty() {
            return Err(Refusal::Problems(self.problems));
        }
        Ok(Asked {
            body,
            form,
            profiles: self.profiles,
            ignored: self.ignored,
        })
    }
}
