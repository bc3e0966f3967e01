use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use samenhang_profiles::page::Page;
use samenhang_profiles::{Bsn, Conformance, FhirVersion, Limits};
use samenhang_terminology::Category;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Patience, lift};
use crate::fanout::intake::{Intake, Origin, Taken};
use crate::fanout::problem::Problem;
use crate::source::subject::Accepted;

const WEIGHT: &str = r#"{"resource":{"resourceType":"Observation","id":"w","status":"final","category":[{"coding":[{"system":"http://hl7.org/fhir/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":70.10,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},"comment":"na het eten"}}"#;

fn accepted() -> Accepted {
    Accepted {
        id: "p1".to_owned(),
        full_url: None,
        bsn: Bsn::parse("999990019").unwrap(),
    }
}

fn taken(version: FhirVersion) -> Taken {
    let origin = Origin {
        holder: "00700700".parse().unwrap(),
        name: Arc::from("Ziekenhuis Oost"),
        base: Arc::from("https://oost.example/stu3"),
        version,
    };
    let body = format!(r#"{{"resourceType":"Bundle","type":"searchset","entry":[{WEIGHT}]}}"#);
    let page = Page::read(Bytes::from(body), &Limits::default()).unwrap();
    Intake::new(origin, accepted(), vec![Category::ObservationVitalSigns])
        .page(page, "Observation", &mut HashSet::new(), Timestamp::UNIX_EPOCH)
        .unwrap()
}

fn patience() -> Patience {
    Patience {
        deadline: Instant::now() + Duration::from_secs(60),
        stop: CancellationToken::new(),
    }
}

#[tokio::test]
async fn a_page_of_stu3_comes_out_in_r4_with_what_was_sent() {
    let before = taken(FhirVersion::Stu3);
    let sent = before.resources[&Category::ObservationVitalSigns][0].clone();
    let after = lift(before, &accepted(), patience()).await.unwrap();
    let received = &after.resources[&Category::ObservationVitalSigns];
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].lineage.conformance, Conformance::Lifted);
    assert_eq!(received[0].version(), FhirVersion::R4);
    assert_eq!(received[0].full_url, sent.full_url);
    let conversion = received[0].conversion.as_deref().unwrap();
    assert_eq!(conversion.original.body(), sent.resource.body());
    assert_eq!(after.counts[&Category::ObservationVitalSigns], 1);
}

#[tokio::test]
async fn nothing_is_lifted_when_the_question_is_over() {
    let over = Patience {
        deadline: Instant::now(),
        ..patience()
    };
    assert_eq!(
        lift(taken(FhirVersion::Stu3), &accepted(), over).await.err(),
        Some(Problem::TimedOut)
    );
    let stopped = patience();
    stopped.stop.cancel();
    assert_eq!(
        lift(taken(FhirVersion::Stu3), &accepted(), stopped).await.err(),
        Some(Problem::Stopped)
    );
}
