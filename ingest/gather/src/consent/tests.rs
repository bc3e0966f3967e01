mod messages;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::SignedDuration;
use samenhang_profiles::{Bsn, Ura};
use samenhang_terminology::Category;

use super::{Basis, Consent, Decision, HolderConsent, Mitz, OrganisationTypes, Register};
use crate::clock::Clock;
use crate::config::ConsentConfig;
use crate::error::{GatherError, Service};
use crate::fixtures::{Bench, question, soon};
use crate::ledger::{LedgerClosed, Outcome};
use crate::query::{Purpose, Question};
use crate::xml::Element;

struct Hospitals;

impl OrganisationTypes for Hospitals {
    fn type_of(&self, ura: &Ura) -> Option<String> {
        (ura.as_str() == "00700700").then(|| "V6".to_owned())
    }
}

type Reply = Arc<dyn Fn(&str, &str) -> Response + Send + Sync>;

struct Set {
    bench: Bench,
    consent: Consent,
    asked: Arc<Mutex<Vec<String>>>,
}

/// A consent service that answers with what `reply` makes of the message id and the whole question.
async fn set(reply: Reply) -> Set {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let service = {
        let asked = asked.clone();
        move |body: String| async move {
            let message = between(&body, "<a:MessageID>", "</a:MessageID>").to_owned();
            asked.lock().unwrap().push(body.clone());
            reply(&message, &body)
        }
    };
    let router = Router::new().route("/mitz/geslotenautorisatievraag/xacml3", post(service));
    let mut bench = Bench::new(router).await;
    bench.config.mitz.timeout_ms = 1500;
    let mitz = mitz(&bench);
    let register = Arc::new(Register::new(&*bench.random));
    let config = ConsentConfig {
        organisation_types: BTreeMap::from([("00700701".parse().unwrap(), "Z3".to_owned())]),
        ..ConsentConfig::default()
    };
    let consent = Consent::new(
        &config,
        Arc::new(mitz),
        Arc::new(Hospitals),
        register,
        bench.clock.clone(),
    );
    Set {
        bench,
        consent,
        asked,
    }
}

fn mitz(bench: &Bench) -> Mitz {
    Mitz::new(bench.mitz(), bench.config.mitz.several_actions)
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split(from).nth(1).unwrap().split(to).next().unwrap()
}

fn answer(message: &str, results: &str) -> String {
    format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:RelatesTo>{message}</a:RelatesTo></s:Header><s:Body><x:Response xmlns:x="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" xmlns:h="urn:hl7-org:v3">{results}</x:Response></s:Body></s:Envelope>"#
    )
}

fn result(decision: &str) -> String {
    format!("<x:Result><x:Decision>{decision}</x:Decision></x:Result>")
}

