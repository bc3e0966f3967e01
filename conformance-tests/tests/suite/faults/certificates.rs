//! Certificates of holders and of their authorization servers: F08, and F34 for whose they are.
//!
//! The journal notes what came through TLS: nothing there means that nothing was sent.

use samenhang_testbed::ServiceId;
use samenhang_testbed::journal::Entry;

use super::scene::{Scene, authorization, source, tuned};
use crate::answer::Answer;
use crate::country::{Country, P1, PHARMACY};

/// Certificates that no client may accept, whatever is configured.
const UNTRUSTED: [&str; 5] = [
    "certificate:expired",
    "certificate:not-yet-valid",
    "certificate:foreign-ca",
    "certificate:wrong-name",
    "certificate:other-ura",
];

/// The first question to a country in which a service shows a bad certificate.
async fn first(settings: &str, service: ServiceId, flaw: &str) -> (Scene, Answer, Vec<Entry>) {
    let country = if settings.is_empty() {
        Country::start().await
    } else {
        tuned(settings).await
    };
    Scene::first(country, service, flaw).await
}

fn received<'a>(entries: &'a [Entry], service: &ServiceId) -> Vec<&'a Entry> {
    entries.iter().filter(|entry| entry.service == *service).collect()
}

/// The holder is left out and says why, nothing reached it, and the rest is whole. Its authorization server may have
/// been asked for a token, which tells nothing about the patient.
#[tokio::test]
async fn fault_f08_certificate_of_a_source() {
    for flaw in UNTRUSTED {
        let (scene, answer, entries) = first("", source(PHARMACY), flaw).await;
        scene.others_alike(&answer, &[PHARMACY]);
        scene.nothing_of(&answer, PHARMACY, "failed", "not-trusted");
        assert!(received(&entries, &source(PHARMACY)).is_empty(), "{flaw}");
        for entry in received(&entries, &authorization(PHARMACY)) {
            let text = format!("{} {}", entry.target(), entry.text());
            assert!(!text.contains(P1), "{flaw}: the number went to {}", entry.path);
        }
        scene.stop().await;
    }
}

/// No proof of who asks goes to such an authorization server, and nothing about the patient to its holder.
#[tokio::test]
async fn fault_f08_certificate_of_an_authorization_server() {
    for flaw in UNTRUSTED {
        let (scene, answer, entries) = first("", authorization(PHARMACY), flaw).await;
        scene.others_alike(&answer, &[PHARMACY]);
        scene.nothing_of(&answer, PHARMACY, "failed", "not-trusted");
        assert!(received(&entries, &authorization(PHARMACY)).is_empty(), "{flaw}");
        for entry in received(&entries, &source(PHARMACY)) {
            // What it offers may be read by anyone.
            assert!(
                entry.path.ends_with("/metadata") || entry.path.contains("/.well-known/"),
                "{flaw}: {}",
                entry.path
            );
        }
        scene.stop().await;
    }
}

/// A certificate of the same authority without a URA is enough by default, and not where the URA is required.
#[tokio::test]
async fn fault_f34_certificate_without_a_ura() {
    let (scene, answer, _) = first("", source(PHARMACY), "certificate:no-ura").await;
    scene.others_alike(&answer, &[]);
    scene.stop().await;
    let required = "[egress]\nholder_certificates = \"required\"\n";
    let (scene, answer, entries) = first(required, source(PHARMACY), "certificate:no-ura").await;
    scene.others_alike(&answer, &[PHARMACY]);
    scene.nothing_of(&answer, PHARMACY, "failed", "not-trusted");
    assert!(received(&entries, &source(PHARMACY)).is_empty());
    scene.stop().await;
}

/// Another organisation's certificate is accepted where the operator has said that it hosts the holder.
#[tokio::test]
async fn fault_f34_certificate_of_who_hosts_the_holder() {
    let hosted = format!("[egress.hosted_by]\n{PHARMACY} = [\"00999999\"]\n");
    let (scene, answer, _) = first(&hosted, source(PHARMACY), "certificate:other-ura").await;
    scene.others_alike(&answer, &[]);
    scene.stop().await;
    // Hosting one holder is no right to stand for another.
    let other = "[egress.hosted_by]\n00700700 = [\"00999999\"]\n";
    let (scene, answer, _) = first(other, source(PHARMACY), "certificate:other-ura").await;
    scene.nothing_of(&answer, PHARMACY, "failed", "not-trusted");
    scene.stop().await;
}
