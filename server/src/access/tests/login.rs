//! Login with Dezi: what makes a session, and what does not.

use std::path::Path;
use std::sync::Arc;

use http::Request;
use jiff::SignedDuration;
use rsa::pkcs8::EncodePrivateKey;
use samenhang_gather::query::DeclarationForm;
use url::Url;

use super::fake_dezi::{CLIENT, Dezi, Twist};
use super::fixture::{BASE, Gate, gate, rsa_key, text};
use crate::access::{AccessConfig, AccessError, Context, DeziConfig, Kind};

async fn start() -> (Arc<Dezi>, Gate) {
    let dezi = Dezi::start().await;
    let gate = gate(|folder| AccessConfig {
        dezi: Some(config(folder, &dezi)),
        ..AccessConfig::default()
    })
    .await;
    (dezi, gate)
}

/// A login at the fake Dezi.
pub(super) fn config(folder: &Path, dezi: &Dezi) -> DeziConfig {
    let file = folder.join("dezi.pem");
    let pem = rsa_key(1).to_pkcs8_pem(Default::default()).unwrap();
    std::fs::write(&file, pem.as_bytes()).unwrap();
    DeziConfig {
        issuer: dezi.base.clone(),
        client_id: CLIENT.to_owned(),
        jwe_key_file: Some(file),
        key_addresses: Vec::new(),
        declaration_issuers: Vec::new(),
        status_addresses: Vec::new(),
        levels: vec!["http://eidas.europa.eu/LoA/high".to_owned()],
        accept: vec![DeclarationForm::V07],
        form_2024: None,
    }
}

/// Begins a login: the address of Dezi and the browser's cookie.
async fn begin(dezi: &Dezi, gate: &Gate, page: &str) -> (Url, String) {
    let response = gate.get(&format!("/auth/login{page}"), None).await;
    assert_eq!(response.status().as_u16(), 303);
    let location: Url = response.headers()["location"].to_str().unwrap().parse().unwrap();
    let set = response.headers()["set-cookie"].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"));
    let cookie = set.split(';').next().unwrap().to_owned();
    *dezi.challenge.lock().unwrap() = part(&location, "code_challenge");
    *dezi.nonce.lock().unwrap() = part(&location, "nonce");
    (location, cookie)
}

fn part(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// A whole login: the session cookie, or the page that says why not.
pub(super) async fn login(dezi: &Dezi, gate: &Gate) -> Result<String, String> {
    let (location, cookie) = begin(dezi, gate, "").await;
    let back = format!("/auth/callback?code=c1&state={}", part(&location, "state"));
    let response = gate.get(&back, Some(&cookie)).await;
    if response.status().as_u16() != 303 {
        assert_eq!(response.status().as_u16(), 403);
        return Err(text(response).await);
    }
    assert_eq!(response.headers()["location"], "/viewer");
    let set = response.headers()["set-cookie"].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Max-Age=900"));
    Ok(set.split(';').next().unwrap().to_owned())
}

pub(super) async fn enter(gate: &Gate, cookie: &str) -> Result<Context, AccessError> {
    let request = Request::get("/viewer").header("cookie", cookie).body(()).unwrap();
    gate.access.authenticate(&request.into_parts().0).await
}

#[tokio::test]
async fn a_person_logs_in() {
    let (dezi, gate) = start().await;
    for twist in [Twist::Nothing, Twist::SignedOnly, Twist::WithinTolerance] {
        dezi.twist(twist);
        let cookie = login(&dezi, &gate).await.unwrap();
        let context = enter(&gate, &cookie).await.unwrap();
        assert_eq!(context.kind(), Kind::Professional);
        let asker = context.asker();
        assert_eq!(asker.organisation.as_str(), "00900900");
        assert_eq!(asker.client_id, CLIENT);
        let user = asker.user.as_ref().unwrap();
        assert_eq!(
            (user.number.as_str(), user.role.as_str()),
            ("900000009", "01.015")
        );
        assert_eq!(user.name, "A.B. Voorbeeld");
        assert!(user.declaration.is_some());
        assert!(context.session().is_some());
    }
    assert_eq!(gate.logged().await, vec![("login".to_owned(), "0".to_owned()); 3]);
}

#[tokio::test]
async fn the_address_of_dezi_has_what_the_standard_asks() {
    let (dezi, gate) = start().await;
    let (location, _) = begin(&dezi, &gate, "").await;
    assert!(
        location
            .as_str()
            .starts_with(&format!("{}/authorize?", dezi.base))
    );
    assert_eq!(part(&location, "response_type"), "code");
    assert_eq!(part(&location, "client_id"), CLIENT);
    assert_eq!(part(&location, "redirect_uri"), format!("{BASE}/auth/callback"));
    assert_eq!(part(&location, "scope"), "openid");
    assert_eq!(part(&location, "code_challenge_method"), "S256");
    assert_eq!(part(&location, "code_challenge").len(), 43);
    assert_eq!(part(&location, "state").len(), 43);
    let (second, _) = begin(&dezi, &gate, "").await;
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(part(&location, name), part(&second, name));
    }
}

