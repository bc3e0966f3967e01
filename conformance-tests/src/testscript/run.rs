//! Executes a script: requests over HTTP, variables, and its assertions in order.

mod request;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use samenhang_profiles::FhirVersion;

use super::check::Scene;
use super::check::judge::Judge;
use super::error::TestScriptError;
use super::exchange::{Exchange, Form, Payload};
use super::expression::items;
use super::placeholder::{Filled, fill};
use super::report::{Outcome, Report, Verdict};
use super::script::{Action, Assertion, Check, Script, Variable};

/// How a search is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SearchBy {
    /// As the script says: `GET`, with the parameters in the address.
    #[default]
    Get,
    /// `POST _search`, with the parameters in a form: for servers that take no BSN in an address.
    Post,
}

/// Against what, and how, scripts are run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The FHIR base of the server, without a trailing slash.
    pub base: String,
    /// The version of FHIR that it speaks.
    pub version: FhirVersion,
    /// How a search is sent.
    pub search: SearchBy,
    /// Values of variables in place of the script's own, by name: tokens above all.
    pub variables: BTreeMap<String, String>,
}

/// Runs scripts against one server.
pub struct Runner {
    settings: Settings,
    judge: Judge,
    client: reqwest::Client,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("base", &self.settings.base)
            .finish_non_exhaustive()
    }
}

/// What a script has gathered so far.
#[derive(Default)]
struct State {
    /// Fixtures, and what was sent and received, by id.
    payloads: BTreeMap<String, Payload>,
    /// Requests by the id of their answer.
    exchanges: BTreeMap<String, Exchange>,
    /// The last request that was answered.
    last: Option<Exchange>,
    /// Values of variables that nothing changes: a default, evaluated once.
    defaults: BTreeMap<String, String>,
}

impl Runner {
    /// A runner that asks with a client. The client must not follow redirects on its own.
    #[must_use]
    pub fn new(settings: Settings, judge: Judge, client: reqwest::Client) -> Runner {
        Runner {
            settings,
            judge,
            client,
        }
    }

    /// Reads and executes a script file. Its fixtures are looked for beside it.
    ///
    /// # Errors
    /// [`TestScriptError`] when it is no script.
    pub async fn run_file(&self, file: &Path) -> Result<Report, TestScriptError> {
        let body = std::fs::read(file).map_err(|_| TestScriptError::OtherResource)?;
        let form = Form::named(&file.extension().unwrap_or_default().to_string_lossy());
        let payload = Payload {
            body: body.into(),
            form,
        };
        let script = Script::read(&payload.document(self.settings.version)?)?;
        let folder = file.parent().unwrap_or(Path::new("."));
        Ok(self.run(&script, folder).await)
    }

    /// Executes a script. Its fixtures are looked for in `folder`.
    pub async fn run(&self, script: &Script, folder: &Path) -> Report {
        let mut state = self.prepared(script, folder);
        let mut outcomes = Vec::new();
        let tests = script
            .tests
            .iter()
            .map(|test| (test.name.as_str(), &test.actions));
        let parts = std::iter::once(("setup", &script.setup))
            .chain(tests)
            .chain(std::iter::once(("teardown", &script.teardown)));
        for (name, actions) in parts {
            self.part(script, name, actions, &mut state, &mut outcomes).await;
        }
        Report {
            script: script.id.clone(),
            outcomes,
        }
    }

    /// Fixtures from their files, and the defaults of variables.
    fn prepared(&self, script: &Script, folder: &Path) -> State {
        let mut state = State::default();
        for (id, place) in &script.fixtures {
            if let Ok(body) = std::fs::read(folder.join(place)) {
                let form = Form::named(place);
                state.payloads.insert(
                    id.clone(),
                    Payload {
                        body: body.into(),
                        form,
                    },
                );
            }
        }
        let now = Timestamp::now();
        for variable in &script.variables {
            let own = self.settings.variables.get(&variable.name);
            if let Some(default) = own.or(variable.default.as_ref()) {
                let Filled { text, .. } = fill(default, now, &|name| state.defaults.get(name).cloned());
                state.defaults.insert(variable.name.clone(), text);
            }
        }
        state
    }

    async fn part(
        &self,
        script: &Script,
        name: &str,
        actions: &[Action],
        state: &mut State,
        outcomes: &mut Vec<Outcome>,
    ) {
        for action in actions {
            let outcome = match action {
                Action::Operation(operation) => {
                    let text = |text: &str| self.fill(text, script, state);
                    let outcome = match request::prepare(operation, &self.settings, &state.payloads, &text) {
                        Ok(request) => request::send(&self.client, request, operation, state).await,
                        Err(reason) => Err(reason),
                    };
                    if outcome.is_err() {
                        state.last = None;
                    }
                    outcome.err().map(|found| Outcome {
                        test: name.to_owned(),
                        label: None,
                        description: operation.description.clone(),
                        claim: format!(
                            "{} {}",
                            operation.kind,
                            operation.resource.clone().unwrap_or_default()
                        ),
                        verdict: Verdict::Fail(found),
                    })
                }
                Action::Assert(assertion) => Some(self.assertion(script, name, assertion, state)),
                Action::Unknown => Some(Outcome {
                    test: name.to_owned(),
                    label: None,
                    description: "a step of an unknown kind".to_owned(),
                    claim: String::new(),
                    verdict: Verdict::Skipped("neither an operation nor an assertion".to_owned()),
                }),
            };
            let is_fail = outcome
                .as_ref()
                .is_some_and(|outcome| matches!(outcome.verdict, Verdict::Fail(_)));
            outcomes.extend(outcome);
            let stops = matches!(action, Action::Assert(assertion) if assertion.stop_on_fail);
            if is_fail && stops {
                return;
            }
        }
    }

