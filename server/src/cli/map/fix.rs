//! `samenhang map fix`: the edits that would help a pack.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use samenhang_conform::advice::{self, Edit, Knowledge, Losses};
use samenhang_conform::{Context, Pack};
use samenhang_profiles::FhirVersion;
use samenhang_terminology::answer::DisplayCheck;
use samenhang_terminology::{Coding, Terminology as _};
use serde::Serialize;

use super::FixArgs;
use crate::cli::{Failure, output};
use crate::mapping::{MappingError, draft, pack_files};
use crate::validation::Sources;

/// One edit, as it is told.
#[derive(Serialize)]
struct Line<'l> {
    edit: usize,
    code: &'l str,
    about: &'l str,
    count: usize,
    text: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    old: &'l [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    new: &'l [String],
}

/// Proposes edits, and makes those that are chosen. Exit status 1 when there is something to fix.
pub(super) fn fix(args: &FixArgs) -> Result<u8, Failure> {
    super::is_folder(&args.folder)?;
    let sources = super::packages(&args.packages)?;
    let files = pack_files(&args.folder).map_err(|error| super::misuse(&error))?;
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let edits = edits(args, &files, &sources)?;
    for (number, edit) in (1..).zip(&edits) {
        let line = Line {
            edit: number,
            code: edit.code,
            about: &edit.about,
            count: edit.count,
            text: &edit.text,
            file: edit.file.as_deref(),
            line: edit.file.as_ref().map(|_| edit.line),
            old: &edit.old,
            new: &edit.new,
        };
        output::write_line(&line).map_err(|error| super::unwritten(&error))?;
        output::notice(&format!(
            "# {number}: {} {}: {}",
            edit.code, edit.about, edit.text
        ));
        let hunk = edit.hunk();
        if !hunk.is_empty() {
            output::notice(hunk.trim_end());
        }
    }
    let chosen: Vec<&Edit> = (1..)
        .zip(&edits)
        .filter(|(number, edit)| edit.is_change() && (args.take.is_empty() || args.take.contains(number)))
        .map(|(_, edit)| edit)
        .collect();
    if let Some(wrong) = args
        .take
        .iter()
        .find(|number| **number == 0 || **number > edits.len())
    {
        return Err(Failure::misuse(format!("there is no edit {wrong}"))
            .hint("the numbers are those that `samenhang map fix` tells for the same files"));
    }
    if args.write {
        let changed = advice::apply(&files, &chosen);
        for ((name, before), (_, after)) in files.iter().zip(&changed) {
            if *before != after {
                replace(&args.folder.join(name), after)?;
            }
        }
        output::notice(&format!(
            "{} of {} edits are made: now fill in each TODO",
            chosen.len(),
            edits.len()
        ));
    }
    Ok(u8::from(!edits.is_empty()))
}

/// What would help: with what is wrong with the pack, and when it can run, with what the files lost.
fn edits(args: &FixArgs, files: &[(&str, &str)], sources: &Sources) -> Result<Vec<Edit>, Failure> {
    let definitions =
        |error: crate::validation::ValidationError| Failure::finding(format!("{}: {error}", error.code()));
    let pack = match Pack::compile(files) {
        Ok((pack, _)) => pack,
        Err(faults) => {
            let library = sources
                .library(FhirVersion::R4, &mut Vec::new())
                .map_err(definitions)?;
            return Ok(advice::of_faults(files, &faults, &*library));
        }
    };
    let library = sources
        .library(pack.target(), &mut Vec::new())
        .map_err(definitions)?;
    let catalogue = sources.catalogue(pack.target()).map_err(definitions)?;
    let mut faults = pack.check(&*library);
    faults.extend(pack.check_codes(&*library, &catalogue));
    let mut edits = advice::of_faults(files, &faults, &*library);
    let mut losses = Losses::default();
    for delivery in super::found(pack.format(), &args.files)? {
        let told = |name: &str, error: &MappingError| output::notice(&super::refused(name, error));
        let received = match delivery.read() {
            Ok(received) => received,
            Err(error) => {
                told(&delivery.name, &error);
                continue;
            }
        };
        for message in received.messages(&pack) {
            let message = match message {
                Ok(message) => message,
                Err((name, error)) => {
                    told(&name, &error);
                    continue;
                }
            };
            let document = match message.document() {
                Ok(document) => document,
                Err(error) => {
                    told(&message.name, &error);
                    continue;
                }
            };
            let context = Context {
                source: "map",
                message: &message.id,
                trace: false,
            };
            losses.add(&pack, &document, &pack.lift(&document, &context));
        }
    }
    let knowledge = Knowledge {
        library: &*library,
        expand: &|set| draft::codes(&catalogue, set),
        names: &|system, code, name| {
            let coding = Coding {
                display: Some(name),
                ..Coding::new(system, code)
            };
            matches!(catalogue.display(coding, None), DisplayCheck::Fits)
        },
    };
    edits.extend(advice::of_losses(&pack, files, &losses, &knowledge));
    Ok(edits)
}

/// Writes a file anew beside the old one, and puts it in its place.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let beside = path.with_extension("fixed");
    let write = || {
        let mut file = fs::File::create_new(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|error: std::io::Error| {
        let _ = fs::remove_file(&beside);
        Failure::misuse(format!("failed to write {}: {}", path.display(), error.kind()))
            .hint("the folder of the pack has to be writable")
    })
}
