//! What the official tests leave open: services, variables, limits, empty and invalid values.

use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::fhirpath::{
    Conformance, Environment, EvaluateError, Expression, Resolve, Temporal, Value,
};
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_terminology::answer::{DisplayCheck, NotMember, Subsumption, Translation, Unknown};
use samenhang_terminology::{Coding, Membership, Terminology};

const BUNDLE: &str = r##"{"resourceType":"Bundle","type":"collection","entry":[
{"fullUrl":"http://example.org/Observation/1","resource":{"resourceType":"Observation","id":"1","status":"final",
 "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x<b/></div>"},
 "contained":[{"resourceType":"Practitioner","id":"p","name":[{"family":"Visser"}]}],
 "code":{"coding":[{"system":"http://loinc.org","code":"8480-6"},{"system":"http://example.org/own","code":"sys"}]},
 "subject":{"reference":"Patient/1"},"performer":[{"reference":"#p"},{"reference":"Practitioner/9"}],
 "effectiveDateTime":"2020-02","issued":"not a moment","valueQuantity":{"value":120.50,"unit":"mm[Hg]",
 "system":"http://unitsofmeasure.org","code":"mm[Hg]"},
 "modifierExtension":[{"url":"http://example.org/known","valueBoolean":true}]}},
{"fullUrl":"http://example.org/Patient/1","resource":{"resourceType":"Patient","id":"1","active":true,
 "_gender":{"extension":[{"url":"http://example.org/absent","valueCode":"unknown"}]},
 "name":[{"family":"Jansen","given":["Jan","Piet"]},{"family":"Bakker"}],"birthDate":"1974-12-25",
 "multipleBirthInteger":2}}]}"##;

/// Answers as a server with a little content would.
struct Services;

impl Resolve for Services {
    fn resolve<'n>(&self, reference: &str, from: Node<'n>) -> Option<Node<'n>> {
        let entries = from.document().root().children_named("entry");
        entries
            .filter(|entry| entry.text("fullUrl").is_some_and(|url| url.ends_with(reference)))
            .find_map(|entry| entry.child("resource"))
    }
}

impl Conformance for Services {
    fn conforms(&self, node: Node<'_>, profile: &str) -> Option<bool> {
        profile
            .strip_prefix("http://example.org/")
            .map(|name| node.is_a(name))
    }
}

impl Terminology for Services {
    fn member(&self, value_set: &str, coding: Coding<'_>) -> Membership {
        match (value_set, coding.code) {
            ("http://example.org/pressure", "8480-6") => Membership::Member,
            ("http://example.org/pressure" | "http://example.org/none", _) => {
                Membership::NotMember(NotMember::Code)
            }
            _ => Membership::Unknown(Unknown::ValueSetUnknown),
        }
    }

    fn code(&self, _coding: Coding<'_>) -> Membership {
        Membership::Unknown(Unknown::SystemContentAbsent)
    }

    fn subsumes(&self, system: &str, first: &str, second: &str) -> Subsumption {
        match (system, first, second) {
            ("http://example.org/own", first, second) if first == second => Subsumption::Equivalent,
            ("http://example.org/own", ..) => Subsumption::NotSubsumed,
            _ => Subsumption::Unknown(Unknown::SystemContentAbsent),
        }
    }

    fn display(&self, _coding: Coding<'_>, _language: Option<&str>) -> DisplayCheck {
        DisplayCheck::Unknown
    }

    fn translate(&self, _map: &str, _coding: Coding<'_>) -> Translation {
        Translation::Unknown
    }
}

