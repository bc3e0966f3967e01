//! `samenhang config`.

use serde_json::Value;

use crate::process::run;

#[test]
fn the_schema_is_json_with_a_description_of_every_key() {
    let done = run(&["config", "schema"]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    let schema: Value = serde_json::from_str(&done.out).unwrap();
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
