//! What a Bundle of each type must hold, and that its entries are what they say (R4 sections 2.36, 3.3 and 3.4).

use std::collections::{HashMap, HashSet};

use super::reference::{Index, Reason, Resolution};
use crate::document::Node;
use crate::validate::collect::Findings;
use crate::validate::finding::Argument;
use crate::validate::rule::bundle as rule;
use crate::validate::run::{is_absolute, is_canonical};

/// Checks every Bundle of the document, those in other Bundles too.
pub(super) fn check<'d>(index: &Index<'d>, findings: &mut Findings<'d>) {
    let document = index.document();
    let nodes = (0..document.len()).filter_map(|id| document.node(id));
    for bundle in nodes.filter(|node| node.fhir_type() == "Bundle") {
        let entries: Vec<Node<'d>> = bundle.children_named("entry").collect();
        let kind = bundle.text("type").unwrap_or_default();
        for entry in &entries {
            full_url(*entry, kind, findings);
        }
        links(bundle, kind, &entries, findings);
        match kind {
            "document" => {
                first(bundle, &entries, "Composition", findings);
                composition(&entries, index, findings);
                reached(bundle, &entries, true, index, findings);
            }
            "message" => {
                first(bundle, &entries, "MessageHeader", findings);
                message(&entries, index, findings);
                reached(bundle, &entries, false, index, findings);
            }
            "searchset" => {
                let types = asked(bundle);
                entries.iter().for_each(|entry| search(*entry, &types, findings));
            }
            _ => {}
        }
    }
}

fn shown(text: Option<&str>) -> Vec<Argument> {
    text.map(Argument::value).into_iter().collect()
}

/// The identity of an entry: absolute, and that of the resource when it is an address of a server.
fn full_url<'d>(entry: Node<'d>, kind: &str, findings: &mut Findings<'d>) {
    let Some(url) = entry.text("fullUrl") else {
        let optional = matches!(
            kind,
            "transaction" | "transaction-response" | "batch" | "batch-response"
        );
        if !optional {
            findings.add(&rule::FULL_URL_MISSING, entry, vec![]);
        }
        return;
    };
    if !is_absolute(url) {
        findings.add(&rule::FULL_URL_RELATIVE, entry, shown(Some(url)));
        return;
    }
    let Some(resource) = entry.child("resource").filter(|resource| resource.is_known()) else {
        return;
    };
    if is_canonical(resource.fhir_type()) && resource.text("url") == Some(url) {
        let ends = resource
            .text("id")
            .is_some_and(|id| url.strip_suffix(id).is_some_and(|rest| rest.ends_with('/')));
        let is_address = restful(url, resource).is_some() && ends;
        // Code systems of HL7 v2 and v3 had addresses of their own before they had the ones of today.
        let is_old = ["http://hl7.org/fhir/v2/", "http://hl7.org/fhir/v3/"]
            .iter()
            .any(|start| url.starts_with(start));
        if !is_address && !is_old {
            findings.add(&rule::FULL_URL_CANONICAL, entry, shown(Some(url)));
        }
    }
    let fits = |kind: &str, id: &str| resource.resource_type() == kind && resource.text("id") == Some(id);
    if let Some((kind, id)) = restful(url, resource)
        && !fits(kind, id)
    {
        let mut arguments = shown(Some(url));
        arguments.push(Argument::name(resource.resource_type()));
        findings.add(&rule::FULL_URL_MISMATCH, entry, arguments);
    }
}

/// The type and id with which the address of a resource on a server ends.
fn restful<'u>(url: &'u str, near: Node<'_>) -> Option<(&'u str, &'u str)> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))?;
    let (rest, id) = rest.rsplit_once('/')?;
    let (_, kind) = rest.rsplit_once('/')?;
    // A path with anything else is not taken for that of a server (R4 section 2.3.0.1).
    let path_fits = rest
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-\\.:%$/".contains(&b));
    let id_fits = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    (path_fits && id_fits && near.document().has_resource(kind)).then_some((kind, id))
}

