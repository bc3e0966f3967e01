//! Messages that are made to do harm: each is refused with an error that names the limit.

#![expect(clippy::expect_used, reason = "an archive that cannot be made ends the test")]

mod archives;
mod bombs;
mod expressions;

use bombs::{Bomb, Format};
use samenhang_profiles::document::Document;
use samenhang_profiles::package::{ArchiveLimits, Package};
use samenhang_profiles::{FhirVersion, Limits, ReadError, xml};

#[test]
fn every_bomb_is_refused_with_the_name_of_the_limit() {
    for Bomb {
        name,
        format,
        body,
        refusal,
    } in bombs::all()
    {
        let limits = Limits::default();
        let read = match format {
            Format::Json => Document::from_json(&body, FhirVersion::R4, &limits),
            Format::Xml => Document::from_xml(&body, FhirVersion::R4, &limits),
        };
        let error = read.expect_err(name);
        assert!(error.to_string().contains(refusal), "{name}: {error}");
        if format == Format::Xml {
            assert_eq!(
                xml::to_json(&body, FhirVersion::R4, &limits),
                Err(error),
                "{name}"
            );
        }
    }
}

#[test]
fn a_limit_counts_what_it_says_and_no_more() {
    for Bomb {
        name, format, body, ..
    } in bombs::just_within()
    {
        let limits = Limits::default();
        let read = match format {
            Format::Json => Document::from_json(&body, FhirVersion::R4, &limits),
            Format::Xml => Document::from_xml(&body, FhirVersion::R4, &limits),
        };
        assert_eq!(read.map(|_| ()).err(), None::<ReadError>, "{name}");
    }
}

#[test]
fn every_archive_is_refused_with_the_name_of_the_limit() {
    // Smaller than the defaults, so that the archives are made in a moment; the example `measure-limits` takes those.
    let limits = ArchiveLimits {
        max_entries: 100,
        max_total: 24 << 20,
        max_file: 2 << 20,
        max_kept: 8 << 20,
        ..ArchiveLimits::default()
    };
    for make in archives::ALL {
        let archive = make(&limits);
        let error = Package::read(archive.bytes.as_slice(), &limits).expect_err(archive.name);
        let found = error.to_string();
        assert!(found.contains(&archive.refusal), "{}: {found}", archive.name);
    }
}

#[test]
fn every_expression_ends_within_its_budget() {
    let found: Vec<_> = expressions::all()
        .into_iter()
        .map(|(name, text, limit)| (name, expressions::refusal(&text).unwrap_or_default(), limit))
        .collect();
    for (name, error, limit) in &found {
        assert!(error.contains(limit), "{name}: {error}, of {found:#?}");
    }
}
