//! The official tests of FHIRPath for FHIR R4.

use std::collections::HashMap;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use samenhang_profiles::document::Document;
use samenhang_profiles::fhirpath::{Decimal, Environment, Expression, Temporal, Value};
use samenhang_profiles::{FhirVersion, Limits};

/// Tests that are not passed, each with its reason. A test that is here and passes fails the run as well.
const EXCEPTIONS: [(&str, &str); 0] = [];

/// Of a hundred tests, how many have to pass.
const LEAST_PERCENT: usize = 98;

/// One test as the file tells it.
#[derive(Debug, Default)]
struct Case {
    name: String,
    input: String,
    predicate: bool,
    unordered: bool,
    expression: String,
    invalid: String,
    outputs: Vec<(String, String)>,
}

fn attribute(start: &BytesStart<'_>, name: &str) -> String {
    let found = start.try_get_attribute(name).unwrap();
    found.map_or_else(String::new, |found| found.value.into_owned())
}

fn cases(text: &str) -> Vec<Case> {
    let mut reader = Reader::from_str(text);
    let mut cases: Vec<Case> = Vec::new();
    let mut inside = false;
    let mut written = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => match start.name().0 {
                "test" => {
                    inside = true;
                    cases.push(Case {
                        name: attribute(&start, "name"),
                        input: attribute(&start, "inputfile"),
                        predicate: attribute(&start, "predicate") == "true",
                        unordered: attribute(&start, "ordered") == "false",
                        ..Case::default()
                    });
                }
                "expression" if inside => {
                    cases.last_mut().unwrap().invalid = attribute(&start, "invalid");
                    written.clear();
                }
                "output" if inside => {
                    let kind = attribute(&start, "type");
                    cases.last_mut().unwrap().outputs.push((kind, String::new()));
                    written.clear();
                }
                _ => {}
            },
            Event::Empty(start) if inside && start.name().0 == "output" => {
                let kind = attribute(&start, "type");
                cases.last_mut().unwrap().outputs.push((kind, String::new()));
            }
            Event::Text(text) => written.push_str(&text),
            Event::GeneralRef(reference) => written.push_str(match &*reference {
                "lt" => "<",
                "gt" => ">",
                "amp" => "&",
                "quot" => "\"",
                "apos" => "'",
                other => panic!("unexpected reference {other}"),
            }),
            Event::End(end) => match end.name().0 {
                "test" => inside = false,
                "expression" if inside => cases.last_mut().unwrap().expression.clone_from(&written),
                "output" if inside => {
                    let output = cases.last_mut().unwrap().outputs.last_mut();
                    output.unwrap().1.clone_from(&written);
                }
                _ => {}
            },
            Event::Eof => return cases,
            _ => {}
        }
    }
}

fn documents<'b>(bodies: &'b [(String, Vec<u8>)]) -> HashMap<&'b str, Document<'b>> {
    let mut documents = HashMap::new();
    for (name, body) in bodies {
        let limits = Limits::default();
        let read = if name.ends_with(".json") {
            Document::from_json(body, FhirVersion::R4, &limits)
        } else {
            Document::from_xml(body, FhirVersion::R4, &limits)
        };
        documents.insert(name.as_str(), read.unwrap());
    }
    documents
}

/// How a value is written in the file.
fn written(value: &Value<'_>) -> String {
    match value.system() {
        Some(Value::Temporal(moment)) => {
            let sign = if moment.date().is_none() { "@T" } else { "@" };
            format!("{sign}{moment}")
        }
        _ => value.text().unwrap_or_default().into_owned(),
    }
}

fn agrees(value: &Value<'_>, (kind, text): &(String, String)) -> bool {
    if !kind.is_empty() && !value.type_name().name.eq_ignore_ascii_case(kind) {
        return false;
    }
    let own = written(value);
    // Zero has no sign here.
    own == *text || Decimal::parse(&own).is_some() && Decimal::parse(&own) == Decimal::parse(text)
}

