//! What each kind of rule does, on small packs.

use samenhang_profiles::document::{Builder, Document, Origin};
use samenhang_profiles::{FhirVersion, Limits};
use serde_json::{Value, json};

use super::{Context, Lifted};
use crate::plan::Pack;

const STU3: &str =
    "pack: t\nversion: '1'\nsource: { format: fhir, version: STU3 }\ntarget: { version: R4 }\n";
const CDA: &str = "pack: t\nversion: '1'\nsource: { format: cda }\ntarget: { version: R4 }\n";

fn lifted(pack: &str, source: &Value) -> (Lifted, Vec<Value>, Vec<String>) {
    let files = [("pack.yaml", STU3), ("a.yaml", pack)];
    let (pack, _) = Pack::compile(&files).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let body = serde_json::to_vec(source).unwrap();
    let document = Document::from_json(&body, FhirVersion::Stu3, &Limits::default()).unwrap();
    let lifted = pack.lift(
        &document,
        &Context {
            source: "s",
            ..Context::default()
        },
    );
    let resources = lifted
        .resources
        .iter()
        .map(|resource| serde_json::from_slice(&resource.json).unwrap());
    let resources = resources.collect();
    let losses = lifted.ledger.losses(&document).map(|node| node.path()).collect();
    (lifted, resources, losses)
}

/// A map from Observation to Observation with these rules; what it makes of an observation with `more`, and what is lost.
#[expect(clippy::needless_pass_by_value, reason = "what is written out at the call")]
fn observation(rules: &str, more: Value) -> (Value, Vec<String>) {
    let pack = format!(
        "codes:\n  t: {{ source: s, target: t, table: {{ a: b, c: null }} }}\n  plain: {{ table: {{ final: amended }} }}\nmaps:\n  - map: A\n    from: Observation\n    to: Observation\n    rules:\n{rules}"
    );
    let mut source = json!({ "resourceType": "Observation", "id": "1" });
    source
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let (_, mut resources, losses) = lifted(&pack, &source);
    let mut made = resources.remove(0);
    made.as_object_mut().unwrap().remove("resourceType");
    (made, losses)
}

#[test]
fn copies_go_where_they_are_sent() {
    let (made, losses) = observation(
        "      - { from: comment, to: note.text }\n      - { from: context, to: encounter }\n      - { from: status, to: status, codes: plain }\n",
        json!({ "comment": "x", "context": { "reference": "Encounter/1" }, "status": "final", "issued": "2020-01-01T00:00:00Z" }),
    );
    assert_eq!(
        made,
        json!({ "id": "1", "status": "amended", "encounter": { "reference": "Encounter/1" },
        "issued": "2020-01-01T00:00:00Z", "note": [{ "text": "x" }] })
    );
    assert_eq!(losses, Vec::<String>::new());
}

#[test]
fn more_than_fits_goes_as_the_rule_says() {
    let identifiers = json!({ "identifier": [{ "value": "a" }, { "value": "b" }, { "value": "c" }] });
    let ignore = "      - { ignore: identifier.where(false), because: x }\n";
    let rule = |many: &str| format!("      - {{ from: identifier.value, to: note#n.text{many} }}\n{ignore}");
    let (made, losses) = observation(&rule(", many: { join: '+' }"), identifiers.clone());
    assert_eq!((&made["note"][0]["text"], losses.len()), (&json!("a+b+c"), 0));
    let (made, losses) = observation(&rule(", many: report"), identifiers.clone());
    assert_eq!((&made["note"][0]["text"], losses.len()), (&json!("a"), 2));
    let (made, losses) = observation(&rule(", many: first, because: x"), identifiers.clone());
    assert_eq!((&made["note"][0]["text"], losses.len()), (&json!("a"), 0));
    let (made, losses) = observation(&rule(""), identifiers);
    assert_eq!((&made["note"][0]["text"], losses.len()), (&json!("a"), 2));
}

