use std::sync::Arc;

use samenhang_profiles::{FhirVersion, Ura};
use samenhang_terminology::Category;
use serde_json::{Value, json};

use super::{GF, endpoint, organization, references, with};
use crate::address::{AuthorizationKind, Directory, Readiness, Selection};
use crate::clock::ManualClock;
use crate::consent::OrganisationTypes;
use crate::error::GatherError;
use crate::locate::Names;

const NOW: &str = "2026-09-01T08:00:00Z";

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(NOW.parse().unwrap()))
}

fn directory(resources: &[Value]) -> Directory {
    Directory::from_resources(&serde_json::to_vec(resources).unwrap(), clock()).unwrap()
}

fn select(resources: &[Value], category: Category) -> Selection {
    let ura: Ura = "00700700".parse().unwrap();
    directory(resources)
        .select(&ura, category, NOW.parse().unwrap())
        .unwrap()
}

fn addresses(selection: &Selection) -> Vec<&str> {
    selection
        .endpoints
        .iter()
        .map(|endpoint| endpoint.address.as_str())
        .collect()
}

fn chosen(resources: &[Value]) -> Vec<String> {
    addresses(&select(resources, Category::Condition))
        .into_iter()
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn r4_is_preferred_and_the_other_is_told() {
    let resources = [
        organization("o", Some("700700"), &["r4", "stu3"]),
        endpoint("r4", "https://oost.example/r4/", "4.0"),
        endpoint("stu3", "https://oost.example/stu3", "3.0"),
    ];
    let selection = select(&resources, Category::Condition);
    assert_eq!(addresses(&selection), ["https://oost.example/r4"]);
    assert_eq!(selection.endpoints[0].fhir, FhirVersion::R4);
    assert_eq!(selection.also[0].address, "https://oost.example/stu3");
    let only = [resources[0].clone(), resources[2].clone()];
    let selection = select(&only, Category::Condition);
    assert_eq!(selection.endpoints[0].fhir, FhirVersion::Stu3);
    assert!(selection.also.is_empty());
}

#[test]
fn one_endpoint_may_speak_both() {
    let mime = json!([
        "application/fhir+xml;fhirVersion=3.0",
        "application/fhir+json; fhirVersion=\"4.0.1\"",
        "application/fhir+json; fhirVersion=5.0",
        "text/plain"
    ]);
    let both = with(endpoint("e", "https://x.example", "4.0"), "payloadMimeType", mime);
    let selection = select(
        &[organization("o", Some("00700700"), &["e"]), both],
        Category::Condition,
    );
    assert_eq!((selection.endpoints.len(), selection.also.len()), (1, 1));
    assert!(selection.endpoints[0].json && !selection.also[0].json);
}

#[test]
fn parts_and_services_count_but_not_holders_of_their_own() {
    let part = with(
        organization("p", None, &["part"]),
        "partOf",
        json!({"reference": "Organization/o"}),
    );
    let deep = with(
        organization("d", Some("00700700"), &["deep"]),
        "partOf",
        json!({"reference": "https://lrza.example/fhir/Organization/p/_history/3"}),
    );
    let other = with(
        organization("x", Some("00700799"), &["other"]),
        "partOf",
        json!({"reference": "Organization/o"}),
    );
    let round = with(
        organization("o", Some("00700700"), &["direct"]),
        "partOf",
        json!({"reference": "Organization/d"}),
    );
    let service = json!({"resourceType": "HealthcareService", "id": "s", "active": true,
        "providedBy": {"reference": "Organization/p"}, "endpoint": references(&["service"])});
    let ended = with(with(service.clone(), "id", json!("s2")), "active", json!(false));
    let ended = with(ended, "endpoint", json!(references(&["ended"])));
    let mut resources = vec![part, deep, other, round, service, ended];
    for id in ["direct", "part", "deep", "other", "service", "ended"] {
        resources.push(endpoint(id, &format!("https://{id}.example"), "4.0"));
    }
    assert_eq!(
        chosen(&resources),
        [
            "https://deep.example",
            "https://direct.example",
            "https://part.example",
            "https://service.example"
        ]
    );
}

#[test]
fn what_has_ended_or_is_no_data_endpoint_is_left_out() {
    let base = || endpoint("e", "https://x.example", "4.0");
    let cases: [(&str, Value, bool); 14] = [
        ("status", json!("active"), true),
        ("status", json!("off"), false),
        ("status", json!("entered-in-error"), false),
        ("status", json!("suspended"), false),
        ("period", json!({"start": "2026-01-01T00:00:00+01:00"}), true),
        ("period", json!({"start": "2026-09-01T08:00:01Z"}), false),
        ("period", json!({"end": "2026-09-01T07:59:59Z"}), false),
        ("period", json!({"end": "2026-09-01"}), true),
        ("period", json!({"end": "2026-08"}), false),
        ("period", json!({"start": "2026", "end": "2026"}), true),
        ("period", json!({"end": "soon"}), false),
        (
            "connectionType",
            json!({"system": "x", "code": "hl7-fhir-rest"}),
            false,
        ),
        ("payloadType", json!([]), false),
        (
            "payloadMimeType",
            json!(["application/fhir+json; fhirVersion=5.0"]),
            false,
        ),
    ];
    for (field, value, expected) in cases {
        let found = chosen(&[
            organization("o", Some("00700700"), &["e"]),
            with(base(), field, value.clone()),
        ]);
        assert_eq!(!found.is_empty(), expected, "{field} {value}");
    }
    let inactive = with(
        organization("o", Some("00700700"), &["e"]),
        "active",
        json!(false),
    );
    assert!(chosen(&[inactive, base()]).is_empty());
    assert!(chosen(&[organization("o", Some("00700700"), &["e", "dangling"])]).is_empty());
}

#[test]
fn payload_types_are_read_in_both_vocabularies() {
    let offers = |system: &str, code: &str, category: Category| {
        let payload = json!([{"coding": [{"system": system, "code": code}]}]);
        let endpoint = with(endpoint("e", "https://x.example", "4.0"), "payloadType", payload);
        !select(&[organization("o", Some("00700700"), &["e"]), endpoint], category).is_empty()
    };
    let current = format!("{GF}/nl-gf-data-categories-cs");
    let exchanges = "http://nuts-foundation.github.io/nl-generic-functions-ig/CodeSystem/nl-gf-data-exchange-capabilities";
    let bgz = "http://nictiz.nl/fhir/CapabilityStatement/bgz2017-servercapabilities";
    let core = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type";
    for (system, code, category, expected) in [
        (
            current.as_str(),
            "AllergyIntolerance",
            Category::AllergyIntolerance,
            true,
        ),
        (current.as_str(), "AllergyIntolerance", Category::Condition, false),
        (current.as_str(), "Specimen", Category::Other, true),
        (
            "http://minvws.nl/CodeSystem/nl-gf-data-categories-cs",
            "Condition",
            Category::Condition,
            true,
        ),
        (exchanges, bgz, Category::Condition, true),
        (exchanges, bgz, Category::Imaging, false),
        (exchanges, "eOverdracht-notification", Category::Condition, false),
        (core, "any", Category::Other, true),
        (core, "none", Category::Other, false),
    ] {
        assert_eq!(
            offers(system, code, category),
            expected,
            "{system} {code} {}",
            category.code()
        );
    }
}

#[test]
fn the_authorisation_server_is_of_the_same_vendor() {
    let server = |id: &str, code: &str, vendor: &str| {
        let resource = endpoint(id, &format!("https://{id}.example/"), "4.0");
        let kind = json!({"system": format!("{GF}/nl-gf-authorization-server-cs"), "code": code});
        let vendor =
            json!({"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/kvk", "value": vendor}});
        with(
            with(resource, "connectionType", kind),
            "managingOrganization",
            vendor,
        )
    };
    let resources = [
        organization("o", Some("00700700"), &["data", "other", "smart", "nuts"]),
        endpoint("data", "https://data.example", "4.0"),
        server("other", "oauth-nuts", "70000008"),
        server("smart", "oauth2", "70000007"),
        server("nuts", "oauth-nuts", "70000007"),
    ];
    let selection = select(&resources, Category::Condition);
    assert_eq!(
        selection.endpoints.len(),
        1,
        "an authorisation server is no data endpoint"
    );
    let authorization = selection.endpoints[0].authorization.clone().unwrap();
    assert_eq!(authorization.kind, AuthorizationKind::Nuts);
    assert_eq!(authorization.address, "https://nuts.example");
    let selection = select(&resources[..3], Category::Condition);
    assert_eq!(selection.endpoints[0].authorization, None);
    // One that we do not speak is still one: without a token its holder is not asked.
    let resources = [
        organization("o", Some("00700700"), &["data", "vendor", "smart"]),
        endpoint("data", "https://data.example", "4.0"),
        server("vendor", "saml-vendor", "70000007"),
        server("smart", "oauth2", "70000007"),
    ];
    let kind = |count: usize| {
        let selection = select(&resources[..count], Category::Condition);
        selection.endpoints[0].authorization.clone().unwrap().kind
    };
    assert_eq!(kind(3), AuthorizationKind::Other);
    assert_eq!(kind(4), AuthorizationKind::OAuth2, "one that we speak goes first");
}

