//! One line of a page: what reconciliation found in a resource, with its origin and its marks.

use std::collections::BTreeSet;

use samenhang_profiles::{Received, Ura};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::overview::{self, Reader, Recorder, Role};

use crate::address::Address;
use crate::document::{self, Link};
use crate::language::Language;
use crate::{patient, words};

/// What stands between the parts of what an item says.
const PARTS: &str = "; ";
/// The type of what tells who the patient is.
const PATIENT: &str = "Patient";

/// What reconciliation found out about a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// How many holders report the same record; 0 or 1 when it stands alone.
    pub shared_by: usize,
    /// Whether sources contradict each other about it.
    pub conflict: bool,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub title: String,
    /// What it says.
    pub detail: String,
    /// Its status, in words where there are some.
    pub status: Option<String>,
    /// Its date for a reader.
    pub date: Option<String>,
    /// Name of the holder.
    pub holder: String,
    /// URA of the holder.
    pub ura: String,
    /// Who recorded it, with the role.
    pub recorder: Option<String>,
    /// Whether it is shown in another version of FHIR than R4.
    pub as_received: bool,
    /// Whether it was made from what the source sent in an older version of FHIR.
    pub lifted: bool,
    /// The page with its origin; none without a session.
    pub page: Option<String>,
    /// What reconciliation found out.
    pub mark: Mark,
    /// The documents that it points at or holds, to be opened.
    pub documents: Vec<Link>,
    /// Whether it is the line of the patient, of which a page has one.
    pub is_patient: bool,
}

impl Item {
    fn new(
        item: overview::Item,
        (page, documents): (Option<String>, Vec<Link>),
        mark: Mark,
        language: Language,
    ) -> Self {
        Item {
            is_patient: item.resource_type == PATIENT,
            title: item.title,
            detail: in_words(&item.resource_type, item.detail, language),
            status: item.status.map(|said| words::status(&said, language)),
            date: item.date.map(|date| language.date(&date)),
            holder: item.holder_name,
            ura: item.holder.to_string(),
            recorder: item.recorder.map(|recorder| told(&recorder, language)),
            as_received: item.as_received,
            lifted: item.lifted,
            page,
            mark,
            documents,
        }
    }
}

/// What an item says, with its codes in words.
fn in_words(kind: &str, detail: String, language: Language) -> String {
    let texts = language.texts();
    let word = |part: &str| match (kind, part) {
        ("Consent", "permit") => texts.say("directive-permit"),
        ("Consent", "deny") => texts.say("directive-deny"),
        ("Patient", "male") => texts.say("sex-male"),
        ("Patient", "female") => texts.say("sex-female"),
        ("Patient", "other") => texts.say("sex-other"),
        ("Patient", "unknown") => texts.say("sex-unknown"),
        ("Patient", date) => language.date(date),
        _ => part.to_owned(),
    };
    match kind {
        "Consent" | "Patient" => detail.split(PARTS).map(word).collect::<Vec<_>>().join(PARTS),
        _ => detail,
    }
}

/// Who recorded something, in words.
fn told(recorder: &Recorder, language: Language) -> String {
    let texts = language.texts();
    let role = recorder.role.as_ref().map(|role| match role {
        Role::Said(text) => text.clone(),
        Role::Patient => texts.say("role-patient"),
        Role::RelatedPerson => texts.say("role-related-person"),
        Role::Practitioner => texts.say("role-practitioner"),
        Role::Organization => texts.say("role-organization"),
    });
    let name = recorder.name.clone();
    // A name that comes with its role says it once.
    let role = role.filter(|role| !name.as_ref().is_some_and(|name| name.contains(role.as_str())));
    [name, role].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Writes lines of an answer, those that are shown and no others.
pub struct Lines<'a> {
    known: &'a Reconciled,
    reader: Reader<'a>,
    address: Option<&'a Address>,
    /// Where documents are opened.
    documents: Option<&'a Address>,
    language: Language,
    /// The patient as each source has it: all are of one number, which is what the question was about.
    patients: Vec<usize>,
    differ: bool,
}

impl<'a> Lines<'a> {
    /// Of an answer.
    #[must_use]
    pub fn new(known: &'a Reconciled, address: Option<&'a Address>, language: Language) -> Self {
        let of_type = |item: &Received| is_patient(item);
        let all = known.items().iter().enumerate();
        let patients: Vec<(usize, &Received)> = all.filter(|(_, item)| of_type(item)).collect();
        Lines {
            known,
            reader: Reader::new(known),
            address,
            documents: address,
            language,
            differ: patient::differ(patients.iter().map(|(_, item)| *item)),
            patients: patients.into_iter().map(|(index, _)| index).collect(),
        }
    }

