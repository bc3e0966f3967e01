//! A statement about a patient, before it is written as FHIR. What is compared and what is written both come from it, so
//! that the label of a pair can never say something else than what stands in the resources.

mod amount;
mod when;

use std::collections::BTreeMap;

use crate::term::Code;

pub(crate) use amount::{Amount, Sameness, UnitForm};
pub(crate) use when::{Precision, When, Zone};

/// What a statement is about, one for each row of the policy table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Problem,
    Allergy,
    NoKnownAllergy,
    Alert,
    Laboratory,
    Vital,
    Situation,
    Procedure,
    Vaccination,
    DeviceUse,
    Agreement,
    AdministrationAgreement,
    MedicationUse,
    Encounter,
    Directive,
    Payer,
    Document,
    PlannedCare,
    ContactPerson,
    Organization,
    Practitioner,
    /// What only supports another: a specimen, a product, a declaration of origin, the patient.
    Support,
}

impl Kind {
    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Problem => "Problem",
            Kind::Allergy => "AllergyIntolerance",
            Kind::NoKnownAllergy => "No known allergy",
            Kind::Alert => "Alert",
            Kind::Laboratory => "LaboratoryTestResult",
            Kind::Vital => "Vital signs and measurements",
            Kind::Situation => "Living situation and use",
            Kind::Procedure => "Procedure",
            Kind::Vaccination => "Vaccination",
            Kind::DeviceUse => "MedicalDevice",
            Kind::Agreement => "MedicationAgreement",
            Kind::AdministrationAgreement => "AdministrationAgreement",
            Kind::MedicationUse => "MedicationUse",
            Kind::Encounter => "Encounter",
            Kind::Directive => "TreatmentDirective",
            Kind::Payer => "Payer",
            Kind::Document => "Document",
            Kind::PlannedCare => "PlannedCareActivity",
            Kind::ContactPerson => "ContactPerson",
            Kind::Organization => "Organization",
            Kind::Practitioner => "Practitioner",
            Kind::Support => "Supporting",
        }
    }

    /// Whether the policy table lets records of this kind be one fact without a number or declared origin (tier T3).
    pub(crate) fn by_fact(self) -> bool {
        matches!(
            self,
            Kind::Problem
                | Kind::Allergy
                | Kind::Alert
                | Kind::Laboratory
                | Kind::Vital
                | Kind::Situation
                | Kind::Procedure
                | Kind::Vaccination
                | Kind::DeviceUse
                | Kind::Encounter
                | Kind::Payer
        )
    }

    /// Whether it holds for a period, of which the policy table compares the overlap.
    pub(crate) fn is_period(self) -> bool {
        matches!(self, Kind::Situation | Kind::Alert | Kind::Payer)
    }

    /// Whether nl-core has a place for the mark that a record is a copy.
    pub(crate) fn is_marked(self) -> bool {
        matches!(
            self,
            Kind::Laboratory | Kind::Vital | Kind::AdministrationAgreement | Kind::MedicationUse
        )
    }

    /// Whether nothing can be one fact without a time.
    pub(crate) fn needs_time(self) -> bool {
        self.by_fact() && !matches!(self, Kind::Problem | Kind::Allergy | Kind::Alert)
    }
}

/// A business number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Number {
    pub(crate) system: String,
    pub(crate) value: String,
    /// Number of the organisation that gave it.
    pub(crate) assigner: Option<String>,
}

/// What a statement is about: codes of one meaning, or only a text.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Concept {
    /// A number for the meaning; two of the same number mean the same.
    pub(crate) meaning: &'static str,
    pub(crate) codes: Vec<Code>,
    pub(crate) text: Option<String>,
    /// Whether systems are written as OIDs.
    pub(crate) as_oid: bool,
}

/// A value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Said {
    Nothing,
    Quantity(Amount),
    Code(Code),
    /// No value, and why.
    Absent(Code),
}

/// A part of a measurement.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Part {
    pub(crate) what: Code,
    pub(crate) value: Said,
}

/// What tells statements of one concept apart, or does not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum Tag {
    Site,
    Side,
    Category,
    Verification,
    Activity,
    Status,
    Material,
    Specimen,
    Organism,
    Fasting,
    Method,
    Lot,
    DoseNumber,
    Serial,
    Treatment,
    Stop,
    Dose,
    Choice,
    NotToDo,
    Criticality,
    Severity,
    Party,
    Restricted,
    Modifier,
    Focus,
    Intent,
}

/// What a tag says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum Mark {
    Code(Code),
    Word(&'static str),
    Count(u64),
}

/// A statement.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Statement {
    pub(crate) kind: Kind,
    pub(crate) numbers: Vec<Number>,
    pub(crate) concept: Concept,
    pub(crate) when: Option<When>,
    /// The end of a period, where there is one.
    pub(crate) until: Option<When>,
    pub(crate) value: Said,
    pub(crate) parts: Vec<Part>,
    pub(crate) tags: BTreeMap<Tag, Mark>,
    /// When it was recorded, in seconds.
    pub(crate) recorded: Option<i64>,
    /// What differs between holders without saying something about the patient.
    pub(crate) remark: Option<String>,
    /// Whether it says of itself that it is a copy of what another source has.
    pub(crate) is_copy: bool,
}

impl Statement {
    /// What a tag says, as a word.
    pub(crate) fn word(&self, tag: Tag) -> Option<&'static str> {
        match self.tags.get(&tag) {
            Some(Mark::Word(word)) => Some(word),
            Some(Mark::Code(code)) => Some(code.code),
            _ => None,
        }
    }

    /// What a tag says, as a code.
    pub(crate) fn code(&self, tag: Tag) -> Option<Code> {
        match self.tags.get(&tag) {
            Some(Mark::Code(code)) => Some(*code),
            _ => None,
        }
    }

    /// What a tag says, as a number.
    pub(crate) fn count(&self, tag: Tag) -> Option<u64> {
        match self.tags.get(&tag) {
            Some(Mark::Count(count)) => Some(*count),
            _ => None,
        }
    }
}
