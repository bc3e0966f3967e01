//! Expressions that pass a limit of FHIRPath, in the text or in the evaluation (conformance and reliability notes,
//! section 6.5).

use samenhang_profiles::document::Document;
use samenhang_profiles::fhirpath::{Environment, Expression, Value};
use samenhang_profiles::{FhirVersion, Limits};

/// What an expression is, its text, and what the error must say; empty when it is not refused.
pub(crate) fn all() -> Vec<(&'static str, String, &'static str)> {
    let steps = "1000000 steps in one evaluation";
    let text = "1048576 bytes in one text";
    let nested = |open: &str, times: usize| format!("{}1{}", open.repeat(times), ")".repeat(times));
    let products = |factors: usize| vec!["repeat($this | 1 | 2 | 3)"; factors].join(".");
    vec![
        ("a long text", "1 ".repeat(40_000), "65536 bytes in one expression"),
        ("brackets", nested("(", 10_000), "100 levels in one expression"),
        ("calls", nested("iif(true, ", 5_000), "100 levels in one expression"),
        ("signs", format!("{}1", "-".repeat(50_000)), "100 levels in one expression"),
        ("parts", format!("a{}", ".b".repeat(25_000)), "20000 parts in one expression"),
        (
            "a pattern that counts",
            "'a'.matches('((a{1000}){1000}){1000}')".to_owned(),
            "runs in linear time",
        ),
        (
            "a pattern that would double the work",
            format!("'{}'.matches('(a|aa)+$')", "a".repeat(30_000)),
            "",
        ),
        (
            "a text that doubles",
            format!("'ab'{}", ".replace('', 'ab')".repeat(40)),
            text,
        ),
        (
            "a product",
            format!("(1|2|3|4|5|6|7|8|9|10){}", ".select((1|2|3|4|5|6|7|8|9|10))".repeat(9)),
            steps,
        ),
        ("repetition", products(1) + &".select(descendants())".repeat(5), ""),
        (
            "a sum of texts",
            "descendants().combine(descendants()).combine(descendants()).aggregate($total & $this.toString() & $total, 'abc')".to_owned(),
            text,
        ),
        (
            "numbers to a power",
            format!("2{}", ".power(1000)".repeat(50)),
            "",
        ),
        (
            "endless repetition",
            "(1).repeat($this + 1).count()".to_owned(),
            steps,
        ),
    ]
}

/// The error of an expression over a Bundle of a hundred patients, if it is refused.
pub(crate) fn refusal(text: &str) -> Option<String> {
    let entry =
        r#"{"resource":{"resourceType":"Patient","name":[{"family":"a","given":["b","c"]}],"active":true}}"#;
    let body = format!(
        "{{\"resourceType\":\"Bundle\",\"entry\":[{}]}}",
        vec![entry; 100].join(",")
    );
    let document = Document::from_json(body.as_bytes(), FhirVersion::R4, &Limits::default()).ok()?;
    let expression = match Expression::compile(text) {
        Ok(expression) => expression,
        Err(error) => return Some(error.to_string()),
    };
    let environment = Environment::new().at(document.root());
    let answer = expression.evaluate(&[Value::Node(document.root())], &environment);
    answer.err().map(|error| error.to_string())
}
