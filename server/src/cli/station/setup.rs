//! Makes a station and adds sources to it.

use std::path::Path;

use samenhang_profiles::Ura;
use samenhang_station::config::SourceConfig;
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, SourceId};
use serde::Serialize;

use super::{FILE, failed, load, print};
use crate::cli::Failure;

#[derive(Serialize)]
struct Made {
    file: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Added {
    source: SourceId,
    key_file: String,
}

pub(super) fn init(folder: &Path) -> Result<u8, Failure> {
    let file = folder.join(FILE);
    if file.exists() {
        return Err(Failure::misuse(format!(
            "there is a station in {} already",
            folder.display()
        )));
    }
    std::fs::create_dir_all(folder).map_err(|error| written(folder, &error))?;
    save(folder, &Config::default())?;
    print(&Made {
        file: file.display().to_string(),
    })?;
    Ok(0)
}

pub(super) fn add_source(folder: &Path, source: SourceId, ura: &str) -> Result<u8, Failure> {
    let mut config = load(folder)?;
    let ura: Ura = ura
        .parse()
        .map_err(|error| Failure::misuse(format!("--ura: {error}")))?;
    if config.sources.iter().any(|other| other.id == source) {
        return Err(Failure::misuse(format!(
            "the station has a source {source} already"
        )));
    }
    let added = SourceConfig::new(source.clone(), ura);
    let key = config.path(&added.key_file);
    if let Some(keys) = key.parent() {
        std::fs::create_dir_all(keys).map_err(|error| written(keys, &error))?;
    }
    SourceKey::create(&key, &System).map_err(|error| failed(&error))?;
    config.sources.push(added);
    save(folder, &config)?;
    print(&Added {
        source,
        key_file: key.display().to_string(),
    })?;
    Ok(0)
}

/// Writes the configuration: the old one stays until the new one is whole.
fn save(folder: &Path, config: &Config) -> Result<(), Failure> {
    let text = config.write().map_err(|error| failed(&error))?;
    let (file, new) = (folder.join(FILE), folder.join(format!("{FILE}.new")));
    std::fs::write(&new, text)
        .and_then(|()| std::fs::rename(&new, &file))
        .map_err(|error| written(&file, &error))
}

fn written(path: &Path, error: &std::io::Error) -> Failure {
    Failure::finding(format!("failed to write {}: {error}", path.display()))
}
