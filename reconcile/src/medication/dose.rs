//! A dose in a form that two blocks can be compared by: what is taken and how often, without words, without the route,
//! which is compared by itself, without the bounds that the period of use tells too, and without what only looks different.

use samenhang_profiles::json::Kind;
use samenhang_profiles::tape::Node;

/// Parts that tell the dose in words, or something else than the dose.
const ASIDE: [&str; 15] = [
    "additionalInstruction",
    "boundsDuration",
    "boundsPeriod",
    "boundsRange",
    "display",
    "extension",
    "id",
    "modifierExtension",
    "patientInstruction",
    "route",
    "sequence",
    "site",
    "text",
    "type",
    "userSelected",
];

/// The dose of a block; `None` when nothing but words tells it. Doses that follow each other keep their order.
pub(super) fn dose(doses: &[Node<'_>]) -> Option<String> {
    let mut doses: Vec<(u64, String)> = doses
        .iter()
        .map(|dose| {
            let sequence = dose.get("sequence").and_then(Node::as_number);
            let sequence = sequence.and_then(|text| text.parse().ok()).unwrap_or(0);
            (sequence, written(*dose))
        })
        .collect();
    doses.sort();
    let told: Vec<String> = doses.into_iter().map(|(_, dose)| dose).collect();
    told.iter()
        .any(|dose| {
            dose.contains("timing:") || dose.contains("doseAndRate:") || dose.contains("doseQuantity:")
        })
        .then(|| told.join(" then "))
}

fn written(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Array => {
            let mut parts: Vec<String> = node.items().map(written).collect();
            parts.sort_unstable();
            parts.dedup();
            format!("[{}]", parts.join(","))
        }
        Kind::Object => {
            let is_coded = node.get("code").is_some();
            let mut parts: Vec<String> = node
                .fields()
                .filter(|(name, _)| !ASIDE.contains(name) && !name.starts_with('_'))
                // The unit is the word for the code.
                .filter(|(name, _)| !(is_coded && *name == "unit"))
                // Once is what is meant when only a period stands there.
                .filter(|(name, value)| !(*name == "frequency" && value.as_number() == Some("1")))
                .filter(|(name, value)| !(*name == "asNeededBoolean" && value.as_bool() == Some(false)))
                .map(|(name, value)| (name, written(value)))
                .filter(|(_, value)| value != "{}" && value != "[]")
                .map(|(name, value)| format!("{name}:{value}"))
                .collect();
            parts.sort_unstable();
            format!("{{{}}}", parts.join(","))
        }
        Kind::Number => {
            let text = node.scalar().unwrap_or_default();
            if text.contains('.') && !text.contains(['e', 'E']) {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text.to_owned()
            }
        }
        Kind::String => {
            let text = node.scalar().unwrap_or_default();
            format!("{}\"{text}", text.len())
        }
        _ => node.scalar().unwrap_or("~").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use samenhang_profiles::tape::{Node, Taped};

    use super::dose;

    fn of(json: &str) -> Option<String> {
        let read = Taped::read(json.as_bytes()).unwrap_or_else(|e| panic!("{e}: {json}"));
        let doses: Vec<Node<'_>> = read.root().items().collect();
        dose(&doses)
    }

    const ONCE: &str = r#"[{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"stuk","system":"s","code":"1"}}]}]"#;

    #[test]
    fn what_only_looks_different_is_equal() {
        let other = r#"[{"sequence":1,"text":"1 x daags","timing":{"repeat":{"boundsDuration":{"value":3},"period":1.0,"periodUnit":"d"}},"asNeededBoolean":false,"doseAndRate":[{"doseQuantity":{"value":1.0,"unit":"tablet","system":"s","code":"1"}}]}]"#;
        assert_eq!(of(ONCE), of(other));
    }

    #[test]
    fn what_is_another_dose_differs() {
        for (from, to) in [
            (r#""value":1"#, r#""value":2"#),
            (r#""frequency":1"#, r#""frequency":2"#),
            (r#""periodUnit":"d""#, r#""periodUnit":"wk""#),
            (r#"[{"timing""#, r#"[{"asNeededBoolean":true,"timing""#),
        ] {
            assert_ne!(of(ONCE), of(&ONCE.replacen(from, to, 1)), "{to}");
        }
    }

    #[test]
    fn doses_after_each_other_keep_their_order() {
        let two = |a: &str, b: &str| {
            format!(
                r#"[{{"sequence":{a},"doseAndRate":[{{"doseQuantity":{{"value":1}}}}]}},{{"sequence":{b},"doseAndRate":[{{"doseQuantity":{{"value":2}}}}]}}]"#
            )
        };
        assert_ne!(of(&two("1", "2")), of(&two("2", "1")));
    }

    #[test]
    fn words_alone_are_no_dose() {
        assert_eq!(
            of(r#"[{"text":"volgens schema","route":{"coding":[{"code":"9"}]}}]"#),
            None
        );
        assert_eq!(of("[]"), None);
    }
}
