//! Moments for a reader in the Netherlands.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The time of the day.
#[must_use]
pub fn clock_time(at: Timestamp) -> String {
    in_zone(at).strftime("%H:%M").to_string()
}

/// The day and the time.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    in_zone(at).strftime("%d-%m-%Y %H:%M").to_string()
}

/// The day.
#[must_use]
pub fn day(at: Timestamp) -> String {
    in_zone(at).strftime("%d-%m-%Y").to_string()
}

fn in_zone(at: Timestamp) -> Zoned {
    let zone = TimeZone::get("Europe/Amsterdam").unwrap_or(TimeZone::UTC);
    at.to_zoned(zone)
}
