//! The packs that the binary carries, compiled when they are first asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use rust_embed::RustEmbed;

use crate::plan::Pack;

#[derive(RustEmbed)]
#[folder = "packs/"]
struct Files;

/// The files of each pack, by the name of its folder.
fn folders() -> BTreeMap<String, Vec<(String, String)>> {
    let mut folders: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for path in Files::iter() {
        let Some((folder, name)) = path.split_once('/') else {
            continue;
        };
        let text = Files::get(&path).and_then(|file| String::from_utf8(file.data.into_owned()).ok());
        if let Some(text) = text {
            folders
                .entry(folder.to_owned())
                .or_default()
                .push((name.to_owned(), text));
        }
    }
    for files in folders.values_mut() {
        files.sort();
    }
    folders
}

static PACKS: LazyLock<BTreeMap<String, Arc<Pack>>> = LazyLock::new(|| {
    let packs = folders().into_iter().filter_map(|(name, files)| {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        let (pack, _) = Pack::compile(&files).ok()?;
        Some((name, Arc::new(pack)))
    });
    packs.collect()
});

/// A pack that the binary carries. All of them compile: a test sees to that.
#[must_use]
pub fn shipped(name: &str) -> Option<Arc<Pack>> {
    PACKS.get(name).cloned()
}

/// The names of the packs that the binary carries.
pub fn shipped_names() -> impl Iterator<Item = String> {
    folders().into_keys()
}

/// The files of a pack that the binary carries, as name and text, in the order of the pack: for who starts from it.
#[must_use]
pub fn shipped_files(name: &str) -> Vec<(String, String)> {
    folders().remove(name).unwrap_or_default()
}
