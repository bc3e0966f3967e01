//! Who recorded something: the name and the role that the source gives, or those of the resource that it refers to.

use std::collections::BTreeMap;

use samenhang_profiles::Received;
use samenhang_profiles::tree::Tree;

use super::extract::{concept, first, human, items};
use crate::CHECKED;
use crate::subject::local;

/// Who recorded or reported something, as the source says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorder {
    /// The name.
    pub name: Option<String>,
    /// The role: what a `PractitionerRole` says, or the kind of person that is referred to.
    pub role: Option<Role>,
}

/// The role of who recorded something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// As the source says it.
    Said(String),
    /// The source says no more than that it is the patient.
    Patient,
    /// Somebody related to the patient.
    RelatedPerson,
    /// A professional.
    Practitioner,
    /// An organisation.
    Organization,
}

/// A person or an organisation among what was received.
struct Known {
    name: Option<String>,
    role: Option<String>,
    /// Who has the role.
    of: Option<String>,
}

/// People and organisations by endpoint, type and id.
pub(super) struct People<'a> {
    known: BTreeMap<(&'a str, &'a str, &'a str), Known>,
}

impl<'a> People<'a> {
    pub(super) fn new(items: &'a [Received]) -> Self {
        let known = items.iter().filter_map(|item| {
            let kind = item.resource.resource_type();
            let is_one = matches!(
                kind,
                "Practitioner" | "PractitionerRole" | "Organization" | "RelatedPerson"
            );
            if !is_one {
                return None;
            }
            let tree = Tree::parse(item.resource.body(), &CHECKED).ok()?;
            let place = (&*item.lineage.endpoint, kind, item.resource.id()?);
            Some((place, read(kind, &tree)))
        });
        People {
            known: known.collect(),
        }
    }

    fn find<'b>(&'b self, endpoint: &'b str, reference: &'b str) -> Option<&'b Known> {
        let (kind, id) = local(reference, endpoint)?;
        self.known.get(&(endpoint, kind, id))
    }

    /// Who recorded a resource; nothing when it does not say.
    pub(super) fn recorder(&self, kind: &str, tree: &Tree<'_>, endpoint: &str) -> Option<Recorder> {
        let paths = paths(kind);
        let reference = paths.iter().find_map(|path| {
            let found = tree.path(path)?;
            let found = first(Some(found)).unwrap_or(found);
            (found.get("reference").is_some() || found.get("display").is_some()).then_some(found)
        })?;
        let address = reference.text("reference").unwrap_or_default();
        let known = self.find(endpoint, address);
        let other = known
            .and_then(|known| known.of.as_deref())
            .and_then(|address| self.find(endpoint, address));
        let display = reference.text("display").map(str::to_owned);
        let name = display
            .or_else(|| known?.name.clone())
            .or_else(|| other?.name.clone());
        let said = known.and_then(|known| known.role.clone()).map(Role::Said);
        let role = said.or_else(|| {
            let kind = local(address, endpoint).map(|(kind, _)| kind);
            match kind.or_else(|| reference.text("type"))? {
                "Patient" => Some(Role::Patient),
                "RelatedPerson" => Some(Role::RelatedPerson),
                "Practitioner" | "PractitionerRole" => Some(Role::Practitioner),
                "Organization" => Some(Role::Organization),
                _ => None,
            }
        });
        (name.is_some() || role.is_some()).then_some(Recorder { name, role })
    }
}

fn read(kind: &str, tree: &Tree<'_>) -> Known {
    let text = |path: &str| tree.text(path).map(str::to_owned);
    match kind {
        "PractitionerRole" => Known {
            name: text("practitioner.display"),
            role: [tree.get("specialty"), tree.get("code")]
                .into_iter()
                .find_map(|list| items(list).iter().find_map(|one| concept(Some(one)))),
            of: text("practitioner.reference").or_else(|| text("organization.reference")),
        },
        "Organization" => Known {
            name: text("name"),
            role: None,
            of: None,
        },
        _ => Known {
            name: human(tree.get("name")),
            role: None,
            of: None,
        },
    }
}

/// Where a resource says who recorded it: who wrote it down before who said it.
fn paths(kind: &str) -> &'static [&'static str] {
    match kind {
        "AllergyIntolerance" | "Condition" => &["recorder", "asserter"],
        "MedicationRequest" => &["requester", "requester.agent", "recorder"],
        "MedicationDispense" | "MedicationAdministration" | "Immunization" => {
            &["performer.0.actor", "practitioner.0.actor", "performer"]
        }
        "MedicationStatement" => &["informationSource"],
        "Procedure" => &["performer.0.actor", "recorder", "asserter"],
        "Flag" | "CarePlan" | "DocumentReference" | "Composition" => &["author"],
        "Encounter" => &["participant.0.individual"],
        "ServiceRequest" | "NutritionOrder" | "DeviceRequest" => &["requester", "orderer"],
        "DeviceUseStatement" => &["source"],
        "Consent" => &["performer", "consentingParty", "organization"],
        "EpisodeOfCare" => &["careManager"],
        _ => &["performer", "author", "recorder", "asserter", "source"],
    }
}
