//! `samenhang map`: the tools of who writes maps.

mod check;
mod cover;
mod diff;
mod fix;
mod new;
mod run;
mod test;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use samenhang_conform::skeleton::DraftError;
use samenhang_conform::{Format, Notice, Warning};
use samenhang_profiles::FhirVersion;

use super::{Failure, output, walk};
use crate::mapping::{Choice, Delivery, Loaded, MappingError, deliveries, ends};
use crate::validation::Sources;

/// Files of one call.
const MAX_FILES: usize = 100_000;

#[derive(Subcommand)]
pub(super) enum MapCommand {
    New(NewArgs),
    Run(RunArgs),
    Cover(CoverArgs),
    Check(CheckArgs),
    Test(TestArgs),
    Diff(DiffArgs),
    Fix(FixArgs),
}

/// Which pack of maps is used.
#[derive(Args)]
struct PackArgs {
    /// What the files are: with --to it chooses a pack that the program carries.
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        requires = "to",
        conflicts_with = "pack"
    )]
    from: Option<From>,
    /// What is made of them.
    #[arg(long, value_enum, value_name = "VERSION", requires = "from")]
    to: Option<To>,
    /// The pack: a folder with a pack.yaml, or the name of one that the program carries.
    #[arg(long, value_name = "DIR|NAME", required_unless_present = "from")]
    pack: Option<String>,
}

/// What a pack reads, as it is written on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum From {
    /// FHIR STU3, zib2017
    #[value(alias = "zib2017")]
    Stu3,
    /// FHIR R4, zib2020
    #[value(alias = "zib2020")]
    R4,
    /// Laboratory reports in CDA
    Cda,
    /// HL7 version 2
    Hl7v2,
    /// Files with rows
    Csv,
}

/// What a pack writes, as it is written on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    /// FHIR R4, zib2020
    #[value(alias = "zib2020")]
    R4,
    /// FHIR STU3, zib2017
    #[value(alias = "zib2017")]
    Stu3,
}

impl PackArgs {
    fn choice(&self) -> Choice {
        let (Some(from), Some(to)) = (self.from, self.to) else {
            return Choice::Named(self.pack.clone().unwrap_or_default());
        };
        let (name, format, source) = match from {
            From::Stu3 => ("stu3", Format::Fhir, Some(FhirVersion::Stu3)),
            From::R4 => ("r4", Format::Fhir, Some(FhirVersion::R4)),
            From::Cda => ("cda", Format::Cda, None),
            From::Hl7v2 => ("hl7v2", Format::Hl7v2, None),
            From::Csv => ("csv", Format::Csv, None),
        };
        let (to, target) = match to {
            To::R4 => ("r4", FhirVersion::R4),
            To::Stu3 => ("stu3", FhirVersion::Stu3),
        };
        Choice::Direction {
            from: name,
            format,
            source,
            to,
            target,
        }
    }
}

/// What a sample is, as it is written on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SampleFormat {
    /// FHIR, in JSON or XML; which version is found out
    Fhir,
    /// FHIR STU3, in JSON or XML
    FhirStu3,
    /// FHIR R4, in JSON or XML
    FhirR4,
    /// Documents in CDA
    Cda,
    /// HL7 version 2
    Hl7v2,
    /// Files with rows
    Csv,
}

/// Draft a pack: from a sample of your own data, or from two profiles that carry the same concepts of the zibs.
///
/// From a sample: a map for each profile of --to, with a rule for each column or field whose name agrees with a concept of
/// the zib (Dutch or English), an element, or what such columns are usually called. From two profiles (--from-profile, of
/// STU3): a rule for each concept (NL-CM) that both carry. Every rule that is only proposed, every column without a place
/// and every required element without a value has a `todo`, which `samenhang map check` lists. The draft compiles; no value
/// of the sample is in it.
#[derive(Args)]
#[command(after_help = "\
Examples:
  samenhang map new --from patients.csv --from observations.csv \\
      --to nl-core-Patient,nl-core-LaboratoryTestResult ./my-maps
  samenhang map new --from-profile zib-BloodPressure --to nl-core-BloodPressure ./my-maps
  samenhang map new --from message.hl7 --to nl-core-Patient ./my-maps
  samenhang map check ./my-maps | jq -r '\"\\(.file):\\(.line) \\(.text)\"'    what is still to be decided

