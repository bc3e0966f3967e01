//! A Composition over the answer: its sections in the order in which a clinician reads them, as the view selects them.
//!
//! Entries point at what stands for each fact; nothing is repeated. A section without entries says why: nothing is known,
//! nobody was asked, or somebody did not answer (R7). What a view leaves out is counted, with the reason (R8).

mod treatments;

use samenhang_profiles::FhirVersion;
use samenhang_profiles::write::JsonWriter;
use samenhang_terminology::naming;

use super::assembly::{Assembly, moment, reference, software};
use super::{entry, id_of, urn};
use crate::Reconciled;
use crate::completeness::Statement;
use crate::completeness::outcome::{Value, concept, definition, part, translated};
use crate::date;
use crate::view::{Chosen, Section, Selected, Views, Why};

/// The Composition's own reference to the software that made it.
const SOFTWARE: &str = "software";

/// Writes it. Without a statement nobody was asked, and a section without entries is left out.
pub(super) fn write(
    out: &mut JsonWriter,
    reconciled: &Reconciled,
    statement: Option<&Statement>,
    version: FhirVersion,
    assembly: &Assembly<'_>,
) {
    let views = Views::shipped();
    let selected = views.select(assembly.view, reconciled, assembly.at);
    let mut items = reconciled.items().iter();
    let patient = items.find(|item| item.resource.resource_type() == "Patient");
    let patient = patient.map(|item| &*item.full_url);
    let urn = urn(&["composition", &assembly.view.name, patient.unwrap_or_default()]);
    out.begin_object();
    out.field("fullUrl", &urn);
    out.key("resource");
    out.begin_object();
    out.field("resourceType", "Composition");
    out.field("id", id_of(&urn));
    out.field("language", "en");
    device(out, version, assembly);
    out.key("extension");
    out.begin_array();
    view(out, &views.version, &selected, assembly);
    topics(out, reconciled);
    out.end_array();
    // No person has looked at it.
    out.field("status", "preliminary");
    out.key("type");
    concept(out, (naming::LOINC, "60591-5", None), None);
    subject(out, patient, version);
    // The day is enough: when each resource was received stands beside it, and when they were joined in the Provenance.
    let day = assembly.at.map(|at| date::day_of(at).to_string());
    moment(out, "date", day);
    out.key("author");
    out.begin_array();
    reference(out, &format!("#{SOFTWARE}"));
    out.end_array();
    translated(out, "title", &assembly.view.label.en, &assembly.view.label.nl);
    let mut is_open = false;
    for chosen in &selected.sections {
        let account = Account::of(chosen.section, statement);
        if chosen.shown.is_empty() && chosen.hidden.is_empty() && account.is_none() {
            continue;
        }
        if !is_open {
            out.key("section");
            out.begin_array();
            is_open = true;
        }
        section(out, reconciled, chosen, account.unwrap_or_default(), version);
    }
    if is_open {
        out.end_array();
    }
    out.end_object();
    entry::search(out, "include");
    out.end_object();
}

fn device(out: &mut JsonWriter, version: FhirVersion, assembly: &Assembly<'_>) {
    out.key("contained");
    out.begin_array();
    out.begin_object();
    out.field("resourceType", "Device");
    out.field("id", SOFTWARE);
    out.key("identifier");
    out.begin_array();
    software(out, assembly);
    out.end_array();
    match version {
        FhirVersion::R4 => {
            out.key("deviceName");
            out.begin_array();
            out.begin_object();
            out.field("name", assembly.software);
            out.field("type", "model-name");
            out.end_object();
            out.end_array();
            out.key("version");
            out.begin_array();
            out.begin_object();
            out.field("value", assembly.version);
            out.end_object();
            out.end_array();
        }
        FhirVersion::Stu3 => {
            out.field("model", assembly.software);
            out.field("version", assembly.version);
        }
    }
    out.end_object();
    out.end_array();
}

/// Which view it is, and the sections that are not in it.
fn view(out: &mut JsonWriter, version: &str, selected: &Selected<'_>, assembly: &Assembly<'_>) {
    out.begin_object();
    out.field("url", &definition("view"));
    out.key("extension");
    out.begin_array();
    part(out, "name", Value::Code(&assembly.view.name));
    part(out, "version", Value::Text(version));
    out.end_array();
    out.end_object();
    for (section, count) in &selected.left_out {
        hidden(out, *count, "not-in-view", Some(section));
    }
}

