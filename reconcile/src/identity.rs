//! Is the Patient of a holder the patient that was asked about? (reconciliation notes, section 5)
//!
//! A Patient joins on exact equality of the BSN only; demographics never join, they can only block. In doubt it
//! does not let in: promise P6, identity fails closed. It never looks anything up and never says why in words that
//! hold patient data.

mod demographics;
mod holders;
mod name;
#[cfg(test)]
mod tests;

use samenhang_profiles::tree::Tree;
use samenhang_profiles::{Bsn, RawResource};

pub use demographics::Demographics;
pub use holders::{Standing, compare_holders};

use crate::CHECKED;
use crate::date::Partial;
use crate::subject::is_bsn;
use demographics::Compared;

/// Who was asked about, as the asker knows the patient. What is `None` is not compared.
#[derive(Clone)]
pub struct Anchor {
    /// The number; the only thing that joins.
    pub bsn: Bsn,
    /// Date of birth, `YYYY-MM-DD` or less.
    pub birth_date: Option<String>,
    /// Family name: own, of the partner, or both.
    pub family_name: Option<String>,
    /// FHIR administrative gender.
    pub gender: Option<String>,
}

/// A Patient that may be the one.
#[derive(Clone)]
pub struct Match {
    /// Place in the list that was judged.
    pub index: usize,
    /// Logical id at the holder.
    pub id: Box<str>,
    /// What it says about the person, for [`compare_holders`].
    pub demographics: Demographics,
}

/// Why a Patient is accepted with a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    /// Same date of birth, another family name: marriage or spelling.
    FamilyName,
    /// Same date of birth, another sex.
    Gender,
    /// The holder recorded nothing that could be compared, or only a part.
    LittleToCompare,
}

/// Why a Patient is held or put in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deviation {
    /// Another date of birth.
    BirthDate,
    /// Another family name, and the date of birth does not settle it.
    FamilyName,
    /// Another family name and another sex.
    FamilyNameAndGender,
    /// Another date of birth and another family name.
    BirthDateAndFamilyName,
}

/// Why no Patient is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotLinked {
    /// The holder knows nobody with this number.
    NoPatient,
    /// A Patient came without a BSN, or with something that is none.
    NoBsn,
    /// The holder marks the BSN as not verified (`use` is `temp` or `old`).
    Unverified,
}

/// What becomes of a holder's data.
#[derive(Clone)]
pub enum Judgement {
    /// Let in.
    Accept(Match),
    /// Let in, with a visible warning.
    AcceptWithWarning(Match, Warning),
    /// Shown only after the asker has looked at it and confirmed.
    Hold(Match, Deviation),
    /// Nothing of this holder enters the answer; visible, audited, and told to the holder.
    Quarantine(Deviation),
    /// There is no Patient to link.
    NotLinked(NotLinked),
    /// More than one Patient with this number at one endpoint: not merged, no data from this holder.
    Ambiguous {
        /// How many.
        records: usize,
    },
    /// A Patient with another number: a possible leak, so a security event. No content is shown.
    Reject,
}

impl Judgement {
    /// The Patient whose data may be shown. A held one needs the asker's confirmation.
    #[must_use]
    pub fn accepted(&self, confirmed: bool) -> Option<&Match> {
        match self {
            Judgement::Accept(found) | Judgement::AcceptWithWarning(found, _) => Some(found),
            Judgement::Hold(found, _) if confirmed => Some(found),
            _ => None,
        }
    }
}

/// Judges what a holder's endpoint answered when it was asked for the anchor's BSN.
///
/// Source: check matrix of section 5, and row 7 of section 5.1 of the generic functions for two records.
#[must_use]
pub fn judge(anchor: &Anchor, patients: &[RawResource]) -> Judgement {
    let mut found: Vec<(usize, &RawResource)> = Vec::new();
    let mut unlinked = NotLinked::NoPatient;
    for (index, patient) in patients.iter().enumerate() {
        match number(anchor, patient) {
            Number::Another => return Judgement::Reject,
            Number::Equal => {
                // Pages that shift repeat a resource; the same bytes are one record.
                if !found.iter().any(|(_, other)| other.body() == patient.body()) {
                    found.push((index, patient));
                }
            }
            Number::None => unlinked = unlinked.max(NotLinked::NoBsn),
            Number::Unverified => unlinked = unlinked.max(NotLinked::Unverified),
        }
    }
    match found.as_slice() {
        [] => Judgement::NotLinked(unlinked),
        [(index, patient)] => match (patient.id(), Tree::parse(patient.body(), &CHECKED)) {
            (Some(id), Ok(tree)) => {
                let found = Match {
                    index: *index,
                    id: id.into(),
                    demographics: Demographics::read(&tree),
                };
                matrix(anchor, found)
            }
            // Without an id nothing can be its subject.
            _ => Judgement::NotLinked(NotLinked::NoPatient),
        },
        more => Judgement::Ambiguous { records: more.len() },
    }
}