#[test]
fn each_address_is_chosen_once() {
    let resources = [
        organization("o", Some("00700700"), &["one", "again", "two"]),
        endpoint("one", "https://x.example/fhir", "4.0"),
        endpoint("again", "https://x.example/fhir/", "4.0"),
        endpoint("two", "https://y.example/fhir", "4.0"),
    ];
    assert_eq!(
        chosen(&resources),
        ["https://x.example/fhir", "https://y.example/fhir"]
    );
}

#[test]
fn names_and_types_are_told_without_doubt_only() {
    let typed = |codings: &[(&str, &str)]| {
        let types: Vec<Value> = codings
            .iter()
            .map(|(system, code)| json!({"coding": [{"system": system, "code": code}]}))
            .collect();
        directory(&[with(
            organization("o", Some("00700700"), &[]),
            "type",
            json!(types),
        )])
    };
    let ura: Ura = "00700700".parse().unwrap();
    let national = "http://nictiz.nl/fhir/NamingSystem/organization-type";
    let sbi = "https://www.cbs.nl/standaard-bedrijfsindeling";
    for (codings, expected) in [
        (vec![(national, "V6")], Some("V6")),
        (vec![(sbi, "86102")], Some("V6")),
        (vec![(sbi, "8621")], None),
        (vec![(national, "Z3"), (sbi, "86102")], Some("Z3")),
        (vec![(national, "Z3"), (national, "V6")], None),
        (vec![], None),
    ] {
        assert_eq!(typed(&codings).type_of(&ura).as_deref(), expected, "{codings:?}");
    }
    assert_eq!(typed(&[]).name_of(&ura).as_deref(), Some("Naam van o"));
    assert_eq!(typed(&[]).name_of(&"1".parse().unwrap()), None);
}

#[test]
fn nothing_is_chosen_before_it_is_ready() {
    let empty = Directory::new(jiff::SignedDuration::from_hours(24), clock());
    assert_eq!(empty.readiness(), Readiness::Loading);
    let ura: Ura = "00700700".parse().unwrap();
    let error = empty
        .select(&ura, Category::Condition, NOW.parse().unwrap())
        .err();
    assert_eq!(error, Some(GatherError::DirectoryNotReady));
}
