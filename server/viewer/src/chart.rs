//! Places on a drawing: moments on a time axis and numbers on a scale. Numbers are read for drawing only; what is told is
//! the text that the source sent.

use jiff::{SignedDuration, Timestamp};

/// Width of a drawing, in its own units.
pub const WIDTH: i64 = 1000;

/// A time axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// Its first moment.
    pub from: Timestamp,
    /// Its last moment.
    pub to: Timestamp,
}

impl Axis {
    /// From one moment to another; a day long at least, so that a single moment has a place.
    #[must_use]
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        let day = SignedDuration::from_hours(24);
        let least = from.saturating_add(day).unwrap_or(from);
        Axis {
            from,
            to: to.max(least),
        }
    }

    /// Where a moment lies; what is before or after the axis lies at its end.
    #[must_use]
    pub fn place(&self, at: Timestamp) -> i64 {
        let whole = self.to.as_second() - self.from.as_second();
        let part = at.as_second().clamp(self.from.as_second(), self.to.as_second()) - self.from.as_second();
        part * WIDTH / whole.max(1)
    }
}

/// A scale of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    height: f64,
}

impl Scale {
    /// A scale on which every number has a place, with room at both ends.
    #[must_use]
    pub fn new(numbers: impl IntoIterator<Item = f64>, height: u16) -> Option<Self> {
        let mut ends: Option<(f64, f64)> = None;
        for number in numbers.into_iter().filter(|number| number.is_finite()) {
            let (low, high) = ends.unwrap_or((number, number));
            ends = Some((low.min(number), high.max(number)));
        }
        let (low, high) = ends?;
        let room = ((high - low) * 0.1).max(high.abs() * 0.02).max(1e-9);
        Some(Scale {
            low: low - room,
            high: high + room,
            height: f64::from(height),
        })
    }

    /// Where a number lies from the top, to a tenth.
    #[must_use]
    pub fn place(&self, number: f64) -> String {
        let part = (self.high - number.clamp(self.low, self.high)) / (self.high - self.low);
        format!("{:.1}", part * self.height)
    }
}

/// A number as a source wrote it, for drawing.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{Axis, Scale, WIDTH, number};

    #[test]
    fn everything_lies_on_the_drawing() {
        let at = |text: &str| text.parse().unwrap();
        let axis = Axis::new(at("2026-01-01T00:00:00Z"), at("2026-01-11T00:00:00Z"));
        assert_eq!(axis.place(at("2026-01-06T00:00:00Z")), WIDTH / 2);
        assert_eq!(axis.place(at("2020-01-01T00:00:00Z")), 0);
        assert_eq!(axis.place(at("2030-01-01T00:00:00Z")), WIDTH);
        let single = Axis::new(at("2026-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"));
        assert_eq!(single.place(single.from), 0);
    }

    #[test]
    fn a_scale_holds_its_numbers_whatever_they_are() {
        let scale = Scale::new([1.0, 3.0], 100).unwrap();
        assert_eq!(scale.place(2.0), "50.0");
        let flat = Scale::new([5.0, 5.0], 100).unwrap();
        assert_eq!(flat.place(5.0), "50.0");
        assert!(Scale::new([0.0], 100).is_some());
        assert!(Scale::new([f64::NAN], 100).is_none() && Scale::new([], 100).is_none());
        assert_eq!(number("61.0"), Some(61.0));
        assert_eq!(number("inf"), None);
    }
}
