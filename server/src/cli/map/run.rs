//! `samenhang map run`: resources on stdout, what became of the values on stderr.

use samenhang_conform::{Context, Lifted, Pack};
use samenhang_profiles::validate::{Language, Request, Severity, Values};

use super::RunArgs;
use crate::cli::{Failure, output};
use crate::mapping::telling::{Telling, lines};
use crate::mapping::{MappingError, Message};
use crate::validation::{Engine, Form, Sources, limits};

/// Runs the pack over the files. Exit status 1 when something is unmapped, refused or invalid.
pub(super) fn run(args: &RunArgs) -> Result<u8, Failure> {
    let loaded = super::load(&args.pack.choice())?;
    let files = super::found(loaded.pack.format(), &args.files)?;
    let engine = args
        .validate
        .then(|| Engine::new(&Sources::default()))
        .transpose();
    let runner = Runner {
        args,
        pack: &loaded.pack,
        engine: engine.map_err(|error| Failure::finding(format!("{}: {error}", error.code())))?,
    };
    let mut clean = true;
    for delivery in files {
        match delivery.read() {
            Ok(received) => {
                for message in received.messages(runner.pack) {
                    clean &= match message {
                        Ok(message) => runner.one(&message)?,
                        Err((name, error)) => told(&name, &error),
                    };
                }
            }
            Err(error) => clean &= told(&delivery.name, &error),
        }
    }
    Ok(u8::from(!clean))
}

fn told(name: &str, error: &MappingError) -> bool {
    output::notice(&super::refused(name, error));
    false
}

struct Runner<'r> {
    args: &'r RunArgs,
    pack: &'r Pack,
    engine: Option<Engine>,
}

impl Runner<'_> {
    /// Lifts one message. Whether nothing was lost.
    fn one(&self, message: &Message<'_>) -> Result<bool, Failure> {
        let document = match message.document() {
            Ok(document) => document,
            Err(error) => return Ok(told(&message.name, &error)),
        };
        let context = Context {
            source: &self.args.source,
            message: &message.id,
            trace: self.args.trace,
        };
        let lifted = self.pack.lift(&document, &context);
        let mut body = Vec::new();
        for resource in &lifted.resources {
            body.extend_from_slice(&resource.json);
            body.push(b'\n');
        }
        output::write(&body).map_err(|error| super::unwritten(&error))?;
        let telling = Telling {
            trace: self.args.trace,
            values: self.args.values,
        };
        for line in lines(message, &document, &lifted, telling) {
            output::notice(&line);
        }
        let valid = self
            .engine
            .as_ref()
            .is_none_or(|engine| self.valid(engine, message, &lifted));
        Ok(valid && lifted.ledger.unmapped() == 0)
    }

    /// Whether nothing that was made is invalid; what is, is told.
    fn valid(&self, engine: &Engine, message: &Message<'_>, lifted: &Lifted) -> bool {
        let values = if self.args.values {
            Values::Shown
        } else {
            Values::Hidden
        };
        let mut valid = true;
        for (number, resource) in (1..).zip(&lifted.resources) {
            let name = format!("{}: resource {number} {}", message.name, resource.resource_type);
            let judged = engine.judge(
                &resource.json,
                Form::Json,
                Some(self.pack.target()),
                &limits(),
                &Request::default(),
                None,
            );
            match judged {
                Ok(outcome) => {
                    output::notice(&format!("{name} is {}", outcome.verdict().code()));
                    valid &= outcome.errors() == 0;
                    for finding in outcome
                        .findings
                        .iter()
                        .filter(|one| one.severity == Severity::Error)
                    {
                        let text = finding.text(Language::English, values);
                        output::notice(&format!(
                            "  error {} {}: {text}",
                            finding.rule.code, finding.expression
                        ));
                    }
                }
                Err(fault) => {
                    output::notice(&format!(
                        "{name}: {} {}",
                        fault.code(),
                        fault.text(Language::English)
                    ));
                    valid = false;
                }
            }
        }
        valid
    }
}
