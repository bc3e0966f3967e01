//! The configuration, its page and its example name the same keys.

use std::collections::BTreeSet;
use std::fs;

use samenhang_server::config::Config;
use serde_json::Value;

use super::root;

/// The key whose own keys are the operator's: a table by URA.
const BY_URA: &str = "national.consent.organisation_types";

/// The keys of a JSON schema, with dots; a list of tables counts as a table.
fn schema_keys(schema: &Value, root: &Value, path: &str, keys: &mut BTreeSet<String>) {
    let target = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|target| target.strip_prefix('#'));
    if let Some(schema) = target.and_then(|pointer| root.pointer(pointer)) {
        return schema_keys(schema, root, path, keys);
    }
    for choice in schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        schema_keys(choice, root, path, keys);
    }
    if let Some(items) = schema.get("items") {
        schema_keys(items, root, path, keys);
    }
    for (name, of_key) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let key = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        schema_keys(of_key, root, &key, keys);
        keys.insert(key);
    }
}

/// The name between brackets: `[a.b]` and `[[a.b]]` are both `a.b`.
fn section(line: &str) -> Option<String> {
    let line = line.strip_prefix('[')?;
    let name = line.strip_prefix('[').unwrap_or(line).split(']').next()?;
    Some(name.to_owned())
}

/// The keys of the example, whether or not they are commented out.
fn example_keys(text: &str) -> BTreeSet<String> {
    let (mut keys, mut at) = (BTreeSet::new(), String::new());
    for line in text.lines() {
        let line = line.strip_prefix('#').unwrap_or(line);
        if let Some(name) = section(line) {
            at.clone_from(&name);
            keys.insert(name);
        } else if let Some((key, _)) = line.split_once(" = ")
            && !key.contains(' ')
        {
            keys.insert(format!("{at}.{key}"));
        }
    }
    keys
}

/// The keys of the tables of the page, each under the section that is named before it.
fn explained_keys(text: &str) -> BTreeSet<String> {
    let (mut keys, mut at) = (BTreeSet::new(), String::new());
    for line in text.lines() {
        let heading = line.strip_prefix("## ").unwrap_or(line).strip_prefix('`');
        if let Some(name) = heading.and_then(section) {
            at.clone_from(&name);
            keys.insert(name);
        } else if let Some(row) = line.strip_prefix("| `") {
            let names = row.split('|').next().unwrap_or_default();
            let names = names.split(", ").map(|name| name.trim().trim_matches('`'));
            keys.extend(names.map(|name| format!("{at}.{name}")));
        }
    }
    keys
}

#[test]
fn every_key_of_the_configuration_is_explained_and_in_the_example() {
    let schema = Config::schema();
    let mut known = BTreeSet::new();
    schema_keys(&schema, &schema, "", &mut known);
    assert!(
        known.contains("national.nvi.url") && known.contains("access.clients.keys_file"),
        "{known:?}"
    );
    let read = |name: &str| fs::read_to_string(root().join(name)).expect("the file can be read");
    for (name, named) in [
        (
            "docs/src/operator/configuration.md",
            explained_keys(&read("docs/src/operator/configuration.md")),
        ),
        (
            "deploy/samenhang.example.toml",
            example_keys(&read("deploy/samenhang.example.toml")),
        ),
    ] {
        // A list of tables may be shown by its members only, and a key may itself be a table of the operator's keys.
        let has = |key: &String| {
            named.contains(key) || named.iter().any(|other| other.starts_with(&format!("{key}.")))
        };
        let missing: Vec<_> = known.iter().filter(|key| !has(key)).collect();
        assert!(missing.is_empty(), "keys that {name} does not have: {missing:?}");
        let is_known = |key: &String| {
            known.contains(key) || key.rsplit_once('.').is_some_and(|(table, _)| table == BY_URA)
        };
        let invented: Vec<_> = named.iter().filter(|key| !is_known(key)).collect();
        assert!(
            invented.is_empty(),
            "keys of {name} that do not exist: {invented:?}"
        );
    }
}
