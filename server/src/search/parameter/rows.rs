//! The table itself.

use samenhang_profiles::FhirVersion;

use super::Kind::{Date, Reference, Token};
use super::{Kind, Parameter, Row};

const BOTH: Option<FhirVersion> = None;
const STU3: Option<FhirVersion> = Some(FhirVersion::Stu3);
const R4: Option<FhirVersion> = Some(FhirVersion::R4);

const fn row(
    version: Option<FhirVersion>,
    types: &'static str,
    name: &'static str,
    kind: Kind,
    paths: &'static str,
) -> Row {
    link(version, types, name, kind, paths, "")
}

/// A parameter that may be included, with the types that it brings along and that have a category of their own.
const fn link(
    version: Option<FhirVersion>,
    types: &'static str,
    name: &'static str,
    kind: Kind,
    paths: &'static str,
    targets: &'static str,
) -> Row {
    Row {
        version,
        types,
        parameter: Parameter {
            name,
            kind,
            paths,
            targets,
        },
    }
}

const ORDERS_STU3: &str = "ProcedureRequest ReferralRequest CarePlan DeviceRequest MedicationRequest";
const ORDERS_R4: &str = "ServiceRequest CarePlan DeviceRequest MedicationRequest";

pub(super) const ROWS: &[Row] = &[
    row(BOTH, "*", "_id", Token, "id"),
    // What it is.
    row(
        BOTH,
        "Condition Consent Procedure Observation ProcedureRequest ServiceRequest MedicationRequest \
         MedicationStatement MedicationDispense MedicationAdministration CarePlan CareTeam DiagnosticReport Goal Flag",
        "category",
        Token,
        "category",
    ),
    row(
        BOTH,
        "AllergyIntolerance Condition Procedure Observation ProcedureRequest ServiceRequest Flag DiagnosticReport",
        "code",
        Token,
        "code",
    ),
    row(BOTH, "Immunization", "vaccine-code", Token, "vaccineCode"),
    row(BOTH, "Encounter", "class", Token, "class"),
    row(
        BOTH,
        "Encounter EpisodeOfCare Coverage Device",
        "type",
        Token,
        "type",
    ),
    row(BOTH, "*", "identifier", Token, "identifier"),
    // How it stands.
    row(
        BOTH,
        "Appointment CarePlan CareTeam Consent Coverage DeviceRequest DeviceUseStatement DiagnosticReport \
         DocumentReference Encounter EpisodeOfCare Flag Immunization MedicationAdministration MedicationDispense \
         MedicationRequest MedicationStatement NutritionOrder Observation Procedure ProcedureRequest ServiceRequest \
         ReferralRequest Task",
        "status",
        Token,
        "status",
    ),
    row(
        BOTH,
        "AllergyIntolerance Condition",
        "clinical-status",
        Token,
        "clinicalStatus",
    ),
    row(
        BOTH,
        "AllergyIntolerance Condition",
        "verification-status",
        Token,
        "verificationStatus",
    ),
    row(
        BOTH,
        "MedicationRequest ProcedureRequest ServiceRequest DeviceRequest CarePlan",
        "intent",
        Token,
        "intent",
    ),
    // When it was.
    row(STU3, "AllergyIntolerance", "date", Date, "assertedDate"),
    row(R4, "AllergyIntolerance", "date", Date, "recordedDate"),
    row(BOTH, "Appointment", "date", Date, "start"),
    row(
        BOTH,
        "CarePlan CareTeam Encounter EpisodeOfCare Flag",
        "date",
        Date,
        "period",
    ),
    row(BOTH, "Consent", "date", Date, "dateTime"),
    row(STU3, "Condition", "asserted-date", Date, "assertedDate"),
    row(R4, "Condition", "recorded-date", Date, "recordedDate"),
    row(BOTH, "Condition", "onset-date", Date, "onsetDateTime onsetPeriod"),
    row(
        BOTH,
        "DiagnosticReport Observation",
        "date",
        Date,
        "effectiveDateTime effectivePeriod effectiveInstant",
    ),
    row(STU3, "Immunization", "date", Date, "date"),
    row(R4, "Immunization", "date", Date, "occurrenceDateTime"),
    row(
        STU3,
        "ImmunizationRecommendation",
        "date",
        Date,
        "recommendation.date",
    ),
    row(R4, "ImmunizationRecommendation", "date", Date, "date"),
    row(BOTH, "MedicationRequest", "authoredon", Date, "authoredOn"),
    row(
        BOTH,
        "MedicationStatement",
        "effective",
        Date,
        "effectiveDateTime effectivePeriod",
    ),
    row(
        BOTH,
        "MedicationDispense",
        "whenhandedover",
        Date,
        "whenHandedOver",
    ),
    row(BOTH, "NutritionOrder", "datetime", Date, "dateTime"),
    row(
        BOTH,
        "Procedure",
        "date",
        Date,
        "performedDateTime performedPeriod",
    ),
    row(
        BOTH,
        "ProcedureRequest ServiceRequest",
        "authored",
        Date,
        "authoredOn",
    ),
    // What it points at.
    link(
        STU3,
        "Observation",
        "related-target",
        Reference,
        "related.target",
        "Observation",
    ),
    link(
        R4,
        "Observation",
        "has-member",
        Reference,
        "hasMember",
        "Observation",
    ),
    link(
        R4,
        "Observation",
        "derived-from",
        Reference,
        "derivedFrom",
        "Observation",
    ),
    link(
        BOTH,
        "Observation DiagnosticReport",
        "specimen",
        Reference,
        "specimen",
        "",
    ),
    link(BOTH, "Observation", "performer", Reference, "performer", ""),
    link(
        BOTH,
        "DiagnosticReport",
        "result",
        Reference,
        "result",
        "Observation",
    ),
    link(
        BOTH,
        "Patient",
        "general-practitioner",
        Reference,
        "generalPractitioner",
        "",
    ),
    link(
        BOTH,
        "Patient",
        "organization",
        Reference,
        "managingOrganization",
        "",
    ),
    link(BOTH, "Coverage", "payor", Reference, "payor", "Patient"),
    link(
        BOTH,
        "CareTeam",
        "participant",
        Reference,
        "participant.member",
        "Patient",
    ),
    link(
        BOTH,
        "MedicationAdministration MedicationDispense MedicationRequest MedicationStatement",
        "medication",
        Reference,
        "medicationReference",
        "",
    ),
    link(BOTH, "DeviceUseStatement", "device", Reference, "device", ""),
    link(BOTH, "DeviceRequest", "device", Reference, "codeReference", ""),
    link(
        STU3,
        "Procedure MedicationRequest Observation",
        "based-on",
        Reference,
        "basedOn",
        ORDERS_STU3,
    ),
    link(
        R4,
        "Procedure MedicationRequest Observation",
        "based-on",
        Reference,
        "basedOn",
        ORDERS_R4,
    ),
    link(BOTH, "Procedure", "performer", Reference, "performer.actor", ""),
    link(
        BOTH,
        "Procedure Immunization",
        "location",
        Reference,
        "location",
        "",
    ),
    link(BOTH, "Encounter", "location", Reference, "location.location", ""),
    link(
        BOTH,
        "Encounter",
        "participant",
        Reference,
        "participant.individual",
        "",
    ),
    link(
        BOTH,
        "Encounter",
        "service-provider",
        Reference,
        "serviceProvider",
        "",
    ),
    link(
        BOTH,
        "Encounter",
        "diagnosis",
        Reference,
        "diagnosis.condition",
        "Condition Procedure",
    ),
    link(
        STU3,
        "Condition MedicationRequest MedicationStatement Observation Procedure",
        "context",
        Reference,
        "context",
        "Encounter EpisodeOfCare",
    ),
    link(
        R4,
        "Condition DiagnosticReport MedicationRequest Observation Procedure ServiceRequest",
        "encounter",
        Reference,
        "encounter",
        "Encounter",
    ),
    link(
        STU3,
        "MedicationRequest ProcedureRequest",
        "requester",
        Reference,
        "requester.agent",
        "",
    ),
    link(
        R4,
        "MedicationRequest ServiceRequest DeviceRequest",
        "requester",
        Reference,
        "requester",
        "",
    ),
    link(
        STU3,
        "Immunization",
        "practitioner",
        Reference,
        "practitioner.actor",
        "",
    ),
    link(R4, "Immunization", "performer", Reference, "performer.actor", ""),
    link(
        BOTH,
        "MedicationDispense",
        "performer",
        Reference,
        "performer.actor",
        "",
    ),
    link(
        BOTH,
        "PractitionerRole",
        "practitioner",
        Reference,
        "practitioner",
        "",
    ),
    link(
        BOTH,
        "PractitionerRole",
        "organization",
        Reference,
        "organization",
        "",
    ),
    link(BOTH, "PractitionerRole", "location", Reference, "location", ""),
    link(BOTH, "Provenance", "target", Reference, "target", ""),
];
