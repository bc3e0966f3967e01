//! The gate: nobody gets in without a login, and nobody asks in another's name.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use http::Request;
use http::request::Parts;
use samenhang_gather::query::Purpose;
use samenhang_profiles::Bsn;
use samenhang_terminology::Category;

use super::fixture::{BASE, Gate, demo, gate, gate_with, person, question};
use crate::access::{Access, AccessConfig, AccessParts, Context, Kind, Origin};

async fn plain() -> Gate {
    gate(|_| AccessConfig::default()).await
}

fn post(headers: &[(&'static str, &str)]) -> Parts {
    let mut request = Request::post("/fhir/R4/Patient/$overview");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

#[tokio::test]
async fn nobody_gets_in_with_nothing() {
    let gate = plain().await;
    let refused = gate.access.authenticate(&post(&[])).await.unwrap_err();
    assert_eq!((refused.code(), refused.status()), ("SAM-ACC-001", 401));
    assert!(refused.challenge().unwrap().starts_with("Bearer"));
    for header in ["x-forwarded-user", "x-dezi-number", "cookie"] {
        let refused = gate.access.authenticate(&post(&[(header, "admin")])).await;
        assert!(refused.is_err(), "{header}");
    }
}

#[tokio::test]
async fn a_session_is_used_from_our_own_pages_only() {
    let gate = plain().await;
    let token = gate
        .sessions
        .begin(&Context::professional(person("01.015")), None)
        .unwrap();
    let cookie = format!("samenhang_session={token}");
    let refused = |code: &'static str| Some(code);
    let with = async |more: &[(&'static str, &str)]| {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend_from_slice(more);
        gate.access
            .authenticate(&post(&headers))
            .await
            .err()
            .map(|error| error.code())
    };
    assert_eq!(with(&[("origin", BASE)]).await, None);
    assert_eq!(with(&[("origin", "http://localhost:8080")]).await, None);
    assert_eq!(with(&[("sec-fetch-site", "same-origin")]).await, None);
    let cross = refused("SAM-ACC-005");
    assert_eq!(with(&[]).await, cross);
    assert_eq!(with(&[("origin", "https://attacker.example")]).await, cross);
    assert_eq!(with(&[("origin", "null")]).await, cross);
    // A form of a page with `no-referrer`, without scripts: Chromium sends these two.
    let form = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    assert_eq!(with(&form).await, None);
    for site in ["none", "same-site", "cross-site"] {
        assert_eq!(with(&[("origin", "null"), ("sec-fetch-site", site)]).await, cross);
    }
    assert_eq!(with(&[("origin", "http://localhost:9999")]).await, cross);
    assert_eq!(
        with(&[("sec-fetch-site", "cross-site"), ("origin", BASE)]).await,
        cross
    );
    assert_eq!(with(&[("sec-fetch-site", "same-site")]).await, cross);
    assert_eq!(
        with(&[("authorization", "Bearer x"), ("origin", BASE)]).await,
        refused("SAM-ACC-004")
    );
    assert_eq!(
        with(&[("cookie", "samenhang_session=planted")]).await,
        refused("SAM-ACC-001")
    );
    let mut read = post(&[("cookie", cookie.as_str())]);
    read.method = http::Method::GET;
    let context = gate.access.authenticate(&read).await.unwrap();
    assert_eq!(
        gate.access.require_own_page(&read).unwrap_err().code(),
        "SAM-ACC-005"
    );
    assert_eq!(context.kind(), Kind::Professional);
    assert_eq!(context.role(), Some("01.015"));
    gate.clock.advance(crate::session::LIFETIME);
    assert_eq!(
        gate.access.authenticate(&read).await.unwrap_err().code(),
        "SAM-ACC-002"
    );
}

#[tokio::test]
async fn a_logout_ends_the_session_and_is_logged() {
    let gate = plain().await;
    let token = gate
        .sessions
        .begin(&Context::professional(person("01.015")), None)
        .unwrap();
    let cookie = format!("samenhang_session={token}");
    let logout = |origin: &str| {
        Request::post("/auth/logout")
            .header("cookie", &cookie)
            .header("origin", origin)
            .body(axum::body::Body::empty())
            .unwrap()
    };
    assert_eq!(
        gate.send(logout("https://attacker.example"))
            .await
            .status()
            .as_u16(),
        403
    );
    assert_eq!(gate.sessions.len(), 1);
    let response = gate.send(logout(BASE)).await;
    assert_eq!(response.status().as_u16(), 200);
    let cleared = response.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cleared.contains("Max-Age=0") && cleared.contains("HttpOnly") && cleared.contains("SameSite=Lax")
    );
    assert!(gate.sessions.is_empty());
    assert_eq!(gate.logged().await, [("logout".to_owned(), "0".to_owned())]);
    assert_eq!(gate.get("/auth/logout", None).await.status().as_u16(), 405);
}

#[tokio::test]
async fn question_and_decision_are_logged_before_anything_is_sent() {
    let gate = plain().await;
    let asker = person("01.015");
    let context = Context::professional(Arc::clone(&asker));
    let asked = question(&asker, Purpose::Treatment, &[Category::Alert]);
    let (query, recording) = gate
        .access
        .authorise(&context, asked.clone(), Origin::default())
        .await
        .unwrap();
    recording.durable().await.unwrap();
    assert_eq!(gate.logged().await.len(), 2, "durable when it says so");
    assert_eq!(query.grant().rule, "physician");
    let stranger = person("99.000");
    let context = Context::professional(Arc::clone(&stranger));
    let refused = gate
        .access
        .authorise(
            &context,
            question(&stranger, Purpose::Treatment, &[Category::Alert]),
            Origin::default(),
        )
        .await;
    assert_eq!(refused.err().map(|error| error.code()), Some("SAM-ACC-016"));
    let logged: Vec<String> = gate
        .logged()
        .await
        .into_iter()
        .map(|(activity, outcome)| format!("{activity} {outcome}"))
        .collect();
    assert_eq!(logged, ["question 0", "decision 0", "question 0", "decision 4"]);
    // In another's name nothing is asked.
    let other = gate
        .access
        .authorise(&context, asked.clone(), Origin::default())
        .await;
    assert!(other.is_err());
    // Without a log the recording fails, so that nobody is told who the patient is; from then on nothing is asked.
    std::fs::remove_file(gate.log.path()).unwrap();
    let context = Context::professional(asker);
    let authorise = || gate.access.authorise(&context, asked.clone(), Origin::default());
    let (_, recording) = authorise().await.unwrap();
    assert!(recording.durable().await.is_err());
    let unlogged = authorise().await;
    assert_eq!(unlogged.err().map(|error| error.status()), Some(503));
}

#[tokio::test]
async fn the_demonstration_knows_test_numbers_and_this_machine_only() {
    let gate = gate_with(|_| AccessConfig::default(), Some(demo())).await;
    let context = gate.access.authenticate(&post(&[])).await.unwrap();
    assert_eq!(context.kind(), Kind::Demo);
    assert!(context.may_name(&Bsn::parse("999990019").unwrap()).is_ok());
    assert!(
        context.may_name(&Bsn::parse("111222333").unwrap()).is_ok(),
        "in a folder of the demonstration"
    );
    let elsewhere = ["12345", "6782"].concat();
    let real = context.may_name(&Bsn::parse(&elsewhere).unwrap());
    assert_eq!(real.unwrap_err().code(), "SAM-ACC-008");
    let mut remote = post(&[]);
    remote
        .extensions
        .insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 1))));
    assert_eq!(
        gate.access.authenticate(&remote).await.unwrap_err().code(),
        "SAM-ACC-001"
    );
    let foreign = post(&[("origin", "https://attacker.example")]);
    assert_eq!(
        gate.access.authenticate(&foreign).await.unwrap_err().code(),
        "SAM-ACC-005"
    );
    let mut asked = question(context.asker(), Purpose::Treatment, &[Category::Alert]);
    asked.patient = Bsn::parse(&elsewhere).unwrap();
    assert!(
        gate.access
            .authorise(&context, asked, Origin::default())
            .await
            .is_err()
    );
    assert_eq!(gate.logged().await[1], ("decision".to_owned(), "4".to_owned()));
}

