//! The ways in which real source systems differ from the specification, as a source can be told to show them.
//!
//! Facts from the vendors' published notes (generic functions notes, section 6.3). A quirk changes the served copy and the
//! search behaviour only; the stored resources stay as they were loaded.

use std::fmt;
use std::str::FromStr;

/// How a source deviates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Quirk {
    /// As specified; unknown search parameters are refused.
    #[default]
    Clean,
    /// Texts without codings, absolute patient references, a period instead of an onset date.
    Epic,
    /// Only the official BgZ queries, refused otherwise; ids are OID strings.
    Chipsoft,
    /// `_profile` search works; ids are composite and long.
    Nedap,
    /// Numeric ids, no business identifiers on resources.
    Nexus,
    /// Says R4 in its CapabilityStatement and serves STU3; `Patient/$match` only; no comma in `clinical-status`.
    Cgm,
    /// `Patient/$match` only; a wrong system in `clinicalStatus`; laboratory under the STU3 category system.
    Sanday,
    /// No `meta.profile`, no `POST _search` but for Patient, no CapabilityStatement for anyone.
    Bare,
    /// Paging that repeats and shifts: same total, other order at each page.
    Chaos,
    /// Speaks FHIR XML and no JSON.
    Xml,
}

/// Not a quirk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown quirk, expected one of clean, epic, chipsoft, nedap, nexus, cgm, sanday, bare, chaos, xml")]
pub struct UnknownQuirk;

impl Quirk {
    /// All quirks.
    pub const ALL: [Quirk; 10] = [
        Quirk::Clean,
        Quirk::Epic,
        Quirk::Chipsoft,
        Quirk::Nedap,
        Quirk::Nexus,
        Quirk::Cgm,
        Quirk::Sanday,
        Quirk::Bare,
        Quirk::Chaos,
        Quirk::Xml,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Quirk::Clean => "clean",
            Quirk::Epic => "epic",
            Quirk::Chipsoft => "chipsoft",
            Quirk::Nedap => "nedap",
            Quirk::Nexus => "nexus",
            Quirk::Cgm => "cgm",
            Quirk::Sanday => "sanday",
            Quirk::Bare => "bare",
            Quirk::Chaos => "chaos",
            Quirk::Xml => "xml",
        }
    }

    /// One line for the help text.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Quirk::Clean => "as specified; unknown search parameters are refused",
            Quirk::Epic => "code texts without codings, absolute patient references, onset as a period",
            Quirk::Chipsoft => "only the official BgZ queries, 403 for others; ids are OID strings",
            Quirk::Nedap => "composite ids; _profile search works",
            Quirk::Nexus => "numeric ids, no identifier on resources",
            Quirk::Cgm => "says 4.0.1 but serves STU3; Patient/$match only; one clinical-status at a time",
            Quirk::Sanday => {
                "Patient/$match only; wrong clinicalStatus system; laboratory under the STU3 category"
            }
            Quirk::Bare => "no meta.profile, no POST _search but for Patient, 403 on /metadata",
            Quirk::Chaos => "paging that repeats and shifts",
            Quirk::Xml => "FHIR XML, and no JSON",
        }
    }

    /// Whether a patient is found with `Patient/$match` only; a search for a Patient is then refused.
    #[must_use]
    pub fn matches_only(self) -> bool {
        matches!(self, Quirk::Cgm | Quirk::Sanday)
    }

    /// Whether unknown search parameters are ignored instead of refused.
    #[must_use]
    pub fn ignores_unknown_parameters(self) -> bool {
        matches!(self, Quirk::Epic | Quirk::Nexus | Quirk::Sanday | Quirk::Chaos)
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Quirk {
    type Err = UnknownQuirk;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Quirk::ALL
            .into_iter()
            .find(|quirk| quirk.name() == text)
            .ok_or(UnknownQuirk)
    }
}

#[cfg(test)]
mod tests {
    use super::Quirk;

    #[test]
    fn names_read_back() {
        for quirk in Quirk::ALL {
            assert_eq!(quirk.to_string().parse(), Ok(quirk));
        }
        assert!("Clean".parse::<Quirk>().is_err());
    }
}
