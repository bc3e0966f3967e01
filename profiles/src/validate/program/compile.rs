//! From a snapshot to a program.

use std::sync::Arc;

use regex::RegexBuilder;

use crate::definition::{
    Binding, BindingStrength, Canonical, Constraint, Controls, ElementDefinition, Library, Max, Severity,
    Slicing, SlicingRules, StructureDefinition, TypeRef,
};

use super::cursor::Cursor;
use super::discriminator;
use super::{
    ControlRule, ElementRule, Program, RuleIndex, SliceRule, SlicingRule, Target, TypeRule, ValueRule,
    canonical,
};

/// Bytes that a compiled pattern may take.
const MAX_REGEX: usize = 1 << 20;

/// Compiles a definition that has its snapshot. What cannot be compiled is named in [`Program::faults`].
pub(crate) fn compile(definition: &Arc<StructureDefinition>, library: &dyn Library) -> Program {
    let elements = definition.snapshot.as_deref().unwrap_or_default();
    let mut compiler = Compiler {
        definition,
        elements,
        library,
        rules: Vec::with_capacity(elements.len()),
        open: Vec::new(),
        faults: Vec::new(),
    };
    for (index, element) in elements.iter().enumerate() {
        compiler.element(index, element);
    }
    compiler.contents();
    compiler.matchers();
    let context_invariants = definition.context_invariants.iter().map(|expression| {
        Arc::new(Constraint {
            key: "context".to_owned(),
            severity: Severity::Error,
            expression: Some(expression.clone()),
            human: None,
            source: Some(definition.url.clone()),
            best_practice: false,
        })
    });
    Program {
        url: canonical(definition),
        type_name: definition.type_name.as_str().into(),
        kind: definition.kind,
        is_modifier: elements
            .first()
            .is_some_and(|root| root.is_modifier == Some(true)),
        context: definition.context.clone(),
        context_invariants: context_invariants.collect(),
        imposes: definition.imposes.clone(),
        rules: compiler.rules,
        faults: compiler.faults,
    }
}

struct Compiler<'a> {
    definition: &'a Arc<StructureDefinition>,
    elements: &'a [ElementDefinition],
    library: &'a dyn Library,
    /// One rule an element, at the same index.
    rules: Vec<ElementRule>,
    /// Index of the last element at each depth of the path.
    open: Vec<RuleIndex>,
    faults: Vec<String>,
}

