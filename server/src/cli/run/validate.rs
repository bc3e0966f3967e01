//! `samenhang validate`: judges files, a few at once, and prints a line each in the order of the arguments.

mod progress;
mod server;
mod walk;

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use jiff::Timestamp;
use samenhang_profiles::validate::{Request, Values};
use samenhang_profiles::{FhirVersion, Limits};
use serde::Serialize;

use self::progress::Progress;
use self::server::Server;
use self::walk::Found;
use crate::cli::validate::ValidateArgs;
use crate::cli::{Failure, output};
use crate::packages::Folder;
use crate::validation::report::{Issue, Report, Telling};
use crate::validation::{Asking, Engine, Fault, Form, Sources, ValidationError, limits};

/// Files that are judged at once. More does not help much: reading is a part of the work.
const MOST_THREADS: usize = 2;

/// Files that are judged before the terminology server is asked about the codes of all of them.
const FILES_A_CALL: usize = 32;

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
    server: Option<Server>,
    version: Option<FhirVersion>,
    request: Request<'a>,
    telling: Telling,
    limits: Limits,
}

/// Judges what the arguments name. Exit status 1 when something is invalid.
pub(super) fn validate(args: &ValidateArgs) -> Result<u8, Failure> {
    let profiles: Vec<&str> = args.profiles.iter().map(String::as_str).collect();
    let judge = Judge {
        server: Server::of(&args.server, super::runtime)?,
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
    let folder = match &args.packages_folder {
        Some(path) if !path.is_dir() => {
            return Err(Failure::misuse(format!("there is no folder {}", path.display()))
                .hint("name the folder that `samenhang packages add --folder` filled"));
        }
        Some(path) => Some(Folder::at(path.clone())),
        None => Folder::shared(),
    };
    let mut told = Vec::new();
    if let Some(folder) = folder {
        told = sources.add_folder(&folder, &[]).map_err(|error| misuse(&error))?;
    }
    for path in &args.packages {
        sources.open_package(path).map_err(|error| misuse(&error))?;
    }
    let systems = args.releases.load().map_err(|error| {
        Failure::misuse(format!("{}: {error}", error.source.code()))
            .hint("`samenhang terminology check` says what is read of a release")
    })?;
    sources.add_systems(systems);
    let engine = Engine::new(&sources).map_err(|error| misuse(&error))?;
    told.extend(engine.notices());
    for told in told {
        output::notice(&format!("samenhang: {told}"));
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
        ValidationError::Profile(_) => {
            failure.hint("add the package that has it, with --package or `samenhang packages add`")
        }
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
        let together = if self.server.is_some() { FILES_A_CALL } else { 1 };
        let next = AtomicUsize::new(0);
        let (send, receive) = mpsc::sync_channel(64);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (send, next) = (send.clone(), &next);
                scope.spawn(move || {
                    while let Some((at, found)) = take(next, found, together) {
                        let reports = (at..).zip(self.several(found));
                        for report in reports {
                            if send.send(report).is_err() {
                                // Nobody prints any more.
                                return;
                            }
                        }
                    }
                });
            }
            drop(send);
            print(found, receive)
        })
    }

    /// Judges some files; with a terminology server, again where it had to be asked.
    fn several(&self, found: &[Found]) -> Vec<Report> {
        let Some(server) = &self.server else {
            return found.iter().map(|found| self.one(found, None)).collect();
        };
        let asking = |_: &Found| self.engine.asking(server.consultant.answers());
        let mut askings: Vec<Asking> = found.iter().map(asking).collect();
        let pairs = found.iter().zip(&askings);
        let mut reports: Vec<Report> = pairs
            .map(|(found, asking)| self.one(found, Some(asking)))
            .collect();
        let again = server.consult(&mut askings);
        let all = reports.iter_mut().zip(found.iter().zip(&askings));
        for ((report, (found, asking)), again) in all.zip(again) {
            if again {
                *report = self.one(found, Some(asking));
            }
        }
        reports
    }

    /// Judges one file.
    fn one(&self, found: &Found, asking: Option<&Asking>) -> Report {
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
            Ok(Form::Lines) => self.lines(body, asking),
            Ok(form) => self.text(body, form, asking),
        }
    }

    fn text(&self, body: &[u8], form: Form, asking: Option<&Asking>) -> Report {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let judged = self
            .engine
            .judge(body, form, self.version, &self.limits, &self.request, asking);
        Report::of(&judged, body, self.telling)
    }

    fn lines(&self, body: &[u8], asking: Option<&Asking>) -> Report {
        let mut report = Report::default();
        for (number, line) in (1..).zip(body.split(|byte| *byte == b'\n')) {
            if !line.trim_ascii().is_empty() {
                report.add_line(number, self.text(line, Form::Lines, asking));
            }
        }
        report
    }
}

/// The next files, and the place of the first.
fn take<'f>(next: &AtomicUsize, found: &'f [Found], together: usize) -> Option<(usize, &'f [Found])> {
    let at = next.fetch_add(together, Ordering::Relaxed);
    let end = found.len().min(at.saturating_add(together));
    found
        .get(at..end)
        .filter(|found| !found.is_empty())
        .map(|found| (at, found))
}

/// Prints reports in the order of the files, whatever the order in which they come.
fn print(found: &[Found], reports: mpsc::Receiver<(usize, Report)>) -> io::Result<Ends> {
    let mut waiting = BTreeMap::new();
    let mut ends = Ends::default();
    let mut printed = 0;
    let mut progress = Progress::new(found.len(), Instant::now());
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
        if let Some(told) = progress.tell(printed, Instant::now()) {
            output::notice(&told);
        }
    }
    Ok(ends)
}
