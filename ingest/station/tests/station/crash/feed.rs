//! What a source sends in the crash tests: R4 as it is kept, STU3 that the maps lift, or files with rows that are cut.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use samenhang_station::lift::{AsSent, ByFormat, Lift};
use samenhang_station::{Format, Incoming, delivery};

use crate::scene::{bsn, bundle, dossier, observation};
use crate::tables::{PATIENTS, RESULTS, by_example};

/// A way of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feed {
    /// R4 that is kept as sent.
    AsSent,
    /// STU3 of zib2017 that is lifted.
    Mapped,
    /// Files with rows: of two patients, and of a result that nobody has.
    Tables,
}

impl Feed {
    /// As it is told to a child.
    pub(super) fn name(self) -> &'static str {
        match self {
            Feed::AsSent => "as-sent",
            Feed::Mapped => "mapped",
            Feed::Tables => "tables",
        }
    }

    /// The one that a child was told.
    pub(super) fn told(name: &str) -> Self {
        let feeds = [Feed::Mapped, Feed::Tables];
        let named = |feed: &Feed| feed.name() == name;
        feeds.into_iter().find(named).unwrap_or(Feed::AsSent)
    }

    pub(super) fn lift(self) -> Arc<dyn Lift> {
        match self {
            Feed::AsSent => Arc::new(AsSent::default()),
            Feed::Mapped => Arc::new(ByFormat::default()),
            Feed::Tables => Arc::new(by_example()),
        }
    }

    /// Message n: the dossier of one patient, or another version of the observation of an earlier one.
    pub(super) fn message(self, n: u32) -> Incoming {
        let again = n.is_multiple_of(3) && n > 0;
        let clock = Some(i64::from(1_700_000_000 + n));
        let (format, text) = match (self, again) {
            (Feed::Tables, _) => (Format::Csv, tables(n, again)),
            (Feed::AsSent, false) => (Format::FhirR4, dossier(n, 2)),
            (Feed::AsSent, true) => (
                Format::FhirR4,
                observation(n - 1, &format!("o{}-0", n - 1), n, clock),
            ),
            (Feed::Mapped, false) => (
                Format::FhirStu3,
                bundle(&[patient(n), result(n, 0, 1, None), result(n, 1, 1, None)]),
            ),
            (Feed::Mapped, true) => (Format::FhirStu3, result(n - 1, 0, n, clock)),
        };
        Incoming {
            external: format!("m{n}"),
            format,
            body: Bytes::from(text),
            clock: Timestamp::from_second(i64::from(1_600_000_000 + n)).ok(),
        }
    }
}

/// Patient n with two results, or another value of the first result of the one before; each with somebody else, too.
fn tables(n: u32, again: bool) -> String {
    let (other, value) = (5_000 + n, n);
    let n = if again { n - 1 } else { n };
    let second = if again { String::new() } else { row(n, 1, 1) };
    let results = format!("{RESULTS}{}{second}{}", row(n, 0, value), row(other, 0, 1));
    let patients = format!(
        "{PATIENTS}{}{}",
        crate::tables::person(n),
        crate::tables::person(other)
    );
    let files = [
        ("patients.csv", patients.as_bytes()),
        ("observations.csv", results.as_bytes()),
    ];
    String::from_utf8(delivery(files).to_vec()).unwrap()
}

fn row(n: u32, at: u32, value: u32) -> String {
    crate::tables::result(&format!("o{n}-{at}"), n, &value.to_string())
}

/// Patient n in zib2017.
fn patient(n: u32) -> String {
    format!(
        r#"{{"resourceType":"Patient","id":"p{n}","meta":{{"profile":["http://fhir.nl/fhir/StructureDefinition/nl-core-patient"]}},"identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{}"}}],"gender":"female","birthDate":"1961-02-03"}}"#,
        bsn(n)
    )
}

/// A laboratory result of patient n in zib2017.
fn result(n: u32, at: u32, value: u32, clock: Option<i64>) -> String {
    let clock = clock
        .and_then(|clock| Timestamp::from_second(clock).ok())
        .map(|clock| format!(r#""lastUpdated":"{clock}","#))
        .unwrap_or_default();
    format!(
        r#"{{"resourceType":"Observation","id":"o{n}-{at}","meta":{{{clock}"profile":["http://nictiz.nl/fhir/StructureDefinition/zib-LaboratoryTestResult-Observation"]}},"status":"final","category":[{{"coding":[{{"system":"http://snomed.info/sct","code":"49581000146104"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"2951-2"}}]}},"subject":{{"reference":"Patient/p{n}"}},"effectiveDateTime":"2026-01-02T03:00:00+01:00","valueQuantity":{{"value":{value}.50,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}}}"#
    )
}
