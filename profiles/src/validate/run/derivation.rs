//! Profiles as resources: what one fixes must be what its base fixes.

use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::rule::profile as rules;

use super::Run;
use super::value::{Shown, matches};

impl<'d> Run<'_, 'd> {
    /// Holds a profile, as a resource, to the fixed values of its base, when that is known.
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
}
