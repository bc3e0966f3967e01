//! SOAP 1.2 with WS-Addressing: writes a request envelope, opens an answer and checks that it answers this request.

use uuid::Uuid;

use super::{Element, XmlError, escape};

/// Media type of a request.
pub(crate) const MEDIA_TYPE: &str = "application/soap+xml; charset=UTF-8";
const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";

/// A request envelope. `security` and `body` are XML already.
pub(crate) fn envelope(action: &str, message: Uuid, to: &str, security: &str, body: &str) -> String {
    let (action, to) = (escape(action), escape(to));
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            r#"<s:Envelope xmlns:s="{soap}" xmlns:a="{addressing}"><s:Header>"#,
            r#"<a:Action s:mustUnderstand="1">{action}</a:Action>"#,
            r#"<a:MessageID>urn:uuid:{message}</a:MessageID>"#,
            r#"<a:To s:mustUnderstand="1">{to}</a:To>"#,
            r#"<a:ReplyTo><a:Address>{anonymous}</a:Address></a:ReplyTo>"#,
            r#"{security}</s:Header><s:Body>{body}</s:Body></s:Envelope>"#
        ),
        soap = SOAP,
        addressing = ADDRESSING,
        anonymous = ANONYMOUS,
        action = action,
        message = message,
        to = to,
        security = security,
        body = body,
    )
}

/// An opened answer.
pub(crate) struct Opened {
    body: Element,
}

impl Opened {
    /// Opens an answer to the request `message`.
    ///
    /// A fault, an answer to another request, or anything but one body is refused.
    pub(crate) fn open(bytes: &[u8], message: Uuid) -> Result<Opened, XmlError> {
        let envelope = Element::parse(bytes)?;
        if !envelope.is(SOAP, "Envelope") {
            return Err(XmlError("it is not a soap 1.2 envelope"));
        }
        let header = envelope
            .only(SOAP, "Header")
            .ok_or(XmlError("it has no header"))?;
        let relates_to = header
            .only(ADDRESSING, "RelatesTo")
            .ok_or(XmlError("it does not say what it answers"))?;
        let answers: Option<Uuid> = relates_to
            .text()
            .strip_prefix("urn:uuid:")
            .and_then(|text| text.parse().ok());
        if answers != Some(message) {
            return Err(XmlError("it answers another request"));
        }
        let body = envelope
            .children
            .into_iter()
            .filter(|child| child.is(SOAP, "Body"));
        let mut body: Vec<Element> = body.collect();
        match (body.pop(), body.len()) {
            (Some(body), 0) if body.only(SOAP, "Fault").is_none() => Ok(Opened { body }),
            (Some(_), 0) => Err(XmlError("it is a fault")),
            _ => Err(XmlError("it has not one body")),
        }
    }

    /// Everything in the body.
    pub(crate) fn body(&self) -> &Element {
        &self.body
    }
}
