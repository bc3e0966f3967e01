//! How two values of one slot compare. Same, open, near or apart; nothing in between is guessed.

use jiff::SignedDuration;

use super::concept::{Concept, Likeness};
use super::{Span, Value, quantity};

/// How far two times may be apart to be shown as a possible duplicate: a day of entering late or another civil day.
const NEAR: SignedDuration = SignedDuration::from_hours(36);

/// A civil day when the clock goes forward, and when it goes back; its last moment may be the one before midnight.
const SHORTEST_DAY: SignedDuration = SignedDuration::from_mins(23 * 60 - 1);
const LONGEST_DAY: SignedDuration = SignedDuration::from_hours(25);

/// How two values compare, the closest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Comparison {
    /// They say the same.
    Same,
    /// They say the same by a map of codes.
    Equivalent,
    /// They do not contradict each other: one says less, or nothing.
    Open,
    /// They look alike, which is enough for a person to look and never to join.
    Near,
    /// They say different things.
    Apart,
}

/// Compares what two records say.
pub(crate) fn compare(a: &Value, b: &Value) -> Comparison {
    match (a, b) {
        (Value::Missing, Value::Missing) => Comparison::Same,
        (Value::Missing, _) | (_, Value::Missing) => Comparison::Open,
        (Value::Exact(a), Value::Exact(b)) => same(a == b),
        (Value::Concepts(a), Value::Concepts(b)) => concepts(a, b),
        (Value::Time(a), Value::Time(b)) => times(*a, *b),
        (Value::Quantity(a), Value::Quantity(b)) => match a.compare(b) {
            quantity::Likeness::Same => Comparison::Same,
            quantity::Likeness::Rounded => Comparison::Open,
            quantity::Likeness::Unknown => Comparison::Near,
            quantity::Likeness::Different => Comparison::Apart,
        },
        (Value::Numbers(a), Value::Numbers(b)) => numbers(a, b),
        (Value::Parts(a), Value::Parts(b)) => parts(a, b),
        (Value::Members(a), Value::Members(b)) => members(a, b),
        _ => Comparison::Apart,
    }
}

/// Whether one value is the other as a round number.
pub(crate) fn is_rounded(a: &Value, b: &Value) -> bool {
    matches!((a, b), (Value::Quantity(a), Value::Quantity(b)) if a.is_rounded(b))
}

fn same(equal: bool) -> Comparison {
    if equal {
        Comparison::Same
    } else {
        Comparison::Apart
    }
}

fn concept(a: &Concept, b: &Concept) -> Comparison {
    match a.compare(b) {
        Likeness::Same => Comparison::Same,
        Likeness::Equivalent => Comparison::Equivalent,
        Likeness::Text => Comparison::Near,
        Likeness::Unknown => Comparison::Open,
        Likeness::Different => Comparison::Apart,
    }
}

/// Several concepts: each of the fewer has its like among the more.
fn concepts(a: &[Concept], b: &[Concept]) -> Comparison {
    if let ([a], [b]) = (a, b) {
        return concept(a, b);
    }
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut worst = if few.len() == many.len() {
        Comparison::Same
    } else {
        Comparison::Open
    };
    for one in few {
        let best = many.iter().map(|other| concept(one, other)).min();
        worst = worst.max(best.unwrap_or(Comparison::Open));
    }
    worst
}

/// Compares two times.
pub(crate) fn times(a: Span, b: Span) -> Comparison {
    if a == b {
        return Comparison::Same;
    }
    if a.overlaps(b) {
        return Comparison::Open;
    }
    let gap =
        |end: Option<jiff::Timestamp>, start: Option<jiff::Timestamp>| Some(start?.duration_since(end?));
    let near = [gap(a.end, b.start), gap(b.end, a.start)];
    if near
        .into_iter()
        .flatten()
        .any(|gap| gap.is_positive() && gap <= NEAR)
    {
        Comparison::Near
    } else {
        Comparison::Apart
    }
}

/// Whether two times are told to the day and are two days in a row. A day that is worked out in another time zone is the
/// day before or after.
pub(crate) fn are_next_days(a: &Value, b: &Value) -> bool {
    let (Value::Time(a), Value::Time(b)) = (a, b) else {
        return false;
    };
    let length = |span: &Span| Some(span.end?.duration_since(span.start?));
    let is_day = |span: &Span| length(span).is_some_and(|long| long >= SHORTEST_DAY && long <= LONGEST_DAY);
    let gap =
        |end: Option<jiff::Timestamp>, start: Option<jiff::Timestamp>| Some(start?.duration_since(end?));
    let mut gaps = [gap(a.end, b.start), gap(b.end, a.start)].into_iter().flatten();
    is_day(a) && is_day(b) && gaps.any(|gap| !gap.is_negative() && gap <= SignedDuration::from_secs(1))
}

/// Numbers of parties and things: one in common is enough, and two of one system tell apart.
fn numbers(a: &[(u32, u32)], b: &[(u32, u32)]) -> Comparison {
    if a.iter().any(|number| b.contains(number)) {
        return Comparison::Same;
    }
    if a.iter()
        .any(|(system, _)| b.iter().any(|(other, _)| system == other))
    {
        return Comparison::Apart;
    }
    Comparison::Open
}

/// The parts of a measurement: what both have must be the same.
fn parts(a: &[(Concept, Value)], b: &[(Concept, Value)]) -> Comparison {
    let mut worst = if a.len() == b.len() {
        Comparison::Same
    } else {
        Comparison::Open
    };
    for (what, value) in a {
        let twin = b
            .iter()
            .find(|(other, _)| concept(what, other) <= Comparison::Equivalent);
        worst = worst.max(twin.map_or(Comparison::Open, |(_, other)| compare(value, other)));
    }
    worst
}

/// The results of a panel: two panels are the same when their results are. One with more or other results only looks like
/// it.
fn members(a: &[(Concept, Value)], b: &[(Concept, Value)]) -> Comparison {
    let twin = |of: &Concept, among: &'_ [(Concept, Value)]| {
        among
            .iter()
            .position(|(other, _)| concept(of, other) <= Comparison::Equivalent)
    };
    let mut worst = Comparison::Same;
    for (what, value) in a {
        let other = twin(what, b).and_then(|at| b.get(at));
        worst = worst.max(other.map_or(Comparison::Near, |(_, other)| compare(value, other)));
    }
    let is_more = b.iter().any(|(what, _)| twin(what, a).is_none());
    worst.max(if is_more {
        Comparison::Near
    } else {
        Comparison::Same
    })
}
