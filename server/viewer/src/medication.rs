//! The medication by treatment, in the buckets of Medicatieproces 9, each with its place in time.

use jiff::{SignedDuration, Timestamp};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::medication::{Block, Bucket, Kind, Phase, Treatment};
use samenhang_reconcile::view::Views;

use crate::chart::Axis;
use crate::item::{Item, Lines};
use crate::language::Language;
use crate::moment::day;

/// Treatments that a page shows.
const MOST: usize = 60;
/// Days before and after the moment of the overview that the axis shows at most.
const BEFORE: i64 = 730;
const AFTER: i64 = 183;

/// A time in which something is in force, on the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Where it begins.
    pub x: i64,
    /// How long it is.
    pub width: i64,
    /// Its place from the top, by the kind of block.
    pub y: i64,
    /// Its height.
    pub height: i64,
    /// The kind of block, as a code.
    pub kind: &'static str,
    /// Whether it is a moment and not a time.
    pub is_moment: bool,
}

/// A building block of a treatment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line.
    pub item: Item,
    /// The kind of block, in words.
    pub kind: String,
    /// In which time, in words.
    pub period: String,
    /// Where it stands, in words.
    pub phase: &'static str,
    /// Whether it is what counts of its treatment.
    pub on_line: bool,
}

/// A treatment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub title: String,
    /// Its blocks.
    pub rows: Vec<Row>,
    /// On the axis.
    pub bars: Vec<Bar>,
    /// What was found and is shown, not resolved.
    pub findings: Vec<&'static str>,
}

/// The treatments of one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The code of the bucket.
    pub code: &'static str,
    /// What a person calls it.
    pub title: &'static str,
    /// Its treatments on this page.
    pub lines: Vec<Line>,
    /// How many it has.
    pub count: usize,
}

/// The medication of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medication {
    /// The moment that it was computed for.
    pub at: Timestamp,
    /// The time axis.
    pub axis: Axis,
    /// Where the moment lies on it.
    pub now: i64,
    /// The buckets that have something.
    pub groups: Vec<Group>,
    /// Medication that is in no treatment.
    pub beside: Vec<Item>,
}

impl Medication {
    /// The medication of an answer; nothing without any.
    #[must_use]
    pub fn of(known: &Reconciled, lines: &Lines<'_>, language: Language) -> Option<Self> {
        let overview = known.medication()?;
        let axis = axis(&overview.treatments, overview.at);
        let mut room = MOST;
        let groups = Bucket::ALL.into_iter().filter_map(|bucket| {
            let all: Vec<&Treatment> = overview.bucket(bucket).collect();
            let shown = all.len().min(room);
            room -= shown;
            (!all.is_empty()).then(|| Group {
                code: bucket.code(),
                title: language.pick(bucket.nl(), bucket.en()),
                lines: all
                    .iter()
                    .take(shown)
                    .map(|treatment| line(treatment, lines, &axis, language))
                    .collect(),
                count: all.len(),
            })
        });
        let groups = groups.collect();
        let views = Views::shipped();
        let selected = views.select(views.whole(), known, None);
        let section = selected
            .sections
            .iter()
            .find(|chosen| chosen.section.name == "medication");
        let in_treatment = |index: &&usize| {
            let mut blocks = overview.treatments.iter().flat_map(|treatment| &treatment.blocks);
            blocks.any(|block| block.members.contains(index))
        };
        let beside: Vec<usize> = section
            .into_iter()
            .flat_map(|chosen| &chosen.shown)
            .filter(|index| !in_treatment(index))
            .take(MOST)
            .copied()
            .collect();
        Some(Medication {
            at: overview.at,
            now: axis.place(overview.at),
            axis,
            groups,
            beside: lines.lines(&beside),
        })
    }
}

/// From the first that starts to the last that ends, around the moment of the overview.
fn axis(treatments: &[Treatment], at: Timestamp) -> Axis {
    let days = |count: i64| SignedDuration::from_hours(24 * count);
    let blocks = || treatments.iter().flat_map(|treatment| &treatment.blocks);
    let earliest = at.checked_sub(days(BEFORE)).unwrap_or(at);
    let latest = at.checked_add(days(AFTER)).unwrap_or(at);
    let first = blocks().filter_map(|block| block.start).min().unwrap_or(at);
    let last = blocks().filter_map(|block| block.end).max().unwrap_or(at);
    // Room after now, so that it can be seen that something goes on.
    let month = at.checked_add(days(30)).unwrap_or(at);
    Axis::new(first.max(earliest).min(at), last.min(latest).max(month))
}

fn line(treatment: &Treatment, lines: &Lines<'_>, axis: &Axis, language: Language) -> Line {
    let rows: Vec<Row> = treatment
        .blocks
        .iter()
        .filter_map(|block| {
            Some(Row {
                item: lines.line(block.index)?,
                kind: language.texts().say(&format!("kind-{}", block.kind.code())),
                period: period(block, language),
                phase: language.pick(block.phase.nl(), block.phase.en()),
                on_line: block.on_line,
            })
        })
        .collect();
    let first = rows.iter().find(|row| row.on_line).or(rows.first());
    let mut findings: Vec<&'static str> = treatment
        .findings
        .iter()
        .map(|finding| language.pick(finding.kind.nl(), finding.kind.en()))
        .collect();
    findings.dedup();
    Line {
        title: first.map_or_else(String::new, |row| row.item.title.clone()),
        bars: treatment
            .blocks
            .iter()
            .filter_map(|block| bar(block, axis))
            .collect(),
        rows,
        findings,
    }
}

fn period(block: &Block, language: Language) -> String {
    let texts = language.texts();
    let from = block.start.map(|at| texts.with("medication-from", &day(at)));
    let until = block.end.map(|at| texts.with("medication-until", &day(at)));
    let moment = block
        .registered
        .filter(|_| from.is_none() && until.is_none())
        .map(day);
    let said: Vec<String> = [from, until, moment].into_iter().flatten().collect();
    if said.is_empty() {
        texts.say("medication-open")
    } else {
        said.join(" ")
    }
}

fn bar(block: &Block, axis: &Axis) -> Option<Bar> {
    let is_time = matches!(
        block.phase,
        Phase::InForce | Phase::Paused | Phase::Future | Phase::Ended
    );
    let (y, height) = match block.kind {
        Kind::MedicationAgreement => (2, 8),
        Kind::AdministrationAgreement | Kind::VariableDosingRegimen => (11, 5),
        Kind::MedicationUse => (17, 5),
        _ => (2, 20),
    };
    let start = block.start.or(block.registered);
    let end = block.end.unwrap_or(axis.to);
    if is_time {
        let x = axis.place(start.unwrap_or(axis.from));
        let is_out = end < axis.from || start.is_some_and(|start| start > axis.to);
        return (!is_out).then(|| Bar {
            x,
            width: (axis.place(end) - x).max(4),
            y,
            height,
            kind: block.kind.code(),
            is_moment: false,
        });
    }
    let at = start.filter(|at| *at >= axis.from && *at <= axis.to)?;
    Some(Bar {
        x: axis.place(at),
        width: 4,
        y,
        height,
        kind: block.kind.code(),
        is_moment: true,
    })
}
