//! Reads one `ElementDefinition`.

use std::borrow::Cow;
use std::sync::Arc;

use super::{HL7, boolean, list, object, text, texts};
use crate::definition::{
    Aggregation, Binding, BindingStrength, Concept, Constraint, Controls, Discriminator, DiscriminatorKind,
    ElementDefinition, Max, Severity, Slicing, SlicingRules, TypeRef, TypedValue,
};
use crate::json::Reader;
use crate::raw::ReadError;
use crate::tree::Tree;

/// Prefix of the concept ids of the zibs.
const CONCEPT: &str = "NL-CM:";

/// Reads an element definition, and the path of what it is in its base, when that is told.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<(ElementDefinition, String), ReadError> {
    let mut element = ElementDefinition::default();
    let mut base = String::new();
    object(reader, |name, reader| {
        property(&mut element, &mut base, name, reader)
    })?;
    if element.path.is_empty() {
        return Err(ReadError::Unexpected("an element definition without path"));
    }
    // R4 gives the id of a resource as a string; its syntax is that of the type `id`.
    if base == "Resource.id" {
        element
            .types
            .iter_mut()
            .for_each(|kind| "id".clone_into(&mut kind.code));
    }
    Ok((element, base))
}

fn property(
    element: &mut ElementDefinition,
    base: &mut String,
    name: &str,
    reader: &mut Reader<'_>,
) -> Result<(), ReadError> {
    match name {
        "id" => element.id = text(reader)?,
        "path" => element.path = text(reader)?,
        "sliceName" => element.slice_name = Some(text(reader)?),
        "slicing" => element.slicing = Some(slicing(reader)?),
        "min" => element.min = Some(count(reader)?),
        "max" => element.max = Some(max(&reader.string()?)?),
        "base" => object(reader, |name, reader| match name {
            "path" => {
                *base = text(reader)?;
                Ok(())
            }
            _ => reader.skip(),
        })?,
        "type" => list(reader, |reader| {
            add_type(&mut element.types, type_ref(reader)?);
            Ok(())
        })?,
        "contentReference" => {
            let reference = reader.string()?;
            let id = reference.rsplit_once('#').map_or(&*reference, |(_, id)| id);
            element.content_reference = Some(id.to_owned());
        }
        "extension" => extensions(reader, |url, value| control(element, url, value))?,
        "mustHaveValue" => {
            let value = boolean(reader)?;
            element.controls.get_or_insert_default().must_have_value = value;
        }
        "valueAlternatives" => {
            let controls = element.controls.get_or_insert_default();
            texts(reader, &mut controls.value_alternatives)?;
        }
        "maxLength" => element.max_length = Some(count(reader)?),
        "binding" => element.binding = Some(binding(reader)?),
        "constraint" => list(reader, |reader| {
            element.constraints.push(Arc::new(constraint(reader)?));
            Ok(())
        })?,
        "condition" => texts(reader, &mut element.conditions)?,
        "isModifier" => element.is_modifier = Some(boolean(reader)?),
        "mustSupport" => element.must_support = Some(boolean(reader)?),
        "mapping" => list(reader, |reader| {
            element.concepts.extend(concept(reader)?);
            Ok(())
        })?,
        _ => return valued(element, name, reader),
    }
    Ok(())
}

/// Takes an extension that asks something of the value.
fn control(element: &mut ElementDefinition, url: &str, value: &str) {
    let mut controls = element.controls.take().unwrap_or_default();
    if controls.take(url, value) || *controls != Controls::default() {
        element.controls = Some(controls);
    }
}

/// `fixed[x]`, `pattern[x]`, `minValue[x]` and `maxValue[x]`; anything else is passed.
fn valued(element: &mut ElementDefinition, name: &str, reader: &mut Reader<'_>) -> Result<(), ReadError> {
    let slots = [
        ("fixed", &mut element.fixed),
        ("pattern", &mut element.pattern),
        ("minValue", &mut element.min_value),
        ("maxValue", &mut element.max_value),
    ];
    for (stem, slot) in slots {
        if let Some(kind) = name.strip_prefix(stem)
            && kind.starts_with(|first: char| first.is_ascii_uppercase())
        {
            *slot = Some(TypedValue {
                type_name: type_name(kind),
                value: Tree::take(reader)?.into_owned(),
            });
            return Ok(());
        }
    }
    reader.skip()
}

