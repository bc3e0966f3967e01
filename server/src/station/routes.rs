//! The routes of a station, and the way of one request: who, what, how, noted, answered.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::middleware;
use axum::routing::{get, post};
use http::request::Parts;
use http::{Method, Response};
use samenhang_gather::clock::Clock;
use samenhang_profiles::FhirVersion;
use samenhang_station::{Scope, Station, StationError, Stored};
use url::form_urlencoded;

use super::answer::{self, Parts as Answer};
use super::dossier::{Dossier, NoDossier, Reader, Whose};
use super::gate::{Caller, Gate, Reading};
use super::search::{self, Asked};
use crate::error::{Kind, Language, Problem};
use crate::fhir::negotiate::{self, Form};
use crate::fhir::{language, prefer};
use crate::http::correlation::correlate;
use crate::http::layers::survive;
use crate::http::problem;
use crate::search::of_source;

/// Most bytes of a search.
const MAX_SEARCH: usize = 64 << 10;

/// Types of R4 that a type of STU3 may be kept as.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("ProcedureRequest", "ServiceRequest"),
    ("ReferralRequest", "ServiceRequest"),
    ("BodySite", "BodyStructure"),
    ("Sequence", "MolecularSequence"),
    ("EligibilityRequest", "CoverageEligibilityRequest"),
];

/// What the handlers share.
struct Served {
    station: Arc<Station>,
    gate: Gate,
    base: String,
    clock: Arc<dyn Clock>,
}

type Answered = Result<Response<Body>, Vec<Problem>>;

/// Everything that a station answers; `base` is its public address, without a trailing slash.
pub fn router(station: Arc<Station>, gate: Gate, base: &str, clock: Arc<dyn Clock>) -> Router {
    let tokens = gate.token_routes();
    let served = Arc::new(Served {
        station,
        gate,
        base: base.to_owned(),
        clock,
    });
    Router::new()
        .route("/{source}/fhir/{version}/metadata", get(metadata))
        .route("/{source}/fhir/{version}/{kind}", get(of_type))
        .route("/{source}/fhir/{version}/{kind}/_search", post(of_type))
        .route(
            "/{source}/fhir/{version}/Observation/$lastn",
            get(latest).post(latest),
        )
        .route("/{source}/fhir/{version}/{kind}/{id}", get(read))
        .route(
            "/{source}/fhir/{version}/{kind}/{id}/_history/{number}",
            get(read_version),
        )
        .layer(DefaultBodyLimit::max(MAX_SEARCH))
        .with_state(served)
        .merge(tokens)
        .layer(middleware::from_fn(survive))
        .layer(middleware::from_fn(correlate))
}

/// A source in a version.
struct Place {
    scope: Scope,
    version: FhirVersion,
    endpoint: String,
}

impl Served {
    fn place(&self, source: &str, version: &str) -> Result<Place, Problem> {
        let scope = source.parse().and_then(|source| self.station.scope(&source));
        let scope = scope.map_err(|_| Problem::from(Kind::NotFound))?;
        let fhir = match version {
            "R4" => FhirVersion::R4,
            "STU3" => FhirVersion::Stu3,
            _ => return Err(Kind::NotFound.into()),
        };
        Ok(Place {
            endpoint: format!("{}/{}/fhir/{version}", self.base, scope.source()),
            scope,
            version: fhir,
        })
    }

    fn reader<'a>(&'a self, place: &'a Place) -> Reader<'a> {
        Reader {
            station: &self.station,
            scope: &place.scope,
            version: place.version,
            endpoint: &place.endpoint,
            now: self.clock.now(),
        }
    }

    async fn one(&self, place: &Place, caller: &Caller, kind: &str, stored: Stored, form: Form) -> Answered {
        let one = |problem: Problem| vec![problem];
        let number = stored.version;
        let item = self
            .reader(place)
            .one(stored, kind)
            .await
            .map_err(told)
            .map_err(one)?;
        let item = item.ok_or_else(|| one(Kind::NotFound.into()))?;
        let reading = Reading {
            what: ("read", kind.to_owned()),
            reference: Some(item.full_url.to_string()),
            categories: [item.category].into(),
            count: 1,
            patient: self
                .reader(place)
                .number_in(&item)
                .await
                .map_err(told)
                .map_err(one)?,
        };
        let holder = &place.scope.config().ura;
        self.gate.release(caller, holder, reading).await.map_err(one)?;
        answer::resource(&item, number, place.version, form).map_err(one)
    }

