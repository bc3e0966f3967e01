//! Parameters of every type, of people and organisations, and those that say whose a resource is.

use super::Kind::{Date, Reference, Text, Token, Uri};
use super::{BOTH, R4, Row, row};

/// Types whose patient is in `subject`.
const BY_SUBJECT: &str = "CarePlan CareTeam ClinicalImpression Composition Condition DeviceRequest DeviceUseStatement \
     DiagnosticReport DocumentReference Encounter Flag Goal MedicationAdministration MedicationDispense MedicationRequest \
     MedicationStatement Observation Procedure ProcedureRequest QuestionnaireResponse ReferralRequest RequestGroup \
     RiskAssessment ServiceRequest Specimen Media List GuidanceResponse DocumentManifest Basic";
/// Types whose patient is in `patient`.
const BY_PATIENT: &str = "AllergyIntolerance Consent Device EpisodeOfCare FamilyMemberHistory ImagingStudy Immunization \
     ImmunizationRecommendation NutritionOrder RelatedPerson BodySite BodyStructure VisionPrescription DetectedIssue \
     SupplyDelivery ImmunizationEvaluation";

pub(super) const ROWS: &[Row] = &[
    row(BOTH, "*", "_id", Token, "id"),
    row(BOTH, "*", "_lastUpdated", Date, "meta.lastUpdated"),
    row(BOTH, "*", "_profile", Uri, "meta.profile"),
    row(BOTH, "*", "_security", Token, "meta.security"),
    row(BOTH, "*", "_tag", Token, "meta.tag"),
    row(BOTH, "*", "identifier", Token, "identifier"),
    // Patients and people.
    row(
        BOTH,
        "Patient Practitioner RelatedPerson",
        "family",
        Text,
        "name.family",
    ),
    row(
        BOTH,
        "Patient Practitioner RelatedPerson",
        "given",
        Text,
        "name.given",
    ),
    row(
        BOTH,
        "Patient Practitioner RelatedPerson",
        "name",
        Text,
        "name.family name.given name.text",
    ),
    row(
        BOTH,
        "Organization Location HealthcareService",
        "name",
        Text,
        "name",
    ),
    row(
        BOTH,
        "Patient Practitioner RelatedPerson Person",
        "birthdate",
        Date,
        "birthDate",
    ),
    row(
        BOTH,
        "Patient Practitioner RelatedPerson Person",
        "gender",
        Token,
        "gender",
    ),
    row(
        BOTH,
        "Patient Organization Practitioner PractitionerRole",
        "active",
        Token,
        "active",
    ),
    row(
        BOTH,
        "Patient",
        "general-practitioner",
        Reference,
        "generalPractitioner",
    ),
    row(BOTH, "Patient", "organization", Reference, "managingOrganization"),
    row(
        BOTH,
        "PractitionerRole",
        "practitioner",
        Reference,
        "practitioner",
    ),
    row(
        BOTH,
        "PractitionerRole",
        "organization",
        Reference,
        "organization",
    ),
    row(BOTH, "PractitionerRole", "location", Reference, "location"),
    row(BOTH, "PractitionerRole", "role", Token, "code"),
    row(BOTH, "PractitionerRole", "specialty", Token, "specialty"),
    row(BOTH, "Organization", "partof", Reference, "partOf"),
    row(BOTH, "Organization Location", "type", Token, "type"),
    row(
        BOTH,
        "Location",
        "organization",
        Reference,
        "managingOrganization",
    ),
    // Whose it is.
    row(BOTH, BY_SUBJECT, "patient", Reference, "subject"),
    row(BOTH, BY_SUBJECT, "subject", Reference, "subject"),
    row(BOTH, BY_PATIENT, "patient", Reference, "patient"),
    row(BOTH, "Appointment", "patient", Reference, "participant.actor"),
    row(BOTH, "Appointment", "actor", Reference, "participant.actor"),
    row(BOTH, "Coverage", "beneficiary", Reference, "beneficiary"),
    row(R4, "Coverage", "patient", Reference, "beneficiary"),
    row(BOTH, "Provenance", "patient", Reference, "target"),
    row(BOTH, "Task", "patient", Reference, "for"),
    row(
        BOTH,
        "Communication CommunicationRequest",
        "patient",
        Reference,
        "subject",
    ),
];