#[test]
fn codes_go_through_their_table() {
    let code = |code: &str| json!({ "code": { "text": "t", "coding": [{ "system": "s", "code": code, "display": "d" }] } });
    let rules = "      - { from: code, to: code, codes: t }\n";
    let (made, losses) = observation(rules, code("a"));
    assert_eq!(
        made["code"],
        json!({ "text": "t", "coding": [{ "system": "t", "code": "b" }, { "system": "s", "code": "a", "display": "d" }] })
    );
    assert_eq!(losses.len(), 0);
    let (made, losses) = observation(rules, code("c"));
    assert_eq!((&made["code"], losses.len()), (&json!({ "text": "t" }), 0));
    let (made, losses) = observation(rules, code("x"));
    assert_eq!((&made["code"], losses.len()), (&json!({ "text": "t" }), 3));
}

#[test]
fn what_is_fixed_assumed_or_absent_is_put_in_last() {
    let rules = "      - { to: status, assume: final, because: x }\n      - { to: code, absent: unknown, because: x }\n      - { to: component#c.code, const: { text: c } }\n      - { to: category, const: { coding: [ { code: k } ] } }\n";
    let (made, _) = observation(
        rules,
        json!({ "category": [{ "coding": [{ "code": "k", "display": "K" }] }] }),
    );
    assert_eq!(made["status"], "final");
    assert_eq!(made["meta"]["tag"][0]["code"], "assumed");
    assert_eq!(made["code"]["extension"][0]["valueCode"], "unknown");
    assert_eq!(made.get("component"), None);
    assert_eq!(
        made["category"],
        json!([{ "coding": [{ "code": "k", "display": "K" }] }])
    );
    let (made, _) = observation(rules, json!({ "status": "amended", "code": { "text": "x" } }));
    assert_eq!((&made["status"], made.get("meta")), (&json!("amended"), None));
    assert_eq!(made["code"], json!({ "text": "x" }));
    assert_eq!(made["category"], json!([{ "coding": [{ "code": "k" }] }]));
}

#[test]
fn values_are_computed_and_conflicts_are_not_mixed() {
    let (made, losses) = observation(
        "      - { from: comment | status, value: \"status & ':' & comment\", to: note.text }\n      - { from: identifier.value, to: 'value[x]', many: report }\n",
        json!({ "comment": "x", "status": "final", "valueBoolean": true, "identifier": [{ "value": "a" }] }),
    );
    assert_eq!(made["note"][0]["text"], "final:x");
    assert_eq!(made["valueString"], "a");
    assert_eq!(losses, ["Observation.value.ofType(boolean)"]);
}

