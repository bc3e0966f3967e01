//! Rules over the tree itself: the documentation is whole, and nothing stands in a file that may not stand there.
//!
//! Reads files only; builds nothing and knows nothing of what the code does.

mod configuration;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// Most lines of a Rust file that is not generated.
const MOST_LINES: usize = 500;
/// Where the error codes are made.
const CODE_ROOTS: [&str; 7] = [
    "terminology/",
    "profiles/",
    "reconcile/",
    "ingest/",
    "server/",
    "conformance-tests/testbed/",
    "conformance-tests/src/",
];
/// Where the simulated country is: it knows synthetic patients only, and its protocols carry their numbers.
const TESTBED: &str = "conformance-tests/testbed/";

/// Where a number (or a token, whose method has the same name) may be exposed, and why.
const MAY_EXPOSE: [(&str, &str); 19] = [
    (
        "ingest/gather/src/consent/mitz.rs",
        "the closed question of Mitz names the patient, in a body over TLS",
    ),
    (
        "ingest/gather/src/consent/permit.rs",
        "makes the keyed hash that stands for the patient in a permit",
    ),
    (
        "ingest/gather/src/consent/request.rs",
        "writes the body of the closed question",
    ),
    ("ingest/gather/src/nvi.rs", "a token, not a number"),
    (
        "ingest/gather/src/locate/open_question.rs",
        "writes the body of the open question of Mitz",
    ),
    (
        "ingest/gather/src/pseudonym.rs",
        "blinds the number before it leaves; and a token",
    ),
    (
        "ingest/gather/src/source/http.rs",
        "writes the bodies of _search and $match; and a token",
    ),
    (
        "ingest/station/src/erase.rs",
        "looks for the number in messages that nobody could place, to erase them too",
    ),
    (
        "ingest/station/src/seal.rs",
        "makes the keyed pseudonym, and seals the number for the index",
    ),
    (
        "reconcile/src/subject.rs",
        "compares a resource's number with the one that was asked for",
    ),
    (
        "server/src/access/context.rs",
        "keeps the demonstration to the test range",
    ),
    (
        "server/src/audit/fhir.rs",
        "makes sure that an event does not hold the number",
    ),
    ("server/src/audit/key.rs", "makes the keyed pseudonym of the log"),
    (
        "server/src/cli/run/country.rs",
        "prints a number of the simulated country in an example",
    ),
    (
        "server/src/search/mask.rs",
        "takes the number out of an answer to who did not name it",
    ),
    (
        "server/src/session/answers.rs",
        "makes the keyed hash under which a session keeps an answer",
    ),
    (
        "server/viewer/src/masking.rs",
        "takes the number out of what a page shows, but for its last digits; shows it to who asks for it on purpose",
    ),
    ("profiles/src/identity.rs", "defines it"),
    (
        "server/src/demo/kit.rs",
        "writes the care teams of the synthetic patients, an input of the demonstration",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of the project, relative to its root: what git tracks or would track, else what is there.
fn files() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let mut files = match listed {
        Ok(output) if output.status.success() => names(&output.stdout),
        _ => Vec::new(),
    };
    if files.is_empty() {
        walk(&root(), "", &mut files);
    }
    assert!(files.len() > 100, "the files of the project are found");
    files.sort();
    files.dedup();
    files
}

fn names(listed: &[u8]) -> Vec<String> {
    let names = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect()
}

fn walk(root: &Path, folder: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let skipped =
            name == ".git" || name == "node_modules" || name.starts_with("target") || path == "data";
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !skipped => walk(root, &path, found),
            Ok(kind) if kind.is_file() => found.push(path),
            _ => {}
        }
    }
}

/// Every text file with its content. A tracked file that is not there any more is left out.
fn texts() -> BTreeMap<String, String> {
    let read = |name: String| {
        let bytes = fs::read(root().join(&name)).ok()?;
        let is_text = !bytes.iter().take(8000).any(|byte| *byte == 0);
        is_text.then(|| (name, String::from_utf8_lossy(&bytes).into_owned()))
    };
    files().into_iter().filter_map(read).collect()
}

fn is_rust(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "rs")
}

fn is_generated(name: &str) -> bool {
    Path::new(name)
        .components()
        .any(|part| part == Component::Normal("generated".as_ref()))
}

/// The stable codes in a text: `SAM-`, an area in capitals, and three digits.
fn codes(text: &str) -> BTreeSet<String> {
    let code_at = |(at, start): (usize, &str)| {
        let rest = &text[at + start.len()..];
        let area = rest.bytes().take_while(u8::is_ascii_uppercase).count();
        let number = rest.get(area..)?.strip_prefix('-')?;
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        (area > 0 && digits == 3).then(|| format!("{start}{}", &rest[..area + 4]))
    };
    text.match_indices("SAM-").filter_map(code_at).collect()
}

