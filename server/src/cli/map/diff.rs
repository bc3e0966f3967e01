//! `samenhang map diff`: what two packs make differently of the same files.

use samenhang_conform::{Context, Lifted, Pack};
use samenhang_profiles::tree::Tree;
use serde::Serialize;

use super::DiffArgs;
use crate::cli::{Failure, output};
use crate::mapping::account::Account;
use crate::mapping::compare::{Difference, compare};
use crate::mapping::{Choice, MappingError, Message, Received};
use crate::validation::limits;

/// A message of which the packs make something else, or account for otherwise.
#[derive(Serialize)]
struct Line<'l> {
    file: &'l str,
    differences: Vec<Difference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// Runs both packs over the files. Exit status 1 when there is a difference, or a file is refused.
pub(super) fn diff(args: &DiffArgs) -> Result<u8, Failure> {
    let old = super::load(&Choice::Named(args.old.clone()))?.pack;
    let new = super::load(&Choice::Named(args.new.clone()))?.pack;
    if (old.format(), old.source(), old.target()) != (new.format(), new.source(), new.target()) {
        return Err(Failure::misuse("the packs do not read and write the same")
            .hint("compare two versions of one pack"));
    }
    let mut same = true;
    for delivery in super::found(old.format(), &args.files)? {
        let received = match delivery.read() {
            Ok(received) => received,
            Err(error) => {
                same = false;
                print(&refused(&delivery.name, &error))?;
                continue;
            }
        };
        for message in received.messages(&old) {
            let line = match &message {
                Err((name, error)) => Some(refused(name, error)),
                Ok(message) => match one(message, &received, (&old, &new), args.values) {
                    Ok(line) => line,
                    Err(error) => Some(refused(&message.name, &error)),
                },
            };
            if let Some(line) = line {
                same = false;
                print(&line)?;
            }
        }
    }
    Ok(u8::from(!same))
}

fn print(line: &Line<'_>) -> Result<(), Failure> {
    output::write_line(line).map_err(|error| super::unwritten(&error))
}

fn refused<'l>(file: &'l str, error: &MappingError) -> Line<'l> {
    Line {
        file,
        differences: Vec::new(),
        old: None,
        new: None,
        refused: Some(format!("{} {error}", error.code())),
    }
}

/// What the packs make differently of one message; none when nothing.
fn one<'m>(
    message: &'m Message<'_>,
    received: &Received,
    (old, new): (&Pack, &Pack),
    values: bool,
) -> Result<Option<Line<'m>>, MappingError> {
    let document = message.document()?;
    let context = Context {
        source: "map",
        message: &message.id,
        trace: false,
    };
    let (before, after) = (old.lift(&document, &context), new.lift(&document, &context));
    let mut differences = compare(&trees(&before)?, &trees(&after)?, &|id| received.has(id));
    if !values {
        for difference in &mut differences {
            difference.expected = None;
            difference.actual = None;
        }
    }
    let account = |lifted: &Lifted| {
        let mut account = Account::default();
        account.add(&document, lifted);
        account
    };
    let (before, after) = (account(&before), account(&after));
    let same = before == after;
    if same && differences.is_empty() {
        return Ok(None);
    }
    Ok(Some(Line {
        file: &message.name,
        differences,
        old: (!same).then_some(before),
        new: (!same).then_some(after),
        refused: None,
    }))
}

fn trees(lifted: &Lifted) -> Result<Vec<Tree<'_>>, MappingError> {
    let parse = |json| Ok(Tree::parse(json, &limits())?);
    lifted
        .resources
        .iter()
        .map(|resource| parse(&resource.json))
        .collect()
}
