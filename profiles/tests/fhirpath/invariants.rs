//! The invariants of the published packages: all compile, and evaluate on the published examples.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use samenhang_profiles::document::{Document, Node};
use samenhang_profiles::fhirpath::{Environment, EvaluateError, Expression, Value};
use samenhang_profiles::tree::Tree;
use samenhang_profiles::{FhirVersion, Limits};

const PACKAGES: [(&str, FhirVersion); 5] = [
    ("hl7.fhir.r3.core-3.0.2.tgz", FhirVersion::Stu3),
    ("hl7.fhir.r4.core-4.0.1.tgz", FhirVersion::R4),
    (
        "nictiz.fhir.nl.r4.medicationprocess9-2.0.0-rc.7.tgz",
        FhirVersion::R4,
    ),
    ("nictiz.fhir.nl.r4.nl-core-0.12.1-beta.1.tgz", FhirVersion::R4),
    ("nictiz.fhir.nl.stu3.zib2017-2.2.20.tgz", FhirVersion::Stu3),
];

/// How invariants start that do not compile, with the reason.
const EXCEPTIONS: [(&str, &str); 2] = [
    (
        "(%resource.kind = #39;.logical#39;.",
        "quotes were lost when it was published",
    ),
    (
        "(payload.content.extension.value.ofType(CodeableConcept).coding.code.intersect({'11','12'})",
        "braces with items are no FHIRPath",
    ),
];

/// The invariants of one version: by the profile that asks for them (none for base types) and where they stand.
type Invariants = HashMap<(String, String), BTreeSet<String>>;

/// Every constraint of the structure definitions in a package.
fn collect(package: &Path, found: &mut Invariants) {
    let file = std::fs::File::open(package).unwrap();
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry
            .path()
            .unwrap()
            .extension()
            .is_none_or(|extension| extension != "json")
        {
            continue;
        }
        let mut body = Vec::new();
        entry.read_to_end(&mut body).unwrap();
        let limits = Limits {
            max_bytes: usize::MAX,
            max_nodes: usize::MAX,
            max_string: usize::MAX,
            ..Limits::default()
        };
        let Ok(tree) = Tree::parse(&body, &limits) else {
            continue;
        };
        if tree.text("resourceType") != Some("StructureDefinition") {
            continue;
        }
        let profile = match tree.text("derivation") {
            Some("constraint") => tree.text("url").unwrap_or_default(),
            _ => "",
        };
        for part in ["snapshot", "differential"] {
            for element in tree
                .path(&format!("{part}.element"))
                .into_iter()
                .flat_map(|list| list.items())
            {
                // What holds for a slice stands under its id, and is not evaluated here.
                let Some(path) = element.text("id").or_else(|| element.text("path")) else {
                    continue;
                };
                let place = (profile.to_owned(), path.to_owned());
                for constraint in element
                    .get("constraint")
                    .into_iter()
                    .flat_map(|list| list.items())
                {
                    if let Some(expression) = constraint.text("expression") {
                        found
                            .entry(place.clone())
                            .or_default()
                            .insert(expression.to_owned());
                    }
                }
            }
        }
    }
}

type Versions = BTreeMap<&'static str, (FhirVersion, Invariants)>;

/// The invariants of all packages, read once for all tests.
fn invariants() -> Option<&'static Versions> {
    static FOUND: OnceLock<Option<Versions>> = OnceLock::new();
    FOUND.get_or_init(read).as_ref()
}

fn read() -> Option<Versions> {
    let folder = super::shared("fhir")?;
    let mut found = Versions::new();
    for (package, version) in PACKAGES {
        let name = if version == FhirVersion::R4 { "R4" } else { "STU3" };
        let entry = found.entry(name).or_insert_with(|| (version, Invariants::new()));
        collect(&folder.join(package), &mut entry.1);
    }
    Some(found)
}

fn files(folder: PathBuf, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json" || extension == "xml")
        {
            found.push(path);
        }
    }
}

#[test]
fn every_invariant_compiles() {
    let Some(found) = invariants() else { return };
    let mut texts: BTreeSet<&str> = BTreeSet::new();
    for (_, invariants) in found.values() {
        texts.extend(invariants.values().flatten().map(String::as_str));
    }
    assert!(texts.len() > 300, "the packages were read");
    let failed: Vec<_> = texts
        .iter()
        .filter(|text| !EXCEPTIONS.iter().any(|(known, _)| text.starts_with(known)))
        .filter_map(|text| {
            Expression::invariant(text)
                .err()
                .map(|error| format!("{text}: {error}"))
        })
        .collect();
    eprintln!(
        "{} distinct invariants, {} do not compile",
        texts.len(),
        failed.len()
    );
    assert!(failed.is_empty(), "{failed:#?}");
}

