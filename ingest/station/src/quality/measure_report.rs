//! A report as a FHIR R4 `MeasureReport`: a group for each dimension, its parts as numerator and denominator, and a
//! stratum for each rule with its count; the quirks as a group of their own. <https://hl7.org/fhir/R4/measurereport.html>

use serde_json::{Value, json};

use super::quirks::QuirkCount;
use super::report::{Dimension, Line, QualityReport};

/// Which measure is reported.
const MEASURE: &str = "urn:samenhang:measure:source-quality|1";
/// Numerator and denominator.
const POPULATION: &str = "http://terminology.hl7.org/CodeSystem/measure-population";
/// Whether more is better.
const IMPROVEMENT: &str = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation";
/// Care providers (`NamingSystem` URA).
const URA: &str = "http://fhir.nl/fhir/NamingSystem/ura";

/// The report as JSON of FHIR R4.
#[must_use]
pub fn measure_report(report: &QualityReport) -> String {
    let mut groups: Vec<Value> = report.dimensions.iter().flat_map(groups_of).collect();
    if !report.quirks.is_empty() {
        let strata: Vec<Value> = report.quirks.iter().map(of_quirk).collect();
        groups.push(json!({
            "code": {"text": "quirks"},
            "stratifier": [{"code": [{"text": "rule"}], "stratum": strata}],
        }));
    }
    groups.push(with_score(json!({"code": {"text": "score"}}), report.score));
    let resource = json!({
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": MEASURE,
        "date": report.made.to_string(),
        "reporter": {"identifier": {"system": URA, "value": report.provider}, "display": report.source},
        "period": {"start": report.since.to_string(), "end": report.made.max(report.since).to_string()},
        "improvementNotation": {"coding": [{"system": IMPROVEMENT, "code": "increase"}]},
        "group": groups,
    });
    resource.to_string()
}

/// A group for each part; the first has the score of the dimension and its rules.
fn groups_of(dimension: &Dimension) -> Vec<Value> {
    let code = dimension.aspect.code();
    let mut groups: Vec<Value> = dimension
        .parts
        .iter()
        .map(|part| {
            let group = json!({
                "code": {"text": format!("{code}: {}", part.rule)},
                "population": [population("numerator", part.good), population("denominator", part.asked)],
            });
            with_score(group, part.percent())
        })
        .collect();
    let strata: Vec<Value> = dimension.lines.iter().map(stratum).collect();
    let mut whole = with_score(json!({"code": {"text": code}}), dimension.score);
    if !strata.is_empty() {
        whole["stratifier"] = json!([{"code": [{"text": "rule"}], "stratum": strata}]);
    }
    groups.insert(0, whole);
    groups
}

fn with_score(mut group: Value, score: Option<f64>) -> Value {
    if let Some(score) = score {
        group["measureScore"] = json!({
            "value": score, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"
        });
    }
    group
}

fn population(code: &str, count: u64) -> Value {
    // A count in FHIR R4 is an integer of 32 bits.
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    json!({"code": {"coding": [{"system": POPULATION, "code": code}]}, "count": count})
}

fn of_quirk(quirk: &QuirkCount) -> Value {
    let text = format!("{} | {} | {}", quirk.id, quirk.rule, quirk.name);
    json!({"value": {"text": text}, "population": [population("numerator", quirk.count)]})
}

fn stratum(line: &Line) -> Value {
    let parts = [&line.rule, &line.path, &line.code, &line.severity];
    let text: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    json!({"value": {"text": text.join(" | ")}, "population": [population("numerator", line.count)]})
}
