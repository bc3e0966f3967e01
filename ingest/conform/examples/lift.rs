//! Runs a pack of maps over files and prints what comes of them: `lift --pack DIR|NAME [--validate] [--quiet] [--trace] FILE...`.
//!
//! For who writes maps. What it prints are the contents of the files: use it on test data.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what it is for")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use samenhang_conform::csv::Table;
use samenhang_conform::{Context, Fate, Format, Lifted, Pack};
use samenhang_profiles::document::Document;
use samenhang_profiles::pack::{embedded, embedded_terminology};
use samenhang_profiles::validate::rule::Severity;
use samenhang_profiles::validate::{Request, Settings, Validator};
use samenhang_profiles::{FhirVersion, Limits};
use samenhang_terminology::Builder;

#[derive(Default)]
struct Options {
    pack: String,
    validate: bool,
    quiet: bool,
    trace: bool,
    files: Vec<String>,
}

fn main() -> ExitCode {
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--pack" => options.pack = arguments.next().unwrap_or_default(),
            "--validate" => options.validate = true,
            "--quiet" => options.quiet = true,
            "--trace" => options.trace = true,
            _ => options.files.push(argument),
        }
    }
    let pack = match pack(&options.pack) {
        Ok(pack) => pack,
        Err(errors) => {
            for error in errors {
                eprintln!("{error}");
            }
            return ExitCode::FAILURE;
        }
    };
    if let Ok(library) = embedded(pack.target()) {
        for fault in pack.check(&*library) {
            eprintln!("{} {fault}", fault.code());
        }
    }
    let validator = match options.validate.then(|| validator(pack.target())).transpose() {
        Ok(validator) => validator,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let (mut total, mut lost) = (0, 0);
    // Files with rows are read together.
    let together = if pack.format() == Format::Csv {
        1
    } else {
        options.files.len()
    };
    for file in options.files.iter().take(together) {
        match one(&pack, &options, validator.as_ref(), file) {
            Ok((leaves, unmapped)) => {
                total += leaves;
                lost += unmapped;
            }
            Err(error) => eprintln!("{file}: {error}"),
        }
    }
    let part = if total == 0 {
        100.0
    } else {
        100.0 - 100.0 * lost as f64 / total as f64
    };
    println!("in all: {total} values, {lost} unmapped, {part:.2} % accounted for");
    ExitCode::SUCCESS
}

/// The pack of a folder, or one that is shipped.
fn pack(name: &str) -> Result<Arc<Pack>, Vec<String>> {
    let folder = Path::new(name);
    let files = if folder.is_dir() {
        let mut files = Vec::new();
        let entries = std::fs::read_dir(folder).map_err(|error| vec![error.to_string()])?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".yaml") || name.ends_with(".json") {
                let text = std::fs::read_to_string(entry.path()).map_err(|error| vec![error.to_string()])?;
                files.push((name, text));
            }
        }
        files.sort();
        files
    } else {
        samenhang_conform::shipped_files(name)
    };
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    match Pack::compile(&files) {
        Ok((pack, warnings)) => {
            for warning in warnings {
                eprintln!("warning {} {warning}", warning.code());
            }
            Ok(Arc::new(pack))
        }
        Err(errors) => Err(errors
            .iter()
            .map(|error| format!("error {} {error}", error.code()))
            .collect()),
    }
}

fn validator(version: FhirVersion) -> Result<Validator, Box<dyn std::error::Error>> {
    let mut builder = Builder::new();
    if version == FhirVersion::Stu3 {
        builder.stu3_names();
    }
    embedded_terminology(version)?.add_to(&mut builder)?;
    Ok(Validator::new(
        embedded(version)?,
        Arc::new(builder.build()),
        Settings::default(),
    ))
}

fn one(
    pack: &Pack,
    options: &Options,
    validator: Option<&Validator>,
    file: &String,
) -> Result<(usize, usize), String> {
    // Files with rows are one delivery.
    let names = match pack.format() {
        Format::Csv => &options.files[..],
        _ => std::slice::from_ref(file),
    };
    let mut texts = Vec::new();
    for name in names {
        let body = std::fs::read(name).map_err(|error| error.to_string())?;
        let text = pack.decode(&body).map_err(|error| error.to_string())?;
        let name = Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
        texts.push((name.into_owned(), text.into_owned()));
    }
    let files: Vec<Table<'_>> = texts.iter().map(|(name, text)| Table { name, text }).collect();
    let document = pack
        .read(&files, &Limits::default())
        .map_err(|error| error.to_string())?;
    let context = Context {
        source: "lift",
        message: "",
        trace: options.trace,
    };
    let lifted = pack.lift(&document, &context);
    println!("== {file}");
    if !options.quiet {
        for resource in &lifted.resources {
            let value: serde_json::Value =
                serde_json::from_slice(&resource.json).map_err(|error| error.to_string())?;
            println!("{value:#}");
        }
    }
    report(&document, &lifted);
    if let Some(validator) = validator {
        for resource in &lifted.resources {
            validate(validator, pack.target(), resource)?;
        }
    }
    Ok((lifted.ledger.total(), lifted.ledger.unmapped()))
}

fn report(document: &Document<'_>, lifted: &Lifted) {
    let ledger = &lifted.ledger;
    let (mapped, ignored, unmapped) = (ledger.mapped(), ledger.ignored(), ledger.unmapped());
    println!(
        "{} values: {mapped} mapped, {ignored} ignored, {unmapped} unmapped",
        ledger.total()
    );
    let path = |node: usize| document.node(node).map(|node| node.path()).unwrap_or_default();
    for trace in &lifted.traces {
        println!(
            "  {} -> {} ({})",
            path(trace.node),
            trace.to,
            trace.rule.as_deref().unwrap_or("copied")
        );
    }
    for leaf in ledger.leaves() {
        match leaf.fate {
            Fate::Unmapped => println!("  unmapped {}", path(leaf.node)),
            Fate::Ignored(_) if !lifted.traces.is_empty() => {
                println!(
                    "  ignored {}: {}",
                    path(leaf.node),
                    ledger.reason(leaf.fate).unwrap_or_default()
                );
            }
            _ => {}
        }
    }
    for finding in &lifted.findings {
        println!("  {finding} at {}", path(finding.node));
    }
}

fn validate(
    validator: &Validator,
    version: FhirVersion,
    resource: &samenhang_conform::LiftedResource,
) -> Result<(), String> {
    let document = Document::from_json(&resource.json, version, &Limits::default())
        .map_err(|error| error.to_string())?;
    let outcome = validator.validate(&document, &Request::default());
    println!("{} {}", resource.resource_type, outcome.verdict().code());
    for finding in outcome
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
    {
        let words = samenhang_profiles::validate::Language::English;
        let text = finding.text(words, samenhang_profiles::validate::Values::Shown);
        println!("  error {} {}: {text}", finding.rule.code, finding.expression);
    }
    Ok(())
}
