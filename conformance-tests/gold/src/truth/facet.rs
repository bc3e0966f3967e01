//! How what two statements say compares, one part at a time.

use std::collections::BTreeMap;

use crate::statement::{Amount, Kind, Mark, Part, Precision, Said, Statement, Tag, When};
use crate::statement::{Concept, Sameness};
use crate::term::System;

/// How two compare, the closest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Verdict {
    Same,
    /// One says less.
    Open,
    /// The same by a map of codes.
    Translated,
    /// Enough for a person to look, never to join.
    Doubt,
    Apart,
}

/// What a part is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Name {
    Concept,
    Time,
    End,
    Value,
    Parts,
    Tag(Tag),
}

/// What a part says.
#[derive(Clone, PartialEq)]
pub(crate) enum Facet {
    Concept(Concept),
    Time(When),
    Said(Said),
    Parts(Vec<Part>),
    Mark(Mark),
}

/// The parts that a statement says something in.
pub(crate) fn facets(of: &Statement) -> BTreeMap<Name, Facet> {
    let mut facets = BTreeMap::new();
    facets.insert(Name::Concept, Facet::Concept(of.concept.clone()));
    let readable = |when: &Option<When>| when.filter(|when| when.span().is_some());
    if let Some(when) = readable(&of.when) {
        facets.insert(Name::Time, Facet::Time(when));
    }
    if let Some(until) = readable(&of.until) {
        facets.insert(Name::End, Facet::Time(until));
    }
    if of.value != Said::Nothing {
        facets.insert(Name::Value, Facet::Said(of.value.clone()));
    }
    if !of.parts.is_empty() {
        facets.insert(Name::Parts, Facet::Parts(of.parts.clone()));
    }
    facets.extend(
        of.tags
            .iter()
            .map(|(tag, mark)| (Name::Tag(*tag), Facet::Mark(*mark))),
    );
    facets
}

/// What a record and its copies say, each part as often as something else is said of it.
pub(crate) type Pool = BTreeMap<Name, Vec<Facet>>;

/// All that several statements of one record say.
pub(crate) fn pool<'s>(statements: impl Iterator<Item = &'s Statement>) -> Pool {
    let mut pool = Pool::new();
    for (name, facet) in statements.flat_map(facets) {
        let said = pool.entry(name).or_default();
        if !said.contains(&facet) {
            said.push(facet);
        }
    }
    pool
}

/// How two records of one kind compare: the worst of all parts.
pub(crate) fn compare_pools(kind: Kind, a: &Pool, b: &Pool) -> Verdict {
    let mut worst = Verdict::Same;
    if kind.needs_time() && (!a.contains_key(&Name::Time) || !b.contains_key(&Name::Time)) {
        worst = Verdict::Doubt;
    }
    // An insurance is known by its number, its payer and its period.
    let policy = Name::Tag(Tag::Serial);
    if kind == Kind::Payer && (!a.contains_key(&policy) || !b.contains_key(&policy)) {
        worst = Verdict::Doubt;
    }
    if kind.is_period() {
        worst = worst.max(periods(a, b));
    }
    let names: std::collections::BTreeSet<Name> = a.keys().chain(b.keys()).copied().collect();
    for name in names {
        if is_told(kind, name) || kind.is_period() && matches!(name, Name::Time | Name::End) {
            continue;
        }
        let verdict = match (a.get(&name), b.get(&name)) {
            (Some(a), Some(b)) => a
                .iter()
                .flat_map(|a| b.iter().map(move |b| facet(kind, name, a, b)))
                .max()
                .unwrap_or(Verdict::Same),
            _ if is_strict(name) => Verdict::Apart,
            _ => Verdict::Open,
        };
        // A later version of one result may have another value.
        let superseded = verdict == Verdict::Apart && matches!(name, Name::Value | Name::Parts);
        worst = worst.max(if superseded && is_version(kind, a, b) {
            Verdict::Open
        } else {
            verdict
        });
    }
    worst
}

/// Periods are compatible when they overlap; an end that is not said is open.
fn periods(a: &Pool, b: &Pool) -> Verdict {
    let spans = |pool: &Pool, name: Name| -> Vec<(i64, i64)> {
        let said = pool.get(&name).into_iter().flatten();
        said.filter_map(|facet| match facet {
            Facet::Time(when) => when.span(),
            _ => None,
        })
        .collect()
    };
    let begins_after = |one: &Pool, other: &Pool| {
        let end = spans(other, Name::End).into_iter().map(|span| span.1).min();
        let start = spans(one, Name::Time).into_iter().map(|span| span.0).max();
        matches!((start, end), (Some(start), Some(end)) if start > end)
    };
    if begins_after(a, b) || begins_after(b, a) {
        return Verdict::Apart;
    }
    if a.get(&Name::Time) == b.get(&Name::Time) {
        Verdict::Same
    } else {
        Verdict::Open
    }
}

/// What differs without keeping apart.
fn is_told(kind: Kind, name: Name) -> bool {
    match name {
        Name::Tag(Tag::Criticality | Tag::Severity) => true,
        Name::Tag(Tag::Activity) => kind == Kind::Problem,
        Name::Tag(Tag::Category) => kind == Kind::Vital,
        Name::Tag(Tag::Party) => kind == Kind::Laboratory,
        // A problem and a device are compared by their beginning.
        Name::End => kind != Kind::Encounter,
        _ => false,
    }
}

