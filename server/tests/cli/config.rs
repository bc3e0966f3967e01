//! `samenhang config`.

use serde_json::Value;

use crate::process::run;

#[test]
fn the_schema_is_json_with_a_description_of_every_key() {
    let done = run(&["config", "schema"]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    let schema: Value = serde_json::from_str(&done.out).unwrap();
    // Who generates something from the schema sees here what a change does to it.
    insta::assert_snapshot!("config_schema", serde_json::to_string_pretty(&schema).unwrap());
    let sections = schema["properties"].as_object().unwrap();
    for name in [
        "server",
        "organisation",
        "egress",
        "national",
        "authorisation",
        "access",
        "audit",
        "telemetry",
    ] {
        assert!(sections.contains_key(name), "{name}");
    }
}

#[test]
fn all_that_is_wrong_is_found_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samenhang.toml");
    std::fs::write(
        &file,
        "[server]\nlisten = 8080\nlisen = \"127.0.0.1:8080\"\n\n[telemetry]\nformat = \"xml\"\n\n[organisation]\nura = \"none\"\n",
    )
    .unwrap();
    let done = run(&["config", "check", file.to_str().unwrap()]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let said: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(said["valid"], false);
    let findings = said["findings"].as_array().unwrap();
    let reason = |key: &str| {
        let finding = findings.iter().find(|finding| finding["key"] == key);
        finding
            .and_then(|finding| finding["reason"].as_str())
            .unwrap_or_else(|| panic!("{key} in {findings:?}"))
    };
    assert!(reason("server.listen").contains("text"), "{findings:?}");
    assert!(reason("server.lisen").contains("listen"), "{findings:?}");
    assert!(reason("telemetry.format").contains("text"), "{findings:?}");
    assert_eq!(reason("national"), "it is missing");
    assert!(findings.len() >= 6, "{findings:?}");
    // The server does not start with it, and says the same.
    let done = run(&["serve", "--config", file.to_str().unwrap()]);
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
    assert!(
        done.err.contains("server.lisen") && done.err.contains("hint"),
        "{}",
        done.err
    );
}

#[test]
fn text_that_is_no_toml_is_said_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samenhang.toml");
    std::fs::write(&file, "[server\nlisten = 1\n").unwrap();
    let done = run(&["config", "check", file.to_str().unwrap()]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    assert!(done.out.contains("line 1"), "{}", done.out);
}

#[test]
fn every_file_that_is_named_and_not_there_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samenhang.toml");
    let example = include_str!("../../../deploy/samenhang.example.toml");
    // The files that the example leaves out are named too, and none of them is there.
    let named = ["assertion_key_file", "care_team_file", "policy_file"]
        .iter()
        .fold(example.to_owned(), |text, key| {
            assert!(text.contains(&format!("#{key}")), "{key} is in the example");
            text.replace(&format!("#{key}"), key)
        });
    std::fs::write(&file, named).unwrap();
    let done = run(&["config", "check", file.to_str().unwrap()]);
    assert_eq!(done.status, Some(1), "{}", done.err);
    let said: Value = serde_json::from_str(&done.out).unwrap();
    let missing: Vec<&str> = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["reason"] == "the file is not there")
        .filter_map(|finding| finding["key"].as_str())
        .collect();
    for key in [
        "egress.ca_file",
        "egress.client_certificate_file",
        "egress.client_key_file",
        "national.oauth.assertion_key_file",
        "national.localisers.care_team_file",
        "authorisation.nuts.key_file",
        "authorisation.nuts.credential_file",
        "authorisation.smart.key_file",
        "access.policy_file",
        "access.dezi.jwe_key_file",
        "audit.key_file",
    ] {
        assert!(missing.contains(&key), "{key} in {missing:?}");
    }
    // One that is there is not among them.
    std::fs::create_dir(folder.path().join("keys")).unwrap();
    std::fs::write(folder.path().join("keys/audit.key"), "x").unwrap();
    let done = run(&["config", "check", file.to_str().unwrap()]);
    assert!(!done.out.contains("\"audit.key_file\""), "{}", done.out);
}
