//! `demo` and `testbed`: the simulated country.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use samenhang_profiles::{Bsn, FhirVersion};
use samenhang_terminology::Category;
use samenhang_testbed::source::{self, SourceOption};
use samenhang_testbed::{HolderSpec, Testbed, TestbedConfig};
use serde::Serialize;
use uuid::Uuid;

use super::{built, print};
use crate::app::start::told_to_stop;
use crate::cli::{DemoArgs, Failure, TestbedArgs, output};
use crate::demo::{Demo, DemoOptions, kit};
use crate::error::{Language, Problem};
use crate::fhir::parameters::Asked;
use crate::http::address::holds_bsn;
use crate::http::correlation::Correlation;
use crate::http::layers::quiet_panics;
use crate::overview::memory::Reuse;
use crate::overview::{ask, json, version};
use crate::telemetry::{self, Format, Metrics, TelemetryConfig};

/// What the demonstration logs: what matters to somebody who tries it.
const QUIET: &str = "warn";
/// How long a command waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most Patients that are named in one line.
const MOST_IDS: usize = 10;

/// Says on stdout where the demonstration is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Where {
    viewer: String,
    /// The simulated record system, from whose patients the viewer can be started.
    launch: String,
    fhir: String,
    health: String,
    metrics: String,
    /// The control interface of the simulated country: faults, consent, the clock.
    control: String,
    patients: usize,
    curl: String,
}

pub(super) async fn demo(args: DemoArgs) -> Result<u8, Failure> {
    let patient = args.answer.as_deref().map(read_bsn).transpose()?;
    let holders = holders(&args.sources)?;
    let tokens = args
        .tokens
        .iter()
        .map(|text| read_token(text))
        .collect::<Result<_, _>>()?;
    let metrics = Metrics::default();
    let filter = TelemetryConfig {
        filter: QUIET.to_owned(),
        format: Format::Text,
        ..TelemetryConfig::default()
    };
    let guard = telemetry::start(&filter, &metrics)
        .map_err(|error| Failure::finding(format!("failed to start telemetry: {error}")))?;
    quiet_panics();
    let options = DemoOptions {
        country: TestbedConfig {
            own_patients: holders.is_empty(),
            holders,
            ..TestbedConfig::default()
        },
        port: args.port,
        log: QUIET.to_owned(),
        tokens,
        station: patient.is_none(),
        ..DemoOptions::default()
    };
    let demo = Box::pin(Demo::start(options, metrics))
        .await
        .map_err(|error| built(&error))?;
    if !args.sources.is_empty() {
        report(demo.testbed());
    }
    let person = demo
        .context()
        .asker()
        .user
        .as_ref()
        .map_or("nobody", |user| user.name.as_str())
        .to_owned();
    let organisation = demo.context().asker().organisation_name.clone();
    output::notice(&format!(
        "demo: logged in by itself through the simulated Dezi as {person}, {organisation}; requests without a \
         credential act as this person. Synthetic patients only."
    ));
    let status = match patient {
        Some(patient) => Box::pin(answer(&demo, patient)).await,
        None => {
            print(&whereabouts(&demo))?;
            output::notice("demo: stop with Ctrl-C");
            told_to_stop().await;
            Ok(0)
        }
    };
    demo.stop().await;
    guard.stop().await;
    status
}

fn whereabouts(demo: &Demo) -> Where {
    let base = demo.base();
    // In the order of the test range the first is the patient that shows most. A number that is not of that range,
    // from a folder of the user, is not repeated.
    let example = demo
        .patients()
        .iter()
        .map(Bsn::expose)
        .find(|number| number.starts_with("9999"))
        .unwrap_or("BSN")
        .to_owned();
    let body = format!(
        "{{\"resourceType\":\"Parameters\",\"parameter\":[{{\"name\":\"identifier\",\"valueIdentifier\":{{\"system\":\
         \"http://fhir.nl/fhir/NamingSystem/bsn\",\"value\":\"{example}\"}}}},{{\"name\":\"purpose\",\"valueCode\":\
         \"TREAT\"}}]}}"
    );
    Where {
        viewer: format!("{base}/viewer"),
        launch: format!(
            "{}/?app={base}/viewer/launch",
            demo.testbed().addresses().ehr_host
        ),
        fhir: format!("{base}/fhir/R4"),
        health: format!("http://{}/readyz", demo.internal()),
        metrics: format!("http://{}/metrics", demo.internal()),
        control: format!("{}/admin", demo.testbed().addresses().admin),
        patients: demo.patients().len(),
        curl: format!(
            "curl -sS -X POST '{base}/fhir/R4/Patient/$overview' -H 'Content-Type: application/fhir+json' -d '{body}'"
        ),
    }
}

