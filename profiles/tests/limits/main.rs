//! Messages that are made to do harm: each is refused with an error that names the limit.

mod bombs;

use bombs::{Bomb, Format};
use samenhang_profiles::document::Document;
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
