//! The `OperationDefinition`s of `$reconcile` and `$unlink`, which are R4 only.

use serde_json::{Value, json};

use super::{DATE, Published};

fn parameter(name: &str, min: u8, max: &str, kind: &str, documentation: &str) -> Value {
    json!({ "name": name, "use": "in", "min": min, "max": max, "documentation": documentation, "type": kind })
}

/// The question, as `$overview` has it.
fn question() -> [Value; 3] {
    [
        parameter(
            "identifier",
            1,
            "1",
            "Identifier",
            "The patient: system http://fhir.nl/fhir/NamingSystem/bsn and nine digits.",
        ),
        parameter(
            "purpose",
            1,
            "1",
            "code",
            "Why it is asked (v3-ActReason): TREAT or COC.",
        ),
        parameter(
            "category",
            0,
            "*",
            "code",
            "Data category; all when absent. The other parameters of $overview are accepted too.",
        ),
    ]
}

fn definition(
    base: &str,
    name: &str,
    code: &str,
    description: &str,
    affects: bool,
    own: Vec<Value>,
) -> Published {
    let parameters: Vec<Value> = question().into_iter().chain(own).collect();
    Published::new(&json!({
        "resourceType": "OperationDefinition",
        "id": format!("Patient-{code}"),
        "url": format!("{base}/OperationDefinition/Patient-{code}"),
        "name": name,
        "status": "active",
        "experimental": true,
        "kind": "operation",
        "date": DATE,
        "publisher": "Samenhang",
        "description": description,
        "affectsState": affects,
        "code": code,
        "resource": ["Patient"],
        "system": false,
        "type": true,
        "instance": false,
        "parameter": parameters
    }))
}

/// That of `Patient/$reconcile`.
pub(crate) fn reconcile(base: &str) -> Published {
    let description = "Explains why records of one patient belong together, and what keeps others apart: members, evidence, \
        rule, compared slots with their outcome, and the version of the policy. Asked, permitted and recorded as $overview.";
    definition(
        base,
        "PatientReconcile",
        "reconcile",
        description,
        false,
        vec![
            parameter(
                "cluster",
                0,
                "1",
                "string",
                "The id of a cluster, as in the lineage of its members; else all.",
            ),
            parameter(
                "record",
                0,
                "1",
                "uri",
                "The address of a record (fullUrl); its cluster and what it was held apart from.",
            ),
            json!({ "name": "return", "use": "out", "min": 1, "max": "1", "type": "Parameters",
            "documentation": "policy; cluster (id, rule, tier, conflict, representative, member with slot); apart (reason, record, \
                other with slot); completeness." }),
        ],
    )
}

/// That of `Patient/$unlink`.
pub(crate) fn unlink(base: &str) -> Published {
    let description = "A person records that two records of one patient are not the same, or takes that back. It stays, and \
        every later answer about that patient from this server keeps them apart and says so. Recorded in the audit log.";
    definition(
        base,
        "PatientUnlink",
        "unlink",
        description,
        true,
        vec![
            parameter(
                "record",
                2,
                "2",
                "uri",
                "The addresses of the two records (fullUrl); both must be in what the asker may see.",
            ),
            parameter(
                "ground",
                0,
                "1",
                "code",
                "Why: two-facts, another-person, mistake or other. Required, but for taking back.",
            ),
            parameter(
                "withdraw",
                0,
                "1",
                "boolean",
                "true takes back what was recorded before.",
            ),
            json!({ "name": "return", "use": "out", "min": 1, "max": "1", "type": "Parameters",
            "documentation": "state (unlinked or withdrawn), record twice, change (changed or unchanged), at." }),
        ],
    )
}
