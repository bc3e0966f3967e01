//! Validation by the base rules, without definitions: it ends, and every finding has a place and words.

use std::sync::Arc;

use samenhang_profiles::definition::DefinitionSet;
use samenhang_profiles::document::Document;
use samenhang_profiles::validate::{Language, Request, Settings, Validator, Values};
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_terminology::Catalogue;

pub(crate) fn run(data: &[u8]) {
    let limits = Limits::default();
    for version in [FhirVersion::Stu3, FhirVersion::R4] {
        let library = Arc::new(DefinitionSet::new(version));
        let validator = Validator::new(library, Arc::new(Catalogue::default()), Settings::default());
        let documents = [
            Document::from_json(data, version, &limits),
            Document::from_xml(data, version, &limits),
        ];
        for document in documents.into_iter().flatten() {
            let outcome = validator.validate(&document, &Request::default());
            assert_eq!(
                outcome,
                validator.validate(&document, &Request::default()),
                "the same each time"
            );
            for finding in &outcome.findings {
                assert!(finding.line > 0 && !finding.expression.is_empty());
                for language in [Language::Dutch, Language::English] {
                    assert!(!finding.text(language, Values::Hidden).is_empty());
                }
            }
        }
    }
}