    async fn find(&self, place: &Place, caller: &Caller, asked: Asked, asking: &Parts) -> Answered {
        let one = |problem: Problem| vec![problem];
        let form = form_of(asking, place.version).map_err(one)?;
        let search = &asked.search;
        let with_others = !search.includes.is_empty();
        // In R4 a search needs nothing but its own type, unless something comes along.
        let kind = (place.version == FhirVersion::R4 && !with_others).then_some(&*search.kind);
        let dossier = self
            .reader(place)
            .read(&asked.whose, kind, with_others)
            .await
            .map_err(told)
            .map_err(one)?;
        let page = of_source::page(search, &dossier.items, asked.after.as_deref(), asked.count);
        let mut issues = search.ignored.clone();
        if dossier.missing > 0 {
            issues.push(answer::other_version(dossier.missing));
        }
        let items = page.matches.iter().chain(&page.along);
        let reading = Reading {
            what: ("search", search.kind.clone()),
            reference: match &asked.whose {
                Whose::Record(id) => Some(format!("{}/Patient/{id}", place.endpoint)),
                Whose::Number(_) => None,
            },
            categories: items
                .clone()
                .filter_map(|index| dossier.items.get(*index))
                .map(|item| item.category)
                .collect(),
            count: items.count(),
            patient: dossier.patient.clone(),
        };
        let next = if page.has_more {
            next(place, &asked, &dossier, &page)
        } else {
            None
        };
        let body = answer::searchset(&Answer {
            items: &dossier.items,
            page: &page,
            issues: &issues,
            next,
            language: language::preferred(&asking.headers, Language::English),
        });
        let holder = &place.scope.config().ura;
        self.gate.release(caller, holder, reading).await.map_err(one)?;
        answer::send(body, place.version, form).map_err(one)
    }
}

/// The address of the next page: by the record of the patient, so that no number is in it.
fn next(place: &Place, asked: &Asked, dossier: &Dossier, page: &of_source::Page) -> Option<String> {
    let last = dossier.items.get(*page.matches.last()?)?;
    let record = match &asked.whose {
        Whose::Record(id) => id.clone(),
        Whose::Number(_) if asked.search.kind == "Patient" => last.resource.id()?.to_owned(),
        Whose::Number(_) => {
            let subject = last.resource.keys().subject.as_deref()?;
            subject.rsplit_once("Patient/")?.1.to_owned()
        }
    };
    let kind = &asked.search.kind;
    let operation = if asked.search.latest.is_some() {
        "/$lastn"
    } else {
        ""
    };
    let query = asked.next(&record, last.resource.id()?);
    Some(format!("{}/{kind}{operation}?{query}", place.endpoint))
}

fn told(error: NoDossier) -> Problem {
    match error {
        NoDossier::Station(error) => of_station(&error),
        NoDossier::TooMuch => Problem::new(Kind::TooLarge),
        NoDossier::Version => Kind::OtherVersion.into(),
    }
}

fn of_station(error: &StationError) -> Problem {
    let kind = if error.is_transient() || matches!(error, StationError::Stopped) {
        Kind::Busy
    } else {
        Kind::Defect
    };
    Problem::new(kind).code(error.code())
}

fn form_of(asking: &Parts, version: FhirVersion) -> Result<Form, Problem> {
    let query = asking.uri.query().unwrap_or_default();
    let format = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "_format");
    let format = format.map(|(_, value)| value.into_owned());
    negotiate::answer_form(&asking.headers, format.as_deref(), version, negotiate::RESOURCE)
}

fn respond(answered: Answered, asking: &Parts) -> Response<Body> {
    answered.unwrap_or_else(|problems| problem::respond_all(problems, "/fhir", &asking.headers))
}

async fn metadata(
    State(served): State<Arc<Served>>,
    Path((source, version)): Path<(String, String)>,
    request: Request,
) -> Response<Body> {
    let (asking, _) = request.into_parts();
    let answered = served.place(&source, &version).and_then(|place| {
        let tokens = match &served.gate {
            Gate::Open => None,
            Gate::Login(_) => Some(format!("{}/{source}/oauth/token", served.base)),
        };
        let statement = answer::statement(place.version, &place.endpoint, tokens.as_deref());
        let form = form_of(&asking, place.version)?;
        answer::send(
            serde_json::to_vec(&statement).unwrap_or_default(),
            place.version,
            form,
        )
    });
    respond(answered.map_err(|problem| vec![problem]), &asking)
}

