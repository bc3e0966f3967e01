//! Assertions: what each claims, held against what was sent and received.

mod compare;
pub(super) mod judge;

use std::collections::BTreeMap;

use jiff::Timestamp;
use samenhang_profiles::FhirVersion;

use super::exchange::{Exchange, Payload};
use super::expression::{hold, items, told};
use super::report::Verdict;
use super::rule;
use super::script::{Assertion, Check};
use compare::{compare, compare_lists};
use judge::Judge;

/// What an assertion is held against.
pub(super) struct Scene<'a> {
    /// The request and answer that it looks at.
    pub(super) exchange: Option<&'a Exchange>,
    /// The resource that it looks at.
    pub(super) payload: Option<&'a Payload>,
    /// Every fixture and response by its id.
    pub(super) payloads: &'a BTreeMap<String, Payload>,
    /// Canonicals of the profiles of the script.
    pub(super) profiles: &'a BTreeMap<String, String>,
    /// The validator.
    pub(super) judge: &'a Judge,
    /// The version of FHIR.
    pub(super) version: FhirVersion,
    /// The time.
    pub(super) now: Timestamp,
}

/// Whether a claim holds; `Err` when it does not, with what was found.
type Held = Result<(), String>;

impl Scene<'_> {
    /// Executes an assertion of which the placeholders are filled in.
    pub(super) fn verdict(&self, assertion: &Assertion) -> Verdict {
        let held = match self.held(assertion) {
            Ok(held) => held,
            Err(reason) => return Verdict::Skipped(reason),
        };
        match held {
            Ok(()) => Verdict::Pass,
            Err(found) if assertion.warning_only => Verdict::Warning(found),
            Err(found) => Verdict::Fail(found),
        }
    }

    /// `Err` when it is not executed, with the reason.
    fn held(&self, assertion: &Assertion) -> Result<Held, String> {
        let operator = assertion.operator.as_deref();
        let exchange = || self.exchange.ok_or_else(|| "no request was answered".to_owned());
        Ok(match &assertion.check {
            Check::Other(name) => return Err(format!("{name} is not executed")),
            Check::Path(path) => return Err(format!("{path} is XPath or JSONPath, which is not executed")),
            Check::Rule(id) => match self.exchange {
                None => Err("no request was answered".to_owned()),
                Some(exchange) => rule::apply(id, exchange, self.version)
                    .ok_or_else(|| format!("the rule {id} of Touchstone is not built in"))?,
            },
            Check::Expression(expression) => self.expression(expression, assertion),
            Check::CompareTo { own, source, other } => self.compare_to(own, source, other, operator),
            Check::ResponseCode(codes) => {
                exchange().and_then(|exchange| compare(Some(&exchange.status.to_string()), operator, codes))
            }
            Check::Response(name) => exchange().and_then(|exchange| {
                let codes = status(name).ok_or_else(|| format!("{name} is no response"))?;
                compare(Some(&exchange.status.to_string()), Some("in"), codes)
            }),
            Check::Resource(kind) => self.resource(kind, operator),
            Check::ContentType(kind) => exchange().and_then(|exchange| {
                let found = exchange.header("content-type", assertion.of_request);
                content_type(found, kind)
            }),
            Check::Header(name) => exchange().and_then(|exchange| {
                let found = exchange.header(name, assertion.of_request);
                compare(found, operator, assertion.value.as_deref().unwrap_or_default())
            }),
            Check::RequestUrl(url) => {
                exchange().and_then(|exchange| compare(Some(&exchange.url), operator, url))
            }
            Check::RequestMethod(method) => exchange()
                .and_then(|exchange| compare(Some(&exchange.method.to_ascii_lowercase()), operator, method)),
            Check::ValidateProfile(id) => match self.profiles.get(id) {
                None => Err(format!("the script has no profile {id}")),
                Some(profile) => self
                    .payload()
                    .and_then(|payload| self.judge.held(payload, self.version, profile, self.now)),
            },
            Check::NavigationLinks => self.navigation(),
        })
    }

    fn payload(&self) -> Result<&Payload, String> {
        self.payload
            .ok_or_else(|| "there is no resource to look at".to_owned())
    }

    fn expression(&self, expression: &str, assertion: &Assertion) -> Held {
        let found = items(self.payload()?, self.version, expression, self.now)?;
        match (assertion.operator.as_deref(), assertion.value.as_deref()) {
            (None | Some("eval"), None) => {
                if hold(&found) {
                    Ok(())
                } else {
                    Err(told(&found))
                }
            }
            (Some("empty"), _) if found.is_empty() => Ok(()),
            (Some("notEmpty"), _) if !found.is_empty() => Ok(()),
            (Some("empty" | "notEmpty"), _) => Err(told(&found)),
            (operator, value) => {
                let value = value.unwrap_or_default();
                let first = found.first().and_then(|item| item.text.as_deref());
                compare(first, operator, value).map_err(|_| format!("{}, not {value}", told(&found)))
            }
        }
    }

    fn compare_to(&self, own: &str, source: &str, other: &str, operator: Option<&str>) -> Held {
        let theirs = self
            .payloads
            .get(source)
            .ok_or_else(|| format!("there is no {source}"))?;
        let found = items(self.payload()?, self.version, own, self.now)?;
        let wanted = items(theirs, self.version, other, self.now)?;
        compare_lists(&found, operator, &wanted)
    }

    fn resource(&self, kind: &str, operator: Option<&str>) -> Held {
        let document = self
            .payload()?
            .document(self.version)
            .map_err(|error| error.to_string())?;
        compare(Some(document.root().resource_type()), operator, kind)
    }

    /// First, last and next, as STU3 and R4 ask of paging; a Bundle of one page has them all but next.
    fn navigation(&self) -> Held {
        let document = self
            .payload()?
            .document(self.version)
            .map_err(|error| error.to_string())?;
        let links: Vec<&str> = document
            .root()
            .children_named("link")
            .filter_map(|link| link.text("relation"))
            .collect();
        let missing: Vec<&str> = ["first", "last", "next"]
            .into_iter()
            .filter(|name| !links.contains(name))
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("no links {}", missing.join(", ")))
        }
    }
}

/// The codes that a name of a response stands for (value set `assert-response-code-types`).
fn status(name: &str) -> Option<&'static str> {
    Some(match name {
        "okay" => "200",
        "created" => "201",
        "noContent" => "204",
        "notModified" => "304",
        "bad" => "400",
        "forbidden" => "403",
        "notFound" => "404",
        "methodNotAllowed" => "405",
        "conflict" => "409",
        "gone" => "410",
        "preconditionFailed" => "412",
        "unprocessable" => "422",
        _ => return None,
    })
}

/// Whether a media type is the one that is meant, by a short name or in full; its parameters do not count.
fn content_type(found: Option<&str>, wanted: &str) -> Held {
    let bare = |text: &str| {
        text.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    };
    let own = bare(found.unwrap_or_default());
    let fits = match wanted {
        "json" | "xml" => own.ends_with(&format!("+{wanted}")) || own.ends_with(&format!("/{wanted}")),
        other => own == bare(other),
    };
    if fits {
        Ok(())
    } else {
        Err(found.unwrap_or("no media type").to_owned())
    }
}
