//! The ledger: it balances, and says where nearly everything went.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

/// Values of a JSON text, counted without our reader; the type of a resource is no value.
fn values(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(entries) => {
            let part =
                |(name, value): (&String, &Value)| if name == "resourceType" { 0 } else { values(value) };
            entries.iter().map(part).sum()
        }
        _ => 1,
    }
}

#[test]
fn every_ledger_balances_and_little_is_lost() {
    let pack = pack();
    let mut blocks: BTreeMap<String, (usize, usize, BTreeMap<String, usize>)> = BTreeMap::new();
    let fixtures = fixtures();
    for fixture in &fixtures {
        let document = fixture.document();
        let ledger = lift(&pack, &document).ledger;
        let given = values(&serde_json::from_slice(&fixture.body).unwrap());
        assert_eq!(ledger.total(), given, "{}", fixture.name);
        let sum = ledger.mapped() + ledger.ignored() + ledger.unmapped();
        assert_eq!(sum, given, "{}", fixture.name);
        let (total, lost, places) = blocks.entry(Fixture::block(&document)).or_default();
        *total += given;
        *lost += ledger.unmapped();
        for node in ledger.losses(&document) {
            let path = node.path().replace(
                |digit: char| digit.is_ascii_digit() || digit == '[' || digit == ']',
                "",
            );
            *places.entry(path).or_default() += 1;
        }
    }
    if fixtures.is_empty() {
        return;
    }
    let share = |total: usize, lost: usize| 100.0 - 100.0 * lost as f64 / total as f64;
    let (mut all, mut gone) = (0, 0);
    for (block, (total, lost, places)) in &blocks {
        println!("{:6.2} % of {total:5} values  {block}", share(*total, *lost));
        for (place, count) in places {
            println!("           {count:4} unmapped {place}");
        }
        all += total;
        gone += lost;
    }
    let accounted = share(all, gone);
    println!("{accounted:.2} % of {all} values mapped or ignored for a reason");
    assert!(
        accounted >= bar("accounted"),
        "{accounted:.2} % is less than the bar"
    );
}
