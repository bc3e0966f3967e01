//! A resource in words: what it is, what it says, and when.
//!
//! Only reads what the source wrote: a text, else a display, else a code. It works on R4 and STU3 alike, because both
//! are looked up by name. It never looks at identifiers, so a BSN cannot come along.

use samenhang_profiles::tree::Tree;

use crate::words::Language;

/// The words for one resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// What it is.
    pub title: Option<String>,
    /// What it says, in order.
    pub lines: Vec<String>,
    /// Reference to what it is about, when the title is only there.
    pub title_reference: Option<String>,
}

/// Elements that name a resource, the most telling first.
const TITLES: [&str; 22] = [
    "code",
    "vaccineCode",
    "medicationCodeableConcept",
    "medicationReference",
    "title",
    "description",
    "serviceType",
    "procedureCode",
    "suspectEntityDefinition",
    "relationship",
    "bodySite",
    "deviceName",
    "device",
    "codeCodeableConcept",
    "class",
    "type",
    "name",
    "payor",
    "provision",
    "scope",
    "category",
    "oralDiet",
];

/// Elements that a reader wants beside the title.
const DETAILS: [&str; 21] = [
    "severity",
    "criticality",
    "reaction",
    "bodySite",
    "interpretation",
    "component",
    "dosageInstruction",
    "dosage",
    "conclusion",
    "reasonCode",
    "reason",
    "note",
    "comment",
    "referenceRange",
    "gender",
    "birthDate",
    "participant",
    "serviceProvider",
    "performer",
    "indication",
    "outcome",
];

/// Puts a resource into words.
#[must_use]
pub fn describe(resource: &Tree<'_>, language: Language) -> Description {
    let kind = resource.text("resourceType").unwrap_or_default();
    let named = TITLES
        .iter()
        .filter(|name| !(kind == "Encounter" && **name == "type"));
    let title = named
        .filter_map(|name| resource.get(name))
        .find_map(|element| words(element, language));
    let title_reference = ["medicationReference", "device", "codeReference"]
        .iter()
        .find_map(|name| resource.path(&format!("{name}.reference"))?.as_str())
        .map(str::to_owned);
    let mut lines = Vec::new();
    lines.extend(value(resource, language));
    for name in DETAILS {
        let Some(element) = resource.get(name) else {
            continue;
        };
        let line = match name {
            "component" => list(element, "; ", |item| component(item, language)),
            "reaction" => list(element, ", ", |item| {
                list(item.get("manifestation")?, ", ", |m| words(m, language))
            }),
            "dosageInstruction" | "dosage" => list(element, "; ", |item| dosage(item, language)),
            "referenceRange" => list(element, "; ", |item| range(item, language)),
            "note" => list(element, "; ", |item| item.text("text").map(str::to_owned)),
            "participant" => list(element, ", ", |item| {
                words(item.get("individual").or_else(|| item.get("member"))?, language)
            }),
            "performer" => list(element, ", ", |item| {
                words(item.get("actor").unwrap_or(item), language)
            }),
            "birthDate" => element.as_str().map(|date| language.date(date)),
            _ => words(element, language),
        };
        lines.extend(line.filter(|line| Some(line) != title.as_ref()));
    }
    Description {
        title,
        lines,
        title_reference,
    }
}

/// The value of an observation.
fn value(resource: &Tree<'_>, language: Language) -> Option<String> {
    let (name, value) = resource
        .fields()
        .find(|(name, _)| name.starts_with("value") && name.len() > 5)?;
    Some(match name {
        "valueDateTime" | "valueDate" => language.date(value.as_str()?),
        "valueQuantity" => quantity(value, language)?,
        "valuePeriod" => period(value, language)?,
        _ => words(value, language)?,
    })
}

/// An element in words: a primitive, a concept, a reference, a name, a quantity, or a list of those.
fn words(element: &Tree<'_>, language: Language) -> Option<String> {
    match element {
        Tree::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Tree::Number(text) => Some(language.decimal(text)),
        Tree::Boolean(value) => Some(match (language, value) {
            (Language::Dutch, true) => "ja".to_owned(),
            (Language::Dutch, false) => "nee".to_owned(),
            (Language::English, value) => if *value { "yes" } else { "no" }.to_owned(),
        }),
        Tree::Array(_) => list(element, ", ", |item| words(item, language)),
        Tree::Object(_) => object(element, language),
        Tree::Null => None,
    }
}

