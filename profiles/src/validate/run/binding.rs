//! Codes and the value sets that they come from.

use std::sync::Arc;

use samenhang_terminology::answer::{DisplayCheck, NotMember, Unknown};
use samenhang_terminology::{Coding, Membership};

use crate::definition::{Binding, BindingStrength};
use crate::document::Node;
use crate::validate::finding::Argument;
use crate::validate::program::Program;
use crate::validate::rule::{binding as rules, unchecked};

use super::Run;

impl<'d> Run<'_, 'd> {
    /// Holds the codes of a node to a value set.
    pub(super) fn binding(&mut self, node: Node<'d>, program: &Arc<Program>, binding: &Binding) {
        let weak = binding.strength < BindingStrength::Extensible && binding.max_value_set.is_none();
        if weak || !is_coded(node) {
            return;
        }
        if let Some(value_set) = binding.value_set.as_deref()
            && binding.strength >= BindingStrength::Extensible
        {
            self.bound(node, program, value_set, binding.strength);
        }
        if let Some(most) = binding.max_value_set.as_deref()
            && has_code(node)
        {
            match self.member(node, most) {
                Membership::Member => {}
                Membership::NotMember(why) => {
                    let arguments = not_member(node, most, why, program);
                    self.broken(&rules::MAXIMUM_VALUE_SET, node, program, arguments);
                }
                Membership::Unknown(why) => self.unknown(node, most, BindingStrength::Required, why),
            }
        }
    }

    fn bound(&mut self, node: Node<'d>, program: &Arc<Program>, value_set: &str, strength: BindingStrength) {
        let required = strength == BindingStrength::Required;
        if !has_code(node) {
            // A primitive without a value, a quantity without a code: what must be there is said by cardinality.
            if node.fhir_type() == "CodeableConcept" && !node.children_named("extension").any(|_| true) {
                let rule = if required {
                    &rules::NO_CODE
                } else {
                    &rules::NO_CODE_EXTENSIBLE
                };
                let arguments = vec![Argument::name(value_set), Argument::name(&program.url)];
                self.broken(rule, node, program, arguments);
            }
            return;
        }
        match self.member(node, value_set) {
            Membership::Member => {}
            Membership::NotMember(why) => {
                let rule = if required {
                    &rules::REQUIRED
                } else {
                    &rules::EXTENSIBLE
                };
                let arguments = not_member(node, value_set, why, program);
                self.broken(rule, node, program, arguments);
            }
            Membership::Unknown(why) => self.unknown(node, value_set, strength, why),
        }
    }

    fn unknown(&mut self, node: Node<'d>, value_set: &str, strength: BindingStrength, why: Unknown) {
        let strength = if strength == BindingStrength::Required {
            "required"
        } else {
            "extensible"
        };
        let arguments = vec![
            Argument::name(value_set),
            Argument::name(strength),
            Argument::name(why.key()),
        ];
        self.findings.add(&unchecked::BINDING, node, arguments);
    }

    /// Whether one of the codes of a node is in a value set.
    pub(super) fn member(&self, node: Node<'d>, value_set: &str) -> Membership {
        let terminology = self.terminology;
        codings(node)
            .map(|coding| {
                // Only a code by itself gets its system from the value set.
                if coding.system.is_none() && !node.is_primitive() {
                    return Membership::NotMember(NotMember::System);
                }
                terminology.member(value_set, coding)
            })
            .reduce(Membership::or)
            .unwrap_or(Membership::NotMember(NotMember::Code))
    }

    /// Holds the code of a unit to UCUM; what the unit is called is free, and so is what stands in an annotation, in
    /// which UCUM has no spaces and the reference validator lets them pass.
    pub(super) fn unit(&mut self, node: Node<'d>) {
        let Some(coding) = of_coding(node) else { return };
        let Some(system) = coding
            .system
            .filter(|system| *system == "http://unitsofmeasure.org")
        else {
            return;
        };
        if coding.code.contains('{') && coding.code.contains(' ') {
            return;
        }
        if let Membership::NotMember(why) = self.terminology.code(coding) {
            let arguments = vec![
                Argument::name(system),
                Argument::name(why.key()),
                Argument::value(coding.code),
            ];
            self.findings.add(&rules::UNKNOWN_CODE, node, arguments);
        }
    }

    /// Holds a Coding to its own system: whether that has the code, and whether the display is one of its names.
    pub(super) fn coding(&mut self, node: Node<'d>) {
        let Some(coding) = of_coding(node) else { return };
        let Some(system) = coding.system else {
            self.findings.add(&rules::NO_SYSTEM, node, Vec::new());
            return;
        };
        if !is_absolute(system) {
            self.findings
                .add(&rules::SYSTEM_NOT_ABSOLUTE, node, vec![Argument::value(system)]);
            return;
        }
        if system.starts_with("http://hl7.org/fhir/ValueSet/") {
            self.findings
                .add(&rules::SYSTEM_IS_VALUE_SET, node, vec![Argument::name(system)]);
            return;
        }
        let terminology = self.terminology;
        if let Membership::NotMember(why) = terminology.code(coding) {
            let arguments = vec![
                Argument::name(system),
                Argument::name(why.key()),
                Argument::value(coding.code),
            ];
            self.findings.add(&rules::UNKNOWN_CODE, node, arguments);
            return;
        }
        let Some(display) = coding.display else { return };
        let language = node.resource().text("language");
        if let DisplayCheck::Differs(right) = terminology.display(coding, language) {
            let arguments = vec![
                Argument::name(system),
                Argument::name(right),
                Argument::value(display),
            ];
            let severity = self.validator.settings.wrong_display;
            self.findings
                .add_as(severity, &rules::DISPLAY, node, arguments, None);
        }
    }
}

