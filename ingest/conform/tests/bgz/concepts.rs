//! NL-CM concepts: what a source fills of a building block of 2017 is there in 2020 too, for each concept that both have.
//!
//! The crosswalk says for each concept at which elements it stands on either side. A concept counts as there when one of
//! its elements is; of slices only extensions are told apart, by the url that the profile gives them. A concept of which
//! all R4 elements are elsewhere (in a resource that the source did not send, in a data type) is not judged.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use samenhang_profiles::definition::Library;
use samenhang_profiles::document::Node;
use samenhang_profiles::pack::embedded;

use super::*;

/// Where a concept stands: the profile and the id of the element.
type Places = HashMap<(String, String), Vec<(String, String)>>;

/// The crosswalk, by side and concept.
fn crosswalk() -> Places {
    let shared = std::env::var("SAMENHANG_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let file = PathBuf::from(root)
        .join(shared)
        .join("fhir/zib2017-2020-fhir-crosswalk.tsv");
    let mut places = Places::new();
    for line in std::fs::read_to_string(file).unwrap_or_default().lines().skip(1) {
        let parts: Vec<&str> = line.split('\t').collect();
        if let [concept, side, profile, element, ..] = parts.as_slice() {
            let key = ((*side).to_owned(), (*concept).to_owned());
            places
                .entry(key)
                .or_default()
                .push(((*profile).to_owned(), (*element).to_owned()));
        }
    }
    places
}

/// The url of an extension slice, by the profile that has it.
fn url(library: &dyn Library, profile: &str, id: &str) -> Option<String> {
    let hosts = ["http://nictiz.nl", "http://fhir.nl"];
    let found = hosts.iter().find_map(|host| {
        library
            .structure(&format!("{host}/fhir/StructureDefinition/{profile}"))
            .ok()
    })?;
    found.element(id)?.types.first()?.profiles.first().cloned()
}

/// Whether an element is there, and holds something.
fn is_there(root: Node<'_>, library: &dyn Library, profile: &str, element: &str) -> bool {
    let mut nodes = vec![root];
    let mut id = root.resource_type().to_owned();
    for part in element.split('.').skip(1) {
        id = format!("{id}.{part}");
        let (name, slice) = part
            .split_once(':')
            .map_or((part, None), |(name, slice)| (name, Some(slice)));
        let stem = name.strip_suffix("[x]").unwrap_or(name);
        let wanted = slice
            .filter(|_| stem == "extension" || stem == "modifierExtension")
            .map(|_| url(library, profile, &id));
        let children = nodes.iter().flat_map(|node| node.children());
        nodes = children
            .filter(|child| child.name() == stem || child.stem() == stem)
            .filter(|child| match &wanted {
                Some(wanted) => wanted.as_deref() == child.text("url"),
                None => true,
            })
            .collect();
    }
    !nodes.is_empty()
}

#[test]
fn what_a_source_fills_of_a_concept_is_there_afterwards() {
    let pack = pack();
    let crosswalk = crosswalk();
    let (old, new) = (
        embedded(FhirVersion::Stu3).unwrap(),
        embedded(FhirVersion::R4).unwrap(),
    );
    let mut lost: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut kept = 0;
    let fixtures = fixtures();
    for fixture in &fixtures {
        let document = fixture.document();
        let block = Fixture::block(&document);
        let lifted = lift(&pack, &document);
        let read = |json| Document::from_json(json, FhirVersion::R4, &Limits::default()).unwrap();
        let made: Vec<Document<'_>> = lifted
            .resources
            .iter()
            .map(|resource| read(&resource.json))
            .collect();
        for ((side, concept), places) in &crosswalk {
            let filled = |(profile, element): &(String, String)| {
                *profile == block && is_there(document.root(), &*old, profile, element)
            };
            if side != "STU3" || !places.iter().any(filled) {
                continue;
            }
            let Some(targets) = crosswalk.get(&("R4".to_owned(), concept.clone())) else {
                continue;
            };
            let kind = |element: &str| element.split('.').next().unwrap_or_default().to_owned();
            let types: BTreeSet<&str> = made.iter().map(|made| made.root().resource_type()).collect();
            let judged = targets
                .iter()
                .filter(|(_, element)| types.contains(kind(element).as_str()));
            let mut judged = judged.peekable();
            if judged.peek().is_none() {
                continue;
            }
            let there = judged.any(|(profile, element)| {
                let of_type = made
                    .iter()
                    .filter(|made| made.root().resource_type() == kind(element));
                of_type
                    .into_iter()
                    .any(|made| is_there(made.root(), &*new, profile, element))
            });
            if there {
                kept += 1;
            } else {
                *lost.entry((block.clone(), concept.clone())).or_default() += 1;
            }
        }
    }
    if fixtures.is_empty() {
        return;
    }
    let explained: BTreeSet<(String, String)> = include_str!("concepts.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let parts: Vec<&str> = line.split('\t').collect();
            let [block, concept, reason] = parts.as_slice() else {
                panic!("concepts.tsv: three columns: {line}");
            };
            assert!(!reason.is_empty(), "a reason: {line}");
            ((*block).to_owned(), (*concept).to_owned())
        })
        .collect();
    let open: Vec<_> = lost.iter().filter(|(key, _)| !explained.contains(key)).collect();
    for ((block, concept), count) in &open {
        println!("{count:4} lost {block} {concept}");
    }
    let all: usize = open.iter().map(|(_, count)| **count).sum();
    println!("{kept} concepts kept, {all} lost without an explanation");
    let stale: Vec<_> = explained.iter().filter(|key| !lost.contains_key(*key)).collect();
    assert!(stale.is_empty(), "explained and not lost any more: {stale:?}");
    assert!(
        all as f64 <= bar("concepts"),
        "{all} lost concepts are more than the bar"
    );
}
