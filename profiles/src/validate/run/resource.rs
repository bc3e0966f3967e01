//! A resource: the definition of its type, the profiles that it claims, and those that are asked for.

use std::sync::Arc;

use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::program::Program;
use crate::validate::rule::{profile, structure, unchecked};
use crate::version::FhirVersion;

use super::Run;

impl<'d> Run<'_, 'd> {
    /// Validates a resource: the document itself, an entry, a contained resource, a parameter.
    pub(super) fn resource(&mut self, node: Node<'d>, asked: &[&str]) {
        let type_name = node.fhir_type();
        let Some(base) = self.validator.type_program(type_name) else {
            let arguments = vec![Argument::name(crate::document::shown(node.name()))];
            self.findings.add(&structure::UNKNOWN_RESOURCE, node, arguments);
            return;
        };
        let mut programs: Vec<Arc<Program>> = Vec::new();
        let claims = node
            .child("meta")
            .into_iter()
            .flat_map(|meta| meta.children_named("profile"));
        for claim in claims {
            let Some(url) = claim.primitive() else { continue };
            self.claim(url, claim, node, &mut programs);
        }
        for url in asked {
            self.claim(url, node, node, &mut programs);
        }
        self.vital_signs(node, &mut programs);
        // A profile on the same type holds everything that the type asks.
        if !programs.iter().any(|program| program.type_name == base.type_name) {
            programs.insert(0, base);
        }
        for program in programs {
            self.apply(node, &program);
        }
    }

    /// Finds the program of a claimed profile, or says what is wrong with the claim.
    fn claim(&mut self, url: &str, at: Node<'d>, node: Node<'d>, programs: &mut Vec<Arc<Program>>) {
        let Some(program) = self.validator.program(url) else {
            let rule = if self.validator.settings.unknown_profile_is_error {
                &profile::UNKNOWN_PROFILE
            } else {
                &unchecked::PROFILE
            };
            self.findings.add(rule, at, vec![Argument::name(url)]);
            return;
        };
        if !node.is_a(&program.type_name) {
            let arguments = vec![
                Argument::name(node.fhir_type()),
                Argument::name(&program.type_name),
                Argument::name(&program.url),
            ];
            self.findings.add(&structure::RESOURCE_TYPE, at, arguments);
            return;
        }
        if !programs.iter().any(|known| Arc::ptr_eq(known, &program)) {
            programs.push(program);
        }
    }

    /// The profiles that FHIR R4 requires of an Observation by its LOINC code, claimed or not (R4, `vitalsigns`).
    fn vital_signs(&mut self, node: Node<'d>, programs: &mut Vec<Arc<Program>>) {
        if node.fhir_type() != "Observation" || self.document.version() != FhirVersion::R4 {
            return;
        }
        let codings = node
            .child("code")
            .into_iter()
            .flat_map(|code| code.children_named("coding"));
        for coding in codings.filter(|coding| coding.text("system") == Some("http://loinc.org")) {
            let code = coding.text("code");
            let required = VITAL_SIGNS.iter().find(|(known, _)| Some(*known) == code);
            let program = required.and_then(|(_, name)| {
                self.validator
                    .program(&format!("http://hl7.org/fhir/StructureDefinition/{name}"))
            });
            if let Some(program) = program
                && !programs.iter().any(|known| Arc::ptr_eq(known, &program))
            {
                programs.push(program);
            }
        }
    }
}

/// LOINC codes of vital signs, with the profile that each requires.
const VITAL_SIGNS: [(&str, &str); 10] = [
    ("85353-1", "vitalspanel"),
    ("9279-1", "resprate"),
    ("8867-4", "heartrate"),
    ("2708-6", "oxygensat"),
    ("8310-5", "bodytemp"),
    ("8302-2", "bodyheight"),
    ("9843-4", "headcircum"),
    ("29463-7", "bodyweight"),
    ("39156-5", "bmi"),
    ("85354-9", "bp"),
];
