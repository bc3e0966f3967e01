//! What is served in a version: what was sent, what was made of it, and why not.

use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::{
    Conformance, FhirVersion, Limits, Lineage, RawResource, Received, classify::classify,
};

use super::{Converter, Refusal, Retyped};

const WEIGHT: &str = r#"{"resourceType":"Observation","id":"w","meta":{"profile":["http://nictiz.nl/fhir/StructureDefinition/zib-BodyWeight"]},"status":"final","category":[{"coding":[{"system":"http://hl7.org/fhir/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2024-05","valueQuantity":{"value":70.10,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},"comment":"uit de vragenlijst"}"#;

fn sent(fhir: FhirVersion, json: &str) -> Received {
    let resource = RawResource::read(Bytes::copy_from_slice(json.as_bytes()), &Limits::default()).unwrap();
    let id = resource.id().unwrap().to_owned();
    Received {
        full_url: format!("https://oost.example/fhir/{}/{id}", resource.resource_type()).into(),
        category: classify(&resource, fhir),
        lineage: Arc::new(Lineage {
            holder: "00700700".parse().unwrap(),
            holder_name: "Oost".into(),
            endpoint: "https://oost.example/fhir".into(),
            retrieved: "2026-11-20T09:00:00Z".parse().unwrap(),
            fhir,
            conformance: crate::conformance(fhir),
        }),
        resource,
        conversion: None,
    }
}

fn in_version(received: &Received, wanted: FhirVersion) -> Vec<Received> {
    Converter::new(wanted).serve(received.clone())
}

#[test]
fn what_a_holder_sent_in_the_version_is_served_as_it_is() {
    for fhir in [FhirVersion::R4, FhirVersion::Stu3] {
        let sent = sent(fhir, WEIGHT);
        let served = in_version(&sent, fhir);
        assert_eq!(served.len(), 1);
        assert_eq!(served[0].resource.body(), sent.resource.body());
        assert_eq!(served[0].lineage.conformance, Conformance::Native);
        assert!(served[0].conversion.is_none());
    }
}

#[test]
fn p4_what_is_lifted_keeps_its_place_and_what_was_sent() {
    let sent = sent(FhirVersion::Stu3, WEIGHT);
    let lifted = in_version(&sent, FhirVersion::R4);
    assert_eq!(lifted.len(), 1);
    let lifted = &lifted[0];
    assert_eq!(lifted.lineage.conformance, Conformance::Lifted);
    assert_eq!(
        (lifted.lineage.fhir, lifted.version()),
        (FhirVersion::Stu3, FhirVersion::R4)
    );
    assert_eq!(
        (lifted.resource.id(), &*lifted.full_url),
        (Some("w"), &*sent.full_url)
    );
    let text = std::str::from_utf8(lifted.resource.body()).unwrap();
    assert!(
        text.contains("\"note\":[{\"text\":\"uit de vragenlijst\"}]"),
        "{text}"
    );
    assert!(text.contains("\"value\":70.10"), "{text}");
    let conversion = lifted.conversion.as_deref().unwrap();
    assert_eq!(conversion.original.body(), sent.resource.body());
    assert!(
        conversion.pack.starts_with("stu3-zib2017-to-r4-zib2020|"),
        "{}",
        conversion.pack
    );
    assert!(!conversion.is_part);
    let account = &conversion.account;
    assert_eq!(
        account.leaves,
        account.mapped + account.ignored + account.unmapped()
    );

    // And back: the very bytes.
    let back = in_version(lifted, FhirVersion::Stu3);
    assert_eq!(back.len(), 1);
    assert_eq!(back[0].resource.body(), sent.resource.body());
    assert_eq!(
        (&*back[0].full_url, back[0].lineage.conformance),
        (&*sent.full_url, Conformance::Native)
    );
    // The second time it is the same.
    assert_eq!(
        in_version(lifted, FhirVersion::R4)[0].resource.body(),
        lifted.resource.body()
    );
}

#[test]
fn what_would_lose_its_meaning_is_not_made() {
    let cases = [
        // A type that R4 does not have, and for which there is no map.
        (
            r#"{"resourceType":"ImagingManifest","id":"w","patient":{"reference":"Patient/p"}}"#.to_owned(),
            Refusal::NoMap,
        ),
        (
            WEIGHT.replace(
                "\"comment\"",
                "\"modifierExtension\":[{\"url\":\"urn:x\",\"valueBoolean\":true}],\"comment\"",
            ),
            Refusal::Meaning,
        ),
    ];
    for (json, why) in cases {
        let sent = sent(FhirVersion::Stu3, &json);
        let served = in_version(&sent, FhirVersion::R4);
        assert_eq!(served.len(), 1, "{json}");
        assert_eq!(served[0].resource.body(), sent.resource.body());
        assert_eq!(served[0].lineage.conformance, Conformance::AsReceived);
        let account = &served[0].conversion.as_deref().unwrap().account;
        assert_eq!(account.refused, Some(why.code()), "{json}");
        // To a client of its own version it is what was sent, and nothing was refused.
        let back = in_version(&served[0], FhirVersion::Stu3).remove(0);
        assert_eq!(back.resource.body(), sent.resource.body());
        assert_eq!(back.lineage.conformance, Conformance::Native);
        assert!(back.conversion.is_none());
    }
}

