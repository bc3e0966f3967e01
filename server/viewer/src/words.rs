//! Codes and names of FHIR in words: a status, a date and the name of an element. What has no word is shown as it was sent.

use samenhang_reconcile::date::Interval;

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

/// Elements of which the values are no status and have words all the same.
const CODED: [&str; 4] = ["intent", "criticality", "gender", "category"];

/// The value of an element in words, when these are not what was sent: a status, a code of FHIR itself, or one date.
pub(crate) fn value(element: &str, said: &str, language: Language) -> Option<String> {
    let is_coded = element == "status" || element.ends_with("Status") || CODED.contains(&element);
    let word = if is_coded {
        let code = said.to_ascii_lowercase();
        let texts = language.texts();
        let found = texts.find(&format!("status-{code}"));
        found.or_else(|| texts.find(&format!("coded-{element}-{code}")))?
    } else if said.contains('-') && Interval::parse(said).is_some() {
        language.date(said)
    } else {
        return None;
    };
    (!word.eq_ignore_ascii_case(said)).then_some(word)
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
    use super::{element, status, value};
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
    fn a_value_has_a_word_where_it_is_a_status_a_code_of_fhir_or_one_date() {
        for (element, said, nl, en) in [
            ("clinicalStatus", "Active", Some("actief"), None),
            ("status", "final", Some("definitief"), None),
            ("criticality", "high", Some("hoog"), None),
            ("gender", "female", Some("vrouw"), None),
            ("category", "medication", Some("geneesmiddel"), None),
            ("category", "Medicatieafspraak", None, None),
            ("onsetDateTime", "2012-05-08", Some("08-05-2012"), None),
            (
                "recordedDate",
                "2012-05-08T10:00:00+02:00",
                Some("08-05-2012"),
                Some("2012-05-08"),
            ),
            ("onsetDateTime", "1979", None, None),
            ("note", "active", None, None),
            ("code", "Penicillines", None, None),
            ("clinicalStatus", "eigen code", None, None),
            ("reasonCode", "2-1-5", None, None),
        ] {
            let words = (value(element, said, Dutch), value(element, said, English));
            assert_eq!(
                (words.0.as_deref(), words.1.as_deref()),
                (nl, en),
                "{element} {said}"
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
