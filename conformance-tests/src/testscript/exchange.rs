//! One request and its answer, as assertions look at them.

use bytes::Bytes;
use samenhang_profiles::document::Document;
use samenhang_profiles::{FhirVersion, Limits, ReadError};

/// The form of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// FHIR JSON.
    Json,
    /// FHIR XML.
    Xml,
}

impl Form {
    /// The form that a script means: `json`, `xml` or a media type. JSON when it says nothing of the kind.
    #[must_use]
    pub fn named(text: &str) -> Form {
        if text.to_ascii_lowercase().contains("xml") {
            Form::Xml
        } else {
            Form::Json
        }
    }

    /// The media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Form::Json => "application/fhir+json",
            Form::Xml => "application/fhir+xml",
        }
    }
}

/// A resource as it was sent or received.
#[derive(Debug, Clone)]
pub struct Payload {
    /// The bytes.
    pub body: Bytes,
    /// How they are to be read.
    pub form: Form,
}

impl Payload {
    /// The tree of the resource.
    ///
    /// # Errors
    /// [`ReadError`] when it cannot be read.
    pub fn document(&self, version: FhirVersion) -> Result<Document<'_>, ReadError> {
        let limits = Limits::default();
        match self.form {
            Form::Json => Document::from_json(&self.body, version, &limits),
            Form::Xml => Document::from_xml(&self.body, version, &limits),
        }
    }
}

/// A request and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// Parameters of a search, decoded, wherever they stood.
    pub parameters: Vec<(String, String)>,
    /// Headers that were sent.
    pub sent_headers: Vec<(String, String)>,
    /// What was sent.
    pub sent: Option<Payload>,
    /// The status.
    pub status: u16,
    /// Headers that were received; names in lower case.
    pub headers: Vec<(String, String)>,
    /// What was received.
    pub received: Payload,
}

impl Exchange {
    /// The first header of this name, of the answer or of the request.
    #[must_use]
    pub fn header(&self, name: &str, of_request: bool) -> Option<&str> {
        let headers = if of_request {
            &self.sent_headers
        } else {
            &self.headers
        };
        let found = headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}