fn object(element: &Tree<'_>, language: Language) -> Option<String> {
    if let Some(text) = element.text("text").filter(|text| !text.trim().is_empty()) {
        return Some(text.trim().to_owned());
    }
    if let Some(text) = element
        .get("coding")
        .and_then(|codings| list(codings, ", ", coding))
    {
        return Some(text);
    }
    if element.get("value").is_some()
        && element
            .get("system")
            .is_none_or(|s| s.as_str().is_some_and(is_unit))
    {
        return quantity(element, language);
    }
    if element.get("family").is_some() || element.get("given").is_some() {
        return name(element);
    }
    coding(element)
        .or_else(|| {
            element
                .get("concept")
                .and_then(|concept| words(concept, language))
        })
        .or_else(|| element.get("code").and_then(|code| words(code, language)))
        .or_else(|| element.get("type").and_then(|kind| words(kind, language)))
        .or_else(|| element.text("name").map(str::to_owned))
}

fn is_unit(system: &str) -> bool {
    system == "http://unitsofmeasure.org"
}

fn coding(coding: &Tree<'_>) -> Option<String> {
    coding
        .text("display")
        .or_else(|| coding.text("code"))
        .map(|text| text.trim().to_owned())
        .filter(|t| !t.is_empty())
}

fn name(name: &Tree<'_>) -> Option<String> {
    let given = name
        .get("given")
        .map(Tree::items)
        .unwrap_or_default()
        .iter()
        .filter_map(Tree::as_str);
    let all: Vec<&str> = given.chain(name.text("family")).collect();
    Some(all.join(" ")).filter(|text| !text.is_empty())
}

fn quantity(quantity: &Tree<'_>, language: Language) -> Option<String> {
    let value = language.decimal(quantity.get("value")?.as_number()?);
    let comparator = quantity.text("comparator").unwrap_or_default();
    let unit = quantity
        .text("unit")
        .or_else(|| quantity.text("code"))
        .unwrap_or_default();
    Some(format!("{comparator}{value} {unit}").trim().to_owned())
}

fn period(period: &Tree<'_>, language: Language) -> Option<String> {
    let part = |name| period.text(name).map(|text| language.date(text));
    match (part("start"), part("end")) {
        (None, None) => None,
        (start, end) => Some(
            format!("{} – {}", start.unwrap_or_default(), end.unwrap_or_default())
                .trim()
                .to_owned(),
        ),
    }
}

fn component(component: &Tree<'_>, language: Language) -> Option<String> {
    let title = words(component.get("code")?, language)?;
    Some(match value(component, language) {
        Some(value) => format!("{title}: {value}"),
        None => title,
    })
}

fn dosage(dosage: &Tree<'_>, language: Language) -> Option<String> {
    let text = dosage.text("text").or_else(|| dosage.text("patientInstruction"));
    text.map(str::to_owned).or_else(|| {
        list(dosage.get("additionalInstruction")?, ", ", |item| {
            words(item, language)
        })
    })
}

fn range(range: &Tree<'_>, language: Language) -> Option<String> {
    let limit = |name| range.get(name).and_then(|limit| quantity(limit, language));
    let text = match (limit("low"), limit("high")) {
        (Some(low), Some(high)) => format!("{low} – {high}"),
        (Some(low), None) => format!("≥ {low}"),
        (None, Some(high)) => format!("≤ {high}"),
        (None, None) => range.text("text")?.to_owned(),
    };
    Some(format!("[{text}]"))
}

/// The items of a list in words, without repeats; an element that is no list counts as one item.
fn list(element: &Tree<'_>, between: &str, each: impl Fn(&Tree<'_>) -> Option<String>) -> Option<String> {
    let items = if matches!(element, Tree::Array(_)) {
        element.items()
    } else {
        std::slice::from_ref(element)
    };
    let mut texts: Vec<String> = Vec::new();
    for text in items.iter().filter_map(each) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    Some(texts.join(between)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
