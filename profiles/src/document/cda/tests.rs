//! Trees of CDA.

use super::*;

const DOCUMENT: &str = r##"<?xml version="1.0"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:s="urn:hl7-org:sdtc">
  <recordTarget><patientRole><id extension="1" root="2.16.1"/>
    <patient><name>Jansen &amp; <given>A.</given><given>Anna</given></name><s:deceasedInd value="false"/></patient></patientRole></recordTarget>
  <component><section><text mediaType="text/x-hl7-text+xml"><td>a <content ID="r1">Te
    <b>hoog</b> &lt;&#33;</content></td></text>
    <entry><observation><text><reference value="#r1"/></text><value xsi:type="v3:PQ" value="5.40" unit="mmol/L"/></observation></entry>
  </section></component>
</ClinicalDocument>"##;

fn leaves(document: &Document<'_>) -> Vec<String> {
    let nodes = (0..document.len()).filter_map(|id| document.node(id));
    nodes
        .filter_map(|node| Some(format!("{}={}", node.path(), node.primitive()?)))
        .collect()
}

#[test]
fn elements_attributes_and_texts_have_names() {
    let document = Document::from_cda(DOCUMENT, &Limits::default()).unwrap();
    assert_eq!(document.root().path(), "ClinicalDocument");
    let found = leaves(&document);
    let expected = [
        "ClinicalDocument.recordTarget.patientRole.id.extension=1",
        "ClinicalDocument.recordTarget.patientRole.id.root=2.16.1",
        "ClinicalDocument.recordTarget.patientRole.patient.name=Jansen &",
        "ClinicalDocument.recordTarget.patientRole.patient.name.given[0]=A.",
        "ClinicalDocument.recordTarget.patientRole.patient.name.given[1]=Anna",
        "ClinicalDocument.recordTarget.patientRole.patient.sdtc_deceasedInd.value=false",
        "ClinicalDocument.component.section.text=<td>a <content ID=\"r1\">Te\n    <b>hoog</b> &lt;&#33;</content></td>",
        "ClinicalDocument.component.section.text.mediaType=text/x-hl7-text+xml",
        "ClinicalDocument.component.section.entry.observation.text.reference.value=#r1",
        "ClinicalDocument.component.section.entry.observation.text.reference.narrative=Te hoog <!",
        "ClinicalDocument.component.section.entry.observation.value.xsi_type=PQ",
        "ClinicalDocument.component.section.entry.observation.value.value=5.40",
        "ClinicalDocument.component.section.entry.observation.value.unit=mmol/L",
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_harms_is_refused() {
    let refused = [
        "",
        "<a/>",
        "<ClinicalDocument xmlns='urn:hl7-org:v3'>",
        "<ClinicalDocument xmlns='urn:hl7-org:v3'/><b/>",
        "<ClinicalDocument xmlns='urn:hl7-org:v3'>text</ClinicalDocument>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><ClinicalDocument xmlns='urn:hl7-org:v3'/>",
        "<ClinicalDocument xmlns='urn:hl7-org:v3'><title>&x;</title></ClinicalDocument>",
        "<ClinicalDocument xmlns='urn:hl7-org:v3'><?x y?></ClinicalDocument>",
        "<ClinicalDocument xmlns='urn:hl7-org:v3'><title>&#1;</title></ClinicalDocument>",
        "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:v='urn:v' v:x='1'/>",
    ];
    for text in refused {
        assert!(Document::from_cda(text, &Limits::default()).is_err(), "{text}");
    }
}

#[test]
fn limits_hold() {
    let some = Limits::default();
    let tight = [
        Limits { max_nodes: 9, ..some },
        Limits { max_depth: 5, ..some },
        Limits {
            max_bytes: 90,
            ..some
        },
        Limits { max_name: 8, ..some },
        Limits {
            max_base64: 6,
            ..some
        },
    ];
    for limits in tight {
        let found = Document::from_cda(DOCUMENT, &limits);
        assert!(matches!(found, Err(ReadError::Limit { .. })), "{limits:?}");
    }
}
