//! What the benchmark reconciles: records of one patient that several holders have, some of them more than one.

use std::sync::Arc;

use bytes::Bytes;
use samenhang_profiles::classify::classify;
use samenhang_profiles::{Conformance, FhirVersion, Limits, Lineage, RawResource, Received};

/// Holders of the mixed sets.
const HOLDERS: usize = 8;

/// A sequence that is the same in each run (splitmix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut next = self.0;
        next = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        next = (next ^ (next >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((next ^ (next >> 31)) % most.max(1) as u64).unwrap_or_default()
    }
}

/// One endpoint of a holder.
fn endpoint(holder: usize) -> Arc<Lineage> {
    let address = format!("https://zorg{holder}.example/r4");
    Arc::new(Lineage {
        holder: format!("{:08}", 700_000 + holder).parse().expect("a URA"),
        holder_name: format!("Holder {holder}").into(),
        endpoint: address.into(),
        retrieved: "2026-11-20T09:00:00Z".parse().expect("a time"),
        fhir: FhirVersion::R4,
        conformance: Conformance::Native,
    })
}

fn received(lineage: &Arc<Lineage>, json: String) -> Received {
    let resource = RawResource::read(Bytes::from(json), &Limits::default()).expect("a resource");
    let id = resource.id().unwrap_or("none");
    Received {
        full_url: format!("{}/{}/{id}", lineage.endpoint, resource.resource_type()).into(),
        category: classify(&resource, FhirVersion::R4),
        lineage: Arc::clone(lineage),
        resource,
        conversion: None,
    }
}

/// How a holder has a record.
#[derive(Clone, Copy)]
enum Form {
    /// As the first holder has it.
    Equal,
    /// With the number, and a note of its own.
    Numbered,
    /// Without the number, and with a note of its own.
    Told,
}

/// Half results, a fifth problems, a fifth medication agreements, a tenth allergies; so many of a hundred are copies of a
/// record of another holder: equal, with the same number, or only saying the same.
pub(super) fn mixed(count: usize, copies: usize) -> Vec<Received> {
    let holders: Vec<Arc<Lineage>> = (0..HOLDERS).map(endpoint).collect();
    let mut draw = Draw(1);
    let mut firsts: Vec<(usize, usize)> = Vec::new();
    let mut items = Vec::with_capacity(count);
    for number in 0..count {
        let holder = draw.below(HOLDERS);
        let is_copy = draw.below(100) < copies && !firsts.is_empty();
        let (of, form, holder) = if is_copy {
            let (of, its_holder) = firsts.swap_remove(draw.below(firsts.len()));
            let form = [Form::Equal, Form::Numbered, Form::Told][draw.below(3)];
            (
                of,
                form,
                if holder == its_holder {
                    (holder + 1) % HOLDERS
                } else {
                    holder
                },
            )
        } else {
            firsts.push((number, holder));
            (number, Form::Equal, holder)
        };
        items.push(received(
            &holders[holder],
            record(of, &format!("r{number}"), form),
        ));
    }
    items
}

/// Records of one number and one content, of eight holders.
pub(super) fn one_number(count: usize) -> Vec<Received> {
    let holders: Vec<Arc<Lineage>> = (0..HOLDERS).map(endpoint).collect();
    (0..count)
        .map(|number| {
            received(
                &holders[number % HOLDERS],
                record(5, &format!("r{number}"), Form::Equal),
            )
        })
        .collect()
}

/// One content, each time of another holder.
pub(super) fn one_content(count: usize) -> Vec<Received> {
    (0..count)
        .map(|number| received(&endpoint(number), record(5, "r", Form::Equal)))
        .collect()
}

/// One fact without a number, each time of another holder with a note of its own.
pub(super) fn one_fact(count: usize) -> Vec<Received> {
    (0..count)
        .map(|number| received(&endpoint(number), record(5, &format!("r{number}"), Form::Told)))
        .collect()
}