/// Asks one question within the process and prints the Bundle.
async fn answer(demo: &Demo, patient: Bsn) -> Result<u8, Failure> {
    let app = demo.server().app();
    let asked = Asked {
        patient,
        categories: Category::ALL.into_iter().collect(),
        purpose: samenhang_gather::query::Purpose::Treatment,
        birth_date: None,
        family: None,
        confirmed_identity: std::collections::BTreeSet::new(),
        view: samenhang_reconcile::view::Views::shipped().whole(),
        ignored: Vec::new(),
    };
    let id = Uuid::new_v4();
    let correlation = Correlation {
        id,
        request_id: id.to_string(),
        traceparent: None,
        from: None,
        followed: std::sync::Arc::default(),
    };
    let mut course = Box::pin(ask::ask(
        app,
        asked,
        demo.context(),
        &correlation,
        PATIENCE,
        Reuse::Allowed,
    ))
    .await
    .map_err(|problem| unanswered(&problem))?;
    let link = format!("{}/fhir/R4/Patient/$overview", demo.base());
    let (whole, bundle) = Box::pin(json::written(
        &mut course,
        version::GATHERED,
        &link,
        Language::English,
    ))
    .await
    .map_err(|problem| unanswered(&problem))?;
    let mut bundle = bundle.to_vec();
    bundle.push(b'\n');
    output::write(&bundle)
        .map_err(|error| Failure::finding(format!("failed to write the answer: {error}")))?;
    let summary = whole.statement.summary();
    output::notice(&match summary.holders {
        0 => "demo: no holder is known to have data about this patient".to_owned(),
        holders => format!(
            "demo: {} of {holders} holders gave all that they offer",
            summary.complete
        ),
    });
    Ok(0)
}

fn unanswered(problem: &Problem) -> Failure {
    Failure::finding(format!("no answer: {} ({})", problem.text.en, problem.code))
        .hint(problem.hint.en.clone())
}

/// Reads a BSN; an error never repeats what may be somebody's number with a typing error.
fn read_bsn(text: &str) -> Result<Bsn, Failure> {
    Bsn::parse(text).map_err(|error| {
        Failure::misuse(format!("--answer: {error}"))
            .hint("the built-in patients are 999990019 to 999990093, see README.md")
    })
}

/// Reads a token and the patient that it stands for; an error repeats neither.
fn read_token(text: &str) -> Result<(String, Bsn), Failure> {
    let wrong =
        || Failure::misuse("--token: expected TOKEN:BSN, with a number that passes the 11-proef".to_owned());
    let (token, digits) = text
        .rsplit_once(':')
        .filter(|(token, _)| !token.is_empty())
        .ok_or_else(wrong)?;
    let bsn = Bsn::parse(digits).map_err(|_| wrong())?;
    Ok((token.to_owned(), bsn))
}

/// Reads the `--source` options. Their text may hold a BSN, so an error names only what is wrong.
fn holders(options: &[String]) -> Result<Vec<HolderSpec>, Failure> {
    let misuse = |error: &dyn std::fmt::Display| {
        Failure::misuse(format!("--source: {error}")).hint("`samenhang testbed --help` explains the option")
    };
    let read = |text: &String| text.parse::<SourceOption>().map_err(|error| misuse(&error));
    let options = options.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    source::holders(&options).map_err(|error| misuse(&error))
}

/// Names on stderr what could not be loaded.
fn report(testbed: &Testbed) {
    for holder in testbed.reports() {
        for endpoint in &holder.endpoints {
            let version = match endpoint.fhir {
                FhirVersion::R4 => "r4",
                FhirVersion::Stu3 => "stu3",
            };
            let who = format!("holder {} {version}", holder.ura);
            for skipped in &endpoint.skipped {
                output::notice(&format!(
                    "{who}: skipped {}: {}",
                    skipped.file.display(),
                    skipped.reason
                ));
            }
            if !endpoint.not_localised.is_empty() {
                output::notice(&format!(
                    "{who}: nobody can find a Patient without a valid BSN; name one with bsn=ID:BSN: {}",
                    ids(&endpoint.not_localised)
                ));
            }
        }
    }
}

/// The first ids of a list. An id that may be somebody's number is left out.
fn ids(all: &[String]) -> String {
    let mut shown: Vec<&str> = all
        .iter()
        .map(|id| {
            if holds_bsn(id) {
                "(an id with a BSN in it)"
            } else {
                id
            }
        })
        .take(MOST_IDS)
        .collect();
    if all.len() > MOST_IDS {
        shown.push("and more");
    }
    shown.join(", ")
}

/// Says on stdout where the simulated country is.
#[derive(Serialize)]
struct Country<'a> {
    addresses: &'a samenhang_testbed::Addresses,
    patients: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<String>,
}

pub(super) async fn testbed(args: TestbedArgs) -> Result<u8, Failure> {
    let filter = TelemetryConfig {
        filter: QUIET.to_owned(),
        format: Format::Text,
        ..TelemetryConfig::default()
    };
    let guard = telemetry::start(&filter, &Metrics::default())
        .map_err(|error| Failure::finding(format!("failed to start telemetry: {error}")))?;
    let holders = holders(&args.sources)?;
    let config = TestbedConfig {
        own_patients: holders.is_empty(),
        holders,
        first_port: (args.port != 0).then_some(args.port),
        ..TestbedConfig::default()
    };
    let generation = config.generation;
    let testbed = Box::pin(Testbed::start(config))
        .await
        .map_err(|error| Failure::finding(format!("failed to start the simulated country: {error}")))?;
    if !args.sources.is_empty() {
        report(&testbed);
    }
    if let Some(file) = &args.write_config {
        let listen = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let setup = kit::Setup {
            stations: Vec::new(),
            generation,
            listen: listen(8080),
            internal: listen(8081),
            log: "info".to_owned(),
            overlay: toml::Table::new(),
        };
        kit::write(&testbed, file, &setup)
            .map_err(|error| Failure::finding(format!("failed to write {}: {error}", file.display())))?;
    }
    print(&Country {
        addresses: testbed.addresses(),
        patients: testbed.patients().len(),
        config: args.write_config.map(|file| file.display().to_string()),
    })?;
    told_to_stop().await;
    testbed.stop().await;
    guard.stop().await;
    Ok(0)
}
