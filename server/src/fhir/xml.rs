//! An OperationOutcome of ours as FHIR XML: the same elements, in the same order.

use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::{FhirVersion, Limits, ReadError};

/// Writes an OperationOutcome that was written as JSON by [`super::outcome`] or by `$validate`, with its elements in the
/// order of the definition. It has no narrative.
///
/// # Errors
/// [`ReadError`] when it is not what we write.
pub fn of_outcome(json: &[u8]) -> Result<Vec<u8>, ReadError> {
    // As many issues as a resource can have; both versions of FHIR write them alike.
    let limits = Limits {
        max_nodes: 1_000_000,
        ..Limits::default()
    };
    let document = Document::from_json(json, FhirVersion::R4, &limits)?;
    let root = document.root();
    let mut out = format!("<{} xmlns=\"http://hl7.org/fhir\">", root.resource_type());
    for child in root.children() {
        element(child, &mut out);
    }
    out.push_str(&format!("</{}>", root.resource_type()));
    Ok(out.into_bytes())
}

/// Writes an element. An outcome of ours has four levels, and the reader bounds what it takes.
fn element(node: Node<'_>, out: &mut String) {
    let name = node.name();
    out.push('<');
    out.push_str(name);
    if let Some(value) = node.primitive() {
        attribute("value", value, out);
    }
    if name == "extension"
        && let Some(url) = node.text("url")
    {
        attribute("url", url, out);
    }
    let mut inner = node
        .children()
        .filter(|child| !(name == "extension" && child.name() == "url"))
        .peekable();
    if inner.peek().is_none() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for child in inner {
        element(child, out);
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            // A reader would make a blank of these in an attribute.
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", character as u32)),
            // XML has no other control characters, not even written as a reference.
            control if control < ' ' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::{FhirVersion, Limits, xml};

    use super::of_outcome;

    const OUTCOME: &str = r#"{"resourceType":"OperationOutcome","language":"nl","issue":[{"extension":[{"url":"http://e/line","valueInteger":2}],"severity":"error","code":"structure","details":{"coding":[{"system":"http://e/s","code":"a"}],"text":"a < b & \"c\"\n\u00e9"},"diagnostics":"x","expression":["Patient.name[0]"]},{"severity":"information","code":"informational","details":{"text":"y"}}]}"#;

    #[test]
    fn the_same_comes_back_from_the_xml() {
        let written = of_outcome(OUTCOME.as_bytes()).unwrap();
        let text = String::from_utf8(written.clone()).unwrap();
        assert!(text.starts_with("<OperationOutcome xmlns=\"http://hl7.org/fhir\"><language value=\"nl\"/><issue><extension url=\"http://e/line\"><valueInteger value=\"2\"/></extension>"), "{text}");
        for version in [FhirVersion::R4, FhirVersion::Stu3] {
            let back = xml::to_json(&written, version, &Limits::default()).unwrap();
            let back: serde_json::Value = serde_json::from_slice(&back).unwrap();
            let sent: serde_json::Value = serde_json::from_str(OUTCOME).unwrap();
            assert_eq!(back, sent);
        }
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        assert!(of_outcome(b"{").is_err());
    }
}
