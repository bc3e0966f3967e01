//! Structure definitions as resources: a profile says less than its base, about elements of its own type.
//!
//! Source: FHIR R4 5.1.0.13 (limitations of constraints) and 5.3.4, as strict as the reference validator: what it
//! finds while it makes the snapshot of a profile is found here without one.

use std::collections::HashMap;

use crate::definition::{BindingStrength, ElementDefinition, Max, StructureDefinition};
use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::rule::{Rule, profile as rules};

use super::Run;
use super::binding::is_absolute;

/// Base of the canonical URLs of HL7's own definitions.
const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";

impl<'d> Run<'_, 'd> {
    /// Holds a definition, as a resource, to what its kind of definition may say.
    pub(super) fn structure(&mut self, node: Node<'d>) {
        if node.fhir_type() != "StructureDefinition" {
            return;
        }
        let type_name = node.text("type").unwrap_or_default();
        if type_name != "Extension" {
            for name in ["context", "contextInvariant"] {
                if let Some(context) = node.child(name) {
                    self.wrong(&rules::DEFINITION_CONTEXT, context, &[type_name]);
                }
            }
        }
        self.own_type(node, type_name);
        let base = node
            .text("baseDefinition")
            .and_then(|url| self.validator.library.structure(url).ok());
        let Some(base) = base else { return };
        let constrains = node.text("derivation") == Some("constraint");
        if constrains {
            self.base(node, &base);
        }
        if type_name == "Extension" && base.url.strip_prefix(HL7) == Some("Extension") {
            self.extension_url(node);
        }
        let mut keys = HashMap::new();
        let elements = node
            .child("differential")
            .into_iter()
            .flat_map(|own| own.children_named("element"));
        for element in elements {
            self.place(element, &base, type_name);
            if constrains {
                self.narrower(element, &base);
            }
            self.keys(element, &base, node, &mut keys);
        }
    }

    fn wrong(&mut self, rule: &'static Rule, at: Node<'d>, arguments: &[&str]) {
        let arguments = arguments.iter().map(Argument::name).collect();
        self.findings.add(rule, at, arguments);
    }

    /// A definition is of a type of FHIR, which only HL7 adds to, or of a logical model.
    fn own_type(&mut self, node: Node<'d>, type_name: &str) {
        let logical = node.text("kind") == Some("logical");
        let fits = if is_absolute(type_name) {
            logical
        } else if self.validator.library.type_named(type_name).is_ok() {
            node.text("derivation") == Some("constraint")
                || node.text("url").and_then(|url| url.strip_prefix(HL7)) == Some(type_name)
        } else {
            false
        };
        if !fits && let Some(stated) = node.child("type") {
            self.wrong(&rules::DEFINITION_TYPE, stated, &[type_name]);
        }
    }

    /// A profile is of the kind and the type of its base.
    fn base(&mut self, node: Node<'d>, base: &StructureDefinition) {
        let type_name = node.text("type").unwrap_or_default();
        let kind = match base.kind {
            crate::definition::Kind::PrimitiveType => "primitive-type",
            crate::definition::Kind::ComplexType => "complex-type",
            crate::definition::Kind::Resource => "resource",
            crate::definition::Kind::Logical => "logical",
        };
        for (found, asked) in [
            (type_name, base.type_name.as_str()),
            (node.text("kind").unwrap_or_default(), kind),
        ] {
            if found != asked {
                self.wrong(&rules::DEFINITION_BASE, node, &[found, asked, &base.url]);
            }
        }
    }

    /// An extension fixes its url to that of its definition.
    fn extension_url(&mut self, node: Node<'d>) {
        let url = node.text("url").unwrap_or_default();
        let elements = node.child("differential").into_iter();
        let mut elements = elements.flat_map(|own| own.children_named("element"));
        let own = elements.find(|element| element.text("path") == Some("Extension.url"));
        let fixed = own.and_then(|element| {
            element
                .children()
                .find(|child| child.element() == "fixed[x]")
                .and_then(Node::primitive)
        });
        if fixed != Some(url) {
            self.wrong(&rules::DEFINITION_EXTENSION_URL, own.unwrap_or(node), &[url]);
        }
    }

    /// An element is one of the type, and sliced only where it repeats or has a choice of types.
    fn place(&mut self, element: Node<'d>, base: &StructureDefinition, type_name: &str) {
        let Some(path) = element.text("path") else { return };
        let name = type_name.rsplit('/').next().unwrap_or(type_name);
        let within = path
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if !within {
            self.wrong(&rules::DEFINITION_PATH, element, &[path, name]);
            return;
        }
        let Some(slicing) = element.child("slicing") else {
            return;
        };
        let of_type = self.validator.library.type_named(&base.type_name).ok();
        let single = of_type.is_some_and(|of_type| {
            let mut elements = of_type.snapshot.iter().flatten();
            let known = elements.find(|known| known.path == path);
            known.is_some_and(|known| known.max == Some(Max::Count(1)) && !path.contains("[x]"))
        });
        if single || !path.contains('.') {
            self.wrong(&rules::DEFINITION_SLICING, slicing, &[path]);
        }
    }

    /// What a profile says of an element leaves no more room than its base does.
    fn narrower(&mut self, element: Node<'d>, base: &StructureDefinition) {
        let id = element.text("id").or_else(|| element.text("path"));
        let Some(known) = id.and_then(|id| base.element(id)) else {
            return;
        };
        let number = |name: &str| element.text(name).and_then(|text| text.parse::<u32>().ok());
        let least = element.child("sliceName").is_none()
            && number("min").is_some_and(|min| known.min.is_some_and(|least| min < least));
        let most = match (element.text("max"), known.max) {
            (Some("*"), Some(Max::Count(_))) => true,
            (_, Some(Max::Count(most))) => number("max").is_some_and(|max| max > most),
            _ => false,
        };
        if least || most {
            self.wrong(&rules::DEFINITION_CARDINALITY, element, &[&known.id, &base.url]);
        }
        let strength = element
            .child("binding")
            .and_then(|binding| binding.text("strength"));
        let bound = known.binding.as_ref().map(|binding| binding.strength);
        if bound == Some(BindingStrength::Required) && strength.is_some_and(|strength| strength != "required")
        {
            self.wrong(&rules::DEFINITION_BINDING, element, &[&known.id, &base.url]);
        }
        let wider = element
            .children_named("type")
            .filter_map(|of| of.text("code"))
            .find(|code| !may_be(known, code));
        if let Some(code) = wider {
            self.wrong(
                &rules::DEFINITION_ELEMENT_TYPE,
                element,
                &[code, &known.id, &base.url],
            );
        }
    }

    /// The key of an invariant means one expression, in the profile and its base.
    fn keys(
        &mut self,
        element: Node<'d>,
        base: &StructureDefinition,
        node: Node<'d>,
        seen: &mut HashMap<&'d str, &'d str>,
    ) {
        for constraint in element.children_named("constraint") {
            let (Some(key), Some(expression)) = (constraint.text("key"), constraint.text("expression"))
            else {
                continue;
            };
            let mut inherited = base
                .snapshot
                .iter()
                .flatten()
                .flat_map(|known| &known.constraints);
            let differs =
                inherited.any(|known| known.key == key && known.expression.as_deref() != Some(expression));
            let url = node.text("url").unwrap_or_default();
            let foreign = constraint
                .text("source")
                .is_some_and(|source| source.split('|').next() != Some(url));
            if differs || foreign || *seen.entry(key).or_insert(expression) != expression {
                self.wrong(&rules::DEFINITION_INVARIANT_KEY, constraint, &[key]);
            }
        }
    }
}

/// Whether a type is one that the base of an element allows. Types of FHIRPath and those that others are based on
/// leave that open.
fn may_be(known: &ElementDefinition, code: &str) -> bool {
    const OPEN: [&str; 7] = [
        "*",
        "Element",
        "BackboneElement",
        "Resource",
        "DomainResource",
        "uri",
        "string",
    ];
    known.types.is_empty()
        || code.contains(':')
        || known
            .types
            .iter()
            .any(|of| of.code == code || OPEN.contains(&of.code.as_str()))
}
