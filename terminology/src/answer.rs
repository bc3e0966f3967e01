//! What a question about a code is answered with. Three-valued throughout: what is not known is never a yes or a no.

use std::sync::Arc;

/// Whether a code is in a value set, or in a code system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub enum Membership {
    /// It is.
    Member,
    /// It is not, whatever content might be added.
    NotMember(NotMember),
    /// Nothing that was loaded settles it.
    Unknown(Unknown),
}

impl Membership {
    /// Whether the code is certainly in.
    #[must_use]
    pub fn is_member(self) -> bool {
        self == Membership::Member
    }

    /// Whether the answer is neither yes nor no.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        matches!(self, Membership::Unknown(_))
    }

    /// In either: a yes settles it, and two noes are a no.
    pub fn or(self, other: Membership) -> Membership {
        match (self, other) {
            (Membership::Member, _) | (_, Membership::Member) => Membership::Member,
            (Membership::Unknown(why), Membership::Unknown(also)) => Membership::Unknown(why.max(also)),
            (Membership::Unknown(why), _) | (_, Membership::Unknown(why)) => Membership::Unknown(why),
            (Membership::NotMember(why), Membership::NotMember(also)) => Membership::NotMember(why.max(also)),
        }
    }

    /// In both: a no settles it, and two yeses are a yes.
    pub fn and(self, other: Membership) -> Membership {
        match (self, other) {
            (Membership::NotMember(why), Membership::NotMember(also)) => Membership::NotMember(why.max(also)),
            (Membership::NotMember(why), _) | (_, Membership::NotMember(why)) => Membership::NotMember(why),
            (Membership::Unknown(why), Membership::Unknown(also)) => Membership::Unknown(why.max(also)),
            (Membership::Unknown(why), _) | (_, Membership::Unknown(why)) => Membership::Unknown(why),
            (Membership::Member, Membership::Member) => Membership::Member,
        }
    }

    /// In this one and not in `excluded`.
    pub fn except(self, excluded: Membership) -> Membership {
        self.and(match excluded {
            Membership::Member => Membership::NotMember(NotMember::Excluded),
            Membership::NotMember(_) => Membership::Member,
            Membership::Unknown(why) => Membership::Unknown(why),
        })
    }
}

/// Why a code is certainly not in. Ordered by how much it tells: where two reasons hold, the later one is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NotMember {
    /// The value set takes nothing from the system of the code.
    System,
    /// The system has the code, or may have it, but the value set does not take it.
    Code,
    /// The value set excludes it.
    Excluded,
    /// The code is inactive, and the value set takes active codes only.
    Inactive,
    /// The system, whose content is complete, has no such code.
    NoSuchCode,
    /// A code of this system cannot be written so: wrong form or wrong check digit.
    Syntax,
}

impl NotMember {
    /// A stable word for logs and JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            NotMember::System => "system-not-included",
            NotMember::Code => "code-not-included",
            NotMember::Excluded => "excluded",
            NotMember::Inactive => "inactive",
            NotMember::NoSuchCode => "no-such-code",
            NotMember::Syntax => "malformed-code",
        }
    }
}

/// Why it is not known. Ordered: where two reasons hold, the later one is given, and what the reader can mend comes
/// late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Unknown {
    /// No system was given, and the code alone does not tell which one is meant.
    SystemUnclear,
    /// The content of the value set is given by a filter that only its own service can judge.
    FilterUnsupported,
    /// Value sets take each other in a circle, or more deeply than is followed.
    TooDeep,
    /// The system is known in another version than the one that was asked for.
    VersionUnknown,
    /// No value set with this canonical was loaded.
    ValueSetUnknown,
    /// No code system with this uri was loaded, or only its name.
    SystemContentAbsent,
    /// What was loaded of the system is a part of it.
    SystemFragment,
    /// A filter follows a hierarchy or a property that was not loaded.
    HierarchyAbsent,
    /// The system is licensed, and no release of it was pointed at.
    ReleaseAbsent(Licensed),
    /// A terminology server can be asked; collect the question and ask once, afterwards.
    Deferred,
    /// A terminology server was asked and gave no answer.
    ServerSilent,
}

impl Unknown {
    /// A stable word for logs and JSON.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Unknown::SystemUnclear => "system-unclear",
            Unknown::FilterUnsupported => "filter-unsupported",
            Unknown::TooDeep => "value-sets-too-deep",
            Unknown::VersionUnknown => "version-unknown",
            Unknown::ValueSetUnknown => "value-set-unknown",
            Unknown::SystemContentAbsent => "system-content-absent",
            Unknown::SystemFragment => "system-fragment",
            Unknown::HierarchyAbsent => "hierarchy-absent",
            Unknown::ReleaseAbsent(_) => "licensed-release-absent",
            Unknown::Deferred => "deferred",
            Unknown::ServerSilent => "server-silent",
        }
    }
}

