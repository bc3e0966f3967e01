//! `samenhang reconcile`: what a set of Bundles, one per source, says together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use clap::Args;
use jiff::Timestamp;
use samenhang_conform::Converter;
use samenhang_profiles::classify::classify;
use samenhang_profiles::page::Page;
use samenhang_profiles::write::JsonWriter;
use samenhang_profiles::{Conformance, FhirVersion, Lineage, RawResource, Received, Ura, xml};
use samenhang_reconcile::Reconciled;
use samenhang_reconcile::answer::{Assembly, Subject, write_explanation, write_records};
use samenhang_reconcile::apart::{Apart, Ground};
use samenhang_reconcile::medication::MedicationOverview;
use samenhang_reconcile::subject::is_bsn;
use samenhang_reconcile::view::{self, Views};

use super::maps;
use super::validate::Version;
use super::{Failure, output};
use crate::reconciliation::NamedMap;
use crate::validation::{Engine, Form, Sources, limits};

/// Reconcile Bundles about one patient, one or more for each source, without asking anybody.
///
/// Reads JSON and XML, R4 and STU3; STU3 is lifted to R4 and kept beside it. Prints one Bundle: every resource as it was
/// received with its origin, a Composition that puts them in sections, a Linkage and a Provenance for each set of
/// records that say one thing, and an issue for each contradiction and each possible duplicate. The same Bundles in any
/// order give the same bytes.
#[derive(Args)]
#[command(after_help = "\
Examples:
  samenhang reconcile --source gp=gp.json --source hospital=hospital.json
  samenhang reconcile --source 00700701=gp.json --source lab=page1.json --source lab=page2.xml
  samenhang reconcile --source gp=a.json --medication --at 2026-11-22T10:00:00Z
  samenhang reconcile --source gp=a.json --source lab=b.json | \\
    jq '.entry[].resource | select(.resourceType == \"Linkage\")'
  samenhang reconcile --source gp=a.json --source lab=b.json --view acute
  samenhang reconcile --source gp=a.json --source lab=b.json --explain all

A name of eight digits is the URA of the holder; any other name is only a name.

Exit status: 0 success, 1 a Bundle could not be read whole or they are about more than one patient, 2 misuse.")]
pub(super) struct ReconcileArgs {
    /// A source and a Bundle (or one resource) of it. Of one source more Bundles may be given.
    #[arg(long = "source", required = true, value_name = "NAME=BUNDLE")]
    sources: Vec<String>,
    /// Version of FHIR of all Bundles. Found out for each when it is not given.
    #[arg(long, value_enum, value_name = "VERSION")]
    fhir: Option<Version>,
    /// When the Bundles were received, as an instant (2026-11-22T10:00:00Z). Without it no time of receipt is told, nor
    /// what medication is in use.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// What the Composition shows first: whole, acute, medication-check, referral or own. What it leaves out stays in the
    /// Bundle and is counted.
    #[arg(long, value_name = "NAME", default_value = view::WHOLE)]
    view: String,
    /// Print the medication overview instead, at the moment that --at tells: JSON with each treatment and its bucket, the
    /// phase of each building block, and what disagrees.
    #[arg(long, requires = "at")]
    medication: bool,
    /// A map of codes that may join records in two code systems: its canonical and version, and its file. Without it only
    /// equal codes are equal. May be given again.
    #[arg(long = "map", value_name = "CANONICAL|VERSION=FILE", value_parser = maps::named)]
    maps: Vec<NamedMap>,
    /// Two records that are not the same, by their addresses (fullUrl) in the result. They are never joined, and the result
    /// says so. Repeatable.
    #[arg(long = "unlink", value_name = "A=B")]
    unlinks: Vec<String>,
    /// Print why records belong together instead of the Bundle: a Parameters resource about one cluster (its id), about
    /// one record (its address), or about everything (all).
    #[arg(long, value_name = "CLUSTER")]
    explain: Option<String>,
}

/// What stands for a holder whose number is not known; it is told of nobody.
const NOBODY: &str = "00000000";

