//! Reads an answer the way a client would: plain JSON, no types of the server.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Extension of an entry that says where its resource came from.
pub(crate) const LINEAGE: &str = "https://samenhang.example/fhir/StructureDefinition/lineage";
/// Extension of an issue that says what became of a holder x category.
pub(crate) const COMPLETENESS: &str = "https://samenhang.example/fhir/StructureDefinition/completeness";

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
    pub(crate) json: Value,
}

/// A row of the completeness statement. Two rows are the same when they say the same; when it was retrieved is left out,
/// as no two questions are asked at the same moment.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) holder: String,
    pub(crate) category: String,
    pub(crate) status: String,
    pub(crate) detail: Option<String>,
    pub(crate) count: u64,
    pub(crate) retrieved: Option<String>,
}

impl PartialEq for Row {
    fn eq(&self, other: &Row) -> bool {
        let said = |row: &Row| {
            (
                row.holder.clone(),
                row.category.clone(),
                row.status.clone(),
                row.detail.clone(),
                row.count,
            )
        };
        said(self) == said(other)
    }
}

/// A part of a complex extension.
pub(crate) fn part<'a>(extension: &'a Value, url: &str) -> Option<&'a Value> {
    extension["extension"]
        .as_array()?
        .iter()
        .find(|part| part["url"] == url)
}

fn extension<'a>(of: &'a Value, url: &str) -> Option<&'a Value> {
    of["extension"]
        .as_array()?
        .iter()
        .find(|extension| extension["url"] == url)
}

impl Answer {
    pub(crate) fn entries(&self) -> &[Value] {
        self.json["entry"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Entries with data of a holder: those that the answer matched, and what they refer to.
    pub(crate) fn data(&self) -> impl Iterator<Item = &Value> {
        self.entries().iter().filter(|entry| lineage(entry).is_some())
    }

    /// URAs of the holders that data came from.
    pub(crate) fn holders(&self) -> BTreeSet<String> {
        self.data().filter_map(holder).collect()
    }

    /// Data of one holder.
    pub(crate) fn of<'a>(&'a self, ura: &'a str) -> impl Iterator<Item = &'a Value> {
        self.data()
            .filter(move |entry| holder(entry).as_deref() == Some(ura))
    }

    pub(crate) fn types(&self) -> BTreeSet<String> {
        self.data()
            .filter_map(|entry| entry["resource"]["resourceType"].as_str())
            .map(str::to_owned)
            .collect()
    }

    /// The outcome that states what is missing.
    pub(crate) fn statement(&self) -> &Value {
        if self.json["resourceType"] == "OperationOutcome" {
            return &self.json;
        }
        self.entries()
            .iter()
            .find(|entry| entry["search"]["mode"] == "outcome")
            .map(|entry| &entry["resource"])
            .expect("an answer states what is missing")
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        rows(self.statement())
    }

    pub(crate) fn status_of(&self, ura: &str, category: &str) -> Option<String> {
        let row = self
            .rows()
            .into_iter()
            .find(|row| row.holder == ura && row.category == category)?;
        Some(row.status)
    }

    /// Statuses of a holder, without repeats.
    pub(crate) fn statuses(&self, ura: &str) -> BTreeSet<String> {
        self.rows()
            .into_iter()
            .filter(|row| row.holder == ura)
            .map(|row| row.status)
            .collect()
    }

    /// Codes of notices: what is about the answer, or about a holder, as a whole.
    pub(crate) fn notices(&self) -> BTreeSet<String> {
        issues(self.statement())
            .filter_map(|issue| part(extension(issue, COMPLETENESS)?, "notice")?["valueCode"].as_str())
            .map(str::to_owned)
            .collect()
    }

    /// Stable code of the first issue.
    pub(crate) fn code(&self) -> &str {
        self.json["issue"][0]["details"]["coding"][0]["code"]
            .as_str()
            .unwrap_or_default()
    }
}

fn issues(outcome: &Value) -> impl Iterator<Item = &Value> {
    outcome["issue"].as_array().into_iter().flatten()
}

/// Rows of a completeness statement.
pub(crate) fn rows(outcome: &Value) -> Vec<Row> {
    issues(outcome)
        .filter_map(|issue| extension(issue, COMPLETENESS))
        .filter(|row| part(row, "notice").is_none())
        .map(|row| Row {
            holder: part(row, "holder")
                .and_then(|part| part["valueIdentifier"]["value"].as_str())
                .unwrap_or_default()
                .to_owned(),
            category: part(row, "category")
                .and_then(|part| part["valueCode"].as_str())
                .unwrap_or_default()
                .to_owned(),
            status: part(row, "status")
                .and_then(|part| part["valueCode"].as_str())
                .unwrap_or_default()
                .to_owned(),
            detail: part(row, "detail")
                .and_then(|part| part["valueCode"].as_str())
                .map(str::to_owned),
            count: part(row, "count")
                .and_then(|part| part["valueUnsignedInt"].as_u64())
                .unwrap_or_default(),
            retrieved: part(row, "retrieved")
                .and_then(|part| part["valueInstant"].as_str())
                .map(str::to_owned),
        })
        .collect()
}

/// The lineage of an entry.
pub(crate) fn lineage(entry: &Value) -> Option<&Value> {
    extension(entry, LINEAGE)
}

/// URA of the holder that an entry came from.
pub(crate) fn holder(entry: &Value) -> Option<String> {
    part(lineage(entry)?, "holder")?["valueIdentifier"]["value"]
        .as_str()
        .map(str::to_owned)
}

/// The same text without the moments of retrieval, which are input and differ between two questions.
pub(crate) fn without_times(text: &str) -> String {
    let text = without(text, "\"valueInstant\":\"", '"');
    let text = without(&text, "\"recorded\":\"", '"');
    without(&text, "\"occurredPeriod\":{", '}')
}

fn without(text: &str, mark: &str, end: char) -> String {
    let mut parts = text.split(mark);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(mark);
        out.push_str(part.find(end).map_or("", |at| &part[at..]));
    }
    out
}
