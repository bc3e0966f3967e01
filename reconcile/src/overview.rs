//! The viewer's model: sections by category, each with what a person needs to see of every resource.
//!
//! Texts are shown as they were sent. It translates, rounds, interprets and hides nothing; what it cannot find it
//! leaves empty. It holds patient data and is never logged: no `Debug`.

mod extract;
mod recorder;
#[cfg(test)]
mod tests;

use samenhang_profiles::{Conformance, Received, Ura};
use samenhang_terminology::Category;

use crate::Reconciled;
use crate::cluster::Cluster;
use crate::order;

pub use recorder::{Recorder, Role};

/// One resource, as a person sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is about.
    pub title: String,
    /// What it says: a value, a dose, a reaction. Empty when there is nothing more.
    pub detail: String,
    /// The date by which it is ordered, as sent.
    pub date: Option<String>,
    /// Status and verification as sent.
    pub status: Option<String>,
    /// Who recorded it.
    pub recorder: Option<Recorder>,
    /// Type of the resource.
    pub resource_type: String,
    /// URA of the holder.
    pub holder: Ura,
    /// Its name.
    pub holder_name: String,
    /// Whether it is shown as received, not in R4.
    pub as_received: bool,
    /// Whether it was made from what the holder sent in another version of FHIR.
    pub lifted: bool,
    /// Address at the holder of what it sent; the key by which the original is shown.
    pub full_url: String,
    /// Name of its cluster.
    pub cluster: Option<String>,
    /// Whether it stands for the others of its cluster; true without a cluster.
    pub representative: bool,
    /// Whether it contradicts another item.
    pub conflict: bool,
}

/// One category with its items in the order of the answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    /// The category.
    pub category: Category,
    /// Its items; never empty.
    pub items: Vec<Item>,
}

/// Reads single items of what was reconciled, for a page that shows some of them.
pub struct Reader<'a> {
    known: &'a Reconciled,
    products: extract::Products<'a>,
}

impl<'a> Reader<'a> {
    /// Reads the names of products and people, which items refer to.
    #[must_use]
    pub fn new(known: &'a Reconciled) -> Self {
        Reader {
            known,
            products: extract::Products::new(known.items()),
        }
    }

    /// The item at a place.
    #[must_use]
    pub fn item(&self, index: usize) -> Option<Item> {
        let received = self.known.items().get(index)?;
        let mut item = item(received, index, self.known.cluster_of(index), &self.products);
        item.conflict = self.known.is_contradicted(index);
        Some(item)
    }
}

/// The overview of one patient.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// Sections in order of clinical priority.
    pub sections: Vec<Section>,
}

impl Overview {
    /// The overview of what was reconciled. What only supports others (who, where, which product) is not an item of
    /// its own.
    #[must_use]
    pub fn new(reconciled: &Reconciled) -> Self {
        let reader = Reader::new(reconciled);
        let mut sections: Vec<Section> = Vec::new();
        for (index, received) in reconciled.items().iter().enumerate() {
            if order::is_supporting(received.resource.resource_type()) {
                continue;
            }
            let Some(item) = reader.item(index) else { continue };
            match sections.last_mut() {
                Some(section) if section.category == received.category => section.items.push(item),
                _ => sections.push(Section {
                    category: received.category,
                    items: vec![item],
                }),
            }
        }
        Overview { sections }
    }

    /// The items of one category.
    #[must_use]
    pub fn section(&self, category: Category) -> &[Item] {
        self.sections
            .iter()
            .find(|section| section.category == category)
            .map_or(&[], |section| &section.items)
    }
}

/// The items of a batch, for a page that grows while holders answer: without clusters, each with its resource.
#[must_use]
pub fn items(received: &[Received]) -> Vec<(Received, Item)> {
    let mut sorted = received.to_vec();
    order::sort(&mut sorted);
    let products = extract::Products::new(&sorted);
    sorted
        .iter()
        .filter(|received| !order::is_supporting(received.resource.resource_type()))
        .map(|received| (received.clone(), item(received, 0, None, &products)))
        .collect()
}

fn item(
    received: &Received,
    index: usize,
    cluster: Option<&Cluster>,
    products: &extract::Products<'_>,
) -> Item {
    let keys = received.resource.keys();
    let said = extract::said(received, products);
    Item {
        title: said.title,
        detail: said.detail,
        date: keys.date.as_deref().map(str::to_owned),
        status: said.status,
        recorder: said.recorder,
        resource_type: received.resource.resource_type().to_owned(),
        holder: received.lineage.holder.clone(),
        holder_name: received.lineage.holder_name.to_string(),
        as_received: received.lineage.conformance == Conformance::AsReceived,
        lifted: received.lineage.conformance == Conformance::Lifted,
        full_url: received
            .conversion
            .as_deref()
            .map_or(&received.full_url, |conversion| &conversion.original_url)
            .to_string(),
        cluster: cluster.map(|cluster| cluster.id.clone()),
        representative: cluster.is_none_or(|cluster| cluster.representative == index),
        conflict: false,
    }
}
