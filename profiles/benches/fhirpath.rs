//! What one evaluation of the most frequent invariants costs, and what compiling them costs.

use divan::{Bencher, black_box};
use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::fhirpath::{Environment, Expression, Value};
use samenhang_profiles::{FhirVersion, Limits};

fn main() {
    divan::main();
}

const PATIENT: &str = r##"{"resourceType":"Patient","id":"p","meta":{"profile":["http://example.org/p"]},
"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">p</div>"},
"identifier":[{"system":"http://example.org/id","value":"1"}],"active":true,
"name":[{"use":"official","family":"Jansen","given":["Jan","Piet"]},{"use":"usual","given":["Jan"]}],
"telecom":[{"system":"phone","value":"0612345678","use":"mobile"}],"gender":"male","birthDate":"1974-12-25",
"extension":[{"url":"http://example.org/e","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"1"}]}}],
"contact":[{"relationship":[{"text":"x"}],"name":{"family":"Y"},"telecom":[{"system":"phone","value":"1"}]}],
"contained":[{"resourceType":"Organization","id":"o","name":"O"}],
"managingOrganization":{"reference":"#o","display":"O"}}"##;

const OBSERVATION: &str = r#"{"resourceType":"Observation","id":"o","status":"final",
"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/p"},
"effectivePeriod":{"start":"2020-01-01T10:00:00+01:00","end":"2020-01-02T10:00:00+01:00"},
"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},
"valueQuantity":{"value":120,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},
"valueQuantity":{"value":80,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}],
"referenceRange":[{"low":{"value":90,"code":"mm[Hg]"},"high":{"value":140,"code":"mm[Hg]"}}]}"#;

/// Ten invariants as R4 has them, by key, with the path at which each is evaluated.
const INVARIANTS: [(&str, &str, &str, &str); 10] = [
    (
        "ele-1",
        PATIENT,
        "name",
        "hasValue() or (children().count() > id.count())",
    ),
    (
        "ext-1",
        PATIENT,
        "extension",
        "extension.exists() != value.exists()",
    ),
    (
        "ref-1",
        PATIENT,
        "managingOrganization",
        "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
    ),
    ("dom-2", PATIENT, "", "contained.contained.empty()"),
    (
        "dom-4",
        PATIENT,
        "",
        "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()",
    ),
    (
        "dom-3",
        PATIENT,
        "",
        "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()",
    ),
    (
        "pat-1",
        PATIENT,
        "contact",
        "name.exists() or telecom.exists() or address.exists() or organization.exists()",
    ),
    (
        "obs-6",
        OBSERVATION,
        "",
        "dataAbsentReason.empty() or value.empty()",
    ),
    (
        "obs-7",
        OBSERVATION,
        "",
        "value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()",
    ),
    (
        "per-1",
        OBSERVATION,
        "effectivePeriod",
        "start.hasValue().not() or end.hasValue().not() or (start <= end)",
    ),
];

fn document(text: &str) -> Option<Document<'_>> {
    Document::from_json(text.as_bytes(), FhirVersion::R4, &Limits::default()).ok()
}

fn at<'d>(document: &'d Document<'_>, name: &str) -> Option<Node<'d>> {
    if name.is_empty() {
        Some(document.root())
    } else {
        document.root().child(name)
    }
}

#[divan::bench(args = INVARIANTS.map(|(key, ..)| key))]
fn holds(bencher: Bencher<'_, '_>, key: &str) {
    let Some((_, text, place, expression)) = INVARIANTS.iter().find(|(own, ..)| *own == key) else {
        return;
    };
    let (Some(document), Ok(expression)) = (document(text), Expression::invariant(expression)) else {
        return;
    };
    let Some(node) = at(&document, place) else { return };
    let env = Environment::new().at(node);
    let focus = [Value::Node(node)];
    assert_eq!(expression.holds(&focus, &env), Ok(true), "{key}");
    bencher.bench_local(|| black_box(&expression).holds(black_box(&focus), black_box(&env)));
}

#[divan::bench(args = INVARIANTS.map(|(key, ..)| key))]
fn compile(bencher: Bencher<'_, '_>, key: &str) {
    let Some((.., expression)) = INVARIANTS.iter().find(|(own, ..)| *own == key) else {
        return;
    };
    bencher.bench_local(|| Expression::invariant(black_box(expression)));
}

/// What the whole budget costs at most: expressions that would not end without it.
#[divan::bench(args = ["id.repeat($this & 'x')", "descendants().select(%resource.descendants().select(%resource.descendants()))", "(1 | 2).aggregate($total.combine($total), id.repeat($this & 'y'))"], sample_count = 10)]
fn exhausts_the_budget(bencher: Bencher<'_, '_>, text: &str) {
    let (Some(document), Ok(expression)) = (document(PATIENT), Expression::compile(text)) else {
        return;
    };
    let env = Environment::new().at(document.root());
    let focus = [Value::Node(document.root())];
    bencher.bench_local(|| expression.evaluate(black_box(&focus), black_box(&env)).is_err());
}
