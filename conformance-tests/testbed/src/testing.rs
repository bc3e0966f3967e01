//! A client for the tests of the services, and the three services behind one localisation.

use samenhang_profiles::Bsn;
use serde_json::{Value, json};

use crate::clock::SimClock;
use crate::faults::ServiceId;
use crate::holder::{Generation, TestbedConfig};
use crate::keys::{base64_any, base64url};
use crate::net::{Shared, bind};
use crate::nvi::Nvi;
use crate::oauth::Oauth;
use crate::prs::oprf::{Blind, Element, personal_input};
use crate::prs::{Prs, recipient};

pub(crate) fn client(shared: &Shared) -> reqwest::Client {
    build(shared, true)
}

pub(crate) fn client_without_certificate(shared: &Shared) -> reqwest::Client {
    build(shared, false)
}

fn build(shared: &Shared, with_certificate: bool) -> reqwest::Client {
    let material = shared.client();
    // Fails when another test of this process was first, which is just as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca = reqwest::Certificate::from_pem(material.ca_pem.as_bytes()).unwrap();
    let mut builder = reqwest::Client::builder()
        .tls_certs_only([ca])
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .no_proxy();
    if with_certificate {
        let both = format!("{}{}", material.client_cert_pem, material.client_key_pem);
        builder = builder.identity(reqwest::Identity::from_pem(both.as_bytes()).unwrap());
    }
    builder.build().unwrap()
}

/// OAuth, PRS and NVI of one generation, without TLS, with a clock that stands still.
pub(crate) struct National {
    pub(crate) shared: Shared,
    pub(crate) http: reqwest::Client,
    pub(crate) prs: Prs,
    pub(crate) nvi: Nvi,
    pub(crate) prs_url: String,
    pub(crate) nvi_url: String,
    oauth: Oauth,
    form: Vec<(&'static str, String)>,
    oauth_url: String,
}

impl National {
    pub(crate) async fn start(generation: Generation) -> National {
        let shared = Shared::new(&TestbedConfig {
            generation,
            tls: false,
            clock: SimClock::frozen("2026-09-01T08:00:00Z".parse().unwrap()),
            ..TestbedConfig::default()
        })
        .unwrap();
        let oauth_at = bind(ServiceId::Oauth, &shared).await.unwrap();
        let prs_at = bind(ServiceId::Prs, &shared).await.unwrap();
        let nvi_at = bind(ServiceId::Nvi, &shared).await.unwrap();
        let (prs_url, nvi_url) = (prs_at.url().to_owned(), nvi_at.url().to_owned());
        let oauth = Oauth::new(&shared, oauth_at.url(), vec![prs_url.clone(), nvi_url.clone()]).unwrap();
        let prs = Prs::new(&shared, oauth.gate(&prs_url)).unwrap();
        let nvi = Nvi::new(&shared, oauth.gate(&nvi_url)).unwrap();
        let oauth_url = oauth_at.serve(oauth.router()).url;
        let _ = prs_at.serve(prs.router());
        let _ = nvi_at.serve(nvi.router());
        National {
            http: client(&shared),
            shared,
            prs,
            nvi,
            prs_url,
            nvi_url,
            oauth,
            form: vec![("grant_type", "client_credentials".to_owned())],
            oauth_url,
        }
    }

    /// A token for the asker's URA at the NVI, or for its OIN at the PRS.
    pub(crate) async fn token(&self, scope: &str) -> String {
        self.token_for(scope, "00900900").await
    }

    pub(crate) async fn token_for(&self, scope: &str, ura: &str) -> String {
        if self.shared.generation() == Generation::B {
            // Assertions have their own test.
            return self.oauth.issue_for_test(
                scope,
                if scope == "prs:read" {
                    &self.prs_url
                } else {
                    &self.nvi_url
                },
            );
        }
        let (organisation, audience) = if scope == "prs:read" {
            (self.shared.client().oin.as_str(), &self.prs_url)
        } else {
            (ura, &self.nvi_url)
        };
        let mut form = self.form.clone();
        form.push(("scope", scope.to_owned()));
        form.push(("target_audience", audience.clone()));
        form.push(("organization_id", organisation.to_owned()));
        form.push(("source_id", format!("source-{ura}")));
        let answer: Value = self
            .http
            .post(format!("{}/oauth/token", self.oauth_url))
            .form(&form)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks PRS to evaluate; gives status and answer.
    pub(crate) async fn evaluate(&self, body: &Value) -> (u16, Value) {
        let answer = self
            .http
            .post(format!("{}/oprf/eval", self.prs_url))
            .bearer_auth(self.token("prs:read").await)
            .json(body)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The sealed pseudonym of a number and the blinding factor.
    pub(crate) async fn pseudonym(&self, bsn: &str) -> (String, String) {
        let (organisation, scope) = recipient(self.shared.generation());
        let input = personal_input(bsn, &format!("{organisation}|{scope}|v1")).unwrap();
        let blind = Blind::random(&mut rand::thread_rng());
        let blinded = Element::hash(&input).unwrap().times(&blind);
        let (status, answer) = self
            .evaluate(&json!({"encryptedPersonalId": base64url(&blinded.to_bytes()),
                "recipientOrganization": organisation, "recipientScope": scope}))
            .await;
        assert_eq!(status, 200);
        (
            answer["jwe"].as_str().unwrap().to_owned(),
            base64url(&blind.to_bytes()),
        )
    }

    /// The same as the value of a FHIR identifier.
    pub(crate) async fn identifier(&self, bsn: &str) -> String {
        let (sealed, blind) = self.pseudonym(bsn).await;
        base64url(
            json!({"evaluated_output": sealed, "blind_factor": blind})
                .to_string()
                .as_bytes(),
        )
    }

    /// Registers a holder for a number, from the inside.
    pub(crate) fn register(&self, ura: &str, bsn: &str, codes: &[&str]) {
        let pseudonym = self.prs.pseudonym(&Bsn::parse(bsn).unwrap()).unwrap();
        self.nvi
            .register(&ura.parse().unwrap(), &format!("source-{ura}"), pseudonym, codes);
    }
}

/// The claims of a JWT, unchecked.
pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64_any(payload).unwrap()).unwrap()
}
