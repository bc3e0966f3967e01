//! What concerns a holder or the whole answer, and no single category.
//!
//! Fixed texts, without patient data.

use samenhang_profiles::Ura;

/// Something that concerns a holder or the whole answer, and no single category.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Notice {
    /// The consent service could not be reached or answered what could not be accepted: nobody was asked.
    ConsentUnavailable,
    /// A localiser beside the index failed: there may be holders that are not known.
    LocaliserFailed {
        /// Its name in the configuration.
        localiser: String,
    },
    /// The reference index did not answer; who was asked was found out for an earlier question, minutes ago.
    LocalisationKept,
    /// More holders were localised than may be asked at once: so many were not asked.
    HoldersNotAsked {
        /// How many.
        count: usize,
    },
    /// A holder sent data of another patient; all that came from it was dropped.
    AnotherPatient {
        /// The holder.
        holder: Ura,
    },
    /// A holder pointed at an address that is not its own; it was not followed.
    UnsafeLink {
        /// The holder.
        holder: Ura,
    },
    /// A holder's Patient was accepted, although something deviates.
    IdentityWarning {
        /// The holder.
        holder: Ura,
    },
    /// A holder's data waits until the asker has confirmed the identity.
    IdentityHold {
        /// The holder.
        holder: Ura,
    },
    /// A holder's data was kept out, because its Patient is probably another person.
    IdentityQuarantined {
        /// The holder.
        holder: Ura,
    },
    /// A holder has more than one record under this number.
    IdentityAmbiguous {
        /// The holder.
        holder: Ura,
    },
    /// A holder has not verified the number of its Patient.
    IdentityUnverified {
        /// The holder.
        holder: Ura,
    },
    /// A holder sent resources that are not demonstrably about this patient; they were kept out.
    ResourcesKeptOut {
        /// The holder.
        holder: Ura,
        /// How many.
        count: usize,
    },
}

impl Notice {
    /// Whether something may be missing because of it.
    #[must_use]
    pub fn leaves_incomplete(&self) -> bool {
        !matches!(self, Notice::IdentityWarning { .. })
    }

    /// The holder that it concerns.
    #[must_use]
    pub fn holder(&self) -> Option<&Ura> {
        match self {
            Notice::ConsentUnavailable
            | Notice::LocaliserFailed { .. }
            | Notice::LocalisationKept
            | Notice::HoldersNotAsked { .. } => None,
            Notice::AnotherPatient { holder }
            | Notice::UnsafeLink { holder }
            | Notice::IdentityWarning { holder }
            | Notice::IdentityHold { holder }
            | Notice::IdentityQuarantined { holder }
            | Notice::IdentityAmbiguous { holder }
            | Notice::IdentityUnverified { holder }
            | Notice::ResourcesKeptOut { holder, .. } => Some(holder),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Notice::ConsentUnavailable => "consent-unavailable",
            Notice::LocaliserFailed { .. } => "localiser-failed",
            Notice::LocalisationKept => "localisation-kept",
            Notice::HoldersNotAsked { .. } => "holders-not-asked",
            Notice::AnotherPatient { .. } => "another-patient",
            Notice::UnsafeLink { .. } => "unsafe-link",
            Notice::IdentityWarning { .. } => "identity-warning",
            Notice::IdentityHold { .. } => "identity-hold",
            Notice::IdentityQuarantined { .. } => "identity-quarantined",
            Notice::IdentityAmbiguous { .. } => "identity-ambiguous",
            Notice::IdentityUnverified { .. } => "identity-unverified",
            Notice::ResourcesKeptOut { .. } => "resources-kept-out",
        }
    }

    /// Plain English for a person.
    #[must_use]
    pub fn text_en(&self) -> &'static str {
        match self {
            Notice::ConsentUnavailable => "consent could not be checked, so holders were not asked",
            Notice::LocaliserFailed { .. } => "a localiser did not answer; other holders may have data",
            Notice::LocalisationKept => {
                "the reference index did not answer; who has data was found out at most 5 minutes ago"
            }
            Notice::HoldersNotAsked { .. } => "more holders are known than could be asked at once",
            Notice::AnotherPatient { .. } => {
                "this holder sent data of another patient; nothing of it is shown"
            }
            Notice::UnsafeLink { .. } => {
                "this holder pointed at an address that is not its own; it was not followed"
            }
            Notice::IdentityWarning { .. } => "the demographics at this holder deviate in part",
            Notice::IdentityHold { .. } => {
                "the demographics at this holder deviate; confirm the identity to see its data"
            }
            Notice::IdentityQuarantined { .. } => {
                "the identity at this holder deviates; its data is kept out"
            }
            Notice::IdentityAmbiguous { .. } => {
                "this holder has more than one record of the patient; its data is kept out"
            }
            Notice::IdentityUnverified { .. } => {
                "this holder has not verified the number of the patient; its data is kept out"
            }
            Notice::ResourcesKeptOut { .. } => "data that is not demonstrably about the patient was kept out",
        }
    }

    /// Plain Dutch for a person.
    #[must_use]
    pub fn text_nl(&self) -> &'static str {
        match self {
            Notice::ConsentUnavailable => {
                "toestemming kon niet worden getoetst, daarom zijn bronnen niet bevraagd"
            }
            Notice::LocaliserFailed { .. } => {
                "een lokalisatiedienst antwoordde niet; andere bronnen kunnen gegevens hebben"
            }
            Notice::LocalisationKept => {
                "de verwijsindex antwoordde niet; wie gegevens heeft is hooguit 5 minuten geleden opgezocht"
            }
            Notice::HoldersNotAsked { .. } => {
                "er zijn meer bronnen bekend dan in één keer bevraagd konden worden"
            }
            Notice::AnotherPatient { .. } => {
                "deze bron stuurde gegevens van een andere patiënt; er wordt niets van getoond"
            }
            Notice::UnsafeLink { .. } => {
                "deze bron verwees naar een adres dat niet van haar is; het is niet gevolgd"
            }
            Notice::IdentityWarning { .. } => "de persoonsgegevens bij deze bron wijken deels af",
            Notice::IdentityHold { .. } => {
                "de persoonsgegevens bij deze bron wijken af; bevestig de identiteit om de gegevens te zien"
            }
            Notice::IdentityQuarantined { .. } => {
                "de identiteit bij deze bron wijkt af; de gegevens worden niet getoond"
            }
            Notice::IdentityAmbiguous { .. } => {
                "deze bron heeft meer dan één dossier van de patiënt; de gegevens worden niet getoond"
            }
            Notice::IdentityUnverified { .. } => {
                "deze bron heeft het BSN van de patiënt niet geverifieerd; de gegevens worden niet getoond"
            }
            Notice::ResourcesKeptOut { .. } => {
                "gegevens die niet aantoonbaar over de patiënt gaan, zijn weggelaten"
            }
        }
    }
}
