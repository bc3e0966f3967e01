//! The maps on instances that hold every element that a profile allows: of zib2017 to R4, and of nl-core to STU3.
//!
//! The fixtures fill what their authors thought of; here the profiles themselves say what may be there. Nothing is read
//! from outside: the profiles and value sets are those that the binary carries.
//!
//! `cargo test -p samenhang-conform --test every_element -- --nocapture` prints each unmapped place; with `BLOCK=name` only
//! of the profiles whose name holds this, with the instance and what is made of it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, outside of a test function, and figures for who writes the maps"
)]

mod account;
mod causes;
mod codes;
mod instance;
mod values;

use std::sync::Arc;

use samenhang_conform::{Context, Lifted, Pack};
use samenhang_profiles::definition::{DefinitionSet, Kind};
use samenhang_profiles::document::Document;
use samenhang_profiles::pack::embedded;
use samenhang_profiles::{FhirVersion, Limits};

use crate::codes::Codes;
use crate::instance::Maker;

/// One direction: its pack, and the profiles of what it takes.
struct Direction {
    from: FhirVersion,
    to: FhirVersion,
    pack: Arc<Pack>,
    back: Arc<Pack>,
    library: Arc<DefinitionSet>,
    codes: Codes,
}

impl Direction {
    fn new(from: FhirVersion) -> Direction {
        let (up, down) = ("stu3-zib2017-to-r4-zib2020", "r4-zib2020-to-stu3-zib2017");
        let (to, pack, back) = match from {
            FhirVersion::Stu3 => (FhirVersion::R4, up, down),
            FhirVersion::R4 => (FhirVersion::Stu3, down, up),
        };
        Direction {
            from,
            to,
            pack: samenhang_conform::shipped(pack).unwrap(),
            back: samenhang_conform::shipped(back).unwrap(),
            library: embedded(from).unwrap(),
            codes: Codes::of(from),
        }
    }

    /// The profiles on resources that are not HL7's own, in order.
    fn profiles(&self) -> Vec<String> {
        let wanted = std::env::var("BLOCK").unwrap_or_default();
        let mut found: Vec<String> = self
            .library
            .definitions()
            .filter(|definition| {
                definition.kind == Kind::Resource
                    && definition.is_profile()
                    && definition.type_name != "Bundle"
            })
            .filter(|definition| {
                !definition.url.starts_with("http://hl7.org/") && definition.url.contains(&wanted)
            })
            // In R4 the profiles of the zibs have nothing that those of nl-core, which stand on them, do not have.
            .filter(|definition| {
                self.from == FhirVersion::Stu3 || !short(&definition.url).starts_with("zib-")
            })
            .map(|definition| definition.url.clone())
            .collect();
        found.sort();
        found
    }

    fn maker(&self) -> Maker<'_> {
        Maker {
            library: &*self.library,
            codes: &self.codes,
        }
    }

    fn lift(&self, document: &Document<'_>) -> Lifted {
        lift(&self.pack, document)
    }
}

fn lift(pack: &Pack, document: &Document<'_>) -> Lifted {
    let context = Context {
        source: "every-element",
        ..Context::default()
    };
    pack.lift(document, &context)
}

fn read(body: &[u8], version: FhirVersion) -> Document<'_> {
    Document::from_json(body, version, &Limits::default()).unwrap()
}

/// The last part of an address.
fn short(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
