//! Advice for who writes maps: from what a run lost, and from what is wrong with a pack, the edits that would help.
//!
//! An edit decides nothing that a person has to decide. A code gets the place of its meaning (`"TODO"`), a value without a
//! rule the place of a reason (`because: "TODO ..."`), and both do nothing until somebody filled them in: see
//! [`crate::Pack::check`]. What a rule is proposed to do has a `todo`. No value of a source is in an edit, but for codes
//! where a code system or a table of the pack says that they are codes.

mod codes;
mod faults;
mod losses;
mod near;
mod rules;
mod script;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use samenhang_profiles::definition::Library;

pub use losses::Losses;
pub use near::distance;

use crate::error::PackError;
use crate::plan::Pack;
use script::Script;

/// Edits that are proposed of one pack.
const MAX_EDITS: usize = 2_000;

/// What candidates for a code are found with.
pub struct Knowledge<'k> {
    /// Definitions of the target.
    pub library: &'k dyn Library,
    /// The codes of a value set, as system and code; none when they are not known.
    pub expand: &'k dyn Fn(&str) -> Vec<(String, String)>,
    /// Whether a text is a name of a concept: system, code, text.
    pub names: &'k dyn Fn(&str, &str, &str) -> bool,
}

/// A change of one file of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What it answers: the code of a finding or of a fault.
    pub code: &'static str,
    /// The rule, map or table that it is about.
    pub about: String,
    /// How often it was found; one for what is wrong with a pack.
    pub count: usize,
    /// What it is, and what there is to do.
    pub text: String,
    /// The file; none when only a person can make the change.
    pub file: Option<String>,
    /// Line, from 1, before which the new lines come.
    pub line: usize,
    /// Lines from there on that go away.
    pub old: Vec<String>,
    /// Lines that come.
    pub new: Vec<String>,
}

impl Edit {
    /// Whether it can be made by the program.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.file.is_some()
    }

    /// The change as a hunk of a diff, without lines around it.
    #[must_use]
    pub fn hunk(&self) -> String {
        let mut out = String::new();
        let Some(file) = &self.file else {
            return out;
        };
        let before = if self.old.is_empty() {
            self.line.saturating_sub(1)
        } else {
            self.line
        };
        let _ = writeln!(out, "--- {file}\n+++ {file}");
        let _ = writeln!(
            out,
            "@@ -{before},{} +{},{} @@",
            self.old.len(),
            self.line,
            self.new.len()
        );
        for (sign, lines) in [('-', &self.old), ('+', &self.new)] {
            for line in lines {
                let _ = writeln!(out, "{sign}{line}");
            }
        }
        out
    }
}

/// What would help with what a run lost, in the order of the pack's files and of what was lost most.
#[must_use]
pub fn of_losses(
    pack: &Pack,
    files: &[(&str, &str)],
    losses: &Losses,
    knowledge: &Knowledge<'_>,
) -> Vec<Edit> {
    let script = Script::of(files);
    let mut edits = codes::edits(pack, &script, losses, knowledge);
    edits.extend(rules::conversions(pack, &script, losses));
    edits.extend(rules::unmapped(pack, &script, losses, knowledge));
    edits.truncate(MAX_EDITS);
    edits
}

/// What would help with what is wrong with a pack: the smallest edit of each fault that takes it away.
#[must_use]
pub fn of_faults(files: &[(&str, &str)], faults: &[PackError], library: &dyn Library) -> Vec<Edit> {
    let mut edits = faults::edits(files, faults, library);
    edits.truncate(MAX_EDITS);
    edits
}

/// The files with edits made. Of edits that change the same line, the first counts.
#[must_use]
pub fn apply(files: &[(&str, &str)], edits: &[&Edit]) -> Vec<(String, String)> {
    let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for edit in edits {
        if let Some(file) = &edit.file {
            by_file.entry(file).or_default().push(edit);
        }
    }
    let mut changed = Vec::new();
    for (name, text) in files {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut own = by_file.remove(name).unwrap_or_default();
        own.sort_by_key(|edit| edit.line);
        let mut replaced = 0;
        // From below to above, so that no line moves that is still to be changed; those of one place in their order.
        let mut kept: Vec<&Edit> = Vec::new();
        for edit in own {
            if edit.old.is_empty() || edit.line > replaced {
                replaced = replaced.max((edit.line + edit.old.len()).saturating_sub(1));
                kept.push(edit);
            }
        }
        for edit in kept.into_iter().rev() {
            let start = edit.line.saturating_sub(1).min(lines.len());
            let end = (start + edit.old.len()).min(lines.len());
            lines.splice(start..end, edit.new.iter().cloned());
        }
        let mut whole = lines.join("\n");
        whole.push('\n');
        changed.push(((*name).to_owned(), whole));
    }
    changed
}
