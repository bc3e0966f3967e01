//! What holders show of the quirk catalogue while they are asked.

use samenhang_conform::quirks::{Layer, Quirk};
use samenhang_profiles::FhirVersion;
use samenhang_terminology::Category;

use super::bench::{Act, Bench, Fake, LINDE, OOST, of, ok, page, patient, source, status};
use crate::http::HttpError;

const CONDITION: Category = Category::Condition;
const ALLERGY: Category = Category::AllergyIntolerance;

/// A statement that offers searches for Patient and for one type; `more` stands beside them.
fn statement(kind: &str, version: &str, more: &str) -> String {
    format!(
        r#"{{"resourceType":"CapabilityStatement","fhirVersion":"{version}","rest":[{{"mode":"server","resource":[
        {{"type":"Patient","interaction":[{{"code":"read"}},{{"code":"search-type"}}]}},
        {{"type":"{kind}","interaction":[{{"code":"read"}},{{"code":"search-type"}}]}}{more}]}}]}}"#
    )
}

/// A source of R4 with a statement; conditions are answered by the script.
fn conditions(act: impl Fn(usize) -> Act + Send + Sync + 'static) -> Fake {
    source(move |ask, earlier| match ask {
        "metadata" => Some(ok(statement("Condition", "4.0.1", ""))),
        _ if ask.starts_with("Condition?") => Some(act(earlier)),
        _ => None,
    })
}

fn condition(id: &str) -> String {
    of("Condition", id, "")
}

