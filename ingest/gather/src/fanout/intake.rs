//! Takes in the pages of one endpoint: checks whose they are, tells what they are, and leaves out repetitions.
//!
//! Pure and synchronous. Consent is decided by what a resource says, not by the query that fetched it: a category
//! that is not permitted is dropped here and goes no further.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use samenhang_conform::conformance;
use samenhang_conform::quirks::Quirk;
use samenhang_profiles::classify::{classify, travels};
use samenhang_profiles::page::{Entry, Page};
use samenhang_profiles::{FhirVersion, Limits, Lineage, RawResource, Received, Ura, content};
use samenhang_terminology::Category;

use super::problem::Problem;
use crate::source::content::{ContentProblem, reports_error};
use crate::source::reference::at_endpoint;
use crate::source::subject::{Accepted, Subject};
use crate::source::version;

/// Type, id and version, or a hash where there is no id.
pub(super) type Key = (Box<str>, Box<str>, Option<Box<str>>);

/// Type and id, as a reference within the endpoint names them.
type Place = (Box<str>, Box<str>);

/// Where an endpoint's resources come from.
pub(super) struct Origin {
    pub(super) holder: Ura,
    pub(super) name: Arc<str>,
    pub(super) base: Arc<str>,
    pub(super) version: FhirVersion,
}

/// What a page brought.
#[derive(Default)]
pub(super) struct Taken {
    /// New resources by category, in order of the page.
    pub(super) resources: BTreeMap<Category, Vec<Received>>,
    /// New resources that are of a category themselves, not merely sent along.
    pub(super) counts: BTreeMap<Category, usize>,
    /// Matches that this walk had not seen.
    pub(super) fresh: usize,
    /// Resources whose patient cannot be checked.
    pub(super) withheld: usize,
    /// The source says that something went wrong.
    pub(super) reported_error: bool,
    /// Matches that an earlier page of the same walk had.
    pub(super) repeated: usize,
    /// What it shows of the quirk catalogue.
    pub(super) quirks: BTreeMap<Quirk, usize>,
}

/// The intake of one endpoint.
pub(super) struct Intake {
    origin: Arc<Origin>,
    accepted: Accepted,
    permitted: Vec<Category>,
    limits: Limits,
    seen: HashSet<Key>,
    /// What those refer to: type and id.
    referred: HashSet<Place>,
    /// Resources of a category themselves that may yet turn out to be there for what refers to them.
    lone: Vec<(Category, Place)>,
    known: HashSet<Place>,
}

impl Intake {
    pub(super) fn new(origin: Origin, accepted: Accepted, permitted: Vec<Category>) -> Self {
        Intake {
            origin: Arc::new(origin),
            accepted,
            permitted,
            limits: Limits::default(),
            seen: HashSet::new(),
            referred: HashSet::new(),
            lone: Vec::new(),
            known: HashSet::new(),
        }
    }

    /// The logical id of the accepted patient.
    pub(super) fn patient_id(&self) -> &str {
        &self.accepted.id
    }

    /// Takes in a page of a search for `kind`. `walked` is what the same search had brought before.
    pub(super) fn page(
        &mut self,
        page: Page,
        kind: &str,
        walked: &mut HashSet<Key>,
        retrieved: Timestamp,
    ) -> Result<Taken, Problem> {
        // A resource that names two patients is withheld; the rest of its page is not to blame.
        let mut taken = Taken {
            withheld: page.set_aside,
            fresh: page.set_aside,
            ..Taken::default()
        };
        let mut lineages = Lineages::new(&self.origin, retrieved);
        let mut along: Vec<Arrived> = Vec::new();
        taken.quirks = of_page(&page, kind);
        for entry in page.entries {
            let Entry {
                full_url,
                mode,
                resource: Some(resource),
            } = entry
            else {
                continue;
            };
            if resource.resource_type() == "OperationOutcome" {
                taken.reported_error |= reports_error(&resource, &self.limits);
                continue;
            }
            let included = match mode.as_deref() {
                Some(mode) => mode != "match",
                None => resource.resource_type() != kind,
            };
            if !included {
                let is_fresh = walked.insert(key(&resource));
                taken.fresh += usize::from(is_fresh);
                taken.repeated += usize::from(!is_fresh);
            }
            if !self.is_ours(&resource, included, &mut taken)? {
                continue;
            }
            let arrived = Arrived { resource, full_url };
            if included && travels(arrived.resource.resource_type()) {
                along.push(arrived);
            } else {
                self.statement(arrived, &mut lineages, &mut taken);
            }
        }
        self.along(along, &mut lineages, &mut taken);
        Ok(taken)
    }

    /// Takes in a resource that was read because others of a category refer to it.
    pub(super) fn read(
        &mut self,
        resource: RawResource,
        category: Category,
        retrieved: Timestamp,
    ) -> Result<Taken, Problem> {
        let mut taken = Taken::default();
        let mut lineages = Lineages::new(&self.origin, retrieved);
        if self.is_ours(&resource, true, &mut taken)? {
            let version = version::detect(&resource, self.origin.version);
            self.keep(
                Arrived {
                    resource,
                    full_url: None,
                },
                category,
                version,
                &mut lineages,
                &mut taken,
            );
        }
        Ok(taken)
    }

