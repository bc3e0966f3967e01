//! What clusters and what never does, pair by pair; and that order, repetition and loss play no part.

use proptest::prelude::*;
use samenhang_profiles::{FhirVersion, Received};

use super::{Agreement, Cluster, Relation, find};
use crate::Reconciled;
use crate::fixtures::{at, received};
use crate::maps::Maps;
use crate::policy::Policy;

const GP: &str = "00700701";
const LAB: &str = "00700703";
const HOSPITAL: &str = "00700700";

fn observation(holder: &str, id: &str, identifier: &str, rest: &str) -> Received {
    let identifier = if identifier.is_empty() {
        String::new()
    } else {
        let (system, value) = identifier.split_once('|').unwrap_or(("", identifier));
        let system = if system.is_empty() {
            String::new()
        } else {
            format!(r#""system":"{system}","#)
        };
        format!(r#""identifier":[{{{system}"value":"{value}"}}],"#)
    };
    received(
        holder,
        &format!(
            r#"{{"resourceType":"Observation","id":"{id}","meta":{{"versionId":"{id}"}},{identifier}"status":"final","subject":{{"reference":"Patient/{holder}","display":"{holder}"}}{rest}}}"#
        ),
    )
}

fn clusters(items: &[Received]) -> Vec<Cluster> {
    find(items, Policy::shipped(), &[], Maps::none()).clusters
}

fn only(items: &[Received]) -> Option<Cluster> {
    let mut found = clusters(items);
    assert!(found.len() <= 1);
    found.pop()
}

const OID: &str = "urn:oid:2.999.1";

#[test]
fn pairs_that_cluster_and_pairs_that_do_not() {
    let value = |v: &str| format!(r#","valueQuantity":{{"value":{v},"unit":"mmol/L"}}"#);
    let dated = |v: &str| value(v) + r#","effectiveDateTime":"2024-02-01T08:00:00+01:00""#;
    let code = |c: &str| format!(r#","code":{{"coding":[{{"system":"http://loinc.org","code":"{c}"}}]}}"#);
    let id = format!("{OID}|R1");
    let agrees = |agreement| {
        Some((
            Relation::SameIdentifier { agreement },
            agreement == Agreement::Contradicts,
        ))
    };
    let copy = Some((Relation::SameRecord, false));
    // What, identifier and content of the one, of the other, and the relation with its conflict.
    let cases = [
        ("copies", "", dated("4.1"), "", dated("4.1"), copy),
        (
            "equal by chance, as neither says when",
            "",
            value("4.1"),
            "",
            value("4.1"),
            None,
        ),
        (
            "copies with an identifier",
            &id,
            value("4.1"),
            &id,
            value("4.1"),
            copy,
        ),
        ("another digit", "", value("4.1"), "", value("4.10"), None),
        (
            "one identifier, more precision",
            &id,
            value("4.1"),
            &id,
            value("4.10"),
            agrees(Agreement::Agrees),
        ),
        (
            "one identifier, one says more",
            &id,
            value("4.1"),
            &id,
            value("4.1") + &code("x"),
            agrees(Agreement::Agrees),
        ),
        (
            "one identifier, another value",
            &id,
            value("4.1"),
            &id,
            value("4.2"),
            agrees(Agreement::Contradicts),
        ),
        (
            "one identifier, no value in one",
            &id,
            value("4.1"),
            &id,
            r#","dataAbsentReason":{"text":"hemolytisch"}"#.to_owned(),
            agrees(Agreement::Contradicts),
        ),
        (
            "one identifier, a modifier in one",
            &id,
            value("4.1"),
            &id,
            value("4.1") + r#","modifierExtension":[{"url":"u","valueBoolean":true}]"#,
            None,
        ),
        (
            "the number of an order",
            &id,
            code("a") + &value("1"),
            &id,
            code("b") + &value("1"),
            None,
        ),
        (
            "another identifier",
            &id,
            value("1"),
            "urn:oid:2.999.1|R2",
            value("1"),
            None,
        ),
        ("no system", "|R1", value("1"), "|R1", value("2"), None),
        (
            "a BSN",
            "http://fhir.nl/fhir/NamingSystem/bsn|999990019",
            value("1"),
            "http://fhir.nl/fhir/NamingSystem/bsn|999990019",
            value("2"),
            None,
        ),
        (
            "a URA as OID",
            "urn:oid:2.16.528.1.1007.3.3|00700700",
            value("1"),
            "urn:oid:2.16.528.1.1007.3.3|00700700",
            value("2"),
            None,
        ),
        (
            "a placeholder",
            "urn:oid:2.999.1|Onbekend",
            value("1"),
            "urn:oid:2.999.1|Onbekend",
            value("2"),
            None,
        ),
        (
            "only zeros",
            "urn:oid:2.999.1|0000",
            value("1"),
            "urn:oid:2.999.1|0000",
            value("2"),
            None,
        ),
        (
            "with and without urn:oid",
            &id,
            value("1"),
            "2.999.1|R1",
            value("1"),
            agrees(Agreement::Agrees),
        ),
    ];
    for (what, one, left, other, right, expected) in cases {
        let items = [
            observation(LAB, "1", one, &left),
            observation(GP, "2", other, &right),
        ];
        let found = only(&items).map(|cluster| (cluster.relations[0].1, cluster.conflict));
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn a_number_used_for_several_contents_at_one_endpoint_links_nothing() {
    let id = format!("{OID}|ORDER");
    let items = [
        observation(LAB, "1", &id, r#","valueString":"a""#),
        observation(LAB, "2", &id, r#","valueString":"b""#),
        observation(GP, "3", &id, r#","valueString":"a""#),
    ];
    let found = clusters(&items);
    assert_eq!(found.len(), 1, "the copy is still a copy");
    assert_eq!(found[0].members, [0, 2]);
    assert_eq!(found[0].relations[0].1, Relation::SameRecord);
}

#[test]
fn equal_words_about_different_things_are_no_copies() {
    let order = r#"{"resourceType":"MedicationRequest","id":"1","status":"active","intent":"order","authoredOn":"2024-02-01","subject":{"reference":"Patient/x"},"medicationReference":{"reference":"Medication/1"}}"#;
    let product =
        |code: &str| format!(r#"{{"resourceType":"Medication","id":"1","code":{{"text":"{code}"}}}}"#);
    let same = [
        received(GP, order),
        received(GP, &product("a")),
        received(LAB, order),
        received(LAB, &product("a")),
    ];
    let found = clusters(&same);
    assert_eq!(
        found.iter().map(|c| c.members.clone()).collect::<Vec<_>>(),
        [vec![0, 2], vec![1, 3]]
    );
    let different = [
        received(GP, order),
        received(GP, &product("a")),
        received(LAB, order),
        received(LAB, &product("b")),
    ];
    assert!(
        clusters(&different).is_empty(),
        "Medication/1 is another product at another holder"
    );
    let unresolved = [received(GP, order), received(LAB, order)];
    assert!(
        clusters(&unresolved).is_empty(),
        "what cannot be followed is not taken to be equal"
    );
}

#[test]
fn one_object_in_two_versions_is_one_record_and_r4_stands_for_it() {
    let stu3 = r#"{"resourceType":"ProcedureRequest","id":"1","identifier":[{"system":"urn:oid:2.999.1","value":"R1"}],"status":"active","subject":{"reference":"Patient/x"}}"#;
    let r4 = stu3.replace("ProcedureRequest", "ServiceRequest");
    let items = [
        at(HOSPITAL, FhirVersion::Stu3, stu3),
        at(HOSPITAL, FhirVersion::R4, &r4),
    ];
    let cluster = only(&items).unwrap_or_else(|| panic!("no cluster"));
    assert_eq!(cluster.representative, 1);
    assert_eq!(
        cluster.relations,
        [(
            0,
            Relation::SameIdentifier {
                agreement: Agreement::Incomparable
            }
        )]
    );
    assert!(!cluster.conflict, "two versions are not compared");
}

#[test]
fn the_custodian_stands_for_its_copies() {
    let json = |holder: &str| {
        format!(
            r#"{{"resourceType":"Flag","id":"{holder}","identifier":[{{"system":"urn:oid:2.999.1","value":"R1","assigner":{{"identifier":{{"system":"http://fhir.nl/fhir/NamingSystem/ura","value":"00700703"}}}}}}],"status":"active","subject":{{"reference":"Patient/x"}}}}"#
        )
    };
    let items = [received(GP, &json(GP)), received(LAB, &json(LAB))];
    assert_eq!(only(&items).map(|cluster| cluster.representative), Some(1));
}

#[test]
fn a_flood_of_copies_is_one_cluster() {
    let id = format!("{OID}|R1");
    let items: Vec<Received> = (0..5_000)
        .map(|index| observation(LAB, &format!("o{index}"), &id, r#","valueString":"a""#))
        .collect();
    let cluster = only(&items).unwrap_or_else(|| panic!("no cluster"));
    assert_eq!(cluster.members.len(), 5_000);
    assert!(!cluster.conflict);
}

#[test]
fn an_allergy_that_is_refuted_elsewhere_is_a_conflict() {
    let json = |status: &str| {
        format!(
            r#"{{"resourceType":"AllergyIntolerance","id":"{status}","identifier":[{{"system":"urn:oid:2.999.1","value":"A"}}],"verificationStatus":{{"coding":[{{"system":"v","code":"{status}"}}]}},"code":{{"coding":[{{"system":"s","code":"764146007"}}]}},"patient":{{"reference":"Patient/x"}}}}"#
        )
    };
    let items = [
        received(GP, &json("confirmed")),
        received(HOSPITAL, &json("refuted")),
    ];
    let found = find(&items, Policy::shipped(), &[], Maps::none());
    assert!(
        found.clusters.is_empty(),
        "one identifier does not join what contradicts itself"
    );
    let conflicts: Vec<_> = found
        .conflicts
        .iter()
        .map(|c| (c.a, c.b, c.about.join(" ")))
        .collect();
    assert_eq!(conflicts, [(0, 1, "verification".to_owned())]);
}

/// Holder, identifier, value and date, by place in their lists.
type Row = (usize, usize, usize, usize);

fn build(rows: &[Row]) -> Vec<Received> {
    rows.iter()
        .enumerate()
        .map(|(index, &(holder, identifier, value, date))| {
            let holder = ["00700700", "00700701", "00700702", "00700703"][holder];
            let identifier = ["", "urn:oid:2.999.1|A", "urn:oid:2.999.1|B", "|A"][identifier];
            let date = [
                "",
                r#","effectiveDateTime":"2024""#,
                r#","effectiveDateTime":"2024-02-01""#,
            ][date];
            observation(
                holder,
                &format!("o{index}"),
                identifier,
                &format!(r#"{date},"valueInteger":{value}"#),
            )
        })
        .collect()
}

fn shape(items: Vec<Received>) -> (Vec<String>, Vec<Cluster>) {
    let reconciled = Reconciled::new(items);
    let urls = reconciled
        .items()
        .iter()
        .map(|item| item.full_url.to_string())
        .collect();
    (urls, reconciled.clusters().to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arrival_and_repetition_do_not_matter_and_nothing_is_lost(
        rows in prop::collection::vec((0usize..4, 0usize..4, 0usize..3, 0usize..3), 0..24), seed in any::<prop::sample::Index>(), reverse in any::<bool>(),
    ) {
        let items = build(&rows);
        let first = shape(items.clone());
        prop_assert_eq!(first.0.len(), items.len(), "conservation");

        let mut shuffled = items.clone();
        if !shuffled.is_empty() {
            let middle = seed.index(shuffled.len());
            shuffled.rotate_left(middle);
        }
        if reverse {
            shuffled.reverse();
        }
        prop_assert_eq!(&shape(shuffled), &first, "order of arrival");

        let mut twice = items.clone();
        twice.extend(items.clone());
        prop_assert_eq!(&shape(twice), &first, "repetition");

        let again = Reconciled::new(items).items().to_vec();
        prop_assert_eq!(&shape(again), &first, "idempotence");

        for cluster in &first.1 {
            prop_assert!(cluster.members.len() > 1);
            prop_assert!(cluster.members.contains(&cluster.representative));
            prop_assert_eq!(cluster.relations.len(), cluster.members.len() - 1);
        }
    }
}
