//! Keeps the completeness statement while a question runs (P3).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_gather::fanout::{Detail, Event, Notice};
use samenhang_profiles::{Received, Ura};
use samenhang_reconcile::completeness::{self, Builder, Cell, Loss, Statement};
use samenhang_reconcile::identity::Standing;
use samenhang_terminology::{Category, Status};

use crate::error::Language;

/// What became of one holder x category, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What became of it.
    pub status: Status,
    /// How many resources.
    pub count: usize,
    /// When the last of them was received.
    pub retrieved: Option<Timestamp>,
    /// Why.
    pub detail: Option<Detail>,
}

impl Told {
    /// Nothing to show, and nothing more is said.
    #[must_use]
    pub fn empty() -> Told {
        Told {
            status: Status::Empty,
            count: 0,
            retrieved: None,
            detail: None,
        }
    }

    /// The event that tells it.
    #[must_use]
    pub fn row(&self, holder: &Ura, category: Category) -> Event {
        Event::Category {
            holder: holder.clone(),
            category,
            status: self.status,
            count: self.count,
            retrieved: self.retrieved,
            detail: self.detail,
        }
    }
}

/// The statement as it grows.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    asked: BTreeSet<Category>,
    holders: BTreeMap<Ura, Arc<str>>,
    cells: BTreeMap<(Ura, Category), Told>,
    withheld: BTreeSet<(Ura, Category)>,
    losses: BTreeMap<(Ura, Category), Loss>,
    notices: Vec<Notice>,
    identity: BTreeSet<completeness::Notice>,
}

impl Tally {
    /// A statement about the categories that were asked for.
    #[must_use]
    pub fn new(asked: BTreeSet<Category>) -> Self {
        Tally {
            asked,
            ..Tally::default()
        }
    }

    /// A holder belongs to the question.
    pub fn holder(&mut self, ura: Ura, name: Arc<str>) {
        self.holders.insert(ura, name);
    }

    /// The name of a holder.
    #[must_use]
    pub fn name(&self, ura: &Ura) -> Arc<str> {
        self.holders
            .get(ura)
            .cloned()
            .unwrap_or_else(|| Arc::from(ura.as_str()))
    }

    /// The holders, by URA.
    pub fn holders(&self) -> impl Iterator<Item = (&Ura, &Arc<str>)> {
        self.holders.iter()
    }

    /// The categories that were asked for.
    #[must_use]
    pub fn asked(&self) -> &BTreeSet<Category> {
        &self.asked
    }

    /// What became of one holder x category, as far as it is known.
    #[must_use]
    pub fn cell(&self, ura: &Ura, category: Category) -> Option<&Told> {
        self.cells.get(&(ura.clone(), category))
    }

    /// What was said about the whole.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Whether consent for a holder x category ended before its data left.
    #[must_use]
    pub fn is_withheld(&self, place: &(Ura, Category)) -> bool {
        self.withheld.contains(place)
    }

    /// Consent ended before data left: from now on the cell reads as if there were none, as every denial does.
    pub fn withhold(&mut self, ura: &Ura, category: Category) {
        self.withheld.insert((ura.clone(), category));
        if let Some(cell) = self.cells.get_mut(&(ura.clone(), category)) {
            *cell = Told::empty();
        }
    }

    /// A holder x category is decided. Gives what is to be told, which is not more than what may be known.
    pub fn decide(&mut self, ura: &Ura, category: Category, told: Told) -> Told {
        let told = if self.withheld.contains(&(ura.clone(), category)) {
            Told::empty()
        } else {
            told
        };
        self.cells.entry((ura.clone(), category)).or_insert(told).clone()
    }

