//! Small messages that use every form that the readers know.

fn bytes<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(crate) fn capability() -> Vec<Vec<u8>> {
    bytes([
        r#"{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{"mode":"server","operation":[{"name":"lastn"}],"resource":[
        {"type":"Patient","interaction":[{"code":"read"},{"code":"search-type"}],"searchParam":[{"name":"identifier","type":"token"}]},
        {"type":"Observation","interaction":[{"code":"search-type"}],"searchParam":[{"name":"patient"},{"name":"code"},{"name":"category"}],
        "searchInclude":["Observation:related-target","*"],"operation":[{"name":"lastn"}]},
        {"type":"MedicationRequest","interaction":[{"code":"search-type"}],"searchInclude":["MedicationRequest:medication"]}]}]}"#,
        r#"{"resourceType":"CapabilityStatement","fhirVersion":"3.0.2","rest":[{"mode":"client","resource":[{"type":"Flag"}]},{"resource":[
        {"type":"Flag","interaction":[{}],"searchParam":[]},{"type":"ProcedureRequest","searchParam":[{"name":"status"},{}]}]}]}"#,
        r#"{"resourceType":"CapabilityStatement","fhirVersion":"5.0.0"}"#,
    ])
}

pub(crate) fn notification() -> Vec<Vec<u8>> {
    bytes([
        r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Consent","patient":{"identifier":
        {"system":"http://fhir.nl/fhir/NamingSystem/bsn","value":"999900006"}}}}]}"#,
        r#"<?xml version="1.0" encoding="UTF-8"?><Consent xmlns="http://hl7.org/fhir"><!-- c --><patient><identifier>
        <system value="urn:oid:2.16.840.1.113883.2.4.6.3"/><value value="99990&#48;006"/></identifier></patient></Consent>"#,
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header a="1" b='2'/><s:Body><f:Consent xmlns:f="http://hl7.org/fhir">
        <f:patient><f:identifier><f:system value="http://fhir.nl/fhir/NamingSystem/bsn"/><f:value value="999900006"/></f:identifier></f:patient>
        <![CDATA[<x>]]>&lt;</f:Consent></s:Body></s:Envelope>"#,
    ])
}

pub(crate) fn directory() -> Vec<Vec<u8>> {
    bytes([
        r#"[{"resourceType":"Organization","id":"o","meta":{"lastUpdated":"2026-01-01T00:00:00Z"},"active":true,"name":"O",
        "identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/ura","value":"00000001"}],"partOf":{"reference":"Organization/o"},
        "endpoint":[{"reference":"Endpoint/e"},{"reference":"Endpoint/o"}]},
        {"resourceType":"Endpoint","id":"e","status":"active","connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"hl7-fhir-rest"},
        "payloadType":[{"coding":[{"system":"http://minvws.github.io/generiekefuncties-docs/CodeSystem/nl-gf-data-categories-cs","code":"Condition"}]}],
        "payloadMimeType":["application/fhir+json; fhirVersion=4.0"],"period":{"start":"1970-01-01","end":"2030-01-01T00:00:00+01:00"},"address":"https://o.example/fhir"},
        {"resourceType":"HealthcareService","id":"h","active":true,"providedBy":{"reference":"Organization/o"},"endpoint":[{"reference":"Endpoint/e"}]}]"#,
        "[]",
    ])
}
