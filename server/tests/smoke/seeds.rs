//! Addresses that use every form that the reader knows.

pub(crate) fn search() -> Vec<Vec<u8>> {
    let texts = [
        "R4/Patient?identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019&_include=Patient:general-practitioner&_format=json",
        "R4/Observation/$lastn?max=2&code=http://loinc.org|8480-6,|x,a\\,b&date=ge2020-01&patient.identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019",
        "STU3/Observation?category=http://snomed.info/sct|275711006&_include=Observation:related-target&_include=Observation:specimen",
        "STU3/Observation?code=http://loinc.org%7C8302-2&_include:recurse=Observation:*&date=lt2020-01-01T00:00:00%2B01:00",
        "STU3/Coverage?_include=Coverage:payor:Patient&_include:iterate=Coverage:payor:Organization&beneficiary.identifier=x",
        "R4/Condition?subject.identifier=http://fhir.nl/fhir/NamingSystem/bsn|999990019&onset-date=ge2020&onset-date=eb2021-02&code:text=x&_sort=date",
        "STU3/Immunization?status=completed&_revinclude=Provenance:target",
        "R4/MedicationRequest?category=http://snomed.info/sct|16076005&_include=MedicationRequest:medication&subject=Patient/1",
        "STU3/Encounter?class=http://hl7.org/fhir/v3/ActCode|IMP,http://hl7.org/fhir/v3/ActCode|ACUTE&date=sa9999-12-31",
        "R4/Observation/$lastn?max=0",
        "STU3/Observation/$lastn?max=101",
        "R4/Practitioner?x",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}