/// The relative links to pages in a Markdown text, without anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let target = |part: &'_ str| -> Option<usize> { part.find([')', '#']) };
    text.split("](").skip(1).filter_map(move |part| {
        let link = &part[..target(part)?];
        let is_page = Path::new(link)
            .extension()
            .is_some_and(|extension| extension == "md");
        (is_page && !link.contains(':')).then_some(link)
    })
}

/// A link of a page, as a path of the book; `None` when it leaves the book.
fn resolve(page: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The pages of the book by their path in it.
fn pages() -> BTreeMap<String, String> {
    let page = |(name, text): (String, String)| Some((name.strip_prefix("docs/src/")?.to_owned(), text));
    let is_page = |name: &str| {
        Path::new(name)
            .extension()
            .is_some_and(|extension| extension == "md")
    };
    texts()
        .into_iter()
        .filter_map(page)
        .filter(|(name, _)| is_page(name))
        .collect()
}

#[test]
fn every_error_code_has_a_page_and_every_page_a_code() {
    let made: BTreeSet<String> = texts()
        .iter()
        .filter(|(name, _)| CODE_ROOTS.iter().any(|root| name.starts_with(root)))
        .flat_map(|(_, text)| codes(text))
        .collect();
    assert!(made.len() > 50, "the sources were read");
    let pages = pages();
    let code_of = |name: &String| Some(name.strip_prefix("errors/")?.strip_suffix(".md")?.to_owned());
    let explained: BTreeSet<String> = pages
        .keys()
        .filter_map(code_of)
        .filter(|name| name != "index")
        .collect();
    let without_page: Vec<_> = made.difference(&explained).collect();
    let without_code: Vec<_> = explained.difference(&made).collect();
    assert!(
        without_page.is_empty(),
        "codes without a page in docs/src/errors: {without_page:?}"
    );
    assert!(
        without_code.is_empty(),
        "pages of codes that no source has: {without_code:?}"
    );
    let index = codes(&pages["errors/index.md"]);
    for code in &explained {
        let page = &pages[&format!("errors/{code}.md")];
        assert!(
            page.starts_with(&format!("# {code}: ")),
            "the title of {code} is its code and a plain name"
        );
        assert!(page.contains("\n*In het kort: "), "{code} has a summary in Dutch");
        assert!(page.contains("\n## What to do\n"), "{code} says what to do");
        assert!(index.contains(code), "{code} is in errors/index.md");
    }
}

#[test]
fn a_code_means_one_thing() {
    let mut made: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, text) in texts().iter().filter(|(name, _)| is_rust(name) && !is_test(name)) {
        let code = without_tests(text);
        for start in ["=> \"", "code: \""] {
            for (at, start) in code.match_indices(start) {
                let literal = code[at + start.len()..].split('"').next().unwrap_or_default();
                for code in codes(literal) {
                    made.entry(code).or_default().insert(name.clone());
                }
            }
        }
    }
    assert!(made.len() > 50, "the sources were read");
    let twice: Vec<_> = made.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(twice.is_empty(), "codes that more than one file makes: {twice:?}");
}

