//! A search: what was asked, and what of a patient's resources answers it.

use samenhang_profiles::raw::CodingKey;
use samenhang_profiles::{Bsn, Limits, RawResource};
use samenhang_station::{Scope, Station, StationError, Stored};
use samenhang_terminology::naming;

/// Resources of a page when the asker does not say.
const USUAL: usize = 200;
/// Most resources of a page.
const MOST: usize = 1_000;
/// Most values of one parameter.
const MOST_VALUES: usize = 50;

/// Why a search cannot be done. Never what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused(pub(super) &'static str);

/// Whose resources are asked for.
enum Whose {
    /// By number.
    Number(Bsn),
    /// By the logical id of the Patient.
    Record(String),
}

/// A value of a token parameter.
struct Token {
    /// `None`: any system; empty: none.
    system: Option<String>,
    /// Empty: any code of the system.
    code: String,
}

/// A search of one type.
pub(super) struct Search {
    pub(super) kind: String,
    whose: Whose,
    ids: Vec<String>,
    codes: Vec<Token>,
    categories: Vec<Token>,
    statuses: Vec<String>,
    count: usize,
    after: Option<String>,
}

/// What a search found.
pub(super) struct Found {
    pub(super) resources: Vec<Stored>,
    /// Whose they are and after which id it goes on, when there is more.
    pub(super) next: Option<(String, String)>,
}

impl Search {
    /// Reads the parameters of a search.
    pub(super) fn read(kind: &str, form: &[u8]) -> Result<Self, Refused> {
        let mut whose = None;
        let mut search = Search {
            kind: kind.to_owned(),
            whose: Whose::Record(String::new()),
            ids: Vec::new(),
            codes: Vec::new(),
            categories: Vec::new(),
            statuses: Vec::new(),
            count: USUAL,
            after: None,
        };
        for (name, value) in url::form_urlencoded::parse(form) {
            match &*name {
                "patient" | "subject" | "patient:Patient" | "subject:Patient" => {
                    let id = value.strip_prefix("Patient/").unwrap_or(&value);
                    set(&mut whose, Whose::Record(id.to_owned()))?;
                }
                "_id" if kind == "Patient" && whose.is_none() => {
                    set(&mut whose, Whose::Record(value.clone().into_owned()))?;
                    search.ids = values(&value)?;
                }
                "identifier" if kind == "Patient" => set(&mut whose, number(&value)?)?,
                "patient.identifier" | "subject.identifier" | "patient:identifier" | "subject:identifier" => {
                    set(&mut whose, number(&value)?)?;
                }
                "_id" => search.ids = values(&value)?,
                "code" => search.codes = tokens(&value)?,
                "category" => search.categories = tokens(&value)?,
                "status" => search.statuses = values(&value)?,
                "_count" => {
                    let count: usize = value.parse().map_err(|_| Refused("_count is no number"))?;
                    search.count = count.clamp(1, MOST);
                }
                "_after" => search.after = Some(value.into_owned()),
                _ => return Err(Refused("a parameter is not known")),
            }
        }
        search.whose = whose.ok_or(Refused("a search names one patient"))?;
        Ok(search)
    }

    /// Whether it names the patient by number.
    pub(super) fn names_a_number(&self) -> bool {
        matches!(self.whose, Whose::Number(_))
    }