impl Compiler<'_> {
    /// Adds the rule of an element and hangs it under its parent, or under what it slices.
    fn element(&mut self, index: usize, element: &ElementDefinition) {
        let depth = element.path.matches('.').count();
        let name = element.path.rsplit('.').next().unwrap_or_default();
        self.open.truncate(depth);
        let parent = depth
            .checked_sub(1)
            .and_then(|above| self.open.get(above))
            .copied();
        let rule = self.rule(element, name);
        self.rules.push(rule);
        // A gap in the depths would be a fault of the snapshot; its elements then hang nowhere.
        if self.open.len() == depth {
            self.open.push(index);
        }
        let Some(parent) = parent else { return };
        match self.sliced_by(parent, element, name) {
            Some((entry, slice)) => {
                let slicing = self.rules[entry]
                    .slicing
                    .get_or_insert_with(|| Box::new(implied()));
                slicing.slices.push(SliceRule {
                    name: slice,
                    rule: index,
                    matchers: Vec::new(),
                });
            }
            None => self.rules[parent].children.push(index),
        }
    }

    /// The rule that an element is a slice of, and the name of the slice.
    fn sliced_by(
        &self,
        parent: RuleIndex,
        element: &ElementDefinition,
        name: &str,
    ) -> Option<(RuleIndex, Box<str>)> {
        let siblings = &self.rules[parent].children;
        let entry = siblings.iter().copied().find(|&at| *self.rules[at].name == *name);
        if let Some(slice) = &element.slice_name
            && let Some(entry) = entry
        {
            return Some((self.resliced(entry, slice), slice.as_str().into()));
        }
        // STU3 writes a type slice of `value[x]` as `valueQuantity`.
        let choice = siblings
            .iter()
            .copied()
            .find(|&at| is_of_choice(name, &self.rules[at].name))?;
        let slice = element.slice_name.as_deref().unwrap_or(name);
        Some((choice, slice.into()))
    }

    /// The slice `a` for a slice of it, `a/b`, when it is sliced itself; otherwise the entry.
    fn resliced(&self, entry: RuleIndex, slice: &str) -> RuleIndex {
        let Some((outer, _)) = slice.rsplit_once('/') else {
            return entry;
        };
        let slicing = self.rules[entry].slicing.as_ref();
        let found = slicing.and_then(|slicing| slicing.slices.iter().find(|slice| *slice.name == *outer));
        match found {
            Some(found) if self.rules[found.rule].slicing.is_some() => found.rule,
            _ => entry,
        }
    }

    fn rule(&mut self, element: &ElementDefinition, name: &str) -> ElementRule {
        let value = ValueRule {
            fixed: element.fixed.clone(),
            pattern: element.pattern.clone(),
            min: element.min_value.clone(),
            max: element.max_value.clone(),
            max_length: element.max_length,
        };
        let limited = value.fixed.is_some()
            || value.pattern.is_some()
            || value.min.is_some()
            || value.max.is_some()
            || value.max_length.is_some();
        let is_root = !element.path.contains('.');
        ElementRule {
            id: element.id.as_str().into(),
            name: name.into(),
            min: element.min.unwrap_or(0) as usize,
            max: match element.max {
                Some(Max::Count(max)) => max as usize,
                Some(Max::Unbounded) | None => usize::MAX,
            },
            types: if is_root {
                Vec::new()
            } else {
                element.types.iter().map(|of| self.type_rule(of)).collect()
            },
            value: limited.then(|| Box::new(value)),
            controls: element
                .controls
                .as_deref()
                .map(|controls| self.controls(element, controls)),
            binding: element.binding.clone().map(corrected),
            constraints: element.constraints.clone(),
            children: Vec::new(),
            slicing: element.slicing.as_ref().map(|slicing| {
                Box::new(SlicingRule {
                    ordered: slicing.ordered,
                    rules: slicing.rules,
                    slices: Vec::new(),
                })
            }),
            content: None,
        }
    }

    /// What extensions ask, with the pattern compiled; one that is not understood is a fault.
    fn controls(&mut self, element: &ElementDefinition, controls: &Controls) -> Box<ControlRule> {
        let regex = controls.regex.as_deref().and_then(|pattern| {
            let whole = RegexBuilder::new(&format!("^(?:{pattern})$"))
                .size_limit(MAX_REGEX)
                .build();
            if whole.is_err() {
                self.faults
                    .push(format!("the pattern of {} is not understood", element.id));
            }
            whole.ok()
        });
        Box::new(ControlRule {
            controls: controls.clone(),
            regex,
        })
    }

    fn type_rule(&self, of: &TypeRef) -> TypeRule {
        let target = |canonical: &String| {
            let known = self.library.structure(canonical).ok();
            let by_name = core_type(canonical);
            Target {
                canonical: canonical.as_str().into(),
                type_name: known
                    .as_ref()
                    .map(|known| known.type_name.as_str())
                    .or(by_name)
                    .map(Into::into),
                is_profile: known
                    .as_ref()
                    .map_or(by_name.is_none(), |known| known.is_profile()),
            }
        };
        TypeRule {
            code: of.code.as_str().into(),
            profiles: of
                .profiles
                .iter()
                .map(|profile| profile.as_str().into())
                .collect(),
            targets: of.target_profiles.iter().map(target).collect(),
            aggregation: of.aggregation.clone(),
        }
    }

    /// Points content references at their rules.
    fn contents(&mut self) {
        for (index, element) in self.elements.iter().enumerate() {
            let Some(reference) = &element.content_reference else {
                continue;
            };
            let target = self.elements.iter().position(|other| other.id == *reference);
            if target.is_none() {
                self.faults
                    .push(format!("no element {reference} to take the content from"));
            }
            self.rules[index].content = target;
        }
    }

    /// Finds out how each slice is told from the others.
    fn matchers(&mut self) {
        for entry in 0..self.rules.len() {
            let Some(mut slicing) = self.rules[entry].slicing.take() else {
                continue;
            };
            let defined = self.elements[entry].slicing.as_ref();
            for slice in &mut slicing.slices {
                let cursor = Cursor::new(Arc::clone(self.definition), slice.rule);
                match discriminator::matchers(defined, &cursor, self.library) {
                    Ok(matchers) => slice.matchers = matchers,
                    Err(reason) => self.faults.push(format!(
                        "the slice {} of {}: {reason}",
                        slice.name, self.elements[entry].id
                    )),
                }
            }
            self.rules[entry].slicing = Some(slicing);
        }
    }
}

/// The units of vital signs are bound to as required by a mistake in R4; the reference validator reads it so too.
fn corrected(binding: Binding) -> Binding {
    let units = binding.value_set.as_deref() == Some("http://hl7.org/fhir/ValueSet/ucum-vitals-common|4.0.1");
    let strength = if units {
        BindingStrength::Extensible
    } else {
        binding.strength
    };
    Binding { strength, ..binding }
}

/// How slices without a slicing are read: a choice of types is open.
fn implied() -> SlicingRule {
    SlicingRule {
        ordered: false,
        rules: SlicingRules::Open,
        slices: Vec::new(),
    }
}

/// Whether `valueQuantity` is a type of `value[x]`.
fn is_of_choice(name: &str, choice: &str) -> bool {
    let rest = choice
        .strip_suffix("[x]")
        .and_then(|stem| name.strip_prefix(stem));
    rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// The type that a canonical of HL7's own is for, when it is one of a type.
fn core_type(canonical: &str) -> Option<&str> {
    let name = Canonical::of(canonical)
        .url
        .strip_prefix("http://hl7.org/fhir/StructureDefinition/")?;
    let is_type = name.starts_with(|first: char| first.is_ascii_uppercase()) && !name.contains('-');
    is_type.then_some(name)
}

/// Whether a slicing is by type alone.
pub(super) fn is_by_type(slicing: &Slicing) -> bool {
    matches!(&slicing.discriminators[..], [one] if one.kind == crate::definition::DiscriminatorKind::Type && one.path == "$this")
}