/// Saying nothing is saying something.
fn is_strict(name: Name) -> bool {
    use Tag::{Focus, Modifier, NotToDo, Restricted, Stop};
    matches!(
        name,
        Name::Value | Name::Parts | Name::Tag(Modifier | Restricted | Focus | Stop | NotToDo)
    )
}

/// Whether one is a later version of the result of the same specimen and test.
fn is_version(kind: Kind, a: &Pool, b: &Pool) -> bool {
    let said = |pool: &Pool, tag: Tag| pool.get(&Name::Tag(tag)).cloned();
    let stage = |pool: &Pool| match said(pool, Tag::Status)?.as_slice() {
        [Facet::Mark(Mark::Word("registered"))] => Some(0),
        [Facet::Mark(Mark::Word("preliminary"))] => Some(1),
        [Facet::Mark(Mark::Word("final"))] => Some(2),
        [Facet::Mark(Mark::Word("corrected" | "amended"))] => Some(3),
        _ => None,
    };
    let specimen = said(a, Tag::Specimen);
    kind == Kind::Laboratory
        && specimen.is_some()
        && specimen == said(b, Tag::Specimen)
        && matches!((stage(a), stage(b)), (Some(a), Some(b)) if a != b)
}

fn facet(kind: Kind, name: Name, a: &Facet, b: &Facet) -> Verdict {
    match (a, b) {
        (Facet::Concept(a), Facet::Concept(b)) => concept(a, b),
        (Facet::Time(a), Facet::Time(b)) => time(*a, *b),
        (Facet::Said(a), Facet::Said(b)) => said(a, b),
        (Facet::Parts(a), Facet::Parts(b)) => parts(a, b),
        (Facet::Mark(a), Facet::Mark(b)) => equal(match name {
            Name::Tag(tag) => class(kind, tag, *a) == class(kind, tag, *b),
            _ => a == b,
        }),
        _ => Verdict::Apart,
    }
}

fn equal(is_equal: bool) -> Verdict {
    if is_equal { Verdict::Same } else { Verdict::Apart }
}

fn concept(a: &Concept, b: &Concept) -> Verdict {
    if a.codes.is_empty() || b.codes.is_empty() {
        return if a.meaning == b.meaning {
            Verdict::Doubt
        } else {
            Verdict::Apart
        };
    }
    let mut common = None;
    let systems = |concept: &Concept| {
        concept
            .codes
            .iter()
            .map(|code| code.system)
            .collect::<Vec<System>>()
    };
    for system in systems(a) {
        let of = |concept: &Concept| -> Vec<&'static str> {
            let codes = concept.codes.iter().filter(|code| code.system == system);
            codes.map(|code| code.code).collect()
        };
        let (own, other) = (of(a), of(b));
        if !other.is_empty() {
            let agrees = own.iter().any(|code| other.contains(code));
            common = Some(common.unwrap_or(true) && agrees);
        }
    }
    match common {
        Some(true) => Verdict::Same,
        Some(false) => Verdict::Apart,
        None if a.meaning == b.meaning => Verdict::Translated,
        None => Verdict::Apart,
    }
}

fn time(a: When, b: When) -> Verdict {
    match (a.span(), b.span()) {
        (Some(x), Some(y)) if x == y && a.precision == b.precision => Verdict::Same,
        (Some(x), Some(y)) if x.0 <= y.1 && y.0 <= x.1 => Verdict::Open,
        (Some(x), Some(y)) => {
            let gap = if x.1 < y.0 { y.0 - x.1 } else { x.0 - y.1 };
            let day = 36 * 3600;
            let coarse = a.precision != Precision::Second || b.precision != Precision::Second;
            if gap <= day && coarse {
                Verdict::Doubt
            } else {
                Verdict::Apart
            }
        }
        _ => Verdict::Doubt,
    }
}

fn said(a: &Said, b: &Said) -> Verdict {
    match (a, b) {
        (Said::Quantity(a), Said::Quantity(b)) => amount(a, b),
        (a, b) => equal(a == b),
    }
}

fn amount(a: &Amount, b: &Amount) -> Verdict {
    match a.compare(b) {
        Sameness::Same => Verdict::Same,
        Sameness::Rounded => Verdict::Open,
        Sameness::Unsure => Verdict::Doubt,
        Sameness::Different => Verdict::Apart,
    }
}

/// Parts that both have must be the same; a part less is only less.
fn parts(a: &[Part], b: &[Part]) -> Verdict {
    let mut worst = if a.len() == b.len() {
        Verdict::Same
    } else {
        Verdict::Open
    };
    for part in a {
        let twin = b.iter().find(|other| other.what == part.what);
        worst = worst.max(twin.map_or(Verdict::Open, |twin| said(&part.value, &twin.value)));
    }
    worst
}

/// What means the same for telling records apart.
fn class(kind: Kind, tag: Tag, mark: Mark) -> Mark {
    let Mark::Word(word) = mark else { return mark };
    let of = match (kind, tag, word) {
        (_, Tag::Verification, "confirmed" | "provisional" | "differential" | "unconfirmed" | "presumed") => {
            "present"
        }
        (Kind::Allergy, Tag::Activity, "resolved") => "inactive",
        (
            Kind::Laboratory | Kind::Vital | Kind::Situation,
            Tag::Status,
            "registered" | "preliminary" | "final" | "amended" | "corrected",
        ) => "valid",
        (Kind::Procedure, Tag::Status, "completed" | "in-progress") => "done",
        (_, _, other) => other,
    };
    Mark::Word(of)
}
