//! Takes messages, and looks after those that are held.

use std::path::PathBuf;

use bytes::Bytes;
use samenhang_station::{Format, Incoming, Receipt, delivery};
use serde::Serialize;

use super::{FormatArg, QuarantineCommand, SourceArgs, failed, load, open, print, scope};
use crate::cli::{Failure, output};

#[derive(Serialize)]
struct Taken {
    file: String,
    #[serde(flatten)]
    receipt: Receipt,
}

pub(super) async fn ingest(
    of: SourceArgs,
    format: Option<FormatArg>,
    files: &[PathBuf],
) -> Result<u8, Failure> {
    if let Some(absent) = files.iter().find(|file| !file.is_file()) {
        return Err(
            Failure::misuse(format!("there is no file {}", absent.display())).hint("name an existing file")
        );
    }
    let config = load(&of.folder.folder)?;
    let station = open(&config).await?;
    let own = scope(&station, &of.source)?.config().format;
    let format = format.map_or(own, Format::from);
    let mut refused = false;
    // Files with rows are read together; of others one is in memory at a time.
    let together = match format {
        Format::Csv => files.len(),
        _ => 1,
    };
    for files in files.chunks(together.max(1)) {
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let file = names.join("+");
        match station.accept(&of.source, incoming(format, files)?).await {
            Ok(receipt) => print(&Taken { file, receipt })?,
            Err(error) => {
                refused = true;
                output::notice(&format!("{file}: {}", failed(&error)));
            }
        }
    }
    let progress = Box::pin(station.work(&of.source))
        .await
        .map_err(|error| failed(&error))?;
    print(&progress)?;
    if progress.held > 0 {
        output::notice(&format!(
            "{} messages are held: `samenhang station quarantine list --source {}` says why",
            progress.held, of.source
        ));
    }
    Ok(u8::from(refused || progress.held > 0))
}

/// The message in a file, or in files with rows.
fn incoming(format: Format, files: &[PathBuf]) -> Result<Incoming, Failure> {
    let mut read = Vec::with_capacity(files.len());
    for file in files {
        let body = std::fs::read(file)
            .map_err(|error| Failure::finding(format!("failed to read {}: {error}", file.display())))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        read.push((name.into_owned(), body));
    }
    let names: Vec<&str> = read.iter().map(|(name, _)| &**name).collect();
    let external = names.join("+");
    let body = match format {
        Format::Csv => delivery(read.iter().map(|(name, body)| (&**name, &**body))),
        _ => read.pop().map(|(_, body)| Bytes::from(body)).unwrap_or_default(),
    };
    Ok(Incoming {
        external,
        format,
        body,
        clock: None,
    })
}

pub(super) async fn quarantine(command: QuarantineCommand) -> Result<u8, Failure> {
    match command {
        QuarantineCommand::List(of) => {
            let station = open(&load(&of.folder.folder)?).await?;
            let problems = station.problems(&scope(&station, &of.source)?).await;
            for problem in problems.map_err(|error| failed(&error))? {
                print(&problem)?;
            }
            Ok(0)
        }
        QuarantineCommand::Show { of, message } => {
            let station = open(&load(&of.folder.folder)?).await?;
            let scope = scope(&station, &of.source)?;
            let held = station.held_message(&scope, message).await;
            let body = held.and_then(|held| held.into_inner(&scope));
            output::write(&body.map_err(|error| failed(&error))?)
                .map_err(|error| Failure::finding(format!("failed to write the message: {error}")))?;
            Ok(0)
        }
        QuarantineCommand::Replay {
            of,
            dry_run,
            fingerprint,
        } => {
            let station = open(&load(&of.folder.folder)?).await?;
            let scope = scope(&station, &of.source)?;
            let replayed = Box::pin(station.replay(&scope, &fingerprint, dry_run)).await;
            let replayed = replayed.map_err(|error| failed(&error))?;
            print(&replayed)?;
            Ok(u8::from(replayed.held > 0))
        }
        QuarantineCommand::Waive {
            of,
            by,
            reason,
            until,
            fingerprint,
        } => {
            let station = open(&load(&of.folder.folder)?).await?;
            let scope = scope(&station, &of.source)?;
            let replayed = Box::pin(station.waive(&scope, &fingerprint, &by, &reason, until)).await;
            let replayed = replayed.map_err(|error| failed(&error))?;
            print(&replayed)?;
            Ok(u8::from(replayed.held > 0))
        }
        QuarantineCommand::Discard {
            of,
            by,
            reason,
            fingerprint,
        } => {
            #[derive(Serialize)]
            struct Discarded {
                discarded: u64,
            }
            let station = open(&load(&of.folder.folder)?).await?;
            let scope = scope(&station, &of.source)?;
            let discarded = station.discard(&scope, &fingerprint, &by, &reason).await;
            print(&Discarded {
                discarded: discarded.map_err(|error| failed(&error))?,
            })?;
            Ok(0)
        }
    }
}