fn first<'d>(bundle: Node<'d>, entries: &[Node<'d>], kind: &str, findings: &mut Findings<'d>) {
    let found = entries.first().and_then(|entry| entry.child("resource"));
    if found.is_none_or(|resource| resource.resource_type() != kind) {
        findings.add(
            &rule::FIRST_ENTRY,
            found.unwrap_or(bundle),
            vec![Argument::name(kind)],
        );
    }
}

/// What the Composition of a document refers to is in the document (R4 section 3.3.1).
fn composition<'d>(entries: &[Node<'d>], index: &Index<'d>, findings: &mut Findings<'d>) {
    let Some(composition) = entries.first().and_then(|entry| entry.child("resource")) else {
        return;
    };
    if composition.resource_type() != "Composition" {
        return;
    }
    for child in composition.children() {
        match child.name() {
            "subject" | "author" | "encounter" | "custodian" => inside(child, index, findings),
            "attester" => child
                .children_named("party")
                .for_each(|party| inside(party, index, findings)),
            "event" => child
                .children_named("detail")
                .for_each(|detail| inside(detail, index, findings)),
            _ => {}
        }
    }
    let mut sections: Vec<Node<'d>> = composition.children_named("section").collect();
    while let Some(section) = sections.pop() {
        for child in section.children() {
            match child.name() {
                "author" | "focus" | "entry" => inside(child, index, findings),
                "section" => sections.push(child),
                _ => {}
            }
        }
    }
}

/// What a message is about is in the message (R4 section 2.4.3).
fn message<'d>(entries: &[Node<'d>], index: &Index<'d>, findings: &mut Findings<'d>) {
    let header = entries.first().and_then(|entry| entry.child("resource"));
    for focus in header.iter().flat_map(|header| header.children_named("focus")) {
        inside(focus, index, findings);
    }
}

/// A reference that has to lead to an entry of the same Bundle.
fn inside<'d>(reference: Node<'d>, index: &Index<'d>, findings: &mut Findings<'d>) {
    let Some(text) = reference
        .text("reference")
        .filter(|text| !text.is_empty() && !text.starts_with('#'))
    else {
        return;
    };
    match index.resolve(reference) {
        // What is broken for every reference was noted with all of them.
        Resolution::Found(_)
        | Resolution::Broken(Reason::Ambiguous | Reason::OtherType | Reason::Form | Reason::NotContained) => {
        }
        Resolution::NotInDocument | Resolution::Broken(Reason::OtherBase | Reason::OtherVersion) => {
            findings.add(&rule::NOT_IN_BUNDLE, reference, shown(Some(text)));
        }
    }
}

/// Every entry is linked with the first one, in one direction or the other (R4 section 3.3.1).
fn reached<'d>(
    bundle: Node<'d>,
    entries: &[Node<'d>],
    document: bool,
    index: &Index<'d>,
    findings: &mut Findings<'d>,
) {
    let resources: Vec<(Node<'d>, Node<'d>)> = entries
        .iter()
        .filter_map(|entry| Some((*entry, entry.child("resource")?)))
        .collect();
    let numbers: HashMap<usize, usize> = resources
        .iter()
        .enumerate()
        .map(|(number, (_, resource))| (resource.id(), number))
        .collect();
    // Links count in both directions: an entry is linked when anything that is linked refers to it or it to that.
    let mut near = vec![Vec::new(); resources.len()];
    for (number, (_, resource)) in resources.iter().enumerate() {
        for target in targets(*resource, index) {
            if let Some(other) = numbers.get(&target.id()) {
                near[number].push(*other);
                near[*other].push(number);
            }
        }
    }
    let sheets: HashSet<&str> = bundle
        .children_named("link")
        .filter(|link| link.text("relation") == Some("stylesheet"))
        .filter_map(|link| link.text("url"))
        .collect();
    let is_sheet = |resource: Node<'d>| !sheets.is_empty() && sheets.contains(&*address(resource));
    let mut seen = vec![false; resources.len()];
    let mut open: Vec<usize> = (0..resources.len())
        .filter(|number| *number == 0 || is_sheet(resources[*number].1))
        .collect();
    while let Some(number) = open.pop() {
        if !std::mem::replace(&mut seen[number], true) {
            open.extend(&near[number]);
        }
    }
    let rule = if document {
        &rule::UNREACHED
    } else {
        &rule::UNREACHED_MESSAGE
    };
    for ((entry, _), _) in resources.iter().zip(&seen).filter(|(_, seen)| !**seen) {
        findings.add(rule, *entry, shown(entry.text("fullUrl")));
    }
}

