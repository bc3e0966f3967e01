//! Requests of a script: made of what an operation says, sent, and kept.

use std::collections::BTreeMap;

use bytes::Bytes;
use reqwest::Method;
use url::form_urlencoded;

use super::{Settings, State};
use crate::testscript::exchange::{Exchange, Form, Payload};
use crate::testscript::placeholder::Filled;
use crate::testscript::run::SearchBy;
use crate::testscript::script::Operation;

/// Bytes of an answer, at most.
const MAX_BYTES: usize = 64 << 20;

/// A request, ready to be sent.
pub(super) struct Prepared {
    method: Method,
    url: String,
    parameters: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<(String, Bytes)>,
    sent: Option<Payload>,
}

/// Makes the request of an operation. `text` fills in placeholders.
///
/// # Errors
/// Why it cannot be made, in words.
pub(super) fn prepare(
    operation: &Operation,
    settings: &Settings,
    payloads: &BTreeMap<String, Payload>,
    text: &dyn Fn(&str) -> Filled,
) -> Result<Prepared, String> {
    let known = |own: &str| -> Result<String, String> {
        let filled = text(own);
        if filled.unknown.is_empty() {
            Ok(filled.text)
        } else {
            Err(format!("no value for {}", filled.unknown.join(", ")))
        }
    };
    let maybe = |own: &Option<String>| own.as_deref().map(known).transpose();
    let sent = match &operation.source {
        Some(id) => Some(
            payloads
                .get(id)
                .cloned()
                .ok_or_else(|| format!("there is no fixture {id}"))?,
        ),
        None => None,
    };
    let method = method(operation)?;
    let whole = match (maybe(&operation.url)?, &operation.target) {
        (Some(url), _) if url.starts_with("http://") || url.starts_with("https://") => url,
        (Some(url), _) => format!("{}/{}", settings.base, url.trim_start_matches('/')),
        (None, target) => {
            let place = match target {
                Some(id) => named(id, payloads, settings)?,
                None => operation.resource.clone().unwrap_or_default(),
            };
            let place = match operation.kind.as_str() {
                "capabilities" => "metadata".to_owned(),
                _ => place,
            };
            let params = maybe(&operation.params)?.unwrap_or_default();
            format!("{}/{place}{params}", settings.base)
                .trim_end_matches('/')
                .to_owned()
        }
    };
    let (address, query) = whole.split_once('?').unwrap_or((&whole, ""));
    let parameters = pairs(query);
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&parameters)
        .finish();
    let mut headers = vec![(
        "Accept".to_owned(),
        Form::named(operation.accept.as_deref().unwrap_or_default())
            .media_type()
            .to_owned(),
    )];
    for (name, value) in &operation.headers {
        headers.push((name.clone(), known(value)?));
    }
    let is_search = matches!(operation.kind.as_str(), "search" | "search-type");
    let (method, url, body) = if is_search && settings.search == SearchBy::Post {
        let address = if address.contains("/$") {
            address.to_owned()
        } else {
            format!("{address}/_search")
        };
        let kind = "application/x-www-form-urlencoded".to_owned();
        (Method::POST, address, Some((kind, Bytes::from(encoded))))
    } else {
        let url = if encoded.is_empty() {
            address.to_owned()
        } else {
            format!("{address}?{encoded}")
        };
        let body = sent.as_ref().map(|payload| {
            let kind = operation
                .content_type
                .as_deref()
                .map_or(payload.form, Form::named);
            (kind.media_type().to_owned(), payload.body.clone())
        });
        (method, url, body)
    };
    Ok(Prepared {
        method,
        url,
        parameters,
        headers,
        body,
        sent,
    })
}

/// The method of an operation: as it says, else that of its kind.
fn method(operation: &Operation) -> Result<Method, String> {
    if let Some(method) = &operation.method {
        return method
            .to_ascii_uppercase()
            .parse()
            .map_err(|_| format!("{method} is no method"));
    }
    Ok(match operation.kind.as_str() {
        "read" | "vread" | "search" | "search-type" | "history" | "capabilities" | "get" => Method::GET,
        "create" | "batch" | "transaction" | "post" => Method::POST,
        "update" | "updateCreate" | "put" => Method::PUT,
        "delete" => Method::DELETE,
        other => return Err(format!("operations of the kind '{other}' are not executed")),
    })
}

/// `Type/id` of a fixture.
fn named(id: &str, payloads: &BTreeMap<String, Payload>, settings: &Settings) -> Result<String, String> {
    let payload = payloads
        .get(id)
        .ok_or_else(|| format!("there is no fixture {id}"))?;
    let document = payload
        .document(settings.version)
        .map_err(|error| error.to_string())?;
    let root = document.root();
    let own = root
        .text("id")
        .ok_or_else(|| format!("the fixture {id} has no id"))?;
    Ok(format!("{}/{own}", root.resource_type()))
}

/// Parameters as a script writes them: encoded or not. A plus stands for itself.
fn pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Sends a request and keeps it with its answer.
///
/// # Errors
/// Why there is no answer, in words.
pub(super) async fn send(
    client: &reqwest::Client,
    prepared: Prepared,
    operation: &Operation,
    state: &mut State,
) -> Result<(), String> {
    let Prepared {
        method,
        url,
        parameters,
        headers,
        body,
        sent,
    } = prepared;
    let mut request = client.request(method.clone(), &url);
    for (name, value) in &headers {
        request = request.header(name, value);
    }
    if let Some((kind, body)) = body {
        request = request.header("Content-Type", kind).body(body);
    }
    let failed = |error: reqwest::Error| format!("no answer: {}", error.without_url());
    let response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let received: Vec<(String, String)> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let body = response.bytes().await.map_err(failed)?;
    if body.len() > MAX_BYTES {
        return Err(format!("the answer has more than {MAX_BYTES} bytes"));
    }
    let kind = received.iter().find(|(name, _)| name == "content-type");
    let form = Form::named(kind.map(|(_, value)| value.as_str()).unwrap_or_default());
    let exchange = Exchange {
        method: method.to_string(),
        url,
        parameters,
        sent_headers: headers,
        sent,
        status,
        headers: received,
        received: Payload { body, form },
    };
    if let Some(id) = &operation.response_id {
        state.payloads.insert(id.clone(), exchange.received.clone());
        state.exchanges.insert(id.clone(), exchange.clone());
    }
    if let (Some(id), Some(sent)) = (&operation.request_id, &exchange.sent) {
        state.payloads.insert(id.clone(), sent.clone());
    }
    state.last = Some(exchange);
    Ok(())
}
