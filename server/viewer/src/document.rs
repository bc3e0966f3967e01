//! The documents that a record points at or holds: what a page needs to offer them, and what opening one takes.
//!
//! A document is never part of a page. It is opened by a link that names the record and its place, and nothing of the source.

use samenhang_profiles::tree::Tree;
use samenhang_profiles::{Limits, RawResource, Received};

use crate::address::Address;
use crate::language::Language;

/// Documents of one record that are offered.
const MOST: usize = 8;

/// A link that opens a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it is opened.
    pub href: String,
    /// What it is, in words.
    pub text: String,
}

/// Where a document is. It may hold the document itself, which is patient data: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its title.
    pub title: Option<String>,
    /// What the source says that it is.
    pub media: Option<String>,
    /// The document, in base64.
    pub data: Option<String>,
    /// Where it can be fetched.
    pub url: Option<String>,
}

/// Where a type of resource has its documents (FHIR R4 and STU3 alike).
fn places(kind: &str) -> Option<(&'static str, Option<&'static str>)> {
    match kind {
        "DocumentReference" => Some(("content", Some("attachment"))),
        "DiagnosticReport" => Some(("presentedForm", None)),
        _ => None,
    }
}

/// The documents of a record, in its order.
#[must_use]
pub fn attachments(resource: &RawResource) -> Vec<Attachment> {
    let Some((list, within)) = places(resource.resource_type()) else {
        return Vec::new();
    };
    let Ok(tree) = Tree::parse(resource.body(), &Limits::default()) else {
        return Vec::new();
    };
    let Some(all) = tree.get(list) else {
        return Vec::new();
    };
    let one = |item: &Tree<'_>| {
        let attachment = match within {
            Some(name) => item.get(name)?,
            None => item,
        };
        let text = |name: &str| attachment.text(name).map(str::to_owned);
        Some(Attachment {
            title: text("title"),
            media: text("contentType"),
            data: text("data"),
            url: text("url"),
        })
    };
    // Places count as the source counts them, also where one has nothing.
    let empty = Attachment {
        title: None,
        media: None,
        data: None,
        url: None,
    };
    let items = all.items().iter().take(MOST);
    items
        .map(|item| one(item).unwrap_or_else(|| empty.clone()))
        .collect()
}

/// The links that open the documents of a record.
#[must_use]
pub fn links(received: &Received, address: Option<&Address>, language: Language) -> Vec<Link> {
    let Some(address) = address else { return Vec::new() };
    let key = address.key(received);
    let all = attachments(&received.resource).into_iter().enumerate();
    let there = all.filter(|(_, attachment)| attachment.data.is_some() || attachment.url.is_some());
    there
        .map(|(place, attachment)| Link {
            href: address.page(&format!("document/{key}/{place}"), &[]),
            text: told(&attachment, language),
        })
        .collect()
}

fn told(attachment: &Attachment, language: Language) -> String {
    let t = language.texts();
    let media = attachment.media.as_deref().unwrap_or_default();
    let kind = match media.split(';').next().unwrap_or_default().trim() {
        "application/pdf" => "PDF",
        "text/plain" => "tekst",
        _ => "",
    };
    let kind = if kind == "tekst" {
        t.say("document-text")
    } else {
        kind.to_owned()
    };
    match (&attachment.title, kind.as_str()) {
        (Some(title), "") => t.with("document-open-title", title),
        (Some(title), kind) => t.with("document-open-title", &format!("{title} ({kind})")),
        (None, "") => t.say("document-open"),
        (None, kind) => t.with("document-open-title", kind),
    }
}
