//! The completeness statement as an `OperationOutcome`: an issue for each notice and for each cell.
//!
//! It is the same in STU3 and R4: only issue types and extension values that both know are used.

use bytes::Bytes;
use jiff::Timestamp;
use samenhang_profiles::Ura;
use samenhang_profiles::write::JsonWriter;
use samenhang_terminology::{Status, completeness, naming};

use super::{Detail, Notice, Row, Statement, loss};

/// HL7 extension for a text in another language.
const TRANSLATION: &str = "http://hl7.org/fhir/StructureDefinition/translation";

impl Statement {
    /// The `OperationOutcome` as JSON.
    #[must_use]
    pub fn to_outcome(&self) -> Bytes {
        let mut out = JsonWriter::with_capacity(512 + 900 * self.rows().count());
        self.write_outcome(&mut out);
        out.finish()
    }

    /// Writes the `OperationOutcome`.
    pub fn write_outcome(&self, out: &mut JsonWriter) {
        out.begin_object();
        out.field("resourceType", "OperationOutcome");
        out.field("language", "en");
        out.key("extension");
        out.begin_array();
        self.write_summary(out);
        out.end_array();
        out.key("issue");
        out.begin_array();
        if self.holders.is_empty() && self.notices.is_empty() {
            // An outcome has at least one issue (ope-1): that nobody has data is a finding too.
            nobody(out);
        }
        for notice in self.notices() {
            self.write_notice(out, notice);
        }
        for row in self.rows() {
            write_row(out, &row);
        }
        for (holder, category, loss) in self.losses() {
            let name = self.holder_name(holder).unwrap_or_default();
            loss::write(out, (holder, name), category, loss);
        }
        out.end_array();
        out.end_object();
    }

    fn write_summary(&self, out: &mut JsonWriter) {
        let summary = self.summary();
        out.begin_object();
        out.field("url", &definition("completeness-summary"));
        out.key("extension");
        out.begin_array();
        part(out, "complete", Value::Count(summary.complete));
        part(out, "holders", Value::Count(summary.holders));
        part(out, "notOffered", Value::Count(summary.not_offered));
        part(out, "nothingMissing", Value::Flag(self.is_complete()));
        out.end_array();
        out.end_object();
    }

    fn write_notice(&self, out: &mut JsonWriter, notice: &Notice) {
        let name = notice.holder().and_then(|holder| self.holder_name(holder));
        let text = |text: &str| name.map_or_else(|| text.to_owned(), |name| format!("{name}: {text}"));
        out.begin_object();
        out.key("extension");
        out.begin_array();
        out.begin_object();
        out.field("url", &definition("completeness"));
        out.key("extension");
        out.begin_array();
        if let Some(holder) = notice.holder() {
            part(out, "holder", Value::Holder(holder));
        }
        part(out, "notice", Value::Code(notice.code()));
        match notice {
            Notice::ResourcesKeptOut { count, .. } | Notice::HoldersNotAsked { count } => {
                part(out, "count", Value::Count(*count));
            }
            Notice::LocaliserFailed { localiser } => {
                part(out, "localiser", Value::Text(localiser));
            }
            _ => {}
        }
        out.end_array();
        out.end_object();
        out.end_array();
        out.field("severity", "warning");
        out.field("code", notice_type(notice));
        details(
            out,
            (
                &format!("{}/CodeSystem/completeness-notice", naming::SAMENHANG),
                notice.code(),
                notice.text_en(),
            ),
            &text(notice.text_en()),
            &text(notice.text_nl()),
        );
        out.end_object();
    }
}

fn nobody(out: &mut JsonWriter) {
    out.begin_object();
    out.field("severity", "information");
    out.field("code", "informational");
    out.key("details");
    out.begin_object();
    texts(
        out,
        "no holder is known to have data about this patient",
        "er is geen bron bekend met gegevens over deze patiënt",
    );
    out.end_object();
    out.end_object();
}

fn write_row(out: &mut JsonWriter, row: &Row<'_>) {
    let status = row.cell.status;
    out.begin_object();
    out.key("extension");
    out.begin_array();
    out.begin_object();
    out.field("url", &definition("completeness"));
    out.key("extension");
    out.begin_array();
    part(out, "holder", Value::Holder(row.holder));
    part(out, "category", Value::Code(row.category.code()));
    part(out, "status", Value::Code(status.code()));
    part(out, "count", Value::Count(row.cell.count));
    if let Some(detail) = row.cell.detail {
        part(out, "detail", Value::Code(detail.code));
    }
    if let Some(retrieved) = row.cell.retrieved {
        part(out, "retrieved", Value::Instant(retrieved));
    }
    out.end_array();
    out.end_object();
    out.end_array();
    let (severity, kind) = issue_type(status);
    out.field("severity", severity);
    out.field("code", kind);
    let why = |text: fn(&Detail) -> &'static str| {
        let detail = row.cell.detail.as_ref();
        detail
            .map(|detail| format!(" ({})", text(detail)))
            .unwrap_or_default()
    };
    let (en, nl) = (why(|detail| detail.en), why(|detail| detail.nl));
    details(
        out,
        (completeness::SYSTEM, status.code(), status.display_en()),
        &format!(
            "{}, {}: {}{en}",
            row.name,
            row.category.display_en(),
            status.display_en()
        ),
        &format!(
            "{}, {}: {}{nl}",
            row.name,
            row.category.display_nl(),
            status.display_nl()
        ),
    );
    out.end_object();
}