const MADE: &str = "maps:
  - map: A
    from: Observation
    to: Observation
    rules:
      - { from: value, make: Part, link: hasMember }
      - { from: value, make: Part, link: derivedFrom }
  - map: Part
    from: CodeableConcept
    to: Observation
    only: true
    rules:
      - { from: $this, to: valueCodeableConcept }
      - { from: \"%resource.subject\", to: subject }
      - { value: \"%origin\", to: focus.reference }
";

#[test]
fn what_is_made_has_the_same_id_in_every_run_and_is_made_once() {
    let source = json!({ "resourceType": "Observation", "id": "1", "subject": { "reference": "Patient/1" }, "valueCodeableConcept": { "text": "x" } });
    let (_, resources, losses) = lifted(MADE, &source);
    assert_eq!((resources.len(), losses.len()), (2, 0));
    let id = resources[1]["id"].as_str().unwrap();
    let link = json!([{ "reference": format!("Observation/{id}") }]);
    assert_eq!(
        (&resources[0]["hasMember"], &resources[0]["derivedFrom"]),
        (&link, &link)
    );
    assert_eq!(resources[1]["focus"][0]["reference"], "Observation/1");
    assert_eq!(resources[1]["subject"]["reference"], "Patient/1");
    assert_eq!(resources[1]["valueCodeableConcept"]["text"], "x");
    assert_eq!(id, lifted(MADE, &source).1[1]["id"].as_str().unwrap());
}

#[test]
fn what_a_contained_resource_asks_for_is_contained_beside_it() {
    let source = json!({ "resourceType": "Patient", "id": "p", "contained": [
        { "resourceType": "Observation", "id": "1", "valueCodeableConcept": { "text": "x" } }] });
    let (_, resources, losses) = lifted(MADE, &source);
    assert_eq!((resources.len(), losses.len()), (1, 0));
    let contained = resources[0]["contained"].as_array().unwrap();
    let id = contained[1]["id"].as_str().unwrap();
    assert_eq!(contained[0]["hasMember"][0]["reference"], format!("#{id}"));
    assert_eq!(contained[1]["focus"][0]["reference"], "#1");
}

#[test]
fn a_bundle_is_lifted_entry_by_entry_and_keeps_its_links() {
    let pack = "references: { ProcedureRequest: ServiceRequest }\n".to_owned() + MADE;
    let source = json!({ "resourceType": "Bundle", "type": "searchset", "total": 2, "entry": [
        { "fullUrl": "https://a.example/fhir/ProcedureRequest/r", "resource": { "resourceType": "ProcedureRequest", "id": "r", "status": "active" } },
        { "fullUrl": "urn:uuid:b24ad4ff-2b6d-4e5f-9a44-4a7b9bcd8f01", "resource": { "resourceType": "Observation",
            "basedOn": [{ "reference": "ProcedureRequest/r" }], "valueCodeableConcept": { "text": "x" } } }] });
    let (lifted, resources, losses) = lifted(&pack, &source);
    assert_eq!(losses, Vec::<String>::new());
    let urls: Vec<_> = lifted
        .resources
        .iter()
        .map(|resource| resource.full_url.clone().unwrap())
        .collect();
    assert_eq!(urls[0], "https://a.example/fhir/ServiceRequest/r");
    assert_eq!(resources[0]["resourceType"], "ServiceRequest");
    assert_eq!(resources[1]["basedOn"][0]["reference"], "ServiceRequest/r");
    assert_eq!(resources[1]["hasMember"][0]["reference"], json!(urls[2]));
    assert_eq!(lifted.ledger.ignored(), 2);
}

/// A map may make another type of some resources: what refers to one follows it where it is in the message.
#[test]
fn a_reference_follows_what_is_made_of_its_target() {
    let pack = "references: { ProcedureRequest: ServiceRequest }
maps:
  - { map: Plan, from: Procedure, to: CarePlan, when: \"category.text = 'nursing'\" }
";
    let procedure = |id: &str, text: &str| {
        json!({ "fullUrl": format!("https://a.example/fhir/Procedure/{id}"),
        "resource": { "resourceType": "Procedure", "id": id, "status": "in-progress", "category": { "text": text } } })
    };
    let references = [
        ("Procedure/n", "CarePlan/n"),
        ("Procedure/n/_history/2", "CarePlan/n/_history/2"),
        (
            "https://a.example/fhir/Procedure/n",
            "https://a.example/fhir/CarePlan/n",
        ),
        ("Procedure/p", "Procedure/p"),
        // What is not in the message has the name of the table, or stays what it was.
        ("Procedure/elsewhere", "Procedure/elsewhere"),
        (
            "https://b.example/fhir/Procedure/n",
            "https://b.example/fhir/Procedure/n",
        ),
        ("ProcedureRequest/elsewhere", "ServiceRequest/elsewhere"),
        ("#n", "#n"),
        ("n", "n"),
    ];
    let list: Vec<_> = references
        .iter()
        .map(|(from, _)| json!({ "reference": from }))
        .collect();
    let source = json!({ "resourceType": "Bundle", "type": "searchset", "entry": [
        { "resource": { "resourceType": "Observation", "id": "o", "status": "final", "performer": list } },
        procedure("n", "nursing"), procedure("p", "other")] });
    let (lifted, resources, _) = lifted(pack, &source);
    let found: Vec<_> = resources[0]["performer"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["reference"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = references.iter().map(|(_, to)| (*to).to_owned()).collect();
    assert_eq!(found, expected);
    let plan = &lifted.resources[1];
    assert_eq!(
        plan.full_url.as_deref(),
        Some("https://a.example/fhir/CarePlan/n")
    );
    // The way back cannot tell by itself what was renamed, and that is said; nothing is lost.
    let renamed = lifted
        .findings
        .iter()
        .filter(|finding| finding.kind == crate::finding::Kind::Renamed);
    assert_eq!(renamed.count(), 3);
    let performers = lifted
        .ledger
        .leaves()
        .iter()
        .filter(|leaf| leaf.fate == crate::ledger::Fate::Mapped);
    assert!(performers.count() >= references.len());
}

#[test]
fn a_map_that_runs_in_a_circle_comes_to_an_end() {
    let pack = "maps:\n  - map: A\n    from: Observation\n    to: Observation\n    rules:\n      - { from: $this, to: $this, map: A }\n";
    let (found, _, _) = lifted(
        pack,
        &json!({ "resourceType": "Observation", "id": "1", "status": "final" }),
    );
    assert!(
        found
            .findings
            .iter()
            .any(|finding| finding.kind == crate::Kind::Limit)
    );
}

#[test]
fn another_format_runs_on_the_same_engine() {
    let maps = "maps:
  - map: Message
    from: Report
    rules:
      - { from: result, make: Result }
      - { ignore: sender, because: 'of the message' }
  - map: Result
    from: result
    to: Observation
    id: \"number\"
    rules:
      - { from: time, to: effectiveDateTime, as: hl7-timestamp }
      - { from: value, to: valueQuantity.value, as: decimal-comma }
      - { from: patient, make: Person, link: subject }
      - { from: number, to: identifier.value }
  - map: Person
    from: patient
    to: Patient
    rules: [ { from: name, to: name#n.text } ]
";
    let (pack, _) =
        Pack::compile(&[("pack.yaml", CDA), ("a.yaml", maps)]).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let mut tree = Builder::new("", "Report", &Limits::default()).unwrap();
    tree.leaf("sender", "lab", Origin::Parent).unwrap();
    tree.open("result", None, Origin::Label("OBX 1")).unwrap();
    for (name, text) in [
        ("number", "7"),
        ("time", "202001"),
        ("value", "1,50"),
        ("extra", "?"),
        ("time2", "x"),
    ] {
        tree.leaf(name, text, Origin::Label(name)).unwrap();
    }
    tree.open("patient", None, Origin::Parent).unwrap();
    tree.leaf("name", "Anna", Origin::Parent).unwrap();
    let document = tree.finish();
    let found = pack.lift(
        &document,
        &Context {
            source: "s",
            message: "m",
            trace: true,
        },
    );
    let made: Vec<Value> = found
        .resources
        .iter()
        .map(|resource| serde_json::from_slice(&resource.json).unwrap())
        .collect();
    assert_eq!(made.len(), 2);
    assert_eq!(
        made[0]["valueQuantity"]["value"].to_string(),
        "1.50".parse::<f64>().unwrap().to_string()
    );
    assert!(String::from_utf8_lossy(&found.resources[0].json).contains("1.50"));
    assert_eq!(made[0]["effectiveDateTime"], "2020-01");
    assert_eq!(
        made[0]["subject"]["reference"],
        format!("Patient/{}", made[1]["id"].as_str().unwrap())
    );
    let lost: Vec<_> = found
        .ledger
        .losses(&document)
        .map(|node| node.origin().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(lost, ["extra", "time2"]);
    assert_eq!(found.traces.len(), found.ledger.mapped());
}

#[test]
fn with_traces_each_rule_is_counted_that_found_something_to_do() {
    let maps = "maps:\n  - map: A\n    from: Observation\n    to: Observation\n    rules:\n      - { from: bodySite, to: bodySite }\n      - { from: category, to: category }\n      - { ignore: comment, because: x }\n      - { ignore: method, because: x }\n      - { to: status, assume: final, because: x }\n";
    let files = [("pack.yaml", STU3), ("a.yaml", maps)];
    let (pack, _) = Pack::compile(&files).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let body = br#"{"resourceType":"Observation","category":[{"text":"a"},{"text":"b"}],"comment":"c"}"#;
    let document = Document::from_json(body, FhirVersion::Stu3, &Limits::default()).unwrap();
    let fired = |trace| {
        let context = Context {
            source: "s",
            trace,
            ..Context::default()
        };
        let lifted = pack.lift(&document, &context);
        lifted
            .fired
            .into_iter()
            .map(|(rule, count)| format!("{rule} {count}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(fired(true), ["a.yaml:A:2 1", "a.yaml:A:3 1", "a.yaml:A:5 1"]);
    assert_eq!(fired(false), Vec::<String>::new());
}
