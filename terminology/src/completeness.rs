//! The vocabulary of the completeness statement (promise P3): what became of one holder x category.

/// Canonical of the code system that [`Status`] codes come from.
pub const SYSTEM: &str = "https://samenhang.example/fhir/CodeSystem/completeness-status";

/// What became of the question for one localised holder and one category.
///
/// A denied consent, a patient who is unknown to the holder and a holder without data all read
/// [`Status::Empty`]: which of the three it was is itself confidential (design, C21). That the consent service
/// could not be reached at all is said once for the whole answer and never per holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Everything the holder has for this category was received.
    Answered,
    /// There is nothing to show: none recorded, patient not known there, or not shared with the asker.
    Empty,
    /// The holder or its authorisation server refused this system or user.
    Refused,
    /// Localisation could not tell whether the holder has this category.
    NotLocalised,
    /// The holder offers no endpoint or interaction for this category.
    Unsupported,
    /// The deadline passed before the holder had answered in full.
    TimedOut,
    /// The holder answered with an error or with something that could not be accepted.
    Failed,
    /// What is shown was received earlier in this session; the holder did not answer now.
    Stale,
    /// The holder was not asked: its circuit breaker is open, or the fan-out limit was reached.
    Skipped,
}

impl Status {
    /// Every status, in the order of the design.
    pub const ALL: [Status; 9] = [
        Status::Answered,
        Status::Empty,
        Status::Refused,
        Status::NotLocalised,
        Status::Unsupported,
        Status::TimedOut,
        Status::Failed,
        Status::Stale,
        Status::Skipped,
    ];

    /// The stable code, as used in the code system.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Status::Answered => "answered",
            Status::Empty => "empty",
            Status::Refused => "refused",
            Status::NotLocalised => "not-localised",
            Status::Unsupported => "unsupported",
            Status::TimedOut => "timed-out",
            Status::Failed => "failed",
            Status::Stale => "stale",
            Status::Skipped => "skipped",
        }
    }

    /// Whether the asker has everything that this holder has to show for the category.
    #[must_use]
    pub fn is_complete(self) -> bool {
        matches!(self, Status::Answered | Status::Empty)
    }

    /// Whether the holder gave all that it offers. A category that it does not offer is no fault of this question,
    /// though what the holder may have of it stays unknown.
    #[must_use]
    pub fn is_all_that_is_offered(self) -> bool {
        self.is_complete() || self == Status::Unsupported
    }

    /// Plain English for a person.
    #[must_use]
    pub fn display_en(self) -> &'static str {
        match self {
            Status::Answered => "answered",
            Status::Empty => "no data available",
            Status::Refused => "refused by the holder",
            Status::NotLocalised => "not localised",
            Status::Unsupported => "not offered by the holder",
            Status::TimedOut => "no answer in time",
            Status::Failed => "failed",
            Status::Stale => "earlier answer shown",
            Status::Skipped => "not asked",
        }
    }

    /// Plain Dutch for a person.
    #[must_use]
    pub fn display_nl(self) -> &'static str {
        match self {
            Status::Answered => "beantwoord",
            Status::Empty => "geen gegevens beschikbaar",
            Status::Refused => "geweigerd door de bron",
            Status::NotLocalised => "niet gelokaliseerd",
            Status::Unsupported => "niet aangeboden door de bron",
            Status::TimedOut => "geen antwoord op tijd",
            Status::Failed => "mislukt",
            Status::Stale => "eerder antwoord getoond",
            Status::Skipped => "niet bevraagd",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize as _;
    use serde::de::IntoDeserializer as _;
    use serde::de::value::{Error, StrDeserializer};

    use super::Status;

    #[test]
    fn a_status_is_read_by_its_code() {
        for status in Status::ALL {
            let code: StrDeserializer<'_, Error> = status.code().into_deserializer();
            assert_eq!(Status::deserialize(code), Ok(status));
        }
    }

    #[test]
    fn only_answered_and_empty_count_as_complete() {
        let complete: Vec<_> = Status::ALL
            .into_iter()
            .filter(|s| s.is_complete())
            .map(Status::code)
            .collect();
        assert_eq!(complete, ["answered", "empty"]);
    }
}
