//! The whole server against the simulated country, over HTTP.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{Demo, DemoOptions};
use crate::overview::memory::Reuse;
use crate::telemetry::Metrics;

const P1: &str = "999990019";

async fn demo() -> Demo {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = DemoOptions {
        log: "error".to_owned(),
        ..DemoOptions::default()
    };
    Box::pin(Demo::start(options, Metrics::default())).await.unwrap()
}

fn question(bsn: &str, more: &str) -> String {
    format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"identifier","valueIdentifier":{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{bsn}"}}}},{{"name":"purpose","valueCode":"TREAT"}}{more}]}}"#
    )
}

/// Sends a question and gives status, headers and body.
async fn ask(demo: &Demo, body: String, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
    let address = format!("{}/fhir/R4/Patient/$overview", demo.base());
    let mut request = reqwest::Client::new().post(address).body(body);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/fhir+json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, response.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_question_is_answered_in_every_form_with_the_same_resources() {
    let demo = demo().await;
    let (status, headers, body) = ask(&demo, question(P1, ""), &[("x-request-id", "r-1")]).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-request-id"], "r-1");
    assert_eq!(headers["samenhang-demo"], "true");
    assert!(
        headers["samenhang-completeness"]
            .to_str()
            .unwrap()
            .starts_with("5/5")
    );
    let bundle: Value = serde_json::from_str(&body).unwrap();
    let addresses = |bundle: &Value| -> Vec<String> {
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        let of = |entry: &Value| {
            entry["fullUrl"]
                .as_str()
                .filter(|url| url.starts_with("http"))
                .map(str::to_owned)
        };
        entries.iter().filter_map(of).collect()
    };
    let mut whole = addresses(&bundle);
    whole.sort();
    assert!(whole.len() > 100);
    assert_eq!(bundle["entry"][0]["search"]["mode"], "outcome");

    let (_, headers, lines) = ask(&demo, question(P1, ""), &[("accept", "application/fhir+ndjson")]).await;
    assert!(
        headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/fhir+ndjson")
    );
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut pieces: Vec<String> = lines.iter().flat_map(addresses).collect();
    pieces.sort();
    pieces.dedup();
    whole.dedup();
    assert_eq!(pieces, whole);
    assert_eq!(lines.last().unwrap()["resourceType"], "OperationOutcome");

    let (_, _, events) = ask(&demo, question(P1, ""), &[("accept", "text/event-stream")]).await;
    let names: Vec<&str> = events
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    assert_eq!(names.first(), Some(&"holder"));
    assert_eq!(names[names.len() - 2..], ["completeness", "done"]);
    assert_eq!(names.iter().filter(|name| **name == "category").count(), 5 * 21);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_question_gets_an_outcome_that_says_what_to_do() {
    let demo = demo().await;
    let unknown = r#",{"name":"since","valueString":"x"}"#;
    let (status, _, body) = ask(&demo, question(P1, unknown), &[("prefer", "handling=strict")]).await;
    assert_eq!(status, 400);
    let outcome: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(outcome["issue"][0]["code"], "not-supported");
    assert_eq!(outcome["issue"][0]["expression"][0], "Parameters.parameter[2]");

    let (status, _, body) = ask(&demo, question(P1, unknown), &[]).await;
    assert_eq!(status, 200);
    let bundle: Value = serde_json::from_str(&body).unwrap();
    let last = bundle["entry"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["resource"]["issue"][0]["severity"], "warning");

    let (status, headers, _) = ask(&demo, question(P1, ""), &[("accept", "application/fhir+xml")]).await;
    assert_eq!(status, 406);
    assert!(
        headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/fhir+json")
    );
    let (status, _, _) = ask(&demo, question(P1, ""), &[("content-type", "application/xml")]).await;
    assert_eq!(status, 415);
    let (status, _, body) = ask(&demo, "x".repeat(100_000), &[]).await;
    assert_eq!(
        (status, body.contains("SAM-SRV-007")),
        (StatusCode::PAYLOAD_TOO_LARGE, true)
    );
    let (status, headers, _) = ask(&demo, question(P1, ""), &[("authorization", "Bearer forged")]).await;
    assert_eq!(status, 401);
    assert!(
        headers["www-authenticate"]
            .to_str()
            .unwrap()
            .contains("invalid_token")
    );
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_localisation_is_never_an_empty_answer() {
    let demo = demo().await;
    let faults = demo.testbed().faults();
    faults.set(
        samenhang_testbed::ServiceId::Nvi,
        "status:503".parse::<samenhang_testbed::Fault>().unwrap(),
    );
    let (status, headers, body) = ask(&demo, question(P1, ""), &[("accept-language", "nl")]).await;
    assert_eq!(status, 503);
    assert!(headers.contains_key("retry-after"));
    assert!(body.contains("betekent niet dat er geen gegevens zijn"), "{body}");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_work_without_scripts_and_with_them() {
    let demo = demo().await;
    let client = reqwest::Client::new();
    let form = client
        .get(format!("{}/viewer", demo.base()))
        .send()
        .await
        .unwrap();
    assert_eq!(form.status(), 200);
    assert!(
        form.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("script-src 'self'")
    );
    let post = |accept: &'static str, body: &'static str| {
        let address = format!("{}/viewer/overview?lang=nl", demo.base());
        let request = client.post(address).header("accept", accept);
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
    };
    let page = post("text/html", "bsn=999990019&purpose=TREAT").await.unwrap();
    assert_eq!(page.headers()["cache-control"], "no-store");
    let page = page.text().await.unwrap();
    assert!(
        page.matches("<li class=\"item").count() > 50,
        "{}",
        page.matches("<li class=\"item").count()
    );
    assert!(page.contains("omgezet") && page.contains("gemeld door") && page.contains("verschillen"));
    assert!(!page.contains(P1), "the number is not in the page");
    let stream = post("text/event-stream", "bsn=999990019&purpose=TREAT")
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(stream.contains("<hx-partial hx-target=\"#main\"") && stream.contains("event: final"));
    assert!(stream.trim_end().lines().any(|line| line == "event: done"));
    let wrong = post("text/html", "bsn=123&purpose=TREAT").await.unwrap();
    assert_eq!(wrong.status(), 400);
    assert!(wrong.text().await.unwrap().contains("11-proef"));
    let versioned = samenhang_viewer::assets::address("viewer.js");
    // Only what has the version of this content in its address may be kept without asking.
    for (address, is_kept) in [
        (versioned.as_str(), true),
        ("/viewer/assets/viewer.js", false),
        ("/viewer/assets/viewer.js?v=000000000000000000000000", false),
    ] {
        let asset = client
            .get(format!("{}{address}", demo.base()))
            .send()
            .await
            .unwrap();
        let cache = asset.headers()["cache-control"].to_str().unwrap();
        assert_eq!(
            (asset.status().as_u16(), cache.contains("immutable")),
            (200, is_kept),
            "{address}"
        );
    }
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_exists_and_the_rest_does_not() {
    let demo = super::station::tests::with_reports().await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    for route in crate::http::routes::TABLE {
        let host = match route.side {
            crate::http::routes::Side::Public => demo.base().to_owned(),
            crate::http::routes::Side::Internal => format!("http://{}", demo.internal()),
        };
        let address = format!(
            "{host}{}",
            route
                .path
                .replace("{name}", "viewer.css")
                .replace("{type}", "Condition")
                .replace("{source}", "ziekenhuis-oost")
        );
        let method = reqwest::Method::from_bytes(route.method.as_str().as_bytes()).unwrap();
        let status = client.request(method, &address).send().await.unwrap().status();
        assert!(
            status != 404 && status != 405 && status != 500,
            "{} {}: {status}",
            route.method,
            route.path
        );
    }
    let missing = client
        .get(format!("{}/fhir/R4/NoSuchType", demo.base()))
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), 404);
    assert!(missing.text().await.unwrap().contains("OperationOutcome"));
    let elsewhere = client
        .get(format!("{}/api/v1/nothing", demo.base()))
        .send()
        .await
        .unwrap();
    assert_eq!(elsewhere.headers()["content-type"], "application/problem+json");
    let method = client
        .get(format!("{}/fhir/R4/Patient/$overview", demo.base()))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            method.status().as_u16(),
            method.headers()["allow"].to_str().unwrap()
        ),
        (405, "POST")
    );
    let named = format!("{}/fhir/R4/Patient?identifier={P1}", demo.base());
    assert_eq!(client.get(named).send().await.unwrap().status(), 400);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_questions_at_once_are_turned_away_and_a_stopping_server_takes_none() {
    let demo = demo().await;
    let app = demo.server().app();
    let places: Vec<_> = (0..app.config().max_questions)
        .map(|_| app.place().unwrap())
        .collect();
    let (status, headers, body) = ask(&demo, question(P1, ""), &[]).await;
    assert_eq!((status.as_u16(), body.contains("SAM-SRV-012")), (503, true));
    assert!(headers.contains_key("retry-after"));
    drop(places);
    app.drain().begin();
    assert_eq!(app.place().unwrap_err().code, "SAM-SRV-016");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_keeps_back_what_was_already_fetched() {
    let demo = demo().await;
    let app = demo.server().app();
    let asked =
        crate::fhir::parameters::read(question(P1, "").as_bytes(), crate::fhir::prefer::Handling::Strict);
    let id = uuid::Uuid::new_v4();
    let correlation = crate::http::correlation::Correlation {
        id,
        request_id: id.to_string(),
        traceparent: None,
        from: None,
        followed: std::sync::Arc::default(),
    };
    let patience = std::time::Duration::from_secs(10);
    let course = crate::overview::ask::ask(
        app,
        asked.ok().unwrap(),
        demo.context(),
        &correlation,
        patience,
        Reuse::Allowed,
    );
    let mut course = Box::pin(course).await.unwrap();
    // The patient says no while the holders are being asked: nothing that was permitted before may be shown.
    app.gather()
        .register()
        .revoke(&samenhang_profiles::Bsn::parse(P1).unwrap(), app.clock().now());
    let whole = crate::overview::json::whole(&mut course).await.unwrap();
    assert!(whole.reconciled.items().is_empty());
    assert!(whole.statement.rows().all(|row| row.cell.count == 0));
    drop(course);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_of_consent_is_taken_on_the_internal_side_only() {
    let demo = demo().await;
    let consent = format!(
        r#"{{"resourceType":"Consent","status":"inactive","patient":{{"identifier":{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"{P1}"}}}}}}"#
    );
    let client = reqwest::Client::new();
    let internal = format!("http://{}/mitz/notification", demo.internal());
    let taken = client.post(&internal).body(consent.clone()).send().await.unwrap();
    assert_eq!(taken.status(), 204);
    let refused = client.post(&internal).body("{}").send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let public = format!("{}/mitz/notification", demo.base());
    let unknown = client.post(public).body(consent).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_after_the_first_are_behind_a_handle_of_the_session() {
    let demo = demo().await;
    let client = reqwest::Client::new();
    let asked = client
        .post(format!("{}/viewer/overview?lang=nl", demo.base()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("bsn=999990019&purpose=TREAT")
        .send()
        .await
        .unwrap();
    let cookie = asked.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly"), "the demonstration has a session too");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let page = asked.text().await.unwrap();
    let handle = page
        .split("/viewer/p/")
        .nth(1)
        .unwrap()
        .get(..32)
        .unwrap()
        .to_owned();
    let get = |path: String, cookie: String| {
        let address = format!("{}/viewer/p/{path}", demo.base());
        client.get(address).header("cookie", cookie).send()
    };
    for (path, text) in [
        ("?lang=nl", "niet opnieuw bevraagd"),
        ("?lang=en&view=acute", "Overview: Acute care"),
        ("/section/results?lang=nl", "Laboratoriumuitslagen"),
        ("/medication?lang=nl", "<svg class=\"course\""),
        ("/results?lang=en&period=all", "<polyline"),
        ("/timeline?lang=nl&period=1y", "Tijdlijn"),
        ("/timeline?lang=en&period=24h", "Nothing in this period"),
    ] {
        let answer = get(format!("{handle}{path}"), cookie.clone()).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
        let html = answer.text().await.unwrap();
        assert!(html.contains(text) && !html.contains(P1), "{path}");
    }
    // Without the session there is no such page, whoever knows the address; nor behind a handle that was never given.
    for (path, cookie) in [(handle.clone(), String::new()), ("a".repeat(32), cookie.clone())] {
        let answer = get(path, cookie).await.unwrap();
        assert_eq!(answer.status(), 410);
        let html = answer.text().await.unwrap();
        assert!(html.contains("SAM-SRV-023") && !html.contains("section-allergies"));
    }
    let none = get(format!("{handle}/section/nothing"), cookie).await.unwrap();
    assert_eq!(none.status(), 404);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_keeps_two_records_apart_from_a_page_of_this_server_only() {
    let demo = demo().await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let asked = client
        .post(format!("{}/viewer/overview?lang=nl", demo.base()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("bsn=999990019&purpose=TREAT")
        .send()
        .await
        .unwrap();
    let cookie = asked.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let page = asked.text().await.unwrap();
    let get = |path: String| {
        let request = client.get(format!("{}{path}", demo.base()));
        request.header("cookie", cookie.clone()).send()
    };
    // A line that more than one source reports.
    let line = page
        .split("<li class=\"item")
        .find(|line| line.contains("≡"))
        .unwrap();
    let link = |html: &str| {
        html.split("href=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .replace("&#38;", "&")
    };
    let record = link(line);
    let html = get(record.clone()).await.unwrap().text().await.unwrap();
    assert!(
        html.contains("Waarom staan deze bij elkaar?") && html.contains("Origineel van"),
        "{html}"
    );
    assert!(!html.contains(P1), "the number is masked in the originals too");
    let value = |name: &str| {
        let field = html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        field.split('"').next().unwrap().to_owned()
    };
    let handle = record.split('/').nth(3).unwrap().to_owned();
    let (own, other) = (value("record"), value("other"));
    let post = |body: String, origin: String| {
        let request = client.post(format!("{}/viewer/p/{handle}/apart?lang=nl", demo.base()));
        let request = request.header("cookie", cookie.clone()).header("origin", origin);
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
    };
    let said = format!("record={own}&other={other}&ground=two-facts");
    let elsewhere = post(said.clone(), "https://attacker.example".to_owned())
        .await
        .unwrap();
    assert_eq!(elsewhere.status(), 403);
    let done = post(said, demo.base().to_owned()).await.unwrap();
    assert_eq!(done.status(), 303);
    let apart = get(done.headers()["location"].to_str().unwrap().to_owned())
        .await
        .unwrap();
    let apart = apart.text().await.unwrap();
    assert!(
        apart.contains("worden uit elkaar gehouden") && apart.contains("het zijn twee feiten"),
        "{apart}"
    );
    let back = format!("record={own}&other={other}&withdraw=1");
    let back = post(back, demo.base().to_owned()).await.unwrap();
    let again = get(back.headers()["location"].to_str().unwrap().to_owned())
        .await
        .unwrap();
    let again = again.text().await.unwrap();
    assert!(again.contains("correctie is teruggenomen") && again.contains("Waarom staan deze bij elkaar?"));
    let wrong = post(
        format!("record={own}&other={own}&ground=other"),
        demo.base().to_owned(),
    )
    .await
    .unwrap();
    assert_eq!(wrong.status(), 422);
    demo.stop().await;
}
