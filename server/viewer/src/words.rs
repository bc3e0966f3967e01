//! Codes and names of FHIR in words: a status, and the name of an element. What has no word is shown as it was sent.

use crate::language::Language;

/// What stands between the codes of a status.
const BETWEEN: &str = ", ";

/// A status in words: its codes, each of FHIR or of SNOMED CT as the zib has it.
pub(crate) fn status(said: &str, language: Language) -> String {
    let texts = language.texts();
    let word = |code: &str| {
        let known = texts.find(&format!("status-{code}"));
        known.unwrap_or_else(|| code.to_owned())
    };
    said.split(BETWEEN).map(word).collect::<Vec<_>>().join(BETWEEN)
}

/// The name of an element of a resource.
pub(crate) fn element(name: &str, language: Language) -> String {
    let texts = language.texts();
    // What FHIR adds to a primitive value stands beside it, under its name with a line before it.
    let (own, is_beside) = match name.strip_prefix('_') {
        Some(own) => (own, true),
        None => (name, false),
    };
    match texts.find(&format!("element-{own}")) {
        Some(word) if is_beside => texts.with("beside-element", &word),
        Some(word) => word,
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{element, status};
    use crate::language::Language::{Dutch, English};

    #[test]
    fn a_status_is_told_in_words_and_what_has_none_as_it_was_sent() {
        for (said, nl, en) in [
            ("active, confirmed", "actief, bevestigd", "active, confirmed"),
            ("55561003, 410605003", "actief, bevestigd", "active, confirmed"),
            ("not-done", "niet gedaan", "not done"),
            ("entered-in-error", "foutief ingevoerd", "entered in error"),
            ("eigen code", "eigen code", "eigen code"),
            ("", "", ""),
        ] {
            assert_eq!(
                (status(said, Dutch).as_str(), status(said, English).as_str()),
                (nl, en)
            );
        }
    }

    #[test]
    fn an_element_has_a_name_for_a_reader() {
        for (name, nl, en) in [
            ("verificationStatus", "zekerheid", "certainty"),
            ("_category", "categorie (aanvulling)", "category (addition)"),
            ("onzin", "onzin", "onzin"),
        ] {
            assert_eq!(
                (element(name, Dutch).as_str(), element(name, English).as_str()),
                (nl, en)
            );
        }
    }
}
