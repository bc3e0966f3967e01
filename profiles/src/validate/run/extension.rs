//! Extensions: whether they are known, fit their definition, and may stand where they stand.
//!
//! Source: FHIR R4 2.4 (extensibility) and 2.4.1.2 (context).

use std::sync::Arc;

use crate::definition::{ContextKind, ExtensionContext};
use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::program::{Program, ROOT};
use crate::validate::rule::{profile as rules, unchecked};

use super::binding::is_absolute;
use super::place::{is_canonical, names};
use super::{Answer, Run};

/// HL7 publishes extensions apart from its versions too: one of them that is not known is not made up.
const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";

impl<'d> Run<'_, 'd> {
    /// Holds an extension to its definition.
    pub(super) fn extension(&mut self, node: Node<'d>) {
        let Some(url) = node.text("url") else {
            self.findings.add(&rules::EXTENSION_URL, node, Vec::new());
            return;
        };
        let within = node.parent().filter(|parent| parent.fhir_type() == "Extension");
        if !is_absolute(url) {
            // Within an extension, a relative url is for the definition of that extension to know.
            if within.is_none() {
                self.findings
                    .add(&rules::EXTENSION_URL_RELATIVE, node, vec![Argument::value(url)]);
            }
            if let Some(whole) = within.and_then(|within| within.text("url"))
                && is_absolute(whole)
                && let Some(program) = self.validator.program(whole)
                && !has_part(&program, url)
            {
                let arguments = vec![Argument::name(whole), Argument::value(url)];
                self.findings.add(&rules::EXTENSION_PART, node, arguments);
            }
            return;
        }
        if url.contains('|') {
            self.findings
                .add(&rules::EXTENSION_VERSION, node, vec![Argument::name(url)]);
            return;
        }
        let modifies = node.name() == "modifierExtension";
        let Some(program) = self
            .validator
            .program(url)
            .filter(|program| *program.type_name == *"Extension")
        else {
            let settings = &self.validator.settings;
            let rule = if settings.examples_are_allowed && is_example(url) {
                &unchecked::EXTENSION
            } else if modifies {
                &rules::MODIFIER_UNKNOWN
            } else if settings.unknown_extension_is_error && !url.starts_with(HL7) {
                &rules::EXTENSION_UNKNOWN
            } else {
                &unchecked::EXTENSION
            };
            self.findings.add(rule, node, vec![Argument::name(url)]);
            return;
        };
        if program.is_modifier && !modifies {
            self.findings
                .add(&rules::MODIFIER_MISPLACED, node, vec![Argument::name(url)]);
        }
        if modifies && !program.is_modifier {
            self.findings
                .add(&rules::NOT_A_MODIFIER, node, vec![Argument::name(url)]);
        }
        self.context(node, &program);
        self.apply(node, &program);
    }

    /// Whether an extension may stand where it stands.
    fn context(&mut self, node: Node<'d>, program: &Arc<Program>) {
        let Some(parent) = node.parent() else { return };
        if !program.context.is_empty() {
            let names = names(parent);
            let mut answer = Answer::of(is_open(&program.url, &names));
            for context in &program.context {
                if answer == Answer::Yes {
                    break;
                }
                match self.stands(parent, &names, context) {
                    Answer::No => {}
                    other => {
                        answer = other;
                        break;
                    }
                }
            }
            if answer == Answer::No {
                let allowed: Vec<&str> = program
                    .context
                    .iter()
                    .map(|context| context.expression.as_str())
                    .collect();
                let arguments = vec![
                    Argument::name(&program.url),
                    Argument::name(names.first().map_or("", String::as_str)),
                    Argument::name(allowed.join(", ")),
                ];
                self.broken(&rules::EXTENSION_CONTEXT, node, program, arguments);
            }
        }
        for invariant in &program.context_invariants {
            if self.holds(parent, invariant) == Answer::No {
                let expression = invariant.expression.as_deref().unwrap_or_default();
                let arguments = vec![Argument::name(&program.url), Argument::name(expression)];
                self.broken(&rules::EXTENSION_CONTEXT_INVARIANT, node, program, arguments);
            }
        }
    }

    /// Whether a place is in a resource that fits the profile by which a context names it (`profile#Patient.name`).
    fn within(&mut self, parent: Node<'d>, profile: &str) -> Answer {
        let resource = parent.resource();
        if profile.strip_prefix(HL7) == Some(resource.fhir_type()) {
            return Answer::Yes;
        }
        match self.validator.program(profile) {
            Some(program) if *program.type_name == *resource.fhir_type() => self.fits(resource, &program),
            // For another type it is not to be judged by the resource.
            Some(_) => Answer::Yes,
            None => Answer::No,
        }
    }

    fn stands(&mut self, parent: Node<'d>, names: &[String], context: &ExtensionContext) -> Answer {
        let expression = context.expression.as_str();
        match context.kind {
            ContextKind::Element => {
                let (profile, expression) = match expression.split_once('#') {
                    Some((profile, id)) => (Some(profile), id),
                    None => (None, expression),
                };
                let expression = unsliced(expression);
                let is_type = !expression.contains('.');
                let named = matches!(expression.as_str(), "*" | "Any" | "Element")
                    || names.contains(&expression)
                    || (is_type && parent.is_a(&expression))
                    || (INTERFACES.contains(&expression.as_str()) && is_canonical(parent.fhir_type()));
                match profile {
                    Some(profile) if named => self.within(parent, profile),
                    _ => Answer::of(named),
                }
            }
            ContextKind::Extension => {
                let url = expression.split_once('#').map_or(expression, |(url, _)| url);
                // In the extension itself, or in its value.
                let around = [Some(parent), parent.parent()].into_iter().flatten();
                let mut extensions = around.filter(|at| at.fhir_type() == "Extension");
                Answer::of(extensions.any(|extension| extension.text("url") == Some(url)))
            }
            ContextKind::FhirPath => self.selects(parent, expression),
        }
    }
}

