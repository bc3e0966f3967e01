//! What `samenhang validate` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use samenhang_profiles::FhirVersion;
use samenhang_profiles::validate::Language;

use crate::releases::Releases;

/// Judge FHIR resources against the profiles that they claim.
///
/// Reads JSON, XML and NDJSON (.ndjson, .jsonl), STU3 and R4, single resources and Bundles. A folder stands for every
/// .json, .xml, .ndjson and .jsonl file below it, in the order of their names. Prints one line of JSON a file, in the
/// order of the arguments. A file that cannot be read is invalid, and never ends the run.
///
/// The profiles of the BgZ (zib2017 in STU3, nl-core and mp9 in R4), FHIR itself, and the value sets of both are in the
/// program; no package is needed for those.
#[derive(Args)]
#[command(after_help = "\
Results:
  valid       everything was checked and nothing is an error
  invalid     something is an error
  unchecked   nothing is an error, but something could not be checked: an issue each says what
              would help. Unchecked is never valid.

Examples:
  samenhang validate patient.json
  samenhang validate --lang nl ./export | jq -c 'select(.result == \"invalid\")'
  samenhang validate --profile http://nictiz.nl/fhir/StructureDefinition/nl-core-Patient patient.xml
  samenhang validate --snomed ./SnomedCT_NL --loinc ./Loinc ./export
  samenhang validate --package my.profiles-1.0.0.tgz --fhir r4 bundle.json
  samenhang validate --fhir-terminology-server https://terminology.example/fhir ./export

Exit status: 0 nothing is invalid, 1 a file is invalid (with --strict: or unchecked), 2 misuse.")]
pub(super) struct ValidateArgs {
    /// Files and folders with FHIR resources.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// A FHIR package (.tgz) with definitions, besides those in the program. What it defines goes before what the
    /// program and packages before it have under the same address. May be given again.
    #[arg(long = "package", value_name = "TGZ")]
    pub(super) packages: Vec<PathBuf>,
    /// Folder of packages that are used too, the newest of each, as `samenhang packages add` fills it. Without it:
    /// `.fhir/packages` in the home folder. Name an empty folder to use none.
    #[arg(long, value_name = "DIR")]
    pub(super) packages_folder: Option<PathBuf>,
    /// A profile that every resource is held to, besides those that it claims. May be given again.
    #[arg(long = "profile", value_name = "URL")]
    pub(super) profiles: Vec<String>,
    #[command(flatten)]
    pub(super) releases: Releases,
    #[command(flatten)]
    pub(super) server: ServerArgs,
    /// Version of FHIR. Found out for each resource when it is not given: by the profiles, else by the shape; where
    /// neither tells, R4.
    #[arg(long, value_enum, value_name = "VERSION")]
    pub(super) fhir: Option<Version>,
    /// Language of the texts and hints.
    #[arg(long, value_enum, value_name = "LANGUAGE", default_value = "en")]
    pub(super) lang: Spoken,
    /// Show values of the resources in the texts. They may be patient data.
    #[arg(long)]
    pub(super) show_values: bool,
    /// Let what is unchecked give exit status 1 too.
    #[arg(long)]
    pub(super) strict: bool,
}

/// Which terminology server is asked.
#[derive(Args)]
pub(super) struct ServerArgs {
    /// FHIR terminology server that is asked about codes that are not known here ($validate-code). Value sets, systems
    /// and codes go to it, and nothing else of the resources.
    #[arg(long, value_name = "URL")]
    pub(super) fhir_terminology_server: Option<String>,
    /// Certificate authorities (PEM) that its certificate is trusted by. Without it: those of this machine.
    #[arg(long, value_name = "FILE", requires = "fhir_terminology_server")]
    pub(super) terminology_ca: Option<PathBuf>,
}

/// A version of FHIR as it is written on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Version {
    /// FHIR STU3 (zib2017)
    Stu3,
    /// FHIR R4 (zib2020)
    R4,
}

impl From<Version> for FhirVersion {
    fn from(version: Version) -> Self {
        match version {
            Version::Stu3 => FhirVersion::Stu3,
            Version::R4 => FhirVersion::R4,
        }
    }
}

/// A language as it is written on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Spoken {
    /// Dutch
    Nl,
    /// English
    En,
}

impl From<Spoken> for Language {
    fn from(spoken: Spoken) -> Self {
        match spoken {
            Spoken::Nl => Language::Dutch,
            Spoken::En => Language::English,
        }
    }
}