/// What is about one topic by a map of codes, to be shown together: it is not the same, so no Linkage joins it.
fn topics(out: &mut JsonWriter, reconciled: &Reconciled) {
    for topic in reconciled.topics() {
        let address = |index: usize| reconciled.items().get(index).map(|item| &*item.full_url);
        let (Some(a), Some(b)) = (address(topic.a), address(topic.b)) else {
            continue;
        };
        out.begin_object();
        out.field("url", &definition("same-topic"));
        out.key("extension");
        out.begin_array();
        for address in [a, b] {
            out.begin_object();
            out.field("url", "record");
            out.key("valueReference");
            reference(out, address);
            out.end_object();
        }
        part(out, "map", Value::Text(&topic.map));
        out.end_array();
        out.end_object();
    }
}

/// So many facts are in the answer and not shown here, and why.
fn hidden(out: &mut JsonWriter, count: usize, why: &str, section: Option<&Section>) {
    out.begin_object();
    out.field("url", &definition("hidden"));
    out.key("extension");
    out.begin_array();
    part(out, "count", Value::Count(count));
    part(out, "reason", Value::Code(why));
    if let Some(section) = section {
        part(out, "section", Value::Code(&section.name));
    }
    out.end_array();
    out.end_object();
}

/// The patient, as the first source says. R4 can do without.
fn subject(out: &mut JsonWriter, patient: Option<&str>, version: FhirVersion) {
    match (patient, version) {
        (Some(address), _) => {
            out.key("subject");
            reference(out, address);
        }
        (None, FhirVersion::Stu3) => {
            out.key("subject");
            out.begin_object();
            out.field("display", "the patient of the question");
            out.end_object();
        }
        (None, FhirVersion::R4) => {}
    }
}

fn section(
    out: &mut JsonWriter,
    reconciled: &Reconciled,
    chosen: &Chosen<'_>,
    account: Account,
    version: FhirVersion,
) {
    let section = chosen.section;
    out.begin_object();
    if account.silent > 0 || !chosen.hidden.is_empty() {
        out.key("extension");
        out.begin_array();
        if account.silent > 0 {
            out.begin_object();
            out.field("url", &definition("section-incomplete"));
            out.key("extension");
            out.begin_array();
            part(out, "silent", Value::Count(account.silent));
            part(out, "holders", Value::Count(account.holders));
            out.end_array();
            out.end_object();
        }
        for (why, count) in &chosen.hidden {
            hidden(out, *count, why.code(), None);
        }
        out.end_array();
    }
    translated(out, "title", &section.label.en, &section.label.nl);
    out.key("code");
    let own = format!("{}/CodeSystem/section", naming::SAMENHANG);
    match &section.code {
        Some((system, code)) => concept(out, (system, code, None), None),
        None => concept(out, (&own, &section.name, None), None),
    }
    let is_empty = chosen.shown.is_empty();
    let notes = notes(chosen, account);
    if !notes.is_empty() {
        narrative(out, &notes);
    }
    if !is_empty {
        let left = treatments::split(reconciled, &chosen.shown);
        entries(out, reconciled, &left.beside);
        treatments::write(out, reconciled, &left);
    } else if chosen.hidden.is_empty() {
        let system = match version {
            FhirVersion::R4 => "http://terminology.hl7.org/CodeSystem/list-empty-reason",
            FhirVersion::Stu3 => "http://hl7.org/fhir/list-empty-reason",
        };
        out.key("emptyReason");
        concept(out, (system, account.empty_reason(), None), None);
    }
    out.end_object();
}

/// The entries of a section, if it has any of its own.
fn entries(out: &mut JsonWriter, reconciled: &Reconciled, shown: &[usize]) {
    if shown.is_empty() {
        return;
    }
    out.key("entry");
    out.begin_array();
    for item in shown.iter().filter_map(|&index| reconciled.items().get(index)) {
        reference(out, &item.full_url);
    }
    out.end_array();
}

