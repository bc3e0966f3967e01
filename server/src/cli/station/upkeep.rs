//! What a station does with what it has: messages go after their days, and keys are replaced.

use samenhang_station::surroundings::System;
use samenhang_station::{Expired, Resealed, SourceId, Station};
use serde::Serialize;

use super::{SourceArgs, failed, load, open, print, scope};
use crate::cli::Failure;

pub(super) async fn expire(of: SourceArgs) -> Result<u8, Failure> {
    #[derive(Serialize)]
    struct Gone {
        source: SourceId,
        #[serde(flatten)]
        expired: Expired,
    }
    let station = open(&load(&of.folder.folder)?).await?;
    let expired = Box::pin(station.expire(&scope(&station, &of.source)?)).await;
    print(&Gone {
        expired: expired.map_err(|error| failed(&error))?,
        source: of.source,
    })?;
    Ok(0)
}

pub(super) async fn rotate_key(of: SourceArgs) -> Result<u8, Failure> {
    #[derive(Serialize)]
    struct Rotated {
        source: SourceId,
        #[serde(flatten)]
        resealed: Resealed,
    }
    let config = load(&of.folder.folder)?;
    Station::begin_rotation(&config, &of.source, &System)
        .await
        .map_err(|error| failed(&error))?;
    let station = open(&config).await?;
    let resealed = Box::pin(station.reseal(&scope(&station, &of.source)?)).await;
    print(&Rotated {
        resealed: resealed.map_err(|error| failed(&error))?,
        source: of.source,
    })?;
    Ok(0)
}
