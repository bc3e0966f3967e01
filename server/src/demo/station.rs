//! The station of the demonstration: it takes what two holders would send to theirs, works on it as every station does, and
//! writes for the page of the operator what its commands would write. Then it goes, with all that it kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use samenhang_profiles::{FhirVersion, Ura};
use samenhang_station::config::SourceConfig;
use samenhang_station::lift::ByFormat;
use samenhang_station::seal::SourceKey;
use samenhang_station::surroundings::System;
use samenhang_station::{Config, Format, Incoming, Scope, SourceId, Station};
use samenhang_testbed::patients;

use super::{failed, kit};
use crate::app::build::BuildError;
use crate::config::StationReport;

/// The sources of the station: a hospital with R4 and STU3, and a clinic with STU3.
const SOURCES: [(&str, &str); 2] = [
    ("ziekenhuis-oost", "00700700"),
    ("revalidatiekliniek-zuid", "00700704"),
];

/// Where the reports of the sources come to be, as the configuration names them.
pub(super) fn told(folder: &Path) -> Vec<StationReport> {
    let of = |(source, _): &(&str, &str)| StationReport {
        source: (*source).to_owned(),
        report_file: file(folder, source, "quarantine.jsonl"),
        quality_file: Some(file(folder, source, "quality.json")),
    };
    SOURCES.iter().map(of).collect()
}

fn file(folder: &Path, source: &str, kind: &str) -> PathBuf {
    folder.join(format!("{source}-{kind}"))
}

/// Opens a station in the folder, feeds it, writes its reports beside it, and takes it away.
///
/// # Errors
/// [`BuildError`]; what was written by then stays.
pub(super) async fn report(folder: &Path) -> Result<(), BuildError> {
    let own = folder.join("station");
    kit::private_folder(&own).map_err(failed("make the folder of a station"))?;
    let config = set_up(&own)?;
    let station = Station::open(&config, Arc::new(ByFormat::default()), Arc::new(System));
    let station = Box::pin(station).await.map_err(failed("open a station"))?;
    for source in &config.sources {
        let scope = station
            .scope(&source.id)
            .map_err(failed("find a source of a station"))?;
        feed(&station, &source.id, &source.ura).await?;
        tell(&station, &scope, folder).await?;
    }
    station.close().await;
    drop(station);
    std::fs::remove_dir_all(&own).map_err(failed("take a station away"))
}

fn set_up(folder: &Path) -> Result<Config, BuildError> {
    let mut config = Config {
        folder: folder.to_owned(),
        ..Config::default()
    };
    kit::private_folder(&folder.join("keys")).map_err(failed("make the keys of a station"))?;
    for (source, ura) in SOURCES {
        let id: SourceId = source.parse().map_err(failed("name a source of a station"))?;
        let ura: Ura = ura.parse().map_err(failed("name a source of a station"))?;
        let source = SourceConfig::new(id, ura);
        SourceKey::create(&config.path(&source.key_file), &System)
            .map_err(failed("make the keys of a station"))?;
        config.sources.push(source);
    }
    Ok(config)
}

/// Gives a source what its holder serves, a Bundle a message.
async fn feed(station: &Station, source: &SourceId, ura: &Ura) -> Result<(), BuildError> {
    for (fhir, format) in [
        (FhirVersion::R4, Format::FhirR4),
        (FhirVersion::Stu3, Format::FhirStu3),
    ] {
        for (name, body) in patients::files(ura, fhir) {
            let message = Incoming {
                external: format!("{fhir:?}-{name}"),
                format,
                body,
                clock: None,
            };
            Box::pin(station.accept(source, message))
                .await
                .map_err(failed("feed a station"))?;
        }
    }
    let worked = Box::pin(station.work(source)).await;
    worked.map(drop).map_err(failed("work on what a station got"))
}

/// Writes what `samenhang station quality` and `samenhang station quarantine list` would.
async fn tell(station: &Station, scope: &Scope, folder: &Path) -> Result<(), BuildError> {
    let problems = Box::pin(station.problems(scope)).await;
    let problems = problems.map_err(failed("list what a station holds"))?;
    let quality = Box::pin(station.quality(scope)).await;
    let quality = quality.map_err(failed("measure the quality of a source"))?;
    let lines = problems
        .iter()
        .map(|problem| serde_json::to_string(problem).map(|line| line + "\n"));
    let lines: String = lines
        .collect::<Result<_, _>>()
        .map_err(failed("write a report"))?;
    let quality = serde_json::to_string(&quality).map_err(failed("write a report"))?;
    let source = scope.source().as_str();
    for (kind, text) in [("quarantine.jsonl", lines), ("quality.json", quality)] {
        let whole = file(folder, source, kind);
        let new = whole.with_extension("new");
        std::fs::write(&new, text)
            .and_then(|()| std::fs::rename(&new, &whole))
            .map_err(failed("write a report"))?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests;
