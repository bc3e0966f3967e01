//! Drafts of packs: that they compile, are the same every time, and how much of what our own maps do they have.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests, outside of a test function"
)]

mod concepts;
mod pairs;
mod samples;

use samenhang_conform::Pack;
use samenhang_conform::skeleton::{self, Draft, Side};
use samenhang_profiles::FhirVersion;
use samenhang_profiles::pack::{embedded, embedded_terminology};
use samenhang_terminology::catalogue::Page;
use samenhang_terminology::{Builder, Catalogue};

/// The codes of the value sets of a version.
fn catalogue(version: FhirVersion) -> Catalogue {
    let mut builder = Builder::new();
    embedded_terminology(version)
        .unwrap()
        .add_to(&mut builder)
        .unwrap();
    if version == FhirVersion::Stu3 {
        builder.stu3_names();
    }
    builder.build()
}

fn codes(catalogue: &Catalogue, value_set: &str) -> Vec<(String, String)> {
    let page = Page {
        limit: 500,
        ..Page::default()
    };
    let expansion = catalogue.expand(value_set, page);
    let codes = expansion.map(|found| found.codes).unwrap_or_default();
    codes
        .into_iter()
        .map(|(system, code)| (system.to_string(), code.to_string()))
        .collect()
}

/// A draft of pairs of profiles.
fn draft(pairs: &[(&str, &str)]) -> Draft {
    let (old, new) = (
        embedded(FhirVersion::Stu3).unwrap(),
        embedded(FhirVersion::R4).unwrap(),
    );
    let (own, other) = (catalogue(FhirVersion::Stu3), catalogue(FhirVersion::R4));
    let source = Side {
        library: &*old,
        expand: &|set| codes(&own, set),
    };
    let target = Side {
        library: &*new,
        expand: &|set| codes(&other, set),
    };
    skeleton::from_profiles("draft", pairs, &source, &target).unwrap()
}

fn compiled(draft: &Draft) -> Pack {
    let files: Vec<(&str, &str)> = draft
        .files
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    let (pack, _) = Pack::compile(&files).unwrap();
    pack
}
