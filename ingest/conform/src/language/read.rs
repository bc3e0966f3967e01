//! Reads YAML within limits. A pack can come from outside, so nothing in it may cost more than its size.

use serde_saphyr::{DuplicateKeyPolicy, Options, Spanned};

use super::File;
use crate::error::{Fault, PackError, Place};

/// A part of a file with its place.
pub(crate) type Located<T> = Spanned<T>;

/// Most bytes of one file: the largest pack that is shipped has files of a tenth of it.
const MAX_BYTES: usize = 2 << 20;
/// Most events of the parser: a key, a value, the start or end of a list or object.
const MAX_EVENTS: usize = 400_000;
/// Deepest nesting. Rules within rules are the deepest thing that the language has.
const MAX_DEPTH: usize = 48;
/// Most references to an anchor.
const MAX_ALIASES: usize = 200;
/// Most events that aliases repeat.
const MAX_REPLAYED: usize = 20_000;

/// Reads a file of a pack.
pub(crate) fn read(name: &str, text: &str) -> Result<File, PackError> {
    let refuse = |line, column, why: String| PackError {
        place: Place {
            file: name.to_owned(),
            line,
            column,
            rule: None,
        },
        fault: Fault::Yaml(why),
    };
    if text.len() > MAX_BYTES {
        return Err(refuse(1, 1, format!("more than {MAX_BYTES} bytes")));
    }
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let (line, column) = error.location().map_or((1, 1), |at| place(&at));
        let error = error.without_snippet().to_string();
        refuse(line, column, error)
    })
}

/// Line and column, from 1.
pub(crate) fn place(at: &serde_saphyr::Location) -> (u32, u32) {
    let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    (narrow(at.line()), narrow(at.column()))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: MAX_EVENTS,
            max_nodes: MAX_EVENTS,
            max_depth: MAX_DEPTH,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_REPLAYED,
            max_replay_stack_depth: 4,
            max_alias_expansions_per_anchor: MAX_ALIASES,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
    }
}
