use super::parse;
use crate::fhirpath::error::CompileFault;
use proptest::prelude::*;

/// The tree of an expression with brackets around every operator.
fn shape(text: &str) -> String {
    use crate::fhirpath::syntax::{Expr, Start, StepKind};
    fn show(expr: &Expr) -> String {
        match expr {
            Expr::Empty => "{}".to_owned(),
            Expr::Literal(value) => value.text().unwrap_or_default().into_owned(),
            Expr::Variable(name) => format!("%{name}"),
            Expr::Negate(operand) => format!("-{}", show(operand)),
            Expr::Plus(operand) => format!("+{}", show(operand)),
            Expr::Binary(operator, operands) => {
                format!(
                    "({} {} {})",
                    show(&operands.0),
                    operator.sign(),
                    show(&operands.1)
                )
            }
            Expr::Type {
                test,
                operand,
                specifier,
            } => {
                let sign = if *test { "is" } else { "as" };
                format!("({} {sign} {})", show(operand), specifier.name)
            }
            Expr::Path(path) => {
                let mut text = match &path.start {
                    Start::This => "$this".to_owned(),
                    Start::Index => "$index".to_owned(),
                    Start::Total => "$total".to_owned(),
                    Start::Expr(expr) => show(expr),
                };
                for step in &path.steps {
                    text.push_str(&match &step.kind {
                        StepKind::First(name) | StepKind::Member(name) => format!(".{name}"),
                        StepKind::Index(index) => format!("[{}]", show(index)),
                        StepKind::Call(call) => {
                            let arguments: Vec<String> = call.arguments.iter().map(show).collect();
                            format!(".{}({})", call.function.name(), arguments.join(", "))
                        }
                    });
                }
                text
            }
        }
    }
    show(&parse(text).unwrap())
}

#[test]
fn operators_bind_as_the_grammar_says() {
    for (text, expected) in [
        ("1+2*3+4", "((1 + (2 * 3)) + 4)"),
        (
            "a or b and c implies d",
            "(($this.a or ($this.b and $this.c)) implies $this.d)",
        ),
        ("1 > 2 is Boolean", "(1 > (2 is Boolean))"),
        ("1 | 2 = 3", "((1 | 2) = 3)"),
        ("'#'+id in x", "((# + $this.id) in $this.x)"),
        ("-1.abs()", "-1.abs()"),
        ("a.b[0].where($this = 1)", "$this.a.b[0].where(($this = 1))"),
        (
            "contains.contains('x') and is",
            "($this.contains.contains(x) and $this.is)",
        ),
        ("(a).b", "$this.a.b"),
        ("x as FHIR.string", "($this.x as string)"),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_expression_is_refused_with_its_place() {
    for (text, at) in [
        ("", 0),
        ("1 +", 3),
        ("a..b", 2),
        ("a.1", 2),
        ("a b", 2),
        ("(a", 2),
        ("a[1", 3),
        ("f()", 0),
        ("a.count(1)", 2),
        ("a.where()", 2),
        ("'a' 'b'", 7),
        ("2147483648", 0),
        ("name.matches('(?=a)')", 5),
        ("a.$this", 2),
        ("{1}", 1),
        ("%", 1),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.at, at, "{text}: {error}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let limit = |text: &str| matches!(parse(text).unwrap_err().fault, CompileFault::Limit { .. });
    assert!(limit(&("(".repeat(5_000) + "1" + &")".repeat(5_000))));
    assert!(limit(&("-".repeat(5_000) + "1")));
    assert!(limit(&vec!["1"; 5_000].join("+")));
    assert!(limit(&("a.where(".repeat(5_000) + "1" + &")".repeat(5_000))));
    assert!(limit(&("a[".repeat(5_000) + "1" + &"]".repeat(5_000))));
    assert!(limit("a is ".repeat(5_000).trim_end_matches(" is ")));
    assert!(limit(&" ".repeat(100_000)));
    assert!(parse(&vec!["a"; 5_000].join(".")).is_ok(), "a long path is flat");
    assert!(parse(&vec!["a"; 90].join(" or ")).is_ok());
}

proptest! {
    #[test]
    fn no_text_panics(text in "[a-z0-9.()\\[\\]{}'`@%$+*/&|=<>!~ -]{0,80}") {
        let _ = parse(&text);
    }
}
