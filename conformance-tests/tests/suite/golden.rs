//! The golden assertions of the testbed's specification (generic functions, section 7), over HTTP.

mod copies;
mod log;
mod memory;
mod versions;

use std::collections::{BTreeSet, HashSet};

use bytes::Bytes;
use samenhang_profiles::Limits;
use samenhang_profiles::page::Page;
use samenhang_profiles::tree::Tree;
use samenhang_profiles::write::JsonWriter;
use samenhang_terminology::Category;
use samenhang_testbed::{ServiceId, patients};

use crate::answer::{lineage, part, without_times};
use crate::country::{CLINIC, Country, GP, HOSPITAL, LABORATORY, P1, P2, P3, P4, P5, P6, P7, P8, PHARMACY};

#[tokio::test]
async fn p1_is_known_at_several_holders_with_lineage_and_a_complete_statement() {
    let country = Country::start().await;
    let answer = country.ask(P1).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["resourceType"], "Bundle");
    assert_eq!(answer.json["type"], "searchset");

    let holders = answer.holders();
    assert!(holders.len() >= 4, "holders: {holders:?}");
    for entry in answer.data() {
        let lineage = lineage(entry).expect("lineage on every entry");
        for part_of in ["holder", "holderName", "retrieved", "fhirVersion", "status"] {
            assert!(part(lineage, part_of).is_some(), "{part_of} in {lineage}");
        }
        assert!(
            entry["fullUrl"]
                .as_str()
                .is_some_and(|url| url.starts_with("https://127.0.0.1:")),
            "{entry}"
        );
    }

    // P3: every localised holder x category exactly once.
    let rows = answer.rows();
    let cells: BTreeSet<_> = rows
        .iter()
        .map(|row| (row.holder.clone(), row.category.clone()))
        .collect();
    assert_eq!(cells.len(), rows.len(), "no cell twice");
    let localised: BTreeSet<_> = rows.iter().map(|row| row.holder.clone()).collect();
    assert_eq!(
        localised.len() * Category::ALL.len(),
        rows.len(),
        "no cell missing"
    );
    assert!(localised.is_superset(&holders));
    assert_eq!(
        localised,
        [HOSPITAL, GP, PHARMACY, LABORATORY, CLINIC]
            .map(str::to_owned)
            .into()
    );
    assert!(
        answer.headers["samenhang-completeness"].starts_with("5/5"),
        "{:?}",
        rows
    );
    assert_eq!(answer.headers["cache-control"], "no-store");

    // >= 5 sections of the BgZ, and both forms in which data is shown.
    let types = answer.types();
    for wanted in [
        "Patient",
        "AllergyIntolerance",
        "Condition",
        "MedicationRequest",
        "Observation",
        "Procedure",
        "Encounter",
    ] {
        assert!(types.contains(wanted), "{wanted} in {types:?}");
    }
    let shown: Vec<&str> = answer.data().filter_map(|entry| said(entry, "status")).collect();
    assert_eq!(shown.len(), answer.data().count(), "each says how it is shown");
    assert_eq!(
        BTreeSet::from_iter(shown.iter().copied()),
        ["lifted", "native"].into()
    );
    let lifted = shown.iter().filter(|status| **status == "lifted").count();
    assert!(lifted > 10, "{lifted}");

    // Overlaps are linked and the conflict is marked.
    assert!(
        answer
            .entries()
            .iter()
            .any(|entry| entry["resource"]["resourceType"] == "Linkage")
    );
    assert!(answer.data().any(|entry| {
        lineage(entry)
            .and_then(|l| part(l, "conflict"))
            .is_some_and(|c| c["valueBoolean"] == true)
    }));
    country.stop().await;
}

