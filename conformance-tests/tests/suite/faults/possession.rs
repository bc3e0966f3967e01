//! Tokens that are bound to a key (RFC 9449): the laboratory speaks GFI-004, the hospital RFC021 with an offer.

use reqwest::Certificate;
use samenhang_testbed::clock::SimClock;
use samenhang_testbed::journal::Entry;
use samenhang_testbed::tls::Authority;
use samenhang_testbed::{ClientMaterial, ServiceId};

use super::scene::{Scene, authorization, source, tuned};
use crate::country::{Country, HOSPITAL, LABORATORY, P1};

/// Requests about a patient that a holder got, in order.
fn about_patient<'a>(entries: &'a [Entry], ura: &str) -> Vec<&'a Entry> {
    let general = |path: &str| path.ends_with("/metadata") || path.contains("/.well-known/");
    entries
        .iter()
        .filter(|entry| entry.service == source(ura) && !general(&entry.path))
        .collect()
}

fn tokens(entries: &[Entry], service: &ServiceId) -> usize {
    entries
        .iter()
        .filter(|entry| entry.service == *service && entry.method == "POST")
        .count()
}

#[tokio::test]
async fn every_request_carries_a_proof_of_its_own() {
    let country = Country::start().await;
    let answer = country.ask(P1).await;
    assert!(
        answer.headers["samenhang-completeness"].starts_with("5/5"),
        "{:?}",
        answer.rows()
    );
    let entries = country.demo.testbed().journal().entries();
    for ura in [HOSPITAL, LABORATORY] {
        let requests = about_patient(&entries, ura);
        let mut proofs: Vec<_> = requests
            .iter()
            .map(|entry| entry.header("dpop").expect("a proof"))
            .collect();
        assert!(requests.iter().all(|entry| {
            entry
                .header("authorization")
                .is_some_and(|value| value.starts_with("DPoP "))
        }));
        proofs.sort_unstable();
        proofs.dedup();
        assert_eq!(proofs.len(), requests.len(), "{ura}: a proof was used twice");
    }
    country.stop().await;
}

/// Who finds the token and the proofs of a whole question can do nothing with them.
#[tokio::test]
async fn fault_stolen_token() {
    let country = Country::start().await;
    country.ask(P1).await;
    let testbed = country.demo.testbed();
    let ca = Certificate::from_pem(testbed.client().ca_pem.as_bytes()).expect("a certificate");
    let thief = reqwest::Client::builder()
        .tls_certs_only([ca])
        .no_proxy()
        .build()
        .expect("a client");
    let entries = testbed.journal().entries();
    let stolen = about_patient(&entries, LABORATORY)
        .into_iter()
        .find(|entry| entry.method == "GET")
        .expect("a search");
    let at = testbed
        .addresses()
        .sources
        .iter()
        .find(|at| at.ura.as_str() == LABORATORY);
    let base = &at.expect("the laboratory").base;
    let origin = base.split("/fhir/").next().expect("an origin");
    let url = format!("{origin}{}", stolen.target());
    let (token, proof) = (
        stolen.header("authorization").expect("a token"),
        stolen.header("dpop").expect("a proof"),
    );
    let bearer = token.replace("DPoP ", "Bearer ");
    for (authorization, proof) in [
        (token, Some(proof)),
        (token, None),
        (bearer.as_str(), Some(proof)),
        (bearer.as_str(), None),
    ] {
        let mut request = thief.get(&url).header("authorization", authorization);
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        assert_eq!(request.send().await.expect("an answer").status(), 401);
    }
    country.stop().await;
}

/// The nonce is fetched with the first request and costs one more; nothing is lost.
#[tokio::test]
async fn fault_dpop_nonce_of_a_source() {
    let (scene, answer, entries) =
        Scene::first(Country::start().await, source(LABORATORY), "dpop-nonce").await;
    scene.others_alike(&answer, &[]);
    let requests = about_patient(&entries, LABORATORY);
    let refused: Vec<_> = requests.iter().filter(|entry| entry.status == 401).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(requests[0].status, 401);
    assert_eq!(
        tokens(&entries, &authorization(LABORATORY)),
        1,
        "a challenge does not cost a token"
    );
    scene.stop().await;
}