#[tokio::test]
async fn nothing_that_is_wrong_makes_a_session() {
    let (dezi, gate) = start().await;
    for (twist, words) in [
        (Twist::Nonce, "another login"),
        (Twist::IdTokenAudience, "another audience"),
        (Twist::IdTokenExpired, "has expired"),
        (Twist::EnvelopeIssuer, "issuer is another"),
        (Twist::EnvelopeAudience, "another audience"),
        (Twist::EnvelopeForeign, "signature does not fit"),
        (Twist::EnvelopePlain, "malformed"),
        (Twist::KeyAddress, "not on the list"),
        (Twist::NoKeyAddress, "where its keys are"),
        (Twist::Signature, "signature does not fit"),
        (Twist::Expired, "has expired"),
        (Twist::Early, "not valid yet"),
        (Twist::Issuer, "issuer is not on the list"),
        (Twist::Level, "assurance is too low"),
        (Twist::Organisation, "another organisation"),
        (Twist::OtherDeclaration, "not the declaration of this login"),
        (Twist::Symmetric, "algorithm is not accepted"),
        (
            Twist::StatusAddress,
            "status is at an address that is not on the list",
        ),
        (Twist::Revoked, "has been withdrawn"),
        (Twist::StatusBroken, "could not be found out"),
        (Twist::UserinfoFails, "refused the login"),
    ] {
        dezi.twist(twist);
        let page = login(&dezi, &gate).await.expect_err("a session");
        assert!(page.contains(words), "{twist:?}: {page}");
        assert!(page.contains("SAM-ACC-009"));
        assert!(gate.sessions.is_empty(), "{twist:?}");
    }
    let logged = gate.logged().await;
    assert_eq!(logged.len(), 21, "every failure is logged");
    assert!(
        logged
            .iter()
            .all(|(activity, outcome)| activity == "login" && outcome == "4")
    );
}

#[tokio::test]
async fn a_login_comes_back_once_in_its_own_browser_and_in_time() {
    let (dezi, gate) = start().await;
    let refused = async |back: String, cookie: Option<&str>, words: &str| {
        let page = text(gate.get(&back, cookie).await).await;
        assert!(page.contains(words), "{page}");
        assert!(gate.sessions.is_empty());
    };
    let unknown = "was not begun here";
    refused("/auth/callback".to_owned(), None, unknown).await;
    refused("/auth/callback?code=c1&state=x".to_owned(), None, unknown).await;
    let (location, cookie) = begin(&dezi, &gate, "").await;
    let back = format!("/auth/callback?code=c1&state={}", part(&location, "state"));
    refused(back.clone(), None, "another browser").await;
    refused(back, Some(&cookie), unknown).await;
    let (location, _) = begin(&dezi, &gate, "").await;
    let back = format!("/auth/callback?code=c1&state={}", part(&location, "state"));
    refused(back, Some("samenhang_login=stolen"), "another browser").await;
    let (location, cookie) = begin(&dezi, &gate, "").await;
    let back = format!("/auth/callback?code=c2&state={}", part(&location, "state"));
    refused(back, Some(&cookie), "refused the login").await;
    let (location, cookie) = begin(&dezi, &gate, "").await;
    let back = format!(
        "/auth/callback?error=access_denied&state={}",
        part(&location, "state")
    );
    refused(back, Some(&cookie), "refused the login").await;
    let (location, cookie) = begin(&dezi, &gate, "").await;
    gate.clock.advance(SignedDuration::from_mins(10));
    let back = format!("/auth/callback?code=c1&state={}", part(&location, "state"));
    refused(back, Some(&cookie), unknown).await;
}

