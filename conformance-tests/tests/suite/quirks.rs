//! Sources of the simulated country that behave as those of vendors do: each shows its quirks, the operator sees them by
//! holder, and none of it is about a patient.

use std::collections::BTreeMap;

use samenhang_server::demo::DemoOptions;
use samenhang_testbed::TestbedConfig;
use samenhang_testbed::holder::own;
use samenhang_testbed::source::Quirk;
use serde_json::Value;

use crate::country::{Country, P1, P2, read};

/// A country whose holders all behave like this.
async fn country(quirk: Quirk) -> Country {
    let mut holders = own();
    for holder in &mut holders {
        holder.quirk = quirk;
    }
    Country::with(DemoOptions {
        country: TestbedConfig {
            holders,
            own_patients: false,
            ..TestbedConfig::default()
        },
        ..DemoOptions::default()
    })
    .await
}

/// The ids that the operator sees, after questions about two patients.
async fn shown(quirk: Quirk) -> BTreeMap<String, u64> {
    let country = country(quirk).await;
    for patient in [P1, P2] {
        assert_eq!(country.ask(patient).await.status, 200, "{quirk}");
    }
    let list = read(country.client().get(country.internal("/quirks"))).await;
    let numbers = read(country.client().get(country.internal("/metrics"))).await;
    assert_eq!((list.status, numbers.status), (200, 200));
    let lines = list.json.as_array().expect("a list");
    let mut ids: BTreeMap<String, u64> = BTreeMap::new();
    for line in lines {
        let (id, count) = (line["id"].as_str(), line["count"].as_u64());
        assert!(
            count > Some(0) && line["holder"].as_str().map(str::len) == Some(8),
            "{line}"
        );
        *ids.entry(id.expect("an id").to_owned()).or_default() += count.unwrap_or_default();
    }
    for id in ids.keys() {
        assert!(
            numbers
                .text
                .contains(&format!("samenhang_source_quirks_total{{quirk=\"{id}\"}} ")),
            "{id}"
        );
    }
    for bsn in [P1, P2] {
        assert!(!list.text.contains(bsn) && !numbers.text.contains(bsn));
    }
    country.stop().await;
    ids
}

#[tokio::test]
async fn each_vendor_shows_its_quirks_to_the_operator() {
    let cases: [(Quirk, &[&str]); 8] = [
        (Quirk::Epic, &["SAM-QRK-041"]),
        (Quirk::Chipsoft, &["SAM-QRK-049", "SAM-QRK-104"]),
        (Quirk::Nedap, &["SAM-QRK-050"]),
        (Quirk::Nexus, &["SAM-QRK-051"]),
        (Quirk::Cgm, &["SAM-QRK-102", "SAM-QRK-103"]),
        (Quirk::Sanday, &["SAM-QRK-019", "SAM-QRK-103"]),
        (Quirk::Bare, &["SAM-QRK-043", "SAM-QRK-101"]),
        (Quirk::Xml, &["SAM-QRK-119"]),
    ];
    let clean = shown(Quirk::Clean).await;
    for (quirk, expected) in cases {
        let shown = shown(quirk).await;
        for id in expected {
            // Data that is as specified has texts without codes too, and fewer.
            let (more, usual) = (shown.get(*id), clean.get(*id));
            assert!(more > usual, "{quirk} shows {id}: {shown:?}, and not {clean:?}");
        }
    }
}

/// What was put right is told beside the resource, and who asks in the version of the source gets what it sent.
#[tokio::test]
async fn what_was_put_right_is_told_beside_the_resource() {
    let country = country(Quirk::Epic).await;
    let answer = country.ask(P1).await;
    let quirks = |entry: &Value| -> Vec<String> {
        let parts = crate::answer::lineage(entry)
            .and_then(|lineage| lineage["extension"].as_array().cloned())
            .unwrap_or_default();
        let own = parts.iter().filter(|part| part["url"] == "quirk");
        own.filter_map(|part| part["valueCode"].as_str().map(str::to_owned))
            .collect()
    };
    let told: Vec<String> = answer.data().flat_map(quirks).collect();
    assert!(told.contains(&"SAM-QRK-028".to_owned()), "{told:?}");
    let put_right = answer
        .data()
        .filter(|entry| quirks(entry).contains(&"SAM-QRK-028".to_owned()))
        .all(|entry| !entry["resource"].to_string().contains("\"reference\":\"https://"));
    assert!(put_right, "references to the source itself are relative");
    country.stop().await;
}