/// Whether the definition of a complex extension has a part with this url.
fn has_part(program: &Program, url: &str) -> bool {
    let rule = |index: &usize| program.rule(*index);
    let parts = rule(&ROOT).children.iter().map(rule);
    let slices = parts
        .filter(|part| &*part.name == "extension")
        .filter_map(|part| part.slicing.as_deref())
        .flat_map(|slicing| &slicing.slices);
    slices
        .flat_map(|slice| &program.rule(slice.rule).children)
        .map(rule)
        .filter(|child| &*child.name == "url")
        .filter_map(|child| child.value.as_ref()?.fixed.as_ref())
        .any(|fixed| fixed.value.as_str() == Some(url))
}

/// Whether a place takes any extension, or an extension of HL7 stands in more places than its definition says (as the
/// reference validator has it: the definitions were mended later, FHIR-13328).
fn is_open(url: &str, names: &[String]) -> bool {
    let stands = |places: &[&str]| names.iter().any(|name| places.contains(&name.as_str()));
    if stands(&[
        "ElementDefinition.example.value",
        "ElementDefinition.pattern",
        "ElementDefinition.fixed",
    ]) {
        return true;
    }
    match url.strip_prefix(HL7) {
        Some("regex" | "structuredefinition-fhir-type") => stands(&["ElementDefinition.type"]),
        Some(
            "structuredefinition-normative-version"
            | "capabilitystatement-expectation"
            | "capabilitystatement-prohibited",
        ) => true,
        _ => false,
    }
}

/// What later versions call the types that have a canonical url.
const INTERFACES: [&str; 2] = ["CanonicalResource", "MetadataResource"];

/// Whether an address is one for examples (RFC 2606).
fn is_example(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', ':', '?', '#']).next().unwrap_or_default();
    ["example.org", "example.com", "example.net"].iter().any(|name| {
        host.strip_suffix(name)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

/// A context without slice names: `Patient.identifier:bsn.value` is `Patient.identifier.value`.
fn unsliced(expression: &str) -> String {
    let parts: Vec<&str> = expression
        .split('.')
        .map(|part| part.split(':').next().unwrap_or(part))
        .collect();
    parts.join(".")
}