    /// The parameters of the next page, without a number.
    pub(super) fn next(&self, record: &str, after: &str) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("patient", record);
        for (name, tokens) in [("code", &self.codes), ("category", &self.categories)] {
            if !tokens.is_empty() {
                let text: Vec<String> = tokens.iter().map(Token::text).collect();
                form.append_pair(name, &text.join(","));
            }
        }
        for (name, values) in [("_id", &self.ids), ("status", &self.statuses)] {
            if !values.is_empty() {
                form.append_pair(name, &values.join(","));
            }
        }
        form.append_pair("_count", &self.count.to_string());
        form.append_pair("_after", after);
        form.finish()
    }

    /// Finds what answers it, in order of id.
    pub(super) async fn run(&self, station: &Station, scope: &Scope) -> Result<Found, StationError> {
        let mut after = self.after.clone();
        let mut resources = Vec::new();
        loop {
            let from = after.as_deref().map(|id| (&*self.kind, id));
            let page = match &self.whose {
                Whose::Number(bsn) => {
                    station
                        .of_patient(scope, bsn, Some(&self.kind), from, MOST)
                        .await?
                }
                Whose::Record(id) => station.of_record(scope, id, Some(&self.kind), from, MOST).await?,
            };
            let page = page.into_inner(scope)?;
            for stored in page.resources {
                if resources.len() == self.count {
                    let record = resources.first().and_then(record_of);
                    let last = resources.last().map(|stored: &Stored| stored.id.clone());
                    return Ok(Found {
                        next: record.zip(last),
                        resources,
                    });
                }
                if self.takes(&stored) {
                    resources.push(stored);
                }
            }
            match page.next {
                Some((_, id)) => after = Some(id),
                None => {
                    return Ok(Found {
                        resources,
                        next: None,
                    });
                }
            }
        }
    }

    fn takes(&self, stored: &Stored) -> bool {
        if !self.ids.is_empty() && !self.ids.contains(&stored.id) {
            return false;
        }
        let Ok(resource) = RawResource::read(stored.body.clone(), &Limits::default()) else {
            return false;
        };
        let keys = resource.keys();
        let of_record = match &self.whose {
            Whose::Number(_) => true,
            Whose::Record(id) if stored.kind == "Patient" => stored.id == *id,
            Whose::Record(id) => keys.subject.as_deref().is_none_or(|subject| {
                let rest = subject.strip_suffix(id.as_str());
                rest.is_some_and(|rest| rest.ends_with("Patient/"))
            }),
        };
        let any = |tokens: &[Token], codings: &[CodingKey]| {
            tokens.is_empty()
                || tokens
                    .iter()
                    .any(|token| codings.iter().any(|coding| token.is(coding)))
        };
        let status = keys.status.as_deref().unwrap_or_default();
        of_record
            && any(&self.codes, &keys.codes)
            && any(&self.categories, &keys.categories)
            && (self.statuses.is_empty() || self.statuses.iter().any(|wanted| wanted == status))
    }
}

/// The record of the patient that a resource is about.
fn record_of(stored: &Stored) -> Option<String> {
    if stored.kind == "Patient" {
        return Some(stored.id.clone());
    }
    let resource = RawResource::read(stored.body.clone(), &Limits::default()).ok()?;
    let subject = resource.keys().subject.as_deref()?;
    let (_, id) = subject.rsplit_once("Patient/")?;
    Some(id.to_owned())
}

impl Token {
    fn read(text: &str) -> Token {
        match text.split_once('|') {
            Some((system, code)) => Token {
                system: Some(system.to_owned()),
                code: code.to_owned(),
            },
            None => Token {
                system: None,
                code: text.to_owned(),
            },
        }
    }

    fn text(&self) -> String {
        match &self.system {
            Some(system) => format!("{system}|{}", self.code),
            None => self.code.clone(),
        }
    }

    fn is(&self, coding: &CodingKey) -> bool {
        let system = self
            .system
            .as_deref()
            .is_none_or(|system| system == coding.system.as_deref().unwrap_or_default());
        system && (self.code.is_empty() || coding.code.as_deref() == Some(&*self.code))
    }
}

/// A search is about one patient.
fn set(whose: &mut Option<Whose>, named: Whose) -> Result<(), Refused> {
    match whose.replace(named) {
        None => Ok(()),
        Some(_) => Err(Refused("a search names one patient, once")),
    }
}

fn number(value: &str) -> Result<Whose, Refused> {
    let refused = Refused("an identifier is the system of the BSN and a BSN");
    let (system, value) = value.split_once('|').ok_or(refused)?;
    if system != naming::BSN {
        return Err(refused);
    }
    Bsn::parse(value).map(Whose::Number).map_err(|_| refused)
}

fn values(text: &str) -> Result<Vec<String>, Refused> {
    let values: Vec<String> = text.split(',').map(str::to_owned).collect();
    if values.len() > MOST_VALUES {
        return Err(Refused("a parameter has too many values"));
    }
    Ok(values)
}

fn tokens(text: &str) -> Result<Vec<Token>, Refused> {
    Ok(values(text)?.iter().map(|value| Token::read(value)).collect())
}
