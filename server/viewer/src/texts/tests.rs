use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Language;

/// The names of the texts of a language, and what each fills in.
fn texts(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line
            .split_once(" = ")
            .filter(|(key, _)| !key.starts_with(' ') && !key.contains('{'))
        {
            assert!(
                texts.insert(key.to_owned(), BTreeSet::new()).is_none(),
                "{key} comes twice"
            );
            last = key.to_owned();
        }
        for part in line.split('$').skip(1) {
            let name: String = part.chars().take_while(char::is_ascii_alphabetic).collect();
            texts.get_mut(&last).unwrap().insert(name);
        }
    }
    texts
}

/// Everything that templates and code ask for by name.
fn asked(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            asked(&path, into);
            continue;
        }
        if path.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        // Names stand in quotes, whatever asks for them.
        into.extend(text.split('"').skip(1).map(str::to_owned));
    }
}

#[test]
fn both_languages_have_every_text_that_is_asked_for_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dutch = texts(include_str!("../../locales/nl.ftl"));
    let english = texts(include_str!("../../locales/en.ftl"));
    assert_eq!(dutch, english, "the languages differ");
    let mut names = BTreeSet::new();
    for folder in ["src", "templates"] {
        asked(&root.join(folder), &mut names);
    }
    // Families of texts are asked for by a code behind a name.
    let families = [
        "kind-",
        "tier-",
        "outcome-",
        "timeline-",
        "own-status-",
        "plain-",
        "status-",
        "element-",
        "coded-",
    ];
    let is_of_family = |key: &str| families.iter().any(|family| key.starts_with(family));
    let unused: Vec<&String> = dutch
        .keys()
        .filter(|key| !is_of_family(key) && !names.contains(*key))
        .collect();
    assert!(unused.is_empty(), "never asked for: {unused:?}");
}

#[test]
fn nothing_is_shown_by_its_name() {
    let dutch = texts(include_str!("../../locales/nl.ftl"));
    for language in Language::ALL {
        let texts = language.texts();
        for (key, names) in &dutch {
            let values: Vec<(&str, &str)> = names
                .iter()
                .filter(|name| *name != "count")
                .map(|name| (name.as_str(), "filled"))
                .collect();
            let text = texts.count(key, 3, &values);
            assert!(text != *key && !text.contains("{$"), "{key}: {text}");
            assert_eq!(text.contains("filled"), !values.is_empty(), "{key}: {text}");
        }
    }
    assert_eq!(
        Language::English.texts().count("not-offered", 1, &[]),
        "once a holder does not offer a kind of data"
    );
    assert_eq!(Language::Dutch.texts().say("no-such-text"), "no-such-text");
}
