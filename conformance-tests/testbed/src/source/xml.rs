//! FHIR XML: of a folder, read through the profile crate, and of a source that speaks nothing else.
//!
//! Refuses what that reader refuses; the reason names a place, never content.

use std::fmt::Write as _;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};
use samenhang_profiles::{FhirVersion, Limits};

use super::json::Json;

/// Turns one FHIR XML document into FHIR JSON. The limits are wider than for a message from outside: a folder of
/// the operator may hold a Bundle of everything.
pub(super) fn to_json(xml: &[u8], version: FhirVersion) -> Result<Bytes, String> {
    let limits = Limits {
        max_bytes: 64 << 20,
        max_nodes: 10_000_000,
        max_entries: 1_000_000,
        ..Limits::default()
    };
    samenhang_profiles::xml::to_json(xml, version, &limits).map_err(|error| error.to_string())
}

/// The same answer, with its FHIR JSON as FHIR XML; other answers stay as they are.
pub(super) async fn answer(response: Response, version: FhirVersion) -> Response {
    let is_fhir = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/fhir+json"));
    if !is_fhir {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(json) = Json::parse(&body) else {
        return Response::from_parts(head, Body::from(body));
    };
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(
        header::CONTENT_TYPE,
        match version {
            FhirVersion::Stu3 => {
                HeaderValue::from_static("application/fhir+xml; fhirVersion=3.0; charset=utf-8")
            }
            FhirVersion::R4 => {
                HeaderValue::from_static("application/fhir+xml; fhirVersion=4.0; charset=utf-8")
            }
        },
    );
    Response::from_parts(head, Body::from(from_json(&json)))
}

/// Writes a resource in FHIR JSON as FHIR XML.
fn from_json(json: &Json) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned();
    resource(json, &mut out);
    out
}

fn resource(json: &Json, out: &mut String) {
    let kind = json.str("resourceType").unwrap_or_default();
    let _ = write!(out, "<{kind} xmlns=\"http://hl7.org/fhir\">");
    members(json, &["resourceType"], out);
    let _ = write!(out, "</{kind}>");
}

/// The properties of an object as elements, but for those that are attributes.
fn members(json: &Json, attributes: &[&str], out: &mut String) {
    let Json::Object(members) = json else { return };
    for (name, value) in members {
        if attributes.contains(&name.as_str()) {
            continue;
        }
        match name.strip_prefix('_') {
            // What stands beside a primitive is written with it, or here when there is no primitive.
            Some(primitive) if json.get(primitive).is_some() => {}
            Some(primitive) => each(primitive, None, Some(value), out),
            None => each(name, Some(value), json.get(&format!("_{name}")), out),
        }
    }
}

/// An element for every item.
fn each(name: &str, value: Option<&Json>, beside: Option<&Json>, out: &mut String) {
    let list = |json: Option<&Json>| match json {
        Some(Json::Array(items)) => Some(items.len()),
        _ => None,
    };
    let item = |json: Option<&Json>, at: usize| match json {
        Some(Json::Array(items)) => items.get(at).cloned(),
        other => other.cloned(),
    };
    match list(value).max(list(beside)) {
        Some(count) => {
            for at in 0..count {
                let (value, beside) = (item(value, at), item(beside, at));
                element(name, value.as_ref(), beside.as_ref(), out);
            }
        }
        None => element(name, value, beside, out),
    }
}

fn element(name: &str, value: Option<&Json>, beside: Option<&Json>, out: &mut String) {
    match value {
        Some(Json::Text(text)) if name == "div" => out.push_str(text),
        Some(object @ Json::Object(_)) if object.str("resourceType").is_some() => {
            let _ = write!(out, "<{name}>");
            resource(object, out);
            let _ = write!(out, "</{name}>");
        }
        Some(object @ Json::Object(_)) => {
            let attributes: &[&str] = match name {
                "extension" | "modifierExtension" => &["id", "url"],
                _ => &["id"],
            };
            let _ = write!(out, "<{name}");
            for attribute in attributes {
                if let Some(text) = object.str(attribute) {
                    let _ = write!(out, " {attribute}=\"{}\"", escape(text));
                }
            }
            out.push('>');
            members(object, attributes, out);
            let _ = write!(out, "</{name}>");
        }
        primitive => {
            let _ = write!(out, "<{name}");
            if let Some(id) = beside.and_then(|beside| beside.str("id")) {
                let _ = write!(out, " id=\"{}\"", escape(id));
            }
            match primitive {
                Some(Json::Text(text)) => {
                    let _ = write!(out, " value=\"{}\"", escape(text));
                }
                Some(Json::Literal(text)) if &**text != "null" => {
                    let _ = write!(out, " value=\"{text}\"");
                }
                _ => {}
            }
            out.push('>');
            if let Some(beside) = beside {
                members(beside, &["id"], out);
            }
            let _ = write!(out, "</{name}>");
        }
    }
}

/// The text as the value of an attribute; a reader would turn plain line ends into blanks.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::FhirVersion;

    use super::{Json, from_json, to_json};

    #[test]
    fn what_is_written_reads_back() {
        let text = r#"{"resourceType":"Observation","id":"o1","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a &amp; b</div>"},"contained":[{"resourceType":"Device","id":"d"}],"extension":[{"url":"http://x.example/e","valueString":"één\n\"twee\" <drie>"}],"status":"final","_status":{"id":"s","extension":[{"url":"http://x.example/f","valueBoolean":true}]},"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"id":"q","value":1.20,"unit":"mmol/l"}}"#;
        let json = Json::parse(text.as_bytes()).unwrap();
        let xml = from_json(&json);
        let back = to_json(xml.as_bytes(), FhirVersion::R4).unwrap();
        let back: serde_json::Value = serde_json::from_slice(&back).unwrap();
        let given: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(back, given, "{xml}");
    }
}
