//! `samenhang validate`: judges files, a few at once, and prints a line each in the order of the arguments.

mod walk;

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use samenhang_profiles::validate::{Request, Values};
use samenhang_profiles::{FhirVersion, Limits};
use serde::Serialize;

use self::walk::Found;
use crate::cli::validate::ValidateArgs;
use crate::cli::{Failure, output};
use crate::validation::report::{Issue, Report, Telling};
use crate::validation::{Engine, Fault, Form, Sources, ValidationError, limits};

/// Files that are judged at once. More does not help much: reading is a part of the work.
const MOST_THREADS: usize = 2;

/// How often somebody who waits is told how far it is.
const PROGRESS: Duration = Duration::from_secs(5);

/// The line of one file.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    result: &'static str,
    errors: usize,
    unchecked: usize,
    issues: &'a [Issue],
}

/// What every file is judged by.
struct Judge<'a> {
    engine: Engine,
    version: Option<FhirVersion>,
    request: Request<'a>,
    telling: Telling,
    limits: Limits,
}

/// Judges what the arguments name. Exit status 1 when something is invalid.
pub(super) fn validate(args: &ValidateArgs) -> Result<u8, Failure> {
    let profiles: Vec<&str> = args.profiles.iter().map(String::as_str).collect();
    let judge = Judge {
        engine: engine(args)?,
        version: args.fhir.map(FhirVersion::from),
        request: Request {
            profiles: &profiles,
            now: Some(Timestamp::now()),
            ..Request::default()
        },
        telling: Telling {
            language: args.lang.into(),
            values: if args.show_values {
                Values::Shown
            } else {
                Values::Hidden
            },
        },
        limits: limits(),
    };
    judge.check_profiles()?;
    let found: Vec<Found> = args.files.iter().flat_map(|path| walk::files(path)).collect();
    let ends = judge
        .all(&found)
        .map_err(|error| Failure::finding(format!("failed to write the result: {error}")))?;
    Ok(u8::from(ends.invalid > 0 || (args.strict && ends.unchecked > 0)))
}

fn engine(args: &ValidateArgs) -> Result<Engine, Failure> {
    let mut sources = Sources::default();
    for path in &args.packages {
        sources.open_package(path).map_err(|error| misuse(&error))?;
    }
    let systems = args.releases.load().map_err(|error| {
        Failure::misuse(format!("{}: {error}", error.source.code()))
            .hint("`samenhang terminology check` says what is read of a release")
    })?;
    sources.add_systems(systems);
    let engine = Engine::new(&sources).map_err(|error| misuse(&error))?;
    for file in engine.unread() {
        output::notice(&format!(
            "samenhang: {file} of a package cannot be read; what it defines is not known"
        ));
    }
    Ok(engine)
}

fn misuse(error: &ValidationError) -> Failure {
    let failure = Failure::misuse(format!("{}: {error}", error.code()));
    match error {
        ValidationError::Open { .. } => failure.hint("name a file that is there and may be read"),
        ValidationError::Package { .. } => {
            failure.hint("give a FHIR package as its publisher made it: a .tgz with package/*.json")
        }
        ValidationError::Profile(_) => failure.hint("add the package that has it with --package"),
        _ => failure,
    }
}

/// How many files came to what.
#[derive(Default)]
struct Ends {
    invalid: usize,
    unchecked: usize,
}

impl Judge<'_> {
    /// A profile that is asked for by name and not known is a mistake in the command.
    fn check_profiles(&self) -> Result<(), Failure> {
        let versions = [FhirVersion::R4, FhirVersion::Stu3];
        for profile in self.request.profiles {
            let known = versions
                .iter()
                .filter(|version| self.version.is_none_or(|asked| asked == **version))
                .any(|version| self.engine.knows(*version, profile));
            if !known {
                return Err(misuse(&ValidationError::Profile((*profile).to_owned())));
            }
        }
        Ok(())
    }

    /// Judges all files and prints a line each, in their order.
    fn all(&self, found: &[Found]) -> io::Result<Ends> {
        let threads = thread::available_parallelism().map_or(1, |count| count.get().min(MOST_THREADS));
        let next = AtomicUsize::new(0);
        let (send, receive) = mpsc::sync_channel(64);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (send, next) = (send.clone(), &next);
                scope.spawn(move || {
                    while let Some((at, found)) = take(next, found) {
                        if send.send((at, self.one(found))).is_err() {
                            // Nobody prints any more.
                            break;
                        }
                    }
                });
            }
            drop(send);
            print(found, receive)
        })
    }

    /// Judges one file.
    fn one(&self, found: &Found) -> Report {
        let read = match &found.fault {
            Some(fault) => Err(fault.clone()),
            None => std::fs::read(&found.path).map_err(|error| Fault::Unopened(error.kind())),
        };
        let body = read.as_deref().unwrap_or_default();
        let form = read
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|body| Form::of(&found.name, body));
        match form {
            Err(fault) => Report::of(&Err(fault), body, self.telling),
            Ok(Form::Lines) => self.lines(body),
            Ok(form) => self.text(body, form),
        }
    }

    fn text(&self, body: &[u8], form: Form) -> Report {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let judged = self
            .engine
            .judge(body, form, self.version, &self.limits, &self.request);
        Report::of(&judged, body, self.telling)
    }

    fn lines(&self, body: &[u8]) -> Report {
        let mut report = Report::default();
        for (number, line) in (1..).zip(body.split(|byte| *byte == b'\n')) {
            if !line.trim_ascii().is_empty() {
                report.add_line(number, self.text(line, Form::Lines));
            }
        }
        report
    }
}

fn take<'f>(next: &AtomicUsize, found: &'f [Found]) -> Option<(usize, &'f Found)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    found.get(at).map(|found| (at, found))
}

/// Prints reports in the order of the files, whatever the order in which they come.
fn print(found: &[Found], reports: mpsc::Receiver<(usize, Report)>) -> io::Result<Ends> {
    let mut waiting = BTreeMap::new();
    let mut ends = Ends::default();
    let mut printed = 0;
    let mut told = Instant::now();
    for (at, report) in reports {
        waiting.insert(at, report);
        while let Some(report) = waiting.remove(&printed) {
            let result = report.result();
            ends.invalid += usize::from(result == "invalid");
            ends.unchecked += usize::from(result == "unchecked");
            output::write_line(&Line {
                file: found.get(printed).map_or("", |found| &found.name),
                result,
                errors: report.errors,
                unchecked: report.unchecked,
                issues: &report.issues,
            })?;
            printed += 1;
        }
        if told.elapsed() >= PROGRESS {
            told = Instant::now();
            output::notice(&format!("samenhang: {printed} of {} files", found.len()));
        }
    }
    Ok(ends)
}
