use std::collections::HashSet;

use super::{Argument, Language, Values, fill};
use crate::validate::rule;

#[test]
fn a_value_stands_in_the_text_only_when_it_was_asked_for() {
    let arguments = [Argument::name("Patient.gender"), Argument::value("vrouw")];
    let template = "{0} is wrong[, it is '{1}']";
    assert_eq!(
        fill(template, &arguments, Values::Hidden),
        "Patient.gender is wrong"
    );
    assert_eq!(
        fill(template, &arguments, Values::Shown),
        "Patient.gender is wrong, it is 'vrouw'"
    );
    assert_eq!(fill("is {1}", &arguments, Values::Hidden), "is ...");
    assert_eq!(fill("is {7}", &arguments, Values::Shown), "is ...");
}

#[test]
fn text_of_an_argument_is_never_read_as_a_template() {
    let arguments = [Argument::name("[{0}]")];
    assert_eq!(fill("is {0}", &arguments, Values::Hidden), "is [{0}]");
}

#[test]
fn every_rule_has_a_code_of_its_own_and_words_in_both_languages() {
    let mut codes = HashSet::new();
    for rule in rule::all() {
        assert!(codes.insert(rule.code), "{} twice", rule.code);
        assert!(
            rule.code
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "{}",
            rule.code
        );
        for (words, what) in [(rule.text, "text"), (rule.hint, "hint")] {
            for language in [Language::Dutch, Language::English] {
                assert!(!words.of(language).is_empty(), "{}: no {what}", rule.code);
            }
            let holes = |text: &str| -> Vec<String> {
                let mut holes: Vec<String> =
                    text.split('{').skip(1).map(|rest| rest[..1].to_owned()).collect();
                holes.sort();
                holes
            };
            assert_eq!(
                holes(words.en),
                holes(words.nl),
                "{}: {what} differs in its arguments",
                rule.code
            );
        }
    }
}
