use bytes::Bytes;
use samenhang_profiles::{Limits, RawResource};

use super::{Member, whose};

const SYSTEM: &str = "http://fhir.nl/fhir/NamingSystem/bsn";

fn patient(id: &str, bsn: &str) -> String {
    format!(
        r#"{{"resourceType":"Patient","id":"{id}","identifier":[{{"system":"{SYSTEM}","value":"{bsn}"}}]}}"#
    )
}

fn about(subject: &str) -> String {
    format!(r#"{{"resourceType":"Condition","id":"c","subject":{subject}}}"#)
}

/// The rule that holds a unit, or `id/number` for whose it is.
fn judged(bodies: &[&str]) -> String {
    let resources: Vec<RawResource> = bodies
        .iter()
        .map(|body| RawResource::read(Bytes::from((*body).to_owned()), &Limits::default()).unwrap())
        .collect();
    let members: Vec<Member<'_>> = resources
        .iter()
        .map(|resource| Member {
            resource,
            full_url: (resource.resource_type() == "Patient").then_some("urn:uuid:1"),
        })
        .collect();
    match whose(&members) {
        Ok(None) => "nobody".to_owned(),
        Ok(Some(who)) => format!(
            "{}/{}",
            who.id.as_deref().unwrap_or("-"),
            if who.bsn.is_some() { "number" } else { "-" }
        ),
        Err(reason) => reason.rule,
    }
}

#[test]
fn exactly_one_patient_and_every_resource_is_theirs() {
    let p1 = patient("p1", "999990019");
    let by_number = |bsn: &str| {
        about(&format!(
            r#"{{"identifier":{{"system":"{SYSTEM}","value":"{bsn}"}}}}"#
        ))
    };
    let ours = about(r#"{"reference":"Patient/p1"}"#);
    let cases: [(&[&str], &str); 19] = [
        (&[&p1], "p1/number"),
        (&[&p1, &ours], "p1/number"),
        (&[&ours, &p1], "p1/number"),
        (&[&p1, &about(r#"{"reference":"urn:uuid:1"}"#)], "p1/number"),
        (
            &[
                &p1,
                &about(r#"{"reference":"https://x/fhir/Patient/p1/_history/2"}"#),
            ],
            "p1/number",
        ),
        (&[&p1, &patient("p2", "999990020")], "two-patients"),
        (&[&p1, &patient("p1", "999990020")], "two-numbers"),
        (&[&patient("p1", "999990018")], "fails-11-proef"),
        (&[&patient("p1", "12")], "fails-11-proef"),
        (&[&patient("999990019", "999990019")], "id-is-a-number"),
        (
            &[&p1, &about(r#"{"reference":"Patient/p2"}"#)],
            "subject-of-another",
        ),
        (&[&p1, &about(r##"{"reference":"#p1"}"##)], "subject-unclear"),
        (&[&p1, &about(r#"{"reference":"Group/p1"}"#)], "subject-unclear"),
        (&[&p1, &by_number("999990019")], "p1/number"),
        (&[&p1, &by_number("999990020")], "subject-of-another-number"),
        (&[&by_number("999990019")], "-/number"),
        (&[&ours], "p1/-"),
        (&[r#"{"resourceType":"Condition","id":"c"}"#], "no-patient"),
        (&[r#"{"resourceType":"Organization","id":"o"}"#], "nobody"),
    ];
    for (bodies, expected) in cases {
        assert_eq!(judged(bodies), expected, "{bodies:?}");
    }
}

#[test]
fn a_patient_without_a_number_is_not_the_one_that_a_resource_names_by_number() {
    let nameless = r#"{"resourceType":"Patient","id":"p1"}"#;
    let by_number = about(&format!(
        r#"{{"identifier":{{"system":"{SYSTEM}","value":"999990019"}}}}"#
    ));
    assert_eq!(judged(&[nameless]), "p1/-");
    assert_eq!(judged(&[nameless, &by_number]), "subject-of-another-number");
}
