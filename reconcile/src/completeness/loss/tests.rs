use std::collections::BTreeSet;
use std::sync::Arc;

use samenhang_profiles::{Account, Conformance, Conversion, FhirVersion, Lineage, Received};
use samenhang_terminology::{Category, Status};

use super::super::{Builder, Cell};
use super::Loss;
use crate::fixtures::{at, raw, ura};

const WEIGHT: &str = r#"{"resourceType":"Observation","id":"w","status":"final"}"#;

/// A resource that a holder sent in STU3, and what came of it.
fn converted(conformance: Conformance, is_part: bool, account: Account) -> Received {
    let mut received = at("00700704", FhirVersion::Stu3, WEIGHT);
    received.lineage = Arc::new(Lineage {
        conformance,
        ..Lineage::clone(&received.lineage)
    });
    received.conversion = Some(Arc::new(Conversion {
        original: raw(WEIGHT),
        original_url: Arc::clone(&received.full_url),
        version: FhirVersion::R4,
        pack: "pack|1".into(),
        map: None,
        is_part,
        account: Arc::new(account),
    }));
    received
}

fn lost(count: usize) -> Account {
    Account {
        leaves: 9,
        lost: [("Observation.related.type".into(), count)].into(),
        ..Account::default()
    }
}

#[test]
fn places_are_added_up_and_parts_and_what_is_native_add_nothing() {
    let mut loss = Loss::default();
    loss.add(&converted(Conformance::Lifted, false, lost(2)));
    loss.add(&converted(Conformance::Lifted, true, lost(2)));
    loss.add(&converted(Conformance::Lifted, false, lost(1)));
    loss.add(&at("00700700", FhirVersion::R4, WEIGHT));
    assert_eq!((loss.values(), loss.as_received()), (3, 0));
    let refused = Account {
        refused: Some("SAM-CNF-122"),
        ..lost(5)
    };
    loss.add(&converted(Conformance::AsReceived, false, refused));
    assert_eq!((loss.values(), loss.as_received()), (3, 1));
}

#[test]
fn the_statement_tells_it_and_is_no_less_complete() {
    let holder = ura("00700704");
    let asked = BTreeSet::from([Category::ObservationVitalSigns]);
    let mut builder = Builder::new([(holder.clone(), "Kliniek".into())], asked);
    let cell = Cell {
        count: 1,
        ..Cell::of(Status::Answered)
    };
    builder
        .set(&holder, Category::ObservationVitalSigns, cell)
        .unwrap();
    let mut loss = Loss::default();
    loss.add(&converted(Conformance::Lifted, false, lost(2)));
    builder.loss(&holder, Category::ObservationVitalSigns, &loss);
    builder.loss(&holder, Category::Condition, &loss);
    builder.loss(&ura("00700705"), Category::ObservationVitalSigns, &loss);
    let statement = builder.finish().unwrap();
    assert!(statement.is_complete());
    assert_eq!(statement.losses().count(), 1, "only what was localised and asked");
    let outcome: serde_json::Value = serde_json::from_slice(&statement.to_outcome()).unwrap();
    let issue = outcome["issue"].as_array().unwrap().last().unwrap();
    assert_eq!(issue["severity"], "warning");
    assert_eq!(issue["details"]["coding"][0]["code"], "SAM-CNF-120");
    assert_eq!(
        issue["extension"][0]["extension"][3]["extension"][0]["valueString"],
        "Observation.related.type"
    );
}
