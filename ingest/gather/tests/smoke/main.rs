//! A short stable round of the fuzz targets of what others send to gather.

#[path = "../../../../profiles/tests/smoke/mutate.rs"]
mod mutate;
mod seeds;
mod targets;

use mutate::rounds;

#[test]
fn damaged_statements_say_what_may_be_asked_or_nothing() {
    rounds(targets::capability::run, &seeds::capability(), 3_000);
}

#[test]
fn damaged_notifications_are_read_or_refused() {
    rounds(targets::notification::run, &seeds::notification(), 3_000);
}

#[test]
fn a_damaged_directory_is_read_or_refused() {
    rounds(targets::directory::run, &seeds::directory(), 3_000);
}
