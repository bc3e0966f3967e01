use samenhang_profiles::FhirVersion;

use crate::faults::Fault;
use crate::holder::HolderAuthorization;
use crate::source::fixtures::{Holder, NUMBER, read};
use crate::source::quirk::Quirk;

#[tokio::test]
async fn a_clean_source_finds_reads_and_searches() {
    let holder = Holder::open(Quirk::Clean).await;
    let metadata = holder.get("metadata").await;
    assert_eq!(
        (metadata.status, metadata.json.str("fhirVersion")),
        (200, Some("4.0.1"))
    );

    let patient = holder.patient().await;
    assert_eq!(
        (patient.ids("match"), patient.total()),
        (vec!["p1".to_owned()], "1".to_owned())
    );
    let own = patient.link("self").unwrap();
    assert!(own.ends_with("/Patient") && !own.contains("999990019"), "{own}");

    let conditions = holder.get("Condition?patient=Patient/p1&_count=100").await;
    assert_eq!(conditions.total(), "7");
    assert!(
        conditions
            .link("self")
            .unwrap()
            .contains("patient=Patient%2Fp1&_count=100")
    );
    assert_eq!(
        conditions.json.at("entry.fullUrl")[0].as_str(),
        Some(format!("{}/Condition/c1", holder.base).as_str())
    );
    let posted = holder
        .post("Condition/_search", &[("patient.identifier", NUMBER)])
        .await;
    assert_eq!(posted.total(), "7");

    let payer = holder.get("Coverage?patient=p1&_include=Coverage:payor").await;
    assert_eq!(payer.ids("include"), ["o1"]);
    let noted = holder.get("Condition?_id=c2&_revinclude=Provenance:target").await;
    assert_eq!(noted.ids("include"), ["h1"]);
    let latest = holder
        .get("Observation/$lastn?patient=p1&code=http://loinc.org|29463-7")
        .await;
    assert_eq!(latest.ids("match"), ["w2"]);
    let raw = holder
        .client
        .get(format!("{}/Observation/w1", holder.base))
        .send()
        .await
        .unwrap();
    assert_eq!(
        raw.headers()["content-type"],
        "application/fhir+json; fhirVersion=4.0; charset=utf-8"
    );
    assert!(raw.text().await.unwrap().contains(r#""value":80.50"#));
    assert_eq!(
        holder
            .get("Condition?patient=p1&_summary=count")
            .await
            .json
            .list("entry")
            .len(),
        0
    );
    assert_eq!(holder.started.bsns.len(), 2);
    holder.shared.stop().await;
}

#[tokio::test]
async fn what_is_not_allowed_gets_an_outcome() {
    let holder = Holder::open(Quirk::Clean).await;
    for (target, status) in [
        (format!("Patient?identifier={NUMBER}"), 400),
        ("Condition?profile=x".to_owned(), 400),
        ("Condition?_include=Condition:nothing".to_owned(), 400),
        ("Condition/none".to_owned(), 404),
        ("Nonsense?patient=p1".to_owned(), 404),
        ("_page/unknown".to_owned(), 410),
        ("Patient/$match".to_owned(), 404),
    ] {
        let answer = holder.get(&target).await;
        assert_eq!(
            (answer.status, answer.json.str("resourceType")),
            (status, Some("OperationOutcome")),
            "{target}"
        );
    }
    let request = holder
        .client
        .get(format!("{}/Flag", holder.base))
        .header("accept", "application/fhir+xml");
    assert_eq!(read(request).await.status, 406);
    let request = holder.client.get(format!("{}/Flag", holder.base));
    let request = request.header("accept", "application/fhir+json; fhirVersion=3.0");
    assert_eq!(read(request).await.status, 406);
    let request = holder
        .client
        .post(format!("{}/Flag/_search", holder.base))
        .body("{}");
    assert_eq!(read(request).await.status, 415);
    holder.shared.stop().await;
}

#[tokio::test]
async fn pages_follow_opaque_links() {
    let holder = Holder::open(Quirk::Clean).await;
    let (pages, total) = holder.walk("Condition?patient=p1&_count=3").await;
    assert_eq!(total, "7");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    let next = holder
        .get("Condition?patient=p1&_count=3")
        .await
        .link("next")
        .unwrap();
    assert!(next.starts_with(&format!("{}/_page/", holder.base)) && !next.contains("p1"));
    // Pages that vanish are the transport fault status:410 on the path of the cursors.
    let spec: crate::faults::FaultSpec = "status:410@/_page/".parse().unwrap();
    let service = crate::faults::ServiceId::Source(holder.started.addresses[0].ura.clone());
    holder.shared.faults().set(service, spec);
    assert_eq!(holder.get(&next).await.status, 410);
    assert_eq!(holder.get("Condition?patient=p1&_count=3").await.status, 200);
    holder.shared.stop().await;
}

#[tokio::test]
async fn a_source_spoils_its_pages_when_told() {
    let holder = Holder::open(Quirk::Clean).await;
    holder.fault(Fault::PagingLoop);
    let (pages, _) = holder.walk("Condition?patient=p1").await;
    assert_eq!(pages.len(), 10);
    holder.fault(Fault::DuplicatePages);
    let (pages, _) = holder.walk("Condition?patient=p1").await;
    assert_eq!(pages[0].last(), pages[1].first());
    holder.fault(Fault::ShiftingPages);
    let (pages, total) = holder.walk("Condition?patient=p1").await;
    let seen: std::collections::BTreeSet<_> = pages.concat().into_iter().collect();
    assert!(seen.len() < 7 && total == "7");
    holder.fault(Fault::OffOriginNext);
    let next = holder.get("Condition?patient=p1").await.link("next").unwrap();
    assert!(next.starts_with("https://elsewhere.invalid/"));
    holder.shared.stop().await;
}

#[tokio::test]
async fn a_source_spoils_its_content_when_told() {
    let holder = Holder::open(Quirk::Clean).await;
    holder.fault(Fault::WrongPatient);
    let mixed = holder.get("Condition?patient=p1").await;
    assert!(mixed.ids("match").contains(&"other".to_owned()));
    let mixed = holder.get("Coverage?beneficiary=p1").await;
    assert_eq!(mixed.ids("match"), ["v1", "v1-x"]);
    assert_eq!(holder.patient().await.total(), "1");
    holder.fault(Fault::TwoPatients);
    let twins = holder.patient().await;
    assert_eq!(
        (twins.total(), twins.ids("match")),
        ("2".to_owned(), vec!["p1".to_owned(), "p1-2".to_owned()])
    );
    holder.fault(Fault::WrongVersion);
    let older = holder.get("Condition?patient=p1").await;
    assert_eq!(
        older.json.at("entry.resource.clinicalStatus")[0].as_str(),
        Some("active")
    );
    holder.shared.stop().await;
}

#[tokio::test]
async fn epic_nedap_and_nexus_serve_their_own_shapes() {
    let epic = Holder::open(Quirk::Epic).await;
    let conditions = epic.get("Condition?patient=p1&unknown=1").await;
    assert_eq!(conditions.total(), "7");
    assert_eq!(
        conditions.json.at("entry.resource.code.text")[0].as_str(),
        Some("Klacht 1")
    );
    let subject = conditions.json.at("entry.resource.subject.reference")[0]
        .as_str()
        .map(str::to_owned);
    assert_eq!(subject, Some(format!("{}/Patient/p1", epic.base)));
    epic.shared.stop().await;

    let nedap = Holder::open(Quirk::Nedap).await;
    let id = nedap.patient().await.ids("match")[0].clone();
    let profile = "http://nictiz.nl/fhir/StructureDefinition/nl-core-Problem";
    let conditions = nedap
        .get(&format!("Condition?patient=Patient/{id}&_profile={profile}"))
        .await;
    assert_eq!(
        (id.as_str(), conditions.total().as_str()),
        ("client-1.patient-1", "7")
    );
    nedap.shared.stop().await;

    let nexus = Holder::open(Quirk::Nexus).await;
    assert_eq!(nexus.patient().await.ids("match"), ["100001"]);
    nexus.shared.stop().await;
}

#[tokio::test]
async fn chipsoft_answers_official_queries_only() {
    let holder = Holder::open(Quirk::Chipsoft).await;
    let id = holder.patient().await.ids("match")[0].clone();
    assert_eq!(holder.get(&format!("Condition?patient={id}")).await.total(), "7");
    let weight = holder
        .get(&format!(
            "Observation/$lastn?patient={id}&code=http://loinc.org|29463-7"
        ))
        .await;
    assert_eq!(weight.total(), "1");
    for other in ["category=vital-signs", "_profile=http://x"] {
        assert_eq!(
            holder
                .get(&format!("Observation?patient={id}&{other}"))
                .await
                .status,
            403,
            "{other}"
        );
    }
    assert_eq!(
        holder.get(&format!("Condition?patient={id}&odd=1")).await.status,
        400
    );
    holder.shared.stop().await;
}

#[tokio::test]
async fn cgm_and_sanday_match_patients_only() {
    let cgm = Holder::start(FhirVersion::Stu3, Quirk::Cgm, HolderAuthorization::None).await;
    assert_eq!(cgm.get("metadata").await.json.str("fhirVersion"), Some("4.0.1"));
    assert_eq!(cgm.patient().await.status, 400);
    let body = r#"{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","birthDate":"1970-01-01","identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999990019"}]}}]}"#;
    let request = cgm.client.post(format!("{}/Patient/$match", cgm.base));
    let found = read(request.header("content-type", "application/fhir+json").body(body)).await;
    assert_eq!(found.ids("match"), ["p1"]);
    assert_eq!(
        found.json.at("entry.search.extension.valueCode")[0].as_str(),
        Some("certain")
    );
    let request = cgm.client.post(format!("{}/Patient/$match", cgm.base));
    let nobody = read(request.body(body.replace("1970-01-01", "1970-01-02"))).await;
    assert_eq!(nobody.total(), "0");
    assert_eq!(
        cgm.get("Condition?patient=p1&clinical-status=active,recurrence")
            .await
            .status,
        400
    );
    assert_eq!(
        cgm.get("Condition?patient=p1&clinical-status=active")
            .await
            .total(),
        "7"
    );
    cgm.shared.stop().await;

    let sanday = Holder::open(Quirk::Sanday).await;
    assert_eq!(sanday.patient().await.status, 400);
    let conditions = sanday.get("Condition?patient=p1").await;
    let system = conditions.json.at("entry.resource.clinicalStatus.coding.system")[0].as_str();
    assert_eq!(system, Some("urn:oid:2.16.840.1.113883.4.642.3.1372"));
    sanday.shared.stop().await;
}

#[tokio::test]
async fn bare_and_chaos_make_life_hard() {
    let bare = Holder::open(Quirk::Bare).await;
    assert_eq!(bare.get("metadata").await.status, 403);
    assert_eq!(bare.patient().await.total(), "1");
    assert_eq!(
        bare.post("Condition/_search", &[("patient", "p1")]).await.status,
        405
    );
    let profile = "http://nictiz.nl/fhir/StructureDefinition/nl-core-Problem";
    assert_eq!(
        bare.get(&format!("Condition?patient=p1&_profile={profile}"))
            .await
            .total(),
        "0"
    );
    assert_eq!(bare.get("Condition?patient=p1").await.total(), "7");
    bare.shared.stop().await;

    let chaos = Holder::open(Quirk::Chaos).await;
    let (first, total) = chaos.walk("Condition?patient=p1").await;
    let (second, _) = chaos.walk("Condition?patient=p1").await;
    assert_ne!(first, second);
    let seen: std::collections::BTreeSet<_> = first.concat().into_iter().chain(second.concat()).collect();
    assert_eq!((seen.len(), total.as_str()), (7, "7"));
    chaos.shared.stop().await;
}
