//! STU3: the BgZ 2017 queries (MedMij 3.0, MSZ 2.0), and every other type of the patient compartment.

use samenhang_terminology::Category::*;

use super::rows::{core, ours, part, row, wide};
use super::{Part, TypeRow};

/// STU3 types in clinical priority.
pub const TABLE: &[TypeRow] = &[
    core("RelatedPerson", &[Patient], &[], &[]),
    core(
        "CareTeam",
        &[Patient],
        &["CareTeam:participant"],
        &[part(Patient, "status", "active")],
    ),
    // STU3 has no `patient` on Coverage.
    TypeRow {
        kind: "Coverage",
        covers: &[Patient],
        patient: "beneficiary",
        includes: &["Coverage:payor"],
        parts: &[],
        core: true,
    },
    core("Flag", &[Alert], &[], &[]),
    core("AllergyIntolerance", &[AllergyIntolerance], &[], &[]),
    core(
        "Consent",
        &[Consent, AdvanceDirective],
        &[],
        &[
            part(Consent, "category", "http://snomed.info/sct|11291000146105"),
            part(
                AdvanceDirective,
                "category",
                "http://snomed.info/sct|11341000146107",
            ),
        ],
    ),
    core("Condition", &[Condition], &[], &[]),
    core(
        "MedicationRequest",
        &[MedicationRequest],
        &["MedicationRequest:medication"],
        &[part(
            MedicationRequest,
            "category",
            "http://snomed.info/sct|16076005",
        )],
    ),
    core(
        "MedicationDispense",
        &[MedicationUse],
        &["MedicationDispense:medication"],
        &[part(
            MedicationUse,
            "category",
            "http://snomed.info/sct|422037009",
        )],
    ),
    core(
        "MedicationStatement",
        &[MedicationUse],
        &["MedicationStatement:medication"],
        &[part(
            MedicationUse,
            "category",
            "urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3|6",
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
        &[],
        &[part(MedicationUse, "status", "completed")],
    ),
    core(
        "Observation",
        super::r4::OBSERVATION,
        &[
            "Observation:related-target",
            "Observation:specimen",
            "Observation:performer",
        ],
        &[
            Part {
                lastn: true,
                ..wide(
                    ObservationLaboratory,
                    "category",
                    "http://snomed.info/sct|49581000146104,http://snomed.info/sct|275711006,\
                     http://snomed.info/sct|252275004,http://snomed.info/sct|68793005,\
                     http://snomed.info/sct|395124008,http://snomed.info/sct|314076009,\
                     http://snomed.info/sct|19851009,http://snomed.info/sct|405825005",
                    "laboratory,http://snomed.info/sct|49581000146104,http://snomed.info/sct|275711006,\
                     http://snomed.info/sct|252275004,http://snomed.info/sct|68793005,\
                     http://snomed.info/sct|395124008,http://snomed.info/sct|314076009,\
                     http://snomed.info/sct|19851009,http://snomed.info/sct|405825005",
                )
            },
            Part {
                lastn: true,
                ..part(
                    ObservationVitalSigns,
                    "code",
                    "http://loinc.org|85354-9,http://loinc.org|29463-7,http://loinc.org|8302-2,\
                     http://loinc.org|8306-3,http://loinc.org|8308-9",
                )
            },
            ours(ObservationVitalSigns, "category", "vital-signs"),
            Part {
                lastn: true,
                ..part(
                    ObservationSocialHistory,
                    "code",
                    "http://snomed.info/sct|365508006",
                )
            },
            part(
                ObservationSocialHistory,
                "code",
                "http://snomed.info/sct|228366006,http://snomed.info/sct|228273003,http://snomed.info/sct|365980008",
            ),
            ours(ObservationSocialHistory, "category", "social-history"),
            Part {
                lastn: true,
                ..wide(
                    ObservationSurvey,
                    "category",
                    "http://snomed.info/sct|118228005,http://snomed.info/sct|384821006",
                    "survey,http://snomed.info/sct|118228005,http://snomed.info/sct|384821006",
                )
            },
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
        &[part(
            Encounter,
            "class",
            "http://hl7.org/fhir/v3/ActCode|IMP,http://hl7.org/fhir/v3/ActCode|ACUTE,\
             http://hl7.org/fhir/v3/ActCode|NONAC",
        )],
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
        "ProcedureRequest",
        &[Request],
        &[],
        &[part(Request, "status", "active")],
    ),
    row("ReferralRequest", &[Request]),
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
    row("ImagingManifest", &[Imaging]),
    row("Media", &[Other]),
    row("DocumentReference", &[Other]),
    row("Composition", &[Other]),
    row("FamilyMemberHistory", &[Other]),
    row("ClinicalImpression", &[Other]),
    row("Specimen", &[Other]),
    row("BodySite", &[Other]),
    row("Communication", &[Other]),
    row("CommunicationRequest", &[Other]),
    row("Task", &[Request]),
    row("RequestGroup", &[Other]),
    row("AppointmentResponse", &[Other]),
    row("SupplyDelivery", &[Other]),
    row("RiskAssessment", &[Other]),
    row("DetectedIssue", &[Other]),
    row("VisionPrescription", &[Other]),
    row("Sequence", &[Other]),
    row("List", &[Other]),
    row("GuidanceResponse", &[Other]),
    row("DocumentManifest", &[Other]),
    row("Basic", &[Other]),
    row("Provenance", &[Other]),
];
