//! The pages for the patient: the own overview, who looked at it, and that nobody gets at another's.

use samenhang_profiles::Bsn;
use samenhang_server::demo::DemoOptions;
use samenhang_testbed::mitz::{Decision, Rule};
use samenhang_testbed::{ServiceId, SimClock, TestbedConfig};

use crate::answer::Answer;
use crate::country::{Country, P1, P2, P3, parameters, read};
use crate::visitor::Visitor;

/// A patient of the demonstration, in a session.
async fn own<'a>(country: &'a Country, bsn: &str) -> Visitor<'a> {
    let entered = Visitor::patient(country, format!("bsn={bsn}")).await;
    entered.unwrap_or_else(|answer| panic!("{}: {}", answer.status, answer.text))
}

async fn page(country: &Country, visitor: &Visitor<'_>, path: &str) -> Answer {
    visitor.get(&country.url(path)).await
}

/// The lines of the list of looks, as text without markup.
fn lines(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.text.split("<tbody").nth(1).unwrap_or_default();
    let body = body.split("</tbody>").next().unwrap_or_default();
    let rows = body.split("<tr").skip(1);
    rows.map(|row| {
        let parts = row
            .split('<')
            .map(|part| part.split_once('>').map_or("", |(_, text)| text));
        parts
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" | ")
    })
    .collect()
}

#[tokio::test]
async fn a_patient_reads_who_looked_and_nothing_about_another() {
    let country = Country::start().await;
    let doctor = Visitor::log_in(&country).await;
    assert_eq!(doctor.page(P1).await.status, 200);
    assert_eq!(doctor.page_with(P2, "&purpose=COC").await.status, 200);
    let patient = own(&country, P1).await;
    let shown = page(&country, &patient, "/patient/log?lang=nl").await;
    let told = lines(&shown);
    assert_eq!(told.len(), 2, "the reading itself, and the doctor: {told:?}");
    assert!(
        told[0].contains("u | ") && told[0].contains("deze lijst"),
        "{told:?}"
    );
    for part in [
        "huisarts",
        "Huisartsenpraktijk West",
        "om u te behandelen",
        "alles",
        "gegevens laten zien",
        "Ziekenhuis",
    ] {
        assert!(told[1].contains(part), "{part}: {told:?}");
    }
    assert!(
        !shown.text.contains("Voorbeeld"),
        "a role and an organisation, no name"
    );
    assert!(!shown.text.contains(P1) && !shown.text.contains(P2));
    assert_eq!(shown.headers["cache-control"], "no-store");
    // Of another patient there is not even that somebody looked.
    let nobody = own(&country, P3).await;
    let told = lines(&page(&country, &nobody, "/patient/log?lang=en").await);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("you | ") && told[0].contains("this list"),
        "{told:?}"
    );
    country.stop().await;
}

#[tokio::test]
async fn the_own_overview_is_a_question_like_any_other() {
    let country = Country::start().await;
    let patient = own(&country, P1).await;
    let shown = page(&country, &patient, "/patient/overview?lang=nl").await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    for part in [
        "Medicijnen",
        "Allergieën",
        "Van wie komen deze gegevens?",
        "demonstratie",
    ] {
        assert!(
            shown.text.to_lowercase().contains(&part.to_lowercase()),
            "{part}: {}",
            shown.text
        );
    }
    assert!(!shown.text.contains(P1), "the number");
    assert!(
        !shown.text.contains("/viewer/p/"),
        "no page of a professional is linked"
    );
    let section = page(&country, &patient, "/patient/overview/section/results?lang=nl").await;
    assert_eq!(section.status, 200, "{}", section.text);
    assert!(section.text.contains("Uitslagen van bloed"));
    let missing = page(&country, &patient, "/patient/overview/section/none").await;
    assert_eq!(missing.status, 404);
    let told = lines(&page(&country, &patient, "/patient/log?lang=nl").await);
    assert!(
        told.iter()
            .any(|line| line.contains("om uw eigen gegevens te bekijken")),
        "{told:?}"
    );
    assert!(!told.iter().any(|line| line.contains("huisarts")), "{told:?}");
    country.stop().await;
}

/// The addresses of the documents on a page, in its order.
fn documents(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let links = page.text.split("class=\"document\" href=\"").skip(1);
    links
        .map(|rest| rest.split('"').next().unwrap_or_default().replace("&#38;", "&"))
        .collect()
}

