//! Hostile expressions by their grammar; damaged texts are a fuzz target, see `tests/smoke`.

use proptest::prelude::*;
use samenhang_profiles::FhirVersion;
use samenhang_profiles::fhirpath::{Environment, Expression, Value};

#[path = "../smoke/targets/fhirpath.rs"]
mod target;

/// The deepest expression of a form that compiles.
fn deepest(form: fn(usize) -> String) -> Expression {
    let compiles = |depth: &usize| Expression::compile(&form(*depth)).is_ok();
    let depth = (1..1_000).take_while(compiles).last().unwrap();
    assert!(depth < 200, "the depth of {} is bounded", form(1));
    Expression::compile(&form(depth)).unwrap()
}

#[test]
fn the_deepest_expressions_need_little_stack() {
    let forms: [fn(usize) -> String; 9] = [
        |depth| "where(".repeat(depth) + "true" + &")".repeat(depth),
        |depth| "select(".repeat(depth) + "$this" + &")".repeat(depth),
        |depth| "iif(true, ".repeat(depth) + "1" + &")".repeat(depth),
        |depth| "exists(".repeat(depth) + "true" + &")".repeat(depth),
        |depth| "(".repeat(depth) + "1" + &")".repeat(depth),
        |depth| "-".repeat(depth) + "1",
        |depth| "0".to_owned() + &" + 1".repeat(depth),
        |depth| "true".to_owned() + &" and true".repeat(depth),
        |depth| "$this[".repeat(depth) + "0" + &"]".repeat(depth),
    ];
    // Half of what a thread of the server has, and enough without optimisation too.
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let run = move || {
        for form in forms {
            let expression = deepest(form);
            let _ = expression.check("Patient", FhirVersion::R4);
            let _ = expression.evaluate(&[Value::Integer(0)], &Environment::new());
        }
    };
    small.spawn(run).unwrap().join().unwrap();
}

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
