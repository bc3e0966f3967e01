//! Data categories ("zorgcontext"): what a question asks for and what an endpoint offers.
//!
//! Source: code system `nl-gf-data-categories-cs` of the generic functions (section 1.5). Its finer Observation
//! categories that BgZ does not name are answered together as [`Category::Other`], which is ours and means "all
//! else in the patient's record".

use std::str::FromStr;

/// Canonical of the generic functions' code system of data categories.
pub const SYSTEM: &str = "http://minvws.github.io/generiekefuncties-docs/CodeSystem/nl-gf-data-categories-cs";
/// Older canonical that is still found in the field; accepted on input, never sent.
pub const SYSTEM_OLD: &str = "http://minvws.nl/CodeSystem/nl-gf-data-categories-cs";

/// A data category. The order is clinical priority: what a clinician needs first is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Demographics, contact persons, care team and payer.
    Patient,
    /// Alerts.
    Alert,
    /// Allergies and intolerances.
    AllergyIntolerance,
    /// Treatment directives (FHIR `Consent` about treatment).
    Consent,
    /// Advance directives.
    AdvanceDirective,
    /// Problems and diagnoses.
    Condition,
    /// Medication agreements and dispense requests.
    MedicationRequest,
    /// Administration agreements, dispenses, administrations, use, and vaccinations.
    MedicationUse,
    /// Laboratory results.
    ObservationLaboratory,
    /// Blood pressure, weight, height and other vital signs.
    ObservationVitalSigns,
    /// Procedures.
    Procedure,
    /// Contacts.
    Encounter,
    /// Medical devices in use.
    Device,
    /// Living situation, tobacco, alcohol and drug use.
    ObservationSocialHistory,
    /// Functional or mental status, scales and questionnaires.
    ObservationSurvey,
    /// Nutrition advice.
    Nutrition,
    /// Episodes of care and care plans.
    Episode,
    /// Planned care: service requests, appointments, planned vaccinations and devices.
    Request,
    /// Diagnostic reports.
    DiagnosticReport,
    /// Imaging studies.
    Imaging,
    /// Everything else in the patient's record.
    Other,
}

/// A code that is not a data category.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a data category")]
pub struct UnknownCategory(pub String);

impl Category {
    /// Every category in order of clinical priority.
    pub const ALL: [Category; 21] = [
        Category::Patient,
        Category::Alert,
        Category::AllergyIntolerance,
        Category::Consent,
        Category::AdvanceDirective,
        Category::Condition,
        Category::MedicationRequest,
        Category::MedicationUse,
        Category::ObservationLaboratory,
        Category::ObservationVitalSigns,
        Category::Procedure,
        Category::Encounter,
        Category::Device,
        Category::ObservationSocialHistory,
        Category::ObservationSurvey,
        Category::Nutrition,
        Category::Episode,
        Category::Request,
        Category::DiagnosticReport,
        Category::Imaging,
        Category::Other,
    ];

