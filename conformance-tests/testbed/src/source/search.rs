//! FHIR search over a [`Store`]: enough for the BgZ and nl-360 queries of both versions, and strict about the rest.
//!
//! A parameter that the source does not know is an error, unless the caller asks for leniency, as some real systems are. Time
//! without a zone counts as UTC. Nothing here knows of HTTP, tokens or quirks.

mod include;
mod lastn;
pub mod parameters;
mod value;

use samenhang_profiles::FhirVersion;

pub use include::Include;
use parameters::{Kind, Parameter};

use super::json::Json;
use super::store::{Index, Resource, Store};

/// Why a search is refused. Names parameters, never their values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// Not a parameter of this type in this version.
    #[error("unknown search parameter {name} for {kind}")]
    Unknown {
        /// Type.
        kind: String,
        /// Parameter.
        name: String,
    },
    /// A modifier that is not supported.
    #[error("modifier of search parameter {name} is not supported")]
    Modifier {
        /// Parameter.
        name: String,
    },
    /// A value that cannot be read.
    #[error("value of search parameter {name} cannot be read")]
    Value {
        /// Parameter.
        name: String,
    },
}

impl SearchError {
    /// The stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SearchError::Unknown { .. } => "SAM-TST-111",
            SearchError::Modifier { .. } => "SAM-TST-112",
            SearchError::Value { .. } => "SAM-TST-113",
        }
    }
}

/// What a modifier asks.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Modifier {
    None,
    Not,
    Missing,
    /// `:identifier`: the identifier inside the reference itself.
    Identifier,
    /// `:Type`.
    Type(String),
}

/// One parameter of a search; all of them must hold, one of its values is enough.
#[derive(Debug, Clone)]
struct Clause {
    parameter: &'static Parameter,
    modifier: Modifier,
    /// Name of a parameter of the target.
    chain: Option<String>,
    values: Vec<String>,
}

/// A search that was understood.
#[derive(Debug, Clone)]
pub struct Search {
    version: FhirVersion,
    kind: String,
    clauses: Vec<Clause>,
    includes: Vec<Include>,
    sort: Vec<(bool, &'static Parameter)>,
    /// `_count`.
    pub count: Option<usize>,
    /// `_summary=count`: only the total is asked for.
    pub total_only: bool,
    /// `max` of `$lastn`.
    pub max: usize,
}

/// Parameters that change the form of the answer and are accepted without effect.
const WITHOUT_EFFECT: [&str; 4] = ["_format", "_pretty", "_total", "_elements"];

impl Search {
    /// Understands the parameters of a search for `kind`. With `lenient` an unknown parameter is ignored.
    ///
    /// # Errors
    /// [`SearchError`] for what is not known or cannot be read.
    pub fn read(
        version: FhirVersion,
        kind: &str,
        pairs: &[(String, String)],
        lenient: bool,
    ) -> Result<Search, SearchError> {
        let mut search = Search {
            version,
            kind: kind.to_owned(),
            clauses: Vec::new(),
            includes: Vec::new(),
            sort: Vec::new(),
            count: None,
            total_only: false,
            max: 1,
        };
        for (name, value) in pairs {
            match search.take(name, value) {
                Err(SearchError::Unknown { .. }) if lenient => {}
                result => result?,
            }
        }
        Ok(search)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), SearchError> {
        let unreadable = || SearchError::Value {
            name: name.to_owned(),
        };
        let base = name.split(':').next().unwrap_or_default();
        match base {
            "_count" => self.count = Some(value.parse().map_err(|_| unreadable())?),
            "max" => self.max = value.parse().map_err(|_| unreadable())?,
            "_summary" => self.total_only = value == "count",
            "_sort" => {
                for key in value.split(',') {
                    let (down, key) = key.strip_prefix('-').map_or((false, key), |key| (true, key));
                    self.sort.push((down, self.parameter(key)?));
                }
            }
            "_include" | "_revinclude" => {
                let again = match name.split_once(':').map(|(_, modifier)| modifier) {
                    None => false,
                    Some("iterate" | "recurse") => true,
                    Some(_) => {
                        return Err(SearchError::Modifier {
                            name: base.to_owned(),
                        });
                    }
                };
                self.includes
                    .push(Include::read(self.version, value, base == "_revinclude", again)?);
            }
            _ if WITHOUT_EFFECT.contains(&base) => {}
            _ => {
                let clause = self.clause(name, value)?;
                self.clauses.push(clause);
            }
        }
        Ok(())
    }

    fn parameter(&self, name: &str) -> Result<&'static Parameter, SearchError> {
        parameters::find(self.version, &self.kind, name).ok_or_else(|| SearchError::Unknown {
            kind: self.kind.clone(),
            name: name.to_owned(),
        })
    }

