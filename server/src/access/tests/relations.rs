//! Login with a statement of 2024: what the configuration lets pass, and what nothing lets pass.

use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use samenhang_gather::query::DeclarationForm;
use serde_json::{Value, json};

use super::fake_dezi::{CLIENT, Dezi, Twist};
use super::fixture::{Gate, gate, now};
use super::login::{config, enter, login};
use crate::access::dezi::relations::Relations;
use crate::access::{AccessConfig, Form2024Config, KeyPlace, WithoutStatus};

const HIGH: &str = "http://eidas.europa.eu/LoA/high";
const BOTH: [DeclarationForm; 2] = [DeclarationForm::V07, DeclarationForm::Of2024];

pub(super) fn issuer_keys() -> Form2024Config {
    Form2024Config {
        key: KeyPlace::IssuerKeys,
        anchors_file: None,
        without_status: WithoutStatus::Refuse,
        roles: Vec::new(),
    }
}

pub(super) async fn start(form: impl FnOnce(&Path) -> Form2024Config) -> (Arc<Dezi>, Gate) {
    let dezi = Dezi::start().await;
    let gate = gate(|folder| {
        let mut dezi = config(folder, &dezi);
        dezi.accept = BOTH.to_vec();
        dezi.form_2024 = Some(form(folder));
        AccessConfig {
            dezi: Some(dezi),
            ..AccessConfig::default()
        }
    })
    .await;
    (dezi, gate)
}

/// A statement with which everything is right.
pub(super) fn claims(dezi: &Dezi) -> Value {
    let now = now().as_second();
    json!({
        "iss": dezi.base, "aud": CLIENT, "nbf": now - 10, "exp": now + 60, "sub": "s", "jti": "v1",
        "loa_authn": HIGH, "loa_uzi": HIGH, "uzi_id": "900000009", "initials": "A.B.", "surname_prefix": "",
        "surname": "Voorbeeld", "status_uri": format!("{}/status/v1/verklaring/v1", dezi.base),
        "relations": [{"ura": "00900900", "entity_name": "Huisartsenpraktijk West", "roles": ["01.015"]}],
    })
}

pub(super) fn changed(dezi: &Dezi, change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = claims(dezi);
    change(&mut claims);
    claims
}

pub(super) fn tell(dezi: &Dezi, statement: String) {
    *dezi.statement.lock().unwrap() = Some(statement);
}

/// A login in which Dezi tells this.
async fn told(dezi: &Dezi, gate: &Gate, claims: &Value) -> Result<String, String> {
    tell(dezi, dezi.signer.sign(claims));
    login(dezi, gate).await
}

fn relation(ura: &str, roles: &[&str]) -> Value {
    json!({"ura": ura, "entity_name": "x", "roles": roles})
}

#[tokio::test]
async fn a_person_logs_in_with_the_relation_that_is_ours() {
    let (dezi, gate) = start(|_| issuer_keys()).await;
    let others = json!([
        relation("00700700", &["30.000", "01.041"]),
        relation("00900900", &["01.015"]),
        relation("none", &[])
    ]);
    for claims in [
        claims(&dezi),
        changed(&dezi, |claims| claims["relations"] = others.clone()),
        changed(&dezi, |claims| claims["aud"] = json!(["other", CLIENT])),
        // The certificate of who it was encrypted to is of no use here, and does no harm.
        changed(&dezi, |claims| claims["x5c"] = json!("MIIB")),
        changed(&dezi, |claims| {
            claims["Dezi_id"] = claims["uzi_id"].take();
            claims["loa_Dezi"] = claims["loa_uzi"].take();
        }),
    ] {
        let cookie = told(&dezi, &gate, &claims).await.unwrap();
        let context = enter(&gate, &cookie).await.unwrap();
        let user = context.asker().user.clone().unwrap();
        assert_eq!(context.asker().organisation.as_str(), "00900900");
        assert_eq!(
            (user.number.as_str(), user.role.as_str(), user.name.as_str()),
            ("900000009", "01.015", "A.B. Voorbeeld")
        );
        assert!(user.declaration.unwrap().form == DeclarationForm::Of2024);
    }
    // In the envelope of version 0.7 it is the same statement.
    *dezi.statement.lock().unwrap() = None;
    assert!(
        login(&dezi, &gate).await.is_ok(),
        "and version 0.7 is accepted beside it"
    );
}

