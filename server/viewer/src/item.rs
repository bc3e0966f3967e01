//! One line of the overview: what reconciliation found in a resource, with its origin and its marks.

use std::collections::{BTreeMap, BTreeSet};

use samenhang_profiles::{Received, Ura};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::overview::{self, Overview};
use samenhang_terminology::Category;

use crate::words::Language;

/// What reconciliation found out about a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// How many holders report the same record; 0 or 1 when it stands alone.
    pub shared_by: usize,
    /// Whether copies of the record differ.
    pub conflict: bool,
}

/// One line of the overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The section it belongs to.
    pub category: Category,
    /// What it is.
    pub title: String,
    /// What it says.
    pub detail: String,
    /// Its status as the source wrote it.
    pub status: Option<String>,
    /// Its date for a reader.
    pub date: Option<String>,
    /// Name of the holder.
    pub holder: String,
    /// URA of the holder.
    pub ura: String,
    /// Whether it is shown in another version of FHIR than R4.
    pub as_received: bool,
    /// Whether it was made from what the source sent in an older version of FHIR.
    pub lifted: bool,
    /// Address of the original.
    pub original: String,
    /// What reconciliation found out.
    pub mark: Mark,
}

impl Item {
    fn new(category: Category, item: overview::Item, mark: Mark, language: Language) -> Self {
        Item {
            category,
            title: item.title,
            detail: item.detail,
            status: item.status,
            date: item.date.map(|date| language.date(&date)),
            holder: item.holder_name,
            ura: item.holder.to_string(),
            as_received: item.as_received,
            lifted: item.lifted,
            original: item.full_url,
            mark,
        }
    }
}

/// The items of a whole answer, in its order.
#[must_use]
pub fn of_answer(reconciled: &Reconciled, language: Language) -> Vec<Item> {
    let overview = Overview::new(reconciled);
    let mut reporters: BTreeMap<&str, BTreeSet<&Ura>> = BTreeMap::new();
    for item in overview.sections.iter().flat_map(|section| &section.items) {
        if let Some(cluster) = &item.cluster {
            reporters.entry(cluster).or_default().insert(&item.holder);
        }
    }
    let shared: BTreeMap<String, usize> = reporters
        .into_iter()
        .map(|(cluster, holders)| (cluster.to_owned(), holders.len()))
        .collect();
    let mut items = Vec::new();
    for section in overview.sections {
        for item in section.items {
            let shared_by = item
                .cluster
                .as_ref()
                .and_then(|cluster| shared.get(cluster))
                .copied()
                .unwrap_or_default();
            let mark = Mark {
                shared_by,
                conflict: item.conflict,
            };
            items.push(Item::new(section.category, item, mark, language));
        }
    }
    items
}

/// The items of a batch of one category, for a page that grows: what belongs together is not known yet.
#[must_use]
pub fn of_batch(category: Category, received: &[Received], language: Language) -> Vec<Item> {
    let new = |item| Item::new(category, item, Mark::default(), language);
    overview::items(received).into_iter().map(new).collect()
}

/// The id of the section of a category in the page.
#[must_use]
pub fn section_id(category: Category) -> String {
    format!("section-{}", category.code())
}