    fn assertion(&self, script: &Script, test: &str, assertion: &Assertion, state: &State) -> Outcome {
        let mut unknown = Vec::new();
        let mut text = |text: &str| {
            let filled = self.fill(text, script, state);
            unknown.extend(filled.unknown);
            filled.text
        };
        let mut filled = assertion.clone();
        filled.value = assertion.value.as_deref().map(&mut text);
        filled.check = with_texts(&assertion.check, &mut text);
        let exchange = match &assertion.source {
            Some(source) => state.exchanges.get(source).or(state.last.as_ref()),
            None => state.last.as_ref(),
        };
        let payload = match &assertion.source {
            Some(source) => state.payloads.get(source),
            None if assertion.of_request => exchange.and_then(|exchange| exchange.sent.as_ref()),
            None => exchange.map(|exchange| &exchange.received),
        };
        let scene = Scene {
            exchange,
            payload,
            payloads: &state.payloads,
            profiles: &script.profiles,
            judge: &self.judge,
            version: self.settings.version,
            now: Timestamp::now(),
        };
        let verdict = if unknown.is_empty() {
            scene.verdict(&filled)
        } else {
            let found = format!("no value for {}", unknown.join(", "));
            if assertion.warning_only {
                Verdict::Warning(found)
            } else {
                Verdict::Fail(found)
            }
        };
        Outcome {
            test: test.to_owned(),
            label: assertion.label.clone(),
            description: assertion.description.clone(),
            claim: claim(&filled),
            verdict,
        }
    }

    /// Fills in the placeholders of a text, as things stand.
    fn fill(&self, text: &str, script: &Script, state: &State) -> Filled {
        fill(text, Timestamp::now(), &|name| {
            if self.settings.variables.contains_key(name) {
                return state.defaults.get(name).cloned();
            }
            let variable = script.variables.iter().find(|variable| variable.name == name)?;
            self.value(variable, state)
                .or_else(|| state.defaults.get(name).cloned())
        })
    }

    /// The value of a variable from what was received.
    fn value(&self, variable: &Variable, state: &State) -> Option<String> {
        if let Some(header) = &variable.header {
            let exchange = match &variable.source {
                Some(source) => state.exchanges.get(source),
                None => state.last.as_ref(),
            };
            return exchange?.header(header, false).map(str::to_owned);
        }
        // A path that is FHIRPath as well is taken as that: a plain path of elements is both.
        let expression = variable.expression.as_ref().or(variable.path.as_ref())?;
        let payload = match &variable.source {
            Some(source) => state.payloads.get(source)?,
            None => &state.last.as_ref()?.received,
        };
        let found = items(payload, self.settings.version, expression, Timestamp::now()).ok()?;
        found.into_iter().next()?.text
    }
}

/// The texts of a check, with their placeholders filled in.
fn with_texts(check: &Check, text: &mut dyn FnMut(&str) -> String) -> Check {
    match check {
        Check::Expression(own) => Check::Expression(text(own)),
        Check::Path(own) => Check::Path(text(own)),
        Check::CompareTo { own, source, other } => Check::CompareTo {
            own: text(own),
            source: source.clone(),
            other: text(other),
        },
        Check::ResponseCode(own) => Check::ResponseCode(text(own)),
        Check::ContentType(own) => Check::ContentType(text(own)),
        Check::RequestUrl(own) => Check::RequestUrl(text(own)),
        other => other.clone(),
    }
}

/// What an assertion looks at, in one line.
fn claim(assertion: &Assertion) -> String {
    let (name, own) = match &assertion.check {
        Check::Expression(own) => ("", own.as_str()),
        Check::Path(own) => ("path ", own.as_str()),
        Check::CompareTo { own, .. } => ("compare ", own.as_str()),
        Check::ResponseCode(own) | Check::Response(own) => ("response ", own.as_str()),
        Check::Resource(own) => ("resource ", own.as_str()),
        Check::ContentType(own) => ("content type ", own.as_str()),
        Check::Header(own) => ("header ", own.as_str()),
        Check::RequestUrl(own) => ("request address ", own.as_str()),
        Check::RequestMethod(own) => ("request method ", own.as_str()),
        Check::ValidateProfile(own) => ("valid against ", own.as_str()),
        Check::NavigationLinks => ("navigation links", ""),
        Check::Rule(own) => ("rule ", own.as_str()),
        Check::Other(own) => ("", *own),
    };
    match &assertion.value {
        Some(value) => format!(
            "{name}{own} {} {value}",
            assertion.operator.as_deref().unwrap_or("equals")
        ),
        None => format!("{name}{own}"),
    }
}
