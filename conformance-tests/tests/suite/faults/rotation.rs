//! F09: our own client certificate is renewed while the server runs.

use std::path::Path;
use std::time::Duration;

use samenhang_server::demo::DemoOptions;
use samenhang_testbed::clock::SimClock;
use samenhang_testbed::tls::Authority;
use samenhang_testbed::{ClientMaterial, TestbedConfig};

use super::scene::tuned;
use crate::answer::Answer;
use crate::country::{Country, HOSPITAL, P1};

/// So often is it looked whether the new certificate is in use.
const LOOKS: usize = 100;

/// Asks when nothing that was learnt before holds any more: tokens, localisation and permits are asked for anew.
async fn ask_anew(country: &Country) -> Answer {
    country.demo.testbed().clock().advance(Duration::from_secs(3600));
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(
        answer.headers["samenhang-completeness"].starts_with("5/5"),
        "{:?}",
        answer.rows()
    );
    answer
}

fn write(file: &Path, text: &str) {
    std::fs::write(file, text).expect("written");
}

#[tokio::test]
async fn fault_f09_client_certificate_rotation() {
    // The same seed gives the same certificate, before there is a country that shows it.
    let seed = TestbedConfig::default().seed;
    assert_eq!(DemoOptions::default().country.seed, seed);
    let authority = Authority::from_seed(seed, "certificate authority").expect("an authority");
    let own = ClientMaterial::from_seed(seed, &authority, &SimClock::real()).expect("a client");
    let stranger = Authority::from_seed(99, "certificate authority").expect("an authority");
    let stranger = ClientMaterial::from_seed(99, &stranger, &SimClock::real()).expect("a client");
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (folder.path().join("client.pem"), folder.path().join("client.key"));
    write(&certificate, &own.client_cert_pem);
    write(&key, &own.client_key_pem);
    let country = tuned(&format!(
        "[egress]\nreload_seconds = 1\nclient_certificate_file = {:?}\nclient_key_file = {:?}\n",
        certificate.display().to_string(),
        key.display().to_string()
    ))
    .await;
    let shared = country.demo.testbed().shared();
    ask_anew(&country).await;
    assert!(shared.was_shown(&own.client_cert_fingerprint));

    // A certificate that does not go with the key, as between the two writes of a renewal: the old one stays.
    write(&certificate, &stranger.client_cert_pem);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    ask_anew(&country).await;

    // The new one comes while a question waits for a holder, which is answered all the same.
    let new = shared.renew_certificate().expect("a certificate");
    country.source_fault(HOSPITAL, "latency:2500*1@/Patient");
    let (running, ()) = tokio::join!(ask_anew(&country), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        write(&certificate, &new.certificate_pem);
    });
    assert!(running.of(HOSPITAL).count() > 0);
    for _ in 0..LOOKS {
        if shared.was_shown(&new.fingerprint()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        ask_anew(&country).await;
    }
    assert!(
        shared.was_shown(&new.fingerprint()),
        "the new certificate is never used"
    );
    // From now on nobody takes the old one.
    shared.withdraw_certificate(&own.client_cert_fingerprint);
    ask_anew(&country).await;
    country.stop().await;
}