#[test]
fn every_page_of_the_book_can_be_reached_and_every_link_leads_somewhere() {
    let pages = pages();
    let mut reached = BTreeSet::new();
    let mut waiting = vec!["SUMMARY.md".to_owned()];
    let mut broken = Vec::new();
    while let Some(page) = waiting.pop() {
        let Some(text) = pages.get(&page) else { continue };
        if !reached.insert(page.clone()) {
            continue;
        }
        for link in links(text) {
            match resolve(&page, link) {
                Some(target) if pages.contains_key(&target) => waiting.push(target),
                Some(_) => broken.push(format!("{page}: {link}")),
                None => {}
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere: {broken:?}");
    let lost: Vec<_> = pages.keys().filter(|page| !reached.contains(*page)).collect();
    assert!(
        lost.is_empty(),
        "pages that cannot be reached from SUMMARY.md: {lost:?}"
    );
}

#[test]
fn no_file_names_a_place_of_one_machine_or_a_registry() {
    // In parts, so that this file does not name them.
    let folders = ["work", "root", "home", "Users"].map(|name| format!("/{name}/"));
    let hosts = [
        ("index", ".crates."),
        ("static", ".crates."),
        ("pypi", "."),
        ("npmjs", "."),
        ("arti", "factory"),
        ("sparse", "+http"),
        ("index", "-url"),
        ("docker", ".io"),
    ]
    .map(|(start, end)| format!("{start}{end}"));
    let mut found = Vec::new();
    for (name, text) in texts() {
        for (line, content) in (1..).zip(text.lines()) {
            let is_path = |folder: &String| {
                content.match_indices(folder.as_str()).any(|(at, _)| {
                    // A path begins here; in an address or a relative path something stands before it.
                    !content[..at].ends_with(|c: char| c.is_alphanumeric() || "._-~}*".contains(c))
                })
            };
            if folders.iter().any(is_path) || hosts.iter().any(|host| content.contains(host.as_str())) {
                found.push(format!("{name}:{line}"));
            }
        }
    }
    assert!(
        found.is_empty(),
        "paths of a machine or hosts of a registry: {found:?}"
    );
}

#[test]
fn every_dependency_comes_from_the_public_registry() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock can be read");
    let public = format!(
        "source = \"registry+https://github.com/rust-lang/crates.{}-index\"",
        "io"
    );
    let other: Vec<_> = lock
        .lines()
        .filter(|line| line.starts_with("source = ") && *line != public)
        .collect();
    assert!(other.is_empty(), "sources of another kind: {other:?}");
}

#[test]
fn no_rust_file_is_long() {
    let long: Vec<String> = texts()
        .iter()
        .filter(|(name, _)| is_rust(name) && !is_generated(name))
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(name, lines)| format!("{name} ({lines})"))
        .collect();
    assert!(long.is_empty(), "files of more than {MOST_LINES} lines: {long:?}");
}

/// The part of a Rust file before its tests.
fn without_tests(text: &str) -> &str {
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    &text[..end]
}

fn is_test(name: &str) -> bool {
    name.split('/').any(|part| part == "tests" || part == "benches")
        || ["tests.rs", "fixtures.rs", "testing.rs"]
            .iter()
            .any(|end| name.ends_with(end))
}

#[test]
fn a_bsn_is_exposed_only_where_a_protocol_carries_it() {
    let exposing: BTreeSet<String> = texts()
        .into_iter()
        .filter(|(name, _)| is_rust(name) && !is_test(name) && !name.starts_with(TESTBED))
        .filter(|(_, text)| {
            let code = without_tests(text);
            [".expose()", "::expose"].iter().any(|call| code.contains(call))
        })
        .map(|(name, _)| name)
        .collect();
    let allowed: BTreeSet<String> = MAY_EXPOSE.iter().map(|(name, _)| (*name).to_owned()).collect();
    let new: Vec<_> = exposing.difference(&allowed).collect();
    let stale: Vec<_> = allowed.difference(&exposing).collect();
    assert!(
        new.is_empty(),
        "a number is exposed in {new:?}: give the reason in MAY_EXPOSE, or find another way"
    );
    assert!(
        stale.is_empty(),
        "nothing is exposed any more in {stale:?}: take it off MAY_EXPOSE"
    );
}

/// Nine digits that pass the 11-proef: weights 9 to 2, and -1.
fn passes_11_proef(digits: &str) -> bool {
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let sum: i32 = digits
        .bytes()
        .zip(weights)
        .map(|(digit, weight)| i32::from(digit - b'0') * weight)
        .sum();
    sum % 11 == 0
}

fn is_test_number(digits: &str) -> bool {
    digits.starts_with("9999") || digits == "111222333" || digits == "000000000" || is_snomed_concept(digits)
}

/// Whether the digits are a concept of SNOMED CT that passes the 11-proef by chance: its partition, `00`, and its own
/// check digit say so, and of a thousand numbers of persons one.
fn is_snomed_concept(digits: &str) -> bool {
    digits.get(6..8) == Some("00") && samenhang_terminology::check_digit::verhoeff(digits.as_bytes())
}

#[test]
fn no_file_holds_a_number_that_could_be_of_a_person() {
    let mut found = Vec::new();
    // Cargo.lock holds hashes, in which any nine digits may stand.
    for (name, text) in texts().iter().filter(|(name, _)| *name != "Cargo.lock") {
        for (line, content) in (1..).zip(text.lines()) {
            let runs = content
                .split(|c: char| !c.is_ascii_digit())
                .filter(|run| run.len() == 9);
            // The number itself is not repeated, not even here.
            found.extend(
                runs.filter(|run| passes_11_proef(run) && !is_test_number(run))
                    .map(|_| format!("{name}:{line}")),
            );
        }
    }
    assert!(
        found.is_empty(),
        "nine digits that pass the 11-proef and are not of the test range: {found:?}"
    );
}
