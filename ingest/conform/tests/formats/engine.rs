//! What the engine does for sources without resources: the node around a source, and what is said more than once.

use samenhang_conform::csv::Table;
use samenhang_conform::{Context, Kind, Lifted, Pack};
use samenhang_profiles::Limits;

const PACK: &str = "
pack: test
version: 0.1.0
source: { format: csv, join: { visits: { in: patients, by: patient, key: id } } }
target: { version: R4 }
maps:
  - map: All
    from: Tables
    rules: [ { from: patients.visits, make: Visit } ]
  - map: Visit
    from: visits
    to: Encounter
    within: patients
    id: \"%within.id & '/' & number\"
    rules:
      - { from: '%within.name', to: subject.display }
      - { from: $this, make: Clinic, link: serviceProvider }
  - map: Clinic
    from: visits
    to: Organization
    only: true
    id: clinic
    rules:
      - { from: clinic, to: name }
      - { from: phone, to: alias }
";

fn lift(visits: &str) -> Lifted {
    let (pack, warnings) = Pack::compile(&[("pack.yaml", PACK)]).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let tables = [
        Table::new("patients", "id,name\n1,Anna\n2,Piet"),
        Table::new("visits", visits),
    ];
    let source = pack.read(&tables, &Limits::default()).unwrap();
    pack.lift(&source, &Context::default())
}

fn texts(lifted: &Lifted, kind: &str) -> Vec<String> {
    let own = lifted.resources.iter().filter(|made| made.resource_type == kind);
    own.map(|made| String::from_utf8_lossy(&made.json).into_owned())
        .collect()
}

#[test]
fn the_node_around_a_source_is_known_to_its_map() {
    let lifted = lift("patient,number,clinic,phone\n1,1,A,\n2,1,A,");
    let visits = texts(&lifted, "Encounter");
    assert!(
        visits[0].contains("Anna") && visits[1].contains("Piet"),
        "{visits:?}"
    );
    let ids: Vec<_> = lifted.resources.iter().map(|made| made.id.clone()).collect();
    assert_ne!(ids[0], ids[1], "the id is of the patient too");
}

#[test]
fn what_is_said_twice_is_made_once() {
    let lifted = lift("patient,number,clinic,phone\n1,1,A,5\n2,1,A,5");
    assert_eq!(texts(&lifted, "Organization").len(), 1);
    assert!(lifted.findings.is_empty());
    // Only the column with the key of a join has no rule, and the numbers are in ids only.
    assert_eq!(lifted.ledger.mapped(), 6);
}

#[test]
fn what_is_said_twice_and_differently_is_told() {
    let lifted = lift("patient,number,clinic,phone\n1,1,A,5\n2,1,A,6");
    assert_eq!(texts(&lifted, "Organization").len(), 2);
    let kinds: Vec<Kind> = lifted.findings.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [Kind::Differs]);
}