/// The name of a type from the tail of a property: `Uri` is `uri`, `Quantity` stays.
fn type_name(tail: &str) -> String {
    const PRIMITIVES: [&str; 20] = [
        "Base64Binary",
        "Boolean",
        "Canonical",
        "Code",
        "Date",
        "DateTime",
        "Decimal",
        "Id",
        "Instant",
        "Integer",
        "Integer64",
        "Markdown",
        "Oid",
        "PositiveInt",
        "String",
        "Time",
        "UnsignedInt",
        "Uri",
        "Url",
        "Uuid",
    ];
    let mut name = tail.to_owned();
    if PRIMITIVES.contains(&tail)
        && let Some(first) = name.get_mut(..1)
    {
        first.make_ascii_lowercase();
    }
    name
}

fn count(reader: &mut Reader<'_>) -> Result<u32, ReadError> {
    reader.number()?.parse().map_err(|_| {
        ReadError::Unexpected("an element definition with a count that is no whole number below 2^32")
    })
}

fn max(text: &str) -> Result<Max, ReadError> {
    if text == "*" {
        return Ok(Max::Unbounded);
    }
    text.parse()
        .map(Max::Count)
        .map_err(|_| ReadError::Unexpected("an element definition with a max that is neither a number nor *"))
}

fn type_ref(reader: &mut Reader<'_>) -> Result<TypeRef, ReadError> {
    let mut kind = TypeRef::default();
    let mut fhir_type = None;
    object(reader, |name, reader| {
        match name {
            "code" => kind.code = text(reader)?,
            "profile" => texts(reader, &mut kind.profiles)?,
            "targetProfile" => texts(reader, &mut kind.target_profiles)?,
            "aggregation" => list(reader, |reader| {
                kind.aggregation.push(match &*reader.string()? {
                    "contained" => Aggregation::Contained,
                    "referenced" => Aggregation::Referenced,
                    "bundled" => Aggregation::Bundled,
                    _ => return Err(ReadError::Unexpected("an unknown aggregation")),
                });
                Ok(())
            })?,
            "extension" => extensions(reader, |url, value| match url {
                "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type" => {
                    fhir_type = Some(value.to_owned());
                }
                "http://hl7.org/fhir/StructureDefinition/regex"
                | "http://hl7.org/fhir/StructureDefinition/structuredefinition-regex" => {
                    kind.regex = Some(value.to_owned());
                }
                _ => {}
            })?,
            // STU3 tells the value of a primitive by extensions on a code that is absent.
            "_code" => object(reader, |name, reader| match name {
                "extension" => extensions(reader, |url, value| {
                    if url == "http://hl7.org/fhir/StructureDefinition/structuredefinition-regex" {
                        kind.regex = Some(value.to_owned());
                    }
                }),
                _ => reader.skip(),
            })?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    if let Some(code) = fhir_type {
        kind.code = code;
    } else if kind.code.is_empty() {
        "string".clone_into(&mut kind.code);
    } else if let Some(system) = kind.code.strip_prefix("http://hl7.org/fhirpath/System.") {
        kind.code = type_name(system);
    }
    Ok(kind)
}

/// Reads extensions with a text as value.
pub(super) fn extensions(reader: &mut Reader<'_>, mut each: impl FnMut(&str, &str)) -> Result<(), ReadError> {
    list(reader, |reader| {
        let mut url = Cow::Borrowed("");
        let mut value = None;
        reader.enter_object()?;
        while let Some(name) = reader.next_key()? {
            match &*name {
                "url" => url = reader.string()?,
                "valueUri" | "valueUrl" | "valueString" | "valueCanonical" | "valueCode" => {
                    value = Some(reader.string()?);
                }
                "valueInteger" | "valuePositiveInt" | "valueUnsignedInt" | "valueDecimal" => {
                    value = Some(Cow::Borrowed(reader.number()?));
                }
                "valueBoolean" => value = Some(Cow::Borrowed(reader.literal()?)),
                "valueReference" => object(reader, |name, reader| {
                    match name {
                        "reference" => value = Some(reader.string()?),
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?,
                _ => reader.skip()?,
            }
        }
        if let Some(value) = value {
            each(&url, &value);
        }
        Ok(())
    })
}

/// Adds a type; one of the same code and the same constraints takes the new profiles or targets in.
fn add_type(types: &mut Vec<TypeRef>, new: TypeRef) {
    let both = |old: &[String], new: &[String]| !old.is_empty() && !new.is_empty();
    for old in types.iter_mut() {
        if old.code != new.code || old.aggregation != new.aggregation {
            continue;
        }
        let targets = both(&old.target_profiles, &new.target_profiles);
        if old.profiles == new.profiles && (targets || old.target_profiles == new.target_profiles) {
            return add_all(&mut old.target_profiles, new.target_profiles);
        }
        if old.target_profiles == new.target_profiles && both(&old.profiles, &new.profiles) {
            return add_all(&mut old.profiles, new.profiles);
        }
    }
    types.push(new);
}

fn add_all(into: &mut Vec<String>, from: Vec<String>) {
    for item in from {
        if !into.contains(&item) {
            into.push(item);
        }
    }
}

fn slicing(reader: &mut Reader<'_>) -> Result<Slicing, ReadError> {
    let mut slicing = Slicing {
        discriminators: Vec::new(),
        rules: SlicingRules::Open,
        ordered: false,
    };
    object(reader, |name, reader| {
        match name {
            "discriminator" => list(reader, |reader| {
                slicing.discriminators.push(discriminator(reader)?);
                Ok(())
            })?,
            "rules" => {
                slicing.rules = match &*reader.string()? {
                    "closed" => SlicingRules::Closed,
                    "open" => SlicingRules::Open,
                    "openAtEnd" => SlicingRules::OpenAtEnd,
                    _ => return Err(ReadError::Unexpected("an unknown rule of slicing")),
                };
            }
            "ordered" => slicing.ordered = boolean(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(slicing)
}

fn discriminator(reader: &mut Reader<'_>) -> Result<Discriminator, ReadError> {
    let mut kind = None;
    let mut path = String::new();
    object(reader, |name, reader| {
        match name {
            "type" => {
                kind = match &*reader.string()? {
                    "value" => Some(DiscriminatorKind::Value),
                    "exists" => Some(DiscriminatorKind::Exists),
                    "pattern" => Some(DiscriminatorKind::Pattern),
                    "type" => Some(DiscriminatorKind::Type),
                    "profile" => Some(DiscriminatorKind::Profile),
                    _ => None,
                };
            }
            "path" => path = text(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let kind = kind.ok_or(ReadError::Unexpected("an unknown kind of discriminator"))?;
    Ok(Discriminator { kind, path })
}

fn binding(reader: &mut Reader<'_>) -> Result<Binding, ReadError> {
    let mut strength = None;
    let mut value_set = None;
    let mut max_value_set = None;
    object(reader, |name, reader| {
        match name {
            "strength" => {
                strength = match &*reader.string()? {
                    "required" => Some(BindingStrength::Required),
                    "extensible" => Some(BindingStrength::Extensible),
                    "preferred" => Some(BindingStrength::Preferred),
                    "example" => Some(BindingStrength::Example),
                    _ => None,
                };
            }
            "valueSet" | "valueSetUri" => value_set = Some(text(reader)?),
            "valueSetReference" => object(reader, |name, reader| match name {
                "reference" => {
                    value_set = Some(text(reader)?);
                    Ok(())
                }
                _ => reader.skip(),
            })?,
            "extension" => extensions(reader, |url, value| {
                if url == "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet" {
                    max_value_set = Some(value.to_owned());
                }
            })?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(Binding {
        strength: strength.ok_or(ReadError::Unexpected("a binding without a known strength"))?,
        value_set,
        max_value_set,
    })
}

fn constraint(reader: &mut Reader<'_>) -> Result<Constraint, ReadError> {
    let mut constraint = Constraint {
        key: String::new(),
        severity: Severity::Error,
        expression: None,
        human: None,
        source: None,
        best_practice: false,
    };
    object(reader, |name, reader| {
        match name {
            "key" => constraint.key = text(reader)?,
            "severity" => {
                constraint.severity = match &*reader.string()? {
                    "error" => Severity::Error,
                    "warning" => Severity::Warning,
                    _ => return Err(ReadError::Unexpected("an unknown severity of an invariant")),
                };
            }
            "expression" => constraint.expression = Some(text(reader)?),
            "human" => constraint.human = Some(text(reader)?),
            "source" => {
                let source = reader.string()?;
                constraint.source = Some(if source.contains(':') {
                    source.into_owned()
                } else {
                    format!("{HL7}{source}")
                });
            }
            "extension" => extensions(reader, |url, value| {
                if url == "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice" {
                    constraint.best_practice = value == "true";
                }
            })?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(constraint)
}

/// A mapping, when it is to a zib concept.
fn concept(reader: &mut Reader<'_>) -> Result<Option<Concept>, ReadError> {
    let mut zib = String::new();
    let mut id = String::new();
    object(reader, |name, reader| {
        match name {
            "identity" => zib = text(reader)?,
            "map" => reader.string()?.trim().clone_into(&mut id),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(id.starts_with(CONCEPT).then_some(Concept { id, zib }))
}
