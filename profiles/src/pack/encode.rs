//! Compiles definitions into a pack.

use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::definition::{
    Binding, Constraint, ElementDefinition, Max, Slicing, StructureDefinition, TypeRef, TypedValue,
};
use crate::pack::wire::{Output, Shared, put_number};
use crate::pack::{FORMAT, MAGIC, PackError};
use crate::tree::Tree;
use crate::version::FhirVersion;

/// Compiles definitions of one version of FHIR into a pack: in order of URL and version, without prose. The same
/// definitions give the same bytes.
///
/// # Errors
/// [`PackError`] when the pack would be larger than one that can be read.
pub fn compile(version: FhirVersion, definitions: &[StructureDefinition]) -> Result<Vec<u8>, PackError> {
    let mut definitions: Vec<&StructureDefinition> = definitions.iter().collect();
    definitions.sort_by(|a, b| (&a.url, &a.version).cmp(&(&b.url, &b.version)));
    let mut shared = Shared::default();
    let mut index = Vec::new();
    let mut blobs = Vec::new();
    for definition in definitions {
        let mut out = Output::new(&mut shared);
        put_definition(&mut out, definition);
        let blob = out.bytes;
        let mut out = Output::new(&mut shared);
        out.text(&definition.url);
        put_optional(&mut out, definition.version.as_deref());
        out.count(blob.len());
        index.push(out.bytes);
        blobs.extend(blob);
    }
    let constraints = shared.constraints.clone();
    let mut out = Output::new(&mut shared);
    out.list(&constraints, put_constraint);
    let constraints = out.bytes;

    let mut body = Vec::new();
    put_number(
        &mut body,
        u32::try_from(shared.strings.len()).map_err(|_| PackError)?,
    );
    for text in &shared.strings {
        put_number(&mut body, u32::try_from(text.len()).map_err(|_| PackError)?);
        body.extend_from_slice(text.as_bytes());
    }
    body.extend(constraints);
    put_number(&mut body, u32::try_from(index.len()).map_err(|_| PackError)?);
    body.extend(index.concat());
    body.extend(blobs);
    deflate(version, &body)
}

fn deflate(version: FhirVersion, body: &[u8]) -> Result<Vec<u8>, PackError> {
    let size = u32::try_from(body.len()).map_err(|_| PackError)?;
    let mut file = MAGIC.to_vec();
    file.push(FORMAT);
    file.push(match version {
        FhirVersion::Stu3 => 3,
        FhirVersion::R4 => 4,
    });
    file.extend_from_slice(&size.to_le_bytes());
    let mut encoder = DeflateEncoder::new(file, Compression::best());
    encoder.write_all(body).map_err(|_| PackError)?;
    encoder.finish().map_err(|_| PackError)
}

fn put_optional(out: &mut Output<'_>, text: Option<&str>) {
    match text {
        None => out.number(0),
        Some(text) => {
            out.number(1);
            out.text(text);
        }
    }
}

fn put_constraint(out: &mut Output<'_>, constraint: &Arc<Constraint>) {
    out.text(&constraint.key);
    out.number(constraint.severity as u32 | u32::from(constraint.best_practice) << 1);
    put_optional(out, constraint.expression.as_deref());
    put_optional(out, constraint.source.as_deref());
}

fn put_definition(out: &mut Output<'_>, definition: &StructureDefinition) {
    out.text(&definition.name);
    out.number(definition.kind as u32 | u32::from(definition.is_abstract) << 2);
    out.text(&definition.type_name);
    put_optional(out, definition.base.as_deref());
    out.number(
        definition
            .derivation
            .map_or(0, |derivation| derivation as u32 + 1),
    );
    out.list(&definition.context, |out, context| {
        out.number(context.kind as u32);
        out.text(&context.expression);
    });
    out.texts(&definition.context_invariants);
    match &definition.snapshot {
        None => out.number(0),
        Some(elements) => {
            out.number(1);
            put_elements(out, elements);
        }
    }
    put_elements(out, &definition.differential);
}

fn put_elements(out: &mut Output<'_>, elements: &[ElementDefinition]) {
    let mut last: Vec<&str> = Vec::new();
    out.count(elements.len());
    for element in elements {
        let steps: Vec<&str> = element.id.split('.').collect();
        let same = steps.iter().zip(&last).take_while(|(a, b)| a == b).count();
        out.count(same);
        out.list(steps.get(same..).unwrap_or_default(), |out, step| out.text(step));
        last = steps;
        put_element(out, element);
    }
}

/// The path that an id has when its steps are without slices.
pub(super) fn path_of(id: &str) -> String {
    let bare = |step: &str| {
        step.split_once(':')
            .map_or(step.to_owned(), |(name, _)| name.to_owned())
    };
    id.split('.').map(bare).collect::<Vec<_>>().join(".")
}

