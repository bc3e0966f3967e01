use crate::document::tests::{faults, from_xml, tree};
use crate::document::{Document, ValueKind};
use crate::raw::ReadError;
use crate::{FhirVersion, Limits};

fn patient(inner: &str) -> (String, Vec<String>) {
    let text = format!("<Patient xmlns=\"http://hl7.org/fhir\">{inner}</Patient>");
    let document = from_xml(&text);
    let children: Vec<String> = document.root().children().map(tree).collect();
    (children.join(" "), faults(&document))
}

#[test]
fn faults_of_shape_are_noted_and_nothing_is_lost() {
    for (inner, expected, fault) in [
        (
            "<foo value='1'><bar a='x'/></foo>",
            "foo:=1[bar:[a:=x]]",
            "unknown-element Patient.foo",
        ),
        (
            "<gender value='male' x='y'/>",
            "gender:code=male[x:=y]",
            "unknown-attribute Patient.gender.x",
        ),
        (
            "<name value='x'/>",
            "name:HumanName[value:=x]",
            "unknown-attribute Patient.name[0].value",
        ),
        (
            "<gender value='male'/><active value='true'/>",
            "gender:code=male active:boolean=true",
            "element-order Patient.active",
        ),
        (
            "<gender value='male'>x</gender>",
            "gender:code=male",
            "text Patient.gender",
        ),
        (
            "<gender value='male'><![CDATA[x]]></gender>",
            "gender:code=male",
            "text Patient.gender",
        ),
        ("<gender/>", "gender:code", "empty Patient.gender"),
        (
            "<gender xmlns='urn:x' value='male'/>",
            "gender:code=male",
            "namespace Patient.gender",
        ),
        (
            "<contained/>",
            "contained:",
            "missing-resource-type Patient.contained[0]",
        ),
        (
            "<contained><Foo><id value='x'/></Foo></contained>",
            "contained:[id:=x]",
            "unknown-resource-type Patient.contained[0]",
        ),
        (
            "<contained><Basic/><Group/></contained>",
            "contained:Basic contained:Group",
            "repeated-resource Patient.contained[1]",
        ),
        (
            "<name><id value='x'/></name>",
            "name:HumanName[id:string=x]",
            "element-for-attribute Patient.name[0].id",
        ),
        (
            "<extension id='a' url='u'><foo/></extension>",
            "extension:Extension[id:string=a url:uri=u foo:]",
            "unknown-element Patient.extension[0].foo",
        ),
    ] {
        let (tree, faults) = patient(inner);
        assert_eq!(
            (tree.as_str(), faults.first().map(String::as_str)),
            (expected, Some(fault)),
            "{inner}"
        );
    }
}

#[test]
fn a_hint_of_xml_schema_is_noted_and_not_followed() {
    let text = "<Patient xmlns='http://hl7.org/fhir' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
        xsi:schemaLocation='http://hl7.org/fhir http://x/patient.xsd'><gender value='male'/></Patient>";
    assert_eq!(faults(&from_xml(text)), ["schema-hint Patient"]);
}

#[test]
fn what_is_not_in_order_is_counted_by_name() {
    let text = "<Patient xmlns='http://hl7.org/fhir'><name/><gender value='male'/><name/><name/><x/><y/><x/></Patient>";
    let document = from_xml(text);
    let places: Vec<String> = document.root().children().map(|node| node.path()).collect();
    let expected = ["name[0]", "gender", "name[1]", "name[2]", "x", "y", "x[1]"];
    assert_eq!(places, expected.map(|place| format!("Patient.{place}")));
}

#[test]
fn narrative_is_one_node() {
    let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a &lt; <b>b</b></p></div>";
    let (tree, faults) = patient(&format!("<text><status value='generated'/>{div}</text>"));
    assert_eq!(
        tree,
        format!("text:Narrative[status:code=generated div:xhtml={div}]")
    );
    assert!(faults.is_empty());
    let text = format!("<Patient xmlns='http://hl7.org/fhir'><text>{div}</text></Patient>");
    let document = from_xml(&text);
    let node = document.root().child("text").unwrap().child("div").unwrap();
    assert_eq!(node.kind(), ValueKind::Xhtml);
    // XHTML elsewhere is unknown, and kept.
    let (tree, faults) = patient(&div.replace("div", "foo"));
    assert_eq!(tree, format!("foo:={}", div.replace("div", "foo")));
    assert_eq!(faults, ["unknown-element Patient.foo", "namespace Patient.foo"]);
}

#[test]
fn other_encodings_give_the_same_tree() {
    let text = "<?xml version='1.0' encoding='utf-16'?><Patient xmlns='http://hl7.org/fhir'><id value='é'/></Patient>";
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let document = Document::from_xml(&bytes, FhirVersion::Stu3, &Limits::default()).unwrap();
    assert_eq!(tree(document.root()), "Patient:Patient[id:id=é]");
}

#[test]
fn what_xml_of_fhir_may_not_hold_is_refused() {
    let whole =
        |text: &str| Document::from_xml(text.as_bytes(), FhirVersion::R4, &Limits::default()).map(|_| ());
    for text in [
        "",
        "x",
        "<Patient xmlns='http://hl7.org/fhir'>",
        "<Patient xmlns='http://hl7.org/fhir'/><Patient xmlns='http://hl7.org/fhir'/>",
        "<!DOCTYPE x []><Patient xmlns='http://hl7.org/fhir'/>",
        "<?php x?><Patient xmlns='http://hl7.org/fhir'/>",
        "<Patient xmlns='http://hl7.org/fhir'><id value='&x;'/></Patient>",
        "<Patient xmlns='http://hl7.org/fhir'><id value='&#1;'/></Patient>",
        "<Patient xmlns='http://hl7.org/fhir'><a></b></Patient>",
    ] {
        assert!(
            matches!(whole(text), Err(ReadError::MalformedXml { .. })),
            "{text}"
        );
    }
}
