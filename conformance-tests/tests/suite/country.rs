//! A simulated country with a server in it, asked over HTTP.

use std::collections::BTreeMap;
use std::sync::Once;
use std::time::Duration;

use samenhang_profiles::{Bsn, Ura};
use samenhang_server::demo::{Demo, DemoOptions};
use samenhang_server::telemetry::Metrics;
use samenhang_testbed::mitz::{Format, Notification};
use samenhang_testbed::{FaultSpec, ServiceId};
use serde_json::{Value, json};

use crate::answer::Answer;

pub(crate) const P1: &str = "999990019";
pub(crate) const P2: &str = "999990020";
pub(crate) const P3: &str = "999990032";
pub(crate) const P4: &str = "999990044";
pub(crate) const P5: &str = "999990056";
pub(crate) const P6: &str = "999990068";
pub(crate) const P7: &str = "999990081";
pub(crate) const P8: &str = "999990093";

pub(crate) const HOSPITAL: &str = "00700700";
pub(crate) const GP: &str = "00700701";
pub(crate) const PHARMACY: &str = "00700702";
pub(crate) const LABORATORY: &str = "00700703";
pub(crate) const CLINIC: &str = "00700704";

/// The country of one test.
pub(crate) struct Country {
    pub(crate) demo: Demo,
    client: reqwest::Client,
}

/// One rustls provider for the process: the client here and the server share it.
pub(crate) fn provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another test may have been first; either way there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

impl Country {
    pub(crate) async fn start() -> Self {
        Country::with(DemoOptions::default()).await
    }

    pub(crate) async fn with(options: DemoOptions) -> Self {
        provider();
        let demo = Box::pin(Demo::start(options, Metrics::default()))
            .await
            .expect("the demonstration starts");
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(90))
            .build()
            .expect("a client");
        Country { demo, client }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.demo.base())
    }

    pub(crate) fn internal(&self, path: &str) -> String {
        format!("http://{}{path}", self.demo.internal())
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Switches a fault on.
    pub(crate) fn fault(&self, service: ServiceId, fault: &str) {
        let spec: FaultSpec = fault.parse().expect("a fault");
        self.demo.testbed().faults().add(service, spec);
    }

    /// Switches a fault of a holder's FHIR source on.
    pub(crate) fn source_fault(&self, ura: &str, fault: &str) {
        self.fault(ServiceId::Source(ura.parse::<Ura>().expect("a URA")), fault);
    }

    /// Asks for everything about a patient, as one Bundle.
    pub(crate) async fn ask(&self, bsn: &str) -> Answer {
        self.ask_with(parameters(bsn, &[]), "application/fhir+json", &[])
            .await
    }

    /// Asks for some categories.
    pub(crate) async fn ask_for(&self, bsn: &str, categories: &[&str]) -> Answer {
        self.ask_with(parameters(bsn, categories), "application/fhir+json", &[])
            .await
    }

    /// Asks with a body, a form and headers of the test's own.
    pub(crate) async fn ask_with(&self, body: Value, accept: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask_at("/fhir/R4/Patient/$overview", body, accept, headers)
            .await
    }

    /// The same at an address of the test's own.
    pub(crate) async fn ask_at(
        &self,
        path: &str,
        body: Value,
        accept: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.ask_through(&self.client, path, body, accept, headers).await
    }

    /// The same through a client of the test's own.
    pub(crate) async fn ask_through(
        &self,
        client: &reqwest::Client,
        path: &str,
        body: Value,
        accept: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = client
            .post(self.url(path))
            .header("content-type", "application/fhir+json")
            .header("accept", accept)
            .body(body.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request).await
    }

    /// The choices of a patient change: Mitz tells the server.
    pub(crate) async fn change_choices(&self, bsn: &str) {
        let mitz = &self.demo.testbed().services().mitz;
        let told = mitz
            .notify(&Notification {
                patient: Bsn::parse(bsn).expect("a number"),
                holder: None,
                category: None,
                permitted: false,
                format: Format::Json,
                endpoint: Some(self.internal("/mitz/notification")),
            })
            .await;
        assert_eq!(told.expect("the notification arrives"), [204]);
    }

    /// Audit events that arrived at the sink, once there are more than `least` or none has come for a while.
    pub(crate) async fn audited(&self, least: usize) -> usize {
        let sink = &self.demo.testbed().services().audit_sink;
        for _ in 0..200 {
            if sink.events().len() > least {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        sink.events().len()
    }

    pub(crate) async fn stop(self) {
        // Its idle connections would otherwise be waited for.
        drop(self.client);
        self.demo.stop().await;
    }
}

/// Sends a request and reads the whole answer.
pub(crate) async fn read(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let status = response.status().as_u16();
    let headers: BTreeMap<_, _> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let text = response.text().await.expect("the answer ends");
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer {
        status,
        headers,
        text,
        json,
    }
}

/// The parameters of a question.
pub(crate) fn parameters(bsn: &str, categories: &[&str]) -> Value {
    let mut parameter = vec![json!({
        "name": "identifier",
        "valueIdentifier": { "system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": bsn }
    })];
    parameter.push(json!({ "name": "purpose", "valueCode": "TREAT" }));
    parameter.extend(
        categories
            .iter()
            .map(|code| json!({ "name": "category", "valueCode": code })),
    );
    json!({ "resourceType": "Parameters", "parameter": parameter })
}

/// An event of a stream: its name and its data.
pub(crate) type Sent = (String, Value);

/// An answer that is read as it comes: Server-Sent Events.
pub(crate) struct Events {
    response: reqwest::Response,
    read: Vec<u8>,
}

impl Events {
    /// Asks, and gives the stream once its head is there.
    pub(crate) async fn open(country: &Country, body: Value) -> Self {
        let response = country
            .client
            .post(country.url("/fhir/R4/Patient/$overview"))
            .header("content-type", "application/fhir+json")
            .header("accept", "text/event-stream")
            .body(body.to_string())
            .send()
            .await
            .expect("the server answers");
        assert_eq!(response.status(), 200);
        let read = Vec::new();
        Events { response, read }
    }

    /// The next event; `None` when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some(end) = self.read.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.read.drain(..end + 2).collect();
                let block = String::from_utf8(block).expect("an event is UTF-8");
                let of = |key: &str| {
                    let lines = block.lines().filter_map(|line| line.strip_prefix(key));
                    lines.map(str::trim).collect::<Vec<_>>().join("\n")
                };
                let (name, data) = (of("event:"), of("data:"));
                // A block without a name is a comment that keeps the stream open.
                if !name.is_empty() {
                    return Some((name, serde_json::from_str(&data).expect("data in JSON")));
                }
                continue;
            }
            let chunk = self.response.chunk().await.expect("the stream goes on")?;
            self.read.extend_from_slice(&chunk);
        }
    }

    /// All events that are left.
    pub(crate) async fn rest(&mut self) -> Vec<Sent> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await {
            all.push(event);
        }
        all
    }
}