/// Reads the Bundles and prints what they say together. Exit status 1 when something could not be read.
pub(super) fn reconcile(args: &ReconcileArgs) -> Result<u8, Failure> {
    let views = Views::shipped();
    let Some(view) = views.named(&args.view) else {
        let names: Vec<&str> = views.views.iter().map(|view| view.name.as_str()).collect();
        let known = format!("use one of: {}", names.join(", "));
        return Err(Failure::misuse(format!("--view {} is not known", args.view)).hint(known));
    };
    let apart = apart(&args.unlinks)?;
    let mut files: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
    for source in &args.sources {
        let pair = source
            .split_once('=')
            .filter(|(name, file)| is_name(name) && !file.is_empty());
        let Some((name, file)) = pair else {
            return Err(
                Failure::misuse(format!("--source {source} is not NAME=BUNDLE")).hint(
                    "name a source with letters, digits, '.', '-' or '_', and the file of its Bundle: --source gp=gp.json",
                ),
            );
        };
        files.entry(name).or_default().push(PathBuf::from(file));
    }
    let engine = match args.fhir {
        Some(_) => None,
        None => Some(
            Engine::new(&Sources::default())
                .map_err(|error| Failure::finding(format!("{}: {error}", error.code())))?,
        ),
    };
    let mut reading = Reading {
        engine,
        version: args.fhir.map(FhirVersion::from),
        retrieved: args.at.unwrap_or(Timestamp::UNIX_EPOCH),
        received: Vec::new(),
        is_whole: true,
    };
    for (name, files) in &files {
        for file in files {
            reading.read(name, file)?;
        }
    }
    one_patient(&reading.received)?;
    let maps = maps::read(&args.maps)?;
    let mut converter = Converter::new(FhirVersion::R4);
    let mut items: Vec<_> = reading
        .received
        .into_iter()
        .flat_map(|item| converter.serve(item))
        .collect();
    converter.settle(&mut items);
    let reconciled = Reconciled::by(items, &apart, &maps);
    for pair in &apart {
        for address in [&pair.a, &pair.b] {
            if reconciled.place(address).is_none() {
                return Err(
                    Failure::misuse(format!("--unlink {address} is not in the Bundles"))
                        .hint("give the fullUrl of a record as it stands in the result"),
                );
            }
        }
    }
    if let (true, Some(at)) = (args.medication, args.at) {
        let mut out = JsonWriter::new();
        MedicationOverview::new(&reconciled, at).write_json(&mut out, &reconciled);
        return print(&out.finish(), reading.is_whole);
    }
    let assembly = Assembly {
        software: "Samenhang",
        version: env!("CARGO_PKG_VERSION"),
        at: args.at,
        view,
    };
    let printed = match args.explain.as_deref() {
        None => write_records(&reconciled, &assembly),
        Some(name) => explained(&reconciled, name).ok_or_else(|| {
            Failure::misuse(format!("--explain {name} is neither a cluster nor a record here"))
                .hint("give the id of a cluster as its Linkage has it, the fullUrl of a record, or all")
        })?,
    };
    print(&printed, reading.is_whole)
}

fn print(result: &[u8], is_whole: bool) -> Result<u8, Failure> {
    output::write(result)
        .and_then(|()| output::write(b"\n"))
        .map_err(|error| Failure::finding(format!("failed to write the result: {error}")))?;
    Ok(u8::from(!is_whole))
}

/// What a person keeps apart.
fn apart(unlinks: &[String]) -> Result<Vec<Apart>, Failure> {
    let pair = |text: &String| match text.split_once('=') {
        Some((a, b)) if !a.is_empty() && !b.is_empty() && a != b => Ok(Apart {
            a: a.to_owned(),
            b: b.to_owned(),
            at: None,
            ground: Ground::Other,
        }),
        _ => Err(Failure::misuse(format!("--unlink {text} is not A=B"))
            .hint("give the addresses of two records, as their fullUrl in the result")),
    };
    unlinks.iter().map(pair).collect()
}

