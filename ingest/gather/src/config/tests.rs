use super::{EgressConfig, Generation, NationalConfig, NviInterface};

#[test]
fn a_short_configuration_has_every_default() {
    let config: NationalConfig = serde_json::from_str(
        r#"{"oauth":{"token_url":"https://oauth.example/token"},"prs":{"url":"https://prs.example"},
        "nvi":{"url":"https://nvi.example"},"directory":{"url":"https://lrza.example"},
        "mitz":{"url":"https://mitz.example"}}"#,
    )
    .unwrap();
    assert_eq!(config.generation, Generation::C);
    assert_eq!(config.nvi.interface, NviInterface::Rest);
    assert_eq!(
        config.prs.recipient_organisation(Generation::C),
        "oin:00000099000000001000"
    );
    assert_eq!(
        config.prs.recipient_scope(Generation::B),
        "nationale-verwijsindex"
    );
    assert_eq!(config.consent.ttl_s, 60);
    assert!(config.localisers.partners.is_empty());
}

#[test]
fn an_unknown_field_is_refused() {
    let error = serde_json::from_str::<EgressConfig>(r#"{"max_answer_byte":1}"#).unwrap_err();
    assert!(error.to_string().contains("unknown field"));
}

#[test]
fn the_schema_tells_of_every_field() {
    let schema = serde_json::to_string(&schemars::schema_for!(NationalConfig)).unwrap();
    for field in [
        "token_url",
        "replica_file",
        "organisation_types",
        "several_actions",
        "care_team_file",
    ] {
        assert!(schema.contains(field), "{field}");
    }
}
