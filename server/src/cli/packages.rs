//! `samenhang packages`: which FHIR packages there are, adding one, and whether they hold together.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use samenhang_profiles::package::VersionRequest;
use serde::Serialize;

use super::{Failure, output};
use crate::packages::{Folder, FolderError, check, named};

#[derive(Subcommand)]
pub(super) enum PackagesCommand {
    /// List the packages in the folder.
    List(FolderArgs),
    /// Add packages from their `.tgz` archives. Each is read under limits and refused whole when it passes one.
    #[command(after_help = "Example:\n  samenhang packages add nictiz.fhir.nl.r4.nl-core-0.12.1-beta.1.tgz")]
    Add {
        /// The archives.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        folder: FolderArgs,
    },
    /// Check that the packages hold together: what they need is there, every profile has a snapshot, and every value
    /// set that is bound is known. Exit status 1 when something is unresolved; the result lists it.
    #[command(
        after_help = "Examples:\n  samenhang packages check\n  samenhang packages check nictiz.fhir.nl.r4.nl-core \
        | jq .findings\n  samenhang packages check nictiz.fhir.nl.r4.nl-core@0.12.x"
    )]
    Check {
        /// Packages to check with what they depend on: `NAME`, or `NAME@VERSION` (also `4.0.x`, `latest`, `dev`).
        /// All packages in the folder, when none is named.
        #[arg(value_name = "PACKAGE")]
        packages: Vec<String>,
        #[command(flatten)]
        folder: FolderArgs,
    },
}

#[derive(Args)]
pub(super) struct FolderArgs {
    /// Folder of the packages, in the layout that FHIR tools share. Without it: `.fhir/packages` in the home folder.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl FolderArgs {
    fn open(self) -> Result<Folder, Failure> {
        match self.folder.map(Folder::at).or_else(Folder::shared) {
            Some(folder) => Ok(folder),
            None => Err(Failure::misuse("there is no home folder").hint("name a folder with --folder")),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    version: String,
    fhir_version: &'static str,
    license: Option<String>,
    definitions: usize,
    value_sets: usize,
    code_systems: usize,
}

impl Listed {
    fn of(package: &samenhang_profiles::package::Package) -> Self {
        let manifest = &package.manifest;
        Listed {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            fhir_version: manifest.fhir_version.full(),
            license: manifest.license.clone(),
            definitions: package.of_type("StructureDefinition").count(),
            value_sets: package.of_type("ValueSet").count(),
            code_systems: package.of_type("CodeSystem").count(),
        }
    }
}

pub(super) fn run(command: PackagesCommand) -> Result<u8, Failure> {
    match command {
        PackagesCommand::List(folder) => list(&folder.open()?),
        PackagesCommand::Add { files, folder } => add(&folder.open()?, &files),
        PackagesCommand::Check { packages, folder } => checked(&folder.open()?, &packages),
    }
}

fn list(folder: &Folder) -> Result<u8, Failure> {
    #[derive(Serialize)]
    struct List {
        folder: String,
        packages: Vec<Listed>,
        unusable: Vec<crate::packages::Unusable>,
    }
    let (set, unusable) = folder.read().map_err(|error| failure(&error))?;
    let status = u8::from(!unusable.is_empty());
    print(&List {
        folder: folder.path().display().to_string(),
        packages: set.packages().map(Listed::of).collect(),
        unusable,
    })?;
    Ok(status)
}

fn add(folder: &Folder, files: &[PathBuf]) -> Result<u8, Failure> {
    if let Some(absent) = files.iter().find(|file| !file.is_file()) {
        return Err(
            Failure::misuse(format!("there is no file {}", absent.display())).hint("name an existing file")
        );
    }
    let mut status = 0;
    let mut added = Vec::new();
    for file in files {
        match folder.add(file) {
            Ok(package) => added.push(Listed::of(&package)),
            Err(error) => {
                output::notice(&failure(&error).to_string());
                status = 1;
            }
        }
    }
    print(&added)?;
    Ok(status)
}

fn checked(folder: &Folder, packages: &[String]) -> Result<u8, Failure> {
    let (set, unusable) = folder.read().map_err(|error| failure(&error))?;
    let named: Vec<(&str, VersionRequest)> = if packages.is_empty() {
        let exact = |version: &str| VersionRequest::Exact(version.to_owned());
        set.packages()
            .map(|package| (&*package.manifest.name, exact(&package.manifest.version)))
            .collect()
    } else {
        packages.iter().map(|text| named(text)).collect()
    };
    let resolution = set.resolve(&named);
    let report = check(folder, &resolution, unusable)
        .map_err(|error| Failure::finding(format!("{}: {error}", error.code())))?;
    print(&report)?;
    Ok(u8::from(!report.findings.is_empty()))
}

fn print(value: &impl Serialize) -> Result<u8, Failure> {
    output::write_line(value)
        .map_err(|error| Failure::finding(format!("failed to write the result: {error}")))?;
    Ok(0)
}

fn failure(error: &FolderError) -> Failure {
    let code = error.code();
    Failure::finding(format!("{code}: {error}")).hint(format!("see {code} in the error catalogue"))
}