#[tokio::test]
async fn a_demonstration_is_not_made_by_configuration_or_off_this_machine() {
    let gate = plain().await;
    let parts = |base: &str| AccessParts {
        base: base.to_owned(),
        organisation: "00900900".parse().unwrap(),
        organisation_name: String::new(),
        organisation_type: "Z3".to_owned(),
        http: super::fixture::http(),
        log: gate.log.clone(),
        sessions: Arc::clone(&gate.sessions),
        clock: gate.clock.clone(),
        random: Arc::new(samenhang_gather::clock::SystemRandom),
    };
    let config = AccessConfig::default();
    assert!(Access::for_demo(&config, parts("http://[::1]:1"), demo()).is_ok());
    for base in [
        "https://samenhang.example",
        "http://10.0.0.1",
        "http://127.0.0.1.attacker.example",
    ] {
        assert!(Access::for_demo(&config, parts(base), demo()).is_err(), "{base}");
    }
    let person = Context::professional(person("01.015"));
    assert!(Access::for_demo(&config, parts(BASE), person).is_err());
    assert!(toml::from_str::<AccessConfig>("demo = true").is_err());
    assert!(toml::from_str::<AccessConfig>("[rate]\nburst = 1").is_ok());
}

#[tokio::test]
async fn each_asker_has_a_bucket() {
    let gate = gate(|_| AccessConfig {
        rate: crate::access::RateConfig {
            burst: 1,
            per_minute: 1,
        },
        ..AccessConfig::default()
    })
    .await;
    let context = Context::professional(person("01.015"));
    assert!(gate.access.admit(&context).is_ok());
    let refused = gate.access.admit(&context).unwrap_err();
    assert_eq!(refused.status(), 429);
    assert!(refused.retry_after().is_some());
    assert!(!gate.folder.path().as_os_str().is_empty());
}
