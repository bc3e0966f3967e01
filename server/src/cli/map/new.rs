//! `samenhang map new`: the draft of a pack.

use std::path::PathBuf;

use samenhang_conform::Format;
use samenhang_conform::skeleton::Draft;
use samenhang_profiles::FhirVersion;
use serde::Serialize;

use super::NewArgs;
use crate::cli::{Failure, output, walk};
use crate::mapping::draft::{self, Reading};

/// What a folder of samples is searched for, when its format is not said.
const ENDS: [&str; 9] = [
    "csv", "tsv", "hl7", "cda", "xml", "json", "ndjson", "jsonl", "txt",
];

/// What was drafted.
#[derive(Serialize)]
struct Drafted<'d> {
    pack: String,
    files: Vec<&'d str>,
    maps: usize,
    rules: usize,
    proposed: usize,
    open: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    concepts: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copied: Option<usize>,
}

/// Drafts a pack and writes it to a folder of its own.
pub(super) fn new(args: &NewArgs) -> Result<u8, Failure> {
    let sources = super::packages(&args.packages)?;
    let name = args.folder.file_name().unwrap_or_default().to_string_lossy();
    let to: Vec<&str> = args.to.iter().map(String::as_str).collect();
    let draft = if args.from_profile.is_empty() {
        let files = sample(args)?;
        let reading = Reading {
            format: args.format.map(Into::into),
            version: match args.format {
                Some(super::SampleFormat::FhirStu3) => Some(FhirVersion::Stu3),
                Some(super::SampleFormat::FhirR4) => Some(FhirVersion::R4),
                _ => None,
            },
            charset: args.charset.clone(),
        };
        draft::from_sample(&name, &files, &reading, &to, &sources)
    } else {
        if args.from_profile.len() != to.len() {
            let told = format!(
                "{} profiles in --from-profile and {} in --to",
                args.from_profile.len(),
                to.len()
            );
            return Err(Failure::misuse(told)
                .hint("name for each profile the one that its resources go to, in the same order"));
        }
        let from = args.from_profile.iter().map(String::as_str);
        let pairs: Vec<(&str, &str)> = from.zip(to).collect();
        draft::from_profiles(&name, &pairs, &sources)
    };
    let draft = draft.map_err(|error| super::misuse(&error))?;
    draft::write(&draft, &args.folder).map_err(|error| super::misuse(&error))?;
    tell(args, &draft)?;
    Ok(0)
}

/// The files of the sample.
fn sample(args: &NewArgs) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in &args.from {
        let below = walk::files(path, &ENDS).map_err(|error| {
            Failure::misuse(format!("failed to read {}: {}", path.display(), error.kind()))
                .hint("name a file or folder that is there and may be read")
        })?;
        files.extend(below);
    }
    if files.is_empty() {
        return Err(Failure::misuse("there is no file in the sample").hint("name one, or a folder with one"));
    }
    Ok(files)
}

fn tell(args: &NewArgs, draft: &Draft) -> Result<(), Failure> {
    let counts = &draft.counts;
    let pairs = !args.from_profile.is_empty();
    let drafted = Drafted {
        pack: args.folder.display().to_string(),
        files: draft.files.iter().map(|(name, _)| name.as_str()).collect(),
        maps: counts.maps,
        rules: counts.rules,
        proposed: counts.proposed,
        open: counts.open,
        concepts: pairs.then_some(counts.concepts),
        copied: pairs.then_some(counts.copied),
    };
    output::write_line(&drafted).map_err(|error| super::unwritten(&error))?;
    output::notice(&format!(
        "`samenhang map check {}` lists what is still to be decided",
        args.folder.display()
    ));
    Ok(())
}

impl From<super::SampleFormat> for Format {
    fn from(format: super::SampleFormat) -> Format {
        match format {
            super::SampleFormat::Fhir | super::SampleFormat::FhirStu3 | super::SampleFormat::FhirR4 => {
                Format::Fhir
            }
            super::SampleFormat::Cda => Format::Cda,
            super::SampleFormat::Hl7v2 => Format::Hl7v2,
            super::SampleFormat::Csv => Format::Csv,
        }
    }
}
