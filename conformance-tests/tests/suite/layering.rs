//! The arrows between crates (ARCHITECTURE.md, code map), checked over `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Which of our own crates a crate may depend on, directly or not.
const MAY_USE: [(&str, &[&str]); 12] = [
    ("samenhang-terminology", &[]),
    ("samenhang-profiles", &["terminology"]),
    ("samenhang-reconcile", &["profiles", "terminology"]),
    ("samenhang-conform", &["profiles", "terminology"]),
    ("samenhang-clock", &[]),
    (
        "samenhang-gather",
        &["clock", "conform", "profiles", "terminology"],
    ),
    (
        "samenhang-station",
        &["clock", "conform", "profiles", "terminology"],
    ),
    ("samenhang-viewer", &["reconcile", "profiles", "terminology"]),
    ("samenhang-testbed", &["profiles", "terminology"]),
    (
        "samenhang-server",
        &[
            "terminology",
            "profiles",
            "reconcile",
            "conform",
            "gather",
            "station",
            "viewer",
            "testbed",
        ],
    ),
    ("samenhang-conformance-tests", &["profiles", "terminology"]),
    (
        "samenhang-gold",
        &["conform", "profiles", "reconcile", "terminology"],
    ),
];

/// Crates that only the named ones of ours may depend on directly.
const ONLY_IN: [(&str, &[&str]); 8] = [
    ("axum", &["samenhang-server", "samenhang-testbed"]),
    (
        "reqwest",
        &[
            "samenhang-gather",
            "samenhang-server",
            "samenhang-testbed",
            "samenhang-conformance-tests",
        ],
    ),
    ("sqlx", &["samenhang-server", "samenhang-station"]),
    ("object_store", &["samenhang-station"]),
    (
        "tokio",
        &[
            "samenhang-gather",
            "samenhang-server",
            "samenhang-station",
            "samenhang-testbed",
        ],
    ),
    ("voprf", &["samenhang-gather", "samenhang-testbed"]),
    ("datafusion", &[]),
    ("askama", &["samenhang-viewer"]),
];

fn metadata() -> cargo_metadata::Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .expect("cargo metadata runs")
}

/// Normal (not dev, not build) dependencies of each workspace member.
fn direct() -> BTreeMap<String, BTreeSet<String>> {
    metadata()
        .packages
        .iter()
        .map(|package| {
            let uses = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .map(|dependency| dependency.name.clone())
                .collect();
            (package.name.to_string(), uses)
        })
        .collect()
}

#[test]
fn crates_depend_only_in_the_direction_of_the_design() {
    let direct = direct();
    let allowed: BTreeMap<_, _> = MAY_USE.into_iter().collect();
    assert_eq!(
        direct.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        allowed.keys().copied().collect::<BTreeSet<_>>(),
        "every crate of the workspace has its row in MAY_USE"
    );
    for (package, uses) in &direct {
        for used in uses.iter().filter_map(|name| name.strip_prefix("samenhang-")) {
            assert!(
                allowed[package.as_str()].contains(&used),
                "{package} may not depend on samenhang-{used}"
            );
        }
    }
}

#[test]
fn parts_with_reach_are_used_where_the_design_says() {
    for (package, uses) in direct() {
        for (part, users) in ONLY_IN {
            assert!(
                !uses.contains(part) || users.contains(&package.as_str()),
                "{package} may not depend on {part}: only {users:?}"
            );
        }
    }
}
