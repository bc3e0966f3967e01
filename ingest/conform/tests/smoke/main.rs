//! A short stable round of the fuzz targets of the readers of other formats than FHIR.

#[path = "../../../../profiles/tests/smoke/mutate.rs"]
mod mutate;
mod targets;

use mutate::rounds;

const CDA: &str = r##"<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<recordTarget><patientRole><id extension="999900006" root="2.16.840.1.113883.2.4.6.3"/><addr use="HP"><streetName>A</streetName>
<city>B</city></addr><telecom value="tel:1"/><patient><name><given qualifier="IN">A</given><family>B</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="1970"/></patient></patientRole></recordTarget>
<component><structuredBody><component><section><text><content ID="r1">te &lt; <b>hoog</b></content></text><entry><act>
<performer><assignedEntity><id extension="1" root="2.16.528.1.1007.3.3"/><representedOrganization><name>Lab</name></representedOrganization></assignedEntity></performer>
<entryRelationship><procedure><code code="33882-2"/><effectiveTime value="20200101"/><participant typeCode="PRD"><participantRole><id extension="7" root="1.2"/></participantRole></participant></procedure></entryRelationship>
<entryRelationship><observation><templateId root="1.3.6.1.4.1.19376.1.3.1.6"/><code code="1" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/>
<value xsi:type="PQ" value="5.40" unit="mmol/L"/><entryRelationship><act><code code="48767-8"/><text><reference value="#r1"/></text></act></entryRelationship></observation></entryRelationship>
</act></entry></section></component></structuredBody></component></ClinicalDocument>"##;

fn messages() -> Vec<Vec<u8>> {
    [
        &include_bytes!("../formats/hl7v2/adt-a01.hl7")[..],
        include_bytes!("../formats/hl7v2/adt-a40.hl7"),
        include_bytes!("../formats/hl7v2/oru-r01.hl7"),
    ]
    .map(<[u8]>::to_vec)
    .to_vec()
}

#[test]
fn damaged_cda_is_read_and_lifted_or_refused() {
    rounds(targets::cda_reader::run, &[CDA.as_bytes().to_vec()], 1_000);
}

#[test]
fn damaged_messages_are_read_and_lifted_or_refused() {
    rounds(targets::hl7v2_reader::run, &messages(), 1_000);
}

#[test]
fn a_damaged_stream_is_cut_the_same_however_it_comes() {
    let framed: Vec<Vec<u8>> = messages()
        .iter()
        .map(|message| samenhang_conform::hl7v2::frame(message))
        .collect();
    rounds(
        targets::mllp::run,
        &[framed.clone(), vec![framed.concat()]].concat(),
        2_000,
    );
}

#[test]
fn damaged_rows_are_read_and_lifted_or_refused() {
    let patients = include_str!("../formats/csv/patients.csv");
    let observations = include_str!("../formats/csv/observations.csv");
    // The target cuts its bytes in two at a zero.
    let both = format!("{patients}\0{observations}").into_bytes();
    rounds(targets::csv_reader::run, &[both], 1_000);
}

#[test]
fn damaged_resources_are_put_right_or_left() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quirks/fixtures");
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().flatten() {
        let text = std::fs::read(file.path()).unwrap();
        let tree =
            samenhang_profiles::tree::Tree::parse(&text, &samenhang_profiles::Limits::default()).unwrap();
        let mut out = samenhang_profiles::write::JsonWriter::new();
        tree.get("sent").unwrap().write(&mut out);
        // The target takes the version from the first byte.
        seeds.push([&b"0"[..], &out.finish()].concat());
    }
    seeds.sort();
    rounds(targets::quirks::run, &seeds, 10_000);
}
