//! The FHIR `List` of a registration: written for answers, read from requests.

use samenhang_terminology::category;
use serde_json::{Value, json};

use super::{CUSTODIAN, Record, SOURCE_SYSTEM, SOURCE_SYSTEM_OUT, TOKEN_SYSTEM};

const URA_SYSTEM: &str = "http://fhir.nl/fhir/NamingSystem/ura";

/// A registration as a `List`. The pseudonym is never in it.
pub(super) fn write(record: &Record) -> Value {
    let mut list = json!({
        "resourceType": "List", "id": record.id.to_string(), "status": "current", "mode": "working",
        "meta": {"lastUpdated": record.created.to_string()},
        "extension": [{"url": CUSTODIAN,
            "valueReference": {"identifier": {"system": URA_SYSTEM, "value": record.ura}}}],
        "source": {"type": "Device", "identifier": {"system": SOURCE_SYSTEM_OUT, "value": record.source}},
        "emptyReason": {"coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "withheld"}]},
    });
    if let Some(code) = &record.code {
        list["code"] = json!({"coding": [{"system": category::SYSTEM, "code": code}]});
    }
    list
}

/// A `searchset` of registrations.
pub(super) fn bundle(records: &[Record]) -> Value {
    let entries: Vec<Value> = records
        .iter()
        .map(|record| json!({"resource": write(record), "search": {"mode": "match"}}))
        .collect();
    json!({"resourceType": "Bundle", "type": "searchset", "total": entries.len(), "entry": entries})
}

/// What a client registers.
pub(super) struct Registration {
    /// URA of the custodian.
    pub(super) ura: String,
    /// The sealed pseudonym.
    pub(super) token: String,
    /// The device.
    pub(super) source: String,
    /// The data category, which generation C ignores.
    pub(super) code: Option<String>,
}

/// Reads a `List` from a request; the error is what is wrong with it.
pub(super) fn read(list: &Value) -> Result<Registration, &'static str> {
    if list["resourceType"] != "List" {
        return Err("resourceType is not List");
    }
    if !list["status"].is_string() || !list["mode"].is_string() {
        return Err("status or mode is missing");
    }
    for forbidden in ["entry", "identifier", "title", "note", "contained"] {
        if list.get(forbidden).is_some() {
            return Err("an element that may not be there");
        }
    }
    if list["emptyReason"]["coding"][0]["code"] != "withheld" {
        return Err("emptyReason is not withheld");
    }
    let custodian = list["extension"]
        .as_array()
        .and_then(|extensions| extensions.iter().find(|extension| extension["url"] == CUSTODIAN))
        .ok_or("the custodian is missing")?;
    let custodian = &custodian["valueReference"]["identifier"];
    if custodian["system"] != URA_SYSTEM {
        return Err("the custodian is not a URA");
    }
    let subject = &list["subject"]["identifier"];
    if subject["system"] != TOKEN_SYSTEM {
        return Err("subject.identifier.system is not the system of the index");
    }
    if list["source"]["type"] != "Device" || list["source"]["identifier"]["system"] != SOURCE_SYSTEM {
        return Err("source.identifier.system is not urn:ietf:rfc:3986");
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(Registration {
        ura: text(&custodian["value"]),
        token: text(&subject["value"]),
        source: text(&list["source"]["identifier"]["value"]),
        code: list["code"]["coding"][0]["code"].as_str().map(str::to_owned),
    })
}
