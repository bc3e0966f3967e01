//! Views: data that reads, selections that lose nothing, and what is left out is always counted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use samenhang_profiles::Received;
use samenhang_terminology::Category;

use super::{Views, Why};
use crate::Reconciled;
use crate::fixtures::{received, urls};
use crate::order;

const SECTIONS: &str = include_str!("../../views/sections.yaml");

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap_or_default()
}

fn items() -> Vec<Received> {
    let condition = |id: &str, status: &str| {
        format!(
            r#"{{"resourceType":"Condition","id":"{id}","clinicalStatus":{{"coding":[{{"code":"{status}"}}]}},"code":{{"text":"{id}"}},"subject":{{"reference":"Patient/p"}}}}"#
        )
    };
    let result = |id: &str, date: &str| {
        format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}}]}}],"code":{{"text":"{id}"}}{date},"subject":{{"reference":"Patient/p"}}}}"#
        )
    };
    let resources = [
        condition("active", "active"),
        condition("resolved", "resolved"),
        result("new", r#","effectiveDateTime":"2026-11-01""#),
        result("old", r#","effectiveDateTime":"2019""#),
        result("undated", ""),
        r#"{"resourceType":"Immunization","id":"jab","status":"completed","occurrenceDateTime":"2020-01-01","patient":{"reference":"Patient/p"}}"#.to_owned(),
        r#"{"resourceType":"Encounter","id":"visit","status":"finished","subject":{"reference":"Patient/p"}}"#.to_owned(),
        r#"{"resourceType":"Practitioner","id":"who"}"#.to_owned(),
    ];
    resources.iter().map(|json| received("00700701", json)).collect()
}

fn shown(views: &Views, name: &str, known: &Reconciled) -> BTreeMap<String, Vec<String>> {
    let view = views.named(name).unwrap_or_else(|| panic!("{name}"));
    let selected = views.select(view, known, Some(now()));
    let sections = selected
        .sections
        .into_iter()
        .filter(|chosen| !chosen.shown.is_empty());
    sections
        .map(|chosen| {
            let items: Vec<Received> = chosen.shown.iter().map(|&at| known.items()[at].clone()).collect();
            (chosen.section.name.clone(), urls(&items))
        })
        .collect()
}

#[test]
fn the_shipped_views_are_read() {
    let views = Views::shipped();
    let names: Vec<&str> = views.views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["whole", "acute", "medication-check", "referral", "own"]);
    assert_eq!(views.sections.len(), 23);
}

#[test]
fn every_view_shows_or_counts_every_fact_once() {
    let views = Views::shipped();
    let known = Reconciled::new(items());
    let all = known.items().iter();
    let facts = all
        .filter(|item| !order::is_supporting(item.resource.resource_type()))
        .count();
    for view in &views.views {
        for now in [None, Some(now())] {
            let selected = views.select(view, &known, now);
            let of = selected.sections.iter();
            let told: usize = of
                .map(|chosen| chosen.shown.len() + chosen.hidden.values().sum::<usize>())
                .sum();
            let beside: usize = selected.left_out.iter().map(|(_, count)| count).sum();
            assert_eq!(told + beside, facts, "{}", view.name);
        }
    }
}

#[test]
fn what_is_left_out_is_told_with_the_reason() {
    let views = Views::shipped();
    let known = Reconciled::new(items());
    let acute = shown(views, "acute", &known);
    assert_eq!(acute["problems"], ["Condition/active"]);
    // What has no date is not old.
    assert_eq!(acute["results"], ["Observation/new", "Observation/undated"]);
    let selected = views.select(&views.views[1], &known, Some(now()));
    let hidden = |name: &str| {
        let mut sections = selected.sections.iter();
        let found = sections.find(|chosen| chosen.section.name == name);
        found.map(|chosen| chosen.hidden.clone()).unwrap_or_default()
    };
    assert_eq!(hidden("problems"), [(Why::Status, 1)].into());
    assert_eq!(hidden("results"), [(Why::Older(365), 1)].into());
    let beside: Vec<(&str, usize)> = selected
        .left_out
        .iter()
        .map(|(section, count)| (section.name.as_str(), *count))
        .collect();
    assert_eq!(beside, [("vaccinations", 1), ("encounters", 1)]);
    assert_eq!(shown(views, "own", &known)["vaccinations"], ["Immunization/jab"]);
}

#[test]
fn a_contradiction_is_never_left_out() {
    let allergy = |holder: &str, id: &str, status: &str, verification: &str| {
        let json = format!(
            r#"{{"resourceType":"AllergyIntolerance","id":"{id}","clinicalStatus":{{"coding":[{{"code":"{status}"}}]}},"verificationStatus":{{"coding":[{{"code":"{verification}"}}]}},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"91936005"}}]}},"patient":{{"reference":"Patient/p"}}}}"#
        );
        received(holder, &json)
    };
    let alone = Reconciled::new(vec![allergy("00700701", "a", "resolved", "confirmed")]);
    assert!(!shown(Views::shipped(), "acute", &alone).contains_key("allergies"));
    let two = Reconciled::new(vec![
        allergy("00700701", "a", "resolved", "confirmed"),
        allergy("00700702", "b", "active", "refuted"),
    ]);
    assert_eq!(two.conflicts().len(), 1);
    assert_eq!(shown(Views::shipped(), "acute", &two)["allergies"].len(), 2);
}

#[test]
fn wrong_files_are_refused_with_the_place() {
    let view = |sections: &str| {
        format!(
            "views:\n  - view: a\n    label: {{ nl: a, en: a }}\n    about: {{ nl: a, en: a }}\n    sections: [{sections}]\n"
        )
    };
    for (sections, views, why) in [
        (
            SECTIONS,
            view("{ section: none }"),
            "a shows the unknown section none",
        ),
        (
            SECTIONS,
            view("{ section: alerts }, { section: alerts }"),
            "a shows a section twice",
        ),
        (SECTIONS, view("{ section: alerts, within: 3 }"), "within"),
        (
            SECTIONS,
            view("") + &view("").replace("views:\n", ""),
            "two views are called a",
        ),
        (
            "version: 1\nsections: []",
            view(""),
            "no section shows all of Patient",
        ),
    ] {
        let error = Views::read(sections, &views).expect_err(why);
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(error.code(), "SAM-REC-005");
    }
    assert!(Category::ALL.len() <= Views::shipped().sections.len());
}