/// Severity and type of the issue for a status. What is missing is a warning: the answer itself succeeded.
fn issue_type(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Answered | Status::Empty => ("information", "informational"),
        Status::Refused => ("warning", "forbidden"),
        Status::NotLocalised | Status::Stale => ("warning", "incomplete"),
        Status::Unsupported => ("warning", "not-supported"),
        Status::TimedOut => ("warning", "timeout"),
        Status::Failed => ("warning", "exception"),
        Status::Skipped => ("warning", "throttled"),
    }
}

fn notice_type(notice: &Notice) -> &'static str {
    match notice {
        Notice::ConsentUnavailable
        | Notice::LocaliserFailed { .. }
        | Notice::LocalisationKept
        | Notice::HoldersNotAsked { .. }
        | Notice::UnsafeLink { .. } => "incomplete",
        Notice::IdentityWarning { .. } => "informational",
        Notice::IdentityAmbiguous { .. }
        | Notice::IdentityHold { .. }
        | Notice::IdentityQuarantined { .. }
        | Notice::IdentityUnverified { .. }
        | Notice::AnotherPatient { .. }
        | Notice::ResourcesKeptOut { .. } => "suppressed",
    }
}

pub(super) fn details(out: &mut JsonWriter, (system, code, display): (&str, &str, &str), en: &str, nl: &str) {
    out.key("details");
    concept(out, (system, code, Some(display)), Some((en, nl)));
}

/// A `CodeableConcept` of one coding, with a text in English and Dutch.
pub(crate) fn concept(
    out: &mut JsonWriter,
    (system, code, display): (&str, &str, Option<&str>),
    text: Option<(&str, &str)>,
) {
    out.begin_object();
    out.key("coding");
    out.begin_array();
    coding(out, (system, code, display));
    out.end_array();
    if let Some((en, nl)) = text {
        texts(out, en, nl);
    }
    out.end_object();
}

/// A `Coding`.
pub(crate) fn coding(out: &mut JsonWriter, (system, code, display): (&str, &str, Option<&str>)) {
    out.begin_object();
    out.field("system", system);
    out.field("code", code);
    out.optional("display", display);
    out.end_object();
}

fn texts(out: &mut JsonWriter, en: &str, nl: &str) {
    translated(out, "text", en, nl);
}

/// A string in English, with its translation into Dutch.
pub(crate) fn translated(out: &mut JsonWriter, name: &str, en: &str, nl: &str) {
    out.field(name, en);
    out.key(&format!("_{name}"));
    out.begin_object();
    out.key("extension");
    out.begin_array();
    out.begin_object();
    out.key("extension");
    out.begin_array();
    part(out, "lang", Value::Code("nl"));
    part(out, "content", Value::Text(nl));
    out.end_array();
    out.field("url", TRANSLATION);
    out.end_object();
    out.end_array();
    out.end_object();
}

/// The value of a part of an extension.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Code(&'a str),
    Text(&'a str),
    Count(usize),
    Flag(bool),
    Instant(Timestamp),
    Holder(&'a Ura),
}

/// One part of a complex extension.
pub(crate) fn part(out: &mut JsonWriter, url: &str, value: Value<'_>) {
    out.begin_object();
    out.field("url", url);
    match value {
        Value::Code(code) => out.field("valueCode", code),
        Value::Text(text) => out.field("valueString", text),
        Value::Count(count) => {
            out.key("valueUnsignedInt");
            out.number(count as u64);
        }
        Value::Flag(flag) => {
            out.key("valueBoolean");
            out.boolean(flag);
        }
        Value::Instant(instant) => out.field("valueInstant", &instant.to_string()),
        Value::Holder(holder) => {
            out.key("valueIdentifier");
            identifier(out, holder);
        }
    }
    out.end_object();
}

/// The identifier of a holder.
pub(crate) fn identifier(out: &mut JsonWriter, holder: &Ura) {
    out.begin_object();
    out.field("system", naming::URA);
    out.field("value", holder.as_str());
    out.end_object();
}

/// The canonical of one of our own extensions.
pub(crate) fn definition(name: &str) -> String {
    format!("{}/StructureDefinition/{name}", naming::SAMENHANG)
}
