//! Instances that hold everything that a profile allows.
//!
//! An instance is made of a snapshot: every element that may be there is there, each slice once, what repeats twice near the
//! root, and of a choice the type that the variant says. No text stands twice in an instance, so that what is lost or put in
//! the wrong place shows. The same profile and variant give the same instance.

use samenhang_profiles::FhirVersion;
use samenhang_profiles::definition::{ElementDefinition, Library, Max, StructureDefinition, TypeRef};
use serde_json::{Map, Value, json};

use crate::codes::Codes;
use crate::values::Values;

/// Deeper than this, counted in values that have parts, only what is required is filled.
const FULL_DEPTH: usize = 5;
/// Deeper than this nothing is filled.
const MAX_DEPTH: usize = 9;

/// Makes instances of the profiles of a library.
pub(crate) struct Maker<'l> {
    pub(crate) library: &'l dyn Library,
    pub(crate) codes: &'l Codes,
}

/// One instance that is being made.
struct Making<'l> {
    maker: &'l Maker<'l>,
    variant: usize,
    values: Values,
}

/// A value, and what is attached to it when it is a primitive.
type Made = (Value, Option<Value>);

impl Maker<'_> {
    /// The instance of a profile on a resource.
    pub(crate) fn instance(&self, profile: &str, variant: usize) -> Value {
        let structure = self.library.structure(profile).unwrap();
        let mut making = Making {
            maker: self,
            variant,
            values: Values::new(variant),
        };
        let root = structure.snapshot.as_ref().unwrap()[0].id.clone();
        let mut object = making.parts(&structure, &root, &structure.type_name, 0);
        object.insert("resourceType".to_owned(), json!(structure.type_name));
        object.insert("id".to_owned(), json!("whole"));
        let security = match structure.fhir_version {
            FhirVersion::Stu3 => "http://hl7.org/fhir/v3/Confidentiality",
            FhirVersion::R4 => "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
        };
        let meta = json!({ "profile": [profile], "versionId": "3", "lastUpdated": "2019-11-01T09:08:07.654+01:00",
            "security": [{ "system": security, "code": "N" }],
            "tag": [{ "system": "http://example.org/tags", "code": "tag" }] });
        object.insert("meta".to_owned(), meta);
        Value::Object(object)
    }

    /// How many variants there are: as many as the widest choice has types.
    pub(crate) fn variants(&self, profile: &str) -> usize {
        let structure = self.library.structure(profile).unwrap();
        let elements = structure.snapshot.iter().flatten();
        let widest = elements
            .filter(|element| element.path.ends_with("[x]") && !element.path.contains("xtension"))
            .map(|element| element.types.len());
        widest.max().unwrap_or(1).clamp(4, 6)
    }
}

/// The children of an element, slices beside what they slice.
fn children<'s>(structure: &'s StructureDefinition, of: &str) -> Vec<&'s ElementDefinition> {
    let direct =
        |element: &&ElementDefinition| element.id.rsplit_once('.').is_some_and(|(above, _)| above == of);
    structure.snapshot.iter().flatten().filter(direct).collect()
}

fn name(element: &ElementDefinition) -> &str {
    element.path.rsplit('.').next().unwrap_or_default()
}

fn capital(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}

