use super::{Context, Kind};
use crate::plan::Pack;
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits};

/// The findings of lifting an Observation whose only rule takes the start of its period for the moment.
fn findings(period: &str) -> Vec<Kind> {
    let pack = "
pack: p
version: 0.1.0
source: { format: fhir, version: STU3 }
target: { version: R4 }
maps:
  - map: Moment
    from: Observation
    to: Observation
    rules:
      - { from: effective.start, to: effectiveDateTime }
";
    let (pack, _) = Pack::compile(&[("pack.yaml", pack)]).unwrap();
    let body = format!(r#"{{"resourceType":"Observation","status":"final","effectivePeriod":{period}}}"#);
    let document = Document::from_json(body.as_bytes(), FhirVersion::Stu3, &Limits::default()).unwrap();
    let lifted = pack.lift(&document, &Context::default());
    lifted.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn what_rules_took_whole_does_not_contend_for_its_place() {
    assert_eq!(findings(r#"{"start":"2020-01-01"}"#), []);
}

#[test]
fn what_is_left_of_a_choice_whose_place_is_taken_is_found() {
    assert_eq!(
        findings(r#"{"start":"2020-01-01","end":"2020-02-01"}"#),
        [Kind::Occupied]
    );
}
