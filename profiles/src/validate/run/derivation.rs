//! Profiles as resources: what one fixes must be what its base fixes, and what tells slices apart must exist.

use crate::definition::StructureDefinition;
use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::rule::profile as rules;

use super::value::{Shown, matches};
use super::{Answer, Run};

impl<'d> Run<'_, 'd> {
    /// Holds a profile, as a resource, to the fixed values of its base, when that is known, and the discriminators of
    /// its slicings to the elements of that base.
    pub(super) fn derivation(&mut self, node: Node<'d>) {
        if node.fhir_type() != "StructureDefinition" || node.text("derivation") != Some("constraint") {
            return;
        }
        let base = node
            .text("baseDefinition")
            .and_then(|url| self.validator.library.structure(url).ok());
        let Some(base) = base else { return };
        let elements = node
            .child("differential")
            .into_iter()
            .flat_map(|own| own.children_named("element"));
        for element in elements {
            self.discriminators(element, &base);
            let id = element.text("id").or_else(|| element.text("path"));
            let Some(asked) = id
                .and_then(|id| base.element(id))
                .and_then(|asked| asked.fixed.as_ref())
            else {
                continue;
            };
            let fixed = element.children().find(|child| child.element() == "fixed[x]");
            if let Some(fixed) = fixed.filter(|fixed| !matches(*fixed, &asked.value, true)) {
                let arguments = vec![Argument::name(Shown(&asked.value)), Argument::name(&base.url)];
                self.findings.add(&rules::DERIVED_FIXED, fixed, arguments);
            }
        }
    }

    /// Whether the discriminators of a slicing lead to elements that there are.
    fn discriminators(&mut self, element: Node<'d>, base: &StructureDefinition) {
        let (Some(path), Some(slicing)) = (element.text("path"), element.child("slicing")) else {
            return;
        };
        for discriminator in slicing.children_named("discriminator") {
            let Some(asked) = discriminator.text("path") else {
                continue;
            };
            if self.leads(base, path, asked) == Answer::No {
                let arguments = vec![Argument::name(asked), Argument::name(path)];
                self.findings
                    .add(&rules::DISCRIMINATOR_PATH, discriminator, arguments);
            }
        }
    }

    /// Whether a path of plain names leads from the element at `place` to another. Not known when a step is a
    /// function, or passes what has another number of types than one, or a type that is not known.
    fn leads(&self, base: &StructureDefinition, place: &str, path: &str) -> Answer {
        let mut owned;
        let mut definition = base;
        let mut place = place.to_owned();
        for step in path.split('.') {
            if step == "$this" {
                continue;
            }
            if !step.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Answer::Unknown;
            }
            let inner = format!("{place}.{step}");
            if let Some(found) = at(definition, &inner) {
                place = found;
                continue;
            }
            let elements = definition.snapshot.iter().flatten();
            let mut here = elements.filter(|element| element.path == place && element.slice_name.is_none());
            let Some([only]) = here.next().map(|element| element.types.as_slice()) else {
                return Answer::Unknown;
            };
            if !only.profiles.is_empty() || only.code == "Resource" || only.code == "DomainResource" {
                return Answer::Unknown;
            }
            let url = format!("http://hl7.org/fhir/StructureDefinition/{}", only.code);
            let Ok(of_type) = self.validator.library.structure(&url) else {
                return Answer::Unknown;
            };
            let Some(found) = at(&of_type, &format!("{}.{step}", only.code)) else {
                return Answer::No;
            };
            place = found;
            owned = of_type;
            definition = &owned;
        }
        Answer::Yes
    }
}

/// The path of an element as its definition writes it, which for a choice ends in `[x]`.
fn at(definition: &StructureDefinition, path: &str) -> Option<String> {
    let choice = format!("{path}[x]");
    let mut elements = definition.snapshot.iter().flatten();
    elements
        .find(|element| element.path == path || element.path == choice)
        .map(|element| element.path.clone())
}
