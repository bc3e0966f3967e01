//! The command line.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::evaluate::{Plan, Set, evaluate};

/// Measures reconciliation on labelled synthetic patients.
///
/// Makes patients whose truth is known (which records are copies, versions or other registrations of one fact, and which
/// contradict each other), changes the copies on their way as sources do, hides all of that from the engine and compares
/// what the engine found. Then pairs that must never be joined, for every rule. The report leads with what could harm:
/// unsafe merges and losses.
///
/// The same options give the same report. Progress goes to standard error, the report to standard output or to a file.
#[derive(Parser, Debug)]
#[command(name = "samenhang-gold", version, after_long_help = AFTER)]
struct Arguments {
    /// Which seeds the patients are made from. `sealed` has other diseases, tests, products and shapes than `dev`: open it
    /// to measure, never to tune.
    #[arg(long, value_enum, default_value = "dev")]
    set: Set,
    /// How many patients, of about 300 resources at 2 to 8 sources each. By default 500 of `dev` and 2000 of `sealed`.
    #[arg(long)]
    patients: Option<usize>,
    /// The number that all chance comes from.
    #[arg(long, default_value_t = 20_261_101)]
    seed: u64,
    /// How many hard negatives at least.
    #[arg(long, default_value_t = 30_000)]
    negatives: usize,
    /// Where the report goes: FILE in Markdown, and beside it the same with `.json`.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Where examples of what went wrong go, with the synthetic resources.
    #[arg(long, value_name = "FILE")]
    examples: Option<PathBuf>,
}

const AFTER: &str = "Exit status: 0 when every bound is kept, 1 when one is missed, 2 on misuse.

Examples:
  samenhang-gold                                  the development set, as the bounds are measured
  samenhang-gold --patients 20 --negatives 2000   a quick look
  samenhang-gold --set sealed --report sealed.md  the sealed set, with a report in sealed.md and sealed.json
  samenhang-gold --examples wrong.txt             what went wrong, for who improves the engine";

/// Runs the command line.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let plan = Plan {
        set: arguments.set,
        seed: arguments.seed,
        patients: arguments.patients.unwrap_or(arguments.set.patients()),
        negatives: arguments.negatives,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let evaluation = evaluate(&plan, &progress(&plan));
    let written = match &arguments.report {
        Some(path) => write(path, &evaluation.markdown())
            .and_then(|()| write(&path.with_extension("json"), &evaluation.json())),
        None => std::io::stdout()
            .lock()
            .write_all(evaluation.markdown().as_bytes()),
    };
    let written = written.and_then(|()| match &arguments.examples {
        Some(path) => write(path, &evaluation.examples()),
        None => Ok(()),
    });
    if let Err(error) = written {
        let _ = writeln!(
            std::io::stderr().lock(),
            "samenhang-gold: the report could not be written: {error}"
        );
        return ExitCode::from(2);
    }
    for missed in evaluation.verdicts().iter().filter(|verdict| !verdict.is_met) {
        let _ = writeln!(
            std::io::stderr().lock(),
            "missed: {}: {}",
            missed.name,
            missed.measured
        );
    }
    ExitCode::from(u8::from(!evaluation.is_met()))
}

/// Says on standard error how far it is, at every twentieth part.
fn progress(plan: &Plan) -> impl Fn(usize, usize) + Sync + use<> {
    let (patients, negatives) = (plan.patients, plan.negatives);
    move |done, judged| {
        let step = (patients / 20).max(1);
        if judged == 0 && (done % step == 0 || done == patients) {
            let _ = writeln!(std::io::stderr().lock(), "patients: {done} of {patients}");
        } else if judged > 0 && (judged % 5000 < 800 || judged >= negatives) {
            let _ = writeln!(
                std::io::stderr().lock(),
                "hard negatives: {judged} of {negatives}"
            );
        }
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)
}
