//! What is asked of a server, what is not, and what becomes of the answers.

use std::sync::Arc;

use super::{Answers, Deferring, Question};
use crate::answer::{Membership, NotMember, Unknown};
use crate::coding::Coding;
use crate::naming::{BSN, SNOMED};
use crate::service::{NoTerminology, Terminology};

const DEFERRED: Membership = Membership::Unknown(Unknown::Deferred);

fn question(code: &str) -> Question {
    Question {
        value_set: "v".to_owned(),
        system: SNOMED.to_owned(),
        code: code.to_owned(),
    }
}

#[test]
fn what_is_not_known_is_asked_once_and_then_known_to_every_run() {
    let answers = Arc::new(Answers::new(10));
    let mut run = Deferring::new(NoTerminology, Arc::clone(&answers));
    for code in ["33633005", "404684003", "33633005"] {
        assert_eq!(run.member("v", Coding::new(SNOMED, code)), DEFERRED);
    }
    assert_eq!(
        run.take_questions(),
        [question("33633005"), question("404684003")]
    );
    run.settle(question("33633005"), Membership::Member);
    run.settle(question("404684003"), Membership::Unknown(Unknown::ServerSilent));
    assert_eq!(
        run.member("v", Coding::new(SNOMED, "33633005")),
        Membership::Member
    );
    let silent = run.member("v", Coding::new(SNOMED, "404684003"));
    assert_eq!(silent, Membership::Unknown(Unknown::ServerSilent));
    assert_eq!(run.take_questions(), []);
    // Another run knows the answer, and asks again where there was none.
    let other = Deferring::new(NoTerminology, answers);
    assert_eq!(
        other.member("v", Coding::new(SNOMED, "33633005")),
        Membership::Member
    );
    assert_eq!(other.member("v", Coding::new(SNOMED, "404684003")), DEFERRED);
}

#[test]
fn what_may_be_about_a_person_is_never_asked() {
    let mut run = Deferring::new(NoTerminology, Arc::new(Answers::new(10)));
    let long = "1".repeat(65);
    for (system, code) in [
        (BSN, "999911120"),
        ("urn:oid:2.16.840.1.113883.2.4.6.3", "999911120"),
        ("http://example.org/fhir/NamingSystem/patients", "1"),
        (SNOMED, long.as_str()),
        (SNOMED, ""),
        (SNOMED, " x"),
        (SNOMED, "née"),
    ] {
        assert_ne!(
            run.member("v", Coding::new(system, code)),
            DEFERRED,
            "{system} {code}"
        );
    }
    assert_ne!(run.member("v", Coding::bare("x")), DEFERRED);
    assert_eq!(run.take_questions(), []);
    let named = Coding {
        display: Some("the display of someone"),
        ..Coding::new(SNOMED, "33633005")
    };
    assert_eq!(run.member("v", named), DEFERRED);
    assert_eq!(run.take_questions(), [question("33633005")]);
}

#[test]
fn the_store_keeps_to_its_bound() {
    let answers = Answers::new(2);
    for code in ["1", "2", "2", "3"] {
        answers.settle(question(code), Membership::NotMember(NotMember::Code));
    }
    assert_eq!(answers.get(&question("1")), None);
    assert!(answers.get(&question("2")).is_some() && answers.get(&question("3")).is_some());
    let none = Answers::new(0);
    none.settle(question("1"), Membership::Member);
    assert_eq!(none.get(&question("1")), None);
}
