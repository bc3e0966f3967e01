//! A fixture: what is sent, where the quirk shows, what it becomes, and what looks like it and is sound.

use std::path::Path;

use samenhang_conform::quirks::Quirk;
use samenhang_profiles::tree::Tree;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{FhirVersion, Limits};

pub(crate) struct Fixture {
    pub(crate) version: FhirVersion,
    pub(crate) place: String,
    pub(crate) mended: Option<String>,
    pub(crate) near: Vec<Vec<u8>>,
    sent: Vec<u8>,
    mark: bool,
}

fn written(tree: &Tree<'_>) -> Vec<u8> {
    let mut out = JsonWriter::new();
    tree.write(&mut out);
    out.finish().to_vec()
}

/// A text in one form: without the space between its parts.
pub(crate) fn compact(json: &[u8]) -> String {
    let tree = Tree::parse(json, &Limits::default()).unwrap();
    String::from_utf8(written(&tree)).unwrap()
}

impl Fixture {
    pub(crate) fn of(quirk: Quirk) -> Fixture {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quirks/fixtures");
        let path = folder.join(quirk.entry().fixture);
        let text = std::fs::read(&path).unwrap_or_else(|_| panic!("no fixture {}", path.display()));
        let tree = Tree::parse(&text, &Limits::default()).unwrap();
        let version = match tree.text("version").unwrap() {
            "STU3" => FhirVersion::Stu3,
            _ => FhirVersion::R4,
        };
        Fixture {
            version,
            place: tree.text("place").unwrap().to_owned(),
            mended: tree
                .get("mended")
                .map(|tree| String::from_utf8(written(tree)).unwrap()),
            near: tree.get("near").unwrap().items().iter().map(written).collect(),
            sent: written(tree.get("sent").unwrap()),
            mark: tree.get("mark").is_some(),
        }
    }

    /// The bytes that are sent.
    pub(crate) fn sent(&self) -> Vec<u8> {
        let mut bytes = if self.mark {
            b"\xef\xbb\xbf".to_vec()
        } else {
            Vec::new()
        };
        bytes.extend_from_slice(&self.sent);
        bytes
    }
}
