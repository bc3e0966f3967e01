//! Whether elements of a resource fit the value of a parameter.

use samenhang_profiles::document::Node;

/// A token: `code`, `system|code`, `|code` or `system|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// `None` when any system will do; empty when there must be none.
    pub(super) system: Option<String>,
    /// Empty when any code of the system will do.
    pub(super) code: String,
}

impl Token {
    /// Reads a value; `None` for one that says nothing.
    pub(super) fn read(value: &str) -> Option<Token> {
        let (system, code) = match value.split_once('|') {
            Some((system, code)) => (Some(system.to_owned()), code),
            None => (None, value),
        };
        let says_something = !code.is_empty() || system.as_ref().is_some_and(|system| !system.is_empty());
        says_something.then(|| Token {
            system,
            code: code.to_owned(),
        })
    }

    /// Whether an element fits.
    pub(super) fn fits(&self, node: Node<'_>) -> bool {
        if let Some(text) = node.primitive() {
            // The system of a code is that of its binding, which is not looked up.
            return text == self.code;
        }
        match node.fhir_type() {
            "CodeableConcept" => node
                .children_named("coding")
                .any(|coding| self.is(coding.text("system"), coding.text("code"))),
            "Identifier" => self.is(node.text("system"), node.text("value")),
            _ => self.is(node.text("system"), node.text("code")),
        }
    }

    fn is(&self, system: Option<&str>, code: Option<&str>) -> bool {
        let of_system = match self.system.as_deref() {
            None => true,
            Some("") => system.is_none(),
            Some(wanted) => system == Some(wanted),
        };
        of_system && (self.code.is_empty() || code == Some(self.code.as_str()))
    }
}

/// The elements at a path: names as they are written, separated by dots.
pub(super) fn at<'d>(node: Node<'d>, path: &str) -> Vec<Node<'d>> {
    let mut found = vec![node];
    for name in path.split('.') {
        found = found
            .into_iter()
            .flat_map(|node| node.children_named(name))
            .collect();
    }
    found
}

/// The elements that a parameter looks at.
pub(super) fn elements<'d>(node: Node<'d>, paths: &str) -> Vec<Node<'d>> {
    paths
        .split_ascii_whitespace()
        .flat_map(|path| at(node, path))
        .collect()
}

/// Splits a value at its commas; `\,` is a comma of the value itself.
pub(super) fn split(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut is_escaped = false;
    for letter in value.chars() {
        if letter == '\\' && !is_escaped {
            is_escaped = true;
            continue;
        }
        if letter == ',' && !is_escaped {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
        is_escaped = false;
    }
    parts
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::document::Document;
    use samenhang_profiles::{FhirVersion, Limits};

    use super::{Token, elements, split};

    const OBSERVATION: &[u8] = br#"{"resourceType":"Observation","id":"o","status":"final","identifier":[{"system":"s","value":"9"}],
        "code":{"coding":[{"system":"s","code":"a"},{"code":"b"}]}}"#;

    #[test]
    fn tokens_compare_system_and_code() {
        let document = Document::from_json(OBSERVATION, FhirVersion::Stu3, &Limits::default()).unwrap();
        for (path, value, expected) in [
            ("code", "a", true),
            ("code", "s|a", true),
            ("code", "t|a", false),
            ("code", "|a", false),
            ("code", "|b", true),
            ("code", "s|", true),
            ("code", "A", false),
            ("status", "http://hl7.org/fhir/observation-status|final", true),
            ("status", "amended", false),
            ("identifier", "s|9", true),
            ("absent", "s|9", false),
        ] {
            let token = Token::read(value).unwrap();
            let found = elements(document.root(), path)
                .into_iter()
                .any(|node| token.fits(node));
            assert_eq!(found, expected, "{path} {value}");
        }
        assert_eq!((Token::read(""), Token::read("|")), (None, None));
    }

    #[test]
    fn a_comma_may_belong_to_a_value() {
        assert_eq!(split("a,b\\,c"), ["a", "b,c"]);
    }
}
