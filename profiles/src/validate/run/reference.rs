//! References: what they are to, and whether that is what the profile wants.
//!
//! Source: FHIR R4 2.3.0 (references), 2.3.0.9 (contained), 3.1.5.1 (resolving references in bundles).

use std::sync::Arc;

use crate::definition::Aggregation;
use crate::document::Node;
use crate::validate::base::reference::Resolution;
use crate::validate::finding::Argument;
use crate::validate::program::{Program, Target, TypeRule};
use crate::validate::rule::{profile as rules, unchecked};

use super::place;
use super::{Answer, Run};

/// The canonical of a type, before its name.
const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";

impl<'d> Run<'_, 'd> {
    /// Holds a reference to the targets of its types.
    pub(super) fn reference(&mut self, node: Node<'d>, program: &Arc<Program>, types: &[&TypeRule]) {
        if node.fhir_type() != "Reference" {
            return;
        }
        let types: Vec<&&TypeRule> = types.iter().filter(|of| *of.code == *"Reference").collect();
        let resolved = self.resolve(node);
        self.aggregation(node, program, &types, resolved);
        let literal = node.text("reference");
        let named = literal.and_then(|text| place::type_in(text, self.document.version()));
        let actual = resolved.map(Node::fhir_type).or(named);
        if let Some((stated, actual)) = node.text("type").zip(actual)
            && stated != actual
        {
            let arguments = vec![
                Argument::name(crate::document::shown(stated)),
                Argument::name(actual),
            ];
            self.findings.add(&rules::MISNAMED, node, arguments);
        }
        if let Some((resolved, named)) = resolved.zip(named)
            && resolved.fhir_type() != named
        {
            let arguments = vec![Argument::name(named), Argument::name(resolved.fhir_type())];
            self.findings.add(&rules::MISNAMED, node, arguments);
            return;
        }
        if types.is_empty() || types.iter().any(|of| of.targets.is_empty()) {
            return;
        }
        let targets: Vec<&Target> = types.iter().flat_map(|of| &of.targets).collect();
        self.stated_type(node, program, &targets);
        if resolved.is_some() && self.validator.settings.unknown_profile_is_error {
            for target in targets.iter().filter(|target| target.type_name.is_none()) {
                self.unknown_profile(node, &target.canonical);
            }
        }
        let by_text = named.or_else(|| node.text("type"));
        let by_text = by_text.filter(|_| self.validator.settings.types_of_outside_references);
        let found = resolved.map(Node::fhir_type).or(by_text);
        let Some(found) = found else {
            if literal.is_some_and(|text| !text.starts_with('#')) {
                self.unresolved(node, &targets);
            }
            return;
        };
        let fitting: Vec<&&Target> = targets
            .iter()
            .filter(|target| self.is_target(target, found, resolved))
            .collect();
        if fitting.is_empty() {
            let mut allowed: Vec<&str> = targets
                .iter()
                .map(|target| target.type_name.as_deref().unwrap_or(&target.canonical))
                .collect();
            allowed.dedup();
            let arguments = vec![
                Argument::name(crate::document::shown(found)),
                Argument::name(allowed.join(", ")),
                Argument::name(&program.url),
            ];
            self.broken(&rules::TARGET_TYPE, node, program, arguments);
            return;
        }
        if fitting.iter().any(|target| !target.is_profile) {
            return;
        }
        let fitting: Vec<&Target> = fitting.into_iter().copied().collect();
        match resolved {
            Some(resolved) => self.target(node, program, &fitting, resolved),
            None if literal.is_some() => self.unresolved(node, &fitting),
            None => {}
        }
    }

    /// Whether `Reference.type` is one of the types that the reference may be to.
    fn stated_type(&mut self, node: Node<'d>, program: &Arc<Program>, targets: &[&Target]) {
        let Some(stated) = node.text("type") else { return };
        let name = stated.strip_prefix(HL7).unwrap_or(stated);
        let fits = |target: &&Target| match target.type_name.as_deref() {
            None | Some("Resource" | "DomainResource") => true,
            Some(known) => known == name,
        };
        if !targets.iter().any(fits) {
            let allowed: Vec<&str> = targets
                .iter()
                .filter_map(|target| target.type_name.as_deref())
                .collect();
            let arguments = vec![
                Argument::name(crate::document::shown(stated)),
                Argument::name(allowed.join(", ")),
                Argument::name(&program.url),
            ];
            self.broken(&rules::TARGET_TYPE, node, program, arguments);
        }
    }

    /// Whether what a reference is to may be of a target's type. What is not known may be.
    fn is_target(&self, target: &Target, found: &str, resolved: Option<Node<'d>>) -> bool {
        match target.type_name.as_deref() {
            None | Some("Resource" | "DomainResource") => true,
            Some(name) => name == found || resolved.is_some_and(|resolved| resolved.is_a(name)),
        }
    }

    /// Holds the target of a reference to the profiles that it may have.
    fn target(&mut self, node: Node<'d>, program: &Arc<Program>, targets: &[&Target], resolved: Node<'d>) {
        let mut unknown = Vec::new();
        let mut undecided = Vec::new();
        for target in targets {
            let Some(candidate) = self.validator.program(&target.canonical) else {
                unknown.push(*target);
                continue;
            };
            match self.fits(resolved, &candidate) {
                Answer::Yes => return,
                Answer::No => {}
                Answer::Unknown => undecided.push(*target),
            }
        }
        if !undecided.is_empty() {
            self.findings
                .add(&unchecked::TARGET, node, vec![Argument::name(list(&undecided))]);
            return;
        }
        if !unknown.is_empty() {
            for target in unknown {
                self.unknown_profile(node, &target.canonical);
            }
            return;
        }
        let arguments = vec![Argument::name(list(targets))];
        self.broken(&rules::TARGET_PROFILE, node, program, arguments);
    }

    fn unresolved(&mut self, node: Node<'d>, targets: &[&Target]) {
        self.findings
            .add(&unchecked::REFERENCE, node, vec![Argument::name(list(targets))]);
    }

    /// Holds a reference to where its target must be.
    fn aggregation(
        &mut self,
        node: Node<'d>,
        program: &Arc<Program>,
        types: &[&&TypeRule],
        resolved: Option<Node<'d>>,
    ) {
        let Some(text) = node.text("reference") else {
            return;
        };
        if types.is_empty() || types.iter().any(|of| of.aggregation.is_empty()) {
            return;
        }
        let found = if text.starts_with('#') {
            Aggregation::Contained
        } else if resolved.is_some() {
            Aggregation::Bundled
        } else {
            Aggregation::Referenced
        };
        // What is bundled is referenced too.
        let fits = |allowed: &Aggregation| {
            *allowed == found || (*allowed == Aggregation::Referenced && found == Aggregation::Bundled)
        };
        if types.iter().flat_map(|of| &of.aggregation).any(fits) {
            return;
        }
        let mut allowed: Vec<&str> = types
            .iter()
            .flat_map(|of| &of.aggregation)
            .map(|of| word(*of))
            .collect();
        allowed.dedup();
        let arguments = vec![Argument::name(word(found)), Argument::name(allowed.join(", "))];
        self.broken(&rules::AGGREGATION, node, program, arguments);
    }

    /// The resource in this document that a Reference or uri is to.
    pub(super) fn resolve(&self, node: Node<'d>) -> Option<Node<'d>> {
        found(self.index.resolve(node))
    }

    /// The resource in this document that a reference is to which stands at a node.
    pub(super) fn resolve_text(&self, node: Node<'d>, text: &str) -> Option<Node<'d>> {
        found(self.index.resolve_text(node, text))
    }
}

fn found(resolution: Resolution<'_>) -> Option<Node<'_>> {
    match resolution {
        Resolution::Found(node) => Some(node),
        Resolution::NotInDocument | Resolution::Broken(_) => None,
    }
}

fn list(targets: &[&Target]) -> String {
    let canonicals: Vec<&str> = targets.iter().map(|target| &*target.canonical).collect();
    canonicals.join(", ")
}

fn word(aggregation: Aggregation) -> &'static str {
    match aggregation {
        Aggregation::Contained => "contained",
        Aggregation::Referenced => "referenced",
        Aggregation::Bundled => "bundled",
    }
}
