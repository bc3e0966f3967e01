//! Hostile expressions by their grammar; damaged texts are a fuzz target, see `tests/smoke`.

use proptest::prelude::*;

#[path = "../smoke/targets/fhirpath.rs"]
mod target;

/// Expressions by their grammar, so that most of them compile.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("name".to_owned()),
        Just("given".to_owned()),
        Just("$this".to_owned()),
        Just("{}".to_owned()),
        Just("%resource".to_owned()),
        "[0-9]{1,4}(\\.[0-9]{1,3})?",
        "'[a-z]{0,4}'",
        Just("@2020-02".to_owned()),
        Just("2 days".to_owned()),
        Just("true".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let operators = prop::sample::select(vec![
            "+", "-", "*", "/", "div", "mod", "&", "|", "=", "!=", "~", "<", ">=", "and", "or", "implies",
            "in",
        ]);
        let calls = prop::sample::select(vec![
            "where",
            "select",
            "repeat",
            "all",
            "exists",
            "union",
            "combine",
            "aggregate",
            "skip",
            "startsWith",
            "sort",
            "intersect",
            "subsetOf",
        ]);
        let plain = prop::sample::select(vec![
            "count()",
            "children()",
            "descendants()",
            "toString()",
            "distinct()",
            "not()",
            "empty()",
            "first()",
            "family",
            "toInteger()",
            "lowBoundary()",
            "abs()",
            "is(string)",
            "type()",
        ]);
        prop_oneof![
            (inner.clone(), operators, inner.clone())
                .prop_map(|(left, sign, right)| format!("({left} {sign} {right})")),
            (inner.clone(), calls, inner.clone())
                .prop_map(|(focus, call, by)| format!("{focus}.{call}({by})")),
            (inner, plain).prop_map(|(focus, call)| format!("{focus}.{call}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_expression_ends_within_its_budget(text in expressions()) {
        target::run(text.as_bytes());
    }
}
