//! Releases of licensed systems: files of a release are read or refused, and what was read can be asked.
//!
//! The data is a row of files, each behind a form feed; the first letter says what a file is.

use std::sync::Arc;

use samenhang_terminology::catalogue::Page;
use samenhang_terminology::release::{list, loinc, rf2};
use samenhang_terminology::{Builder, Coding, Membership, Terminology};

pub(crate) fn run(data: &[u8]) {
    let mut snomed = rf2::Reader::new(None);
    let mut table = loinc::Reader::new(Some("2.80"));
    let mut builder = Builder::new();
    for file in data.split(|byte| *byte == b'\x0c') {
        let Some((kind, text)) = file.split_first() else {
            continue;
        };
        let read = match kind {
            b'C' => snomed.read(rf2::File::Concept, text),
            b'L' => snomed.read(rf2::File::Language, text),
            b'D' => snomed.read(rf2::File::Description, text),
            b'R' => snomed.read(rf2::File::Relationship, text),
            b'S' => snomed.read(rf2::File::SimpleReferenceSet, text),
            b'T' => table.table(text),
            b'N' => table.names("nl-NL", text),
            b'H' => table.hierarchy(text),
            complete => {
                let about = list::About {
                    system: Some("http://example.org/list"),
                    complete: *complete == b'W',
                    ..list::About::default()
                };
                list::read(about, text).map(|systems| {
                    for system in systems {
                        builder.system(Arc::new(system));
                    }
                })
            }
        };
        if let Err(error) = read {
            assert!(!error.to_string().is_empty() && !error.code().is_empty());
        }
    }
    builder.system(Arc::new(snomed.finish()));
    builder.system(Arc::new(table.finish()));
    let catalogue = builder.build();
    for set in [
        "http://snomed.info/sct?fhir_vs",
        "http://snomed.info/sct?fhir_vs=isa/71388002",
        "http://snomed.info/sct?fhir_vs=refset/71388002",
    ] {
        let Ok(expansion) = catalogue.expand(set, Page::default()) else {
            continue;
        };
        for (system, code) in expansion.codes.iter().take(20) {
            let answer = catalogue.member(set, Coding::new(system, code));
            assert!(matches!(answer, Membership::Member), "{code:?}: {answer:?}");
        }
    }
}
