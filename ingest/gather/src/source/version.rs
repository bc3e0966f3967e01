//! Which version of FHIR a resource really is, whatever its endpoint promised (F24).
//!
//! By the shape of a few elements that changed between STU3 and R4. Profiles do not tell: zib2017 and zib2020 share
//! canonicals. Where nothing tells, the endpoint's version stands.

use samenhang_profiles::json::Kind;
use samenhang_profiles::{FhirVersion, RawResource};

use FhirVersion::{R4, Stu3};

/// The version of a resource from an endpoint that promises `promised`.
#[must_use]
pub fn detect(resource: &RawResource, promised: FhirVersion) -> FhirVersion {
    let kind = resource.resource_type();
    match kind {
        "ProcedureRequest" | "ReferralRequest" | "DeviceComponent" | "BodySite" | "Sequence"
        | "ImagingManifest" => Stu3,
        "ServiceRequest" | "BodyStructure" | "MolecularSequence" | "ImmunizationEvaluation" => R4,
        "AllergyIntolerance"
        | "CareTeam"
        | "Condition"
        | "Consent"
        | "DiagnosticReport"
        | "DocumentReference"
        | "Encounter"
        | "Flag"
        | "Immunization"
        | "MedicationAdministration"
        | "MedicationRequest"
        | "MedicationStatement"
        | "Observation"
        | "Procedure" => by_shape(resource, kind).unwrap_or(promised),
        _ => promised,
    }
}

/// Looks at the elements in order until one tells.
fn by_shape(resource: &RawResource, kind: &str) -> Option<FhirVersion> {
    let said = resource.taped().ok()?;
    let mut fields = said.root().fields();
    fields.find_map(|(name, value)| element(kind, name, value.kind()))
}

fn element(kind: &str, name: &str, shape: Kind) -> Option<FhirVersion> {
    let version = match (kind, name) {
        ("AllergyIntolerance" | "Condition", "clinicalStatus" | "verificationStatus") => match shape {
            Kind::String => Stu3,
            Kind::Object => R4,
            _ => return None,
        },
        ("AllergyIntolerance" | "Condition", "assertedDate") => Stu3,
        ("AllergyIntolerance" | "Condition", "recordedDate") => R4,
        ("Flag" | "MedicationRequest", "category") => match shape {
            Kind::Object => Stu3,
            Kind::Array => R4,
            _ => return None,
        },
        ("Observation", "comment" | "related") | ("MedicationStatement", "taken") => Stu3,
        ("Observation", "note" | "hasMember" | "derivedFrom") => R4,
        ("Observation" | "Procedure" | "MedicationRequest" | "DiagnosticReport" | "CareTeam", "context") => {
            Stu3
        }
        (
            "Observation" | "Procedure" | "MedicationRequest" | "DiagnosticReport" | "CareTeam",
            "encounter",
        ) => R4,
        ("Procedure", "notDone" | "notDoneReason")
        | ("Immunization", "notGiven" | "date" | "practitioner" | "explanation" | "vaccinationProtocol")
        | ("MedicationAdministration", "notGiven" | "prescription") => Stu3,
        ("Immunization", "occurrenceDateTime" | "occurrenceString" | "performer") => R4,
        ("Consent", "consentingParty" | "actor" | "action" | "except" | "data") => Stu3,
        ("Consent", "scope" | "provision" | "performer") => R4,
        ("Encounter", "reason" | "incomingReferral") => Stu3,
        ("Encounter", "reasonCode" | "reasonReference" | "serviceType") => R4,
        ("DocumentReference", "class" | "created" | "indexed") => Stu3,
        ("DocumentReference", "category" | "date") => R4,
        _ => return None,
    };
    Some(version)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use samenhang_profiles::FhirVersion::{R4, Stu3};
    use samenhang_profiles::{Limits, RawResource};

    use super::detect;

    #[test]
    fn f24_the_shape_tells_not_the_promise() {
        let cases = [
            (
                r#"{"resourceType":"Condition","clinicalStatus":"active"}"#,
                Stu3,
                Stu3,
            ),
            (
                r#"{"resourceType":"Condition","clinicalStatus":{"coding":[]}}"#,
                R4,
                R4,
            ),
            (r#"{"resourceType":"Flag","category":{"text":"x"}}"#, Stu3, Stu3),
            (
                r#"{"resourceType":"MedicationRequest","category":[{"text":"x"}]}"#,
                R4,
                R4,
            ),
            (
                r#"{"resourceType":"MedicationStatement","taken":"y"}"#,
                Stu3,
                Stu3,
            ),
            (
                r#"{"resourceType":"Immunization","occurrenceDateTime":"2020"}"#,
                R4,
                R4,
            ),
            (r#"{"resourceType":"ProcedureRequest"}"#, Stu3, Stu3),
            (r#"{"resourceType":"Observation","status":"final"}"#, R4, Stu3),
            (r#"{"resourceType":"Practitioner"}"#, R4, Stu3),
        ];
        for (body, when_r4, when_stu3) in cases {
            let resource =
                RawResource::read(Bytes::from_static(body.as_bytes()), &Limits::default()).unwrap();
            assert_eq!(detect(&resource, R4), when_r4, "{body}");
            assert_eq!(detect(&resource, Stu3), when_stu3, "{body}");
        }
    }
}
