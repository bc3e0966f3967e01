//! The files of a case.

use std::fs;
use std::path::{Path, PathBuf};

use samenhang_profiles::tree::Tree;

use super::issues::Issues;
use crate::mapping::MappingError;
use crate::mapping::packs::bounded;
use crate::validation::limits;

/// Cases of a pack, and files of the input of one.
const MAX_CASES: u64 = 10_000;

/// What is expected when both are there, and what is written when neither is.
const NDJSON: &str = "expected.ndjson";
const JSON: &str = "expected.json";
const ISSUES: &str = "issues.yaml";

/// A case: a folder.
pub(super) struct Case {
    pub(super) name: String,
    folder: PathBuf,
}

/// The resources that are expected, as their file has them.
pub(super) struct Expected {
    path: PathBuf,
    body: Vec<u8>,
}

/// The cases of a pack, by name.
pub(super) fn find(pack: &Path) -> Result<Vec<Case>, MappingError> {
    let root = pack.join("cases");
    let mut cases = Vec::new();
    for path in entries(&root)? {
        if path.is_dir() {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            cases.push(Case { name, folder: path });
        }
    }
    if cases.is_empty() {
        return Err(MappingError::Case {
            path: root,
            what: "there are no cases".to_owned(),
        });
    }
    Ok(cases)
}

/// What stands in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, MappingError> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| MappingError::io(folder, &error))? {
        all.push(entry.map_err(|error| MappingError::io(folder, &error))?.path());
        if all.len() as u64 > MAX_CASES {
            return Err(MappingError::Limit {
                path: folder.to_owned(),
                limit: MAX_CASES,
                what: "cases or files",
            });
        }
    }
    all.sort();
    Ok(all)
}

impl Case {
    /// The files of the input: `input.*`, or those in a folder `input`.
    pub(super) fn input(&self) -> Result<Vec<PathBuf>, MappingError> {
        let is_input = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "input");
        let mut files = Vec::new();
        for path in entries(&self.folder)?.into_iter().filter(is_input) {
            if path.is_dir() {
                files.extend(entries(&path)?.into_iter().filter(|path| path.is_file()));
            } else {
                files.push(path);
            }
        }
        match files.is_empty() {
            true => Err(self.broken("it has no input.*")),
            false => Ok(files),
        }
    }

    fn broken(&self, what: &str) -> MappingError {
        MappingError::Case {
            path: self.folder.clone(),
            what: what.to_owned(),
        }
    }

    /// Where the expected resources are, when they are somewhere.
    fn target(&self) -> Option<PathBuf> {
        let paths = [NDJSON, JSON].map(|name| self.folder.join(name));
        paths.into_iter().find(|path| path.is_file())
    }

    pub(super) fn expected(&self) -> Result<Expected, MappingError> {
        let path = self
            .target()
            .ok_or_else(|| self.broken("it has no expected.ndjson and no expected.json"))?;
        let body = bounded(&path, limits().max_bytes as u64)?;
        Ok(Expected { path, body })
    }

    /// What is expected to be found; nothing without a file.
    pub(super) fn issues(&self) -> Result<Issues, MappingError> {
        let path = self.folder.join(ISSUES);
        if !path.exists() {
            return Ok(Issues::default());
        }
        let body = bounded(&path, limits().max_bytes as u64)?;
        let text = String::from_utf8_lossy(&body);
        Issues::read(&path, &text)
    }

    /// Writes what a case gives as what is expected of it.
    pub(super) fn bless(&self, resources: &[Vec<u8>], issues: &Issues) -> Result<(), MappingError> {
        let path = self.target().unwrap_or_else(|| self.folder.join(NDJSON));
        let is_lines = path.ends_with(NDJSON);
        let lines: Vec<String> = resources
            .iter()
            .map(|resource| String::from_utf8_lossy(resource).into_owned())
            .collect();
        let text = match is_lines {
            true => lines.iter().map(|line| format!("{line}\n")).collect(),
            false => format!("[\n{}\n]\n", lines.join(",\n")),
        };
        let write =
            |path: &Path, text: &str| fs::write(path, text).map_err(|error| MappingError::io(path, &error));
        write(&path, &text)?;
        let path = self.folder.join(ISSUES);
        if issues.is_empty() && !path.exists() {
            return Ok(());
        }
        let text = issues.write().map_err(|error| self.broken(&error.to_string()))?;
        write(&path, &text)
    }
}

impl Expected {
    /// The resources: one a line, one, or those of a list.
    pub(super) fn resources(&self) -> Result<Vec<Tree<'_>>, MappingError> {
        let broken = |error: &dyn std::fmt::Display| MappingError::Case {
            path: self.path.clone(),
            what: error.to_string(),
        };
        let parse = |text| Tree::parse(text, &limits()).map_err(|error| broken(&error));
        if self.path.ends_with(NDJSON) {
            let lines = self.body.split(|byte| *byte == b'\n');
            return lines
                .filter(|line| !line.trim_ascii().is_empty())
                .map(parse)
                .collect();
        }
        Ok(match parse(&self.body)? {
            Tree::Array(items) => items,
            one => vec![one],
        })
    }
}
