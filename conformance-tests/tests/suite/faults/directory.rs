//! The directory of care providers: down, stale, or telling what must not be believed (F10, F22, F34).

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use samenhang_server::app::build::{Foundation, Server};
use samenhang_server::config::Config;
use samenhang_server::demo::{DemoOptions, kit};
use samenhang_server::telemetry::Metrics;
use samenhang_testbed::{Generation, ServiceId, SimClock, Testbed, TestbedConfig};
use serde_json::json;

use super::scene::{Scene, source, tuned};
use crate::country::{Country, P1, PHARMACY, provider, read};

/// Pages that failed are asked again at once.
const QUICK: &str = "[national.directory]\nbackoff_ms = 1\ntimeout_ms = 500\n";

/// Once loaded, the replica serves on while the directory is down or talks nonsense.
#[tokio::test]
async fn fault_directory_down_after_load() {
    let country = tuned(QUICK).await;
    for fault in [
        "status:503",
        "hang",
        "reset",
        "truncate",
        "malformed",
        "html-page",
        "empty-body",
    ] {
        country.fault(ServiceId::Lrza, fault);
        let updated = country.demo.server().app().gather().refresh_directory().await;
        assert!(updated.is_err(), "{fault}");
        country.demo.testbed().faults().clear_all();
    }
    country.fault(ServiceId::Lrza, "status:503");
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.headers["samenhang-completeness"].starts_with("5/5"));
    country.stop().await;
}

/// A replica that is too old is not used: no answer, and not ready, until the directory is back.
#[tokio::test]
async fn fault_directory_down_for_too_long() {
    let clock = SimClock::starting_at(Timestamp::now());
    let options = DemoOptions {
        country: TestbedConfig {
            clock: clock.clone(),
            ..TestbedConfig::default()
        },
        overlay: QUICK.parse().expect("settings in TOML"),
        ..DemoOptions::default()
    };
    let country = Country::with(options).await;
    let ready = async || {
        read(country.client().get(country.internal("/readyz")))
            .await
            .status
    };
    assert_eq!(ready().await, 200);
    country.fault(ServiceId::Lrza, "status:503");
    clock.advance(Duration::from_secs(86_400 + 1));
    let answer = country.ask(P1).await;
    assert_eq!((answer.status, ready().await), (503, 503), "{}", answer.text);
    assert_eq!(answer.json["resourceType"], "OperationOutcome");
    country.demo.testbed().faults().clear_all();
    let updated = country.demo.server().app().gather().refresh_directory().await;
    assert!(updated.is_ok(), "{updated:?}");
    assert_eq!((country.ask(P1).await.status, ready().await), (200, 200));
    country.stop().await;
}

/// Without a directory from the start the server runs, says that it is not ready, and becomes ready by itself.
#[tokio::test]
async fn fault_directory_down_at_start() {
    provider();
    let testbed = Box::pin(Testbed::start(TestbedConfig::default()))
        .await
        .expect("a country");
    testbed.faults().set(
        ServiceId::Lrza,
        "status:503".parse::<samenhang_testbed::Fault>().expect("a fault"),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let (server, internal) = Box::pin(serve(&testbed, folder.path())).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let ready = async || read(client.get(format!("http://{internal}/readyz"))).await;
    let answer = ready().await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("directory"), "{}", answer.text);
    assert_eq!(
        read(client.get(format!("http://{internal}/healthz")))
            .await
            .status,
        200
    );
    testbed.faults().clear_all();
    let mut status = 503;
    for _ in 0..200 {
        status = ready().await.status;
        if status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status, 200, "it becomes ready by itself");
    server.stop().await;
    testbed.stop().await;
}

/// A server as `samenhang serve` starts it, with the address of its internal listener.
async fn serve(testbed: &Testbed, folder: &std::path::Path) -> (Server, SocketAddr) {
    let file = folder.join("samenhang.toml");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let setup = kit::Setup {
        stations: Vec::new(),
        generation: Generation::C,
        listen: any,
        internal: any,
        log: String::new(),
        overlay: QUICK.parse().expect("settings in TOML"),
    };
    kit::write(testbed, &file, &setup).expect("a configuration");
    let Ok(config) = Config::load(&file) else {
        panic!("the configuration cannot be read");
    };
    let foundation = Box::pin(Foundation::lay(config, Metrics::default()))
        .await
        .expect("a foundation");
    let (access, internal) = (foundation.access().expect("a gate"), foundation.internal());
    (foundation.serve(access, false).expect("a server"), internal)
}