    /// Takes in the accepted Patient itself.
    pub(super) fn patient(
        &mut self,
        resource: RawResource,
        full_url: Option<Box<str>>,
        retrieved: Timestamp,
    ) -> Result<Taken, Problem> {
        let mut taken = Taken::default();
        let mut lineages = Lineages::new(&self.origin, retrieved);
        if self.is_ours(&resource, false, &mut taken)? {
            self.statement(Arrived { resource, full_url }, &mut lineages, &mut taken);
        }
        Ok(taken)
    }

    /// Whether a resource is of the accepted patient, or of nobody.
    fn is_ours(&self, resource: &RawResource, included: bool, taken: &mut Taken) -> Result<bool, Problem> {
        match self.accepted.check(resource, included) {
            Subject::Ours | Subject::None => Ok(true),
            Subject::Unclear => {
                // A Patient that is sent along, a payer or a mother, is left out without a word.
                taken.withheld += usize::from(resource.resource_type() != "Patient");
                Ok(false)
            }
            Subject::Other => Err(Problem::WrongPatient),
        }
    }

    /// Takes in a statement about the patient: its content tells its category.
    fn statement(&mut self, arrived: Arrived, lineages: &mut Lineages, taken: &mut Taken) {
        let version = version::detect(&arrived.resource, self.origin.version);
        let category = classify(&arrived.resource, version);
        let keys = arrived.resource.keys();
        let kind = keys.resource_type.clone();
        let place = keys.id.clone().filter(|_| travels(&kind)).map(|id| (kind, id));
        if !self.keep(arrived, category, version, lineages, taken) {
            return;
        }
        match place {
            // Sent along it would not count, and which page comes first must not be seen in the rows.
            Some(place) => self.lone.push((category, place)),
            None => *taken.counts.entry(category).or_default() += 1,
        }
    }

    /// At the end: the supporting resources that nothing refers to. They count for themselves.
    pub(super) fn lone(&self) -> BTreeMap<Category, usize> {
        let mut counts = BTreeMap::new();
        for (category, _) in self
            .lone
            .iter()
            .filter(|(_, place)| !self.referred.contains(place))
        {
            *counts.entry(*category).or_default() += 1;
        }
        counts
    }

    /// Takes in what was sent along with statements: each in the category of what refers to it. What nothing that was
    /// taken in refers to has no business here.
    fn along(&mut self, mut along: Vec<Arrived>, lineages: &mut Lineages, taken: &mut Taken) {
        let mut referred = HashMap::new();
        for (category, resources) in &taken.resources {
            for received in resources {
                refer(&mut referred, &received.resource, *category);
            }
        }
        loop {
            let (found, rest): (Vec<Arrived>, Vec<Arrived>) = along
                .into_iter()
                .partition(|arrived| self.referrer(&referred, arrived).is_some());
            along = rest;
            if found.is_empty() {
                return;
            }
            for arrived in found {
                let Some(category) = self.referrer(&referred, &arrived) else {
                    continue;
                };
                refer(&mut referred, &arrived.resource, category);
                let version = version::detect(&arrived.resource, self.origin.version);
                self.keep(arrived, category, version, lineages, taken);
            }
        }
    }

    /// The most urgent category that refers to a resource that was sent along.
    fn referrer(&self, referred: &HashMap<Box<str>, Category>, arrived: &Arrived) -> Option<Category> {
        let by_url = arrived.full_url.as_deref().and_then(|url| referred.get(url));
        let by_id = arrived.resource.id().and_then(|id| {
            let relative = format!("{}/{id}", arrived.resource.resource_type());
            let absolute = || referred.get(format!("{}/{relative}", self.origin.base).as_str());
            referred.get(relative.as_str()).or_else(absolute)
        });
        by_url.into_iter().chain(by_id).min().copied()
    }

    /// Keeps a resource, unless it is not permitted or was kept before.
    fn keep(
        &mut self,
        arrived: Arrived,
        category: Category,
        version: FhirVersion,
        lineages: &mut Lineages,
        taken: &mut Taken,
    ) -> bool {
        let Arrived { resource, full_url } = arrived;
        if !self.permitted.contains(&category) || !self.seen.insert(key(&resource)) {
            return false;
        }
        for reference in &resource.keys().references {
            if let Some((kind, id)) = at_endpoint(reference, &self.origin.base) {
                self.referred.insert((kind.into(), id.into()));
            }
        }
        if let Some(id) = resource.id() {
            self.known.insert((resource.resource_type().into(), id.into()));
        }
        if version != self.origin.version {
            *taken.quirks.entry(Quirk::OtherVersion).or_default() += 1;
        }
        let full_url = self.full_url(&resource, full_url);
        let lineage = lineages.of(version);
        taken.resources.entry(category).or_default().push(Received {
            resource,
            full_url,
            category,
            lineage,
            conversion: None,
        });
        true
    }