/// The result of an expression at the Observation, as text.
fn at_observation(text: &str, steps: u64) -> Result<Vec<String>, EvaluateError> {
    let document = Document::from_json(BUNDLE.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap();
    let entry = document.root().child("entry").unwrap();
    let node = entry.child("resource").unwrap();
    let expression = Expression::compile(text).unwrap();
    let variables = [
        ("two", Value::Integer(2)),
        ("many", Value::Integer(1)),
        ("many", Value::Integer(2)),
    ];
    let env = Environment {
        variables: &variables,
        resolver: &Services,
        terminology: &Services,
        profiles: &Services,
        steps,
        ..Environment::new().at(node)
    };
    let items = expression.evaluate(&[Value::Node(node)], &env)?;
    Ok(items
        .iter()
        .map(|item| {
            item.text()
                .map_or_else(|| item.type_name().name.to_owned(), |text| text.into_owned())
        })
        .collect())
}

#[test]
fn services_and_variables() {
    let cases: [(&str, &[&str]); 41] = [
        ("status.value", &["final"]),
        ("status.value is System.String", &["true"]),
        ("subject.resolve().name.family", &["Jansen", "Bakker"]),
        ("performer.resolve().name.family", &["Visser"]),
        ("'#p'.resolve().id", &["p"]),
        ("contained.name.family.select(%rootResource.id)", &["1"]),
        ("code.memberOf('http://example.org/pressure')", &["true"]),
        (
            "code.coding[1].memberOf('http://example.org/pressure')",
            &["false"],
        ),
        ("status.memberOf('http://example.org/none')", &["false"]),
        ("code.subsumes(code.coding[1])", &["true"]),
        ("code.coding[1].subsumedBy(code.coding[1])", &["true"]),
        ("conformsTo('http://example.org/Observation')", &["true"]),
        ("text.`div`.htmlChecks()", &["true"]),
        ("text.`div`.htmlChecks2()", &["true"]),
        ("checkModifiers('http://example.org/known')", &["true"]),
        ("checkModifiers('http://example.org/other')", &["false"]),
        ("%two + 1", &["3"]),
        ("%many.count()", &["2"]),
        ("%context.id = %resource.id", &["true"]),
        ("defineVariable('a', id).code.coding.select(%a)", &["1", "1"]),
        (
            "code.defineVariable('c').coding.where(code = 'sys').select(%c.coding.count())",
            &["2"],
        ),
        ("defineVariable('a', id).code.coding.all(%a = '1')", &["true"]),
        (
            "code.defineVariable('a', 1).exists() and code.defineVariable('a', 2).exists()",
            &["true"],
        ),
        (
            "'a&#65;&#x42;&#;&#9999999999;&amp;'.unescape('html')",
            &["aAB&#;&#9999999999;&"],
        ),
        ("'a\\u0041\\n\\x'.unescape('json').length()", &["5"]),
        ("%`ext-thing`", &["http://hl7.org/fhir/StructureDefinition/thing"]),
        ("value.unit", &["mm[Hg]"]),
        ("value.value", &["120.50"]),
        ("value = 120.5 'mm[Hg]'", &["true"]),
        ("value > 100 'mm[Hg]'", &["true"]),
        ("value > 1 'kg'", &[]),
        ("effective is dateTime", &["true"]),
        ("effective >= @2020-02-10", &[]),
        ("effective < @2021", &["true"]),
        // What is no moment has no order, and keeps its text.
        ("issued < @2021-01-01T00:00:00Z", &[]),
        ("issued.toString()", &["not a moment"]),
        ("subject.resolve().gender.hasValue()", &["false"]),
        (
            "subject.resolve().gender.extension('http://example.org/absent').value",
            &["unknown"],
        ),
        ("subject.resolve().multipleBirth + 1", &["3"]),
        ("subject.resolve().birthDate.dayOf()", &["25"]),
        ("subject.resolve().name.where(given.empty()).family", &["Bakker"]),
    ];
    for (text, expected) in cases {
        let found = at_observation(text, 1_000_000);
        assert_eq!(
            found.as_deref(),
            Ok(&expected.iter().map(|&text| text.to_owned()).collect::<Vec<_>>()[..]),
            "{text}"
        );
    }
}

#[test]
fn what_has_no_result_says_why() {
    let cases = [
        ("code.memberOf('http://example.org/unheard')", "SAM-FHP-108"),
        ("code.coding[0].subsumes(code.coding[0])", "SAM-FHP-108"),
        ("conformsTo('http://elsewhere.example/x')", "SAM-FHP-108"),
        ("elementDefinition()", "SAM-FHP-108"),
        ("%unheard", "SAM-FHP-104"),
        ("defineVariable('two', 1)", "SAM-FHP-104"),
        ("defineVariable('resource', 1)", "SAM-FHP-104"),
        ("select(defineVariable('a', 1)).select(%a)", "SAM-FHP-104"),
        ("now()", "SAM-FHP-105"),
        ("code.coding.single()", "SAM-FHP-101"),
        ("code.coding and true", "SAM-FHP-101"),
        ("status < 1", "SAM-FHP-102"),
        ("code < 1", "SAM-FHP-102"),
        ("effective + 1 'cm'", "SAM-FHP-106"),
        ("@T10:00 + 1 day", "SAM-FHP-106"),
        ("id.matches('(?=' & id & ')')", "SAM-FHP-107"),
        ("repeat($this & 'x')", "SAM-FHP-102"),
        ("id.repeat($this & 'x')", "SAM-FHP-103"),
        (
            "('1' | '2' | '3').repeat($this & $this).select($this)",
            "SAM-FHP-103",
        ),
        (
            "(entry | code.coding.combine(code.coding)).combine(%resource.descendants()).aggregate($total.combine($total), 1)",
            "SAM-FHP-103",
        ),
        (
            "(1|2|3|4|5|6|7|8|9).aggregate(iif($total.empty(), 'x', $total & $total & $total & $total & $total & $total & $total & $total)) & 'x'",
            "SAM-FHP-103",
        ),
        (
            "'xxxxxxxxxx'.replace('', 'y'.replace('y', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy')).repeat($this.replace('y', 'yyyyyyyyyyyyyyyyyyyyyyyyyyy'))",
            "SAM-FHP-103",
        ),
    ];
    for (text, code) in cases {
        let found = at_observation(text, 100_000).map_err(|error| error.code());
        assert_eq!(found, Err(code), "{text}");
    }
}

#[test]
fn an_invariant_holds_as_the_reference_validator_reads_it() {
    let document = Document::from_json(BUNDLE.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap();
    let root = document.root();
    let env = Environment::new().at(root);
    for (text, expected) in [
        ("entry.exists()", true),
        ("total", false),
        ("total > 1", false),
        ("entry", true),
        ("true | false", true),
        ("type", true),
        ("entry.resource.as(Patient).active", true),
        ("entry.resource.ofType(Patient).active.not()", false),
    ] {
        let expression = Expression::invariant(text).unwrap();
        assert_eq!(
            expression.holds(&[Value::Node(root)], &env),
            Ok(expected),
            "{text}"
        );
    }
    let strict = Expression::compile("entry.resource.as(Patient).active").unwrap();
    assert!(
        strict.holds(&[Value::Node(root)], &env).is_err(),
        "as takes one item by the standard"
    );
}

#[test]
fn the_time_is_the_one_that_was_given() {
    let env = Environment {
        now: Temporal::parse_date_time("2026-03-04T05:06:07.089+01:00"),
        ..Environment::new()
    };
    for (text, expected) in [
        ("now()", "2026-03-04T05:06:07.089+01:00"),
        ("today()", "2026-03-04"),
        ("timeOfDay()", "05:06:07.089"),
        ("(today() - 1 month).monthOf()", "2"),
    ] {
        let expression = Expression::compile(text).unwrap();
        let items = expression.evaluate(&[], &env).unwrap();
        assert_eq!(items[0].text().as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn values_show_no_content_when_they_are_printed_for_debugging() {
    let document = Document::from_json(BUNDLE.as_bytes(), FhirVersion::R4, &Limits::default()).unwrap();
    let expression = Expression::compile("entry.resource.name.family | 'Jansen' & 'x'").unwrap();
    let items = expression
        .evaluate(&[Value::Node(document.root())], &Environment::new())
        .unwrap();
    let shown = format!("{items:?}");
    assert!(!shown.contains("Jansen") && shown.contains("String"), "{shown}");
}