enum Number {
    Equal,
    Another,
    None,
    Unverified,
}

/// The BSN of a Patient against that of the anchor. Every number that it carries counts.
fn number(anchor: &Anchor, patient: &RawResource) -> Number {
    if patient.resource_type() != "Patient" {
        return Number::None;
    }
    let mut result = Number::None;
    for identifier in &patient.keys().identifiers {
        if !identifier.system.as_deref().is_some_and(is_bsn) {
            continue;
        }
        match identifier.value.as_deref().map(Bsn::parse) {
            Some(Ok(bsn)) if bsn == anchor.bsn => result = Number::Equal,
            Some(Ok(_)) => return Number::Another,
            _ => {}
        }
    }
    if matches!(result, Number::Equal) && !verified(anchor, patient) {
        return Number::Unverified;
    }
    result
}

/// Whether the anchor's number is there at least once as a verified one.
fn verified(anchor: &Anchor, patient: &RawResource) -> bool {
    let Ok(tree) = Tree::parse(patient.body(), &CHECKED) else {
        return false;
    };
    tree.get("identifier").is_some_and(|identifiers| {
        identifiers.items().iter().any(|identifier| {
            identifier.text("system").is_some_and(is_bsn)
                && identifier
                    .text("value")
                    .and_then(|value| Bsn::parse(value).ok())
                    .is_some_and(|bsn| bsn == anchor.bsn)
                && !matches!(identifier.text("use"), Some("temp" | "old"))
        })
    })
}

fn matrix(anchor: &Anchor, found: Match) -> Judgement {
    let recorded = &found.demographics;
    let birth = birth(anchor.birth_date.as_deref(), recorded.birth_date());
    let family = match anchor.family_name.as_deref() {
        None => Compared::NotAsked,
        Some(asked) => recorded.compare_family(asked),
    };
    let gender = match anchor.gender.as_deref() {
        None => Compared::NotAsked,
        Some(asked) => recorded.compare_gender(asked),
    };
    use Compared::{Differs, Missing, NotAsked, Partly, Same};
    match (birth, family, gender) {
        (Differs, Differs, _) => Judgement::Quarantine(Deviation::BirthDateAndFamilyName),
        (Differs, _, _) => Judgement::Hold(found, Deviation::BirthDate),
        (_, Differs, Differs) => Judgement::Hold(found, Deviation::FamilyNameAndGender),
        (Same, Differs, _) => Judgement::AcceptWithWarning(found, Warning::FamilyName),
        (_, Differs, _) => Judgement::Hold(found, Deviation::FamilyName),
        (Same | Partly | NotAsked, _, Differs) => Judgement::AcceptWithWarning(found, Warning::Gender),
        (Missing, _, _) | (NotAsked, Missing, _) => {
            Judgement::AcceptWithWarning(found, Warning::LittleToCompare)
        }
        (Same | Partly | NotAsked, _, _) => Judgement::Accept(found),
    }
}

fn birth(asked: Option<&str>, recorded: Option<Partial>) -> Compared {
    let Some(asked) = asked else {
        return Compared::NotAsked;
    };
    match (Partial::parse(asked), recorded) {
        // The asker's own date cannot be read: it settles nothing.
        (None, _) => Compared::Missing,
        (_, None) => Compared::Missing,
        (Some(a), Some(b)) if a == b && a.is_full() => Compared::Same,
        (Some(a), Some(b)) if a.compatible(b) => Compared::Partly,
        _ => Compared::Differs,
    }
}
