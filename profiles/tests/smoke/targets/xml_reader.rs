//! XML: what is accepted becomes JSON that is accepted, and the same resource.

use samenhang_profiles::document::{Document, Rule};
use samenhang_profiles::xml::to_json;
use samenhang_profiles::{FhirVersion, Limits};

pub(crate) fn run(data: &[u8]) {
    let limits = Limits::default();
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        let Ok(json) = to_json(data, version, &limits) else {
            continue;
        };
        let Ok(document) = Document::from_json(&json, version, &limits) else {
            panic!("JSON of our own is not accepted");
        };
        let faults = document.irregularities().iter().map(|found| found.rule());
        let faults: Vec<Rule> = faults
            .filter(|rule| !matches!(rule, Rule::Empty | Rule::Null))
            .collect();
        assert_eq!(faults, [], "JSON of our own is regular");
    }
}