/// What came of the evaluations of one version.
#[derive(Default)]
struct Tally {
    evaluated: usize,
    broken: BTreeMap<String, usize>,
    unknown: usize,
    errors: BTreeMap<String, String>,
}

type Programs = HashMap<(String, String), Vec<Expression>>;

fn visit(node: Node<'_>, programs: &Programs, tally: &mut Tally) {
    let env = Environment::new().at(node);
    let place = match node.parent() {
        Some(parent) => format!("{}.{}", parent.fhir_type(), node.element()),
        None => node.fhir_type().to_owned(),
    };
    let meta = node.resource().child("meta");
    let claimed = meta
        .into_iter()
        .flat_map(|meta| meta.children_named("profile"))
        .filter_map(Node::primitive);
    let mut keys: Vec<(String, String)> = claimed.map(|url| (url.to_owned(), place.clone())).collect();
    keys.push((String::new(), place.clone()));
    if node.fhir_type() != place {
        keys.push((String::new(), node.fhir_type().to_owned()));
    }
    for program in keys.iter().filter_map(|key| programs.get(key)).flatten() {
        tally.evaluated += 1;
        match program.holds(&[Value::Node(node)], &env) {
            Ok(true) => {}
            Ok(false) => *tally.broken.entry(program.text().to_owned()).or_default() += 1,
            Err(EvaluateError::Unknown(_)) => tally.unknown += 1,
            Err(error) => {
                tally
                    .errors
                    .insert(program.text().to_owned(), format!("{error} at {}", node.path()));
            }
        }
    }
    for child in node.children() {
        visit(child, programs, tally);
    }
}

#[test]
fn invariants_evaluate_on_the_examples() {
    let Some(found) = invariants() else { return };
    for (version, folder) in [
        ("R4", "testdata/nl-core-r4-examples"),
        ("STU3", "testdata/bgz-stu3"),
    ] {
        let Some(folder) = super::shared(folder) else {
            return;
        };
        let (version, invariants) = &found[version];
        let mut programs = Programs::new();
        for (path, texts) in invariants {
            let compiled = texts.iter().filter_map(|text| Expression::invariant(text).ok());
            programs.insert(path.clone(), compiled.collect());
        }
        let mut paths = Vec::new();
        files(folder, &mut paths);
        let mut tally = Tally::default();
        for path in &paths {
            let body = std::fs::read(path).unwrap();
            let limits = Limits::default();
            let read = if path.extension().is_some_and(|extension| extension == "json") {
                Document::from_json(&body, *version, &limits)
            } else {
                Document::from_xml(&body, *version, &limits)
            };
            visit(read.unwrap().root(), &programs, &mut tally);
        }
        eprintln!(
            "{version:?}: {} files, {} evaluations, {} not known, broken {:#?}",
            paths.len(),
            tally.evaluated,
            tally.unknown,
            tally.broken
        );
        assert!(tally.evaluated > 5_000, "invariants were found for the examples");
        assert!(tally.errors.is_empty(), "{:#?}", tally.errors);
    }
}

/// Where an invariant of a base type stands that the check against the types finds wrong, with what is wrong in it.
const WRONG: [(&str, &str); 2] = [
    (
        "ChargeItemDefinition",
        "R4 asks for a name, which it does not have",
    ),
    (
        "StructureDefinition.snapshot",
        "STU3 asks for the kind, which stands one level up",
    ),
];

#[test]
fn invariants_of_base_types_fit_their_types() {
    let Some(found) = invariants() else { return };
    let mut checked = 0;
    let mut wrong = BTreeMap::new();
    for (version, invariants) in found.values() {
        let base = invariants.iter().filter(|((profile, _), _)| profile.is_empty());
        for ((_, path), texts) in base {
            for text in texts {
                let Ok(expression) = Expression::invariant(text) else {
                    continue;
                };
                checked += 1;
                if let Err(error) = expression.check(path, *version) {
                    wrong.insert(path.as_str(), format!("{text}: {error} ({version:?})"));
                }
            }
        }
    }
    eprintln!(
        "{checked} invariants of base types, {} do not fit their types",
        wrong.len()
    );
    let known: Vec<&str> = WRONG.iter().map(|(path, _)| *path).collect();
    let found: Vec<&str> = wrong.keys().copied().collect();
    assert_eq!(found, known, "{wrong:#?}");
}
