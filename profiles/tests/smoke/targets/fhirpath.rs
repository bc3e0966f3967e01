//! Expressions: whatever the text, the engine ends, within its budget, the same each time.

use samenhang_profiles::document::Document;
use samenhang_profiles::fhirpath::{Environment, EvaluateError, Expression, Temporal, Value};
use samenhang_profiles::{FhirVersion, Limits};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p","active":true,"birthDate":"1974-12",
"name":[{"family":"Jansen","given":["Jan","Piet"],"period":{"start":"2001"}},{"family":"Bakker"}],
"telecom":[{"system":"phone","value":"1","rank":2}],"extension":[{"url":"http://example.org/e","valueDecimal":1.50}],
"contact":[{"name":{"family":"Y"}}],"unknown":{"x":[1,2.5,"t",null,true]}}"#;

/// Evaluates within a budget. The outcome as a text that tells two outcomes apart.
fn outcome(
    expression: &Expression,
    document: &Document<'_>,
    steps: u64,
) -> (Result<usize, EvaluateError>, String) {
    let env = Environment {
        now: Temporal::parse_date_time("2026-03-04T05:06:07.089+01:00"),
        steps,
        ..Environment::new().at(document.root())
    };
    match expression.evaluate(&[Value::Node(document.root())], &env) {
        Ok(items) => {
            let texts: Vec<_> = items
                .iter()
                .map(|item| format!("{item:?} {:?}", item.text()))
                .collect();
            (Ok(items.len()), texts.join(";"))
        }
        Err(error) => (Err(error.clone()), error.to_string()),
    }
}

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    judge(&text);
}

fn judge(text: &str) {
    let document = Document::from_json(PATIENT.as_bytes(), FhirVersion::R4, &Limits::default());
    let Ok(document) = &document else { return };
    let Ok(expression) = Expression::compile(text) else {
        return;
    };
    // The check against the types is as total as the evaluation.
    let _ = expression.check("Patient", FhirVersion::R4);
    let (first, shown) = outcome(&expression, document, 20_000);
    assert_eq!(outcome(&expression, document, 20_000).1, shown, "{text}");
    if let Ok(count) = first {
        assert!(count <= 20_001, "{text} gives {count} items");
        // A larger budget changes nothing, and one that is too small fails as such.
        assert_eq!(outcome(&expression, document, 40_000).1, shown, "{text}");
        let (less, shown_less) = outcome(&expression, document, 3);
        assert!(
            shown_less == shown || matches!(less, Err(EvaluateError::Budget { .. })),
            "{text}"
        );
    }
}