/// The name of a slice that an id ends with.
pub(super) fn slice_of(id: &str) -> Option<&str> {
    let step = id.rsplit_once('.').map_or(id, |(_, step)| step);
    step.split_once(':').map(|(_, slice)| slice)
}

fn put_element(out: &mut Output<'_>, element: &ElementDefinition) {
    let own_path = element.path != path_of(&element.id);
    let as_id = element.slice_name.as_deref() == slice_of(&element.id);
    let present = [
        own_path,
        !as_id,
        element.slicing.is_some(),
        element.min.is_some(),
        element.max.is_some(),
        !element.types.is_empty(),
        element.content_reference.is_some(),
        element.fixed.is_some(),
        element.pattern.is_some(),
        element.min_value.is_some(),
        element.max_value.is_some(),
        element.max_length.is_some(),
        element.binding.is_some(),
        !element.constraints.is_empty(),
        !element.conditions.is_empty(),
        element.is_modifier.is_some(),
        element.must_support.is_some(),
        !element.concepts.is_empty(),
    ];
    let mask = present
        .iter()
        .enumerate()
        .fold(0, |mask, (bit, present)| mask | u32::from(*present) << bit);
    out.number(mask);
    if own_path {
        out.text(&element.path);
    }
    if !as_id {
        put_optional(out, element.slice_name.as_deref());
    }
    if let Some(slicing) = &element.slicing {
        put_slicing(out, slicing);
    }
    if let Some(min) = element.min {
        out.number(min);
    }
    if let Some(max) = element.max {
        out.number(match max {
            Max::Unbounded => 0,
            Max::Count(count) => count.saturating_add(1),
        });
    }
    if !element.types.is_empty() {
        out.list(&element.types, put_type);
    }
    if let Some(reference) = &element.content_reference {
        out.text(reference);
    }
    for value in [
        &element.fixed,
        &element.pattern,
        &element.min_value,
        &element.max_value,
    ]
    .into_iter()
    .flatten()
    {
        put_value(out, value);
    }
    if let Some(length) = element.max_length {
        out.number(length);
    }
    if let Some(binding) = &element.binding {
        put_binding(out, binding);
    }
    if !element.constraints.is_empty() {
        out.list(&element.constraints, |out, constraint| out.constraint(constraint));
    }
    if !element.conditions.is_empty() {
        out.texts(&element.conditions);
    }
    for flag in [element.is_modifier, element.must_support].into_iter().flatten() {
        out.number(u32::from(flag));
    }
    if !element.concepts.is_empty() {
        out.list(&element.concepts, |out, concept| {
            out.text(&concept.id);
            out.text(&concept.zib);
        });
    }
}

fn put_slicing(out: &mut Output<'_>, slicing: &Slicing) {
    out.number(slicing.rules as u32 | u32::from(slicing.ordered) << 2);
    out.list(&slicing.discriminators, |out, discriminator| {
        out.number(discriminator.kind as u32);
        out.text(&discriminator.path);
    });
}

fn put_type(out: &mut Output<'_>, kind: &TypeRef) {
    let mask = u32::from(!kind.profiles.is_empty())
        | u32::from(!kind.target_profiles.is_empty()) << 1
        | u32::from(!kind.aggregation.is_empty()) << 2
        | u32::from(kind.regex.is_some()) << 3;
    out.text(&kind.code);
    out.number(mask);
    if !kind.profiles.is_empty() {
        out.texts(&kind.profiles);
    }
    if !kind.target_profiles.is_empty() {
        out.texts(&kind.target_profiles);
    }
    if !kind.aggregation.is_empty() {
        out.list(&kind.aggregation, |out, aggregation| {
            out.number(*aggregation as u32);
        });
    }
    if let Some(regex) = &kind.regex {
        out.text(regex);
    }
}

fn put_binding(out: &mut Output<'_>, binding: &Binding) {
    out.number(binding.strength as u32);
    put_optional(out, binding.value_set.as_deref());
    put_optional(out, binding.max_value_set.as_deref());
}

fn put_value(out: &mut Output<'_>, value: &TypedValue) {
    out.text(&value.type_name);
    put_tree(out, &value.value);
}

fn put_tree(out: &mut Output<'_>, tree: &Tree<'_>) {
    match tree {
        Tree::Null => out.number(0),
        Tree::Boolean(value) => out.number(1 + u32::from(*value)),
        Tree::Number(text) => {
            out.number(3);
            out.text(text);
        }
        Tree::String(text) => {
            out.number(4);
            out.text(text);
        }
        Tree::Array(items) => {
            out.number(5);
            out.list(items, put_tree);
        }
        Tree::Object(fields) => {
            out.number(6);
            out.list(fields, |out, (name, value)| {
                out.text(name);
                put_tree(out, value);
            });
        }
    }
}
