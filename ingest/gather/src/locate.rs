//! Who knows the patient: the referral index, and further localisers beside it (promise P1: no broadcast).
//!
//! [`Located`] can only be made here, and only from what localisers named. The referral index failing is an error,
//! never an empty answer; a further localiser failing is a warning that makes the answer visibly incomplete. Our own
//! organisation is not asked. This module knows no addresses and asks no holder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;
use jiff::Timestamp;
use samenhang_profiles::Ura;
use tokio::time::Instant;

use crate::error::GatherError;
use crate::ledger::{LedgerClosed, Recording};
use crate::query::Question;

mod kept;
mod local;
mod nvi;
mod open_question;

pub use kept::Kept;
pub use local::{CareTeam, CareTeamError, Partners};
pub use nvi::Nvi;
pub use open_question::MitzOpen;

/// By which way a holder was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The referral index (NVI).
    Nvi,
    /// Mitz, open question.
    MitzOpen,
    /// A care team that we know of.
    CareTeam,
    /// A configured partner.
    Partner,
}

impl Origin {
    /// Stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Origin::Nvi => "nvi",
            Origin::MitzOpen => "mitz-open",
            Origin::CareTeam => "care-team",
            Origin::Partner => "partner",
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// What one localiser found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The holders that it named.
    pub holders: BTreeSet<Ura>,
    /// Records that could not be read: the answer is incomplete.
    pub unreadable: usize,
    /// When it was found out, if that was for an earlier question.
    pub kept_since: Option<Timestamp>,
}

/// A way to find out who knows a patient.
#[async_trait]
pub trait Localiser: Send + Sync {
    /// Which way.
    fn origin(&self) -> Origin;

    /// The holders that know the patient of a question.
    ///
    /// # Errors
    /// [`GatherError`] when it could not be found out. "Nobody" is not an error, and an error is never "nobody".
    async fn localise(&self, question: &Question, deadline: Instant) -> Result<Found, GatherError>;
}

/// Tells the name of an organisation.
pub trait Names: Send + Sync {
    /// The name of an organisation, when it is known.
    fn name_of(&self, ura: &Ura) -> Option<Arc<str>>;
}

/// A holder that a localiser named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalisedHolder {
    ura: Ura,
    name: Arc<str>,
    origins: BTreeSet<Origin>,
}

impl LocalisedHolder {
    /// Its URA.
    #[must_use]
    pub fn ura(&self) -> &Ura {
        &self.ura
    }

    /// Its name; its URA when the directory does not know it.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// By which ways it was found.
    #[must_use]
    pub fn origins(&self) -> &BTreeSet<Origin> {
        &self.origins
    }
}

/// A localiser that did not, or not wholly, do its part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocaliserWarning {
    /// Which one.
    pub origin: Origin,
    /// Why; `None` when it answered, but with records that could not be read.
    pub error: Option<GatherError>,
}

/// The holders that may be asked: the result of localising, which nothing else can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    holders: Vec<LocalisedHolder>,
    warnings: Vec<LocaliserWarning>,
    kept_since: Option<Timestamp>,
}

impl Located {
    /// The holders in order of their URA, each once.
    #[must_use]
    pub fn holders(&self) -> &[LocalisedHolder] {
        &self.holders
    }

    /// When the referral index said so, if that was for an earlier question: it cannot be reached now.
    #[must_use]
    pub fn kept_since(&self) -> Option<Timestamp> {
        self.kept_since
    }

    /// What was not found out.
    #[must_use]
    pub fn warnings(&self) -> &[LocaliserWarning] {
        &self.warnings
    }
}

/// All localisers together.
pub struct Locate {
    index: Box<dyn Localiser>,
    further: Vec<Box<dyn Localiser>>,
    own: Ura,
    names: Arc<dyn Names>,
}

impl Locate {
    /// The referral index and further localisers, for the organisation that is never asked itself.
    #[must_use]
    pub fn new(
        index: Box<dyn Localiser>,
        further: Vec<Box<dyn Localiser>>,
        own: Ura,
        names: Arc<dyn Names>,
    ) -> Self {
        Locate {
            index,
            further,
            own,
            names,
        }
    }

    /// Asks every localiser at once; those that are told which patient it is, when the question is on record. The index
    /// gets a pseudonym that is used once, so it need not wait. Nothing is located before the question is on record.
    ///
    /// # Errors
    /// [`GatherError::NotLocalised`] when the referral index failed; [`GatherError::Ledger`] when the ledger is closed.
    pub async fn locate(
        &self,
        question: &Question,
        recording: Recording,
        deadline: Instant,
    ) -> Result<Located, GatherError> {
        let further = async {
            recording.durable().await?;
            let asked = self.further.iter();
            let asked = asked.map(|localiser| localiser.localise(question, deadline));
            Ok::<_, LedgerClosed>(join_all(asked).await)
        };
        let (index, further) = futures::join!(self.index.localise(question, deadline), further);
        let further = further?;
        let mut holders: BTreeMap<Ura, BTreeSet<Origin>> = BTreeMap::new();
        let mut warnings = Vec::new();
        let mut kept_since = None;
        let index = index.map_err(|error| match error {
            GatherError::Ledger(closed) => GatherError::Ledger(closed),
            error => GatherError::NotLocalised {
                origin: self.index.origin(),
                source: Box::new(error),
            },
        });
        let all = std::iter::once((self.index.origin(), Ok(index?))).chain(
            self.further
                .iter()
                .map(|localiser| localiser.origin())
                .zip(further),
        );
        for (origin, result) in all {
            match result {
                Ok(found) => {
                    for ura in found.holders {
                        holders.entry(ura).or_default().insert(origin);
                    }
                    kept_since = kept_since.or(found.kept_since);
                    if found.unreadable > 0 {
                        warnings.push(LocaliserWarning { origin, error: None });
                    }
                }
                Err(GatherError::Ledger(closed)) => return Err(closed.into()),
                Err(error) => warnings.push(LocaliserWarning {
                    origin,
                    error: Some(error),
                }),
            }
        }
        holders.remove(&self.own);
        let holders = holders
            .into_iter()
            .map(|(ura, origins)| LocalisedHolder {
                name: self.names.name_of(&ura).unwrap_or_else(|| ura.as_str().into()),
                ura,
                origins,
            })
            .collect();
        Ok(Located {
            holders,
            warnings,
            kept_since,
        })
    }
}

#[cfg(test)]
mod tests;