#[tokio::test]
async fn nothing_that_is_wrong_makes_a_session() {
    let (dezi, gate) = start(|_| issuer_keys()).await;
    let now = now().as_second();
    let (wrong, open) = ("SAM-ACC-009", "SAM-ACC-019");
    type Change = Box<dyn Fn(&mut Value)>;
    let set =
        |name: &'static str, value: Value| -> Change { Box::new(move |claims| claims[name] = value.clone()) };
    let cases: Vec<(&str, Change, &str)> = vec![
        ("has expired", set("exp", json!(now - 61)), wrong),
        ("not valid yet", set("nbf", json!(now + 61)), wrong),
        ("lacks a claim", set("exp", Value::Null), wrong),
        (
            "issuer is not on the list",
            set("iss", json!("https://other.example")),
            wrong,
        ),
        ("another audience", set("aud", json!("other")), wrong),
        ("lacks a claim", set("aud", Value::Null), wrong),
        (
            "assurance is too low",
            set("loa_uzi", json!("http://eidas.europa.eu/LoA/low")),
            wrong,
        ),
        (
            "assurance is too low",
            set("loa_authn", json!("http://eidas.europa.eu/LoA/low")),
            wrong,
        ),
        ("assurance is too low", set("loa_uzi", Value::Null), wrong),
        (
            "no relation with our organisation",
            set("relations", json!([relation("00700700", &["01.015"])])),
            wrong,
        ),
        (
            "no relation with our organisation",
            set("relations", json!([])),
            wrong,
        ),
        ("lacks a claim", set("relations", json!("00900900")), wrong),
        (
            "more than once",
            set(
                "relations",
                json!([
                    relation("00900900", &["01.015"]),
                    relation("00900900", &["01.015"])
                ]),
            ),
            open,
        ),
        (
            "several roles",
            set("relations", json!([relation("00900900", &["01.015", "30.000"])])),
            open,
        ),
        (
            "no number or role",
            set("relations", json!([relation("00900900", &[])])),
            wrong,
        ),
        (
            "no number or role",
            set("relations", json!([relation("00900900", &["<script>"])])),
            wrong,
        ),
        ("no number", set("uzi_id", Value::Null), wrong),
        (
            "no number, or more than one",
            set("dezi_nummer", json!("900000010")),
            wrong,
        ),
        (
            "names no address for its status",
            set("status_uri", Value::Null),
            open,
        ),
        (
            "status is at an address that is not on the list",
            set("status_uri", json!("http://127.0.0.1:1/status")),
            wrong,
        ),
        (
            "a claim is too long",
            set("surname", json!("x".repeat(600))),
            wrong,
        ),
        ("a claim is too long", set("jti", json!("x".repeat(600))), wrong),
        (
            "too many relations",
            set("relations", Value::Array(vec![relation("00700700", &[]); 65])),
            wrong,
        ),
        (
            "too many relations or roles",
            set("relations", json!([relation("00900900", &["01.015"; 65])])),
            wrong,
        ),
        (
            "the token is too large",
            set("surname_prefix", json!("x".repeat(17 << 10))),
            wrong,
        ),
    ];
    let count = cases.len();
    for (words, change, code) in cases {
        let page = told(&dezi, &gate, &changed(&dezi, change))
            .await
            .expect_err(words);
        assert!(page.contains(words), "{words}: {page}");
        assert!(page.contains(code), "{words}: {page}");
        assert!(gate.sessions.is_empty(), "{words}");
    }
    assert_eq!(gate.logged().await.len(), count, "every failure is logged");
}

#[tokio::test]
async fn a_statement_is_signed_with_a_key_of_dezi() {
    let (dezi, gate) = start(|_| issuer_keys()).await;
    let good = claims(&dezi);
    let header = |change: &dyn Fn(&mut Value)| {
        let mut header = dezi.signer.header();
        change(&mut header);
        dezi.signer.sign_parts(&header, &good)
    };
    let (head, rest) = dezi
        .signer
        .sign(&good)
        .split_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let other = dezi
        .signer
        .sign(&changed(&dezi, |claims| claims["uzi_id"] = json!("900000010")));
    let tampered = format!(
        "{head}.{}.{}",
        other.split('.').nth(1).unwrap(),
        rest.split('.').nth(1).unwrap()
    );
    for (words, statement) in [
        ("signature does not fit", dezi.stranger.sign(&good)),
        ("signature does not fit", tampered),
        ("key is not known", header(&|header| header["kid"] = json!("d2"))),
        ("key is not known", header(&|header| header["kid"] = Value::Null)),
        (
            "field that is not accepted",
            header(&|header| header["jku"] = json!("http://127.0.0.1:1/dezi/jwks.json")),
        ),
        (
            "field that is not accepted",
            header(&|header| header["jku"] = json!(format!("{}/dezi/jwks.json", dezi.base))),
        ),
        (
            "field that is not accepted",
            header(&|header| header["x5c"] = json!(["MIIB"])),
        ),
        (
            "algorithm is not accepted",
            header(&|header| header["alg"] = json!("HS256")),
        ),
        (
            "algorithm is not accepted",
            header(&|header| header["alg"] = json!("none")),
        ),
    ] {
        tell(&dezi, statement);
        let page = login(&dezi, &gate).await.expect_err(words);
        assert!(page.contains(words), "{words}: {page}");
        assert!(gate.sessions.is_empty(), "{words}");
    }
}

