//! Documents that are opened on demand: fetched from the holder of the record by the secured way, or held by the record.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use samenhang_profiles::FhirVersion;
use samenhang_server::demo::DemoOptions;
use samenhang_testbed::holder::{HolderAuthorization, HolderData, HolderSpec};
use samenhang_testbed::{ServiceId, TestbedConfig, document::pdf_a};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answer::Answer;
use crate::country::{Country, P1};
use crate::visitor::Visitor;

const ARCHIVE: &str = "00700700";

/// A letter with one attachment.
fn letter(id: &str, attachment: &Value) -> String {
    json!({
        "resourceType": "DocumentReference", "id": id, "status": "current",
        "type": { "text": format!("Brief {id}") },
        "subject": { "reference": "Patient/p1" }, "date": "2026-10-01T10:00:00Z",
        "content": [{ "attachment": attachment }]
    })
    .to_string()
}

/// A country with one holder that has letters of the patient.
async fn country() -> (Country, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let pdf = STANDARD.encode(pdf_a());
    let binary = |id: &str, kind: &str, data: &str| {
        json!({ "resourceType": "Binary", "id": id, "contentType": kind, "data": data }).to_string()
    };
    let linked = |url: &str| json!({ "contentType": "application/pdf", "url": url, "title": "Ontslagbrief" });
    let resources = [
        json!({
            "resourceType": "Patient", "id": "p1", "birthDate": "1958-03-14",
            "identifier": [{ "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": P1 }]
        })
        .to_string(),
        letter("linked", &linked("Binary/b1")),
        letter("held", &json!({ "contentType": "application/pdf", "data": pdf })),
        letter("script", &linked("Binary/b2")),
        letter("away", &linked("https://elsewhere.example/Binary/b1")),
        letter("gone", &linked("Binary/none")),
        binary("b1", "application/pdf", &pdf),
        binary(
            "b2",
            "application/pdf",
            &STANDARD.encode("<html><script>alert(1)</script>"),
        ),
    ];
    fs::write(folder.path().join("all.ndjson"), resources.join("\n")).expect("a file");
    let data = HolderData::Folder {
        path: folder.path().to_owned(),
        bsns: Vec::new(),
    };
    let holder = HolderSpec::new(ARCHIVE.parse().expect("a URA"), "Archief Oost", "V6")
        .with(FhirVersion::R4, data)
        .authorized_by(HolderAuthorization::Nuts);
    let country = Country::with(DemoOptions {
        country: TestbedConfig {
            holders: vec![holder],
            own_patients: false,
            ..TestbedConfig::default()
        },
        ..DemoOptions::default()
    })
    .await;
    (country, folder)
}

/// The address that opens the document of a letter, as the page offers it.
fn link(page: &Answer, id: &str) -> String {
    let item = page
        .text
        .split("<li class=\"item")
        .find(|item| item.contains(&format!("Brief {id}")));
    let item = item.unwrap_or_else(|| panic!("{id}: {}", page.text));
    let rest = item.split("href=\"").find(|rest| rest.contains("/document/"));
    let rest = rest.unwrap_or_else(|| panic!("{id}: {item}"));
    rest.split('"').next().unwrap_or_default().replace("&#38;", "&")
}

fn calls(country: &Country) -> usize {
    let journal = country.demo.testbed().journal();
    journal.count(|entry| matches!(entry.service, ServiceId::Source(_)) && entry.path.contains("/Binary/"))
}

#[tokio::test]
async fn a_document_is_fetched_when_it_is_opened_and_not_before() {
    let (country, _folder) = country().await;
    let (own, other) = (Visitor::log_in(&country).await, Visitor::log_in(&country).await);
    let page = own.page(P1).await;
    assert_eq!(calls(&country), 0, "a page fetches no document");
    let address = link(&page, "linked");
    assert!(!address.contains("b1") && !address.contains(P1), "{address}");
    let audited = country.audited(0).await;
    let opened = own.get(&country.url(&address)).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    assert_eq!(calls(&country), 1);
    assert!(opened.text.starts_with("%PDF-1.4"));
    assert_eq!(opened.headers["content-type"], "application/pdf");
    assert_eq!(opened.headers["x-content-type-options"], "nosniff");
    assert_eq!(opened.headers["cache-control"], "no-store");
    assert!(opened.headers["content-security-policy"].starts_with("default-src 'none';"));
    assert_eq!(
        opened.headers["content-disposition"],
        "inline; filename=\"document.pdf\""
    );
    assert!(country.audited(audited).await > audited, "it is in the audit log");
    let refused = other.get(&country.url(&address)).await;
    assert_eq!(refused.status, 410, "{}", refused.text);
    country.stop().await;
}

#[tokio::test]
async fn what_the_record_holds_is_not_fetched() {
    let (country, _folder) = country().await;
    let own = Visitor::log_in(&country).await;
    let page = own.page(P1).await;
    let opened = own.get(&country.url(&link(&page, "held"))).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    assert!(opened.text.starts_with("%PDF-1.4"));
    assert_eq!(calls(&country), 0);
    country.stop().await;
}

#[tokio::test]
async fn what_is_no_document_or_elsewhere_is_refused_in_plain_words() {
    let (country, _folder) = country().await;
    let own = Visitor::log_in(&country).await;
    let page = own.page(P1).await;
    for (id, code) in [
        ("script", "SAM-GAT-226"),
        ("away", "SAM-GAT-227"),
        ("gone", "SAM-GAT-204"),
    ] {
        let refused = own.get(&country.url(&link(&page, id))).await;
        assert_eq!(refused.status, 502, "{id}: {}", refused.text);
        assert!(refused.text.contains(code), "{id}: {}", refused.text);
        assert!(!refused.text.contains("alert(1)"), "{id}");
    }
    let away = country
        .demo
        .testbed()
        .journal()
        .count(|entry| entry.target().contains("elsewhere"));
    assert_eq!(away, 0);
    country.source_fault(ARCHIVE, "status:500@/Binary");
    let refused = own.get(&country.url(&link(&page, "linked"))).await;
    assert_eq!(refused.status, 502, "{}", refused.text);
    assert!(refused.text.contains("SAM-GAT-205"), "{}", refused.text);
    let none = own
        .get(&country.url(&link(&page, "linked").replace("/0?", "/7?")))
        .await;
    assert_eq!(none.status, 422, "{}", none.text);
    country.stop().await;
}

#[tokio::test]
async fn the_letters_of_the_demonstration_open() {
    let country = Country::start().await;
    let own = Visitor::log_in(&country).await;
    let page = own.page(P1).await;
    for (id, words) in [
        ("Ontslagbrief orthopedie", "(Ontslagbrief orthopedie) Tj"),
        ("Röntgenverslag knie rechts", "ntgenverslag knie rechts) Tj"),
        ("Echocardiografie hart", "(Echocardiografie hart) Tj"),
    ] {
        let links = page.text.split("class=\"document\" href=\"").skip(1);
        let link = links
            .filter(|rest| rest.split("</a>").next().is_some_and(|link| link.contains(id)))
            .find_map(|rest| rest.split('"').next());
        let link = link.unwrap_or_else(|| panic!("{id}: {}", page.text));
        let opened = own.get(&country.url(link)).await;
        assert_eq!(opened.status, 200, "{id}: {}", opened.text);
        assert!(opened.text.contains(words), "{id}");
    }
    country.stop().await;
}
