//! Laboratory results: one drawing for each test and unit, as the sources sent them. No unit is converted and nothing is
//! judged: a flag is the source's flag, a range the source's range.

use std::collections::BTreeMap;

use jiff::Timestamp;
use samenhang_profiles::tree::Tree;
use samenhang_profiles::{Limits, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::date::Interval;
use samenhang_reconcile::view::Views;
use sha2::{Digest as _, Sha256};

use crate::chart::{Axis, Scale, number};
use crate::item::Lines;
use crate::language::Language;

/// Height of a drawing, in its own units.
pub const HEIGHT: u16 = 200;
/// Points of one drawing; of more the newest are drawn, which is said by its dates.
const MOST_POINTS: usize = 300;
/// Forms of points, each for a holder; more holders begin again.
const SHAPES: usize = 4;

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Its date for a reader.
    pub date: String,
    /// The value as sent.
    pub value: String,
    /// The flag as sent.
    pub flag: Option<String>,
    /// The reference range as sent.
    pub range: Option<String>,
    /// Name of the holder.
    pub holder: String,
    /// The page with its origin.
    pub page: Option<String>,
    /// Whether sources contradict each other about it.
    pub conflict: bool,
    /// Where it lies from the left.
    pub x: i64,
    /// Where it lies from the top.
    pub y: String,
    /// The range from the top: where it begins and how high it is.
    pub band: Option<(String, String)>,
    /// The form of the point: one of four.
    pub shape: usize,
}

/// The results of one test in one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// Its name in addresses.
    pub key: String,
    /// The test.
    pub test: String,
    /// The unit, as sent.
    pub unit: String,
    /// The newest first.
    pub points: Vec<Point>,
    /// How many results there are.
    pub count: usize,
}

/// The results of an answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    /// One for each test and unit with a number and a date, in the order of the newest result.
    pub trends: Vec<Trend>,
    /// Results without a number or a date: in text, in codes.
    pub others: usize,
}

/// What a source says of one result.
struct Said {
    place: usize,
    at: Timestamp,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    text: String,
    flag: Option<String>,
    range: Option<String>,
}

impl Point {
    /// The form of the point as a character, for the table.
    #[must_use]
    pub fn sign(&self) -> &'static str {
        match self.shape {
            0 => "●",
            1 => "■",
            2 => "◆",
            _ => "▲",
        }
    }
}

impl Results {
    /// The results of an answer, since a moment.
    #[must_use]
    pub fn of(known: &Reconciled, lines: &Lines<'_>, since: Option<Timestamp>, language: Language) -> Self {
        let views = Views::shipped();
        let selected = views.select(views.whole(), known, None);
        let section = selected
            .sections
            .iter()
            .find(|chosen| chosen.section.name == "results");
        let mut groups: BTreeMap<(String, String), (String, Vec<Said>)> = BTreeMap::new();
        let mut others = 0;
        for &place in section.into_iter().flat_map(|chosen| &chosen.shown) {
            let Some(received) = known.items().get(place) else {
                continue;
            };
            match said(received, place) {
                Some((test, name, unit, said)) => {
                    if since.is_none_or(|since| said.at >= since) {
                        let group = groups.entry((test, unit)).or_insert_with(|| (name, Vec::new()));
                        group.1.push(said);
                    }
                }
                None => others += 1,
            }
        }
        let mut trends: Vec<(Timestamp, Trend)> = groups
            .into_iter()
            .map(|((test, unit), (name, mut said))| {
                said.sort_by_key(|said| (std::cmp::Reverse(said.at), said.place));
                let newest = said.first().map(|said| said.at).unwrap_or_default();
                let trend = Trend {
                    key: key(&test, &unit),
                    count: said.len(),
                    points: points(known, lines, &said, language),
                    test: name,
                    unit,
                };
                (newest, trend)
            })
            .collect();
        // What has a course first, then the newest.
        trends
            .sort_by_key(|(newest, trend)| (trend.count < 2, std::cmp::Reverse(*newest), trend.key.clone()));
        Results {
            trends: trends.into_iter().map(|(_, trend)| trend).collect(),
            others,
        }
    }
}

/// The name of a test and a unit in addresses: letters.
fn key(test: &str, unit: &str) -> String {
    let mut hash = Sha256::new();
    for part in [test, unit] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let letters = digest.iter().take(8).flat_map(|byte| [byte >> 4, byte & 15]);
    letters.map(|four| char::from(b'a' + four)).collect()
}

