//! What a view shows of what was reconciled, and what it leaves out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use samenhang_profiles::Received;

use super::{Choice, Section, View, Views};
use crate::Reconciled;
use crate::date::Interval;
use crate::order;

/// Why something is left out of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Its status.
    Status,
    /// It is older than the view shows; by so many days.
    Older(u32),
}

impl Why {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Why::Status => "status",
            Why::Older(_) => "older",
        }
    }
}

/// What is shown of one section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen<'v> {
    /// The section.
    pub section: &'v Section,
    /// Places of what is shown, in order: what stands for a cluster, and each side of a contradiction.
    pub shown: Vec<usize>,
    /// How many facts are left out, and why.
    pub hidden: BTreeMap<Why, usize>,
}

/// What is shown of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected<'v> {
    /// The sections of the view, in its order; also those with nothing in them.
    pub sections: Vec<Chosen<'v>>,
    /// The sections that are not in the view, with how many facts each has; in the order of reading, without empty ones.
    pub left_out: Vec<(&'v Section, usize)>,
}

impl Views {
    /// Selects from what was reconciled. `now` is the moment that ages count from; without it nothing is too old.
    #[must_use]
    pub fn select<'v>(&'v self, view: &View, known: &Reconciled, now: Option<Timestamp>) -> Selected<'v> {
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); self.sections.len()];
        for (index, item) in known.items().iter().enumerate() {
            if is_shown(known, index, item)
                && let Some(list) = self.place(item).and_then(|place| of.get_mut(place))
            {
                list.push(index);
            }
        }
        let sections = view.choices.iter().filter_map(|choice| {
            let section = self.sections.get(choice.section)?;
            let list = std::mem::take(of.get_mut(choice.section)?);
            Some(choose(section, choice, list, known, now))
        });
        let sections = sections.collect();
        let rest = self.sections.iter().zip(&of);
        Selected {
            sections,
            left_out: rest
                .filter(|(_, list)| !list.is_empty())
                .map(|(section, list)| (section, list.len()))
                .collect(),
        }
    }

    /// The section that a resource belongs to; none for what only supports others.
    #[must_use]
    pub fn section_of(&self, item: &Received) -> Option<&Section> {
        let is_shown = !order::is_supporting(item.resource.resource_type());
        self.sections.get(self.place(item).filter(|_| is_shown)?)
    }

    /// The place of the section that a resource belongs to.
    fn place(&self, item: &Received) -> Option<usize> {
        let kind = item.resource.resource_type();
        let by_type = |section: &Section| {
            section.categories.contains(&item.category) && section.types.iter().any(|name| name == kind)
        };
        let by_category =
            |section: &Section| section.types.is_empty() && section.categories.contains(&item.category);
        let mut sections = self.sections.iter();
        let found = sections.position(by_type);
        found.or_else(|| self.sections.iter().position(by_category))
    }
}

/// Whether a resource is shown itself: nothing stands for it, or what does contradicts it.
fn is_shown(known: &Reconciled, index: usize, item: &Received) -> bool {
    if order::is_supporting(item.resource.resource_type()) {
        return false;
    }
    let cluster = known.cluster_of(index);
    cluster.is_none_or(|cluster| cluster.conflict || cluster.representative == index)
}

fn choose<'v>(
    section: &'v Section,
    choice: &Choice,
    list: Vec<usize>,
    known: &Reconciled,
    now: Option<Timestamp>,
) -> Chosen<'v> {
    let mut chosen = Chosen {
        section,
        shown: Vec::with_capacity(list.len()),
        hidden: BTreeMap::new(),
    };
    for index in list {
        let item = known.items().get(index);
        let why = item
            .filter(|_| !known.is_contradicted(index))
            .and_then(|item| why_hidden(item, choice, now));
        match why {
            Some(why) => *chosen.hidden.entry(why).or_default() += 1,
            None => chosen.shown.push(index),
        }
    }
    if choice.is_oldest_first {
        chosen.shown.reverse();
    }
    chosen
}

fn why_hidden(item: &Received, choice: &Choice, now: Option<Timestamp>) -> Option<Why> {
    let keys = item.resource.keys();
    let statuses = [&keys.status, &keys.verification_status];
    let is_out = |status: &str| choice.statuses_out.iter().any(|out| out == status);
    if statuses.into_iter().flatten().any(|status| is_out(status)) {
        return Some(Why::Status);
    }
    let days = choice.within_days?;
    let oldest = now?
        .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
        .ok()?;
    let date = keys.date.as_deref().and_then(Interval::parse)?;
    (date.end < oldest).then_some(Why::Older(days))
}
