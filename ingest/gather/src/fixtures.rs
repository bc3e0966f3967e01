//! What the tests of this crate share: one question, and nothing that a release contains.

use std::collections::BTreeSet;
use std::sync::Arc;

use samenhang_profiles::Bsn;
use samenhang_terminology::Category;
use uuid::Uuid;

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
