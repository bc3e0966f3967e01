use super::{Rule, Side, TABLE};

#[test]
fn the_table_is_what_it_was() {
    let lines: Vec<String> = TABLE
        .iter()
        .map(|route| {
            format!(
                "{:?} {} {} {:?}",
                route.side, route.method, route.path, route.rule
            )
        })
        .collect();
    insta::assert_snapshot!("routes", lines.join("\n"));
}

#[test]
fn only_named_routes_are_open_to_anyone() {
    let open: Vec<&str> = TABLE
        .iter()
        .filter(|route| route.side == Side::Public && route.rule == Rule::Anyone)
        .map(|route| route.path)
        .collect();
    assert_eq!(
        open,
        [
            "/",
            "/healthz",
            "/readyz",
            "/fhir/R4/metadata",
            "/fhir/R4/OperationDefinition/Patient-overview",
            "/fhir/R4/OperationDefinition/Patient-reconcile",
            "/fhir/R4/OperationDefinition/Patient-unlink",
            "/fhir/STU3/metadata",
            "/fhir/STU3/OperationDefinition/Patient-overview",
            "/viewer/launch",
            "/viewer/launch/callback",
            "/viewer/assets/{name}",
        ]
    );
}

#[test]
fn the_internal_side_tells_nothing_about_a_patient() {
    let internal: Vec<&str> = TABLE
        .iter()
        .filter(|route| route.side == Side::Internal)
        .map(|route| route.path)
        .collect();
    assert_eq!(
        internal,
        [
            "/healthz",
            "/readyz",
            "/metrics",
            "/quirks",
            "/operator",
            "/operator/quality/{source}",
            "/viewer/assets/{name}",
            "/mitz/notification"
        ]
    );
}
