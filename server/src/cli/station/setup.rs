//! Makes a station and adds sources to it.

use std::path::Path;

use samenhang_profiles::Ura;
use samenhang_station::config::SourceConfig;
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, SourceId};
use serde::Serialize;

use super::{FILE, SetupFile, failed, keep, load, packs, print};
use crate::cli::Failure;
use crate::config::schema_of;
use crate::station::ServiceConfig;
use crate::station::config as service;

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

/// Prints the JSON schema of a file.
pub(super) fn schema(file: SetupFile) -> Result<u8, Failure> {
    print(&match file {
        SetupFile::Service => ServiceConfig::schema(),
        SetupFile::Station => schema_of::<Config>(),
    })?;
    Ok(0)
}

/// Reads everything that opening a station reads before it touches what is kept.
pub(super) fn check(folder: &Path) -> Result<u8, Failure> {
    #[derive(Serialize)]
    struct Checked {
        sources: Vec<SourceId>,
        service: bool,
    }
    let config = load(folder)?;
    drop(packs(&config)?);
    for source in &config.sources {
        SourceKey::read(&config.path(&source.key_file)).map_err(|error| {
            let failure = failed(&error);
            failure.hint(format!("`key_file` of the source {}", source.id))
        })?;
    }
    let setup = folder.join(service::FILE);
    let is_served = setup.is_file();
    if is_served {
        keep::service(&setup)?;
    }
    print(&Checked {
        sources: config.sources.into_iter().map(|source| source.id).collect(),
        service: is_served,
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