Exit status: 0 the pack is written, 2 misuse.")]
pub(super) struct NewArgs {
    /// A sample of what the source sends: a file, or a folder. May be given again; files with rows are one delivery.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "from_profile",
        conflicts_with = "from_profile"
    )]
    from: Vec<PathBuf>,
    /// Profiles of STU3 (zib2017) that resources come in, by name or address.
    #[arg(long, value_name = "PROFILE", value_delimiter = ',')]
    from_profile: Vec<String>,
    /// Profiles of R4 (nl-core) that resources go to, by name or address.
    #[arg(long, value_name = "PROFILE", value_delimiter = ',', required = true)]
    to: Vec<String>,
    /// What the sample is. Without it: found out by the name and the first bytes of the file.
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "from_profile")]
    format: Option<SampleFormat>,
    /// Character set of the sample, as packs write it.
    #[arg(long, value_name = "NAME", value_parser = ["utf-8", "windows-1252", "iso-8859-1", "iso-8859-15", "ascii"])]
    charset: Option<String>,
    /// A FHIR package (.tgz) with profiles, besides those in the program. May be given again.
    #[arg(long = "package", value_name = "TGZ")]
    packages: Vec<PathBuf>,
    /// The folder to make.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Make resources of what a source sent, and say where every value went.
///
/// Prints one resource a line (NDJSON), in the order of the source, each followed by what was made of its parts. What
/// became of the values goes to stderr: the sums of the ledger, each value that nothing took, and what was found, with line
/// and column. A file that cannot be read is told and does not end the run. A folder stands for the files of the format
/// below it; .ndjson has one message a line, a file of HL7 version 2 one a segment MSH. Files with rows that stand in one
/// folder are one delivery.
#[derive(Args)]
#[command(after_help = "\
Examples:
  samenhang map run --from stu3 --to r4 patient.json
  samenhang map run --from cda --to r4 --validate report.xml > lifted.ndjson
  samenhang map run --pack ./my-maps --trace --values test-message.json
  samenhang map run --pack ./my-maps ./export | jq -c 'select(.resourceType == \"Observation\")'

