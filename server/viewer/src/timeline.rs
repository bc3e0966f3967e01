//! Everything by date, the newest first, of a period, a holder and a section.

use jiff::{SignedDuration, Timestamp};
use samenhang_profiles::Received;
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::date::Interval;
use samenhang_reconcile::view::Views;

use crate::item::{Item, Lines, holders};
use crate::language::Language;

/// Lines on a page.
pub const ON_PAGE: usize = 100;

/// A period up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    /// The last day.
    Day,
    /// The last week.
    Week,
    /// The last three months.
    Quarter,
    /// The last year.
    Year,
    /// Everything, also what has no date.
    #[default]
    All,
}

impl Period {
    /// Every period, the shortest first.
    pub const ALL: [Period; 5] = [
        Period::Day,
        Period::Week,
        Period::Quarter,
        Period::Year,
        Period::All,
    ];

    /// Its code in addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Period::Day => "24h",
            Period::Week => "7d",
            Period::Quarter => "3m",
            Period::Year => "1y",
            Period::All => "all",
        }
    }

    /// The period of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Period> {
        Period::ALL.into_iter().find(|period| period.code() == code)
    }

    /// What a person calls it.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        language.texts().say(&format!("timeline-{}", self.code()))
    }

    /// When it began; nothing for everything.
    #[must_use]
    pub fn since(self, now: Timestamp) -> Option<Timestamp> {
        let hours = match self {
            Period::Day => 24,
            Period::Week => 7 * 24,
            Period::Quarter => 92 * 24,
            Period::Year => 366 * 24,
            Period::All => return None,
        };
        now.checked_sub(SignedDuration::from_hours(hours)).ok()
    }
}

/// What is to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of which period.
    pub period: Period,
    /// Of which holder, by its URA; of all when there is none.
    pub holder: Option<String>,
    /// Of which section, by its name; of all when there is none.
    pub section: Option<String>,
}

/// A line with the section that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The line.
    pub item: Item,
    /// What a person calls its section.
    pub section: String,
}

/// The timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// What is shown.
    pub filter: Filter,
    /// The lines.
    pub entries: Vec<Entry>,
    /// The place of the first of them.
    pub from: usize,
    /// How many lines there are.
    pub count: usize,
    /// How many records without a date are not among them.
    pub undated: usize,
    /// The holders to choose from: URA and name.
    pub holders: Vec<(String, String)>,
    /// The sections to choose from: name and what a person calls it.
    pub sections: Vec<(String, String)>,
}

impl Timeline {
    /// The timeline of an answer up to `now`, from a place.
    #[must_use]
    pub fn of(
        known: &Reconciled,
        lines: &Lines<'_>,
        filter: Filter,
        (now, from): (Timestamp, usize),
        language: Language,
    ) -> Self {
        let views = Views::shipped();
        let selected = views.select(views.whole(), known, None);
        let since = filter.period.since(now);
        let mut holders_known: Vec<(String, String)> = known.items().iter().map(holder).collect();
        holders_known.sort_unstable();
        holders_known.dedup();
        let mut undated = 0;
        let mut places: Vec<(Option<Interval>, usize, usize)> = Vec::new();
        for (section, chosen) in selected.sections.iter().enumerate() {
            if filter
                .section
                .as_ref()
                .is_some_and(|name| *name != chosen.section.name)
            {
                continue;
            }
            for &index in &chosen.shown {
                let Some(item) = known.items().get(index) else {
                    continue;
                };
                let is_of = |ura: &String| holders(known, index).iter().any(|of| of.as_str() == ura);
                if filter.holder.as_ref().is_some_and(|ura| !is_of(ura)) {
                    continue;
                }
                let date = item.resource.keys().date.as_deref().and_then(Interval::parse);
                match (since, date) {
                    (Some(_), None) => undated += 1,
                    (Some(since), Some(date)) if date.end < since || date.start > now => {}
                    _ => places.push((date, index, section)),
                }
            }
        }
        // The newest first, what has no date last, and else in the order of the answer.
        places.sort_by(|a, b| {
            b.0.map(|date| date.end)
                .cmp(&a.0.map(|date| date.end))
                .then(a.1.cmp(&b.1))
        });
        let from = from.min(places.len()) / ON_PAGE * ON_PAGE;
        let to = (from + ON_PAGE).min(places.len());
        let shown = places.get(from..to).unwrap_or_default();
        let entries = shown.iter().filter_map(|&(_, index, section)| {
            let section = selected.sections.get(section)?.section;
            Some(Entry {
                item: lines.line(index)?,
                section: language.of(&section.label).to_owned(),
            })
        });
        Timeline {
            entries: entries.collect(),
            from,
            count: places.len(),
            undated,
            holders: holders_known,
            sections: selected
                .sections
                .iter()
                .filter(|chosen| !chosen.shown.is_empty())
                .map(|chosen| {
                    (
                        chosen.section.name.clone(),
                        language.of(&chosen.section.label).to_owned(),
                    )
                })
                .collect(),
            filter,
        }
    }
}

fn holder(item: &Received) -> (String, String) {
    (
        item.lineage.holder.to_string(),
        item.lineage.holder_name.to_string(),
    )
}