    /// The references of new resources that are worth a read and have not been met: type and id.
    pub(super) fn unread(&self, taken: &Taken) -> Vec<(Category, String)> {
        let mut targets = Vec::new();
        for (category, resources) in &taken.resources {
            for reference in resources
                .iter()
                .flat_map(|received| &received.resource.keys().references)
            {
                let Some((kind, id)) = at_endpoint(reference, &self.origin.base) else {
                    continue;
                };
                if travels(kind) && !self.known.contains(&(Box::from(kind), Box::from(id))) {
                    targets.push((*category, format!("{kind}/{id}")));
                }
            }
        }
        targets
    }

    /// Whether a resource has been met by now.
    pub(super) fn knows(&self, target: &str) -> bool {
        target
            .split_once('/')
            .is_some_and(|(kind, id)| self.known.contains(&(Box::from(kind), Box::from(id))))
    }

    fn full_url(&self, resource: &RawResource, sent: Option<Box<str>>) -> Arc<str> {
        let base = &self.origin.base;
        match (sent, resource.id()) {
            (Some(sent), _) if sent.contains(':') => Arc::from(sent),
            (_, Some(id)) => Arc::from(format!("{base}/{}/{id}", resource.resource_type())),
            // It has no address; its content is the only name that it has.
            (_, None) => Arc::from(format!("urn:samenhang:content:{}", hash(resource))),
        }
    }
}

/// What a page shows of the quirk catalogue, before anything is left out.
fn of_page(page: &Page, kind: &str) -> BTreeMap<Quirk, usize> {
    let resources = || {
        let all = page.entries.iter();
        all.filter_map(|entry| Some((entry, entry.resource.as_ref()?)))
    };
    let is_allergy = |resource: &RawResource| resource.resource_type() == "AllergyIntolerance";
    let is_medication = |resource: &RawResource| {
        let categories = &resource.keys().categories;
        !categories.is_empty()
            && categories
                .iter()
                .all(|category| category.code.as_deref() == Some("medication"))
    };
    let mut allergies = resources()
        .filter(|(_, resource)| is_allergy(resource))
        .peekable();
    let only_medication = kind == "AllergyIntolerance"
        && allergies.peek().is_some()
        && allergies.all(|(_, resource)| is_medication(resource));
    let found = [
        (Quirk::BundleType, &*page.kind != "searchset"),
        (
            Quirk::NoSearchMode,
            resources().any(|(entry, _)| entry.mode.is_none()),
        ),
        (Quirk::MedicationAllergiesOnly, only_medication),
    ];
    found
        .into_iter()
        .filter(|(_, is_shown)| *is_shown)
        .map(|(quirk, _)| (quirk, 1))
        .collect()
}

/// A resource as it arrived.
struct Arrived {
    resource: RawResource,
    full_url: Option<Box<str>>,
}

/// Notes what a resource refers to, without the version.
fn refer(referred: &mut HashMap<Box<str>, Category>, resource: &RawResource, category: Category) {
    for reference in &resource.keys().references {
        let place = reference.split("/_history/").next().unwrap_or(reference);
        referred
            .entry(place.into())
            .and_modify(|known| *known = category.min(*known))
            .or_insert(category);
    }
}

fn key(resource: &RawResource) -> Key {
    let keys = resource.keys();
    let kind = keys.resource_type.clone();
    match &keys.id {
        Some(id) => (kind, id.clone(), keys.version_id.clone()),
        None => (kind, hash(resource).into(), None),
    }
}

fn hash(resource: &RawResource) -> String {
    content::content_hash(resource)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The lineages of one page: one for each version that its resources turn out to have.
struct Lineages {
    origin: Arc<Origin>,
    retrieved: Timestamp,
    made: Vec<Arc<Lineage>>,
}

impl Lineages {
    fn new(origin: &Arc<Origin>, retrieved: Timestamp) -> Self {
        Lineages {
            origin: Arc::clone(origin),
            retrieved,
            made: Vec::new(),
        }
    }

    fn of(&mut self, version: FhirVersion) -> Arc<Lineage> {
        if let Some(lineage) = self.made.iter().find(|lineage| lineage.fhir == version) {
            return Arc::clone(lineage);
        }
        let lineage = Arc::new(Lineage {
            holder: self.origin.holder.clone(),
            holder_name: Arc::clone(&self.origin.name),
            endpoint: Arc::clone(&self.origin.base),
            retrieved: self.retrieved,
            fhir: version,
            conformance: conformance(version),
        });
        self.made.push(Arc::clone(&lineage));
        lineage
    }
}

/// Whether a page says that it is not all there is.
pub(super) fn reported(taken: &Taken) -> Option<Problem> {
    taken
        .reported_error
        .then_some(Problem::Content(ContentProblem::ReportedError))
}

#[cfg(test)]
mod tests;
