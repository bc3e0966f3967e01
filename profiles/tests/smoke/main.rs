//! A short stable round of the fuzz targets: seeds, damaged in ways that are the same at every run.

#![expect(clippy::unwrap_used, reason = "a seed that cannot be made ends the test")]

mod mutate;
mod seeds;
mod targets;

use mutate::{Mutator, rounds};

#[test]
fn damaged_json_never_breaks_a_promise() {
    rounds(targets::json_reader::run, &seeds::json(), 4_000);
}

#[test]
fn damaged_xml_never_breaks_a_promise() {
    rounds(targets::xml_reader::run, &seeds::xml(), 2_000);
}

#[test]
fn damaged_documents_hang_together() {
    rounds(
        targets::document::run,
        &[seeds::json(), seeds::xml()].concat(),
        1_500,
    );
}

#[test]
fn damaged_narratives_are_judged() {
    rounds(targets::narrative::run, &seeds::narrative(), 3_000);
}

#[test]
fn damaged_expressions_end_within_their_budget() {
    rounds(targets::fhirpath::run, &seeds::fhirpath(), 3_000);
}

#[test]
fn damaged_resources_are_judged() {
    rounds(
        targets::validate::run,
        &[seeds::json(), seeds::xml()].concat(),
        800,
    );
}

#[test]
fn damaged_definitions_have_a_snapshot_or_none() {
    rounds(targets::definition::run, &seeds::definition(), 1_500);
}

#[test]
fn damaged_packages_are_read_within_limits_or_refused() {
    rounds(targets::package::run, &seeds::package(), 1_500);
}

#[test]
fn a_damaged_page_is_cut_where_it_is_whole() {
    rounds(targets::page::run, &seeds::json(), 4_000);
}

#[test]
fn damaged_terminology_is_read_or_refused() {
    rounds(targets::terminology::run, &seeds::terminology(), 3_000);
}

#[test]
fn damaged_releases_are_read_or_refused() {
    rounds(targets::release::run, &seeds::release(), 3_000);
}

#[test]
fn damaged_units_are_units_or_none() {
    rounds(targets::units::run, &seeds::units(), 3_000);
}

#[test]
fn the_damage_is_the_same_at_every_run() {
    let seeds = seeds::json();
    let (mut one, mut other) = (Mutator::new(&seeds), Mutator::new(&seeds));
    let rounds = || 0..100;
    let one: Vec<_> = rounds().map(|_| one.next()).collect();
    let other: Vec<_> = rounds().map(|_| other.next()).collect();
    assert_eq!(one, other);
    assert!(one.windows(2).any(|pair| pair[0] != pair[1]));
}