/// The code of the test, its name, the unit and the rest; nothing for a result that cannot be drawn.
fn said(received: &Received, place: usize) -> Option<(String, String, String, Said)> {
    let keys = received.resource.keys();
    let at = Interval::parse(keys.date.as_deref()?)?.start;
    let tree = Tree::parse(received.resource.body(), &Limits::default()).ok()?;
    let quantity = tree.get("valueQuantity")?;
    let digits = quantity.get("value")?.as_number()?;
    let unit = quantity
        .text("unit")
        .or_else(|| quantity.text("code"))
        .unwrap_or_default();
    let coding = keys.codes.first();
    let code = coding.and_then(|coding| {
        Some(format!(
            "{}|{}",
            coding.system.as_deref()?,
            coding.code.as_deref()?
        ))
    });
    let name = tree
        .text("code.text")
        .or_else(|| tree.text("code.coding.0.display"))
        .or_else(|| tree.text("code.coding.0.code"))?;
    let comparator = quantity.text("comparator").unwrap_or_default();
    let range = tree.path("referenceRange.0");
    let end = |name: &str| {
        let found = range?.get(name)?;
        // A range in another unit has no place on this drawing; its text stands beside it.
        let own = found.text("unit").or_else(|| found.text("code"));
        let digits = found.get("value")?.as_number()?;
        Some((
            digits.to_owned(),
            own.is_none_or(|own| own == unit),
            own.unwrap_or_default().to_owned(),
        ))
    };
    let (low, high) = (end("low"), end("high"));
    let text = range.and_then(|range| range.text("text")).map(str::to_owned);
    let ends = match (&low, &high) {
        (Some((low, _, _)), Some((high, _, unit))) => Some(format!("{low} – {high} {unit}")),
        (Some((low, _, unit)), None) => Some(format!("≥ {low} {unit}")),
        (None, Some((high, _, unit))) => Some(format!("≤ {high} {unit}")),
        (None, None) => None,
    };
    let drawn = |end: &Option<(String, bool, String)>| {
        let (digits, is_same, _) = end.as_ref()?;
        number(digits).filter(|_| *is_same)
    };
    let flag = tree
        .get("interpretation")
        .map(|found| found.at(0).unwrap_or(found));
    let flag = flag.and_then(|flag| {
        let said = flag.text("text").or_else(|| flag.text("coding.0.display"));
        said.or_else(|| flag.text("coding.0.code"))
    });
    let said = Said {
        place,
        at,
        value: number(digits)?,
        low: drawn(&low),
        high: drawn(&high),
        text: format!("{comparator}{digits} {unit}").trim_end().to_owned(),
        flag: flag.map(str::to_owned),
        range: text.or(ends).map(|text| text.trim_end().to_owned()),
    };
    Some((
        code.unwrap_or_else(|| name.to_owned()),
        name.to_owned(),
        unit.to_owned(),
        said,
    ))
}

fn points(known: &Reconciled, lines: &Lines<'_>, said: &[Said], language: Language) -> Vec<Point> {
    let said = said.get(..MOST_POINTS).unwrap_or(said);
    let ends = said
        .iter()
        .flat_map(|said| [Some(said.value), said.low, said.high]);
    let (Some(newest), Some(oldest)) = (said.first(), said.last()) else {
        return Vec::new();
    };
    let axis = Axis::new(oldest.at, newest.at);
    let Some(scale) = Scale::new(ends.flatten(), HEIGHT) else {
        return Vec::new();
    };
    let mut holders: Vec<&str> = said
        .iter()
        .filter_map(|said| known.items().get(said.place))
        .map(|item| item.lineage.holder.as_str())
        .collect();
    holders.sort_unstable();
    holders.dedup();
    let point = |said: &Said| {
        let item = known.items().get(said.place)?;
        let holder = item.lineage.holder.as_str();
        let date = item.resource.keys().date.as_deref().unwrap_or_default();
        let band = said.low.or(said.high).map(|_| {
            let top = said
                .high
                .map_or_else(|| "0.0".to_owned(), |high| scale.place(high));
            let low = said.low.map_or(f64::from(HEIGHT), |low| {
                scale.place(low).parse().unwrap_or_default()
            });
            let height = low - top.parse::<f64>().unwrap_or_default();
            (top, format!("{:.1}", height.max(1.0)))
        });
        Some(Point {
            date: language.date(date),
            value: said.text.clone(),
            flag: said.flag.clone(),
            range: said.range.clone(),
            holder: item.lineage.holder_name.to_string(),
            page: lines.page(said.place),
            conflict: known.is_contradicted(said.place),
            x: axis.place(said.at),
            y: scale.place(said.value),
            band,
            shape: holders.iter().position(|of| *of == holder).unwrap_or_default() % SHAPES,
        })
    };
    said.iter().filter_map(point).collect()
}