/// Addresses in the directory that no call may ever go to.
const FORBIDDEN: [&str; 9] = [
    "http://169.254.169.254/latest/meta-data",
    "http://[fd00:ec2::254]/fhir",
    "http://10.0.0.1/fhir",
    "https://192.168.1.1/fhir",
    "http://[::ffff:10.0.0.1]/fhir",
    "http://0.0.0.0/fhir",
    "http://0x0a000001/fhir",
    "file:///etc/passwd",
    "https://user:word@127.0.0.1/fhir",
];

/// A holder's address outside the allowed networks: never called, and its rows say why.
#[tokio::test]
async fn fault_ssrf_in_the_directory() {
    let scene = Scene::start().await;
    for address in FORBIDDEN {
        list(&scene, &format!("ep-{PHARMACY}-r4"), address).await;
        let answer = scene.ask().await;
        scene.rest_is_whole(&answer, &[PHARMACY]);
        scene.nothing_of(&answer, PHARMACY, "failed", "unsafe-link");
        assert_eq!(scene.calls(PHARMACY), 0, "{address}");
        assert!(!answer.text.contains(address), "the address is not passed on");
    }
    scene.stop().await;
}

/// The same for an authorization server: no proof of who we are goes there, and nothing is asked without it.
#[tokio::test]
async fn fault_ssrf_of_an_authorization_server() {
    let scene = Scene::start().await;
    for address in ["http://169.254.169.254/token", "http://10.0.0.1/oauth"] {
        list(&scene, &format!("as-{PHARMACY}"), address).await;
        let answer = scene.ask().await;
        scene.rest_is_whole(&answer, &[PHARMACY]);
        scene.nothing_of(&answer, PHARMACY, "failed", "unsafe-link");
        assert_eq!(scene.journal().of(&source(PHARMACY)).len(), 0, "{address}");
    }
    scene.stop().await;
}

/// Puts another address into the directory, and has the server learn of it.
async fn list(scene: &Scene, endpoint: &str, address: &str) {
    let demo = &scene.country.demo;
    let lrza = &demo.testbed().services().lrza;
    lrza.patch("Endpoint", endpoint, &json!({ "address": address }))
        .expect("an endpoint");
    let updated = demo.server().app().gather().refresh_directory().await;
    assert!(updated.is_ok(), "{updated:?}");
}

/// A holder that the directory does not know any more is named, not forgotten.
#[tokio::test]
async fn fault_endpoint_gone_from_the_directory() {
    let scene = Scene::start().await;
    let demo = &scene.country.demo;
    let lrza = &demo.testbed().services().lrza;
    lrza.patch(
        "Endpoint",
        &format!("ep-{PHARMACY}-r4"),
        &json!({ "status": "off" }),
    )
    .expect("an endpoint");
    demo.server()
        .app()
        .gather()
        .refresh_directory()
        .await
        .expect("an update");
    let answer = scene.ask().await;
    scene.rest_is_whole(&answer, &[PHARMACY]);
    assert_eq!(answer.statuses(PHARMACY), ["unsupported".to_owned()].into());
    assert_eq!(scene.calls(PHARMACY), 0);
    scene.stop().await;
}

/// A holder whose authorization server speaks what we do not (the claims of a vendor) is refused by us: it is not asked
/// without a token either.
#[tokio::test]
async fn fault_unknown_authorization_server() {
    let country = Country::start().await;
    let lrza = &country.demo.testbed().services().lrza;
    let vendor = json!({"connectionType": {"system":
        "http://minvws.github.io/generiekefuncties-docs/CodeSystem/nl-gf-authorization-server-cs", "code": "vendor-claims"}});
    lrza.patch("Endpoint", &format!("as-{PHARMACY}"), &vendor)
        .expect("the endpoint of the authorization server");
    let updated = country.demo.server().app().gather().refresh_directory().await;
    assert!(updated.is_ok(), "{updated:?}");
    country.demo.testbed().journal().clear();
    let answer = country.ask(P1).await;
    // What it does not offer at all is `unsupported` as before.
    let told: Vec<_> = answer
        .statuses(PHARMACY)
        .into_iter()
        .filter(|status| status != "unsupported")
        .collect();
    assert_eq!(told, ["refused"]);
    assert!(answer.text.contains("no-credentials"), "{}", answer.text);
    assert!(!answer.headers["samenhang-completeness"].starts_with("5/5"));
    let asked = country.demo.testbed().journal().of(&source(PHARMACY));
    let asked: Vec<_> = asked
        .iter()
        .filter(|entry| !entry.path.ends_with("/metadata"))
        .collect();
    assert!(asked.is_empty(), "{} requests without a token", asked.len());
    country.stop().await;
}
