//! Chooses the endpoints of a holder for a category at a moment (section 2.3).

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use samenhang_profiles::{FhirVersion, Ura};
use samenhang_terminology::Category;

use super::model::Endpoint;
use super::payload;
use super::replica::Replica;

const CONNECTION: &str = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";
const AUTHORIZATION: &str =
    "http://minvws.github.io/generiekefuncties-docs/CodeSystem/nl-gf-authorization-server-cs";

/// How a holder's authorisation server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorizationKind {
    /// `oauth-nuts`.
    Nuts,
    /// `oauth2`.
    OAuth2,
    /// `oauth2-fapi2`.
    Fapi2,
    /// Another, such as one that wants the claims of a vendor. We cannot prove ourselves to it, so its holder is not
    /// asked: a holder that has an authorisation server is never asked without a token.
    Other,
}

/// A holder's authorisation server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorizationServer {
    /// How it is spoken to.
    pub kind: AuthorizationKind,
    /// Its address.
    pub address: String,
}

/// A place where a holder can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DataEndpoint {
    /// Id in the directory.
    pub id: String,
    /// Base address, without a trailing slash.
    pub address: String,
    /// The version of FHIR.
    pub fhir: FhirVersion,
    /// Whether it speaks JSON; if not, it speaks XML only.
    pub json: bool,
    /// The authorisation server of the same vendor; `None`: the client certificate suffices.
    pub authorization: Option<AuthorizationServer>,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// The endpoints to ask: all of one version, R4 where there is a choice, each address once, in order of address.
    /// Empty: the holder has no endpoint for the category.
    pub endpoints: Vec<DataEndpoint>,
    /// The same holder's endpoints of the version that was not chosen, for the same category.
    pub also: Vec<DataEndpoint>,
}

impl Selection {
    /// Whether there is no endpoint at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }
}

pub(super) fn select(replica: &Replica, ura: &Ura, category: Category, now: Timestamp) -> Selection {
    let family = replica.family(ura);
    let of_organizations = family
        .iter()
        .filter_map(|name| replica.organizations.get(*name))
        .flat_map(|kept| &kept.content.endpoints);
    let of_services = replica
        .services
        .values()
        .map(|kept| &kept.content)
        .filter(|service| {
            service.active
                && service
                    .provided_by
                    .as_deref()
                    .is_some_and(|provider| family.contains(provider))
        })
        .flat_map(|service| &service.endpoints);
    // A reference that leads nowhere is left out here: the directory allows it.
    let usable: Vec<(&str, &Endpoint)> = of_organizations
        .chain(of_services)
        .map(String::as_str)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter_map(|name| Some((name, &replica.endpoints.get(name)?.content)))
        .filter(|(_, endpoint)| endpoint.status == "active" && within(endpoint, now))
        .collect();
    let mut chosen: Vec<DataEndpoint> = usable
        .iter()
        .filter(|(_, endpoint)| {
            endpoint
                .connection
                .iter()
                .any(|coding| coding.system == CONNECTION && coding.code == "hl7-fhir-rest")
                && endpoint
                    .payload
                    .iter()
                    .any(|coding| payload::covers(coding, category))
        })
        .flat_map(|(name, endpoint)| {
            let authorization = authorization(&usable, endpoint);
            payload::versions(&endpoint.mime, &endpoint.payload)
                .into_iter()
                .map(move |(fhir, json)| DataEndpoint {
                    id: name.trim_start_matches("Endpoint/").to_owned(),
                    address: endpoint.address.trim_end_matches('/').to_owned(),
                    fhir,
                    json,
                    authorization: authorization.clone(),
                })
        })
        .collect();
    chosen.sort_by(|one, two| (&one.address, one.fhir, &one.id).cmp(&(&two.address, two.fhir, &two.id)));
    chosen.dedup_by(|one, two| (&one.address, one.fhir) == (&two.address, two.fhir));
    let (r4, stu3): (Vec<_>, Vec<_>) = chosen
        .into_iter()
        .partition(|endpoint| endpoint.fhir == FhirVersion::R4);
    if r4.is_empty() {
        Selection {
            endpoints: stu3,
            also: r4,
        }
    } else {
        Selection {
            endpoints: r4,
            also: stu3,
        }
    }
}

/// The authorisation server of the same vendor, preferring what we speak best.
fn authorization(usable: &[(&str, &Endpoint)], data: &Endpoint) -> Option<AuthorizationServer> {
    data.manager.as_ref()?;
    usable
        .iter()
        .filter(|(_, endpoint)| endpoint.manager == data.manager)
        .flat_map(|(_, endpoint)| {
            endpoint
                .connection
                .iter()
                .filter(|coding| coding.system == AUTHORIZATION)
                .map(|coding| AuthorizationServer {
                    kind: match coding.code.as_str() {
                        "oauth-nuts" => AuthorizationKind::Nuts,
                        "oauth2" => AuthorizationKind::OAuth2,
                        "oauth2-fapi2" => AuthorizationKind::Fapi2,
                        _ => AuthorizationKind::Other,
                    },
                    address: endpoint.address.trim_end_matches('/').to_owned(),
                })
        })
        .min()
}

/// Whether the period of an endpoint contains a moment. A bound that cannot be read excludes.
fn within(endpoint: &Endpoint, now: Timestamp) -> bool {
    let begun = endpoint
        .start
        .as_deref()
        .is_none_or(|text| bounds(text).is_some_and(|(first, _)| first <= now));
    let ended = endpoint
        .end
        .as_deref()
        .is_some_and(|text| bounds(text).is_none_or(|(_, last)| last < now));
    begun && !ended
}

/// The first and last moment of a FHIR `dateTime`, which may be a year, month or day. Partial dates are Dutch time.
fn bounds(text: &str) -> Option<(Timestamp, Timestamp)> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((at, at));
    }
    let zone = TimeZone::get("Europe/Amsterdam").ok()?;
    let mut parts = text.split('-');
    let year: i16 = parts.next()?.parse().ok()?;
    let month: Option<i8> = parts
        .next()
        .map(|part| part.parse().ok())
        .map_or(Some(None), |m| m.map(Some))?;
    let day: Option<i8> = parts
        .next()
        .map(|part| part.parse().ok())
        .map_or(Some(None), |d| d.map(Some))?;
    let first = Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
    let last = match (month, day) {
        (None, _) => first.last_of_year(),
        (Some(_), None) => first.last_of_month(),
        (Some(_), Some(_)) => first,
    };
    let start = first.to_zoned(zone.clone()).ok()?.timestamp();
    let end = last.tomorrow().ok()?.to_zoned(zone).ok()?.timestamp();
    Some((start, end.checked_sub(jiff::SignedDuration::from_nanos(1)).ok()?))
}