#[tokio::test]
async fn a_resource_stands_in_the_answer_as_the_holder_sent_it() {
    let country = Country::start().await;
    let answer = country.ask(P1).await;
    let limits = Limits::default();
    let sent: HashSet<Vec<u8>> = patients::holders()
        .into_iter()
        .flat_map(|holder| holder.endpoints)
        .flat_map(|endpoint| endpoint.files)
        .flat_map(|(name, bytes)| {
            Page::read(bytes, &limits)
                .unwrap_or_else(|error| panic!("{name}: {error}"))
                .entries
        })
        .filter_map(|entry| entry.resource)
        .map(|resource| compact(resource.body()))
        .collect();
    let lifted: HashSet<&str> = answer
        .data()
        .filter(|entry| said(entry, "status") == Some("lifted"))
        .filter_map(|entry| entry["fullUrl"].as_str())
        .collect();
    let shown = Page::read(Bytes::from(answer.text.clone()), &limits).expect("the answer is a Bundle");
    let data: Vec<_> = shown
        .entries
        .into_iter()
        .filter(|entry| {
            entry
                .full_url
                .as_deref()
                .is_some_and(|url| url.starts_with("https:") && !lifted.contains(url))
        })
        .filter_map(|entry| entry.resource)
        .collect();
    assert!(data.len() > 100, "{}", data.len());
    for resource in data {
        assert!(
            sent.contains(&compact(resource.body())),
            "{} {:?} is not as sent",
            resource.resource_type(),
            resource.id()
        );
    }
    country.stop().await;
}

/// A part of the lineage of an entry.
fn said<'a>(entry: &'a serde_json::Value, name: &str) -> Option<&'a str> {
    let part = part(lineage(entry)?, name)?;
    part["valueCode"].as_str().or(part["valueString"].as_str())
}

#[tokio::test]
async fn what_a_holder_sends_in_stu3_is_lifted_and_says_by_which_maps() {
    let country = Country::start().await;
    let answer = country.ask(P1).await;
    let lifted: Vec<_> = answer
        .data()
        .filter(|entry| said(entry, "status") == Some("lifted"))
        .collect();
    assert!(!lifted.is_empty());
    for entry in lifted {
        assert_eq!(said(entry, "fhirVersion"), Some("3.0.2"), "{entry}");
        let pack = said(entry, "pack").unwrap_or_default();
        assert!(pack.starts_with("stu3-zib2017-to-r4-zib2020|"), "{pack}");
        assert!(
            said(entry, "original").is_some_and(|url| url.contains("/stu3/")),
            "{entry}"
        );
        // Nothing of STU3 is left in it.
        for old in ["context", "comment", "assertedDate", "taken"] {
            assert!(entry["resource"].get(old).is_none(), "{old} in {entry}");
        }
    }
    country.stop().await;
}

/// The same JSON without white space between its tokens: order and digits stay.
fn compact(json: &[u8]) -> Vec<u8> {
    let tree = Tree::parse(json, &Limits::default()).expect("it was read before");
    let mut out = JsonWriter::with_capacity(json.len());
    tree.write(&mut out);
    out.finish().to_vec()
}

#[tokio::test]
async fn no_bsn_leaves_the_bodies_that_carry_it() {
    let country = Country::start().await;
    for bsn in [P1, P2, P4] {
        let answer = country.ask(bsn).await;
        assert_eq!(answer.status, 200);
        for (name, value) in &answer.headers {
            assert!(!value.contains(bsn), "header {name}");
        }
        let journal = country.demo.testbed().journal();
        assert!(
            journal.heads_with(bsn).is_empty(),
            "a BSN in a path, query or header"
        );
        for entry in journal.bodies_with(bsn) {
            let allowed = match &entry.service {
                ServiceId::Mitz => true,
                ServiceId::Source(_) => entry.path.ends_with("/_search") || entry.path.ends_with("/$match"),
                _ => false,
            };
            assert!(
                allowed,
                "{} {} of {:?} carries a BSN",
                entry.method, entry.path, entry.service
            );
        }
    }
    country.stop().await;
}

