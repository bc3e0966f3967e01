//! SOAP 1.2 with WS-Addressing: reading a message into a small tree, and writing answers and faults.

use axum::body::Body;
use http::Response;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::answer;

const ENVELOPE: &str = "http://www.w3.org/2003/05/soap-envelope";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
/// Levels of nesting that are read.
const MAX_DEPTH: usize = 32;

/// An element with its namespace.
#[derive(Debug, Default, Clone)]
pub(super) struct Element {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first child with this name.
    pub(super) fn child(&self, namespace: &str, name: &str) -> Option<&Element> {
        self.children
            .iter()
            .find(|child| child.name == name && child.namespace == namespace)
    }

    /// Every child with this name.
    pub(super) fn all<'a>(&'a self, namespace: &'a str, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children
            .iter()
            .filter(move |child| child.name == name && child.namespace == namespace)
    }
}

/// A question as it came.
pub(super) struct Message {
    pub(super) action: String,
    pub(super) id: String,
    pub(super) body: Element,
    /// Whether a SAML assertion stands in the header.
    pub(super) asserted: bool,
}

/// Reads a message; the error is what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Message, &'static str> {
    let envelope = parse(bytes)?;
    if envelope.name != "Envelope" || envelope.namespace != ENVELOPE {
        return Err("not a SOAP 1.2 envelope");
    }
    let header = envelope
        .child(ENVELOPE, "Header")
        .ok_or("the header is missing")?;
    let text = |name| {
        header
            .child(ADDRESSING, name)
            .map(|element| element.text.trim().to_owned())
    };
    let security = header.children.iter().find(|child| child.name == "Security");
    Ok(Message {
        action: text("Action").ok_or("wsa:Action is missing")?,
        id: text("MessageID").ok_or("wsa:MessageID is missing")?,
        asserted: security
            .is_some_and(|security| security.children.iter().any(|child| child.name == "Assertion")),
        body: envelope
            .child(ENVELOPE, "Body")
            .and_then(|body| body.children.first().cloned())
            .ok_or("the body is empty")?,
    })
}

/// Reads XML into a tree. Entities and document types are refused.
fn parse(bytes: &[u8]) -> Result<Element, &'static str> {
    let broken = "not well-formed XML";
    let mut reader = NsReader::from_reader(bytes);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = vec![Element::default()];
    let mut buffer = Vec::new();
    loop {
        let (resolved, event) = reader.read_resolved_event_into(&mut buffer).map_err(|_| broken)?;
        match event {
            Event::Start(start) => {
                if open.len() > MAX_DEPTH {
                    return Err("nested too deep");
                }
                let namespace = match resolved {
                    ResolveResult::Bound(namespace) => namespace.as_ref().to_owned(),
                    ResolveResult::Unbound => String::new(),
                    ResolveResult::Unknown(_) => return Err("a prefix without a namespace"),
                };
                let mut element = Element {
                    namespace,
                    name: start.local_name().as_ref().to_owned(),
                    ..Element::default()
                };
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(|_| broken)?;
                    let value = quick_xml::escape::unescape(&attribute.value).map_err(|_| broken)?;
                    let (name, value) = (attribute.key.local_name().as_ref().to_owned(), value.into_owned());
                    element.attributes.push((name, value));
                }
                open.push(element);
            }
            Event::End(_) => {
                let done = open.pop().ok_or(broken)?;
                open.last_mut().ok_or(broken)?.children.push(done);
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text);
                }
            }
            Event::DocType(_) => return Err("a document type is not allowed"),
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    let mut root = open.pop().ok_or(broken)?;
    if !open.is_empty() {
        return Err(broken);
    }
    root.children.pop().ok_or(broken)
}

/// An answer with this action and body.
pub(super) fn write(action: &str, id: &str, relates_to: &str, body: &str) -> Response<Body> {
    let relates_to = quick_xml::escape::escape(relates_to);
    answer::typed(
        200,
        "application/soap+xml; charset=UTF-8",
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ENVELOPE}" xmlns:a="{ADDRESSING}"><s:Header><a:Action s:mustUnderstand="1">{action}</a:Action><a:MessageID>urn:uuid:{id}</a:MessageID><a:RelatesTo>{relates_to}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"#
        ),
    )
}

/// A SOAP fault: `sender` for what the client did wrong.
pub(super) fn fault(sender: bool, text: &str) -> Response<Body> {
    let (status, code) = if sender {
        (400, "Sender")
    } else {
        (500, "Receiver")
    };
    let text = quick_xml::escape::escape(text);
    answer::typed(
        status,
        "application/soap+xml; charset=UTF-8",
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ENVELOPE}"><s:Body><s:Fault><s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"#
        ),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{parse, read};

    #[test]
    fn document_types_and_deep_nesting_are_refused() {
        assert!(parse(b"<!DOCTYPE a><a/>").is_err());
        assert!(parse("<a>".repeat(100).as_bytes()).is_err());
        assert!(parse(b"<a></b>").is_err());
        assert!(parse(b"<x:a/>").is_err());
        assert_eq!(parse(b"<a b='&lt;'>t</a>").unwrap().attribute("b"), Some("<"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_message_makes_it_panic(text in "[<>/a-c:=\"'&; !-]{0,60}") {
            let _ = read(text.as_bytes());
        }
    }
}
