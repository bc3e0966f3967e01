use std::path::Path;

use figment::providers::Env;
use schemars::JsonSchema;
use serde::Deserialize;

use super::load;
use super::server::{ServerConfig, StationReport};
use crate::telemetry::TelemetryConfig;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read as a whole")]
struct Two {
    #[serde(default)]
    server: ServerConfig,
    #[serde(default)]
    telemetry: TelemetryConfig,
    store: Store,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Store {
    key_file: String,
}

fn read(text: &str) -> Result<Two, Vec<String>> {
    let none = Env::prefixed("SAMENHANG_TEST_NOTHING__");
    load::read(text, none, Path::new("/etc/samenhang"))
        .map_err(|findings| findings.iter().map(ToString::to_string).collect())
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let wrong = read(
        "[server]\nlisten = 8080\nmax_question = 3\n[telemetry]\nformat = \"yaml\"\notlp_endpoint = 3\n[oops]\nx = 1\n",
    )
    .unwrap_err();
    insta::assert_snapshot!("findings", wrong.join("\n"));
}

#[test]
fn relative_files_are_relative_to_the_configuration() {
    let two = read("[store]\nkey_file = \"keys/audit\"").unwrap();
    assert_eq!(two.store.key_file, "/etc/samenhang/keys/audit");
    let two = read("[store]\nkey_file = \"/run/secrets/audit\"").unwrap();
    assert_eq!(two.store.key_file, "/run/secrets/audit");
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    let wrong = read("[server]\nlisten = \n").unwrap_err();
    assert!(wrong[0].starts_with("line 2 is not TOML"), "{wrong:?}");
}

#[test]
fn a_server_section_is_checked_for_sense() {
    let told = |source: &str| StationReport {
        source: source.to_owned(),
        report_file: "held.jsonl".into(),
        quality_file: None,
    };
    let server = ServerConfig {
        internal_listen: ServerConfig::default().listen,
        max_questions: 0,
        write_timeout_ms: 0,
        public_base: Some("samenhang".to_owned()),
        stations: vec![told(" "), told("ehr"), told("ehr")],
        ..ServerConfig::default()
    };
    let keys: Vec<String> = server.check().into_iter().map(|finding| finding.key).collect();
    assert_eq!(
        keys,
        [
            "server.internal_listen",
            "server.public_base",
            "server.max_questions",
            "server.stations",
            "server.stations",
            "server.write_timeout_ms"
        ]
    );
    assert!(ServerConfig::default().check().is_empty());
}
