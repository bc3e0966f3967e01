//! The overview as JSON: for a viewer, and for whoever wants to see how a treatment came to stand where it stands.
//! Resources are named by the address at their holder.

use jiff::Timestamp;
use samenhang_profiles::write::JsonWriter;

use super::{Block, Finding, MedicationOverview, Treatment};
use crate::Reconciled;

impl MedicationOverview {
    /// Writes it; `reconciled` is what the overview was made of.
    pub fn write_json(&self, out: &mut JsonWriter, reconciled: &Reconciled) {
        let url = |index: usize| reconciled.items().get(index).map(|item| &*item.full_url);
        out.begin_object();
        out.field("at", &self.at.to_string());
        out.key("treatments");
        out.begin_array();
        for treatment in &self.treatments {
            self.treatment(out, treatment, &url);
        }
        out.end_array();
        out.end_object();
    }

    fn treatment<'r>(
        &self,
        out: &mut JsonWriter,
        treatment: &Treatment,
        url: &impl Fn(usize) -> Option<&'r str>,
    ) {
        out.begin_object();
        out.key("id");
        out.number(treatment.id as u64);
        out.field("bucket", treatment.bucket.code());
        out.key("near");
        out.boolean(treatment.is_near);
        if let Some((system, value)) = &treatment.identifier {
            out.key("identifier");
            out.begin_object();
            out.field("system", system);
            out.field("value", value);
            out.end_object();
        }
        time(out, "start", treatment.start);
        time(out, "end", treatment.end);
        out.optional("latestStop", treatment.latest_stop.and_then(url));
        list(out, "blocks", &treatment.blocks, |out, block| {
            self::block(out, block, url);
        });
        list(out, "findings", &treatment.findings, |out, finding| {
            self::finding(out, finding, url);
        });
        list(out, "links", &treatment.links, |out, link| {
            out.begin_object();
            out.key("to");
            out.number(link.to as u64);
            out.field("reason", link.reason.code());
            out.end_object();
        });
        out.end_object();
    }
}

fn block<'r>(out: &mut JsonWriter, block: &Block, url: &impl Fn(usize) -> Option<&'r str>) {
    out.begin_object();
    out.field("resource", url(block.index).unwrap_or_default());
    if block.members.len() > 1 {
        urls(
            out,
            "copies",
            block.members.iter().filter(|&&member| member != block.index),
            url,
        );
    }
    out.field("kind", block.kind.code());
    out.field("phase", block.phase.code());
    out.optional("stop", block.stop.map(super::StopKind::code));
    if !block.stops.is_empty() {
        urls(out, "stops", block.stops.iter(), url);
    }
    time(out, "registered", block.registered);
    time(out, "start", block.start);
    time(out, "end", block.end);
    out.optional("author", block.author.map(super::Author::code));
    out.key("line");
    out.boolean(block.on_line);
    out.end_object();
}

fn finding<'r>(out: &mut JsonWriter, finding: &Finding, url: &impl Fn(usize) -> Option<&'r str>) {
    out.begin_object();
    out.field("code", finding.kind.code());
    out.field("nl", finding.kind.nl());
    out.field("en", finding.kind.en());
    urls(out, "resources", finding.blocks.iter(), url);
    list(out, "about", &finding.about, |out, about| {
        out.string(about.code());
    });
    out.optional("raw", finding.raw.as_deref());
    out.end_object();
}

fn urls<'i, 'r>(
    out: &mut JsonWriter,
    name: &str,
    indexes: impl Iterator<Item = &'i usize>,
    url: &impl Fn(usize) -> Option<&'r str>,
) {
    out.key(name);
    out.begin_array();
    for address in indexes.filter_map(|&index| url(index)) {
        out.string(address);
    }
    out.end_array();
}

/// An array, left out when it is empty.
fn list<T>(out: &mut JsonWriter, name: &str, items: &[T], mut write: impl FnMut(&mut JsonWriter, &T)) {
    if items.is_empty() {
        return;
    }
    out.key(name);
    out.begin_array();
    for item in items {
        write(out, item);
    }
    out.end_array();
}

fn time(out: &mut JsonWriter, name: &str, moment: Option<Timestamp>) {
    out.optional(name, moment.map(|moment| moment.to_string()).as_deref());
}
