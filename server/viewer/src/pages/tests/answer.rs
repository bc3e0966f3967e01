//! The pages behind the overview, over a small answer of two holders, in both languages.

use std::sync::Arc;

use jiff::Timestamp;
use samenhang_profiles::{Bsn, Conformance, FhirVersion, Limits, Lineage, RawResource, Received};
use samenhang_reconcile::Reconciled;
use samenhang_terminology::Category;

use super::{frame, head};
use crate::address::Address;
use crate::item::Lines;
use crate::language::Language;
use crate::medication::Medication;
use crate::pages::{MedicationPage, OverviewPage, Page, RecordPage, ResultsPage, SectionPage, TimelinePage};
use crate::record::{self, Record};
use crate::results::Results;
use crate::sections::Sections;
use crate::timeline::{Filter, Period, Timeline};

fn at() -> Timestamp {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

fn received(ura: &str, category: Category, json: &str) -> Received {
    let endpoint = format!("https://{ura}.example/fhir");
    let resource =
        RawResource::read(bytes::Bytes::copy_from_slice(json.as_bytes()), &Limits::default()).unwrap();
    let url = format!(
        "{endpoint}/{}/{}",
        resource.resource_type(),
        resource.id().unwrap()
    );
    Received {
        full_url: url.into(),
        category,
        lineage: Arc::new(Lineage {
            holder: ura.parse().unwrap(),
            holder_name: format!("Bron {ura}").into(),
            endpoint: endpoint.into(),
            retrieved: at(),
            fhir: FhirVersion::R4,
            conformance: Conformance::Native,
        }),
        resource,
        conversion: None,
    }
}

fn result(ura: &str, id: &str, day: &str, value: &str, flag: &str) -> Received {
    let json = format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"14682-9","display":"Kreatinine <b>"}}]}},"subject":{{"reference":"Patient/p"}},"effectiveDateTime":"{day}","performer":[{{"display":"Lab {ura}"}}],"valueQuantity":{{"value":{value},"unit":"umol/L"}},"referenceRange":[{{"low":{{"value":50.0,"unit":"umol/L"}},"high":{{"value":90,"unit":"umol/L"}}}}]{flag}}}"#
    );
    received(ura, Category::ObservationLaboratory, &json)
}

fn allergy(ura: &str, id: &str, more: &str) -> Received {
    let json = format!(
        r#"{{"resourceType":"AllergyIntolerance","id":"{id}","identifier":[{{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}},{{"system":"https://bron.example/allergie","value":"7"}}],"clinicalStatus":{{"coding":[{{"code":"active"}}]}},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"91936005","display":"Penicilline"}}]}},"patient":{{"reference":"Patient/p"}}{more}}}"#
    );
    received(ura, Category::AllergyIntolerance, &json)
}

fn medication(ura: &str) -> Received {
    let json = r#"{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"33633005"}]}],"medicationCodeableConcept":{"text":"Metformine 500 mg"},"subject":{"reference":"Patient/p"},"authoredOn":"2026-03-01","requester":{"display":"L. Linde"},"dosageInstruction":[{"text":"2 maal per dag 1 stuk","timing":{"repeat":{"boundsPeriod":{"start":"2026-03-01"}}}}]}"#;
    received(ura, Category::MedicationRequest, json)
}

