//! R4: the BgZ 2020 queries with the category and code patterns of the nl-core profiles, and every other type of
//! the patient compartment.
//!
//! Codes are facts of the zib2020 profiles and MP9; sources use them unevenly, so each list also names the codes
//! that zib2017 used and, where the system differs by source, the code without a system.
//!
//! Left out on purpose: what is about money (Account, Claim, Invoice and the like) and about access (AuditEvent).
//! A clinician has no need of them, so they are not fetched.

use samenhang_terminology::Category::{self, *};

use super::rows::{core, ours, part, row, wide};
use super::{Part, TypeRow};

/// Categories that an Observation can belong to.
pub(super) const OBSERVATION: &[Category] = &[
    ObservationLaboratory,
    ObservationVitalSigns,
    ObservationSocialHistory,
    ObservationSurvey,
    Other,
];

/// R4 types in clinical priority.
pub const TABLE: &[TypeRow] = &[
    core("RelatedPerson", &[Patient], &[], &[]),
    core(
        "CareTeam",
        &[Patient],
        &["CareTeam:participant"],
        &[part(Patient, "status", "active")],
    ),
    core("Coverage", &[Patient], &["Coverage:payor"], &[]),
    core("Flag", &[Alert], &[], &[]),
    core("AllergyIntolerance", &[AllergyIntolerance], &[], &[]),
    core(
        "Consent",
        &[Consent, AdvanceDirective],
        &[],
        &[
            part(
                Consent,
                "category",
                "http://snomed.info/sct|129125009,http://snomed.info/sct|11291000146105",
            ),
            part(
                AdvanceDirective,
                "category",
                "acd,http://snomed.info/sct|11341000146107",
            ),
        ],
    ),
    core("Condition", &[Condition], &[], &[]),
    core(
        "MedicationRequest",
        &[MedicationRequest],
        &["MedicationRequest:medication", "MedicationRequest:requester"],
        &[
            wide(
                MedicationRequest,
                "category",
                "http://snomed.info/sct|33633005",
                "http://snomed.info/sct|33633005,http://snomed.info/sct|16076005",
            ),
            part(
                MedicationRequest,
                "category",
                "http://snomed.info/sct|52711000146108",
            ),
            part(MedicationRequest, "category", "http://snomed.info/sct|395067002"),
        ],
    ),
    core(
        "MedicationDispense",
        &[MedicationUse],
        &["MedicationDispense:medication", "MedicationDispense:performer"],
        &[
            part(MedicationUse, "category", "http://snomed.info/sct|422037009"),
            part(MedicationUse, "category", "http://snomed.info/sct|373784005"),
        ],
    ),
    core(
        "MedicationStatement",
        &[MedicationUse],
        &["MedicationStatement:medication"],
        &[wide(
            MedicationUse,
            "category",
            "http://snomed.info/sct|422979000",
            "http://snomed.info/sct|422979000,urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3|6",
        )],
    ),
    core(
        "MedicationAdministration",
        &[MedicationUse],
        &["MedicationAdministration:medication"],
        &[],
    ),
    core(
        "Immunization",
        &[MedicationUse],
        &["Immunization:performer"],
        &[part(MedicationUse, "status", "completed")],
    ),
    core(
        "Observation",
        OBSERVATION,
        &[
            "Observation:specimen",
            "Observation:has-member",
            "Observation:performer",
        ],
        &[
            wide(
                ObservationLaboratory,
                "category",
                "http://terminology.hl7.org/CodeSystem/observation-category|laboratory",
                "laboratory",
            ),
            wide(
                ObservationLaboratory,
                "category",
                "http://snomed.info/sct|49581000146104",
                "http://snomed.info/sct|49581000146104,http://snomed.info/sct|275711006",
            ),
            ours(ObservationVitalSigns, "category", "vital-signs"),
            Part {
                lastn: true,
                ..wide(
                    ObservationVitalSigns,
                    "code",
                    "http://loinc.org|85354-9,http://loinc.org|29463-7,http://loinc.org|8302-2",
                    "http://loinc.org|85354-9,http://loinc.org|29463-7,http://loinc.org|8302-2,\
                     http://loinc.org|8306-3,http://loinc.org|8308-9",
                )
            },
            ours(ObservationSocialHistory, "category", "social-history"),
            part(
                ObservationSocialHistory,
                "code",
                "http://snomed.info/sct|365508006,http://snomed.info/sct|228366006,http://snomed.info/sct|228273003,\
                 http://snomed.info/sct|365980008",
            ),
            wide(
                ObservationSurvey,
                "category",
                "http://snomed.info/sct|118228005,http://snomed.info/sct|384821006",
                "survey,http://snomed.info/sct|118228005,http://snomed.info/sct|384821006",
            ),
            ours(Other, "category", "activity,exam,imaging,procedure,therapy"),
        ],
    ),
    core(
        "Procedure",
        &[Procedure],
        &["Procedure:performer"],
        &[part(
            Procedure,
            "category",
            "http://snomed.info/sct|387713003,http://snomed.info/sct|258174001",
        )],
    ),
    core(
        "Encounter",
        &[Encounter],
        &["Encounter:location"],
        &[part(Encounter, "class", "IMP,ACUTE,NONAC,AMB,EMER")],
    ),
    core(
        "DeviceUseStatement",
        &[Device],
        &["DeviceUseStatement:device"],
        &[],
    ),
    row("Device", &[Device]),
    row("QuestionnaireResponse", &[ObservationSurvey]),
    core("NutritionOrder", &[Nutrition], &[], &[]),
    row("EpisodeOfCare", &[Episode]),
    row("CarePlan", &[Episode]),
    row("Goal", &[Other]),
    core(
        "ServiceRequest",
        &[Request],
        &[],
        &[part(Request, "status", "active")],
    ),
    core("ImmunizationRecommendation", &[Request], &[], &[]),
    core(
        "DeviceRequest",
        &[Request],
        &["DeviceRequest:device"],
        &[part(Request, "status", "active")],
    ),
    core(
        "Appointment",
        &[Request],
        &[],
        &[part(Request, "status", "booked,pending,proposed")],
    ),
    row("DiagnosticReport", &[DiagnosticReport]),
    row("ImagingStudy", &[Imaging]),
    row("Media", &[Other]),
    row("DocumentReference", &[Other]),
    row("Composition", &[Other]),
    row("FamilyMemberHistory", &[Other]),
    row("ClinicalImpression", &[Other]),
    row("Specimen", &[Other]),
    row("BodyStructure", &[Other]),
    row("Communication", &[Other]),
    row("CommunicationRequest", &[Other]),
    row("Task", &[Request]),
    row("RequestGroup", &[Other]),
    row("AppointmentResponse", &[Other]),
    row("SupplyDelivery", &[Other]),
    TypeRow {
        kind: "SupplyRequest",
        covers: &[Other],
        patient: "subject",
        includes: &[],
        parts: &[],
        core: false,
    },
    TypeRow {
        kind: "AdverseEvent",
        covers: &[Other],
        patient: "subject",
        includes: &[],
        parts: &[],
        core: false,
    },
    row("RiskAssessment", &[Other]),
    row("DetectedIssue", &[Other]),
    row("VisionPrescription", &[Other]),
    row("ImmunizationEvaluation", &[Other]),
    row("MolecularSequence", &[Other]),
    row("List", &[Other]),
    row("GuidanceResponse", &[Other]),
    row("DocumentManifest", &[Other]),
    row("Basic", &[Other]),
    row("Provenance", &[Other]),
];
