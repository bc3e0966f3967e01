//! Looks after a station: how it stands, erasure, the kill switch, the check.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use samenhang_profiles::Bsn;
use samenhang_station::quality::{html, measure_report};
use samenhang_station::surroundings::System;
use samenhang_station::{Fsck, SourceId, Station, StationError, Status};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{ReportFormat, SourceArgs, failed, load, open, print, scope};
use crate::app::start::told_to_stop;
use crate::cli::{Failure, output};
use crate::station::router;

/// Most bytes that are read for a number.
const LONGEST: u64 = 64;

#[derive(Serialize)]
struct Stands {
    source: SourceId,
    #[serde(flatten)]
    status: Status,
}

#[derive(Serialize)]
struct Checked {
    source: SourceId,
    #[serde(flatten)]
    report: Fsck,
}

pub(super) async fn status(folder: &Path) -> Result<u8, Failure> {
    let config = load(folder)?;
    let station = open(&config).await?;
    for source in &config.sources {
        let status = station.status(&scope(&station, &source.id)?).await;
        print(&Stands {
            source: source.id.clone(),
            status: status.map_err(|error| failed(&error))?,
        })?;
    }
    Ok(0)
}

pub(super) async fn quality(of: SourceArgs, format: ReportFormat) -> Result<u8, Failure> {
    let station = open(&load(&of.folder.folder)?).await?;
    let report = Box::pin(station.quality(&scope(&station, &of.source)?)).await;
    let report = report.map_err(|error| failed(&error))?;
    let mut text = match format {
        ReportFormat::Json => return print(&report).map(|()| 0),
        ReportFormat::Fhir => measure_report(&report),
        ReportFormat::Html => html(&report),
    };
    text.push('\n');
    output::write(text.as_bytes())
        .map_err(|error| Failure::finding(format!("failed to write the report: {error}")))?;
    Ok(0)
}

pub(super) async fn erase(of: SourceArgs, by: &str, reason: &str) -> Result<u8, Failure> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin()
        .take(LONGEST)
        .read_to_string(&mut text)
        .map_err(|error| Failure::misuse(format!("failed to read the number: {error}")))?;
    let patient = Bsn::parse(&text)
        .map_err(|error| Failure::misuse(error.to_string()).hint("give the number on standard input"))?;
    let station = open(&load(&of.folder.folder)?).await?;
    let scope = scope(&station, &of.source)?;
    let receipt = Box::pin(station.erase(&scope, &patient, by, reason)).await;
    print(&receipt.map_err(|error| failed(&error))?)?;
    Ok(0)
}

pub(super) async fn switch(of: SourceArgs, reason: Option<&str>) -> Result<u8, Failure> {
    #[derive(Serialize)]
    struct Switched {
        source: SourceId,
        stopped: bool,
    }
    let config = load(&of.folder.folder)?;
    Station::switch(&config, &of.source, reason, &System)
        .await
        .map_err(|error| failed(&error))?;
    print(&Switched {
        source: of.source,
        stopped: reason.is_some(),
    })?;
    Ok(0)
}

pub(super) async fn serve(folder: &Path, port: u16) -> Result<u8, Failure> {
    #[derive(Serialize)]
    struct Serves {
        base: String,
    }
    let config = load(folder)?;
    let station = Arc::new(open(&config).await?);
    for source in &config.sources {
        match Box::pin(station.work(&source.id)).await {
            Ok(_) | Err(StationError::Stopped) => {}
            Err(error) => return Err(failed(&error)),
        }
    }
    let bound = |error: std::io::Error| Failure::finding(format!("failed to listen: {error}"));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(bound)?;
    let base = format!("http://{}", listener.local_addr().map_err(bound)?);
    print(&Serves { base })?;
    axum::serve(listener, router(station))
        .with_graceful_shutdown(told_to_stop())
        .await
        .map_err(bound)?;
    Ok(0)
}

pub(super) async fn fsck(folder: &Path) -> Result<u8, Failure> {
    let config = load(folder)?;
    let station = open(&config).await?;
    let mut damaged = false;
    for source in &config.sources {
        let report = station.fsck(&scope(&station, &source.id)?).await;
        let report = report.map_err(|error| failed(&error))?;
        damaged |= !report.damaged.is_empty();
        print(&Checked {
            source: source.id.clone(),
            report,
        })?;
    }
    Ok(u8::from(damaged))
}