impl Making<'_> {
    /// All children of an element, by the names that they have in JSON.
    fn parts(
        &mut self,
        structure: &StructureDefinition,
        of: &str,
        kind: &str,
        depth: usize,
    ) -> Map<String, Value> {
        let mut object = Map::new();
        let mut own = children(structure, of);
        if own.is_empty() && of.contains(':') {
            // A slice of which nothing is said: as what it slices.
            let (above, last) = of.rsplit_once('.').unwrap_or(("", of));
            let base = format!("{above}.{}", last.split(':').next().unwrap_or_default());
            own = children(structure, &base);
        }
        for element in &own {
            let sliced =
                |other: &&&ElementDefinition| other.slice_name.is_some() && other.path == element.path;
            let slices = own.iter().filter(sliced).count();
            let extension = matches!(name(element), "extension" | "modifierExtension");
            // Of what is sliced the slices come, and beside them one of its own kind where that may be.
            let skip = match (&element.slice_name, extension) {
                (None, true) => true,
                (None, false) => element.path.ends_with("[x]") && slices > 0,
                (Some(_), _) => false,
            };
            let required = element.min.unwrap_or(0) > 0;
            if skip
                || element.max == Some(Max::Count(0))
                || depth > MAX_DEPTH
                || depth > FULL_DEPTH && !required
            {
                continue;
            }
            if matches!(
                name(element),
                "contained" | "implicitRules" | "meta" | "id" | "text"
            ) && depth == 0
            {
                continue;
            }
            if name(element) == "id" {
                continue;
            }
            let room = match element.max {
                Some(Max::Count(max)) => max as usize,
                _ => usize::MAX,
            };
            let many = base_repeats(structure, element, kind);
            let beside = element.slice_name.is_none() && slices > 0;
            let closed = beside
                && element.slicing.as_ref().is_some_and(|slicing| {
                    slicing.rules == samenhang_profiles::definition::SlicingRules::Closed
                });
            if closed || beside && room <= slices {
                continue;
            }
            let count = if many
                && depth == 0
                && room > 1
                && element.slice_name.is_none()
                && !beside
                && self.variant.is_multiple_of(2)
            {
                2
            } else {
                1
            };
            for _ in 0..count {
                self.put(&mut object, structure, element, many, depth);
            }
        }
        object
    }

    fn put(
        &mut self,
        object: &mut Map<String, Value>,
        structure: &StructureDefinition,
        element: &ElementDefinition,
        many: bool,
        depth: usize,
    ) {
        let Some((json_name, (value, attached))) = self.element(structure, element, depth) else {
            return;
        };
        if many {
            let place = |name: &str| name.to_owned();
            let items = object.entry(place(&json_name)).or_insert_with(|| json!([]));
            let items = items.as_array_mut().unwrap();
            items.push(value);
            let length = items.len();
            if let Some(attached) = attached {
                let beside = object.entry(format!("_{json_name}")).or_insert_with(|| json!([]));
                let beside = beside.as_array_mut().unwrap();
                while beside.len() + 1 < length {
                    beside.push(Value::Null);
                }
                beside.push(attached);
            }
        } else if !object.contains_key(&json_name) && !self.has_rival(object, element) {
            object.insert(json_name.clone(), value);
            if let Some(attached) = attached {
                object.insert(format!("_{json_name}"), attached);
            }
        }
    }

    /// Whether another type of the same choice is there.
    fn has_rival(&self, object: &Map<String, Value>, element: &ElementDefinition) -> bool {
        let stem = name(element).strip_suffix("[x]");
        stem.is_some_and(|stem| {
            let rival = |key: &String| {
                key.strip_prefix(stem)
                    .is_some_and(|rest| rest.starts_with(char::is_uppercase))
            };
            object.keys().any(rival)
        })
    }

    /// The name and value of an element.
    fn element(
        &mut self,
        structure: &StructureDefinition,
        element: &ElementDefinition,
        depth: usize,
    ) -> Option<(String, Made)> {
        if let Some(reference) = &element.content_reference {
            if depth > 3 {
                return None;
            }
            let own = name(element).to_owned();
            let object = self.parts(structure, reference, "", depth + 1);
            return Some((own, (Value::Object(object), None)));
        }
        let choice = name(element).strip_suffix("[x]");
        let kind = match element.types.len() {
            0 => return None,
            count => &element.types[if choice.is_some() { self.variant % count } else { 0 }],
        };
        let json_name = match choice {
            Some(stem) => format!("{stem}{}", capital(&kind.code)),
            None => name(element).to_owned(),
        };
        let made = self.value(structure, element, kind, depth)?;
        Some((json_name, made))
    }

    fn value(
        &mut self,
        structure: &StructureDefinition,
        element: &ElementDefinition,
        kind: &TypeRef,
        depth: usize,
    ) -> Option<Made> {
        let primitive = kind.code.starts_with(char::is_lowercase);
        if primitive {
            let attached = self.attached(structure, element, depth);
            let value = match element.fixed.as_ref().or(element.pattern.as_ref()) {
                Some(fixed) => tree(&fixed.value),
                None => self.primitive(element, &kind.code),
            };
            return Some((value, attached));
        }
        if kind.code == "Reference" {
            let mut object = self.reference(kind);
            self.extend(&mut object, structure, element, depth);
            return Some((Value::Object(object), None));
        }
        if let Some(fixed) = &element.fixed {
            return Some((tree(&fixed.value), None));
        }
        if kind.code == "Resource" {
            return None;
        }
        let coded = matches!(kind.code.as_str(), "Coding" | "CodeableConcept" | "Quantity");
        let mut object =
            if children(structure, &element.id).is_empty() && !base_has_children(structure, element) {
                let own = self.definition(kind)?;
                let root = own.snapshot.as_ref()?[0].id.clone();
                let url = own.url.clone();
                let mut object = self.parts(&own, &root, &kind.code, depth + 1);
                if kind.code == "Extension" {
                    object.insert("url".to_owned(), json!(url));
                    let value = object.keys().any(|key| key.starts_with("value"));
                    if value && object.contains_key("extension") {
                        object.retain(|key, _| !key.starts_with("value"));
                    }
                }
                object
            } else {
                self.parts(structure, &element.id, &kind.code, depth + 1)
            };
        if kind.code == "Extension"
            && !object
                .keys()
                .any(|key| key.starts_with("value") || key == "extension")
        {
            return None;
        }
        if coded {
            self.code(&mut object, element, &kind.code);
        }
        if let Some(pattern) = &element.pattern {
            overlay(&mut object, &tree(&pattern.value));
        }
        self.values.settle(&kind.code, &mut object, self.variant);
        (!object.is_empty()).then_some((Value::Object(object), None))
    }

    /// Codes of the bound value set in place of what was made up.
    fn code(&mut self, object: &mut Map<String, Value>, element: &ElementDefinition, kind: &str) {
        let set = element
            .binding
            .as_ref()
            .and_then(|binding| binding.value_set.as_deref());
        let number = self.values.next();
        let (system, code) = self.maker.codes.any(set, number + self.variant);
        let put = |object: &mut Map<String, Value>| {
            object.insert("system".to_owned(), json!(system));
            object.insert("code".to_owned(), json!(code));
        };
        match kind {
            "Coding" if element.fixed.is_none() => {
                let free = object.get("system").and_then(Value::as_str);
                if free.is_none_or(|own| own.contains("example.org")) {
                    put(object);
                } else if free.is_some() && set.is_none() {
                    let own = free.unwrap_or_default().to_owned();
                    let made = object.get("code").and_then(Value::as_str).unwrap_or_default();
                    if made.starts_with("code-") {
                        let code = self.maker.codes.of_system(&own, number);
                        object.insert("code".to_owned(), json!(code));
                    }
                }
            }
            "CodeableConcept" => {
                if let Some(first) = object.get_mut("coding").and_then(|coding| coding.get_mut(0)) {
                    let free = first.get("system").and_then(Value::as_str);
                    if free.is_none_or(|own| {
                        own.contains("example.org") || own == "http://snomed.info/sct" && set.is_some()
                    }) && let Some(first) = first.as_object_mut()
                    {
                        put(first);
                    }
                }
            }
            _ => {}
        }
    }

    fn primitive(&mut self, element: &ElementDefinition, kind: &str) -> Value {
        let set = element
            .binding
            .as_ref()
            .and_then(|binding| binding.value_set.as_deref());
        let number = self.values.next();
        match name(element) {
            "contentType" => return json!(["application/pdf", "text/plain", "image/png"][number % 3]),
            "language" => return json!(["nl", "en", "de-DE"][number % 3]),
            _ => {}
        }
        if kind == "code"
            && let Some((_, code)) = self.maker.codes.in_set(set, number + self.variant)
        {
            return json!(code);
        }
        self.values.primitive(kind, name(element), number)
    }

    /// A reference to a type that the element allows.
    fn reference(&mut self, kind: &TypeRef) -> Map<String, Value> {
        let number = self.values.next();
        let targets = &kind.target_profiles;
        let wanted = targets.get((self.variant + number) % targets.len().max(1));
        let own = wanted.and_then(|wanted| self.maker.library.structure(wanted).ok());
        let of = match own.as_ref().map(|own| own.type_name.as_str()) {
            None | Some("Resource") => "Patient",
            Some(own) => own,
        };
        let mut object = Map::new();
        object.insert("reference".to_owned(), json!(format!("{of}/r{number}")));
        object.insert("display".to_owned(), json!(format!("display {number}")));
        if number.is_multiple_of(3) {
            let identifier = json!({ "system": "http://example.org/ids", "value": format!("ref-{number}") });
            object.insert("identifier".to_owned(), identifier);
        }
        object
    }

    /// Extensions that the profile has at an element.
    fn extend(
        &mut self,
        object: &mut Map<String, Value>,
        structure: &StructureDefinition,
        element: &ElementDefinition,
        depth: usize,
    ) {
        for child in children(structure, &element.id) {
            if name(child) == "extension" && child.slice_name.is_some() && child.max != Some(Max::Count(0)) {
                self.put(object, structure, child, true, depth + 1);
            }
        }
        if let Some(profile) = element.types.first().and_then(|kind| kind.profiles.first())
            && let Ok(own) = self.maker.library.structure(profile)
        {
            let root = own.snapshot.as_ref().unwrap()[0].id.clone();
            for child in children(&own, &root) {
                if name(child) == "extension" && child.slice_name.is_some() {
                    self.put(object, &own, child, true, depth + 1);
                }
            }
        }
    }

    /// What is attached to a primitive: the extensions of the profile, and in one variant others of HL7.
    fn attached(
        &mut self,
        structure: &StructureDefinition,
        element: &ElementDefinition,
        depth: usize,
    ) -> Option<Value> {
        let mut object = Map::new();
        self.extend(&mut object, structure, element, depth);
        let kind = element.types.first().map_or("", |kind| kind.code.as_str());
        let rendered = matches!(
            kind,
            "date" | "dateTime" | "time" | "instant" | "integer" | "decimal" | "string" | "code"
        );
        let plain = rendered && name(element) != "reference" && !element.id.contains("xtension");
        if object.is_empty() && self.variant == 3 && plain && depth < 2 {
            let number = self.values.next();
            object.insert(
                "extension".to_owned(),
                json!([{ "url": "http://hl7.org/fhir/StructureDefinition/rendered-value", "valueString": format!("rendered {number}") }]),
            );
        }
        (!object.is_empty()).then_some(Value::Object(object))
    }

    /// The definition of a type: the first profile that is said, or the type itself.
    fn definition(&self, kind: &TypeRef) -> Option<std::sync::Arc<StructureDefinition>> {
        let library = self.maker.library;
        let profiled = kind
            .profiles
            .first()
            .and_then(|profile| library.structure(profile).ok());
        profiled.or_else(|| library.type_named(&kind.code).ok())
    }
}

