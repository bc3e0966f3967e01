//! One element against one rule: its type, its value, its codes, its invariants, then what is below.

use std::sync::Arc;

use crate::definition::Kind;
use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::program::{ElementRule, Program, ROOT, RuleIndex, TypeRule};
use crate::validate::rule::{profile, structure, unchecked};

use super::{Answer, Run};

/// Rules that may be held to in a row, so that no document and no profile can exhaust the stack.
const MAX_NESTING: usize = 256;

impl<'d> Run<'_, 'd> {
    /// Holds a node to a rule of a program.
    pub(super) fn element(&mut self, node: Node<'d>, program: &Arc<Program>, index: RuleIndex) {
        if !self.step() {
            return;
        }
        if self.nesting >= MAX_NESTING {
            self.out_of("depth");
            return;
        }
        self.nesting += 1;
        self.hold(node, program, index);
        self.nesting -= 1;
    }

    fn hold(&mut self, node: Node<'d>, program: &Arc<Program>, index: RuleIndex) {
        let rule = program.rule(index);
        let types = self.types(node, program, rule);
        if let Some(limits) = &rule.value {
            self.value(node, program, limits);
        }
        if let Some(controls) = &rule.controls {
            self.controls(node, program, controls);
        }
        if let Some(binding) = &rule.binding {
            self.binding(node, program, binding);
        }
        self.invariants(node, program, rule);
        if node.is_resource() && index != ROOT {
            self.resource(node, &[]);
        }
        self.type_profiles(node, program, &types);
        if node.fhir_type() == "Reference" || !types.iter().all(|of| of.targets.is_empty()) {
            self.reference(node, program, &types);
        }
        let below = match rule.content {
            Some(content) if rule.children.is_empty() => content,
            _ => index,
        };
        if !program.rule(below).children.is_empty() {
            self.children(node, program, below);
        }
        if index == ROOT && program.kind == Kind::Resource {
            return;
        }
        self.type_definition(node, program, index, program.rule(below).children.is_empty());
    }

    /// The types of the rule that the node is of; says so when it is of none.
    fn types<'p>(
        &mut self,
        node: Node<'d>,
        program: &'p Arc<Program>,
        rule: &'p ElementRule,
    ) -> Vec<&'p TypeRule> {
        let found = node.fhir_type();
        let by_choice = node.element().ends_with("[x]");
        let fitting: Vec<&TypeRule> = if by_choice {
            rule.types.iter().filter(|of| *of.code == *found).collect()
        } else if node.is_resource() {
            rule.types.iter().filter(|of| node.is_a(&of.code)).collect()
        } else {
            return rule.types.iter().collect();
        };
        if fitting.is_empty() && !rule.types.is_empty() && !found.is_empty() {
            let mut allowed: Vec<&str> = rule.types.iter().map(|of| &*of.code).collect();
            allowed.dedup();
            let arguments = vec![
                Argument::name(found),
                Argument::name(allowed.join(", ")),
                Argument::name(&program.url),
            ];
            self.findings.add_as(
                structure::TYPE.severity,
                &structure::TYPE,
                node,
                arguments,
                Some(&program.url),
            );
        }
        fitting
    }

    /// Holds a node to one of the profiles that its type may have.
    fn type_profiles(&mut self, node: Node<'d>, program: &Arc<Program>, types: &[&TypeRule]) {
        if types.is_empty() || types.iter().any(|of| of.profiles.is_empty()) {
            return;
        }
        let mut candidates = Vec::new();
        let mut unknown = Vec::new();
        for url in types.iter().flat_map(|of| &of.profiles) {
            match self.validator.program(url) {
                Some(found) => candidates.push(found),
                None => unknown.push(url),
            }
        }
        if candidates.len() == 1 && unknown.is_empty() {
            let only = candidates.remove(0);
            self.apply(node, &only);
            return;
        }
        let mut undecided = false;
        for candidate in &candidates {
            match self.fits(node, candidate) {
                Answer::Yes => {
                    self.apply(node, candidate);
                    return;
                }
                Answer::No => {}
                Answer::Unknown => undecided = true,
            }
        }
        if !unknown.is_empty() || undecided {
            for url in unknown {
                self.findings
                    .add(&unchecked::PROFILE, node, vec![Argument::name(url)]);
            }
            return;
        }
        let urls: Vec<&str> = candidates.iter().map(|candidate| &*candidate.url).collect();
        let arguments = vec![Argument::name(urls.join(", "))];
        let rule = &profile::NO_PROFILE_MATCHES;
        self.findings
            .add_as(rule.severity, rule, node, arguments, Some(&program.url));
    }

    /// Says that a profile which another profile asks for is not known.
    pub(super) fn unknown_profile(&mut self, node: Node<'d>, url: &str) {
        let is_error = self.validator.settings.unknown_profile_is_error;
        let rule = if is_error {
            &profile::UNKNOWN_PROFILE
        } else {
            &unchecked::PROFILE
        };
        self.findings.add(rule, node, vec![Argument::name(url)]);
    }

    /// Holds a node to the definition of its type: its invariants, and its children where the rule has none of its
    /// own. Extensions are held to their own definition too.
    fn type_definition(&mut self, node: Node<'d>, program: &Arc<Program>, index: RuleIndex, unfold: bool) {
        let name = node.fhir_type();
        if name.is_empty() || name.contains('.') || node.is_resource() {
            return;
        }
        if node.is_primitive() || matches!(name, "Extension" | "Coding" | "Quantity") {
            // At the root of a program this was done where the program was chosen.
            if index != ROOT && self.is_first(node) {
                self.by_itself(node);
            }
            if node.is_primitive() {
                return;
            }
        }
        if *program.type_name == *name && index == ROOT {
            return;
        }
        let Some(definition) = self.validator.type_program(name) else {
            return;
        };
        if unfold {
            self.apply(node, &definition);
        } else {
            self.invariants(node, &definition, definition.rule(ROOT));
        }
    }

    /// What holds for an element whatever the profile: the form of a primitive, the definition of an extension, the
    /// system of a code.
    fn by_itself(&mut self, node: Node<'d>) {
        match node.fhir_type() {
            "Extension" => self.extension(node),
            "Coding" => self.coding(node),
            "Quantity" => self.unit(node),
            _ => {
                self.primitive(node);
                if let Some(element) = self.validator.type_program("Element") {
                    self.children(node, &element, ROOT);
                }
            }
        }
    }
}
