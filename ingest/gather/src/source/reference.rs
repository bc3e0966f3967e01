//! Where the references of a resource may lead.
//!
//! Resources that a statement about the patient leans on (who, where, which product) are read when the pages did not
//! bring them. Only at the same endpoint: an absolute reference to another host is never fetched (F23).

/// The type and id at this endpoint that a reference leads to; `None` when it leads elsewhere or nowhere.
#[must_use]
pub fn at_endpoint<'a>(reference: &'a str, base: &str) -> Option<(&'a str, &'a str)> {
    let path = match reference.strip_prefix(base) {
        Some(rest) => rest.strip_prefix('/')?,
        None => reference,
    };
    let mut segments = path.split('/');
    let (kind, id) = (segments.next()?, segments.next()?);
    match (segments.next(), segments.next(), segments.next()) {
        (None, None, None) | (Some("_history"), Some(_), None) => {}
        _ => return None,
    }
    let kind_is_plain = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    // Wider than FHIR's id, because sources use composite ids; nothing that means something in an address.
    let id_is_plain = (1..=256).contains(&id.len())
        && id != "."
        && id != ".."
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'));
    (kind_is_plain && id_is_plain).then_some((kind, id))
}

#[cfg(test)]
mod tests {
    use super::at_endpoint;

    const BASE: &str = "https://fhir.oost.example/r4";

    #[test]
    fn f23_only_references_to_the_same_endpoint_lead_somewhere() {
        let cases = [
            ("Practitioner/a", Some(("Practitioner", "a"))),
            ("Practitioner/a/_history/2", Some(("Practitioner", "a"))),
            (
                "https://fhir.oost.example/r4/Medication/m-1",
                Some(("Medication", "m-1")),
            ),
            ("https://fhir.oost.example/r4x/Medication/m-1", None),
            ("https://fhir.oost.example.evil.example/r4/Medication/m-1", None),
            ("https://evil.example/Practitioner/a", None),
            ("//evil.example/Practitioner/a", None),
            ("file:///etc/passwd", None),
            ("Practitioner/..", None),
            ("Practitioner/a?b=c", None),
            ("Practitioner/a%2f..", None),
            ("Practitioner/a/b", None),
            ("Practitioner", None),
            ("#m", None),
            ("urn:uuid:0b6e", None),
        ];
        for (reference, expected) in cases {
            assert_eq!(at_endpoint(reference, BASE), expected, "{reference}");
        }
    }
}
