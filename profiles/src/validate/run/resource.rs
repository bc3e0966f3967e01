//! A resource: the definition of its type, the profiles that it claims, and those that are asked for.

use std::sync::Arc;

use crate::definition::LibraryError;
use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::program::Program;
use crate::validate::rule::{profile, structure, unchecked};
use crate::version::FhirVersion;

use super::{Run, vital_sign};

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
            match self.first_entry(node, url) {
                Some((entry, program)) => self.apply(entry, &program),
                None => self.claim(url, node, node, &mut programs),
            }
        }
        self.imposed(node, &mut programs);
        self.vital_sign(node, &mut programs);
        // A profile on the same type holds everything that the type asks.
        if !programs.iter().any(|program| program.type_name == base.type_name) {
            programs.insert(0, base);
        }
        for program in programs {
            self.apply(node, &program);
        }
        self.derivation(node);
        self.structure(node);
    }

    /// The first resource of a Bundle with a profile that is for it, when that is asked of the Bundle.
    fn first_entry(&self, bundle: Node<'d>, url: &str) -> Option<(Node<'d>, Arc<Program>)> {
        if bundle.fhir_type() != "Bundle" {
            return None;
        }
        let program = self.validator.program(url)?;
        let first = bundle.child("entry")?.child("resource")?;
        (!bundle.is_a(&program.type_name) && first.is_a(&program.type_name)).then_some((first, program))
    }

    /// Adds the profiles that the profiles impose on whatever fits them, those imposed by these in turn.
    fn imposed(&mut self, node: Node<'d>, programs: &mut Vec<Arc<Program>>) {
        let mut at = 0;
        while let Some(program) = programs.get(at).cloned() {
            for url in &program.imposes {
                self.claim(url, node, node, programs);
            }
            at += 1;
        }
    }

    /// Finds the program of a claimed profile, or says what is wrong with the claim.
    fn claim(&mut self, url: &str, at: Node<'d>, node: Node<'d>, programs: &mut Vec<Arc<Program>>) {
        let Some(program) = self.validator.program(url) else {
            self.unusable(url, at);
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

    /// A claimed profile that is not known, or that lacks what it stands on.
    fn unusable(&mut self, url: &str, at: Node<'d>) {
        let is_error = self.validator.settings.unknown_profile_is_error;
        let rule = match self.validator.library.structure(url) {
            Err(LibraryError::NoSnapshot { .. }) if is_error => &profile::UNUSABLE,
            Err(LibraryError::NoSnapshot { .. }) => &unchecked::UNUSABLE,
            _ => &unchecked::PROFILE,
        };
        self.findings.add(rule, at, vec![Argument::name(url)]);
    }

    /// The profile that FHIR R4 requires of an Observation by its code, claimed or not.
    fn vital_sign(&mut self, node: Node<'d>, programs: &mut Vec<Arc<Program>>) {
        if node.fhir_type() != "Observation" || self.document.version() != FhirVersion::R4 {
            return;
        }
        let program = vital_sign::profile(node).and_then(|name| {
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