#[tokio::test]
async fn a_failed_localisation_is_never_an_empty_answer() {
    for (service, fault) in [
        (ServiceId::Nvi, "status:500"),
        (ServiceId::Nvi, "malformed"),
        (ServiceId::Nvi, "empty-body"),
        (ServiceId::Nvi, "html-page"),
        (ServiceId::Prs, "status:503"),
        (ServiceId::Prs, "reset"),
        (ServiceId::Oauth, "status:500"),
    ] {
        let country = Country::start().await;
        country.fault(service.clone(), fault);
        let answer = country.ask(P1).await;
        assert_eq!(answer.status, 503, "{service:?} {fault}: {}", answer.text);
        assert_eq!(answer.json["resourceType"], "OperationOutcome");
        assert!(answer.code().starts_with("SAM-"), "{}", answer.text);
        assert!(!answer.text.contains("\"Bundle\""));
        country.stop().await;
    }
}

#[tokio::test]
async fn a_denied_consent_cannot_be_told_from_no_data_and_from_an_unknown_patient() {
    let country = Country::start().await;
    // P2 denies medication (GGC013) to everyone; the laboratory has none of it anyway.
    let answer = country.ask(P2).await;
    assert_eq!(answer.status, 200);
    let rows = answer.rows();
    let medication: Vec<_> = rows
        .iter()
        .filter(|row| row.category.starts_with("Medication"))
        .collect();
    assert!(!medication.is_empty());
    for row in &medication {
        assert_eq!(
            (row.status.as_str(), row.detail.as_deref()),
            ("empty", None),
            "{row:?}"
        );
    }
    // A cell without data looks the same.
    let nothing: Vec<_> = rows
        .iter()
        .filter(|row| row.status == "empty" && !row.category.starts_with("Medication"))
        .collect();
    assert!(!nothing.is_empty());
    assert!(nothing.iter().all(|row| row.detail.is_none()), "{nothing:?}");
    assert!(answer.notices().is_empty(), "{:?}", answer.notices());
    // And nothing of it came along some other way.
    for kind in [
        "MedicationRequest",
        "MedicationDispense",
        "MedicationStatement",
        "MedicationAdministration",
        "Immunization",
    ] {
        assert!(!answer.types().contains(kind), "{kind} was shown");
    }
    // No holder was asked for it either.
    let asked = country.demo.testbed().journal().find(|entry| {
        matches!(entry.service, ServiceId::Source(_))
            && entry.path.contains("/Medication")
            && entry.query.contains("patient=")
    });
    assert!(
        asked.is_empty(),
        "{:?}",
        asked.iter().map(|entry| entry.target()).collect::<Vec<_>>()
    );
    country.stop().await;
}

#[tokio::test]
async fn the_answer_is_the_same_for_any_order_of_completion() {
    let country = Country::start().await;
    let first = country.ask(P1).await;
    for slow in [HOSPITAL, GP, LABORATORY] {
        country.demo.testbed().faults().clear_all();
        country.source_fault(slow, "latency:300");
        let next = country.ask(P1).await;
        let (next, first) = (without_times(&next.text), without_times(&first.text));
        let at = next.bytes().zip(first.bytes()).position(|(a, b)| a != b);
        let around = |text: &str| {
            text.get(at.unwrap_or(0).saturating_sub(300)..at.unwrap_or(0) + 200)
                .map(str::to_owned)
        };
        assert!(
            next == first,
            "differs with {slow} slow at {at:?}:\n{:?}\n{:?}",
            around(&next),
            around(&first)
        );
    }
    country.stop().await;
}

#[tokio::test]
async fn p3_is_not_shown_from_a_holder_that_has_not_verified_the_number() {
    let country = Country::start().await;
    let answer = country.ask(P3).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.of(HOSPITAL).count(),
        0,
        "the hospital's number is not verified"
    );
    assert!(
        answer.statuses(HOSPITAL).contains("failed"),
        "{:?}",
        answer.rows()
    );
    assert!(answer.json.get("total").is_none());
    country.stop().await;
}