/// A search of a type: by GET with its parameters in the address, or by POST with them in the body.
async fn of_type(
    State(served): State<Arc<Served>>,
    Path((source, version, kind)): Path<(String, String, String)>,
    request: Request,
) -> Response<Body> {
    let (asking, body) = request.into_parts();
    let answered = Box::pin(search(&served, &source, &version, (&kind, false), &asking, body)).await;
    respond(answered, &asking)
}

async fn latest(
    State(served): State<Arc<Served>>,
    Path((source, version)): Path<(String, String)>,
    request: Request,
) -> Response<Body> {
    let (asking, body) = request.into_parts();
    let target = ("Observation", true);
    let answered = Box::pin(search(&served, &source, &version, target, &asking, body)).await;
    respond(answered, &asking)
}

async fn search(
    served: &Served,
    source: &str,
    version: &str,
    (kind, is_lastn): (&str, bool),
    asking: &Parts,
    body: Body,
) -> Answered {
    let one = |problem: Problem| vec![problem];
    let place = served.place(source, version).map_err(one)?;
    let caller = served.gate.enter(&place.scope, asking).await.map_err(one)?;
    let query = asking.uri.query().unwrap_or_default();
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let in_address = pairs.len();
    if asking.method == Method::POST {
        if !negotiate::body_is_form(&asking.headers) {
            return Err(one(Kind::UnsupportedMedia.into()));
        }
        let body = to_bytes(body, MAX_SEARCH).await;
        let body = body.map_err(|_| one(Kind::TooLarge.into()))?;
        pairs.extend(form_urlencoded::parse(&body).into_owned());
    }
    let naming = crate::search::parameter::naming_patient(place.version, kind);
    if pairs
        .iter()
        .take(in_address)
        .any(|(name, _)| naming.contains(&&**name))
    {
        return Err(one(Kind::BsnInAddress.into()));
    }
    let handling = prefer::handling(&asking.headers);
    let asked = search::read(place.version, kind, is_lastn, pairs, handling)?;
    served.find(&place, &caller, asked, asking).await
}

async fn read(
    State(served): State<Arc<Served>>,
    Path((source, version, kind, id)): Path<(String, String, String, String)>,
    request: Request,
) -> Response<Body> {
    let (asking, _) = request.into_parts();
    let answered = Box::pin(read_one(&served, &source, &version, (&kind, &id, None), &asking)).await;
    respond(answered, &asking)
}

async fn read_version(
    State(served): State<Arc<Served>>,
    Path((source, version, kind, id, number)): Path<(String, String, String, String, i64)>,
    request: Request,
) -> Response<Body> {
    let (asking, _) = request.into_parts();
    let what = (&*kind, &*id, Some(number));
    let answered = Box::pin(read_one(&served, &source, &version, what, &asking)).await;
    respond(answered, &asking)
}

async fn read_one(
    served: &Served,
    source: &str,
    version: &str,
    (kind, id, number): (&str, &str, Option<i64>),
    asking: &Parts,
) -> Answered {
    let one = |problem: Problem| vec![problem];
    let place = served.place(source, version).map_err(one)?;
    let caller = served.gate.enter(&place.scope, asking).await.map_err(one)?;
    let form = form_of(asking, place.version).map_err(one)?;
    let names = OTHER_NAMES
        .iter()
        .filter(|(theirs, _)| *theirs == kind && place.version == FhirVersion::Stu3);
    let kept = std::iter::once(kind).chain(names.map(|(_, ours)| *ours));
    for kept in kept {
        let found = match number {
            None => served.station.read(&place.scope, kept, id).await,
            Some(number) => served.station.read_version(&place.scope, kept, id, number).await,
        };
        let found = found.map_err(|error| one(of_station(&error)))?;
        let Some(found) = found else { continue };
        let stored = found
            .into_inner(&place.scope)
            .map_err(|error| one(of_station(&error)))?;
        if stored.deleted {
            let mut gone = Problem::new(Kind::NotFound);
            gone.status = http::StatusCode::GONE;
            return Err(one(gone));
        }
        return served.one(&place, &caller, kind, stored, form).await;
    }
    Err(one(Kind::NotFound.into()))
}
