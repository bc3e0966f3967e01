//! Decodes a pack. Nothing in it is trusted: a damaged file is an error, never a panic.

use std::sync::Arc;

use super::encode::{path_of, slice_of};
use super::wire::Input;
use super::{Item, Pack, PackError};
use crate::definition::{
    Aggregation, Binding, BindingStrength, Concept, Constraint, ContextKind, Derivation, Discriminator,
    DiscriminatorKind, ElementDefinition, ExtensionContext, Kind, Max, Severity, Slicing, SlicingRules,
    StructureDefinition, TypeRef, TypedValue,
};
use crate::tree::Tree;
use crate::version::FhirVersion;

/// Deeper than this no value is read: reading it is recursive.
const MAX_DEPTH: usize = 256;

pub(super) fn open(version: FhirVersion, body: Vec<u8>) -> Result<Pack, PackError> {
    let mut input = Input::new(&body, &[], &[]);
    let strings = input.list(|input| {
        let count = input.count()?;
        let text = std::str::from_utf8(input.bytes(count)?).map_err(|_| PackError)?;
        Ok(Arc::from(text))
    })?;
    let mut input = Input::new(input.rest(), &strings, &[]);
    let constraints = input.list(|input| constraint(input).map(Arc::new))?;
    let mut index = input.list(|input| {
        Ok(Item {
            url: input.shared()?,
            version: match input.number()? {
                0 => None,
                _ => Some(input.shared()?),
            },
            start: 0,
            end: input.number()? as usize,
        })
    })?;
    let mut at = body.len() - input.rest().len();
    for item in &mut index {
        item.start = at;
        at = at
            .checked_add(item.end)
            .filter(|end| *end <= body.len())
            .ok_or(PackError)?;
        item.end = at;
    }
    Ok(Pack {
        version,
        strings,
        constraints,
        index,
        body,
    })
}

fn optional(input: &mut Input<'_>) -> Result<Option<String>, PackError> {
    match input.number()? {
        0 => Ok(None),
        _ => input.text().map(Some),
    }
}

/// One of a few values by its number.
fn one_of<T: Copy>(of: &[T], number: u32) -> Result<T, PackError> {
    of.get(number as usize).copied().ok_or(PackError)
}

fn constraint(input: &mut Input<'_>) -> Result<Constraint, PackError> {
    let key = input.text()?;
    let flags = input.number()?;
    Ok(Constraint {
        key,
        severity: one_of(&[Severity::Error, Severity::Warning], flags & 1)?,
        best_practice: flags & 2 != 0,
        expression: optional(input)?,
        human: None,
        source: optional(input)?,
    })
}

pub(super) fn definition(
    item: &Item,
    version: FhirVersion,
    input: &mut Input<'_>,
) -> Result<StructureDefinition, PackError> {
    let name = input.text()?;
    let kind = input.number()?;
    Ok(StructureDefinition {
        url: item.url.to_string(),
        version: item.version.as_deref().map(str::to_owned),
        name,
        fhir_version: version,
        kind: one_of(
            &[
                Kind::PrimitiveType,
                Kind::ComplexType,
                Kind::Resource,
                Kind::Logical,
            ],
            kind & 3,
        )?,
        is_abstract: kind & 4 != 0,
        type_name: input.text()?,
        base: optional(input)?,
        derivation: match input.number()? {
            0 => None,
            number => Some(one_of(
                &[Derivation::Specialization, Derivation::Constraint],
                number - 1,
            )?),
        },
        context: input.list(|input| {
            Ok(ExtensionContext {
                kind: one_of(
                    &[
                        ContextKind::Element,
                        ContextKind::Extension,
                        ContextKind::FhirPath,
                    ],
                    input.number()?,
                )?,
                expression: input.text()?,
            })
        })?,
        context_invariants: input.texts()?,
        imposes: Vec::new(),
        snapshot: match input.number()? {
            0 => None,
            _ => Some(elements(input)?),
        },
        differential: elements(input)?,
    })
}

fn elements(input: &mut Input<'_>) -> Result<Vec<ElementDefinition>, PackError> {
    let mut steps: Vec<Arc<str>> = Vec::new();
    input.list(|input| {
        steps.truncate(input.number()? as usize);
        steps.extend(input.list(Input::shared)?);
        element(input, steps.join("."))
    })
}

