//! Builds building blocks from what a case says of them, as R4 of MP9 has them.

use samenhang_profiles::Received;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::fixtures::received;

const NICTIZ: &str = "http://nictiz.nl/fhir/StructureDefinition";
const SNOMED: &str = "http://snomed.info/sct";

/// What a case says of a block. Dates are as they are sent.
#[derive(Deserialize, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Draft {
    pub(super) id: String,
    /// MA, TA, WDS, VV, MVE, MGB or MTD.
    pub(super) kind: String,
    /// Value of the treatment; `generic:PRK` for a generic one. None: no treatment.
    pub(super) mbh: Option<String>,
    pub(super) registered: Option<String>,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    /// Such as `3 wk`.
    pub(super) duration: Option<String>,
    /// Code of the stop type.
    pub(super) stop: Option<String>,
    /// Numbers of the blocks that it names, by the field of its kind.
    pub(super) names: Vec<String>,
    /// Its number; its id when it is left out.
    pub(super) number: Option<String>,
    pub(super) prk: Option<String>,
    /// How many a day.
    pub(super) dose: Option<String>,
    /// Code of the route.
    pub(super) route: Option<String>,
    /// The dose in words.
    pub(super) words: Option<String>,
    pub(super) author: Option<String>,
    pub(super) status: Option<String>,
    pub(super) agreed: Option<bool>,
    pub(super) intent: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) modifier: Option<String>,
    /// URA of the holder.
    pub(super) holder: Option<String>,
}

impl Draft {
    pub(super) fn received(&self) -> Received {
        received(
            self.holder.as_deref().unwrap_or("00700700"),
            &self.json().to_string(),
        )
    }

    pub(super) fn json(&self) -> Value {
        let (kind, category) = match &*self.kind {
            "MA" => ("MedicationRequest", "33633005"),
            "WDS" => ("MedicationRequest", "395067002"),
            "VV" => ("MedicationRequest", "52711000146108"),
            "TA" => ("MedicationDispense", "422037009"),
            "MVE" => ("MedicationDispense", "373784005"),
            "MGB" => ("MedicationStatement", "422979000"),
            "MTD" => ("MedicationAdministration", "18629005"),
            other => panic!("{other} is no kind"),
        };
        let is_request = kind == "MedicationRequest";
        let category = json!({ "coding": [ { "system": SNOMED, "code": category } ] });
        let mut block = Map::new();
        let mut put = |name: &str, value: Value| block.insert(name.to_owned(), value);
        put("resourceType", json!(kind));
        put("id", json!(self.id));
        put(
            "identifier",
            json!([ { "system": system(&self.kind), "value": self.number.as_ref().unwrap_or(&self.id) } ]),
        );
        put("status", json!(self.status.as_deref().unwrap_or("unknown")));
        put("category", if is_request { json!([category]) } else { category });
        let product = self
            .prk
            .as_ref()
            .map(|prk| json!([ { "system": "urn:oid:2.16.840.1.113883.2.4.4.10", "code": prk } ]));
        put(
            "medicationCodeableConcept",
            json!({ "coding": product.unwrap_or(json!([])), "text": "middel" }),
        );
        put("subject", json!({ "reference": "Patient/p" }));
        if let Some(intent) = &self.intent {
            put("intent", json!(intent));
        }
        let dose = self.dose.as_ref().map(|dose| {
            let dose: Value = serde_json::from_str(dose).unwrap_or_else(|e| panic!("{e}"));
            let mut said = json!({
                "timing": { "repeat": { "frequency": 1, "period": 1, "periodUnit": "d" } },
                "doseAndRate": [ { "doseQuantity": { "value": dose } } ],
            });
            if let Some(route) = &self.route {
                said["route"] =
                    json!({ "coding": [ { "system": "urn:oid:2.16.840.1.113883.2.4.4.9", "code": route } ] });
            }
            said
        });
        let words = self.words.as_ref().map(|words| json!({ "text": words }));
        if let Some(dose) = dose.or(words) {
            let name = if kind == "MedicationStatement" || kind == "MedicationAdministration" {
                "dosage"
            } else {
                "dosageInstruction"
            };
            put(
                name,
                if kind == "MedicationAdministration" {
                    dose
                } else {
                    json!([dose])
                },
            );
        }
        self.relations(&mut put);
        let mut extensions = Vec::new();
        self.times(&mut put, &mut extensions);
        if let Some(mbh) = &self.mbh {
            let (system, value) = match mbh.strip_prefix("generic:") {
                Some(prk) => ("urn:oid:2.16.840.1.113883.2.4.3.11.61.2", prk),
                None => ("urn:oid:1.2.3", mbh.as_str()),
            };
            extensions.push(extension(
                "ext-PharmaceuticalTreatment.Identifier",
                "valueIdentifier",
                json!({ "system": system, "value": value }),
            ));
        }
        if let Some(agreed) = self.agreed {
            extensions.push(extension("ext-AsAgreedIndicator", "valueBoolean", json!(agreed)));
        }
        if let Some(author) = &self.author {
            extensions.push(extension(
                "ext-MedicationUse2.Author",
                "valueReference",
                json!({ "type": author, "display": "auteur" }),
            ));
        }
        put("extension", json!(extensions));
        let mut modifiers = Vec::new();
        if let Some(stop) = &self.stop {
            modifiers.push(extension(
                "ext-StopType",
                "valueCodeableConcept",
                json!({ "coding": [ { "system": SNOMED, "code": stop } ] }),
            ));
        }
        if let Some(modifier) = &self.modifier {
            modifiers.push(json!({ "url": modifier, "valueBoolean": true }));
        }
        if !modifiers.is_empty() {
            put("modifierExtension", json!(modifiers));
        }
        Value::Object(block)
    }

