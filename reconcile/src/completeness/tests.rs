//! Exactly one status per cell, and a statement that never looks better than it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use samenhang_terminology::{Category, Status};

use super::{Builder, Cell, Detail, Notice, Statement};
use crate::ReconcileError;
use crate::fixtures::ura;

const ASKED: [Category; 2] = [Category::Condition, Category::MedicationUse];

fn builder() -> Builder {
    let holders = [
        (ura("00700700"), Arc::from("Ziekenhuis Oost")),
        (ura("00700702"), Arc::from("Apotheek \"Centrum\"")),
    ];
    Builder::new(holders, ASKED.into())
}

fn statement() -> Statement {
    let mut builder = builder();
    let answered = Cell {
        status: Status::Answered,
        count: 3,
        retrieved: Some("2026-11-20T09:00:00.25Z".parse().unwrap_or_default()),
        detail: None,
    };
    let late = Cell {
        detail: Some(Detail {
            code: "deadline",
            en: "the deadline passed",
            nl: "de tijd was op",
        }),
        ..Cell::of(Status::TimedOut)
    };
    for (holder, category, cell) in [
        ("00700700", Category::Condition, answered),
        ("00700700", Category::MedicationUse, Cell::of(Status::Empty)),
        ("00700702", Category::Condition, Cell::of(Status::Unsupported)),
        ("00700702", Category::MedicationUse, late),
    ] {
        assert_eq!(builder.set(&ura(holder), category, cell), Ok(()));
    }
    builder.notice(Notice::IdentityWarning {
        holder: ura("00700700"),
    });
    builder.finish().unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn a_cell_is_set_once_or_it_is_an_error() {
    let mut builder = builder();
    let (own, other) = (ura("00700700"), ura("00700799"));
    let cell = || Cell::of(Status::Answered);
    assert_eq!(
        builder
            .set(&other, Category::Condition, cell())
            .map_err(|e| e.code()),
        Err("SAM-REC-001")
    );
    assert_eq!(
        builder.set(&own, Category::Alert, cell()).map_err(|e| e.code()),
        Err("SAM-REC-002")
    );
    assert_eq!(builder.set(&own, Category::Condition, cell()), Ok(()));
    assert_eq!(
        builder
            .set(&own, Category::Condition, cell())
            .map_err(|e| e.code()),
        Err("SAM-REC-003")
    );
    assert_eq!(builder.open().count(), 3);
    assert_eq!(
        builder.clone().finish().err(),
        Some(ReconcileError::Missing {
            holder: own,
            category: Category::MedicationUse
        })
    );
    let closed = builder.finish_with(Status::TimedOut);
    assert_eq!(closed.rows().count(), 4);
    assert!(!closed.is_complete());
}

#[test]
fn the_summary_counts_holders_of_which_nothing_is_missing() {
    let statement = statement();
    assert_eq!(statement.header(), "1/2; not-offered=1");
    assert_eq!(statement.summary().resources, 3);
    assert!(!statement.is_complete());

    let whole = |notice: Option<Notice>| {
        let mut builder = builder();
        notice.into_iter().for_each(|notice| builder.notice(notice));
        builder.finish_with(Status::Empty)
    };
    assert_eq!(whole(None).header(), "2/2");
    assert!(whole(None).is_complete());
    let held = whole(Some(Notice::IdentityHold {
        holder: ura("00700700"),
    }));
    assert_eq!((held.header().as_str(), held.is_complete()), ("1/2", false));
    let unknown = whole(Some(Notice::ConsentUnavailable));
    assert_eq!((unknown.header().as_str(), unknown.is_complete()), ("0/2", false));
}

#[test]
fn the_outcome_is_what_integrators_were_told() {
    let json: serde_json::Value =
        serde_json::from_slice(&statement().to_outcome()).unwrap_or_else(|e| panic!("{e}"));
    insta::assert_json_snapshot!(json);
}

#[test]
fn no_holder_at_all_is_said_too() {
    let empty = Builder::new([], ASKED.into())
        .finish()
        .unwrap_or_else(|e| panic!("{e}"));
    let json: serde_json::Value =
        serde_json::from_slice(&empty.to_outcome()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(json["issue"].as_array().map(Vec::len), Some(1));
    assert_eq!(empty.header(), "0/0");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_cell_is_there_once(holders in prop::collection::btree_set(1u32..99_999_999, 0..6),
                                asked in prop::collection::btree_set(0usize..21, 0..21),
                                sets in prop::collection::vec((0usize..6, 0usize..21, 0usize..9), 0..60)) {
        let asked: BTreeSet<Category> = asked.into_iter().map(|index| Category::ALL[index]).collect();
        let holders: Vec<_> = holders.into_iter().map(|n| ura(&n.to_string())).collect();
        let mut builder = Builder::new(holders.iter().map(|h| (h.clone(), Arc::from("x"))), asked.clone());
        for (holder, category, status) in sets {
            let Some(holder) = holders.get(holder) else { continue };
            let _ = builder.set(holder, Category::ALL[category], Cell::of(Status::ALL[status]));
        }
        let statement = builder.finish_with(Status::Failed);
        let cells: Vec<_> = statement.rows().map(|row| (row.holder.clone(), row.category)).collect();
        let expected: Vec<_> = holders
            .iter()
            .flat_map(|holder| asked.iter().map(move |category| (holder.clone(), *category)))
            .collect();
        prop_assert_eq!(cells, expected);
        let missing = statement.rows().any(|row| !row.cell.status.is_complete());
        prop_assert_eq!(statement.is_complete(), !missing);
    }
}
