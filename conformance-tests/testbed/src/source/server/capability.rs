//! The CapabilityStatement of a source: what its search table, its resources and its quirk really allow.

use std::collections::BTreeSet;

use samenhang_profiles::FhirVersion;

use super::super::json::Json;
use super::super::quirk::Quirk;
use super::super::search::parameters::{self, Kind};
use super::super::store::Store;

/// Types that every source offers, data or not: those of the BgZ.
const BOTH: [&str; 22] = [
    "AllergyIntolerance",
    "Appointment",
    "CareTeam",
    "Condition",
    "Consent",
    "Coverage",
    "DeviceRequest",
    "DeviceUseStatement",
    "Encounter",
    "Flag",
    "Immunization",
    "ImmunizationRecommendation",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "NutritionOrder",
    "Observation",
    "Patient",
    "Procedure",
    "Provenance",
    "RelatedPerson",
    "Specimen",
];

/// The types that a source offers, sorted.
pub(super) fn kinds(version: FhirVersion, store: &Store) -> BTreeSet<String> {
    let request = match version {
        FhirVersion::Stu3 => "ProcedureRequest",
        FhirVersion::R4 => "ServiceRequest",
    };
    let mut kinds: BTreeSet<String> = store.kinds().into_iter().collect();
    kinds.extend(BOTH.iter().map(|kind| (*kind).to_owned()));
    kinds.insert(request.to_owned());
    kinds
}

/// What a statement says about a source.
pub(super) struct Statement<'a> {
    pub(super) version: FhirVersion,
    pub(super) quirk: Quirk,
    pub(super) name: &'a str,
    pub(super) base: &'a str,
    pub(super) date: String,
    pub(super) kinds: &'a BTreeSet<String>,
    /// Token endpoint, when tokens are asked.
    pub(super) token_endpoint: Option<&'a str>,
}

impl Statement<'_> {
    /// The resource. The `cgm` quirk claims R4 for what is STU3.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let claimed = match self.quirk {
            Quirk::Cgm => FhirVersion::R4,
            _ => self.version,
        };
        let list = |texts: &[&str]| Json::Array(texts.iter().map(|text| Json::text(*text)).collect());
        let mut rest = vec![("mode", Json::text("server"))];
        rest.extend(
            self.token_endpoint
                .map(|endpoint| ("security", security(endpoint))),
        );
        rest.push((
            "resource",
            Json::Array(
                self.kinds
                    .iter()
                    .map(|kind| self.resource(kind, claimed))
                    .collect(),
            ),
        ));
        if claimed == FhirVersion::Stu3 {
            let mut operations = vec![operation("lastn", claimed)];
            if self.quirk.matches_only() {
                operations.push(operation("match", claimed));
            }
            rest.push(("operation", Json::Array(operations)));
        }
        let rest = rest
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let mut statement = vec![
            ("resourceType", Json::text("CapabilityStatement")),
            ("status", Json::text("active")),
            ("date", Json::text(self.date.as_str())),
            ("kind", Json::text("instance")),
            (
                "implementation",
                Json::object([
                    ("description", Json::text(self.name)),
                    ("url", Json::text(self.base)),
                ]),
            ),
            ("fhirVersion", Json::text(claimed.full())),
        ];
        if claimed == FhirVersion::Stu3 {
            statement.push(("acceptUnknown", Json::text("no")));
        }
        statement.push(("format", list(&["json"])));
        statement.push(("rest", Json::Array(vec![Json::Object(rest)])));
        Json::Object(
            statement
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
        .to_bytes()
    }

    fn resource(&self, kind: &str, claimed: FhirVersion) -> Json {
        let code = |code: &str| Json::object([("code", Json::text(code))]);
        let mut interactions = vec![code("read")];
        if !(kind == "Patient" && self.quirk.matches_only()) {
            interactions.push(code("search-type"));
        }
        let known = parameters::of_kind(self.version, kind);
        let named = known
            .iter()
            .filter(|known| !(self.quirk == Quirk::Chipsoft && known.name == "_profile"));
        let named = named.map(|known| {
            Json::object([
                ("name", Json::text(known.name)),
                ("type", Json::text(known.kind.code())),
            ])
        });
        let includes: Vec<Json> = known
            .iter()
            .filter(|known| known.kind == Kind::Reference)
            .map(|known| Json::text(format!("{kind}:{}", known.name)))
            .collect();
        let mut resource = vec![
            ("type".to_owned(), Json::text(kind)),
            ("interaction".to_owned(), Json::Array(interactions)),
        ];
        if !includes.is_empty() {
            resource.push(("searchInclude".to_owned(), Json::Array(includes)));
        }
        resource.push((
            "searchRevInclude".to_owned(),
            Json::Array(vec![Json::text("Provenance:target")]),
        ));
        resource.push(("searchParam".to_owned(), Json::Array(named.collect())));
        let operations: Vec<Json> = match kind {
            "Observation" => vec![operation("lastn", claimed)],
            "Patient" if self.quirk.matches_only() => vec![operation("match", claimed)],
            _ => Vec::new(),
        };
        // STU3 has operations of the whole server only.
        if claimed == FhirVersion::R4 && !operations.is_empty() {
            resource.push(("operation".to_owned(), Json::Array(operations)));
        }
        Json::Object(resource)
    }
}