Exit status: 0 all is mapped or ignored for a reason, 1 something is unmapped, refused or (with
--validate) invalid, 2 misuse.")]
pub(super) struct RunArgs {
    #[command(flatten)]
    pack: PackArgs,
    /// Say of each value which rule took it and to where, rule by rule.
    #[arg(long)]
    trace: bool,
    /// Hold what is made to its profiles, as `samenhang validate` does.
    #[arg(long)]
    validate: bool,
    /// Show values of the source in what is told. They may be patient data.
    #[arg(long)]
    values: bool,
    /// Name of the source: with the place and the map it makes the ids of what has none.
    #[arg(long, value_name = "NAME", default_value = "map")]
    source: String,
    /// Files and folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Account for every value of many files: the loss ledger, as one JSON object.
///
/// Per file and in all: how many values there are, how many are mapped, ignored for which reason, and unmapped at which
/// place; which elements of the target profiles were ever filled and which never; the codes that no table has; the values
/// that a map assumed; the rules that never did anything. No values of the source, but for codes that a table does not
/// have.
#[derive(Args)]
#[command(after_help = "\
Examples:
  samenhang map cover --from stu3 --to r4 ./sample | jq .total
  samenhang map cover --pack ./my-maps ./sample | jq '.total.unmapped | to_entries | sort_by(-.value) | .[:10]'
  samenhang map cover --pack ./my-maps ./sample | jq -r '.rules.never[]'
  samenhang map cover --pack ./my-maps --html cover.html ./sample > cover.json

Exit status: 0 all is mapped or ignored for a reason, 1 something is unmapped or refused, 2 misuse.")]
pub(super) struct CoverArgs {
    #[command(flatten)]
    pack: PackArgs,
    /// Write a page for a person too: per map where values went, and what of the profiles, the zibs and the BgZ was there.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Files and folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Judge a pack of maps: whether it compiles, and whether it goes with the profiles and value sets of its target.
///
/// Prints one line of JSON for each thing that is wrong, with file, line, column, map and rule.
#[derive(Args)]
#[command(after_help = "\
Examples:
  samenhang map check ./my-maps
  samenhang map check ./my-maps | jq -r '\"\\(.file):\\(.line):\\(.column) \\(.text)\"'
  samenhang map check --pack stu3-zib2017-to-r4-zib2020

Exit status: 0 no errors (there may be warnings), 1 an error, 2 misuse.")]
pub(super) struct CheckArgs {
    /// The folder of the pack.
    #[arg(value_name = "DIR", required_unless_present = "pack", conflicts_with = "pack")]
    folder: Option<PathBuf>,
    /// A pack that the program carries.
    #[arg(long, value_name = "NAME")]
    pack: Option<String>,
    /// A FHIR package (.tgz) with profiles, besides those in the program. May be given again.
    #[arg(long = "package", value_name = "TGZ")]
    packages: Vec<PathBuf>,
}

/// Hold a pack to its cases: inputs with the resources and findings that they have to give.
///
/// A case is a folder DIR/cases/NAME with the input (input.json, input.xml, input.hl7, or a folder input with the files of
/// one delivery), expected.ndjson or expected.json with the resources, and issues.yaml with what is found and what is
/// unmapped. Resources are compared by what they say: numbers as they are written, items in their order only where FHIR
/// gives it a meaning, and ids that were made by what they point at. Prints one line of JSON a case, with the JSON path of
/// each difference. Cases are part of a pack: what differs is shown with its values, so use test data.
#[derive(Args)]
#[command(after_help = "\
Examples:
  mkdir -p my-maps/cases/height && cp test-height.json my-maps/cases/height/input.json
  samenhang map test ./my-maps --bless    then read what was written: from now on it is what is expected
  samenhang map test ./my-maps
  samenhang map test ./my-maps | jq -c 'select(.result != \"passed\")'

Exit status: 0 all cases are as expected, 1 one is not, 2 misuse.")]
pub(super) struct TestArgs {
    /// The folder of the pack.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write what the cases give as what is expected of them.
    #[arg(long)]
    bless: bool,
}

/// Say what two packs make differently of the same files, before the new one is used.
///
/// Prints one line of JSON for each message of which they make something else, with the JSON path of each difference, and
/// both accounts where they differ; nothing for a message that stays the same. Compares as `samenhang map test` does.
#[derive(Args)]
#[command(after_help = "\
Examples:
  samenhang map diff stu3-zib2017-to-r4-zib2020 ./my-maps ./sample
  samenhang map diff ./maps-1.0 ./maps-1.1 ./sample | jq -r '.differences[].path' | sort | uniq -c

Exit status: 0 no difference, 1 a difference or a file that cannot be read, 2 misuse.")]
pub(super) struct DiffArgs {
    /// The pack as it was: a folder, or the name of one that the program carries.
    #[arg(value_name = "OLD")]
    old: String,
    /// The pack as it will be.
    #[arg(value_name = "NEW")]
    new: String,
    /// Files and folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Show the values that differ. They may be patient data.
    #[arg(long)]
    values: bool,
}

/// Propose the edits that would help a pack: for what is wrong with it, and for what files lost when it ran over them.
///
/// A code that a table does not have gets a line in the table, with what the target takes; a value that no rule takes a
/// rule, or the place of a reason; a fault the smallest change that takes it away. Nothing is decided for you: a code or
/// reason that is put in is `TODO` and does nothing until you filled it in, and a rule that is only proposed has a `todo`;
/// `samenhang map check` refuses the one and lists the other. Prints one line of JSON an edit, and the change itself as a
/// diff on stderr. No value of the files is shown, but for codes where a code system or a table of the pack says so.
#[derive(Args)]
#[command(after_help = "\
Examples:
  samenhang map fix ./my-maps ./sample                       what would help
  samenhang map fix ./my-maps ./sample --write --take 1,3    make these two changes
  samenhang map fix ./my-maps                                only what is wrong with the pack
  samenhang station quarantine show --source umc 12 > held.hl7 && samenhang map fix ./my-maps held.hl7

Exit status: 0 nothing to fix, 1 something is proposed, 2 misuse.")]
pub(super) struct FixArgs {
    /// The folder of the pack.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Files and folders to run the pack over.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Make the changes, in the files of the pack.
    #[arg(long)]
    write: bool,
    /// Of the changes only those with these numbers.
    #[arg(long, value_name = "NUMBER", value_delimiter = ',', requires = "write")]
    take: Vec<usize>,
    /// A FHIR package (.tgz) with profiles, besides those in the program. May be given again.
    #[arg(long = "package", value_name = "TGZ")]
    packages: Vec<PathBuf>,
}

/// Runs a command; the exit status, or why it failed.
pub(super) fn map(command: &MapCommand) -> Result<u8, Failure> {
    match command {
        MapCommand::New(args) => new::new(args),
        MapCommand::Run(args) => run::run(args),
        MapCommand::Cover(args) => cover::cover(args),
        MapCommand::Check(args) => check::check(args),
        MapCommand::Test(args) => test::test(args),
        MapCommand::Diff(args) => diff::diff(args),
        MapCommand::Fix(args) => fix::fix(args),
    }
}

/// The pack that is meant; what is of no use in it is told.
fn load(choice: &Choice) -> Result<Loaded, Failure> {
    let loaded = choice.load().map_err(|error| misuse(&error))?;
    let todo = |warning: &&Warning| matches!(warning.notice, Notice::Todo(_));
    let open = loaded.warnings.iter().filter(todo).count();
    if open > 0 {
        output::notice(&format!(
            "samenhang: warning SAM-MAP-103 {open} rules are still to be looked at: `samenhang map check` lists them"
        ));
    }
    for warning in loaded.warnings.iter().filter(|warning| !todo(warning)) {
        output::notice(&format!("samenhang: warning {} {warning}", warning.code()));
    }
    Ok(loaded)
}

/// The files that arguments stand for, as they are read together.
fn found(format: Format, arguments: &[PathBuf]) -> Result<Vec<Delivery>, Failure> {
    let mut files = Vec::new();
    for argument in arguments {
        let below = walk::files(argument, ends(format)).map_err(|error| {
            Failure::misuse(format!("failed to read {}: {}", argument.display(), error.kind()))
                .hint("name a file or folder that is there and may be read")
        })?;
        if below.is_empty() {
            let known = ends(format).join(", .");
            return Err(
                Failure::misuse(format!("there is no file in {}", argument.display()))
                    .hint(format!("a folder is searched for .{known}")),
            );
        }
        files.extend(below);
        if files.len() > MAX_FILES {
            return Err(Failure::misuse(format!("more than {MAX_FILES} files")).hint("give them in parts"));
        }
    }
    Ok(deliveries(format, files))
}

/// What is judged by, with the packages that the user names.
fn packages(paths: &[PathBuf]) -> Result<Sources, Failure> {
    let mut sources = Sources::default();
    for path in paths {
        sources.open_package(path).map_err(|error| {
            Failure::misuse(format!("{}: {error}", error.code())).hint("name a package of FHIR (.tgz)")
        })?;
    }
    Ok(sources)
}

/// Says when a folder is not there.
fn is_folder(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    Err(
        Failure::misuse(format!("there is no folder {}", folder.display()))
            .hint("name the folder of a pack, or one of the program with --pack"),
    )
}

fn misuse(error: &MappingError) -> Failure {
    let failure = Failure::misuse(format!("{}: {error}", error.code()));
    match error {
        MappingError::Pack(_) => failure.hint("`samenhang map check DIR` lists all of them"),
        MappingError::NoPack { .. } => {
            failure.hint("name one of these with --pack, or the folder of a pack of your own")
        }
        MappingError::Draft { error, .. } if matches!(**error, DraftError::UnknownProfile(_)) => {
            failure.hint("name a profile by its address or the last part of it; --package FILE adds others")
        }
        MappingError::Exists(_) => failure.hint("name a folder that is not there yet"),
        MappingError::Format(_) => failure.hint("say it with --format fhir, cda, hl7v2 or csv"),
        _ => failure,
    }
}

/// Says of a file that it cannot be lifted, and why.
fn refused(name: &str, error: &MappingError) -> String {
    format!("{name}: refused: {} {error}", error.code())
}

/// Why the result could not be written.
fn unwritten(error: &std::io::Error) -> Failure {
    Failure::finding(format!("failed to write the result: {error}"))
}
