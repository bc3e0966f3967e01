//! What the server is compared with: a client that fetches the same pages and does nothing with them.

use std::time::Instant;

use futures::future::join_all;
use reqwest::{Certificate, Client, Identity, Method};
use samenhang_server::demo::Demo;
use samenhang_testbed::ServiceId;
use samenhang_testbed::journal::Entry;

use crate::timeline::Stage;

/// A client that fetches what the server fetched, and does nothing with it.
pub(crate) struct Plain {
    client: Client,
    /// Per holder: its base address and the calls, the patient first.
    holders: Vec<(String, Vec<Entry>)>,
}

impl Plain {
    /// Takes the calls of the last question from the journal of the simulated country.
    pub(crate) fn from_journal(demo: &Demo) -> Self {
        let testbed = demo.testbed();
        let material = testbed.client();
        let identity = format!("{}{}", material.client_cert_pem, material.client_key_pem);
        let client = Client::builder()
            .no_proxy()
            .tls_certs_only([Certificate::from_pem(material.ca_pem.as_bytes()).expect("a certificate")])
            .identity(Identity::from_pem(identity.as_bytes()).expect("an identity"))
            .build()
            .expect("a client");
        let holders = testbed
            .addresses()
            .sources
            .iter()
            .map(|source| {
                let base = url::Url::parse(&source.base).expect("an address");
                let origin = base.origin().ascii_serialization();
                let calls = testbed.journal().of(&ServiceId::Source(source.ura.clone()));
                (
                    origin,
                    calls
                        .into_iter()
                        .filter(|call| !call.path.ends_with("/metadata"))
                        .collect(),
                )
            })
            .collect();
        Plain { client, holders }
    }

    /// Calls that one round takes.
    pub(crate) fn calls(&self) -> usize {
        self.holders.iter().map(|(_, calls)| calls.len()).sum()
    }

    /// Tells what is fetched from the first holder.
    pub(crate) fn list(&self) {
        for call in self.holders.first().into_iter().flat_map(|(_, calls)| calls) {
            println!("  {} {}", call.method, call.target());
        }
    }

    /// Fetches from all holders at once: the patient first, then the rest together. Gives the calls of each holder.
    pub(crate) async fn fetch(&self) -> Vec<Vec<Stage>> {
        join_all(self.holders.iter().map(|(origin, calls)| async move {
            let (patient, rest) = calls.split_first().expect("the server asked this holder");
            let mut stages = vec![self.call("find-patient", origin, patient).await];
            stages.extend(join_all(rest.iter().map(|call| self.call("search", origin, call))).await);
            stages
        }))
        .await
    }

    async fn call(&self, name: &'static str, origin: &str, call: &Entry) -> Stage {
        let began = Instant::now();
        let method: Method = call.method.parse().expect("a method");
        let mut request = self.client.request(method, format!("{origin}{}", call.target()));
        for name in ["authorization", "accept", "content-type", "accept-encoding"] {
            if let Some(value) = call.header(name) {
                request = request.header(name, value);
            }
        }
        let answer = request
            .body(call.body.clone())
            .send()
            .await
            .expect("the source answers");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.expect("a whole page");
        Stage::new(name, began)
    }
}
