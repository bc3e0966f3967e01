use std::collections::BTreeSet;
use std::sync::Arc;

use samenhang_profiles::Bsn;
use samenhang_terminology::Category;
use uuid::Uuid;

use super::{
    AccessPolicy, Asker, Declaration, DeclarationForm, Grant, Purpose, Query, Question, Refusal, User,
};

struct OnlyTreatment;

impl AccessPolicy for OnlyTreatment {
    fn decide(&self, question: &Question) -> Result<Grant, Refusal> {
        match question.purpose {
            Purpose::Treatment => Ok(Grant {
                policy: "test".to_owned(),
                version: "1".to_owned(),
                rule: "treatment".to_owned(),
            }),
            Purpose::CareCoordination => Err(Refusal {
                policy: "test".to_owned(),
                rule: "treatment".to_owned(),
                reason: "the purpose is not treatment",
            }),
        }
    }
}

fn question(purpose: Purpose) -> Question {
    Question {
        patient: Bsn::parse("999990019").unwrap(),
        categories: BTreeSet::from([Category::Condition]),
        purpose,
        asker: Arc::new(Asker {
            organisation: "00900900".parse().unwrap(),
            organisation_name: "Huisartsenpraktijk West".to_owned(),
            organisation_type: "Z3".to_owned(),
            client_id: "west".to_owned(),
            user: None,
            responsible: None,
        }),
        correlation: Uuid::nil(),
        birth_date: None,
        family_name: None,
        confirmed_identity: BTreeSet::new(),
    }
}

#[test]
fn a_refused_question_goes_nowhere() {
    let refusal = Query::new(question(Purpose::CareCoordination))
        .authorise(&OnlyTreatment)
        .err()
        .unwrap();
    assert_eq!(
        refusal.to_string(),
        "access is refused by rule treatment of policy test: the purpose is not treatment"
    );
}

#[test]
fn a_granted_question_carries_its_grant() {
    let query = Query::new(question(Purpose::Treatment))
        .authorise(&OnlyTreatment)
        .unwrap();
    assert_eq!(query.grant().rule, "treatment");
    assert_eq!(query.question().purpose.code(), "TREAT");
}

#[test]
fn a_user_hides_the_signed_statement() {
    let user = User {
        number: "900000009".to_owned(),
        role: "01.015".to_owned(),
        name: "A.B. Voorbeeld".to_owned(),
        declaration: Some(Declaration {
            form: DeclarationForm::V07,
            jwt: "eyJsecret".to_owned(),
        }),
    };
    assert!(!format!("{user:?}").contains("eyJsecret"));
}
