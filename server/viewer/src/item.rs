//! One line of the overview: a resource with its words and its origin.

use std::collections::BTreeMap;

use samenhang_profiles::tree::Tree;
use samenhang_profiles::{Conformance, Limits, Received};
use samenhang_terminology::Category;

use crate::describe::{Description, describe};
use crate::words::Language;

/// Types that only support others: shown apart, because a reader does not look for them.
const SUPPORTING: [&str; 8] = [
    "Medication",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "Location",
    "Specimen",
    "Substance",
    "Binary",
];

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
    /// Whether it only supports others.
    pub supporting: bool,
    /// What it is.
    pub title: String,
    /// What it says.
    pub lines: Vec<String>,
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
    /// Address of the original.
    pub original: String,
    /// What reconciliation found out.
    pub mark: Mark,
}

/// The names of things that other resources refer to, by absolute address.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Remembers what a resource is called, when others may refer to it.
    pub fn learn(&mut self, received: &Received, language: Language) {
        if matches!(received.resource.resource_type(), "Medication" | "Device")
            && let Some(title) = words(received, language).title
        {
            self.0.insert(received.full_url.to_string(), title);
        }
    }

    fn find(&self, reference: &str, received: &Received) -> Option<&String> {
        self.0
            .get(reference)
            .or_else(|| self.0.get(&format!("{}/{reference}", received.lineage.endpoint)))
    }
}

fn words(received: &Received, language: Language) -> Description {
    // The resource passed its limits when it was received.
    Tree::parse(received.resource.body(), &Limits::default())
        .map(|tree| describe(&tree, language))
        .unwrap_or_default()
}

impl Item {
    /// Puts a resource into words.
    #[must_use]
    pub fn new(received: &Received, mark: Mark, names: &Names, language: Language) -> Self {
        let words = words(received, language);
        let keys = received.resource.keys();
        let referred = words
            .title_reference
            .as_deref()
            .and_then(|reference| names.find(reference, received));
        Item {
            category: received.category,
            supporting: SUPPORTING.contains(&received.resource.resource_type()),
            title: words
                .title
                .or_else(|| referred.cloned())
                .unwrap_or_else(|| received.resource.resource_type().to_owned()),
            lines: words.lines,
            status: keys.status.as_deref().map(str::to_owned),
            date: keys.date.as_deref().map(|date| language.date(date)),
            holder: received.lineage.holder_name.to_string(),
            ura: received.lineage.holder.to_string(),
            as_received: received.lineage.conformance == Conformance::AsReceived,
            original: received.full_url.to_string(),
            mark,
        }
    }

    /// The id of the section that it belongs to.
    #[must_use]
    pub fn section_id(&self) -> String {
        if self.supporting {
            "section-supporting".to_owned()
        } else {
            section_id(self.category)
        }
    }
}

/// The id of the section of a category in the page.
#[must_use]
pub fn section_id(category: Category) -> String {
    format!("section-{}", category.code())
}