#[tokio::test]
async fn fault_dpop_nonce_of_an_authorization_server() {
    for ura in [HOSPITAL, LABORATORY] {
        let (scene, answer, entries) =
            Scene::first(Country::start().await, authorization(ura), "dpop-nonce").await;
        scene.others_alike(&answer, &[]);
        assert_eq!(tokens(&entries, &authorization(ura)), 2);
        scene.stop().await;
    }
}

/// A service for which no nonce is ever the right one is asked twice and no more.
#[tokio::test]
async fn fault_nonce_loop() {
    let (scene, answer, entries) =
        Scene::first(Country::start().await, source(LABORATORY), "nonce-loop").await;
    scene.others_alike(&answer, &[LABORATORY]);
    scene.nothing_of(&answer, LABORATORY, "refused", "access-refused");
    assert_eq!(about_patient(&entries, LABORATORY).len(), 2);
    scene.stop().await;
    let (scene, answer, entries) =
        Scene::first(Country::start().await, authorization(LABORATORY), "nonce-loop").await;
    scene.others_alike(&answer, &[LABORATORY]);
    scene.nothing_of(&answer, LABORATORY, "refused", "token-refused");
    assert_eq!(tokens(&entries, &authorization(LABORATORY)), 2);
    assert!(about_patient(&entries, LABORATORY).is_empty());
    scene.stop().await;
}

/// A server that gives a weaker token than it promised is not used.
#[tokio::test]
async fn fault_bearer_token() {
    for ura in [HOSPITAL, LABORATORY] {
        let (scene, answer, entries) =
            Scene::first(Country::start().await, authorization(ura), "bearer-token").await;
        scene.others_alike(&answer, &[ura]);
        scene.nothing_of(&answer, ura, "failed", "token-failed");
        assert!(
            about_patient(&entries, ura).is_empty(),
            "asked with a bearer token"
        );
        scene.stop().await;
    }
}

/// With the offer turned down the hospital gives bearer tokens; FAPI leaves no choice.
#[tokio::test]
async fn dpop_can_be_turned_off_where_it_is_an_offer() {
    let country = tuned("[authorisation.nuts]\ndpop = \"never\"\n").await;
    let answer = country.ask(P1).await;
    assert!(
        answer.headers["samenhang-completeness"].starts_with("5/5"),
        "{:?}",
        answer.rows()
    );
    let entries = country.demo.testbed().journal().entries();
    let scheme = |ura| {
        let first = about_patient(&entries, ura)[0];
        first
            .header("authorization")
            .and_then(|value| value.split(' ').next())
            .map(str::to_owned)
    };
    assert_eq!(
        (scheme(HOSPITAL).as_deref(), scheme(LABORATORY).as_deref()),
        (Some("Bearer"), Some("DPoP"))
    );
    country.stop().await;
}

/// Our credential comes from an authority that the holders do not trust.
#[tokio::test]
async fn fault_untrusted_authority_of_our_credential() {
    let authority = Authority::from_seed(99, "certificate authority").expect("an authority");
    let stranger = ClientMaterial::from_seed(99, &authority, &SimClock::real()).expect("a client");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("credential.jwt");
    std::fs::write(&file, &stranger.x509_credential).expect("written");
    let country = tuned(&format!(
        "[authorisation.nuts]\ncredential_file = {:?}\n",
        file.display().to_string()
    ))
    .await;
    let answer = country.ask(P1).await;
    let entries = country.demo.testbed().journal().entries();
    for ura in [HOSPITAL, LABORATORY] {
        assert!(about_patient(&entries, ura).is_empty());
        assert_eq!(answer.of(ura).count(), 0);
        let rows = answer.rows();
        let said = rows
            .iter()
            .find(|row| row.holder == ura && row.category == "Condition")
            .expect("a row");
        assert_eq!(
            (said.status.as_str(), said.detail.as_deref()),
            ("refused", Some("token-refused"))
        );
    }
    country.stop().await;
}
