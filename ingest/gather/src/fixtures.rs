//! What the tests of this crate share: one question, and nothing that a release contains.

use std::collections::BTreeSet;
use std::sync::Arc;

use samenhang_profiles::Bsn;
use samenhang_terminology::Category;
use tokio::time::Instant;
use uuid::Uuid;

use crate::clock::{ManualClock, SeededRandom};
use crate::config::{EgressConfig, NationalConfig, OwnOrganisation};
use crate::http::{Http, TlsMaterial};
use crate::ledger::MemoryLedger;
use crate::locate::Nvi;
use crate::mitz::MitzLine;
use crate::nvi::NviLine;
use crate::oauth::NationalTokens;
use crate::query::{Asker, Purpose, Question, User};

/// A question about the first test patient by the demo's practice.
pub(crate) fn question() -> Question {
    Question {
        patient: Bsn::parse("999990019").unwrap(),
        categories: BTreeSet::from([Category::Condition, Category::MedicationUse]),
        purpose: Purpose::Treatment,
        asker: Arc::new(Asker {
            organisation: "00900900".parse().unwrap(),
            organisation_name: "Huisartsenpraktijk West".to_owned(),
            organisation_type: "Z3".to_owned(),
            client_id: "west".to_owned(),
            responsible: None,
            user: Some(User {
                number: "900000009".to_owned(),
                role: "01.015".to_owned(),
                name: "A.B. Voorbeeld".to_owned(),
                declaration: None,
            }),
        }),
        correlation: Uuid::nil(),
        birth_date: Some("1950-03-04".to_owned()),
        family_name: None,
        confirmed_identity: BTreeSet::new(),
    }
}

/// Serves a router on loopback and tells its base address.
pub(crate) async fn serve(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Everything that a client of a national service needs, against one base address.
pub(crate) struct Bench {
    /// Services under `{base}/oauth/token`, `/prs`, `/nvi`, `/lrza` and `/mitz`.
    pub(crate) config: NationalConfig,
    pub(crate) own: OwnOrganisation,
    pub(crate) http: Http,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) random: Arc<SeededRandom>,
    pub(crate) ledger: Arc<MemoryLedger>,
}

impl Bench {
    /// Serves a router and sets up against it.
    pub(crate) async fn new(router: axum::Router) -> Self {
        let base = serve(router).await;
        let config = serde_json::json!({
            "oauth": {"token_url": format!("{base}/oauth/token")},
            "prs": {"url": format!("{base}/prs")},
            "nvi": {"url": format!("{base}/nvi")},
            "directory": {"url": format!("{base}/lrza")},
            "mitz": {"url": format!("{base}/mitz")},
        });
        Bench {
            config: serde_json::from_value(config).unwrap(),
            own: OwnOrganisation {
                ura: "00900900".parse().unwrap(),
                name: "Huisartsenpraktijk West".to_owned(),
                organisation_type: "Z3".to_owned(),
                oin: "00000099000000002000".to_owned(),
                source_id: "west-1".to_owned(),
            },
            http: Http::new(&EgressConfig::loopback(), &TlsMaterial::default()).unwrap(),
            clock: Arc::new(ManualClock::new("2026-09-01T08:00:00Z".parse().unwrap())),
            random: Arc::new(SeededRandom::new(42)),
            ledger: Arc::new(MemoryLedger::new()),
        }
    }

    /// A client of the OAuth server.
    pub(crate) fn tokens(&self) -> Arc<NationalTokens> {
        Arc::new(
            NationalTokens::new(
                self.http.clone(),
                self.config.index(),
                &self.own,
                &TlsMaterial::default(),
                self.clock.clone(),
                self.random.clone(),
            )
            .unwrap(),
        )
    }

    /// A line to Mitz.
    pub(crate) fn mitz(&self) -> MitzLine {
        MitzLine::new(
            self.http.clone(),
            &self.config.mitz,
            self.clock.clone(),
            self.random.clone(),
            self.ledger.clone(),
        )
        .unwrap()
    }

    /// A client of the referral index.
    pub(crate) fn nvi(&self) -> Nvi {
        Nvi::new(self.line())
    }

    /// A line to the referral index.
    pub(crate) fn line(&self) -> NviLine {
        NviLine::new(
            self.http.clone(),
            self.config.index(),
            &self.own,
            &TlsMaterial::default(),
            self.clock.clone(),
            self.random.clone(),
            self.ledger.clone(),
        )
        .unwrap()
    }
}

/// Far enough away never to pass in a test.
pub(crate) fn soon() -> Instant {
    Instant::now() + std::time::Duration::from_secs(30)
}
