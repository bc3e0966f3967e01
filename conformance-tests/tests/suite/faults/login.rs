//! A login that does not go well makes no session (F35).

use samenhang_testbed::ServiceId;
use samenhang_testbed::dezi::{Certificates, DeziForm, DeziMode};

use super::scene::tuned;
use crate::country::{Country, HOSPITAL, P1};
use crate::visitor::Visitor;

/// Accepts both forms, with the key of the statement of 2024 in Dezi's own key set.
const BOTH: &str =
    "[access.dezi]\naccept = [\"v0.7\", \"2024\"]\n[access.dezi.form_2024]\nkey = \"issuer-keys\"\n";
/// The same, with the key in a certificate of an authority that is trusted.
const CHAIN: &str = "[access.dezi]\naccept = [\"v0.7\", \"2024\"]\n[access.dezi.form_2024]\nkey = \"certificate-chain\"\n\
                     anchors_file = \"keys/ca.pem\"\n";

/// Goes through the login as a browser would, and gives what the way back answered.
async fn log_in(country: &Country) -> reqwest::Response {
    let client = country.client();
    let departure = client
        .get(country.url("/auth/login"))
        .send()
        .await
        .expect("an answer");
    let cookie = departure.headers()["set-cookie"]
        .to_str()
        .expect("text")
        .to_owned();
    let dezi = departure.headers()["location"].to_str().expect("text").to_owned();
    let answer = client.get(dezi).send().await.expect("an answer");
    let back = answer.headers()["location"].to_str().expect("text").to_owned();
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    client
        .get(back)
        .header("cookie", cookie)
        .send()
        .await
        .expect("an answer")
}

fn has_session(response: &reqwest::Response) -> bool {
    response.headers().get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap_or_default();
        let value = cookie
            .split(';')
            .next()
            .and_then(|pair| pair.split_once('='))
            .map(|(_, value)| value);
        cookie.contains("session") && value.is_some_and(|value| !value.is_empty())
    })
}

#[tokio::test]
async fn fault_dezi() {
    let country = Country::start().await;
    let good = log_in(&country).await;
    assert_eq!(good.status(), 303);
    assert!(has_session(&good), "{:?}", good.headers());
    let dezi = &country.demo.testbed().services().dezi;
    for mode in [
        DeziMode::WrongJku,
        DeziMode::WrongSignature,
        DeziMode::Revoked,
        DeziMode::Expired,
        DeziMode::Denied,
    ] {
        dezi.set_mode(mode);
        let answer = log_in(&country).await;
        assert_eq!(answer.status(), 403, "{mode:?}");
        assert!(!has_session(&answer), "{mode:?}");
    }
    dezi.set_mode(DeziMode::Normal);
    for fault in [
        "status:500@/token",
        "malformed@/token",
        "status:500@/userinfo",
        "truncate@/userinfo",
        "expired-token",
        "clock-skew:7200",
    ] {
        country.fault(ServiceId::Dezi, fault);
        let answer = log_in(&country).await;
        assert!(
            answer.status().is_client_error() || answer.status().is_server_error(),
            "{fault}: {}",
            answer.status()
        );
        assert!(!has_session(&answer), "{fault}");
        country.demo.testbed().faults().clear_all();
    }
    assert!(has_session(&log_in(&country).await), "and it goes well again");
    country.stop().await;
}

fn of_2024(certificates: Certificates, status: bool) -> DeziForm {
    DeziForm::Of2024 { certificates, status }
}

#[tokio::test]
async fn fault_dezi_of_2024() {
    let country = tuned(BOTH).await;
    let dezi = &country.demo.testbed().services().dezi;
    dezi.speak(of_2024(Certificates::Recipient, true));
    for mode in [DeziMode::Normal, DeziMode::TwoRelations] {
        dezi.set_mode(mode);
        assert!(has_session(&log_in(&country).await), "{mode:?}");
    }
    for (mode, code) in [
        (DeziMode::WrongJku, "SAM-ACC-009"),
        (DeziMode::WrongSignature, "SAM-ACC-009"),
        (DeziMode::Revoked, "SAM-ACC-009"),
        (DeziMode::Expired, "SAM-ACC-009"),
        (DeziMode::NoRelation, "SAM-ACC-009"),
        (DeziMode::SameRelationTwice, "SAM-ACC-019"),
        (DeziMode::SeveralRoles, "SAM-ACC-019"),
    ] {
        dezi.set_mode(mode);
        let answer = log_in(&country).await;
        assert_eq!(answer.status(), 403, "{mode:?}");
        assert!(!has_session(&answer), "{mode:?}");
        let page = answer.text().await.expect("a page");
        assert!(page.contains(code), "{mode:?}: {page}");
    }
    dezi.set_mode(DeziMode::Normal);
    dezi.speak(of_2024(Certificates::Recipient, false));
    let answer = log_in(&country).await;
    assert!(!has_session(&answer), "it cannot be withdrawn");
    assert!(answer.text().await.expect("a page").contains("SAM-ACC-019"));
    country.stop().await;
}

#[tokio::test]
async fn a_statement_of_2024_proves_the_user_to_holders_too() {
    let country = tuned(BOTH).await;
    let dezi = &country.demo.testbed().services().dezi;
    dezi.speak(of_2024(Certificates::Recipient, true));
    let visitor = Visitor::log_in(&country).await;
    let answer = visitor.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let hospital = answer.text.matches(HOSPITAL).count();
    assert!(
        hospital > 0,
        "the hospital, which asks for a Nuts presentation, gave data"
    );
    assert!(
        !answer.text.contains("SAM-GAT-240"),
        "no holder refused: {}",
        answer.text
    );
    country.stop().await;
}

#[tokio::test]
async fn fault_dezi_certificates() {
    let country = tuned(CHAIN).await;
    let dezi = &country.demo.testbed().services().dezi;
    for (certificates, passes) in [
        (Certificates::Signer, true),
        (Certificates::Recipient, false),
        (Certificates::Foreign, false),
    ] {
        dezi.speak(of_2024(certificates, true));
        assert_eq!(has_session(&log_in(&country).await), passes, "{certificates:?}");
    }
    country.stop().await;
}

#[tokio::test]
async fn fault_dezi_of_2024_is_refused_by_default() {
    let country = Country::start().await;
    country
        .demo
        .testbed()
        .services()
        .dezi
        .speak(of_2024(Certificates::Recipient, true));
    let answer = log_in(&country).await;
    assert_eq!(answer.status(), 403);
    assert!(!has_session(&answer));
    let page = answer.text().await.expect("a page");
    assert!(
        page.contains("SAM-ACC-019") && page.contains("access.dezi.accept"),
        "{page}"
    );
    country.stop().await;
}
