//! A draft as it is written: YAML with comments, the same for the same draft.

use std::fmt::Write as _;

use super::draft::{MapDraft, RuleDraft, Sheet, TableDraft};

/// Longest line of a comment.
const WIDTH: usize = 118;

impl Sheet {
    /// The files of the draft, by name.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let mut pack = self.head.clone();
        if !self.tables.is_empty() {
            pack.push_str("\ncodes:\n");
            for table in &self.tables {
                table.write(&mut pack);
            }
        }
        let (own, others): (Vec<_>, Vec<_>) = self.maps.iter().partition(|map| map.to.is_none());
        if !own.is_empty() {
            pack.push_str("\nmaps:\n");
        }
        for (number, map) in own.iter().enumerate() {
            if number > 0 {
                pack.push('\n');
            }
            map.write(&mut pack);
        }
        let mut files = vec![("pack.yaml".to_owned(), pack)];
        for map in others {
            let mut text = String::from("maps:\n");
            map.write(&mut text);
            files.push((format!("{}.yaml", map.name.to_ascii_lowercase()), text));
        }
        files
    }
}

impl TableDraft {
    fn write(&self, out: &mut String) {
        for note in &self.notes {
            comment(out, "  ", note);
        }
        let _ = writeln!(out, "  {}:", quoted(&self.name));
        for (key, value) in [("source", &self.source), ("target", &self.target)] {
            if let Some(value) = value {
                let _ = writeln!(out, "    {key}: {}", quoted(value));
            }
        }
        if self.entries.is_empty() {
            out.push_str("    table: {}\n");
            return;
        }
        out.push_str("    table:\n");
        for (from, to) in &self.entries {
            let _ = writeln!(out, "      {}: {to}", text(from));
        }
    }
}

impl MapDraft {
    fn write(&self, out: &mut String) {
        for note in &self.notes {
            comment(out, "  ", note);
        }
        let _ = writeln!(out, "  - map: {}", self.name);
        let keys = [
            ("from", Some(&self.from)),
            ("to", self.to.as_ref()),
            ("when", self.when.as_ref()),
            ("within", self.within.as_ref()),
            ("profile", self.profile.as_ref()),
            ("id", self.id.as_ref()),
        ];
        for (key, value) in keys {
            if let Some(value) = value {
                let _ = writeln!(out, "    {key}: {}", quoted(value));
            }
        }
        if self.rules.is_empty() {
            out.push_str("    rules: []\n");
            return;
        }
        out.push_str("    rules:\n");
        for rule in &self.rules {
            rule.write(out, 6);
        }
    }
}

impl RuleDraft {
    /// The rule on one line, as an item of a list.
    pub(super) fn line(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.trim_end().to_owned()
    }

    /// Writes the rule as an item of a list, this far from the margin.
    fn write(&self, out: &mut String, indent: usize) {
        let margin = " ".repeat(indent);
        let mut keys: Vec<(&str, String)> = Vec::new();
        let texts = [
            ("ignore", &self.ignore),
            ("from", &self.from),
            ("value", &self.value),
            ("make", &self.make),
            ("to", &self.to),
            ("as", &self.function),
            ("codes", &self.codes),
        ];
        for (key, value) in texts {
            keys.extend(value.as_ref().map(|value| (key, quoted(value))));
        }
        keys.extend(self.constant.clone().map(|value| ("const", value)));
        if self.many {
            keys.push(("many", "report".to_owned()));
        }
        for (key, value) in [("because", &self.because), ("todo", &self.todo)] {
            keys.extend(value.as_ref().map(|value| (key, text(value))));
        }
        if self.rules.is_empty() {
            let keys: Vec<String> = keys
                .iter()
                .map(|(key, value)| format!("{key}: {value}"))
                .collect();
            let _ = writeln!(out, "{margin}- {{ {} }}", keys.join(", "));
            return;
        }
        for (number, (key, value)) in keys.iter().enumerate() {
            let start = if number == 0 { "- " } else { "  " };
            let _ = writeln!(out, "{margin}{start}{key}: {value}");
        }
        let _ = writeln!(out, "{margin}  rules:");
        for rule in &self.rules {
            rule.write(out, indent + 4);
        }
    }
}

/// A comment, in lines that are not too long.
fn comment(out: &mut String, margin: &str, note: &str) {
    let mut line = String::new();
    for word in note.split(' ') {
        if !line.is_empty() && margin.len() + line.len() + word.len() + 3 > WIDTH {
            let _ = writeln!(out, "{margin}# {line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "{margin}# {line}");
}

/// A text in YAML, with quotes only where it needs them, also within `{ }`.
pub(crate) fn quoted(value: &str) -> String {
    let plain = value.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$')
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.$-".contains(&byte));
    let word = matches!(
        value.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    match plain && !word {
        true => value.to_owned(),
        false => text(value),
    }
}

/// A text in YAML in double quotes.
pub(crate) fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other if other.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