#[tokio::test]
async fn who_knocks_at_random_does_not_fill_the_log() {
    let (_, gate) = start().await;
    for _ in 0..40 {
        gate.get("/auth/callback?code=c1&state=x", None).await;
    }
    let response = gate.get("/auth/callback?code=c1&state=x", None).await;
    assert_eq!(response.status().as_u16(), 429);
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(gate.logged().await.len(), 30);
}

#[tokio::test]
async fn a_login_leads_to_the_viewer_only() {
    let (dezi, gate) = start().await;
    for (wanted, led) in [
        ("?return_to=%2Fviewer%2Foverview", "/viewer/overview"),
        ("?return_to=%2F%2Fattacker.example", "/viewer"),
        ("?return_to=https%3A%2F%2Fattacker.example%2F", "/viewer"),
        ("?return_to=%2Fviewer.attacker.example", "/viewer"),
        ("?return_to=%2Fviewer%2F..%5C%5Cattacker.example", "/viewer"),
        ("?return_to=%2Fviewer%0d%0aset-cookie:x", "/viewer"),
    ] {
        let (location, cookie) = begin(&dezi, &gate, wanted).await;
        let back = format!("/auth/callback?code=c1&state={}", part(&location, "state"));
        let response = gate.get(&back, Some(&cookie)).await;
        assert_eq!(response.headers()["location"], led, "{wanted}");
    }
}

#[tokio::test]
async fn a_withdrawn_declaration_ends_the_session_within_five_minutes() {
    let (dezi, gate) = start().await;
    let cookie = login(&dezi, &gate).await.unwrap();
    dezi.twist(Twist::Revoked);
    assert!(enter(&gate, &cookie).await.is_ok(), "asked moments ago");
    assert_eq!(*dezi.status_asked.lock().unwrap(), 1);
    gate.clock.advance(SignedDuration::from_mins(5));
    dezi.twist(Twist::StatusBroken);
    assert_eq!(
        enter(&gate, &cookie).await.unwrap_err().status(),
        403,
        "no answer, no access"
    );
    dezi.twist(Twist::Nothing);
    assert!(
        enter(&gate, &cookie).await.is_ok(),
        "and in again when there is one"
    );
    gate.clock.advance(SignedDuration::from_mins(5));
    dezi.twist(Twist::Revoked);
    assert!(enter(&gate, &cookie).await.is_err());
    assert!(gate.sessions.is_empty());
    dezi.twist(Twist::Nothing);
    assert_eq!(enter(&gate, &cookie).await.unwrap_err().code(), "SAM-ACC-002");
}

#[tokio::test]
async fn a_login_that_cannot_be_recorded_is_none() {
    let (dezi, gate) = start().await;
    let (location, cookie) = begin(&dezi, &gate, "").await;
    std::fs::remove_file(gate.log.path()).unwrap();
    let back = format!("/auth/callback?code=c1&state={}", part(&location, "state"));
    let response = gate.get(&back, Some(&cookie)).await;
    assert_eq!(response.status().as_u16(), 503);
    assert!(gate.sessions.is_empty());
}

#[tokio::test]
async fn without_dezi_nobody_logs_in() {
    let gate = gate(|_| AccessConfig::default()).await;
    let response = gate.get("/auth/login", None).await;
    assert_eq!(response.status().as_u16(), 403);
    assert!(text(response).await.contains("not set up"));
}