fn answer() -> Reconciled {
    let flag = r#","interpretation":[{"coding":[{"code":"H","display":"Boven referentiewaarde"}]}]"#;
    Reconciled::new(vec![
        allergy(
            "00700700",
            "a1",
            r#","criticality":"high","recordedDate":"2012-05-08""#,
        ),
        allergy("00700701", "a2", r#","criticality":"high""#),
        result("00700700", "r1", "2026-10-06", "98.0", flag),
        result("00700701", "r2", "2026-07-07T10:00:00+02:00", "92.5", ""),
        medication("00700700"),
    ])
}

/// Every page in a language, by name.
fn pages(language: Language) -> Vec<(&'static str, String)> {
    let known = answer();
    let address = Address::new("abcd".to_owned(), language);
    let lines = Lines::new(&known, Some(&address), language);
    let (frame, head) = (frame(language), |page| head(language, page));
    let patient = Bsn::parse("999990019").unwrap();
    let allergy = known
        .items()
        .iter()
        .position(|item| item.category == Category::AllergyIntolerance);
    let key = address.key(&known.items()[allergy.unwrap()]);
    assert_eq!(record::find(&known, &address, &key), allergy);
    let record = Record::of(&known, &lines, allergy.unwrap(), (&address, language), &patient).unwrap();
    assert_eq!(record.members.len(), 2, "one identifier");
    let record = RecordPage {
        frame: frame.clone(),
        head: head(Page::Other),
        record,
        can_correct: true,
        done: None,
    };
    let medication = MedicationPage {
        frame: frame.clone(),
        head: head(Page::Medication),
        medication: Medication::of(&known, &lines, language),
    };
    let results = ResultsPage {
        frame: frame.clone(),
        head: head(Page::Results),
        results: Results::of(&known, &lines, None, language),
        period: Period::All,
        test: None,
        from: 0,
    };
    let filter = Filter {
        period: Period::Year,
        ..Filter::default()
    };
    let timeline = TimelinePage {
        frame: frame.clone(),
        head: head(Page::Timeline),
        timeline: Timeline::of(&known, &lines, filter, (at(), 0), language),
    };
    let section = SectionPage::of((&known, &lines), (frame, head(Page::Other)), "results", 0, at()).unwrap();
    vec![
        ("record", record.render().unwrap()),
        ("medication", medication.render().unwrap()),
        ("results", results.render().unwrap()),
        ("timeline", timeline.render().unwrap()),
        ("section", section.render().unwrap()),
    ]
}

#[test]
fn the_pages_behind_the_overview_are_stable() {
    for language in Language::ALL {
        for (name, html) in pages(language) {
            insta::assert_snapshot!(
                format!("{name}-{}", language.tag()),
                crate::assets::tests::unversioned(&html)
            );
            assert!(
                !html.contains("Kreatinine <b>") && !html.contains("style="),
                "{name}"
            );
            assert!(!html.contains("999990019"), "{name}: the number");
            assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        }
    }
}

#[test]
fn no_value_is_converted_and_no_flag_is_made() {
    let known = answer();
    let lines = Lines::new(&known, None, Language::Dutch);
    let results = Results::of(&known, &lines, None, Language::Dutch);
    let [trend] = results.trends.as_slice() else {
        panic!("one test in one unit")
    };
    let told: Vec<_> = trend
        .points
        .iter()
        .map(|point| {
            (
                point.date.as_str(),
                point.value.as_str(),
                point.flag.as_deref(),
                point.range.as_deref(),
            )
        })
        .collect();
    let range = Some("50.0 – 90 umol/L");
    assert_eq!(
        told,
        [
            ("06-10-2026", "98.0 umol/L", Some("Boven referentiewaarde"), range),
            // Above the range and without a flag of the source: so it stays.
            ("07-07-2026", "92.5 umol/L", None, range),
        ]
    );
}

#[test]
fn a_period_leaves_out_what_has_no_date_and_says_so() {
    let known = answer();
    let lines = Lines::new(&known, None, Language::English);
    let count = |period, holder: Option<&str>| {
        let filter = Filter {
            period,
            holder: holder.map(str::to_owned),
            section: None,
        };
        let timeline = Timeline::of(&known, &lines, filter, (at(), 0), Language::English);
        (timeline.count, timeline.undated)
    };
    let (all, none) = count(Period::All, None);
    assert_eq!(none, 0);
    let (year, undated) = count(Period::Year, None);
    assert!(year < all && year > 0);
    assert_eq!(count(Period::Day, None).0, 0);
    assert!(undated <= all);
    assert_eq!(count(Period::All, Some("00799999")).0, 0);
    assert!(count(Period::All, Some("00700701")).0 < all);
}

#[test]
fn however_much_there_is_the_overview_stays_small_and_leads_to_the_rest() {
    let many = (0..400).map(|at| {
        let day = format!("{}-{:02}-{:02}", 2000 + at / 28, at % 12 + 1, at % 28 + 1);
        result("00700700", &format!("r{at}"), &day, &format!("{}.0", 40 + at), "")
    });
    let known = Reconciled::new(many.collect());
    let language = Language::English;
    let address = Address::new("abcd".to_owned(), language);
    let lines = Lines::new(&known, Some(&address), language);
    let head = head(language, Page::Overview);
    let sections = Sections::of(
        (&known, &lines),
        head.view,
        &head.matrix,
        (Some(&address), language),
        at(),
    );
    let overview = OverviewPage {
        frame: frame(language),
        head: head.clone(),
        sections,
    };
    let html = overview.render().unwrap();
    assert_eq!(html.matches("<li class=\"item").count(), 10);
    assert!(html.contains("Show all 400 in Laboratory results"));
    let mut from = 0;
    let mut seen = 0;
    loop {
        let page = SectionPage::of(
            (&known, &lines),
            (frame(language), head.clone()),
            "results",
            from,
            at(),
        )
        .unwrap();
        seen += page.items.len();
        from += page.items.len();
        if !page.render().unwrap().contains(">Next<") {
            break;
        }
    }
    assert_eq!(seen, 400, "the pages together are the whole");
    let results = ResultsPage {
        frame: frame(language),
        head,
        results: Results::of(&known, &lines, None, language),
        period: Period::All,
        test: None,
        from: 0,
    };
    assert!(results.render().unwrap().matches("<circle").count() <= 60);
}
