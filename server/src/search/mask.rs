//! No number of a citizen in an answer to who did not name it: the answers of MedMij hold none (MedMij BgZ 3.0).
//!
//! An Identifier loses its value and says that it is masked, as FHIR has it; anywhere else the digits become asterisks.

use samenhang_profiles::Bsn;
use samenhang_profiles::document::{Document, Node};
use samenhang_terminology::naming;

use super::splice::Splice;

/// What stands in the place of a value.
const MASKED: &str = r#""_value":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}"#;

/// What is to be changed in a resource so that no number of a citizen is in it. `None` when that cannot be done: the
/// resource is withheld.
pub(super) fn numbers(document: &Document<'_>, body: &[u8], patient: &Bsn) -> Option<Vec<Splice>> {
    let nodes = (0..document.len()).filter_map(|id| document.node(id));
    let identifiers = nodes.filter(|node| {
        let system = node.text("system").unwrap_or_default();
        node.fhir_type() == "Identifier" && (system == naming::BSN || system == naming::BSN_URN)
    });
    let mut splices = Vec::new();
    for value in identifiers.filter_map(|identifier| identifier.child("value")) {
        if value.primitive().is_some() {
            splices.push(masked(value, body)?);
        }
    }
    let digits = patient.expose().as_bytes();
    let mut at = 0;
    while let Some(found) = find(body, digits, at) {
        at = found + digits.len();
        let within = |splice: &Splice| splice.from <= found && found < splice.to;
        if !splices.iter().any(within) {
            splices.push(Splice {
                from: found,
                to: at,
                text: vec![b'*'; digits.len()],
            });
        }
    }
    Some(splices)
}

/// The member `"value":"..."` of an Identifier, masked. `None` when it is not written in a way that this knows.
fn masked(value: Node<'_>, body: &[u8]) -> Option<Splice> {
    // With extensions on the value the member `_value` is there already.
    if value.children().next().is_some() {
        return None;
    }
    let start = value.offset();
    let rest = body.get(start..)?;
    let close = rest.iter().skip(1).position(|byte| *byte == b'"')? + 2;
    let before = body
        .get(..start)?
        .trim_ascii_end()
        .strip_suffix(b":")?
        .trim_ascii_end();
    let before = before.strip_suffix(b"\"value\"")?;
    Some(Splice {
        from: before.len(),
        to: start + close,
        text: MASKED.as_bytes().to_vec(),
    })
}

/// The next place of a run of digits that stands by itself.
fn find(body: &[u8], digits: &[u8], from: usize) -> Option<usize> {
    let is_digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let mut at = from;
    loop {
        at += body
            .get(at..)?
            .windows(digits.len())
            .position(|window| window == digits)?;
        let before = at.checked_sub(1).and_then(|before| body.get(before));
        if !is_digit(before) && !is_digit(body.get(at + digits.len())) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::document::Document;
    use samenhang_profiles::{Bsn, FhirVersion, Limits};

    use super::numbers;
    use crate::search::splice::apply;

    #[test]
    fn p9_no_number_is_left_and_the_rest_stays() {
        let body = r#"{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">999990019, 9999900190</div>"},
            "identifier":[{"system":"http://fhir.nl/fhir/NamingSystem/bsn", "value" : "999990019"},
            {"value":"999990020","system":"urn:oid:2.16.840.1.113883.2.4.6.3"},{"system":"http://x.example","value":"7"}]}"#;
        let document = Document::from_json(body.as_bytes(), FhirVersion::Stu3, &Limits::default()).unwrap();
        let splices = numbers(&document, body.as_bytes(), &Bsn::parse("999990019").unwrap()).unwrap();
        let changed = String::from_utf8(apply(body.as_bytes(), splices)).unwrap();
        assert!(
            !changed.contains("\"999990019\"") && !changed.contains("999990020"),
            "{changed}"
        );
        assert!(changed.contains("*********, 9999900190</div>"), "{changed}");
        assert_eq!(changed.matches("\"valueCode\":\"masked\"").count(), 2);
        assert!(changed.contains(r#""value":"7""#));
        assert!(Document::from_json(changed.as_bytes(), FhirVersion::Stu3, &Limits::default()).is_ok());
    }
}