/// Runs one test; the text is why it failed.
fn run(case: &Case, documents: &HashMap<&str, Document<'_>>) -> Result<(), String> {
    let compiled = Expression::compile(&case.expression);
    let compiled = match (&*case.invalid, compiled) {
        ("syntax", Err(_)) => return Ok(()),
        ("syntax", Ok(_)) => return Err("compiles".to_owned()),
        ("", Err(error)) => return Err(format!("does not compile: {error}")),
        (_, Err(_)) => return Ok(()),
        (_, Ok(compiled)) => compiled,
    };
    let root = documents.get(&*case.input).map(Document::root);
    let kind = root.map_or("", |root| root.fhir_type());
    match (&*case.invalid, compiled.check(kind, FhirVersion::R4)) {
        ("", Err(error)) => return Err(format!("does not check: {error}")),
        ("semantic", Ok(_)) => return Err("checks".to_owned()),
        (_, Err(_)) => return Ok(()),
        (_, Ok(_)) => {}
    }
    let focus: Vec<Value<'_>> = root.map(Value::Node).into_iter().collect();
    let mut env = Environment {
        now: Temporal::parse_date_time("2026-03-04T05:06:07.089+01:00"),
        ..Environment::new()
    };
    if let Some(root) = root {
        env = env.at(root);
    }
    let result = compiled.evaluate(&focus, &env);
    let items = match (&*case.invalid, result) {
        ("", Ok(items)) => items,
        ("", Err(error)) => return Err(format!("fails: {error}")),
        (_, Err(_)) => return Ok(()),
        (_, Ok(_)) => return Err("evaluates".to_owned()),
    };
    if case.predicate {
        let truth = Value::Boolean(!items.is_empty());
        let fits = case.outputs.first().is_some_and(|output| agrees(&truth, output));
        return if fits { Ok(()) } else { Err(format!("{items:?}")) };
    }
    let mut left = items.clone();
    let all = case.outputs.iter().all(|output| {
        let at = if case.unordered {
            left.iter().position(|value| agrees(value, output))
        } else {
            left.first()
                .is_some_and(|value| agrees(value, output))
                .then_some(0)
        };
        at.map(|at| left.remove(at)).is_some()
    });
    if all && left.is_empty() {
        return Ok(());
    }
    // The material is synthetic, so its values may be shown.
    let got: Vec<_> = items
        .iter()
        .map(|value| (value.type_name().name, written(value)))
        .collect();
    Err(format!("gives {got:?}"))
}

#[test]
fn official_tests() {
    let Some(folder) = super::shared("testdata/fhirpath-r4") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("tests-fhir-r4.xml")).unwrap();
    let cases = cases(&text);
    assert!(!cases.is_empty(), "no tests in the file");
    let mut names: Vec<&str> = cases
        .iter()
        .map(|case| &*case.input)
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    let read = |name: &&str| {
        (
            name.to_string(),
            std::fs::read(Path::new(&folder).join(name)).unwrap(),
        )
    };
    let bodies: Vec<_> = names
        .iter()
        .filter(|name| folder.join(name).exists())
        .map(read)
        .collect();
    let documents = documents(&bodies);
    let mut failed = Vec::new();
    let mut stale = Vec::new();
    for case in &cases {
        let excepted = EXCEPTIONS.iter().any(|(name, _)| *name == case.name);
        match run(case, &documents) {
            Ok(()) if excepted => stale.push(&case.name),
            Ok(()) => {}
            Err(why) => failed.push((case, why, excepted)),
        }
    }
    for (case, why, excepted) in &failed {
        let mark = if *excepted { "known" } else { "FAILED" };
        eprintln!(
            "{mark}: {} `{}` {why}; expected {:?} {}",
            case.name, case.expression, case.outputs, case.invalid
        );
    }
    let passed = cases.len() - failed.len();
    eprintln!("passed {passed} of {} official tests", cases.len());
    assert!(
        failed.iter().all(|(.., excepted)| *excepted),
        "a test failed that is no exception"
    );
    assert!(stale.is_empty(), "no longer exceptions: {stale:?}");
    assert!(passed * 100 >= cases.len() * LEAST_PERCENT);
}