/// The entries that a resource refers to, by references and by addresses.
fn targets<'d>(resource: Node<'d>, index: &Index<'d>) -> Vec<Node<'d>> {
    let mut found = Vec::new();
    let mut open = vec![resource];
    while let Some(node) = open.pop() {
        let points = match node.fhir_type() {
            "Reference" => true,
            "uri" | "url" => node.name() != "system",
            _ => false,
        };
        if points && let Resolution::Found(target) = index.resolve(node) {
            found.push(target);
        }
        // A Bundle within is a world of its own.
        open.extend(node.children().filter(|child| child.fhir_type() != "Bundle"));
    }
    found
}

/// The types of resource that a search asks for, by the address in its link `self`; none when that does not tell.
fn asked(bundle: Node<'_>) -> Vec<&str> {
    let mut links = bundle.children_named("link");
    let own = links.find(|link| link.text("relation") == Some("self"));
    let Some(url) = own.and_then(|link| link.text("url")) else {
        return Vec::new();
    };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let last = path.rsplit('/').next().unwrap_or(path);
    if bundle.document().has_resource(last) {
        return vec![last];
    }
    query
        .split('&')
        .filter_map(|part| part.strip_prefix("_type="))
        .flat_map(|types| types.split(','))
        .collect()
}

/// An entry of a search result.
fn search<'d>(entry: Node<'d>, types: &[&str], findings: &mut Findings<'d>) {
    let Some(resource) = entry.child("resource") else {
        findings.add(&rule::SEARCH_RESOURCE, entry, vec![]);
        return;
    };
    let mode = entry.child("search").and_then(|search| search.text("mode"));
    if mode == Some("match") && !types.is_empty() && !types.contains(&resource.resource_type()) {
        findings.add(
            &rule::SEARCH_TYPE,
            resource,
            vec![Argument::name(resource.fhir_type())],
        );
    }
    match mode {
        Some("match" | "include") if resource.text("id").is_none() => {
            findings.add(&rule::SEARCH_ID, resource, vec![]);
        }
        Some("outcome") if resource.resource_type() != "OperationOutcome" => {
            findings.add(
                &rule::SEARCH_OUTCOME,
                resource,
                vec![Argument::name(resource.fhir_type())],
            );
        }
        _ => {}
    }
}

/// Links: pages are of search results, what may stand once stands once, and a style sheet without an absolute
/// address is an entry of the document.
fn links<'d>(bundle: Node<'d>, kind: &str, entries: &[Node<'d>], findings: &mut Findings<'d>) {
    let paged = matches!(kind, "history" | "searchset");
    let mut seen = HashSet::new();
    let mut addresses: Option<HashSet<String>> = None;
    for link in bundle.children_named("link") {
        let relation = match link.text("relation") {
            Some(name @ ("self" | "first" | "previous" | "next" | "last")) => name,
            Some("stylesheet") if kind == "document" => {
                let known = addresses.get_or_insert_with(|| {
                    entries
                        .iter()
                        .filter_map(|entry| entry.child("resource"))
                        .map(address)
                        .collect()
                });
                if link
                    .text("url")
                    .is_some_and(|url| !is_absolute(url) && !known.contains(url))
                {
                    findings.add(&rule::STYLESHEET, link, vec![]);
                }
                continue;
            }
            _ => continue,
        };
        if !paged && relation != "self" {
            findings.add(&rule::LINK_PROHIBITED, link, vec![Argument::name(relation)]);
        } else if !seen.insert(relation) {
            findings.add(&rule::LINK_REPEATED, link, vec![Argument::name(relation)]);
        }
    }
}

/// The relative address of a resource: its type and id.
fn address(resource: Node<'_>) -> String {
    format!(
        "{}/{}",
        resource.resource_type(),
        resource.text("id").unwrap_or_default()
    )
}
