//! What an endpoint offers: its `payloadType` in either vocabulary, and its `payloadMimeType` (section 2.1).

use samenhang_profiles::FhirVersion;
use samenhang_terminology::{Category, category};

use super::model::Coding;

/// The older vocabulary, of whole exchanges.
const EXCHANGES: &str =
    "http://nuts-foundation.github.io/nl-generic-functions-ig/CodeSystem/nl-gf-data-exchange-capabilities";
/// The exchange of the basic data set (BgZ) of 2017.
const BGZ_2017: &str = "http://nictiz.nl/fhir/CapabilityStatement/bgz2017-servercapabilities";
/// FHIR's own vocabulary, of R4 and of STU3.
const CORE: [&str; 2] = [
    "http://terminology.hl7.org/CodeSystem/endpoint-payload-type",
    "http://hl7.org/fhir/endpoint-payload-type",
];

/// Whether a payload type covers a category.
pub(super) fn covers(payload: &Coding, category: Category) -> bool {
    match payload.system.as_str() {
        category::SYSTEM | category::SYSTEM_OLD => {
            Category::from_payload_code(&payload.code) == Some(category)
        }
        EXCHANGES => payload.code == BGZ_2017 && in_bgz(category),
        system if CORE.contains(&system) => payload.code == "any",
        _ => false,
    }
}

/// Whether the basic data set has a category.
fn in_bgz(category: Category) -> bool {
    !matches!(
        category,
        Category::Other | Category::Imaging | Category::DiagnosticReport
    )
}

/// The versions of FHIR that an endpoint speaks; whether each is spoken in JSON.
pub(super) fn versions(mime: &[String], payload: &[Coding]) -> Vec<(FhirVersion, bool)> {
    let mut versions: Vec<(FhirVersion, bool)> = Vec::new();
    for text in mime {
        let mut parts = text.split(';').map(str::trim);
        let json = match parts.next().map(str::to_ascii_lowercase).as_deref() {
            Some("application/fhir+json" | "application/json+fhir" | "application/json") => true,
            Some("application/fhir+xml" | "application/xml+fhir" | "application/xml") => false,
            _ => continue,
        };
        let named = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("fhirVersion"))
            .map(|(_, value)| FhirVersion::from_text(value.trim().trim_matches('"')));
        let version = match named {
            Some(Some(version)) => version,
            // A version that we do not speak.
            Some(None) => continue,
            None => unnamed(payload),
        };
        match versions.iter_mut().find(|(known, _)| *known == version) {
            Some((_, also_json)) => *also_json |= json,
            None => versions.push((version, json)),
        }
    }
    if mime.is_empty() {
        versions.push((unnamed(payload), true));
    }
    versions
}

/// Without a version, what is exchanged tells it: the basic data set of 2017 is STU3, everything else R4.
fn unnamed(payload: &[Coding]) -> FhirVersion {
    if payload
        .iter()
        .any(|coding| coding.system == EXCHANGES && coding.code == BGZ_2017)
    {
        FhirVersion::Stu3
    } else {
        FhirVersion::R4
    }
}