/// Whether what a slice slices has children of its own.
fn base_has_children(structure: &StructureDefinition, element: &ElementDefinition) -> bool {
    let Some((above, last)) = element.id.rsplit_once('.') else {
        return false;
    };
    let Some((base, _)) = last.split_once(':') else {
        return false;
    };
    !base.contains("xtension")
        && !base.ends_with("[x]")
        && !children(structure, &format!("{above}.{base}")).is_empty()
}

/// Whether an element is an array in JSON, whatever the profile says.
fn base_repeats(structure: &StructureDefinition, element: &ElementDefinition, kind: &str) -> bool {
    let table = samenhang_profiles::element_table::Table::of(structure.fhir_version);
    let path = element.path.rsplit_once('.').map_or("", |(above, _)| above);
    let owner = table
        .named(kind)
        .filter(|_| !matches!(kind, "BackboneElement" | "Element" | ""));
    let owner = owner.or_else(|| table.named(path));
    let found = owner.and_then(|owner| owner.element(name(element)));
    if let Some(found) = found {
        return found.many;
    }
    matches!(name(element), "extension" | "modifierExtension")
}

/// Puts what a pattern says over what was made.
fn overlay(object: &mut Map<String, Value>, pattern: &Value) {
    for (key, value) in pattern.as_object().into_iter().flatten() {
        match (object.get_mut(key), value) {
            (Some(Value::Object(own)), Value::Object(_)) => overlay(own, value),
            (Some(Value::Array(own)), Value::Array(items)) => {
                for (number, item) in items.iter().enumerate() {
                    match own.get_mut(number) {
                        Some(Value::Object(own)) => overlay(own, item),
                        _ => own.push(item.clone()),
                    }
                }
            }
            _ => {
                object.insert(key.clone(), value.clone());
            }
        }
    }
}

/// A value of a definition as JSON.
fn tree(value: &samenhang_profiles::tree::Tree<'_>) -> Value {
    let mut out = samenhang_profiles::write::JsonWriter::new();
    value.write(&mut out);
    serde_json::from_slice(&out.finish()).unwrap()
}