    /// Something about the whole.
    pub fn notice(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// Resources of a holder x category are shown: what was not carried over of them is told with the rest.
    pub fn shown(&mut self, ura: &Ura, category: Category, resources: &[Received]) {
        let loss = self.losses.entry((ura.clone(), category)).or_default();
        resources.iter().for_each(|received| loss.add(received));
    }

    /// A holder's patient is not certain to be the one, now that all holders are compared: its data does not count.
    pub fn set_aside(&mut self, ura: &Ura, standing: Standing) {
        let (notice, detail) = match standing {
            Standing::Agrees => return,
            Standing::Deviates => (
                completeness::Notice::IdentityQuarantined { holder: ura.clone() },
                Detail::IdentityDeviates,
            ),
            Standing::Undecided => (
                completeness::Notice::IdentityHold { holder: ura.clone() },
                Detail::IdentityHeld,
            ),
        };
        self.identity.insert(notice);
        for ((holder, _), told) in &mut self.cells {
            if holder == ura && told.count > 0 {
                *told = Told {
                    status: Status::Failed,
                    count: 0,
                    retrieved: None,
                    detail: Some(detail),
                };
            }
        }
    }

    /// Holders that sent data of another patient: nothing of theirs may be shown.
    #[must_use]
    pub fn mixed_up(&self) -> BTreeSet<Ura> {
        let of = |notice: &Notice| match notice {
            Notice::WrongPatient(ura) => Some(ura.clone()),
            _ => None,
        };
        self.notices.iter().filter_map(of).collect()
    }

    /// The statement. Whatever was not decided gets `rest`, so that nothing is ever left out.
    #[must_use]
    pub fn finish(&self, rest: Status) -> Statement {
        let holders = self
            .holders
            .iter()
            .map(|(ura, name)| (ura.clone(), Arc::clone(name)));
        let mut builder = Builder::new(holders, self.asked.clone());
        for ((ura, category), told) in &self.cells {
            let cell = Cell {
                status: told.status,
                count: told.count,
                retrieved: told.retrieved,
                detail: told.detail.map(|detail| completeness::Detail {
                    code: detail.code(),
                    en: detail.text_en(),
                    nl: detail.text_nl(),
                }),
            };
            if builder.set(ura, *category, cell).is_err() {
                tracing::error!(holder = %ura, category = category.code(), "a category was told that was not asked");
            }
        }
        for (place, loss) in &self.losses {
            // Where nothing is told, this is not told either.
            if self.cells.get(place).is_some_and(|cell| cell.count > 0) {
                builder.loss(&place.0, place.1, loss);
            }
        }
        self.notices
            .iter()
            .filter_map(notice)
            .for_each(|notice| builder.notice(notice));
        self.identity
            .iter()
            .cloned()
            .for_each(|notice| builder.notice(notice));
        builder.finish_with(rest)
    }
}

/// The notice of the fan-out as one of the statement; `None` where the answer itself ends.
fn notice(notice: &Notice) -> Option<completeness::Notice> {
    Some(match notice {
        Notice::ConsentUnavailable => completeness::Notice::ConsentUnavailable,
        Notice::LocaliserFailed(origin) => completeness::Notice::LocaliserFailed {
            localiser: origin.code().to_owned(),
        },
        Notice::LocalisationKept => completeness::Notice::LocalisationKept,
        Notice::FanoutLimit(count) => completeness::Notice::HoldersNotAsked { count: *count },
        Notice::WrongPatient(ura) => completeness::Notice::AnotherPatient { holder: ura.clone() },
        Notice::UnsafeLink(ura) => completeness::Notice::UnsafeLink { holder: ura.clone() },
        _ => return None,
    })
}

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its stable code.
    pub code: &'static str,
    /// In Dutch.
    pub nl: &'static str,
    /// In English.
    pub en: &'static str,
    /// The holder that it is about.
    pub holder: Option<Ura>,
}

impl Said {
    /// The text in a language.
    #[must_use]
    pub fn text(&self, language: Language) -> &'static str {
        match language {
            Language::Dutch => self.nl,
            Language::English => self.en,
        }
    }
}

/// Puts a notice into words.
#[must_use]
pub fn said(of: &Notice) -> Said {
    let by_detail = |detail: Detail, holder: Option<Ura>| Said {
        code: detail.code(),
        nl: detail.text_nl(),
        en: detail.text_en(),
        holder,
    };
    match (of, notice(of)) {
        (Notice::WrongPatient(ura), _) => by_detail(Detail::WrongPatient, Some(ura.clone())),
        (Notice::UnsafeLink(ura), _) => by_detail(Detail::UnsafeLink, Some(ura.clone())),
        (Notice::FanoutLimit(_), _) => by_detail(Detail::FanoutLimit, None),
        (Notice::AuditUnavailable, _) => by_detail(Detail::AuditUnavailable, None),
        (_, Some(notice)) => Said {
            code: notice.code(),
            nl: notice.text_nl(),
            en: notice.text_en(),
            holder: notice.holder().cloned(),
        },
        _ => by_detail(Detail::Internal, None),
    }
}

/// Everything that was said about the whole, in words: what the fan-out told, and what the comparison of the holders
/// with each other did at the end.
pub fn all_said(tally: &Tally) -> impl Iterator<Item = Said> + '_ {
    let compared = tally.identity.iter().map(|notice| Said {
        code: notice.code(),
        nl: notice.text_nl(),
        en: notice.text_en(),
        holder: notice.holder().cloned(),
    });
    tally.notices.iter().map(said).chain(compared)
}

#[cfg(test)]
mod tests;
