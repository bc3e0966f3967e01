//! `samenhang map cover`: the loss ledger of many files.

use std::collections::BTreeMap;

use samenhang_conform::Context;
use samenhang_profiles::pack::embedded;
use serde::Serialize;

use super::CoverArgs;
use crate::cli::{Failure, output};
use crate::mapping::account::{Account, Activity, Code};
use crate::mapping::coverage::{Gathered, Report, concepts, page};
use crate::mapping::target::{Coverage, Filled};
use crate::mapping::{Loaded, MappingError};

#[derive(Serialize)]
struct Cover<'c> {
    pack: &'c str,
    version: &'c str,
    total: Account,
    refused: usize,
    files: Vec<File>,
    codes: Vec<Counted<'c>>,
    findings: &'c BTreeMap<&'static str, usize>,
    assumed: &'c BTreeMap<String, usize>,
    target: Vec<Coverage>,
    rules: Rules<'c>,
}

#[derive(Serialize)]
struct File {
    file: String,
    #[serde(flatten)]
    account: Account,
    /// Why it, or a message in it, could not be lifted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<String>,
}

#[derive(Serialize)]
struct Counted<'c> {
    #[serde(flatten)]
    code: &'c Code,
    count: usize,
}

#[derive(Serialize)]
struct Rules<'c> {
    all: usize,
    never: Vec<&'c str>,
}

/// Accounts for the files. Exit status 1 when something is unmapped or refused.
pub(super) fn cover(args: &CoverArgs) -> Result<u8, Failure> {
    let Loaded { pack, .. } = super::load(&args.pack.choice())?;
    let library = embedded(pack.target()).map_err(|error| Failure::finding(error.to_string()))?;
    let mut files = Vec::new();
    let mut total = Account::default();
    let mut activity = Activity::default();
    let mut filled = Filled::default();
    let mut gathered = Gathered::default();
    for delivery in super::found(pack.format(), &args.files)? {
        let mut file = File {
            file: delivery.name.clone(),
            account: Account::default(),
            refused: Vec::new(),
        };
        let why = |error: &MappingError| format!("{} {error}", error.code());
        let received = match delivery.read() {
            Ok(received) => received,
            Err(error) => {
                file.refused.push(why(&error));
                files.push(file);
                continue;
            }
        };
        for message in received.messages(&pack) {
            let message = match message {
                Ok(message) => message,
                Err((_, error)) => {
                    file.refused.push(why(&error));
                    continue;
                }
            };
            let document = match message.document() {
                Ok(document) => document,
                Err(error) => {
                    file.refused.push(why(&error));
                    continue;
                }
            };
            let context = Context {
                source: "map",
                message: &message.id,
                trace: true,
            };
            let lifted = pack.lift(&document, &context);
            file.account.add(&document, &lifted);
            activity.add(&document, &lifted);
            if args.html.is_some() {
                gathered.add(&document, &lifted);
            }
            for resource in &lifted.resources {
                filled.add(resource, pack.target());
            }
        }
        total.merge(&file.account);
        files.push(file);
    }
    let refused = files.iter().map(|file| file.refused.len()).sum();
    let clean = refused == 0 && total.lost() == 0;
    let codes = activity.codes.iter();
    let target = filled.coverage(&*library);
    if let Some(path) = &args.html {
        let report = Report {
            pack: pack.name(),
            version: pack.version(),
            total: &total,
            refused,
            maps: gathered.maps(),
            target: &target,
            concepts: concepts(&target, &*library),
            bgz: gathered.bgz(&pack),
        };
        std::fs::write(path, page(&report)).map_err(|error| {
            Failure::misuse(format!("failed to write {}: {}", path.display(), error.kind()))
                .hint("name a file that can be written")
        })?;
    }
    let cover = Cover {
        pack: pack.name(),
        version: pack.version(),
        total,
        refused,
        files,
        codes: codes
            .map(|(code, count)| Counted { code, count: *count })
            .collect(),
        findings: &activity.findings,
        assumed: &activity.assumed,
        target,
        rules: Rules {
            all: pack.rules().count(),
            never: activity.idle(&pack),
        },
    };
    output::write_line(&cover).map_err(|error| super::unwritten(&error))?;
    Ok(u8::from(!clean))
}