/// What to say of a code that is not in a value set.
fn not_member(node: Node<'_>, value_set: &str, why: NotMember, program: &Program) -> Vec<Argument> {
    let mut arguments = vec![
        Argument::name(value_set),
        Argument::name(why.key()),
        Argument::name(&program.url),
    ];
    if let Some(coding) = codings(node).next() {
        let system = coding.system.map(|system| format!("{system}#"));
        arguments.push(Argument::value(format!(
            "{}{}",
            system.unwrap_or_default(),
            coding.code
        )));
    }
    arguments
}

/// Whether a binding means something for the type of a node: a choice has one for all of its types.
fn is_coded(node: Node<'_>) -> bool {
    let by_name = matches!(
        node.fhir_type(),
        "code" | "Coding" | "CodeableConcept" | "string" | "uri" | "url" | "canonical" | "id"
    );
    by_name || node.is_a("Quantity")
}

fn has_code(node: Node<'_>) -> bool {
    codings(node).next().is_some()
}

/// The codes of a node: of a code, a coding, a concept with its codings, or a quantity.
fn codings<'d>(node: Node<'d>) -> impl Iterator<Item = Coding<'d>> {
    let own = match node.fhir_type() {
        "Coding" => of_coding(node),
        "CodeableConcept" => None,
        _ if node.is_a("Quantity") => of_coding(node),
        _ => node.primitive().map(Coding::bare),
    };
    let inner =
        (node.fhir_type() == "CodeableConcept").then(|| node.children_named("coding").filter_map(of_coding));
    own.into_iter().chain(inner.into_iter().flatten())
}

/// Of a Coding or Quantity with a code.
fn of_coding(node: Node<'_>) -> Option<Coding<'_>> {
    let mut coding = Coding {
        code: "",
        ..Coding::default()
    };
    let mut coded = false;
    for child in node.children() {
        match child.name() {
            "system" => coding.system = child.primitive(),
            "version" => coding.version = child.primitive(),
            "display" => coding.display = child.primitive(),
            "code" => {
                if let Some(code) = child.primitive() {
                    coding.code = code;
                    coded = true;
                }
            }
            _ => {}
        }
    }
    coded.then_some(coding)
}

/// Whether a uri has a scheme.
pub(in crate::validate) fn is_absolute(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return false;
    };
    let plain = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    plain && !rest.is_empty() && !rest.contains(' ')
}