/// What became of the categories of a section, over all holders.
#[derive(Debug, Clone, Copy, Default)]
struct Account {
    /// Whether each of its categories was asked for, of somebody.
    is_asked: bool,
    /// Holders that were localised.
    holders: usize,
    /// Holders that did not give all that there is, or of which something is uncertain.
    silent: usize,
    /// Whether there may be holders that are not known, or that could not be asked.
    is_open: bool,
}

impl Account {
    /// `None` without a statement.
    fn of(section: &Section, statement: Option<&Statement>) -> Option<Account> {
        let statement = statement?;
        let mut account = Account {
            is_asked: true,
            is_open: statement
                .notices()
                .any(|notice| notice.leaves_incomplete() && notice.holder().is_none()),
            ..Account::default()
        };
        let mut asked = vec![false; section.categories.len()];
        let mut last = None;
        let mut is_silent = false;
        for row in statement.rows() {
            if last != Some(row.holder) {
                account.silent += usize::from(is_silent);
                account.holders += 1;
                is_silent = statement
                    .notices()
                    .any(|notice| notice.leaves_incomplete() && notice.holder() == Some(row.holder));
                last = Some(row.holder);
            }
            if let Some(at) = section.categories.iter().position(|of| *of == row.category) {
                if let Some(asked) = asked.get_mut(at) {
                    *asked = true;
                }
                is_silent |= !row.cell.status.is_complete();
            }
        }
        account.silent += usize::from(is_silent);
        account.is_asked = asked.iter().all(|asked| *asked);
        if !asked.contains(&true) {
            account.silent = 0;
        }
        Some(account)
    }

    /// The code of why there is nothing: somebody did not answer, nobody was asked, or nothing is known.
    fn empty_reason(self) -> &'static str {
        if self.silent > 0 || self.is_open {
            "unavailable"
        } else if self.is_asked {
            "nilknown"
        } else {
            "notasked"
        }
    }
}

/// What is to be said of a section in words, in English and in Dutch.
fn notes(chosen: &Chosen<'_>, account: Account) -> Vec<(String, String)> {
    let mut notes = Vec::new();
    if chosen.shown.is_empty() && chosen.hidden.is_empty() {
        let (en, nl) = match account.empty_reason() {
            "nilknown" => (
                "Every source that was asked answered, and none of them has anything recorded here.",
                "Elke bevraagde bron heeft geantwoord, en geen ervan heeft hier iets vastgelegd.",
            ),
            "notasked" => ("This was not asked for.", "Dit is niet gevraagd."),
            _ => (
                "Not available: nothing was received, and not every source answered.",
                "Niet beschikbaar: er is niets ontvangen, en niet elke bron heeft geantwoord.",
            ),
        };
        notes.push((en.to_owned(), nl.to_owned()));
    } else if account.is_open {
        notes.push((
            "There may be sources that were not asked.".to_owned(),
            "Er kunnen bronnen zijn die niet zijn bevraagd.".to_owned(),
        ));
    }
    if account.silent > 0 {
        let (silent, holders) = (account.silent, account.holders);
        notes.push((
            format!("{silent} of {holders} sources do not offer this or did not give all of it."),
            format!("{silent} van {holders} bronnen bieden dit niet aan of gaven het niet geheel."),
        ));
    }
    for (why, count) in &chosen.hidden {
        notes.push(match why {
            Why::Status => (
                format!("{count} with another status are in this answer and not shown here."),
                format!("{count} met een andere status staan in dit antwoord en worden hier niet getoond."),
            ),
            Why::Older(days) => (
                format!("{count} older than {days} days are in this answer and not shown here."),
                format!("{count} ouder dan {days} dagen staan in dit antwoord en worden hier niet getoond."),
            ),
        });
    }
    notes
}

/// Our own words only: nothing in them has to be escaped.
fn narrative(out: &mut JsonWriter, notes: &[(String, String)]) {
    let mut div = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    for (en, nl) in notes {
        div.push_str(&format!("<p>{en}</p><p lang=\"nl\">{nl}</p>"));
    }
    div.push_str("</div>");
    out.key("text");
    out.begin_object();
    out.field("status", "generated");
    out.field("div", &div);
    out.end_object();
}
