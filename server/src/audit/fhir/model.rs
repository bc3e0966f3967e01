//! The few elements of `AuditEvent` that are written, in the order in which they are written.

use serde::Serialize;

#[derive(Serialize)]
pub(super) struct AuditEvent<'a> {
    #[serde(rename = "resourceType")]
    pub resource_type: &'static str,
    pub id: String,
    #[serde(rename = "type")]
    pub kind: Coding,
    pub subtype: Vec<Coding>,
    pub action: &'static str,
    pub recorded: &'a str,
    pub outcome: &'static str,
    #[serde(rename = "outcomeDesc", skip_serializing_if = "Option::is_none")]
    pub outcome_desc: Option<&'static str>,
    #[serde(rename = "purposeOfEvent", skip_serializing_if = "Vec::is_empty")]
    pub purpose_of_event: Vec<Concept>,
    pub agent: Vec<Agent>,
    pub source: Source,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entity: Vec<Entity>,
}

#[derive(Clone, Serialize)]
pub(super) struct Coding {
    pub system: &'static str,
    pub code: String,
}

impl Coding {
    pub(super) fn new(system: &'static str, code: &str) -> Self {
        Coding {
            system,
            code: code.to_owned(),
        }
    }
}

#[derive(Clone, Serialize)]
pub(super) struct Concept {
    pub coding: [Coding; 1],
}

impl Concept {
    pub(super) fn new(coding: Coding) -> Self {
        Concept { coding: [coding] }
    }
}

#[derive(Clone, Serialize)]
pub(super) struct Agent {
    #[serde(rename = "type")]
    pub kind: Concept,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub role: Vec<Concept>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<What>,
    pub requestor: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
}

impl Agent {
    pub(super) fn new(code: &str, system: &'static str, requestor: bool) -> Self {
        Agent {
            kind: Concept::new(Coding::new(system, code)),
            role: Vec::new(),
            who: None,
            requestor,
            policy: Vec::new(),
            network: None,
        }
    }
}

#[derive(Clone, Serialize)]
pub(super) struct Network {
    pub address: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

impl Network {
    /// A host name (1) or an IP address (2), with or without a port.
    pub(super) fn of(address: &str) -> Self {
        let ip =
            address.parse::<std::net::SocketAddr>().is_ok() || address.parse::<std::net::IpAddr>().is_ok();
        Network {
            address: address.chars().take(256).collect(),
            kind: if ip { "2" } else { "1" },
        }
    }
}

#[derive(Clone, Serialize)]
pub(super) struct What {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    pub identifier: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

impl What {
    pub(super) fn identifier(system: &'static str, value: impl Into<String>) -> Self {
        What {
            reference: None,
            identifier: Identifier {
                system,
                value: value.into(),
            },
            display: None,
        }
    }

    pub(super) fn named(mut self, display: &str) -> Self {
        self.display = Some(display.to_owned());
        self
    }
}

#[derive(Clone, Serialize)]
pub(super) struct Identifier {
    pub system: &'static str,
    pub value: String,
}

#[derive(Serialize)]
pub(super) struct Source {
    pub observer: What,
    #[serde(rename = "type")]
    pub kind: Vec<Coding>,
}

#[derive(Serialize)]
pub(super) struct Entity {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<What>,
    #[serde(rename = "type")]
    pub kind: Coding,
    pub role: Coding,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub detail: Vec<Detail>,
}

#[derive(Serialize)]
pub(super) struct Detail {
    #[serde(rename = "type")]
    pub name: &'static str,
    #[serde(rename = "valueString")]
    pub text: String,
}

impl Detail {
    pub(super) fn new(name: &'static str, text: String) -> Self {
        Detail { name, text }
    }
}
