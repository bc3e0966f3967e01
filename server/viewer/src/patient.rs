//! Who the patient is, and what must be known first: alerts and directives. As the sources say it.

use std::collections::BTreeSet;

use samenhang_profiles::tree::Tree;
use samenhang_profiles::{Bsn, Limits, Received};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::view::Views;

use crate::item::{Item, Lines};
use crate::language::Language;
use crate::masking::number;

/// Sections that stand beside the name of the patient, whatever else is shown.
const FIRST: [&str; 3] = ["alerts", "treatment-directives", "advance-directives"];
/// Lines of them that are shown; the rest stands in its section.
const MOST: usize = 10;
/// Statuses with which something need not be known first; it stands in its section, and is counted here.
const NOT_FIRST: [&str; 3] = ["inactive", "entered-in-error", "rejected"];

/// What must be known first, with every source that says something about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// What it is.
    pub title: String,
    /// What each source says of it.
    pub said: Vec<Item>,
    /// Whether they contradict each other.
    pub conflict: bool,
}

/// Who the patient is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patient {
    /// The name.
    pub name: Option<String>,
    /// The date of birth, for a reader.
    pub born: Option<String>,
    /// The administrative sex, for a reader.
    pub sex: Option<String>,
    /// That and when the patient died; empty when the source only says that.
    pub deceased: Option<String>,
    /// The number, masked.
    pub number: String,
    /// Where the whole number is shown; none without a session.
    pub reveal: Option<String>,
    /// Whether sources differ about date of birth, sex or death.
    pub differs: bool,
    /// The page with the sources of it.
    pub page: Option<String>,
    /// Alerts and directives.
    pub first: Vec<First>,
    /// How many more of them there are.
    pub more: usize,
    /// The page with all of them.
    pub all: Option<String>,
}

/// What one source says of the patient.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    born: Option<String>,
    gender: Option<String>,
    deceased: Option<String>,
}

impl Patient {
    /// The patient of an answer, or of what came in of it so far.
    #[must_use]
    pub fn of(known: &Reconciled, lines: &Lines<'_>, of: &Bsn, language: Language) -> Self {
        let views = Views::shipped();
        let texts = language.texts();
        let of_type = |(_, item): &(usize, &Received)| item.resource.resource_type() == "Patient";
        let patients: Vec<(usize, &Received)> = known.items().iter().enumerate().filter(of_type).collect();
        let said: BTreeSet<Said> = patients.iter().map(|(_, item)| said(item)).collect();
        // What stands for the others, as everywhere.
        let stands = patients.iter().find(|(index, _)| {
            known
                .cluster_of(*index)
                .is_none_or(|cluster| cluster.representative == *index)
        });
        let own = stands.map(|(_, item)| self::said(item));
        let selected = views.select(views.whole(), known, None);
        let mut shown: Vec<usize> = Vec::new();
        for name in FIRST {
            let chosen = selected
                .sections
                .iter()
                .find(|chosen| chosen.section.name == name);
            shown.extend(chosen.into_iter().flat_map(|chosen| &chosen.shown));
        }
        let all = shown.len();
        shown.retain(|&index| {
            let status = known
                .items()
                .get(index)
                .and_then(|item| item.resource.keys().status.as_deref());
            known.is_contradicted(index) || !status.is_some_and(|status| NOT_FIRST.contains(&status))
        });
        shown.truncate(MOST);
        let more = all - shown.len();
        Patient {
            name: stands
                .and_then(|(index, _)| lines.line(*index))
                .map(|item| item.title),
            born: own
                .as_ref()
                .and_then(|said| said.born.as_deref())
                .map(|born| language.date(born)),
            sex: own
                .as_ref()
                .and_then(|said| said.gender.as_deref())
                .map(|code| match code {
                    "male" => texts.say("sex-male"),
                    "female" => texts.say("sex-female"),
                    "other" => texts.say("sex-other"),
                    "unknown" => texts.say("sex-unknown"),
                    said => said.to_owned(),
                }),
            deceased: said
                .iter()
                .find_map(|said| said.deceased.as_deref())
                .map(|died| language.date(died)),
            number: number(of),
            reveal: lines.reveal(),
            differs: differ(patients.iter().map(|(_, item)| *item)),
            page: stands.and_then(|(index, _)| lines.page(*index)),
            first: first(lines.lines(&shown)),
            more,
            all: lines.sections(),
        }
    }
}

/// Items of one name together: a directive that one source permits and another denies is one thing to know.
fn first(items: Vec<Item>) -> Vec<First> {
    let mut all: Vec<First> = Vec::new();
    for item in items {
        match all.iter_mut().find(|first| first.title == item.title) {
            Some(first) => {
                first.conflict |= item.mark.conflict;
                first.said.push(item);
            }
            None => all.push(First {
                title: item.title.clone(),
                conflict: item.mark.conflict,
                said: vec![item],
            }),
        }
    }
    all
}

/// Whether sources differ about date of birth, sex or death of the patient.
pub(crate) fn differ<'a>(patients: impl Iterator<Item = &'a Received>) -> bool {
    let said: Vec<Said> = patients.map(said).collect();
    let differs = |of: fn(&Said) -> &Option<String>| {
        let values: BTreeSet<&String> = said.iter().filter_map(|said| of(said).as_ref()).collect();
        values.len() > 1
    };
    differs(|said| &said.born) || differs(|said| &said.gender) || differs(|said| &said.deceased)
}

fn said(item: &Received) -> Said {
    let Ok(tree) = Tree::parse(item.resource.body(), &Limits::default()) else {
        return Said {
            born: None,
            gender: None,
            deceased: None,
        };
    };
    let text = |name: &str| tree.text(name).map(str::to_owned);
    let is_dead = tree.get("deceasedBoolean").and_then(Tree::as_bool) == Some(true);
    Said {
        born: text("birthDate"),
        gender: text("gender"),
        deceased: text("deceasedDateTime").or_else(|| is_dead.then(String::new)),
    }
}
