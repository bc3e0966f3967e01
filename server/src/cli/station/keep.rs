//! Looks after a station: how it stands, erasure, the kill switch, the check.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use samenhang_profiles::Bsn;
use samenhang_station::publish::{Publication, Published};
use samenhang_station::quality::{Language, html, measure_report};
use samenhang_station::surroundings::System;
use samenhang_station::{Fsck, SourceId, Station, Status};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{ReportFormat, SourceArgs, failed, load, open, print, scope};
use crate::app::build::BuildError;
use crate::app::start::told_to_stop;
use crate::cli::{Failure, output};
use crate::http::layers::quiet_panics;
use crate::station::ServiceConfig;
use crate::station::config::FILE;
use crate::station::service::{Outside, Service};
use crate::telemetry::{self, Metrics};

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
        ReportFormat::Html => html(&report, &Language::ALL, &[]),
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

pub(super) async fn serve(folder: &Path, port: u16, without_login: bool) -> Result<u8, Failure> {
    #[derive(Serialize)]
    struct Serves<'a> {
        base: &'a str,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        mllp: &'a [std::net::SocketAddr],
    }
    let config = load(folder)?;
    let setup = folder.join(FILE);
    let is_set_up = setup.is_file();
    if is_set_up == without_login {
        return Err(if is_set_up {
            Failure::misuse(format!(
                "{} says who may read: not without a login",
                setup.display()
            ))
            .hint("leave --without-login out, or take the file away")
        } else {
            Failure::misuse(format!("there is no {}: nobody may read", setup.display())).hint(
                "write it (see the operator's page of the station), or give --without-login to serve whoever \
                 reaches this machine's own address",
            )
        });
    }
    let mut told = None;
    let service = if without_login {
        let station = Arc::new(open(&config).await?);
        Service::start_open(station, port).await
    } else {
        let setup = service(&setup)?;
        let guard = telemetry::start(&setup.telemetry, &Metrics::default())
            .map_err(|error| Failure::misuse(format!("failed to start telemetry: {error}")))?;
        told = Some(guard);
        quiet_panics();
        let station = Arc::new(open(&config).await?);
        let outside = Outside::open(setup).await.map_err(|error| built(&error))?;
        Box::pin(Service::start(station, outside)).await
    };
    let service = service.map_err(|error| built(&error))?;
    print(&Serves {
        base: service.base(),
        mllp: service.mllp(),
    })?;
    told_to_stop().await;
    service.stop().await;
    if let Some(guard) = told {
        guard.stop().await;
    }
    Ok(0)
}

/// Registers what is due, once; with `again` also what was registered before.
pub(super) async fn publish(folder: &Path, again: bool) -> Result<u8, Failure> {
    #[derive(Serialize)]
    struct Told {
        source: SourceId,
        #[serde(flatten)]
        published: Published,
        #[serde(flatten)]
        publication: Publication,
    }
    let config = load(folder)?;
    let setup = service(&folder.join(FILE))?;
    let station = open(&config).await?;
    let outside = Outside::open(setup).await.map_err(|error| built(&error))?;
    let registrar = outside.registrar().map_err(|error| built(&error))?;
    let registrar = registrar.ok_or_else(|| {
        Failure::misuse("the station registers nowhere").hint("add [registration] to service.toml")
    })?;
    let mut failed_some = false;
    for source in &config.sources {
        let scope = scope(&station, &source.id)?;
        if again {
            station
                .announce_again(&scope)
                .await
                .map_err(|error| failed(&error))?;
        }
        let published = Box::pin(station.publish(&source.id, &*registrar)).await;
        let published = published.map_err(|error| failed(&error))?;
        failed_some |= published.failed > 0;
        let publication = station
            .publication(&scope)
            .await
            .map_err(|error| failed(&error))?;
        print(&Told {
            source: source.id.clone(),
            published,
            publication,
        })?;
    }
    outside.close().await;
    Ok(u8::from(failed_some))
}

/// Reads how the station is reached and whom it calls.
pub(super) fn service(file: &Path) -> Result<ServiceConfig, Failure> {
    ServiceConfig::load(file).map_err(|findings| {
        for finding in &findings {
            output::notice(&format!("{}: {finding}", file.display()));
        }
        Failure::misuse("the setup of the service has errors")
            .hint("`samenhang station schema` prints every key with its unit and default")
    })
}

fn built(error: &BuildError) -> Failure {
    Failure::finding(error.to_string())
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