    fn clause(&self, name: &str, value: &str) -> Result<Clause, SearchError> {
        let (head, chain) = name
            .split_once('.')
            .map_or((name, None), |(head, chain)| (head, Some(chain)));
        let (base, modifier) = head
            .split_once(':')
            .map_or((head, None), |(base, modifier)| (base, Some(modifier)));
        let parameter = self.parameter(base)?;
        let unsupported = || SearchError::Modifier {
            name: base.to_owned(),
        };
        let modifier = match modifier {
            None => Modifier::None,
            Some("not") if parameter.kind == Kind::Token => Modifier::Not,
            Some("missing") => Modifier::Missing,
            Some("identifier") if parameter.kind == Kind::Reference => Modifier::Identifier,
            Some("exact" | "contains") | Some("below") => return Err(unsupported()),
            Some(kind)
                if parameter.kind == Kind::Reference
                    && kind.starts_with(|c: char| c.is_ascii_uppercase()) =>
            {
                Modifier::Type(kind.to_owned())
            }
            Some(_) => return Err(unsupported()),
        };
        if chain.is_some() && parameter.kind != Kind::Reference {
            return Err(unsupported());
        }
        let values = split(value);
        let readable = |value: &String| match parameter.kind {
            Kind::Date => value::date(&[], value).is_some(),
            _ => !value.is_empty(),
        };
        if modifier != Modifier::Missing && chain.is_none() && !values.iter().all(readable) {
            return Err(SearchError::Value {
                name: base.to_owned(),
            });
        }
        Ok(Clause {
            parameter,
            modifier,
            chain: chain.map(str::to_owned),
            values,
        })
    }

    /// The type that is searched.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Places of the resources that match, in the asked order, else that of loading.
    #[must_use]
    pub fn run(&self, store: &Store) -> Vec<Index> {
        let mut found: Vec<Index> = store
            .of_kind(&self.kind)
            .filter(|(_, resource)| {
                self.clauses
                    .iter()
                    .all(|clause| clause.holds(self.version, store, resource))
            })
            .map(|(index, _)| index)
            .collect();
        for (down, parameter) in self.sort.iter().rev() {
            found.sort_by_cached_key(|index| store.get(*index).map(|resource| sort_key(resource, parameter)));
            if *down {
                found.reverse();
            }
        }
        found
    }

    /// As [`Search::run`], then only the latest `max` Observations of each code.
    #[must_use]
    pub fn run_lastn(&self, store: &Store) -> Vec<Index> {
        lastn::latest(store, &self.run(store), self.max)
    }

    /// Places of the resources to include with these matches, each once and without the matches.
    #[must_use]
    pub fn include(&self, store: &Store, matches: &[Index]) -> Vec<Index> {
        include::gather(self.version, store, &self.includes, matches)
    }

    /// The values of a token or reference parameter, each `|`-and-comma group as given; for query policies.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        let clauses = self.clauses.iter().filter(|clause| clause.parameter.name == name);
        clauses
            .flat_map(|clause| clause.values.iter().map(String::as_str))
            .collect()
    }

    /// The names of the parameters that select, each once, in the order given.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for clause in &self.clauses {
            if !names.contains(&clause.parameter.name) {
                names.push(clause.parameter.name);
            }
        }
        names
    }
}

impl Clause {
    fn holds(&self, version: FhirVersion, store: &Store, resource: &Resource) -> bool {
        let elements = elements(resource.json(), self.parameter);
        match &self.modifier {
            Modifier::Missing => self
                .values
                .iter()
                .any(|value| (value == "true") == elements.is_empty()),
            Modifier::Not => !self.values.iter().any(|value| value::token(&elements, value)),
            Modifier::Identifier => elements
                .iter()
                .filter_map(|element| element.get("identifier"))
                .any(|identifier| self.values.iter().any(|value| value::token(&[identifier], value))),
            Modifier::None | Modifier::Type(_) => match &self.chain {
                Some(chain) if chain == "identifier" => self
                    .values
                    .iter()
                    .any(|value| value::reference_identifier(store, &elements, value)),
                Some(chain) => self.chained(version, store, &elements, chain),
                None => self.values.iter().any(|value| self.fits(&elements, value)),
            },
        }
    }

    fn fits(&self, elements: &[&Json], value: &str) -> bool {
        let only = match &self.modifier {
            Modifier::Type(kind) => Some(kind.as_str()),
            _ => None,
        };
        match self.parameter.kind {
            Kind::Token => value::token(elements, value),
            Kind::Reference => value::reference(elements, value, only),
            Kind::Date => value::date(elements, value).unwrap_or(false),
            Kind::Text => value::text(elements, value),
            Kind::Uri => value::uri(elements, value),
        }
    }

    fn chained(&self, version: FhirVersion, store: &Store, elements: &[&Json], chain: &str) -> bool {
        elements
            .iter()
            .filter_map(|element| store.get(store.resolve(element.str("reference")?)?))
            .any(|target| {
                parameters::find(version, target.kind(), chain).is_some_and(|parameter| {
                    let clause = Clause {
                        parameter,
                        modifier: Modifier::None,
                        chain: None,
                        values: self.values.clone(),
                    };
                    clause.holds(version, store, target)
                })
            })
    }
}

/// The elements that a parameter looks at.
fn elements<'a>(json: &'a Json, parameter: &Parameter) -> Vec<&'a Json> {
    parameter
        .paths
        .split_ascii_whitespace()
        .flat_map(|path| json.at(path))
        .collect()
}

fn sort_key(resource: &Resource, parameter: &Parameter) -> (Option<value::Moments>, String) {
    let elements = elements(resource.json(), parameter);
    let moment =
        (parameter.kind == Kind::Date).then(|| elements.iter().find_map(|element| value::span(element)));
    let text = elements
        .iter()
        .find_map(|element| element.as_str())
        .unwrap_or_default();
    (moment.flatten(), text.to_owned())
}

/// Splits a value at its commas; `\,` is a comma of the value itself.
fn split(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for letter in value.chars() {
        match letter {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            ',' if !escaped => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(letter);
                }
            }
        }
        escaped = false;
    }
    parts
}

#[cfg(test)]
mod tests;
