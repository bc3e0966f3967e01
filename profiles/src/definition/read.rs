//! Reads a `StructureDefinition` from JSON in one pass; prose is checked and passed, never kept.

mod element;
mod ids;

use crate::definition::{ContextKind, Derivation, ExtensionContext, Kind, StructureDefinition};
use crate::json::{Kind as Json, Reader};
use crate::limits::Limits;
use crate::raw::ReadError;
use crate::version::FhirVersion;

/// Base of the canonical URLs of HL7's own definitions.
const HL7: &str = "http://hl7.org/fhir/StructureDefinition/";

/// The extension by which a profile imposes another.
const IMPOSE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-imposeProfile";

/// Deeper than this no fixed value is read: walking it is recursive.
const MAX_DEPTH: usize = 256;

impl StructureDefinition {
    /// Reads a `StructureDefinition` of STU3 or R4.
    ///
    /// `version` counts when the definition does not tell its own `fhirVersion`. Read into one form are: `profile`
    /// and `targetProfile` of a type, repeated per type in STU3 (joined per code); `valueSetUri`, `valueSetReference`
    /// and `valueSet` of a binding; `contextType`; types of FHIRPath; the source of an invariant, completed to a
    /// canonical URL; an id that is absent, made from path and slice name.
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON, passes a limit, is another resource, or lacks what the model needs.
    pub fn from_json(body: &[u8], version: FhirVersion, limits: &Limits) -> Result<Self, ReadError> {
        let limits = Limits {
            max_depth: limits.max_depth.min(MAX_DEPTH),
            ..*limits
        };
        let mut reader = Reader::new(body, &limits)?;
        let mut draft = Draft::default();
        reader.enter_object()?;
        while let Some(name) = reader.next_key()? {
            draft.property(&name, &mut reader)?;
        }
        reader.finish()?;
        draft.finish(version)
    }
}

/// A definition while its properties come in, in any order.
#[derive(Default)]
struct Draft {
    resource_type: Option<String>,
    url: Option<String>,
    version: Option<String>,
    name: Option<String>,
    fhir_version: Option<String>,
    kind: Option<String>,
    is_abstract: bool,
    type_name: Option<String>,
    base: Option<String>,
    derivation: Option<String>,
    context_type: Option<String>,
    context: Vec<ExtensionContext>,
    context_invariants: Vec<String>,
    imposes: Vec<String>,
    snapshot: Option<Vec<super::ElementDefinition>>,
    differential: Vec<super::ElementDefinition>,
}