/// A system whose content may not be shipped: it comes from a release that the user holds a licence for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Licensed {
    /// SNOMED CT.
    Snomed,
    /// LOINC.
    Loinc,
    /// G-Standaard: GPK, HPK, PRK, ZI and its thesauri.
    GStandaard,
    /// Tables of the NHG.
    Nhg,
    /// ICPC-1-NL.
    Icpc,
    /// ICD-10 and ICF, in Dutch edition.
    Who,
    /// ATC.
    Atc,
    /// AGB and the other tables of Vektis.
    Vektis,
    /// Any other system with a licence: NANDA, NIC, NOC, Omaha, DSM.
    Other,
}

impl Licensed {
    /// The name that a reader knows it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Licensed::Snomed => "SNOMED CT",
            Licensed::Loinc => "LOINC",
            Licensed::GStandaard => "G-Standaard",
            Licensed::Nhg => "NHG",
            Licensed::Icpc => "ICPC-1-NL",
            Licensed::Who => "ICD-10-NL / ICF-NL",
            Licensed::Atc => "ATC",
            Licensed::Vektis => "Vektis",
            Licensed::Other => "licensed",
        }
    }
}

/// How two codes of one system stand to each other (FHIR R4 4.8.16, `$subsumes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub enum Subsumption {
    /// They are the same concept.
    Equivalent,
    /// The first is more general.
    Subsumes,
    /// The first is more specific.
    SubsumedBy,
    /// Neither.
    NotSubsumed,
    /// Not known.
    Unknown(Unknown),
}

/// Whether a display fits its code. Only ever a reason to warn.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub enum DisplayCheck {
    /// It is one of the names of the concept, but for case and spaces.
    Fits,
    /// It is none of them. Carries the preferred one, in the language asked for where there is one.
    Differs(Arc<str>),
    /// No names were loaded for the code.
    Unknown,
}

/// What a code becomes in another system.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Translation {
    /// What it becomes, in the order of the map. Each with its relationship: a caller that needs the same meaning
    /// takes [`Relationship::keeps_meaning`] only.
    Matches(Vec<Match>),
    /// The map knows the code's system and gives nothing for the code.
    Unmapped,
    /// No such map is loaded, or it defers to one that is not.
    Unknown,
}

/// One target of a translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// How the target stands to the source.
    pub relationship: Relationship,
    /// System of the target; absent where the map says that there is no target.
    pub system: Option<Arc<str>>,
    /// Version of that system that the map was made for.
    pub version: Option<Arc<str>>,
    /// Code of the target.
    pub code: Option<Arc<str>>,
    /// Its display, where the map has one.
    pub display: Option<Arc<str>>,
    /// What else has to hold in the source for this target to apply: the caller has to check it.
    pub depends_on: Vec<Attribute>,
    /// What else has to be written with the target.
    pub product: Vec<Attribute>,
    /// Whether it came from the map's rule for what is not mapped.
    pub by_default: bool,
}

/// A further value that a translation depends on or gives (`dependsOn`, `product`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The property.
    pub property: Arc<str>,
    /// System of the value.
    pub system: Option<Arc<str>>,
    /// The value.
    pub value: Arc<str>,
}

/// How a target stands to its source. Source: FHIR R4 and STU3, value set `concept-map-equivalence`; read as "the
/// target is ... than the source".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relationship {
    /// Related in some way.
    RelatedTo,
    /// The same meaning.
    Equivalent,
    /// The same, also by definition.
    Equal,
    /// The target is wider.
    Wider,
    /// The target's definition subsumes the source's.
    Subsumes,
    /// The target is narrower.
    Narrower,
    /// The target is a specialisation.
    Specializes,
    /// Overlap.
    Inexact,
    /// There is no target.
    Unmatched,
    /// Explicitly not related.
    Disjoint,
}

impl Relationship {
    /// The relationship with a FHIR code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "relatedto" => Relationship::RelatedTo,
            "equivalent" => Relationship::Equivalent,
            "equal" => Relationship::Equal,
            "wider" => Relationship::Wider,
            "subsumes" => Relationship::Subsumes,
            "narrower" => Relationship::Narrower,
            "specializes" => Relationship::Specializes,
            "inexact" => Relationship::Inexact,
            "unmatched" => Relationship::Unmatched,
            "disjoint" => Relationship::Disjoint,
            _ => return None,
        })
    }

    /// Its FHIR code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Relationship::RelatedTo => "relatedto",
            Relationship::Equivalent => "equivalent",
            Relationship::Equal => "equal",
            Relationship::Wider => "wider",
            Relationship::Subsumes => "subsumes",
            Relationship::Narrower => "narrower",
            Relationship::Specializes => "specializes",
            Relationship::Inexact => "inexact",
            Relationship::Unmatched => "unmatched",
            Relationship::Disjoint => "disjoint",
        }
    }

    /// Whether the target may stand for the source without loss or gain of meaning.
    #[must_use]
    pub fn keeps_meaning(self) -> bool {
        matches!(self, Relationship::Equivalent | Relationship::Equal)
    }

    /// The relationship read from target to source.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Relationship::Wider => Relationship::Narrower,
            Relationship::Narrower => Relationship::Wider,
            Relationship::Subsumes => Relationship::Specializes,
            Relationship::Specializes => Relationship::Subsumes,
            other => other,
        }
    }
}