    /// The code in [`SYSTEM`]; `Other` is our own.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Category::Patient => "Patient",
            Category::Alert => "Alert",
            Category::AllergyIntolerance => "AllergyIntolerance",
            Category::Consent => "Consent",
            Category::AdvanceDirective => "AdvanceDirective",
            Category::Condition => "Condition",
            Category::MedicationRequest => "MedicationRequest",
            Category::MedicationUse => "MedicationUse",
            Category::ObservationLaboratory => "ObservationLaboratory",
            Category::ObservationVitalSigns => "ObservationVitalSigns",
            Category::Procedure => "Procedure",
            Category::Encounter => "Encounter",
            Category::Device => "Device",
            Category::ObservationSocialHistory => "ObservationSocialHistory",
            Category::ObservationSurvey => "ObservationSurvey",
            Category::Nutrition => "Nutrition",
            Category::Episode => "Episode",
            Category::Request => "Request",
            Category::DiagnosticReport => "DiagnosticReport",
            Category::Imaging => "Imaging",
            Category::Other => "Other",
        }
    }

    /// The category that an endpoint's `payloadType` code stands for: the finer Observation categories fall
    /// under [`Category::Other`].
    #[must_use]
    pub fn from_payload_code(code: &str) -> Option<Category> {
        match code {
            "Genomics"
            | "ObservationActivity"
            | "ObservationExam"
            | "ObservationImaging"
            | "ObservationProcedure"
            | "ObservationTherapy"
            | "Specimen" => Some(Category::Other),
            "CareTeam" | "RelatedPerson" | "Coverage" => Some(Category::Patient),
            _ => code.parse().ok(),
        }
    }

    /// The Mitz data category (gegevenscategorie) under which consent for this category is asked.
    ///
    /// Inferred in section 3.1 of the generic functions notes: laboratory is `GGC012`, medication `GGC013`, all
    /// else `GGC002`.
    #[must_use]
    pub fn gegevenscategorie(self) -> &'static str {
        match self {
            Category::ObservationLaboratory | Category::DiagnosticReport => "GGC012",
            Category::MedicationRequest | Category::MedicationUse => "GGC013",
            _ => "GGC002",
        }
    }

    /// English name for a person.
    #[must_use]
    pub fn display_en(self) -> &'static str {
        match self {
            Category::Patient => "Patient, contacts and care team",
            Category::Alert => "Alerts",
            Category::AllergyIntolerance => "Allergies and intolerances",
            Category::Consent => "Treatment directives",
            Category::AdvanceDirective => "Advance directives",
            Category::Condition => "Problems",
            Category::MedicationRequest => "Medication agreements",
            Category::MedicationUse => "Medication use and vaccinations",
            Category::ObservationLaboratory => "Laboratory results",
            Category::ObservationVitalSigns => "Vital signs",
            Category::Procedure => "Procedures",
            Category::Encounter => "Contacts",
            Category::Device => "Medical devices",
            Category::ObservationSocialHistory => "Social history",
            Category::ObservationSurvey => "Functional and mental status",
            Category::Nutrition => "Nutrition advice",
            Category::Episode => "Episodes and care plans",
            Category::Request => "Planned care",
            Category::DiagnosticReport => "Diagnostic reports",
            Category::Imaging => "Imaging",
            Category::Other => "Other",
        }
    }

    /// Dutch name for a person.
    #[must_use]
    pub fn display_nl(self) -> &'static str {
        match self {
            Category::Patient => "Patiënt, contactpersonen en zorgteam",
            Category::Alert => "Waarschuwingen",
            Category::AllergyIntolerance => "Allergieën en intoleranties",
            Category::Consent => "Behandelaanwijzingen",
            Category::AdvanceDirective => "Wilsverklaringen",
            Category::Condition => "Problemen",
            Category::MedicationRequest => "Medicatieafspraken",
            Category::MedicationUse => "Medicatiegebruik en vaccinaties",
            Category::ObservationLaboratory => "Laboratoriumuitslagen",
            Category::ObservationVitalSigns => "Vitale functies",
            Category::Procedure => "Verrichtingen",
            Category::Encounter => "Contacten",
            Category::Device => "Medische hulpmiddelen",
            Category::ObservationSocialHistory => "Sociale anamnese",
            Category::ObservationSurvey => "Functionele en mentale status",
            Category::Nutrition => "Voedingsadviezen",
            Category::Episode => "Episodes en zorgplannen",
            Category::Request => "Geplande zorg",
            Category::DiagnosticReport => "Verslagen",
            Category::Imaging => "Beeldvorming",
            Category::Other => "Overig",
        }
    }
}

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Category::ALL
            .into_iter()
            .find(|category| category.code() == code)
            .ok_or_else(|| UnknownCategory(code.chars().take(64).collect()))
    }
}

impl serde::Serialize for Category {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for Category {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Category;

    #[test]
    fn every_category_is_listed_once_and_parses_back() {
        for category in Category::ALL {
            assert_eq!(category.code().parse(), Ok(category));
        }
        let mut sorted = Category::ALL.to_vec();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted, Category::ALL, "ALL is in priority order, without repeats");
    }

    #[test]
    fn finer_observation_categories_fall_under_other() {
        assert_eq!(
            Category::from_payload_code("ObservationExam"),
            Some(Category::Other)
        );
        assert_eq!(
            Category::from_payload_code("ObservationLaboratory"),
            Some(Category::ObservationLaboratory)
        );
        assert_eq!(Category::from_payload_code("Unheard"), None);
    }

    #[test]
    fn consent_is_asked_under_the_narrowest_mitz_category() {
        assert_eq!(Category::MedicationUse.gegevenscategorie(), "GGC013");
        assert_eq!(Category::ObservationLaboratory.gegevenscategorie(), "GGC012");
        assert_eq!(Category::Condition.gegevenscategorie(), "GGC002");
    }
}