/// Why records belong together: of a cluster, of a record, or of everything.
fn explained(known: &Reconciled, name: &str) -> Option<Bytes> {
    if name == "all" {
        return write_explanation(known, None, Subject::All);
    }
    write_explanation(known, None, Subject::Cluster(name))
        .or_else(|| write_explanation(known, None, Subject::Record(name)))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

/// What has been read so far.
struct Reading {
    engine: Option<Engine>,
    version: Option<FhirVersion>,
    retrieved: Timestamp,
    received: Vec<Received>,
    /// Whether all that stood in the files was read.
    is_whole: bool,
}

impl Reading {
    fn read(&mut self, name: &str, file: &Path) -> Result<(), Failure> {
        let refuse = |why: String| Failure::misuse(format!("{}: {why}", file.display()));
        let size = std::fs::metadata(file)
            .map_err(|error| refuse(error.to_string()))?
            .len();
        if size > limits().max_bytes as u64 {
            return Err(refuse(format!("more than {} bytes", limits().max_bytes)));
        }
        let body = std::fs::read(file).map_err(|error| refuse(error.to_string()))?;
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
        let is_xml = body.trim_ascii_start().first() == Some(&b'<');
        let form = if is_xml { Form::Xml } else { Form::Json };
        let wrong = |error: samenhang_profiles::raw::ReadError| {
            Failure::finding(format!("{}: {}: {error}", file.display(), error.code()))
        };
        let version = match (&self.engine, self.version) {
            (_, Some(version)) => version,
            (Some(engine), None) => engine.version(body, form, &limits()).map_err(wrong)?,
            (None, None) => FhirVersion::R4,
        };
        let json = if is_xml {
            xml::to_json(body, version, &limits()).map_err(wrong)?
        } else {
            Bytes::copy_from_slice(body)
        };
        let lineage = Arc::new(Lineage {
            holder: holder(name)?,
            holder_name: name.into(),
            endpoint: format!("urn:samenhang:source:{name}").into(),
            retrieved: self.retrieved,
            fhir: version,
            conformance: match version {
                FhirVersion::R4 => Conformance::Native,
                FhirVersion::Stu3 => Conformance::AsReceived,
            },
        });
        let first = RawResource::read(json.clone(), &limits()).map_err(wrong)?;
        if first.resource_type() != "Bundle" {
            self.take(first, &lineage);
            return Ok(());
        }
        let page = Page::read(json, &limits()).map_err(wrong)?;
        for (number, entry) in (1..).zip(page.entries) {
            match entry.resource {
                Some(resource) => self.take(resource, &lineage),
                None => {
                    self.is_whole = false;
                    output::notice(&format!(
                        "{}: entry {number} has no resource that can be read",
                        file.display()
                    ));
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, resource: RawResource, lineage: &Arc<Lineage>) {
        let number = self.received.len();
        let id = resource
            .id()
            .map_or_else(|| format!("entry-{number}"), str::to_owned);
        self.received.push(Received {
            full_url: format!("{}/{}/{id}", lineage.endpoint, resource.resource_type()).into(),
            category: classify(&resource, lineage.fhir),
            lineage: Arc::clone(lineage),
            resource,
            conversion: None,
        });
    }
}

fn holder(name: &str) -> Result<Ura, Failure> {
    let number = if name.len() == NOBODY.len() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        name
    } else {
        NOBODY
    };
    number
        .parse()
        .map_err(|error| Failure::misuse(format!("--source {name}: {error}")))
}

/// That no two sources are about two persons, as far as they say whom they are about.
fn one_patient(received: &[Received]) -> Result<(), Failure> {
    let patients = received
        .iter()
        .filter(|item| item.resource.resource_type() == "Patient");
    let numbers: BTreeSet<&str> = patients
        .flat_map(|item| &item.resource.keys().identifiers)
        .filter(|identifier| identifier.system.as_deref().is_some_and(is_bsn))
        .filter_map(|identifier| identifier.value.as_deref())
        .collect();
    if numbers.len() > 1 {
        return Err(Failure::finding(format!(
            "the Bundles are about {} patients: nothing was reconciled",
            numbers.len()
        ))
        .hint(
            "give the Bundles of one patient; whose they are is told by the BSN of the Patient resources",
        ));
    }
    Ok(())
}