/// The quirks of protocol that a source shows, when it is asked for this.
async fn shown(source: Fake, category: Category) -> Vec<Quirk> {
    let bench = Bench::new();
    bench.ask_one(source, &[category]).await;
    let quirks = bench.fan_out.quirks();
    assert!(
        quirks
            .iter()
            .all(|(holder, _, count)| holder.as_str() == OOST && *count > 0)
    );
    let protocol = quirks.into_iter().map(|(_, quirk, _)| quirk);
    protocol
        .filter(|quirk| quirk.entry().layer == Layer::Protocol || *quirk == Quirk::ByteOrderMark)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_source_as_specified_shows_none() {
    let source = source(|ask, _| match ask {
        "metadata" => Some(ok(statement("Condition", "4.0.1", ""))),
        "Condition?page=2" => Some(ok(page(&[condition("c2")], None))),
        _ if ask.starts_with("Condition?") => Some(ok(page(&[condition("c1")], Some("Condition?page=2")))),
        _ => None,
    });
    assert_eq!(shown(source, CONDITION).await, []);
}

#[tokio::test(start_paused = true)]
async fn what_a_page_shows_is_counted() {
    let one = || page(&[condition("c1")], None);
    let allergies = |category: &str| {
        let one = of(
            "AllergyIntolerance",
            "a1",
            &format!(r#","category":["{category}"]"#),
        );
        let two = of("AllergyIntolerance", "a2", r#","category":["medication"]"#);
        page(&[one, two], None)
    };
    let of_allergies = |body: String| {
        source(move |ask, _| match ask {
            "metadata" => Some(ok(statement("AllergyIntolerance", "4.0.1", ""))),
            _ if ask.starts_with("AllergyIntolerance?") => Some(ok(body.clone())),
            _ => None,
        })
    };
    let error = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]}"#;
    let cases = [
        (Quirk::BundleType, one().replace("searchset", "collection")),
        (
            Quirk::NoSearchMode,
            one().replace(r#","search":{"mode":"match"}"#, ""),
        ),
        (
            Quirk::ErrorInside,
            page(&[condition("c1"), error.to_owned()], None),
        ),
        (Quirk::ByteOrderMark, format!("\u{feff}{}", one())),
        (Quirk::WebPage, "<!DOCTYPE html><html>log in</html>".to_owned()),
        (Quirk::EmptyBody, String::new()),
        (
            Quirk::OtherVersion,
            page(&[of("Condition", "c1", r#","clinicalStatus":"active""#)], None),
        ),
        (
            Quirk::AnotherPatient,
            page(&[condition("c1").replace("Patient/p1", "Patient/p2")], None),
        ),
    ];
    for (quirk, body) in cases {
        let source = conditions(move |_| ok(body.clone()));
        assert_eq!(shown(source, CONDITION).await, [quirk], "{quirk}");
    }
    let only = shown(of_allergies(allergies("medication")), ALLERGY).await;
    assert_eq!(only, [Quirk::MedicationAllergiesOnly]);
    assert_eq!(shown(of_allergies(allergies("food")), ALLERGY).await, []);
}

#[tokio::test(start_paused = true)]
async fn how_a_source_pages_is_counted() {
    let two = |resources: [&str; 2], next: Option<&str>| {
        page(&resources.map(condition), next).replace("\"entry\"", "\"total\":3,\"entry\"")
    };
    // The second page has one of the first; the third is never there.
    let shifting = move |ask: &str, _| match ask {
        "metadata" => Some(ok(statement("Condition", "4.0.1", ""))),
        "Condition?page=2" => Some(ok(two(["c2", "c1"], None))),
        _ if ask.starts_with("Condition?") => Some(ok(two(["c1", "c2"], Some("Condition?page=2")))),
        _ => None,
    };
    assert_eq!(
        shown(source(shifting), CONDITION).await,
        [Quirk::RepeatedMatches, Quirk::FewerThanTotal]
    );
    let circle = |_| ok(page(&[condition("c1")], Some("Condition?page=2")));
    assert_eq!(
        shown(conditions(circle), CONDITION).await,
        [Quirk::RepeatedMatches, Quirk::PagingLoop]
    );
    let gone = |ask: &str, earlier| match ask {
        "metadata" => Some(ok(statement("Condition", "4.0.1", ""))),
        "Condition?page=2" if earlier == 0 => Some(status(410)),
        "Condition?page=2" => Some(ok(page(&[condition("c2")], None))),
        _ if ask.starts_with("Condition?") => Some(ok(page(&[condition("c1")], Some("Condition?page=2")))),
        _ => None,
    };
    assert_eq!(shown(source(gone), CONDITION).await, [Quirk::PageGone]);
}

#[tokio::test(start_paused = true)]
async fn what_a_source_does_not_offer_or_refuses_is_counted() {
    let none = source(|_, _| None);
    assert_eq!(shown(none, CONDITION).await, [Quirk::NoStatement]);
    assert_eq!(
        shown(conditions(|_| status(404)), CONDITION).await,
        [Quirk::NotFoundForEmpty]
    );
    let elsewhere = |_| Act::Fail(HttpError::Redirect(302));
    assert_eq!(
        shown(conditions(elsewhere), CONDITION).await,
        [Quirk::LinkElsewhere]
    );
    let offered = conditions(|_| ok(page(&[], None)));
    assert_eq!(shown(offered, ALLERGY).await, [Quirk::NotOffered]);
    let matching = source(|ask, _| match ask {
        "metadata" => Some(ok(statement("Condition", "4.0.1", "").replace(
            r#"{"type":"Patient","interaction":[{"code":"read"},{"code":"search-type"}]}"#,
            r#"{"type":"Patient","interaction":[{"code":"read"}],"operation":[{"name":"match"}]}"#,
        ))),
        "match" => Some(ok(patient())),
        _ => None,
    });
    assert_eq!(shown(matching, CONDITION).await, [Quirk::MatchOnly]);
}

#[tokio::test(start_paused = true)]
async fn the_quirks_of_content_are_counted_by_holder_lifted_or_not() {
    let bench = Bench::new();
    let quirky = |version: FhirVersion| {
        let status = match version {
            FhirVersion::Stu3 => r#""active""#,
            FhirVersion::R4 => {
                r#"{"coding":[{"system":"urn:oid:2.16.840.1.113883.4.642.3.1372","code":"active"}]}"#
            }
        };
        let more = format!(r#","clinicalStatus":{status},"onsetDateTime":"20200115""#);
        let body = page(&[of("Condition", "c1", &more)], None);
        let source = source(move |ask, _| ask.starts_with("Condition?").then(|| ok(body.clone())));
        std::sync::Arc::new(source.at("https://bron.example/fhir", version))
    };
    let jobs = vec![
        bench.job(OOST, &[quirky(FhirVersion::Stu3)], &[CONDITION]).await,
        bench.job(LINDE, &[quirky(FhirVersion::R4)], &[CONDITION]).await,
    ];
    bench.ask(jobs).await;
    let content: Vec<(String, &str, u64)> = bench
        .fan_out
        .quirks()
        .into_iter()
        .filter(|(_, quirk, _)| quirk.entry().layer == Layer::Content)
        .map(|(holder, quirk, count)| (holder.to_string(), quirk.id(), count))
        .collect();
    let line = |holder: &str, id, count| (holder.to_owned(), id, count);
    assert_eq!(
        content,
        [
            line(OOST, "SAM-QRK-011", 1),
            line(OOST, "SAM-QRK-043", 1),
            line(LINDE, "SAM-QRK-011", 1),
            line(LINDE, "SAM-QRK-019", 1),
            line(LINDE, "SAM-QRK-043", 1),
        ]
    );
}

/// It refuses a query with more values than the official one has; the same in that form is answered.
#[tokio::test(start_paused = true)]
async fn a_source_that_answers_queries_of_a_certain_form_only_is_counted() {
    let vital = Category::ObservationVitalSigns;
    let up_to = |longest: usize| {
        let searches = r#"{"type":"Observation","searchParam":[{"name":"patient"},{"name":"code"},{"name":"category"}]}"#;
        let statement = statement("Condition", "4.0.1", &format!(",{searches}"));
        source(move |ask, _| match ask {
            "metadata" => Some(ok(statement.clone())),
            _ if !ask.starts_with("Observation?") => None,
            _ if ask.len() > longest => Some(status(400)),
            _ => Some(ok(page(&[], None))),
        })
    };
    assert_eq!(shown(up_to(150), vital).await, [Quirk::QueryRefused]);
    assert_eq!(shown(up_to(usize::MAX), vital).await, []);
    // One that refuses every form knows none of them.
    assert!(!shown(up_to(0), vital).await.contains(&Quirk::QueryRefused));
}
