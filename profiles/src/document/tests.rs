mod json;
mod xml;

use crate::document::{Document, Node};
use crate::{FhirVersion, Limits};

/// The tree in short: `name:type=value` with children in brackets.
fn tree(node: Node<'_>) -> String {
    let mut text = format!("{}:{}", node.name(), node.fhir_type());
    if let Some(value) = node.primitive() {
        text.push_str(&format!("={value}"));
    }
    let children: Vec<String> = node.children().map(tree).collect();
    if !children.is_empty() {
        text.push_str(&format!("[{}]", children.join(" ")));
    }
    text
}

/// What is irregular: codes with places.
fn faults(document: &Document<'_>) -> Vec<String> {
    let all = document.irregularities().iter();
    all.map(|found| {
        let code = found.rule().code().trim_start_matches("shape-");
        format!("{code} {}", document.place(found))
    })
    .collect()
}

fn from_json(text: &str) -> Document<'_> {
    Document::from_json(text.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap()
}

fn from_xml(text: &str) -> Document<'_> {
    Document::from_xml(text.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap()
}

/// A resource in both formats is the same tree.
#[test]
fn both_formats_give_the_same_tree() {
    let json = r#"{"resourceType":"Observation","id":"o","contained":[{"resourceType":"Patient","id":"p"}],
        "extension":[{"url":"urn:e","valueString":"x"}],"_status":{"id":"s"},"status":"final",
        "code":{"coding":[{"system":"urn:s","code":"c"},{"code":"d","_code":{"extension":[{"url":"urn:f"}]}}]},
        "valueQuantity":{"value":1.50,"unit":"kg"},"issued":"2020-01-01T00:00:00Z"}"#;
    let xml = r#"<Observation xmlns="http://hl7.org/fhir"><id value="o"/><contained><Patient><id value="p"/></Patient></contained>
        <extension url="urn:e"><valueString value="x"/></extension><status id="s" value="final"/>
        <code><coding><system value="urn:s"/><code value="c"/></coding>
        <coding><code value="d"><extension url="urn:f"/></code></coding></code>
        <issued value="2020-01-01T00:00:00Z"/><valueQuantity><value value="1.50"/><unit value="kg"/></valueQuantity></Observation>"#;
    let expected = "Observation:Observation[id:id=o contained:Patient[id:id=p] \
        extension:Extension[url:uri=urn:e valueString:string=x] status:code=final[id:string=s] \
        code:CodeableConcept[coding:Coding[system:uri=urn:s code:code=c] \
        coding:Coding[code:code=d[extension:Extension[url:uri=urn:f]]]]";
    let quantity = " valueQuantity:Quantity[value:decimal=1.50 unit:string=kg]";
    let issued = " issued:instant=2020-01-01T00:00:00Z";
    let (json, xml) = (from_json(json), from_xml(xml));
    assert_eq!(tree(json.root()), format!("{expected}{quantity}{issued}]"));
    assert_eq!(tree(xml.root()), format!("{expected}{issued}{quantity}]"));
    assert_eq!((faults(&json), faults(&xml)), (vec![], vec![]));
}

#[test]
fn a_node_knows_its_place() {
    let document = from_json(
        r#"{"resourceType":"Bundle","entry":[{"fullUrl":"urn:x"},
        {"resource":{"resourceType":"Patient","name":[{"given":["a","b"]}],"deceasedBoolean":true}}]}"#,
    );
    let patient = document
        .root()
        .children_named("entry")
        .nth(1)
        .unwrap()
        .child("resource")
        .unwrap();
    assert!(patient.is_resource() && patient.is_a("DomainResource"));
    let given = patient
        .child("name")
        .unwrap()
        .children_named("given")
        .nth(1)
        .unwrap();
    assert_eq!(given.path(), "Bundle.entry[1].resource.name[0].given[1]");
    assert_eq!((given.index(), given.repeats()), (1, true));
    assert_eq!(given.resource(), patient);
    let deceased = patient.child("deceasedBoolean").unwrap();
    assert_eq!((deceased.element(), deceased.stem()), ("deceased[x]", "deceased"));
    assert_eq!(
        deceased.path(),
        "Bundle.entry[1].resource.deceased.ofType(boolean)"
    );
    assert_eq!(given.parent().unwrap().parent(), Some(patient));
    let position = document.position(given);
    assert_eq!((position.line, position.column), (2, 69));
    assert!(document.root().parent().is_none());
    assert_eq!(document.node(given.id()), Some(given));
    assert_eq!(document.node(document.len()), None);
}

#[test]
fn positions_count_characters_over_marks() {
    let long = "é".repeat(5000);
    let text =
        format!("{{\"resourceType\":\"Basic\",\n\"id\":\"{long}\", \"language\":\"nl\",\n\n \"created\":1}}");
    let document = from_json(&text);
    let position = |name| document.position(document.root().child(name).unwrap());
    let (language, created) = (position("language"), position("created"));
    assert_eq!((language.line, language.column), (2, 6 + 5002 + 2 + 11));
    assert_eq!((created.line, created.column), (4, 12));
}