/// A service that answers each action by its category.
fn by_category(decide: fn(&str) -> &'static str) -> Reply {
    Arc::new(move |message, body| {
        let results: String = body
            .split(r#"<h:CodedValue code="GGC"#)
            .skip(1)
            .map(|rest| result(decide(&format!("GGC{}", &rest[..3]))))
            .collect();
        answer(message, &results).into_response()
    })
}

fn fixed(results: &str) -> Reply {
    let results = results.to_owned();
    Arc::new(move |message, _| answer(message, &results).into_response())
}

impl Set {
    async fn decide(&self, question: &Question, holder: &str) -> HolderConsent {
        self.consent
            .decide(question, &holder.parse().unwrap(), &question.categories, soon())
            .await
            .unwrap()
    }
}

fn permitted(consent: &HolderConsent) -> Vec<Category> {
    let permits = consent
        .decisions
        .iter()
        .filter(|(_, decision)| matches!(decision, Decision::Permit(_)));
    permits.map(|(category, _)| *category).collect()
}

#[tokio::test]
async fn every_action_has_its_own_decision() {
    let set = set(by_category(
        |category| if category == "GGC013" { "Deny" } else { "Permit" },
    ))
    .await;
    let consent = set.decide(&question(), "00700700").await;
    assert_eq!(permitted(&consent), [Category::Condition]);
    assert_eq!(
        consent.decisions[&Category::MedicationUse],
        Decision::NotPermitted
    );
    assert_eq!(consent.fault, None);
    let Decision::Permit(permit) = &consent.decisions[&Category::Condition] else {
        panic!("no permit");
    };
    assert_eq!(permit.holder().as_str(), "00700700");
    assert_eq!(permit.requester().as_str(), "00900900");
    assert_eq!(permit.basis(), Basis::Mitz { category: "GGC002" });
    assert_eq!(
        permit.expires_at().duration_since(permit.decided_at()),
        SignedDuration::from_secs(60)
    );
    assert!(!format!("{permit:?}").contains("999990019"));
    let fact = set.bench.ledger.facts().remove(0);
    assert_eq!(fact.outcome, Outcome::Success);
    assert_eq!(
        fact.detail,
        [
            ("GGC002", "permit".to_owned()),
            ("GGC013", "no-permit".to_owned())
        ]
    );
}

#[tokio::test]
async fn the_question_says_who_what_and_why() {
    let set = set(by_category(|_| "Permit")).await;
    let mut question = question();
    question.purpose = Purpose::CareCoordination;
    Arc::make_mut(&mut question.asker).user.as_mut().unwrap().number = "9\"<&>".to_owned();
    set.decide(&question, "00700701").await;
    let asked = set.asked.lock().unwrap().remove(0);
    let root = Element::parse(asked.as_bytes()).unwrap();
    let mut values = Vec::new();
    root.visit(&mut |element| {
        for name in ["extension", "code"] {
            values.extend(element.attribute(name).map(ToOwned::to_owned));
        }
    });
    assert_eq!(
        values,
        [
            "999990019",
            "Z3",
            "00700701",
            "GGC002",
            "GGC013",
            "01.015",
            "9\"<&>",
            "00900900",
            "Z3",
            "COC"
        ]
    );
    assert!(asked.contains(r#"xml:id="action1""#));
    assert!(asked.contains("XACMLAuthorizationDecisionQueryRequest"));
}

#[tokio::test]
async fn only_permit_is_consent() {
    for decision in ["Deny", "Indeterminate", "NotApplicable"] {
        let set = set(fixed(&result(decision).repeat(2))).await;
        let consent = set.decide(&question(), "00700700").await;
        assert!(permitted(&consent).is_empty(), "{decision}");
        assert_eq!(consent.fault, None, "a decision is no fault");
    }
    let obliged =
        "<x:Result><x:Decision>Permit</x:Decision><x:Obligations><x:Obligation/></x:Obligations></x:Result>";
    let status = r#"<x:Result><x:Decision>Permit</x:Decision><x:Status><x:StatusCode Value="urn:oasis:names:tc:xacml:1.0:status:processing-error"/></x:Status></x:Result>"#;
    let set = set(fixed(&format!("{obliged}{status}"))).await;
    assert!(permitted(&set.decide(&question(), "00700700").await).is_empty());
}

#[tokio::test]
async fn f28_f29_what_is_no_answer_to_this_question_is_no_consent() {
    let attributes = |id: &str, value: &str| {
        format!(
            r#"<x:Result><x:Decision>Permit</x:Decision><x:Attributes><x:Attribute AttributeId="{id}"><x:AttributeValue>{value}</x:AttributeValue></x:Attribute></x:Attributes></x:Result>{}"#,
            result("Permit")
        )
    };
    let cases: Vec<(&str, Reply)> = vec![
        ("one result for two actions", fixed(&result("Permit"))),
        (
            "three results for two actions",
            fixed(&result("Permit").repeat(3)),
        ),
        ("a word that is no decision", fixed(&result("permit").repeat(2))),
        (
            "two decisions",
            fixed(
                &"<x:Result><x:Decision>Permit</x:Decision><x:Decision>Deny</x:Decision></x:Result>"
                    .repeat(2),
            ),
        ),
        ("no result", fixed("")),
        (
            "another patient",
            fixed(&attributes(
                "urn:oasis:names:tc:xacml:2.0:resource:resource-id",
                r#"<h:InstanceIdentifier root="2.16.840.1.113883.2.4.6.3" extension="999990020"/>"#,
            )),
        ),
        (
            "another holder",
            fixed(&attributes(
                "urn:ihe:iti:appc:2016:author-institution:id",
                r#"<h:InstanceIdentifier root="2.16.528.1.1007.3.3" extension="00700701"/>"#,
            )),
        ),
        (
            "another category",
            fixed(&attributes(
                "urn:ihe:iti:appc:2016:document-entry:event-code",
                r#"<h:CodedValue code="GGC012"/>"#,
            )),
        ),
        (
            "one category twice",
            fixed(&attributes(
                "urn:ihe:iti:appc:2016:document-entry:event-code",
                r#"<h:CodedValue code="GGC013"/>"#,
            )),
        ),
        (
            "another request",
            Arc::new(|_, _| {
                answer(
                    "urn:uuid:00000000-0000-0000-0000-000000000001",
                    &result("Permit").repeat(2),
                )
                .into_response()
            }),
        ),
        (
            "a fault",
            Arc::new(|message, _| {
                answer(message, "")
                    .replace("<s:Body>", "<s:Body><s:Fault><s:Code/></s:Fault>")
                    .into_response()
            }),
        ),
        (
            "a fault status",
            Arc::new(|message, _| {
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    answer(message, &result("Permit").repeat(2)),
                )
                    .into_response()
            }),
        ),
        (
            "an html page",
            Arc::new(|_, _| "<html><body>Log in</body></html>".into_response()),
        ),
        (
            "a document type",
            Arc::new(|message, _| {
                format!("<!DOCTYPE x>{}", answer(message, &result("Permit").repeat(2))).into_response()
            }),
        ),
        ("nothing", Arc::new(|_, _| "".into_response())),
        (
            "a redirect",
            Arc::new(|_, _| axum::response::Redirect::to("/x").into_response()),
        ),
    ];
    for (name, reply) in cases {
        let set = set(reply).await;
        let consent = set.decide(&question(), "00700700").await;
        assert!(permitted(&consent).is_empty(), "{name}");
        assert!(consent.fault.is_some(), "{name}");
        assert!(
            matches!(set.bench.ledger.facts()[0].outcome, Outcome::Failed(_)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn f28_silence_is_no_consent() {
    let service = || async {
        tokio::time::sleep(Duration::from_secs(600)).await;
    };
    let router = Router::new().route("/mitz/geslotenautorisatievraag/xacml3", post(service));
    let mut bench = Bench::new(router).await;
    bench.config.mitz.timeout_ms = 50;
    let register = Arc::new(Register::new(&*bench.random));
    let consent = Consent::new(
        &ConsentConfig::default(),
        Arc::new(mitz(&bench)),
        Arc::new(Hospitals),
        register,
        bench.clock.clone(),
    );
    let question = question();
    let decided = consent
        .decide(
            &question,
            &"00700700".parse().unwrap(),
            &question.categories,
            soon(),
        )
        .await
        .unwrap();
    assert!(permitted(&decided).is_empty());
    assert!(matches!(
        decided.fault,
        Some(GatherError::Unreachable {
            service: Service::Mitz,
            ..
        })
    ));
}

#[tokio::test]
async fn f30_a_permit_ends_by_time_and_by_withdrawal() {
    let set = set(by_category(|_| "Permit")).await;
    let permit = |consent: HolderConsent| match &consent.decisions[&Category::Condition] {
        Decision::Permit(permit) => permit.clone(),
        Decision::NotPermitted => panic!("no permit"),
    };
    let (register, clock) = (set.consent.register().clone(), set.bench.clock.clone());
    let first = permit(set.decide(&question(), "00700700").await);
    assert!(register.still_valid(&first, clock.now()));
    clock.advance(SignedDuration::from_secs(59));
    assert!(register.still_valid(&first, clock.now()));
    let kept = permit(set.decide(&question(), "00700700").await);
    assert_eq!(kept, first, "a kept decision does not hold longer");
    assert_eq!(set.asked.lock().unwrap().len(), 1);
    clock.advance(SignedDuration::from_secs(1));
    assert!(!register.still_valid(&first, clock.now()));
    let second = permit(set.decide(&question(), "00700700").await);
    assert_eq!(set.asked.lock().unwrap().len(), 2);
    register.revoke(&Bsn::parse("999990020").unwrap(), clock.now());
    assert!(
        register.still_valid(&second, clock.now()),
        "another patient's change"
    );
    register.revoke(&question().patient, clock.now());
    assert!(!register.still_valid(&second, clock.now()));
    let third = permit(set.decide(&question(), "00700700").await);
    assert_eq!(set.asked.lock().unwrap().len(), 3, "the kept decision ended too");
    assert!(register.still_valid(&third, clock.now()));
    // Long after, when the change is forgotten, nothing old revives.
    clock.advance(SignedDuration::from_mins(30));
    register.revoke(&Bsn::parse("999990020").unwrap(), clock.now());
    for old in [&first, &second, &third] {
        assert!(!register.still_valid(old, clock.now()));
    }
}

#[tokio::test]
async fn a_withdrawal_while_the_answer_is_on_its_way_ends_the_permit() {
    let register: Arc<Mutex<Option<Arc<Register>>>> = Arc::default();
    let reply: Reply = {
        let register = register.clone();
        Arc::new(move |message, _| {
            let now = "2026-09-01T08:00:00Z".parse().unwrap();
            register
                .lock()
                .unwrap()
                .as_ref()
                .unwrap()
                .revoke(&question().patient, now);
            answer(message, &result("Permit").repeat(2)).into_response()
        })
    };
    let set = set(reply).await;
    *register.lock().unwrap() = Some(set.consent.register().clone());
    let consent = set.decide(&question(), "00700700").await;
    let Decision::Permit(permit) = &consent.decisions[&Category::Condition] else {
        panic!("no permit");
    };
    assert!(!set.consent.register().still_valid(permit, set.bench.clock.now()));
}

#[tokio::test]
async fn a_decision_is_kept_for_the_same_asker_only() {
    let set = set(by_category(|_| "Permit")).await;
    set.decide(&question(), "00700700").await;
    let mut colleague = question();
    Arc::make_mut(&mut colleague.asker).user.as_mut().unwrap().number = "900000010".to_owned();
    set.decide(&colleague, "00700700").await;
    let mut presumed = question();
    presumed.purpose = Purpose::CareCoordination;
    set.decide(&presumed, "00700700").await;
    set.decide(&question(), "00700701").await;
    assert_eq!(set.asked.lock().unwrap().len(), 4);
    set.decide(&question(), "00700700").await;
    assert_eq!(set.asked.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn who_cannot_be_asked_about_is_not_permitted() {
    let set = set(by_category(|_| "Permit")).await;
    let unknown = set.decide(&question(), "00700799").await;
    assert!(permitted(&unknown).is_empty() && unknown.fault.is_some());
    let mut system = question();
    Arc::make_mut(&mut system.asker).user = None;
    let nobody = set.decide(&system, "00700700").await;
    assert!(permitted(&nobody).is_empty() && nobody.fault.is_some());
    assert!(set.asked.lock().unwrap().is_empty());
    set.bench.ledger.close();
    let categories = BTreeSet::from([Category::Condition]);
    let error = set
        .consent
        .decide(&question(), &"00700700".parse().unwrap(), &categories, soon())
        .await
        .err();
    assert_eq!(error, Some(GatherError::Ledger(LedgerClosed)));
}