    fn relations(&self, put: &mut impl FnMut(&str, Value) -> Option<Value>) {
        let reference = |kind: &str, number: &String| json!({ "identifier": { "system": system(kind), "value": number } });
        // A number that begins with the name of a kind is of that kind; otherwise a stop names its own kind, and what
        // carries something out the agreement.
        let kind_of = |number: &str| {
            let kinds = ["MA", "TA", "WDS", "MGB"];
            let named = kinds
                .into_iter()
                .find(|kind| number.to_uppercase().starts_with(kind));
            named.map_or_else(
                || {
                    if self.stop.is_some() {
                        self.kind.clone()
                    } else {
                        "MA".to_owned()
                    }
                },
                str::to_owned,
            )
        };
        let all: Vec<Value> = self
            .names
            .iter()
            .map(|number| reference(&kind_of(number), number))
            .collect();
        let Some(first) = all.first().cloned() else { return };
        match &*self.kind {
            "MA" => put("priorPrescription", first),
            "WDS" | "VV" => put("basedOn", json!(all)),
            "TA" | "MVE" => put("authorizingPrescription", json!(all)),
            "MGB" => put("derivedFrom", json!(all)),
            _ => put("request", first),
        };
    }

    fn times(&self, put: &mut impl FnMut(&str, Value) -> Option<Value>, extensions: &mut Vec<Value>) {
        if let Some(registered) = &self.registered {
            if self.kind == "MGB" {
                put("dateAsserted", json!(registered));
            } else {
                extensions.push(extension(
                    "ext-RegistrationDateTime",
                    "valueDateTime",
                    json!(registered),
                ));
            }
        }
        let mut period = Map::new();
        for (name, value) in [("start", &self.start), ("end", &self.end)] {
            if let Some(value) = value {
                period.insert(name.to_owned(), json!(value));
            }
        }
        let mut parts = Vec::new();
        if let Some((value, unit)) = self
            .duration
            .as_deref()
            .and_then(|duration| duration.split_once(' '))
        {
            let value: Value = serde_json::from_str(value).unwrap_or_else(|e| panic!("{e}"));
            parts.push(extension(
                "ext-TimeInterval.Duration",
                "valueDuration",
                json!({ "value": value, "system": "http://unitsofmeasure.org", "code": unit }),
            ));
        }
        if let Some(condition) = &self.condition {
            parts.push(extension(
                "ext-PeriodOfUse.Condition",
                "valueString",
                json!(condition),
            ));
        }
        if !parts.is_empty() {
            period.insert("extension".to_owned(), json!(parts));
        }
        if period.is_empty() {
            return;
        }
        match &*self.kind {
            "MGB" => {
                put("effectivePeriod", Value::Object(period));
            }
            "MTD" => {
                put("effectiveDateTime", json!(self.start));
            }
            "MVE" => {
                put("whenHandedOver", json!(self.start));
            }
            _ => extensions.push(extension(
                "ext-TimeInterval.Period",
                "valuePeriod",
                Value::Object(period),
            )),
        }
    }
}

fn system(kind: &str) -> String {
    format!("urn:oid:1.2.3.{}", kind.bytes().map(u32::from).sum::<u32>())
}

fn extension(name: &str, of: &str, value: Value) -> Value {
    let mut extension = Map::new();
    extension.insert("url".to_owned(), json!(format!("{NICTIZ}/{name}")));
    extension.insert(of.to_owned(), value);
    Value::Object(extension)
}