fn element(input: &mut Input<'_>, id: String) -> Result<ElementDefinition, PackError> {
    let mask = input.number()?;
    let has = |bit: u32| mask & 1 << bit != 0;
    let mut element = ElementDefinition {
        path: if has(0) { input.text()? } else { path_of(&id) },
        slice_name: if has(1) {
            optional(input)?
        } else {
            slice_of(&id).map(str::to_owned)
        },
        id,
        ..ElementDefinition::default()
    };
    if has(2) {
        element.slicing = Some(slicing(input)?);
    }
    if has(3) {
        element.min = Some(input.number()?);
    }
    if has(4) {
        element.max = Some(match input.number()? {
            0 => Max::Unbounded,
            count => Max::Count(count - 1),
        });
    }
    if has(5) {
        element.types = input.list(type_ref)?;
    }
    if has(6) {
        element.content_reference = Some(input.text()?);
    }
    for (bit, slot) in [
        (7, &mut element.fixed),
        (8, &mut element.pattern),
        (9, &mut element.min_value),
        (10, &mut element.max_value),
    ] {
        if has(bit) {
            *slot = Some(TypedValue {
                type_name: input.text()?,
                value: tree(input, 0)?,
            });
        }
    }
    if has(11) {
        element.max_length = Some(input.number()?);
    }
    if has(12) {
        element.binding = Some(binding(input)?);
    }
    if has(13) {
        element.constraints = input.list(|input| {
            let at = input.number()? as usize;
            input.constraints.get(at).cloned().ok_or(PackError)
        })?;
    }
    if has(14) {
        element.conditions = input.texts()?;
    }
    if has(15) {
        element.is_modifier = Some(input.number()? != 0);
    }
    if has(16) {
        element.must_support = Some(input.number()? != 0);
    }
    if has(17) {
        element.concepts = input.list(|input| {
            Ok(Concept {
                id: input.text()?,
                zib: input.text()?,
            })
        })?;
    }
    Ok(element)
}

fn slicing(input: &mut Input<'_>) -> Result<Slicing, PackError> {
    let flags = input.number()?;
    let rules = [SlicingRules::Closed, SlicingRules::Open, SlicingRules::OpenAtEnd];
    let kinds = [
        DiscriminatorKind::Value,
        DiscriminatorKind::Exists,
        DiscriminatorKind::Pattern,
        DiscriminatorKind::Type,
        DiscriminatorKind::Profile,
    ];
    Ok(Slicing {
        rules: one_of(&rules, flags & 3)?,
        ordered: flags & 4 != 0,
        discriminators: input.list(|input| {
            Ok(Discriminator {
                kind: one_of(&kinds, input.number()?)?,
                path: input.text()?,
            })
        })?,
    })
}

fn type_ref(input: &mut Input<'_>) -> Result<TypeRef, PackError> {
    let mut kind = TypeRef {
        code: input.text()?,
        ..TypeRef::default()
    };
    let mask = input.number()?;
    if mask & 1 != 0 {
        kind.profiles = input.texts()?;
    }
    if mask & 2 != 0 {
        kind.target_profiles = input.texts()?;
    }
    if mask & 4 != 0 {
        let ways = [
            Aggregation::Contained,
            Aggregation::Referenced,
            Aggregation::Bundled,
        ];
        kind.aggregation = input.list(|input| one_of(&ways, input.number()?))?;
    }
    if mask & 8 != 0 {
        kind.regex = Some(input.text()?);
    }
    Ok(kind)
}

fn binding(input: &mut Input<'_>) -> Result<Binding, PackError> {
    let strengths = [
        BindingStrength::Example,
        BindingStrength::Preferred,
        BindingStrength::Extensible,
        BindingStrength::Required,
    ];
    Ok(Binding {
        strength: one_of(&strengths, input.number()?)?,
        value_set: optional(input)?,
        max_value_set: optional(input)?,
    })
}

fn tree(input: &mut Input<'_>, depth: usize) -> Result<Tree<'static>, PackError> {
    if depth >= MAX_DEPTH {
        return Err(PackError);
    }
    Ok(match input.number()? {
        0 => Tree::Null,
        1 => Tree::Boolean(false),
        2 => Tree::Boolean(true),
        3 => Tree::Number(input.text()?.into()),
        4 => Tree::String(input.text()?.into()),
        5 => Tree::Array(input.list(|input| tree(input, depth + 1))?),
        6 => Tree::Object(input.list(|input| Ok((input.text()?.into(), tree(input, depth + 1)?)))?),
        _ => return Err(PackError),
    })
}