#[tokio::test]
async fn a_patient_opens_own_documents_and_that_is_in_the_log() {
    let country = Country::start().await;
    let patient = own(&country, P1).await;
    let shown = page(&country, &patient, "/patient/overview?lang=nl").await;
    assert!(shown.text.contains("Brieven en documenten"), "{}", shown.text);
    let links = documents(&shown);
    assert_eq!(links.len(), 3, "{}", shown.text);
    for link in &links {
        assert!(link.starts_with("/patient/overview/document/"), "{link}");
        let audited = country.audited(0).await;
        let opened = page(&country, &patient, link).await;
        assert_eq!(opened.status, 200, "{link}: {}", opened.text);
        assert!(opened.text.starts_with("%PDF-1.4"), "{link}");
        assert_eq!(opened.headers["content-type"], "application/pdf");
        assert_eq!(
            opened.headers["content-disposition"],
            "inline; filename=\"document.pdf\""
        );
        assert_eq!(opened.headers["cache-control"], "no-store");
        assert_eq!(opened.headers["x-content-type-options"], "nosniff");
        assert!(country.audited(audited).await > audited, "it is in the audit log");
    }
    let told = lines(&page(&country, &patient, "/patient/log?lang=nl").await);
    // The overview, and for each document the answer that it is in and the document.
    assert!(
        told.iter()
            .any(|line| line.contains("7 keer") && line.contains("eigen gegevens")),
        "{told:?}"
    );
    // A section has its own.
    let section = page(&country, &patient, "/patient/overview/section/documents?lang=nl").await;
    assert_eq!(documents(&section).len(), 2, "{}", section.text);
    country.stop().await;
}

#[tokio::test]
async fn a_document_of_another_or_of_another_session_opens_for_nobody() {
    let country = Country::start().await;
    let patient = own(&country, P1).await;
    let link = documents(&page(&country, &patient, "/patient/overview").await).remove(0);
    let doctor = Visitor::log_in(&country).await;
    let of_doctor = documents(&doctor.page(P1).await).remove(0);
    let fetched = || {
        let journal = country.demo.testbed().journal();
        journal.count(|entry| entry.path.contains("/Binary/"))
    };
    // The same record has another name in every session, also of one person.
    let again = own(&country, P1).await;
    let of_again = documents(&page(&country, &again, "/patient/overview").await).remove(0);
    assert_ne!(link, of_again);
    let other = own(&country, P2).await;
    for (who, address, status) in [
        (&other, &link, 422),
        (&again, &link, 422),
        (&other, &of_doctor, 303),
        (&patient, &of_doctor, 303),
        (&doctor, &link, 303),
    ] {
        let refused = page(&country, who, address).await;
        assert_eq!(refused.status, status, "{address}: {}", refused.text);
        assert!(!refused.text.contains("%PDF"), "{address}");
    }
    let nobody = read(country.client().get(country.url(&link))).await;
    assert_eq!((nobody.status, nobody.text.as_str()), (303, ""));
    assert_eq!(fetched(), 0, "no holder was asked for it");
    // Consent that is withdrawn after the page was made.
    country.demo.testbed().services().mitz.rule(Rule {
        patient: Bsn::parse(P1).ok(),
        holder: None,
        category: None,
        decision: Decision::Deny,
    });
    country
        .demo
        .testbed()
        .clock()
        .advance(std::time::Duration::from_secs(61));
    let refused = page(&country, &patient, &link).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(fetched(), 0);
    patient.log_out().await;
    let gone = page(&country, &patient, &link).await;
    assert_eq!((gone.status, gone.text.as_str()), (303, ""));
    country.stop().await;
}

#[tokio::test]
async fn what_the_patient_does_not_share_is_not_shown_here_either() {
    let country = Country::start().await;
    country.demo.testbed().services().mitz.rule(Rule {
        patient: Bsn::parse(P1).ok(),
        holder: None,
        category: None,
        decision: Decision::Deny,
    });
    let patient = own(&country, P1).await;
    let shown = page(&country, &patient, "/patient/overview?lang=nl").await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(!shown.text.contains("class=\"item\""), "{}", shown.text);
    country.stop().await;
}

#[tokio::test]
async fn a_patient_and_a_professional_stay_on_their_own_side() {
    let country = Country::start().await;
    let doctor = Visitor::log_in(&country).await;
    for path in [
        "/patient/log",
        "/patient/overview",
        "/patient/overview/section/results",
    ] {
        let refused = page(&country, &doctor, path).await;
        assert_eq!((refused.status, refused.text.as_str()), (303, ""), "{path}");
        assert_eq!(refused.headers["location"], "/patient", "{path}");
        let nobody = read(country.client().get(country.url(path))).await;
        assert_eq!(nobody.status, 303, "{path}");
    }
    let patient = own(&country, P1).await;
    country.demo.testbed().journal().clear();
    let other = patient.page(P2).await;
    assert_eq!(
        (other.status, other.headers["location"].as_str()),
        (303, "/patient")
    );
    let asked = patient.ask(P2).await;
    assert_eq!(asked.status, 403, "{}", asked.text);
    assert!(asked.text.contains("SAM-ACC-018"), "{}", asked.text);
    let journal = country.demo.testbed().journal();
    let calls = journal.count(|entry| entry.service != ServiceId::AuditSink);
    assert_eq!(calls, 0, "nobody was asked about another patient");
    // The attempt is in the log of the patient whom it was about, as refused and not as their own.
    let told = lines(&page(&country, &own(&country, P2).await, "/patient/log?lang=nl").await);
    assert!(
        told.iter()
            .any(|line| line.contains("mocht niet") && line.contains("computersysteem")),
        "{told:?}"
    );
    patient.log_out().await;
    let gone = page(&country, &patient, "/patient/log").await;
    assert_eq!((gone.status, gone.text.as_str()), (303, ""));
    country.stop().await;
}