/// Results of one test, each another, in one month of eight holders: what a glucose day curve comes to.
pub(super) fn one_test(count: usize) -> Vec<Received> {
    let holders: Vec<Arc<Lineage>> = (0..HOLDERS).map(endpoint).collect();
    (0..count)
        .map(|number| {
            let (day, minute) = (number / HOLDERS % 28 + 1, number % 60);
            let (whole, part) = (3 + number % 9, number % 100);
            let json = format!(
                r#"{{"resourceType":"Observation","id":"t{number}","identifier":[{{"system":"urn:oid:2.999","value":"{number}"}}],"status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"14749-6"}}]}},"subject":{{"reference":"Patient/p"}},"effectiveDateTime":"2026-10-{day:02}T08:{minute:02}:00+01:00","valueQuantity":{{"value":{whole}.{part:02},"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}},"referenceRange":[{{"low":{{"value":4.00,"unit":"mmol/L"}},"high":{{"value":7.80,"unit":"mmol/L"}}}}]}}"#
            );
            received(&holders[number % HOLDERS], json)
        })
        .collect()
}

/// A record by its number: the same number says the same.
fn record(of: usize, id: &str, form: Form) -> String {
    let identifier = match form {
        Form::Told => String::new(),
        _ => format!(r#""identifier":[{{"system":"http://example.org/nummers","value":"feit-{of}"}}],"#),
    };
    let note = match form {
        Form::Equal => String::new(),
        _ => format!(r#","note":[{{"text":"Overgenomen uit de brief, {id}."}}]"#),
    };
    let meta = r#""meta":{"lastUpdated":"2026-10-02T10:11:12.000+02:00","versionId":"1"}"#;
    let patient = r#"{"reference":"Patient/p","display":"Een patient"}"#;
    let (code, month, day) = (of % 150, of / 7 % 12 + 1, of / 97 % 28 + 1);
    let (year, hour, minute) = (2004 + of / 3000 % 22, of / 60 % 24, of % 60);
    match of % 10 {
        0..5 => format!(
            r#"{{"resourceType":"Observation","id":"{id}",{meta},{identifier}"status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{}-{}","display":"Bepaling {code}"}}],"text":"Bepaling {code}"}},"subject":{patient},"effectiveDateTime":"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00+01:00","issued":"{year}-{month:02}-{day:02}T23:50:00+01:00","valueQuantity":{{"value":{}.{},"unit":"mmol/l","system":"http://unitsofmeasure.org","code":"mmol/L"}}{note}}}"#,
            2000 + code,
            code % 10,
            of % 40,
            of % 10
        ),
        5 | 6 => format!(
            r#"{{"resourceType":"Condition","id":"{id}",{meta},{identifier}"clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}}]}},"verificationStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}}]}},"category":[{{"coding":[{{"system":"http://snomed.info/sct","code":"282291009","display":"Diagnosis"}}]}}],"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"{}","display":"Aandoening {code}"}},{{"system":"http://hl7.org/fhir/sid/icd-10","code":"E{}"}}]}},"subject":{patient},"onsetDateTime":"{year}-{month:02}-{day:02}","recordedDate":"{year}-{month:02}-{day:02}"{note}}}"#,
            44_054_006 + code,
            code
        ),
        7 | 8 => format!(
            r#"{{"resourceType":"MedicationRequest","id":"{id}",{meta},{identifier}"extension":[{{"url":"http://nictiz.nl/fhir/StructureDefinition/ext-PharmaceuticalTreatment.Identifier","valueIdentifier":{{"system":"http://example.org/mbh","value":"{of}"}}}}],"status":"active","intent":"order","category":[{{"coding":[{{"system":"http://snomed.info/sct","code":"33633005"}}]}}],"medicationCodeableConcept":{{"coding":[{{"system":"urn:oid:2.16.840.1.113883.2.4.4.10","code":"{}","display":"Middel {code}"}}]}},"subject":{patient},"authoredOn":"{year}-{month:02}-{day:02}","dosageInstruction":[{{"text":"1 maal per dag 1 tablet","timing":{{"repeat":{{"frequency":1,"period":1,"periodUnit":"d"}}}},"doseAndRate":[{{"doseQuantity":{{"value":1,"unit":"stuk","system":"http://unitsofmeasure.org","code":"1"}}}}]}}]{note}}}"#,
            60_000 + code
        ),
        _ => format!(
            r#"{{"resourceType":"AllergyIntolerance","id":"{id}",{meta},{identifier}"clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}}]}},"verificationStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"confirmed"}}]}},"criticality":"high","code":{{"coding":[{{"system":"http://snomed.info/sct","code":"{}","display":"Stof {of}"}}]}},"patient":{patient},"onsetDateTime":"{year}-{month:02}-{day:02}","recordedDate":"{year}-{month:02}-{day:02}"{note}}}"#,
            372_687_004 + of
        ),
    }
}