fn operation(name: &str, version: FhirVersion) -> Json {
    let canonical = match name {
        "match" => "http://hl7.org/fhir/OperationDefinition/Patient-match",
        _ => "http://hl7.org/fhir/OperationDefinition/Observation-lastn",
    };
    let definition = match version {
        FhirVersion::Stu3 => Json::object([("reference", Json::text(canonical))]),
        FhirVersion::R4 => Json::text(canonical),
    };
    Json::object([("name", Json::text(name)), ("definition", definition)])
}

fn security(token_endpoint: &str) -> Json {
    let token = Json::object([
        ("url", Json::text("token")),
        ("valueUri", Json::text(token_endpoint)),
    ]);
    let uris = Json::object([
        (
            "url",
            Json::text("http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"),
        ),
        ("extension", Json::Array(vec![token])),
    ]);
    Json::object([("extension", Json::Array(vec![uris]))])
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::FhirVersion;

    use super::{Json, Quirk, Statement, Store, kinds};

    fn statement(version: FhirVersion, quirk: Quirk) -> Json {
        let kinds = kinds(version, &Store::default());
        let statement = Statement {
            version,
            quirk,
            name: "N",
            base: "https://127.0.0.1:1/fhir",
            date: "2026-01-01".to_owned(),
            kinds: &kinds,
            token_endpoint: Some("https://127.0.0.1:2/token"),
        };
        Json::parse(&statement.to_bytes()).unwrap()
    }

    #[test]
    fn each_version_has_its_own_shape() {
        let r4 = statement(FhirVersion::R4, Quirk::Clean);
        assert_eq!(r4.str("fhirVersion"), Some("4.0.1"));
        assert!(
            r4.at("rest.resource.type")
                .iter()
                .any(|kind| kind.as_str() == Some("ServiceRequest"))
        );
        assert_eq!(r4.at("rest.resource.operation.name").len(), 1);
        let stu3 = statement(FhirVersion::Stu3, Quirk::Clean);
        assert_eq!(stu3.str("acceptUnknown"), Some("no"));
        assert_eq!(stu3.at("rest.operation.name")[0].as_str(), Some("lastn"));
        assert!(stu3.at("rest.resource.operation").is_empty());
    }

    #[test]
    fn cgm_claims_r4_and_offers_match() {
        let cgm = statement(FhirVersion::Stu3, Quirk::Cgm);
        assert_eq!(cgm.str("fhirVersion"), Some("4.0.1"));
        let names = cgm.at("rest.resource.operation.name");
        assert!(names.iter().any(|name| name.as_str() == Some("match")));
        assert!(
            cgm.at("rest.resource.type")
                .iter()
                .any(|kind| kind.as_str() == Some("ProcedureRequest"))
        );
    }
}