#[tokio::test]
async fn p4_gives_nothing_from_a_holder_with_two_records_of_one_number() {
    let country = Country::start().await;
    let answer = country.ask(P4).await;
    let ambiguous: BTreeSet<_> = answer
        .rows()
        .into_iter()
        .filter(|row| row.detail.as_deref() == Some("several-patients"))
        .map(|row| row.holder)
        .collect();
    assert_eq!(ambiguous.len(), 1, "{:?}", answer.rows());
    for holder in &ambiguous {
        assert_eq!(answer.of(holder).count(), 0);
    }
    assert!(!answer.holders().is_empty(), "the other holders answered");
    country.stop().await;
}

#[tokio::test]
async fn p5_names_the_holder_whose_endpoint_is_off() {
    let country = Country::start().await;
    let answer = country.ask(P5).await;
    let off: BTreeSet<_> = answer
        .rows()
        .into_iter()
        .filter(|row| row.detail.as_deref() == Some("no-endpoint"))
        .map(|row| (row.holder, row.status))
        .collect();
    assert_eq!(off.len(), 1, "{:?}", answer.rows());
    assert!(off.iter().all(|(_, status)| status == "unsupported"));
    country.stop().await;
}

#[tokio::test]
async fn p6_is_known_nowhere_and_the_answer_says_so() {
    let country = Country::start().await;
    let answer = country.ask(P6).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((answer.data().count(), answer.rows().len()), (0, 0));
    assert_eq!(answer.headers["samenhang-completeness"], "0/0");
    country.stop().await;
}

#[tokio::test]
async fn p7_is_not_asked_anywhere_while_consent_cannot_be_established() {
    let country = Country::start().await;
    let answer = country.ask(P7).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.data().count(), 0);
    assert!(
        !answer.notices().is_empty(),
        "the answer says that consent could not be checked"
    );
    assert!(answer.json.get("total").is_none());
    let asked =
        country.demo.testbed().journal().count(|entry| {
            matches!(entry.service, ServiceId::Source(_)) && !entry.path.ends_with("/metadata")
        });
    assert_eq!(asked, 0, "no holder was asked");
    country.stop().await;
}

#[tokio::test]
async fn p8_is_found_at_a_holder_that_only_the_static_list_names() {
    let country = Country::start().await;
    let answer = country.ask(P8).await;
    assert!(answer.holders().contains("00700705"), "{:?}", answer.holders());
    country.stop().await;
}

#[tokio::test]
async fn one_token_per_holder_and_scope_serves_two_questions() {
    let country = Country::start().await;
    country.ask(P1).await;
    country.ask(P1).await;
    let journal = country.demo.testbed().journal();
    for source in &country.demo.testbed().addresses().sources {
        let tokens = journal.count(|entry| {
            entry.service == ServiceId::Authorization(source.ura.clone()) && entry.path.ends_with("/token")
        });
        assert!(tokens <= 1, "{} tokens from {}", tokens, source.ura);
    }
    country.stop().await;
}

#[tokio::test]
async fn only_localised_holders_get_the_patient_number() {
    let country = Country::start().await;
    let answer = country.ask(P2).await;
    let localised: BTreeSet<_> = answer.rows().into_iter().map(|row| row.holder).collect();
    for entry in country.demo.testbed().journal().bodies_with(P2) {
        if let ServiceId::Source(ura) = entry.service {
            assert!(
                localised.contains(ura.as_str()),
                "{ura} was asked and not localised"
            );
        }
    }
    country.stop().await;
}

#[tokio::test]
async fn every_outbound_call_about_a_patient_is_in_the_audit_log() {
    let country = Country::start().await;
    country.ask(P1).await;
    let asked =
        country.demo.testbed().journal().count(|entry| {
            matches!(entry.service, ServiceId::Source(_)) && !entry.path.ends_with("/metadata")
        });
    let recorded = country.audited(asked).await;
    assert!(
        recorded > asked,
        "{recorded} audit events for {asked} calls to sources"
    );
    country.stop().await;
}