#[tokio::test]
async fn a_withdrawn_statement_lets_nobody_in() {
    let (dezi, gate) = start(|_| issuer_keys()).await;
    let cookie = told(&dezi, &gate, &claims(&dezi)).await.unwrap();
    dezi.twist(Twist::Revoked);
    let page = login(&dezi, &gate).await.unwrap_err();
    assert!(page.contains("has been withdrawn"), "{page}");
    dezi.twist(Twist::StatusBroken);
    let page = login(&dezi, &gate).await.unwrap_err();
    assert!(page.contains("could not be found out"), "{page}");
    dezi.twist(Twist::Revoked);
    gate.clock.advance(SignedDuration::from_mins(5));
    assert!(enter(&gate, &cookie).await.is_err(), "and ends a session");
    assert!(gate.sessions.is_empty());
}

#[tokio::test]
async fn what_the_sources_leave_open_can_be_decided() {
    let (dezi, gate) = start(|_| Form2024Config {
        without_status: WithoutStatus::Accept,
        roles: vec!["17.000".to_owned(), "01.015".to_owned(), "30.000".to_owned()],
        ..issuer_keys()
    })
    .await;
    let several = changed(&dezi, |claims| {
        claims["relations"] = json!([relation("00900900", &["30.000", "01.010", "01.015"])]);
        claims["status_uri"] = Value::Null;
        claims["jti"] = Value::Null;
    });
    let cookie = told(&dezi, &gate, &several).await.unwrap();
    let context = enter(&gate, &cookie).await.unwrap();
    assert_eq!(context.role(), Some("01.015"), "the first that is preferred");
    assert_eq!(*dezi.status_asked.lock().unwrap(), 0);
    let unknown = changed(&dezi, |claims| {
        claims["relations"] = json!([relation("00900900", &["01.041", "01.010"])]);
    });
    let page = told(&dezi, &gate, &unknown).await.unwrap_err();
    assert!(
        page.contains("several roles") && page.contains("SAM-ACC-019"),
        "{page}"
    );
    gate.clock.advance(SignedDuration::from_mins(6));
    assert!(enter(&gate, &cookie).await.is_ok(), "nothing to ask again");
}

#[tokio::test]
async fn a_form_that_is_not_named_is_refused() {
    let dezi = Dezi::start().await;
    let old = gate(|folder| AccessConfig {
        dezi: Some(config(folder, &dezi)),
        ..AccessConfig::default()
    })
    .await;
    let page = told(&dezi, &old, &claims(&dezi)).await.unwrap_err();
    assert!(
        page.contains("that of 2024") && page.contains("SAM-ACC-019"),
        "{page}"
    );
    *dezi.statement.lock().unwrap() = None;
    let new = gate(|folder| {
        let mut dezi = config(folder, &dezi);
        dezi.accept = vec![DeclarationForm::Of2024];
        dezi.form_2024 = Some(issuer_keys());
        AccessConfig {
            dezi: Some(dezi),
            ..AccessConfig::default()
        }
    })
    .await;
    let page = login(&dezi, &new).await.unwrap_err();
    assert!(
        page.contains("that of version 0.7") && page.contains("SAM-ACC-019"),
        "{page}"
    );
}

#[tokio::test]
async fn a_half_configured_form_is_refused_at_the_start() {
    let dezi = Dezi::start().await;
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let refused = |accept: &[DeclarationForm], form: Option<Form2024Config>| {
        let mut config = config(folder.path(), &dezi);
        config.accept = accept.to_vec();
        config.form_2024 = form;
        Relations::configured(&config).err().map(|error| error.code())
    };
    let chain = |file: Option<&Path>| Form2024Config {
        key: KeyPlace::CertificateChain,
        anchors_file: file.map(Path::to_owned),
        ..issuer_keys()
    };
    let useless = Form2024Config {
        anchors_file: Some(empty.clone()),
        ..issuer_keys()
    };
    let setting = Some("SAM-ACC-015");
    assert_eq!(refused(&BOTH, Some(issuer_keys())), None);
    assert_eq!(refused(&[], None), setting);
    assert_eq!(refused(&BOTH, None), setting);
    assert_eq!(refused(&[DeclarationForm::V07], Some(issuer_keys())), setting);
    assert_eq!(refused(&BOTH, Some(chain(None))), setting);
    assert_eq!(refused(&BOTH, Some(useless)), setting);
    assert_eq!(refused(&BOTH, Some(chain(Some(&empty)))), Some("SAM-ACC-013"));
    assert_eq!(
        refused(&BOTH, Some(chain(Some(&folder.path().join("none"))))),
        Some("SAM-ACC-013")
    );
}