/// The country with the client of the simulated EHR as one that patients use, or not.
async fn with_client(used_by_patients: bool) -> Country {
    with_client_at(used_by_patients, SimClock::real()).await
}

/// The same by a clock.
async fn with_client_at(used_by_patients: bool, clock: SimClock) -> Country {
    let overlay = format!(
        "[[access.patient_tokens.clients]]\nclient_id = \"samenhang-west\"\norganisation = \"00900900\"\n\
         organisation_name = \"PGO Voorbeeld\"\norganisation_type = \"Z3\"\nused_by_patients = {used_by_patients}\n\
         responsible = {{ number = \"900000009\", role = \"01.015\", name = \"A.B. Voorbeeld\" }}\n"
    );
    Country::with(DemoOptions {
        country: TestbedConfig {
            clock,
            ..TestbedConfig::default()
        },
        overlay: overlay.parse().expect("settings in TOML"),
        ..DemoOptions::default()
    })
    .await
}

#[tokio::test]
async fn a_portal_sends_a_patient_with_a_token_in_a_form() {
    let country = with_client(true).await;
    let patient = Bsn::parse(P1).expect("a number");
    let issue = |scope: &str| {
        let issued = country
            .demo
            .testbed()
            .ehr()
            .issue(&patient, scope, &country.url("/fhir/R4"));
        format!("access_token={}", issued.expect("a token"))
    };
    let visitor = Visitor::patient(&country, issue("patient/*.read")).await;
    let visitor = visitor.unwrap_or_else(|answer| panic!("{}", answer.text));
    let told = lines(&page(&country, &visitor, "/patient/log?lang=nl").await);
    assert!(
        told[0].contains("PGO Voorbeeld") && told[0].contains("u | "),
        "{told:?}"
    );
    let overview = page(&country, &visitor, "/patient/overview?lang=nl").await;
    assert!(overview.text.contains("class=\"item\""), "{}", overview.text);
    for (form, code) in [
        ("access_token=guess".to_owned(), "SAM-ACC-003"),
        (issue("patient/Patient.r"), "SAM-ACC-006"),
        (String::new(), "SAM-SRV-005"),
        ("bsn=123".to_owned(), "SAM-SRV-006"),
        ("bsn=111222333".to_owned(), "SAM-ACC-008"),
    ] {
        let refused = Visitor::patient(&country, form.clone())
            .await
            .err()
            .expect("nobody gets in");
        assert!(refused.text.contains(code), "{form}: {}", refused.text);
        assert!(!refused.headers.contains_key("set-cookie"), "{form}");
    }
    country.stop().await;
}

#[tokio::test]
async fn the_session_of_a_patient_ends_with_the_token_that_it_began_with() {
    let clock = SimClock::real();
    let country = with_client_at(true, clock.clone()).await;
    let patient = Bsn::parse(P1).expect("a number");
    let ehr = country.demo.testbed().ehr();
    let token = ehr.issue(&patient, "patient/*.read", &country.url("/fhir/R4"));
    let form = format!("access_token={}", token.expect("a token"));
    let visitor = Visitor::patient(&country, form).await;
    let visitor = visitor.unwrap_or_else(|answer| panic!("{}", answer.text));
    let log = page(&country, &visitor, "/patient/log").await;
    assert_eq!(log.status, 200);
    // A token of the record system lasts ten minutes, a session fifteen.
    clock.advance(std::time::Duration::from_secs(601));
    let gone = page(&country, &visitor, "/patient/log").await;
    assert_eq!((gone.status, gone.text.as_str()), (303, ""));
    country.stop().await;
}

#[tokio::test]
async fn a_token_in_the_hands_of_a_professional_opens_no_page_of_a_patient() {
    let country = with_client(false).await;
    let patient = Bsn::parse(P1).expect("a number");
    let ehr = country.demo.testbed().ehr();
    let token = ehr.issue(&patient, "patient/*.read", &country.url("/fhir/R4"));
    let token = token.expect("a token");
    let refused = Visitor::patient(&country, format!("access_token={token}")).await;
    let refused = refused.err().expect("nobody gets in");
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert!(refused.text.contains("SAM-ACC-022"), "{}", refused.text);
    // It asks about another patient: that patient reads so.
    let request = country
        .client()
        .post(country.url("/fhir/R4/Patient/$overview"))
        .bearer_auth(&token)
        .header("content-type", "application/fhir+json");
    assert_eq!(
        read(request.body(parameters(P2, &[]).to_string())).await.status,
        403
    );
    let told = lines(&page(&country, &own(&country, P2).await, "/patient/log?lang=en").await);
    assert!(told.iter().any(|line| line.contains("not allowed")), "{told:?}");
    country.stop().await;
}
