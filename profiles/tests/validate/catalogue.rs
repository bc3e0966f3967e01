//! The page of the documentation that lists every rule is made from the rules.

use std::fmt::Write as _;
use std::path::Path;

use samenhang_profiles::validate::Language;
use samenhang_profiles::validate::rule::{Rule, Words, all};

const PAGE: &str = "/../docs/src/integrator/validation-rules.md";

fn page() -> String {
    let mut page = String::from(
        "# Validation rules\n\n\
         Made from the rules in `profiles/src/validate/rule` by `profiles/tests/validate/catalogue.rs`; do not edit it by\n\
         hand. The code of a rule is stable: it never gets another meaning. A rule that says that something was *not\n\
         checked* makes the result `unchecked` unless there is an error, and never `valid`. Values of the resource stand\n\
         in a text only when the caller asks for them; they are shown here as `{n}` in square brackets.\n",
    );
    for unchecked in [false, true] {
        page.push_str(if unchecked {
            "\n## What was not checked\n"
        } else {
            "\n## What is held to\n"
        });
        for rule in all().into_iter().filter(|rule| rule.unchecked == unchecked) {
            describe(&mut page, rule);
        }
    }
    page
}

fn describe(page: &mut String, rule: &Rule) {
    let both = |words: Words| {
        (
            escaped(words.of(Language::English)),
            escaped(words.of(Language::Dutch)),
        )
    };
    let (text, tekst) = both(rule.text);
    let (hint, tip) = both(rule.hint);
    writeln!(
        page,
        "\n### `{}`\n\n{} (`{}`).\n",
        rule.code,
        capital(rule.severity.code()),
        rule.issue_type
    )
    .unwrap();
    writeln!(
        page,
        "- English: {text}. *{hint}*\n- Nederlands: {tekst}. *{tip}*"
    )
    .unwrap();
}

/// A template as text of a page.
fn escaped(text: &str) -> String {
    text.replace('[', "\\[").replace(']', "\\]").replace('<', "&lt;")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

#[test]
fn the_page_of_rules_is_up_to_date() {
    let path = format!("{}{PAGE}", env!("CARGO_MANIFEST_DIR"));
    let made = page();
    if std::env::var("SAMENHANG_BLESS").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(Path::new(&path)).unwrap_or_default();
    assert!(
        kept == made,
        "{path} is out of date: run this test with SAMENHANG_BLESS=1"
    );
}
