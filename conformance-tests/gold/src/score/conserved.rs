//! Whether everything that went in can be reached in what came out: every resource, and every value at its place.

use serde_json::Value;

use super::{Result, Tally};

/// Deepest that values are looked for.
const DEPTH: usize = 64;

/// Counts what came out of what went in, and that each member of a cluster says what it is to the one that stands for it.
pub(super) fn conserved(result: &Result<'_>, tally: &mut Tally) {
    for (index, item) in result.items.iter().enumerate() {
        let out = result
            .place
            .get(index)
            .copied()
            .flatten()
            .and_then(|place| result.reconciled.items().get(place));
        tally.resources.add(out.is_some(), false);
        let sent = leaves(item.received.resource.body());
        let kept = match out {
            Some(out) if out.resource.body() == item.received.resource.body() => sent.len(),
            Some(out) => {
                let kept = leaves(out.resource.body());
                sent.iter().filter(|leaf| kept.contains(leaf)).count()
            }
            None => 0,
        };
        tally.leaves.of += sent.len();
        tally.leaves.hit += kept;
    }
    for cluster in result.reconciled.clusters() {
        for &member in &cluster.members {
            let lineage = result.reconciled.items().get(member).map(|item| &item.lineage);
            let from = lineage.is_some_and(|lineage| !lineage.endpoint.is_empty());
            let related = member == cluster.representative
                || cluster.relations.iter().any(|(other, _)| *other == member);
            tally.told.add(from && related, false);
        }
    }
}

/// Every value of a resource with its place.
fn leaves(body: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        walk(&json, &mut String::new(), 0, &mut found);
    }
    found
}

fn walk(json: &Value, path: &mut String, depth: usize, found: &mut Vec<(String, String)>) {
    let length = path.len();
    match json {
        _ if depth > DEPTH => {}
        Value::Object(fields) => {
            for (name, value) in fields {
                path.push('.');
                path.push_str(name);
                walk(value, path, depth + 1, found);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                walk(value, path, depth + 1, found);
                path.truncate(length);
            }
        }
        leaf => found.push((path.clone(), leaf.to_string())),
    }
}