#[test]
fn what_is_refused_afterwards_is_what_was_sent() {
    let sent = sent(FhirVersion::Stu3, WEIGHT);
    let mut converter = Converter::new(FhirVersion::R4);
    let lifted = converter.serve(sent.clone()).remove(0);
    let refused = converter.refuse(lifted, Refusal::Patient).unwrap();
    assert_eq!(refused.resource.body(), sent.resource.body());
    assert_eq!(refused.lineage.conformance, Conformance::AsReceived);
    let account = &refused.conversion.as_deref().unwrap().account;
    assert_eq!(account.refused, Some("SAM-CNF-124"));
}

#[test]
fn p4_what_is_put_right_says_so_and_keeps_what_was_sent() {
    let quirky = WEIGHT
        .replace("\"value\":70.10", "\"value\":\"70.10\"")
        .replace("Patient/p", "https://oost.example/fhir/Patient/p")
        .replace("http://loinc.org", "urn:oid:2.16.840.1.113883.6.1");
    let sent = sent(FhirVersion::Stu3, &quirky);
    let mut served = in_version(&sent, FhirVersion::R4);
    let lifted = served.remove(0);
    assert_eq!(lifted.lineage.conformance, Conformance::Lifted);
    let text = std::str::from_utf8(lifted.resource.body()).unwrap();
    for part in [
        "\"value\":70.10,",
        "\"reference\":\"Patient/p\"",
        "\"system\":\"http://loinc.org\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let conversion = lifted.conversion.as_deref().unwrap();
    assert_eq!(conversion.original.body(), sent.resource.body());
    let account = &conversion.account;
    assert_eq!(
        *account.quirks,
        [("SAM-QRK-003", 1), ("SAM-QRK-022", 1), ("SAM-QRK-028", 1)]
    );
    assert_eq!(
        account.leaves,
        account.mapped + account.ignored + account.unmapped()
    );
    // Who asks in the version of the source gets what it sent.
    let back = in_version(&lifted, FhirVersion::Stu3);
    assert_eq!(back[0].resource.body(), sent.resource.body());
    assert_eq!(
        in_version(&sent, FhirVersion::Stu3)[0].resource.body(),
        sent.resource.body()
    );
}

/// A nursing intervention is a Procedure in zib2017 and a plan of care in zib2020: what refers to it follows, both ways.
#[test]
fn references_follow_what_becomes_another_type() {
    let plan = |kind: &str, profile: &str| {
        format!(
            r#"{{"resourceType":"{kind}","id":"n","meta":{{"profile":["http://nictiz.nl/fhir/StructureDefinition/{profile}"]}},"status":"{}","intent":"plan","subject":{{"reference":"Patient/p"}}}}"#,
            if kind == "CarePlan" {
                "active"
            } else {
                "in-progress"
            }
        )
    };
    let refers = |element: &str, references: &[&str]| {
        let list: Vec<String> = references
            .iter()
            .map(|reference| format!(r#"{{"reference":"{reference}"}}"#))
            .collect();
        format!(
            r#"{{"resourceType":"Procedure","id":"o","status":"completed","code":{{"text":"x"}},"subject":{{"reference":"Patient/p"}},"{element}":[{}]}}"#,
            list.join(",")
        )
    };
    let cases = [
        (
            FhirVersion::Stu3,
            plan("Procedure", "zib-NursingIntervention").replace(r#""intent":"plan","#, ""),
            refers(
                "partOf",
                &[
                    "Procedure/n",
                    "https://oost.example/fhir/Procedure/n",
                    "Procedure/elsewhere",
                ],
            ),
            ["CarePlan/n", "CarePlan/n", "Procedure/elsewhere"],
        ),
        (
            FhirVersion::R4,
            plan("CarePlan", "nl-core-NursingIntervention"),
            refers(
                "basedOn",
                &["CarePlan/n", "CarePlan/n/_history/2", "CarePlan/elsewhere"],
            ),
            ["Procedure/n", "Procedure/n/_history/2", "CarePlan/elsewhere"],
        ),
    ];
    for (fhir, plan, refers, expected) in cases {
        let wanted = match fhir {
            FhirVersion::Stu3 => FhirVersion::R4,
            FhirVersion::R4 => FhirVersion::Stu3,
        };
        let mut converter = Converter::new(wanted);
        // In whichever order they come.
        let mut made = converter.serve(sent(fhir, &refers));
        made.extend(converter.serve(sent(fhir, &plan)));
        converter.settle(&mut made);
        let references = &made[0].resource.keys().references;
        for reference in expected {
            let found = references.iter().any(|found| found.ends_with(reference));
            assert!(found, "{fhir:?}: {reference} in {references:?}");
        }
        // On pages of their own the same, whichever came first; in a stream what comes after the other.
        let page = |body: &str| {
            let mut converter = Converter::new(wanted);
            let mut made = converter.serve(sent(fhir, body));
            converter.settle(&mut made);
            made
        };
        let mut pages = [page(&refers), page(&plan)].concat();
        assert_ne!(pages[0].resource.body(), made[0].resource.body());
        let mut stream = Retyped::default();
        assert_eq!(stream.settle(&mut page(&refers)), 0);
        assert_eq!(stream.settle(&mut page(&plan)), 0);
        let mut later = page(&refers);
        assert_eq!(stream.settle(&mut later), 1);
        assert_eq!(Retyped::default().settle(&mut pages), 1);
        for settled in [&pages[0], &later[0]] {
            assert_eq!(settled.resource.body(), made[0].resource.body());
        }
        // What nobody put right is as it was, and nothing was lost in either.
        for made in &made {
            assert_eq!(made.lineage.conformance, Conformance::Lifted);
            assert_eq!(made.conversion.as_ref().unwrap().account.unmapped(), 0);
        }
    }
}
