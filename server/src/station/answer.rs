//! How a station answers: resources as the dossier has them, spliced into a Bundle, in JSON or XML.

use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue};
use http::{Response, StatusCode};
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{FhirVersion, Received};
use serde_json::{Value, json};

use crate::error::{Kind, Language, Problem};
use crate::fhir::negotiate::Form;
use crate::fhir::outcome::{self, Issue, Severity};
use crate::fhir::{capability, xml};
use crate::search::of_source::Page;

/// What a searchset is made of.
pub(super) struct Parts<'a> {
    pub(super) items: &'a [Received],
    pub(super) page: &'a Page,
    /// What is to be told beside the resources.
    pub(super) issues: &'a [Issue],
    /// The address of the next page.
    pub(super) next: Option<String>,
    pub(super) language: Language,
}

/// Writes a body of FHIR in the form that was asked for.
pub(super) fn send(body: Vec<u8>, version: FhirVersion, form: Form) -> Result<Response<Body>, Problem> {
    let body = match form {
        Form::Xml => xml::of_searchset(&body, version).map_err(|_| Problem::from(Kind::OtherVersion))?,
        _ => body,
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// One resource with its version.
pub(super) fn resource(
    item: &Received,
    version: i64,
    fhir: FhirVersion,
    form: Form,
) -> Result<Response<Body>, Problem> {
    let mut response = send(item.resource.body().to_vec(), fhir, form)?;
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{version}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

/// A searchset. There is no `total`: counting what a patient has is another question.
pub(super) fn searchset(parts: &Parts<'_>) -> Vec<u8> {
    let shown = parts.page.matches.iter().chain(&parts.page.along);
    let bytes: usize = shown
        .filter_map(|index| parts.items.get(*index))
        .map(|item| item.resource.body().len() + item.full_url.len() + 96)
        .sum();
    let mut out = JsonWriter::with_capacity(bytes + 256);
    out.begin_object();
    out.field("resourceType", "Bundle");
    out.field("type", "searchset");
    if let Some(next) = &parts.next {
        out.key("link");
        out.begin_array();
        out.begin_object();
        out.field("relation", "next");
        out.field("url", next);
        out.end_object();
        out.end_array();
    }
    let is_empty = parts.page.matches.is_empty() && parts.page.along.is_empty() && parts.issues.is_empty();
    if !is_empty {
        out.key("entry");
        out.begin_array();
        for (places, mode) in [(&parts.page.matches, "match"), (&parts.page.along, "include")] {
            for item in places.iter().filter_map(|index| parts.items.get(*index)) {
                entry(&mut out, Some(&item.full_url), item.resource.body(), mode);
            }
        }
        if !parts.issues.is_empty() {
            entry(
                &mut out,
                None,
                &outcome::write(parts.issues, parts.language),
                "outcome",
            );
        }
        out.end_array();
    }
    out.end_object();
    out.finish().to_vec()
}

fn entry(out: &mut JsonWriter, full_url: Option<&str>, body: &[u8], mode: &str) {
    out.begin_object();
    if let Some(full_url) = full_url {
        out.field("fullUrl", full_url);
    }
    out.key("resource");
    out.raw(body);
    out.key("search");
    out.begin_object();
    out.field("mode", mode);
    out.end_object();
    out.end_object();
}

/// What is told when resources cannot be had in the version that was asked for.
pub(super) fn other_version(count: usize) -> Issue {
    Issue {
        severity: Severity::Warning,
        problem: Problem::new(Kind::OtherVersion).hint(
            format!("{count} gegevens in een andere FHIR-versie staan niet in dit antwoord; vraag ze in die versie."),
            format!("{count} resources in another version of FHIR are not in this answer; ask in that version."),
        ),
    }
}

/// What can be asked: the searches from the table that they are read with.
pub(super) fn statement(version: FhirVersion, base: &str, tokens: Option<&str>) -> Value {
    let mut rest = json!({
        "mode": "server",
        "documentation": "Each search is about one patient: by the logical id of the Patient, or by number in the body \
            of POST [type]/_search. Answers come in pages (_count, link next).",
        "resource": capability::readable(version)
    });
    if version == FhirVersion::Stu3 {
        rest["operation"] = json!([capability::lastn_of_server()]);
    }
    if let Some(tokens) = tokens {
        rest["security"] = json!({
            "service": [{"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                "code": "SMART-on-FHIR"
            }]}],
            "extension": [{
                "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                "extension": [{"url": "token", "valueUri": tokens}]
            }]
        });
    }
    let mut statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": capability::DATE,
        "kind": "instance",
        "software": {"name": "Samenhang", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": "Samenhang datastation", "url": base},
        "fhirVersion": version.full(),
        "format": ["application/fhir+json", "application/fhir+xml"],
        "rest": [rest]
    });
    if version == FhirVersion::Stu3 {
        statement["acceptUnknown"] = json!("no");
    }
    statement
}
