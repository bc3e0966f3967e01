//! The page for the operator: on the internal listener only, and without anything about a patient.

use crate::country::{Country, HOSPITAL, P1, read};

#[tokio::test]
async fn the_operator_sees_how_holders_do_and_nothing_about_a_patient() {
    let country = Country::start().await;
    country.source_fault(HOSPITAL, "status:500");
    for _ in 0..6 {
        assert_eq!(country.ask(P1).await.status, 200);
    }
    let page = read(country.client().get(country.internal("/operator?lang=en"))).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let row = |ura: &str| {
        let found = page
            .text
            .split("<tr")
            .find(|row| row.contains(&format!("URA {ura}")));
        found.unwrap_or_else(|| panic!("{ura}: {}", page.text)).to_owned()
    };
    let hospital = row(HOSPITAL);
    assert!(
        hospital.contains("open: is not asked for a moment") || hospital.contains("half open"),
        "{hospital}"
    );
    assert!(
        hospital.contains("SAM-GAT-205"),
        "the last failure by its code: {hospital}"
    );
    assert!(page.text.contains("closed: is asked"), "the others are well");
    assert!(page.text.contains("No station is connected"));
    for part in [P1, "Patient/", "Testpati", "<script"] {
        assert!(!page.text.contains(part), "{part}");
    }
    assert_eq!(page.headers["cache-control"], "no-store");
    let sheet = read(
        country
            .client()
            .get(country.internal("/viewer/assets/viewer.css")),
    )
    .await;
    assert_eq!(sheet.status, 200, "its style is on the same listener");
    let public = read(country.client().get(country.url("/operator"))).await;
    assert_eq!(public.status, 404, "never where askers come");
    country.stop().await;
}