impl Draft {
    fn property(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<(), ReadError> {
        match name {
            "resourceType" => self.resource_type = Some(text(reader)?),
            "url" => self.url = Some(text(reader)?),
            "version" => self.version = Some(text(reader)?),
            "name" => self.name = Some(text(reader)?),
            "fhirVersion" => self.fhir_version = Some(text(reader)?),
            "kind" => self.kind = Some(text(reader)?),
            "abstract" => self.is_abstract = boolean(reader)?,
            "type" => self.type_name = Some(text(reader)?),
            "baseDefinition" => self.base = Some(text(reader)?),
            "derivation" => self.derivation = Some(text(reader)?),
            "contextType" => self.context_type = Some(text(reader)?),
            "context" => list(reader, |reader| {
                self.context.push(context(reader)?);
                Ok(())
            })?,
            "contextInvariant" => texts(reader, &mut self.context_invariants)?,
            "extension" => element::extensions(reader, |url, value| {
                if url == IMPOSE {
                    self.imposes.push(value.to_owned());
                }
            })?,
            "snapshot" => self.snapshot = Some(elements(reader)?),
            "differential" => self.differential = elements(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    }

    fn finish(self, version: FhirVersion) -> Result<StructureDefinition, ReadError> {
        if self.resource_type.as_deref() != Some("StructureDefinition") {
            return Err(ReadError::Unexpected("not a StructureDefinition"));
        }
        let kind = match self.kind.as_deref() {
            Some("primitive-type") => Kind::PrimitiveType,
            Some("complex-type") => Kind::ComplexType,
            Some("resource") => Kind::Resource,
            Some("logical") => Kind::Logical,
            _ => {
                return Err(ReadError::Unexpected(
                    "a StructureDefinition without a known kind",
                ));
            }
        };
        let derivation = match self.derivation.as_deref() {
            Some("constraint") => Some(Derivation::Constraint),
            Some("specialization") => Some(Derivation::Specialization),
            None => None,
            Some(_) => {
                return Err(ReadError::Unexpected(
                    "a StructureDefinition with an unknown derivation",
                ));
            }
        };
        let mut context = self.context;
        if self.context_type.as_deref() == Some("extension") {
            context
                .iter_mut()
                .for_each(|context| context.kind = ContextKind::Extension);
        }
        let url = self
            .url
            .filter(|url| !url.is_empty())
            .ok_or(ReadError::Unexpected("a StructureDefinition without url"))?;
        let (mut snapshot, mut differential) = (self.snapshot, self.differential);
        for element in snapshot.iter_mut().flatten().chain(&mut differential) {
            contained_value_set(element, &url);
        }
        Ok(StructureDefinition {
            url,
            version: self.version,
            name: self.name.unwrap_or_default(),
            fhir_version: self
                .fhir_version
                .and_then(|text| FhirVersion::from_text(&text))
                .unwrap_or(version),
            kind,
            is_abstract: self.is_abstract,
            type_name: self
                .type_name
                .ok_or(ReadError::Unexpected("a StructureDefinition without type"))?,
            base: self.base,
            derivation,
            context,
            context_invariants: self.context_invariants,
            imposes: self.imposes,
            snapshot,
            differential,
        })
    }
}

/// A value set that a definition contains goes by the url of the definition and its id, so that it means the same in
/// whatever is based on it (see [`TerminologyResource::contained`](crate::terminology_reader::TerminologyResource)).
fn contained_value_set(element: &mut super::ElementDefinition, url: &str) {
    let Some(binding) = &mut element.binding else {
        return;
    };
    for value_set in [&mut binding.value_set, &mut binding.max_value_set] {
        if let Some(local) = value_set.as_ref().filter(|local| local.starts_with('#')) {
            *value_set = Some(format!("{url}{local}"));
        }
    }
}

/// `{"element": [...]}` of a snapshot or differential.
fn elements(reader: &mut Reader<'_>) -> Result<Vec<super::ElementDefinition>, ReadError> {
    let mut found = Vec::new();
    object(reader, |name, reader| match name {
        "element" => list(reader, |reader| {
            found.push(element::read(reader)?);
            Ok(())
        }),
        _ => reader.skip(),
    })?;
    Ok(ids::settle(found))
}

/// An item of `context`: an object in R4, a string in STU3.
fn context(reader: &mut Reader<'_>) -> Result<ExtensionContext, ReadError> {
    let mut kind = ContextKind::Element;
    let mut expression = String::new();
    if reader.peek()? == Json::Object {
        object(reader, |name, reader| {
            match name {
                "type" => {
                    kind = match &*reader.string()? {
                        "extension" => ContextKind::Extension,
                        "fhirpath" => ContextKind::FhirPath,
                        _ => ContextKind::Element,
                    };
                }
                "expression" => expression = text(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
    } else {
        expression = text(reader)?;
    }
    Ok(ExtensionContext { kind, expression })
}

/// Reads the properties of an object, each by `each`, which must take the value.
fn object<'a>(
    reader: &mut Reader<'a>,
    mut each: impl FnMut(&str, &mut Reader<'a>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    reader.enter_object()?;
    while let Some(name) = reader.next_key()? {
        each(&name, reader)?;
    }
    Ok(())
}

/// Reads the items of an array, or one value that stands for a list of one; `null` in a list is passed.
fn list<'a>(
    reader: &mut Reader<'a>,
    mut each: impl FnMut(&mut Reader<'a>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if reader.peek()? != Json::Array {
        return each(reader);
    }
    reader.enter_array()?;
    while reader.next_item()? {
        if reader.peek()? == Json::Null {
            reader.skip()?;
        } else {
            each(reader)?;
        }
    }
    Ok(())
}

fn text(reader: &mut Reader<'_>) -> Result<String, ReadError> {
    reader.string().map(std::borrow::Cow::into_owned)
}

fn texts(reader: &mut Reader<'_>, into: &mut Vec<String>) -> Result<(), ReadError> {
    list(reader, |reader| {
        into.push(text(reader)?);
        Ok(())
    })
}

fn boolean(reader: &mut Reader<'_>) -> Result<bool, ReadError> {
    match reader.peek()? {
        Json::Boolean => Ok(reader.literal()? == "true"),
        _ => Err(ReadError::Unexpected(
            "a StructureDefinition with text for a boolean",
        )),
    }
}
