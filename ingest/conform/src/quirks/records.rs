//! Quirks of what a resource says as a whole. Hardly any can be put right: what a source leaves out, it alone knows.

use samenhang_profiles::document::Node;

use super::Quirk;
use super::examine::Look;

/// Types of the BgZ that a clinician reads, by whether a status is required (STU3 and R4 alike).
const CLINICAL: [(&str, bool); 20] = [
    ("AllergyIntolerance", false),
    ("Appointment", true),
    ("CarePlan", true),
    ("Condition", false),
    ("Consent", true),
    ("DeviceRequest", false),
    ("DeviceUseStatement", true),
    ("DiagnosticReport", true),
    ("DocumentReference", true),
    ("Encounter", true),
    ("EpisodeOfCare", true),
    ("Flag", true),
    ("Immunization", true),
    ("MedicationAdministration", true),
    ("MedicationDispense", false),
    ("MedicationRequest", false),
    ("MedicationStatement", true),
    ("NutritionOrder", true),
    ("Observation", true),
    ("Procedure", true),
];
/// Elements that say what a resource is about.
const CODES: [&str; 4] = [
    "code",
    "vaccineCode",
    "medicationCodeableConcept",
    "manifestation",
];
/// Digits of an OID of an organisation, at least.
const LONG_OID: usize = 6;
/// OIDs of one narrative that are looked for.
const MOST_OIDS: usize = 16;

/// A resource.
pub(super) fn resource(look: &mut Look<'_>, node: Node<'_>) {
    let kind = node.resource_type();
    let id = node.child("id");
    if node.name() == "contained" {
        if let Some(id) = id
            && let Some(rest) = id.primitive().and_then(|text| text.strip_prefix('#'))
            && is_id(rest)
        {
            look.replace(Quirk::HashInId, id, rest);
        }
        return;
    }
    if let Some(id) = id {
        self::id(look, id);
    }
    let Some((_, needs_status)) = CLINICAL.iter().find(|(name, _)| *name == kind) else {
        return;
    };
    if *needs_status && node.child("status").is_none() {
        look.note(Quirk::StatusMissing, node);
    }
    if node
        .child("meta")
        .is_none_or(|meta| meta.child("profile").is_none())
    {
        look.note(Quirk::ProfileMissing, node);
    }
    if node.child("identifier").is_none() && has_oid(node) {
        look.note(Quirk::IdentifierInNarrative, node);
    }
    if kind == "Flag" {
        if node.child("period").is_none() {
            look.note(Quirk::FlagWithoutPeriod, node);
        }
        let is_coded = node
            .child("code")
            .is_some_and(|code| code.child("coding").is_some());
        if node.child("category").is_none() && !is_coded {
            look.note(Quirk::AttentionFlag, node);
        }
    }
}

/// Whether this is an id as FHIR has it.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

fn id(look: &mut Look<'_>, node: Node<'_>) {
    let Some(text) = node.primitive() else { return };
    if !is_id(text.trim()) {
        look.note(Quirk::IdNotAllowed, node);
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        look.note(Quirk::NumericId, node);
    } else if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        look.note(Quirk::OidAsId, node);
    } else if is_composite(text) {
        look.note(Quirk::CompositeId, node);
    }
}

/// `client-3.condition-4`: two names with a number each.
fn is_composite(text: &str) -> bool {
    let mut parts = text.split('.');
    let named = |part: Option<&str>| {
        part.and_then(|part| part.split_once('-'))
            .is_some_and(|(name, number)| {
                !name.is_empty()
                    && name.bytes().all(|byte| byte.is_ascii_lowercase())
                    && !number.is_empty()
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            })
    };
    named(parts.next()) && named(parts.next()) && parts.next().is_none()
}

/// Whether the narrative of a resource names an OID that nothing else in it has: a narrative that was made of the data
/// names its code systems.
fn has_oid(resource: Node<'_>) -> bool {
    let Some(div) = resource.child("text").and_then(|text| text.text("div")) else {
        return false;
    };
    let words = div.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let is_oid = |word: &&str| {
        let arcs: Vec<&str> = word.split('.').collect();
        arcs.len() >= LONG_OID && arcs.iter().all(|arc| !arc.is_empty()) && ["0", "1", "2"].contains(&arcs[0])
    };
    let oids: Vec<&str> = words
        .map(|word| word.trim_matches('.'))
        .filter(is_oid)
        .take(MOST_OIDS)
        .collect();
    oids.into_iter().any(|oid| !is_said(resource, oid))
}

/// Whether a value of a resource, other than its narrative, has a text in it.
fn is_said(resource: Node<'_>, text: &str) -> bool {
    let mut open: Vec<Node<'_>> = resource
        .children()
        .filter(|child| child.name() != "text")
        .collect();
    while let Some(node) = open.pop() {
        if node.primitive().is_some_and(|value| value.contains(text)) {
            return true;
        }
        open.extend(node.children());
    }
    false
}

/// A concept in words alone, where the code tells what a resource is about.
pub(super) fn concept(look: &mut Look<'_>, node: Node<'_>) {
    let owner = node.parent().map(Node::resource).map_or("", Node::resource_type);
    let is_subject = CODES.contains(&node.name()) && CLINICAL.iter().any(|(name, _)| *name == owner);
    if is_subject && node.child("coding").is_none() && node.text("text").is_some() {
        let quirk = match node.name() {
            "manifestation" => Quirk::ManifestationInWords,
            _ => Quirk::CodeInWords,
        };
        look.note(quirk, node);
    }
}

/// A period that stands for a year or a month.
pub(super) fn period(look: &mut Look<'_>, node: Node<'_>) {
    if node.name() != "onsetPeriod" {
        return;
    }
    let (Some(start), Some(end)) = (node.text("start"), node.text("end")) else {
        return;
    };
    let (start, end) = (start.get(..10).unwrap_or(start), end.get(..10).unwrap_or(end));
    let is_year = start.get(4..) == Some("-01-01") && end.get(4..) == Some("-12-31");
    let is_month = start.get(7..) == Some("-01")
        && end
            .get(7..)
            .is_some_and(|day| ["-28", "-29", "-30", "-31"].contains(&day));
    let same = |length: usize| start.get(..length).is_some() && start.get(..length) == end.get(..length);
    if is_year && same(4) || is_month && same(7) {
        look.note(Quirk::VaguePeriod, node);
    }
}