    /// Of an answer that a patient reads: documents can be opened, and a record has no page.
    #[must_use]
    pub fn own(known: &'a Reconciled, address: Option<&'a Address>, language: Language) -> Self {
        Lines {
            documents: address,
            ..Lines::new(known, None, language)
        }
    }

    /// The line of the item at a place.
    #[must_use]
    pub fn line(&self, index: usize) -> Option<Item> {
        let item = self.reader.item(index)?;
        let is_patient = self.patients.contains(&index);
        let mark = Mark {
            shared_by: if is_patient {
                holders_of(self.known, &self.patients).len()
            } else {
                holders(self.known, index).len()
            },
            conflict: item.conflict || is_patient && self.differ,
        };
        let received = self.known.items().get(index)?;
        let documents = document::links(received, self.documents, self.language);
        Some(Item::new(
            item,
            (self.page(index), documents),
            mark,
            self.language,
        ))
    }

    /// The places of the patient, as each source has it, when the item at a place is one of them.
    #[must_use]
    pub fn same_patient(&self, index: usize) -> &[usize] {
        if self.patients.contains(&index) {
            &self.patients
        } else {
            &[]
        }
    }

    /// The line of the patient, when any source told who it is.
    #[must_use]
    pub fn patient(&self) -> Option<Item> {
        let stands = |place: &&usize| {
            let cluster = self.known.cluster_of(**place);
            cluster.is_none_or(|cluster| cluster.representative == **place)
        };
        let place = self.patients.iter().find(stands).or(self.patients.first())?;
        self.line(*place)
    }

    /// The places that get a line: the patient gets one, however many sources tell who it is.
    #[must_use]
    pub fn told_once(&self, places: &[usize]) -> Vec<usize> {
        let mut is_told = false;
        let is_first = |place: &&usize| {
            let is_again = is_told && self.patients.contains(place);
            is_told |= self.patients.contains(place);
            !is_again
        };
        places.iter().filter(is_first).copied().collect()
    }

    /// The lines of the items at places.
    #[must_use]
    pub fn lines(&self, indexes: &[usize]) -> Vec<Item> {
        indexes.iter().filter_map(|index| self.line(*index)).collect()
    }

    /// The page with all sections.
    #[must_use]
    pub fn sections(&self) -> Option<String> {
        self.address.map(Address::overview)
    }

    /// Where the number of the patient is shown.
    #[must_use]
    pub fn reveal(&self) -> Option<String> {
        self.address.map(|address| address.page("number", &[]))
    }

    /// The page of the item at a place.
    #[must_use]
    pub fn page(&self, index: usize) -> Option<String> {
        let (address, item) = (self.address?, self.known.items().get(index)?);
        Some(address.record(&address.key(item)))
    }
}

fn is_patient(received: &Received) -> bool {
    received.resource.resource_type() == PATIENT
}

/// The holders that report the same as the item at a place.
#[must_use]
pub fn holders(known: &Reconciled, index: usize) -> BTreeSet<&Ura> {
    let alone = [index];
    let members = known
        .cluster_of(index)
        .map_or(&alone[..], |cluster| &cluster.members);
    holders_of(known, members)
}

fn holders_of<'a>(known: &'a Reconciled, places: &[usize]) -> BTreeSet<&'a Ura> {
    let items = places.iter().filter_map(|&place| known.items().get(place));
    items.map(|item| &item.lineage.holder).collect()
}

/// The lines of a batch, for a page that grows: what belongs together is not known yet. What only supports others is
/// not among them, so each comes with its place in the batch; nor is the patient, of whom there is one line: see
/// [`Lines::patient`].
#[must_use]
pub fn of_batch(
    received: &[Received],
    address: Option<&Address>,
    language: Language,
) -> Vec<(Received, Item)> {
    let new = |(received, item): (Received, overview::Item)| {
        let page = address.map(|address| address.record(&address.key(&received)));
        let documents = document::links(&received, address, language);
        let item = Item::new(item, (page, documents), Mark::default(), language);
        (received, item)
    };
    let is_line = |(received, _): &(Received, overview::Item)| !is_patient(received);
    overview::items(received)
        .into_iter()
        .filter(is_line)
        .map(new)
        .collect()
}
