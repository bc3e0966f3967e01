//! What holds for any medication, also hostile: nothing is lost, nothing stands twice, the order of arrival is not
//! seen, and a moment later changes no grouping.

use std::collections::BTreeSet;

use proptest::prelude::*;
use samenhang_profiles::FhirVersion;

use super::build::Draft;
use crate::Reconciled;
use crate::fixtures::{at, received};
use crate::medication::{MedicationOverview, is_medication};
use samenhang_profiles::write::JsonWriter;

fn pick(options: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    (0..=options.len()).prop_map(|at| options.get(at).map(|text| (*text).to_owned()))
}

const DATES: &[&str] = &[
    "2026-01-01",
    "2026-01-01T00:00:00+01:00",
    "2026-05-20",
    "2026-05-31T23:59:59+02:00",
    "2026-06-10",
    "2026",
    "morgen",
    "9999-12-31",
    "-1",
];

const STOPS: &[&str] = &["410546004", "385655000", "89925002", "1"];

fn draft() -> impl Strategy<Value = Draft> {
    let kind = prop::sample::select(vec!["MA", "TA", "WDS", "MGB", "VV", "MVE", "MTD"]);
    (
        (
            kind,
            pick(&["A", "B", "generic:1", "generic:2"]),
            pick(&["1", "2"]),
        ),
        (
            pick(DATES),
            pick(DATES),
            pick(DATES),
            pick(&["1 wk", "2 kuur", "1e9 a"]),
        ),
        (
            pick(STOPS),
            prop::collection::vec(0..8_usize, 0..3),
            pick(&["1", "2"]),
        ),
        (
            pick(&["Patient", "PractitionerRole"]),
            pick(&["active", "entered-in-error", "not-taken", "stopped"]),
            pick(&["http://example.org/odd"]),
            pick(&["00700701", "00700702"]),
        ),
    )
        .prop_map(
            |((kind, mbh, prk), (registered, start, end, duration), (stop, names, dose), rest)| {
                let (author, status, modifier, holder) = rest;
                Draft {
                    kind: kind.to_owned(),
                    mbh,
                    prk,
                    registered,
                    start,
                    end,
                    duration,
                    stop,
                    names: names.into_iter().map(|at| format!("b{at}")).collect(),
                    dose,
                    author,
                    status,
                    modifier,
                    holder,
                    ..Draft::default()
                }
            },
        )
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    prop::collection::vec(draft(), 0..12).prop_map(|mut drafts| {
        for (at, draft) in drafts.iter_mut().enumerate() {
            draft.id = format!("r{at}");
            // Numbers are few, so that blocks share them and names hit.
            draft.number = Some(format!("b{}", at % 8));
        }
        drafts
    })
}

fn moment() -> jiff::Timestamp {
    super::AT.parse().unwrap_or_default()
}

fn json(reconciled: &Reconciled) -> String {
    let mut out = JsonWriter::new();
    MedicationOverview::new(reconciled, moment()).write_json(&mut out, reconciled);
    String::from_utf8_lossy(&out.finish()).into_owned()
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_stands_twice(drafts in drafts()) {
        let reconciled = Reconciled::new(drafts.iter().map(Draft::received).collect());
        let overview = MedicationOverview::new(&reconciled, moment());
        let all = overview.treatments.iter().flat_map(|treatment| &treatment.blocks);
        let mut seen = BTreeSet::new();
        for member in all.flat_map(|block| &block.members) {
            prop_assert!(seen.insert(*member), "stands twice");
        }
        let medication = reconciled.items().iter().filter(|item| is_medication(item)).count();
        prop_assert_eq!(seen.len(), medication);
        for treatment in &overview.treatments {
            prop_assert!(treatment.blocks.iter().any(|block| block.on_line), "every treatment has a line");
        }
    }

    #[test]
    fn the_order_of_arrival_is_not_seen(drafts in drafts(), seed in any::<u64>()) {
        let items: Vec<_> = drafts.iter().map(Draft::received).collect();
        let mut shuffled = items.clone();
        let mut state = seed | 1;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let other = usize::try_from(state >> 33).unwrap_or(0) % (at + 1);
            shuffled.swap(at, other);
        }
        prop_assert_eq!(json(&Reconciled::new(items)), json(&Reconciled::new(shuffled)));
    }

    #[test]
    fn treatments_do_not_change_with_the_moment(drafts in drafts(), days in -4_000_i64..4_000) {
        let reconciled = Reconciled::new(drafts.iter().map(Draft::received).collect());
        let later = moment().checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap_or_default();
        let groups = |at| {
            let overview = MedicationOverview::new(&reconciled, at);
            let mut groups: Vec<BTreeSet<usize>> = overview
                .treatments
                .iter()
                .map(|treatment| treatment.blocks.iter().map(|block| block.index).collect())
                .collect();
            groups.sort();
            groups
        };
        prop_assert_eq!(groups(moment()), groups(later));
    }
}

#[test]
fn what_is_hardly_a_resource_still_stands_somewhere() {
    let deep = format!(
        r#"{{"resourceType":"MedicationRequest","id":"deep","x":{}1{}}}"#,
        "[".repeat(60),
        "]".repeat(60)
    );
    let items = vec![
        received("00700700", r#"{"resourceType":"MedicationRequest","id":"bare"}"#),
        received(
            "00700700",
            r#"{"resourceType":"MedicationDispense","id":"odd","extension":{"url":1},"category":[[]],"identifier":"x"}"#,
        ),
        received(
            "00700700",
            r#"{"resourceType":"MedicationStatement","id":"null","effectivePeriod":null,"dosage":[null]}"#,
        ),
        received(
            "00700700",
            r#"{"resourceType":"MedicationAdministration","id":"self","partOf":[{"reference":"MedicationAdministration/self"}]}"#,
        ),
        received("00700700", &deep),
        at(
            "00700700",
            FhirVersion::Stu3,
            r#"{"resourceType":"MedicationDispense","id":"stu3","notDone":true}"#,
        ),
    ];
    let count = items.len();
    let reconciled = Reconciled::new(items);
    let overview = MedicationOverview::new(&reconciled, moment());
    assert_eq!(overview.treatments.len(), count);
}

#[test]
fn many_blocks_of_one_treatment_are_bounded() {
    let mut items = Vec::new();
    for at in 0..1_500 {
        for (name, stop) in [("a", None), ("s", Some("410546004".to_owned()))] {
            let draft = Draft {
                id: format!("{name}{at}"),
                kind: "MA".to_owned(),
                mbh: Some("A".to_owned()),
                registered: Some("2026-01-01T08:00:00+01:00".to_owned()),
                start: Some("2026-01-01".to_owned()),
                end: Some("2026-05-01".to_owned()),
                stop,
                ..Draft::default()
            };
            items.push(draft.received());
        }
    }
    let reconciled = Reconciled::new(items);
    let overview = MedicationOverview::new(&reconciled, moment());
    assert_eq!(overview.treatments.len(), 1);
    assert_eq!(
        overview
            .treatments
            .iter()
            .map(|treatment| treatment.blocks.len())
            .sum::<usize>(),
        3_000
    );
    let told = overview
        .treatments
        .iter()
        .flat_map(|treatment| &treatment.blocks)
        .map(|block| block.stops.len());
    assert!(told.max().is_some_and(|most| most <= 32));
}
