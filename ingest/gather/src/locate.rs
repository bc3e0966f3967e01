//! Who knows the patient (promise P1). See below.

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
