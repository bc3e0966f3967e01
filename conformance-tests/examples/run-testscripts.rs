//! Runs FHIR `TestScript` resources against a server; see `docs/src/integrator/testscripts.md`.
//!
//! `cargo run -p samenhang-conformance-tests --example run-testscripts -- --base URL --fhir stu3|r4 [--post]
//! [--variable NAME=VALUE]... [--known LIST.toml] SCRIPT|FOLDER...`

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use samenhang_conformance_tests::testscript::{Judge, KnownList, Runner, SearchBy, Settings};
use samenhang_profiles::FhirVersion;

/// What is asked for on the command line.
struct Wanted {
    settings: Settings,
    known: KnownList,
    files: Vec<PathBuf>,
}

fn read() -> Result<Wanted, Box<dyn Error>> {
    let mut settings = Settings {
        base: String::new(),
        version: FhirVersion::Stu3,
        search: SearchBy::Get,
        variables: BTreeMap::new(),
    };
    let (mut known, mut files) = (KnownList::default(), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--base" => settings.base = value()?.trim_end_matches('/').to_owned(),
            "--fhir" => {
                let version = value()?;
                settings.version = match version.as_str() {
                    "stu3" => FhirVersion::Stu3,
                    "r4" => FhirVersion::R4,
                    _ => return Err("--fhir is stu3 or r4".into()),
                };
            }
            "--post" => settings.search = SearchBy::Post,
            "--variable" => {
                let text = value()?;
                let (name, value) = text.split_once('=').ok_or("--variable is NAME=VALUE")?;
                settings.variables.insert(name.to_owned(), value.to_owned());
            }
            "--known" => known = KnownList::read(&std::fs::read_to_string(value()?)?)?,
            _ => collect(Path::new(&argument), &mut files)?,
        }
    }
    if settings.base.is_empty() || files.is_empty() {
        return Err("--base URL and a script or folder are needed".into());
    }
    files.sort();
    Ok(Wanted {
        settings,
        known,
        files,
    })
}

/// A script, or the scripts of a folder and those in it. What is in a folder and is no script is left out.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_resource = name.ends_with(".xml") || name.ends_with(".json");
        if path.is_dir() && !name.starts_with('_') {
            collect(&path, files)?;
        } else if is_resource && name != "properties.json" {
            files.push(path);
        }
    }
    Ok(())
}

async fn run(wanted: Wanted) -> Result<bool, Box<dyn Error>> {
    // Another part of the process cannot have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let judge = Judge::new(wanted.settings.version)?;
    let runner = Runner::new(wanted.settings, judge, client);
    let mut out = std::io::stdout();
    let mut sums = [0; 5];
    for file in &wanted.files {
        let mut report = runner.run_file(file).await?;
        report.explain(&wanted.known);
        for (sum, count) in sums.iter_mut().zip(report.counts()) {
            *sum += count;
        }
        write!(out, "{report}")?;
    }
    let [pass, warning, fail, known, skipped] = sums;
    writeln!(
        out,
        "{} scripts: {pass} passed, {fail} failed, {warning} warned, {known} known, {skipped} skipped",
        wanted.files.len()
    )?;
    Ok(fail == 0)
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut errors = std::io::stderr();
    let wanted = match read() {
        Ok(wanted) => wanted,
        Err(error) => {
            let _ = writeln!(errors, "{error}");
            return ExitCode::from(2);
        }
    };
    match run(wanted).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(errors, "{error}");
            ExitCode::from(2)
        }
    }
}
