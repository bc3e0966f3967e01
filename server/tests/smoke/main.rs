//! A short stable round of the fuzz targets of what askers send.

#[path = "../../../profiles/tests/smoke/mutate.rs"]
mod mutate;
mod seeds;
mod targets;

#[test]
fn damaged_searches_are_understood_in_one_way_or_refused() {
    mutate::rounds(targets::search::run, &seeds::search(), 10_000);
}
