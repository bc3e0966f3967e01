//! The text of a pack, as lines: where a map, a rule or a table stands in it.

use crate::error::Place;

/// The files of a pack.
pub(super) struct Script<'s> {
    files: Vec<(&'s str, Vec<&'s str>)>,
}

/// Where new lines go, and what goes away for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) file: String,
    /// From 1.
    pub(super) line: usize,
    /// Spaces before what is put in.
    pub(super) indent: usize,
    /// The line that is replaced, when one is.
    pub(super) old: Option<String>,
}

/// How the table of some codes is written.
pub(super) enum TableText<'s> {
    /// Lines of its own: the place after the last, and the lines.
    Block(Spot, Vec<&'s str>),
    /// `table: {}`: the line, without its braces.
    Empty(Spot, String),
    /// On one line between `{` and `}`: the line, with where the first entry comes.
    Flow(Spot, usize),
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn is_empty(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

impl<'s> Script<'s> {
    pub(super) fn of(files: &[(&'s str, &'s str)]) -> Self {
        let yaml = files.iter().filter(|(name, _)| !name.ends_with(".json"));
        Script {
            files: yaml.map(|(name, text)| (*name, text.lines().collect())).collect(),
        }
    }

    fn file(&self, name: &str) -> Option<&Vec<&'s str>> {
        self.files
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, lines)| lines)
    }

    /// The line of a place.
    pub(super) fn line(&self, place: &Place) -> Option<(usize, &'s str)> {
        let number = place.line as usize;
        let line = self.file(&place.file)?.get(number.checked_sub(1)?)?;
        Some((number, line))
    }

    /// Whether a file has all of these lines already, wherever.
    pub(super) fn has(&self, file: &str, lines: &[String]) -> bool {
        let own = self.file(file);
        lines
            .iter()
            .all(|line| own.is_some_and(|own| own.iter().any(|written| written.trim() == line)))
    }

    /// The place after the last rule of a map.
    pub(super) fn end_of_rules(&self, map: &str) -> Option<Spot> {
        for (file, lines) in &self.files {
            let is_map = |line: &&str| {
                let own = line.trim_start().trim_start_matches("- ");
                own.strip_prefix("map:")
                    .is_some_and(|name| name.trim().trim_matches(['"', '\'']) == map)
            };
            let Some(start) = lines.iter().position(is_map) else {
                continue;
            };
            let own = indent(lines.get(start)?);
            let rules = (start + 1..lines.len()).take_while(|at| {
                let line = lines.get(*at).copied().unwrap_or_default();
                is_empty(line) || indent(line) > own
            });
            let body: Vec<usize> = rules.collect();
            let key = body.iter().copied().find(|at| {
                lines
                    .get(*at)
                    .is_some_and(|line| line.trim_start().starts_with("rules:"))
            })?;
            let line = *lines.get(key)?;
            let spot = |line: usize, indent: usize, old: Option<String>| Spot {
                file: (*file).to_owned(),
                line,
                indent,
                old,
            };
            return match line.trim_start().trim_start_matches("rules:").trim() {
                "[]" | "[ ]" => Some(spot(key + 1, indent(line) + 2, Some(line.to_owned()))),
                "" => {
                    let inside = |at: &usize| {
                        let own = lines.get(*at).copied().unwrap_or_default();
                        !is_empty(own) && (indent(own) > indent(line) || own.trim_start().starts_with("- "))
                    };
                    let items = body.iter().copied().skip_while(|at| *at <= key);
                    let last = items
                        .take_while(|at| inside(at) || is_empty(lines.get(*at).copied().unwrap_or_default()));
                    let last = last.filter(inside).last()?;
                    let first = body.iter().copied().find(|at| *at > key && inside(at))?;
                    Some(spot(last + 2, indent(lines.get(first)?), None))
                }
                _ => None,
            };
        }
        None
    }

    /// How a table is written.
    pub(super) fn table(&self, name: &str) -> Option<TableText<'s>> {
        for (file, lines) in &self.files {
            let mut inside = false;
            for (at, line) in lines.iter().enumerate() {
                if is_empty(line) {
                    continue;
                }
                if indent(line) == 0 {
                    inside = line.trim_end() == "codes:";
                    continue;
                }
                let key = line
                    .trim_start()
                    .split_once(':')
                    .map(|(key, _)| key.trim_matches(['"', '\'']));
                if inside && key == Some(name) {
                    return Self::table_at(file, lines, at);
                }
            }
        }
        None
    }

    fn table_at(file: &str, lines: &[&'s str], at: usize) -> Option<TableText<'s>> {
        let own = indent(lines.get(at)?);
        let body = (at..lines.len()).take_while(|line| {
            let text = lines.get(*line).copied().unwrap_or_default();
            *line == at || is_empty(text) || indent(text) > own
        });
        let body: Vec<usize> = body.collect();
        let (key, column) = body.iter().find_map(|line| {
            let text = lines.get(*line)?;
            let column = text.find("table:").filter(|column| {
                let before = text.get(..*column).unwrap_or_default();
                before.is_empty() || before.ends_with([' ', '{'])
            })?;
            Some((*line, column))
        })?;
        let line = *lines.get(key)?;
        let rest = line.get(column + "table:".len()..)?.trim();
        let spot = |line: usize, indent: usize, old: Option<String>| Spot {
            file: file.to_owned(),
            line,
            indent,
            old,
        };
        if rest == "{}" || rest == "{ }" {
            let bare = line
                .trim_end()
                .trim_end_matches('}')
                .trim_end_matches([' ', '{'])
                .to_owned();
            return Some(TableText::Empty(
                spot(key + 1, column + 2, Some(line.to_owned())),
                bare,
            ));
        }
        if rest.is_empty() {
            let inner = body.iter().copied().filter(|at| *at > key);
            let inner = inner.take_while(|at| {
                let text = lines.get(*at).copied().unwrap_or_default();
                is_empty(text) || indent(text) > column
            });
            let entries: Vec<usize> = inner
                .filter(|at| lines.get(*at).is_some_and(|line| !is_empty(line)))
                .collect();
            let first = lines.get(*entries.first()?)?;
            let texts = entries.iter().filter_map(|at| lines.get(*at).copied()).collect();
            return Some(TableText::Block(
                spot(entries.last()? + 2, indent(first), None),
                texts,
            ));
        }
        let brace = line.get(column..)?.find('{').map(|at| column + at + 1)?;
        Some(TableText::Flow(
            spot(key + 1, indent(line), Some(line.to_owned())),
            brace,
        ))
    }
}
