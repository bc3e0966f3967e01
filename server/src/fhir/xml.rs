//! What we wrote as FHIR JSON, as FHIR XML.

use samenhang_profiles::xml::from_json;
use samenhang_profiles::{FhirVersion, Limits, ReadError};

/// Writes an OperationOutcome that was written as JSON by [`super::outcome`] or by `$validate`.
///
/// # Errors
/// [`ReadError`] when it is not what we write.
pub fn of_outcome(json: &[u8]) -> Result<Vec<u8>, ReadError> {
    // As many issues as a resource can have; both versions of FHIR write them alike.
    let limits = Limits {
        max_nodes: 1_000_000,
        ..Limits::default()
    };
    from_json(json, FhirVersion::R4, &limits).map(String::into_bytes)
}

/// Writes a searchset that was written as JSON.
///
/// # Errors
/// [`ReadError`] when it is larger than any answer.
pub fn of_searchset(json: &[u8], version: FhirVersion) -> Result<Vec<u8>, ReadError> {
    let limits = Limits {
        max_bytes: 256 << 20,
        max_nodes: 20_000_000,
        max_entries: 1_000_000,
        ..Limits::default()
    };
    from_json(json, version, &limits).map(String::into_bytes)
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::{FhirVersion, Limits, xml};

    use super::of_outcome;

    const OUTCOME: &str = r#"{"resourceType":"OperationOutcome","language":"nl","issue":[{"extension":[{"url":"http://e/line","valueInteger":2}],"severity":"error","code":"structure","details":{"coding":[{"system":"http://e/s","code":"a"}],"text":"a < b & \"c\"\n\u00e9"},"diagnostics":"x","expression":["Patient.name[0]"]},{"severity":"information","code":"informational","details":{"text":"y"}}]}"#;

    #[test]
    fn the_same_comes_back_from_the_xml() {
        let written = of_outcome(OUTCOME.as_bytes()).unwrap();
        let text = String::from_utf8(written.clone()).unwrap();
        assert!(text.starts_with("<OperationOutcome xmlns=\"http://hl7.org/fhir\"><language value=\"nl\"/><issue><extension url=\"http://e/line\"><valueInteger value=\"2\"/></extension>"), "{text}");
        for version in [FhirVersion::R4, FhirVersion::Stu3] {
            let back = xml::to_json(&written, version, &Limits::default()).unwrap();
            let back: serde_json::Value = serde_json::from_slice(&back).unwrap();
            let sent: serde_json::Value = serde_json::from_str(OUTCOME).unwrap();
            assert_eq!(back, sent);
        }
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        assert!(of_outcome(b"{").is_err());
    }
}
