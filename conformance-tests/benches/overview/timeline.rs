//! When each stage of a question begins and ends, from the spans that the server makes of itself.
//!
//! A layer stamps every span of ours as it is made and let go, and the two events of a commit to the audit log. Nothing
//! of it is in the server: without a subscriber that wants them its spans are not made at all.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::median;

/// A group of the audit log goes to disk.
const COMMIT: &str = "commit";

/// Something that was done once, and how long it took.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// What was done.
    pub(crate) name: String,
    /// When it began.
    pub(crate) began: Instant,
    /// When it was done.
    pub(crate) ended: Instant,
}

impl Stage {
    /// A stage that ends now.
    pub(crate) fn new(name: impl Into<String>, began: Instant) -> Self {
        Stage {
            name: name.into(),
            began,
            ended: Instant::now(),
        }
    }
}

/// The stages that were seen; clones share them.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    stages: Vec<Stage>,
    /// When the commit began that is under way.
    commit: Option<Instant>,
}

/// A span that has not ended.
struct Open(String, Instant);

impl Recorder {
    /// Listens to the spans of the server from now on. Only the first listener of a process hears them.
    pub(crate) fn listen() -> Self {
        let recorder = Recorder::default();
        let ours = Targets::new()
            .with_target("samenhang_server", LevelFilter::TRACE)
            .with_target("samenhang_gather", LevelFilter::TRACE);
        Registry::default()
            .with(recorder.clone().with_filter(ours))
            .try_init()
            .expect("the first listener");
        recorder
    }

    /// What was seen since this was called before.
    pub(crate) fn take(&self) -> Vec<Stage> {
        std::mem::take(&mut self.seen().stages)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Layer<S> for Recorder
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        // A call is known by its step, everything else by the name of its span.
        let mut step = Step(None);
        attributes.record(&mut step);
        let name = step.0.unwrap_or_else(|| attributes.metadata().name().to_owned());
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Open(name, Instant::now()));
        }
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let now = Instant::now();
        match event.metadata().name() {
            COMMIT => self.seen().commit = Some(now),
            "committed" => {
                let mut seen = self.seen();
                if let Some(began) = seen.commit.take() {
                    seen.stages.push(Stage::new(COMMIT, began));
                }
            }
            _ => {}
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some(Open(name, began)) = span.extensions_mut().remove() {
            self.seen().stages.push(Stage::new(name, began));
        }
    }
}

/// The field `step` of a span.
struct Step(Option<String>);

impl Visit for Step {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "step" {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
}

/// The stages of many rounds, by name.
#[derive(Default)]
pub(crate) struct Timeline {
    rows: BTreeMap<String, Row>,
}

/// One kind of stage: a value a round in each column.
#[derive(Default)]
struct Row {
    times: Vec<usize>,
    first: Vec<Duration>,
    last: Vec<Duration>,
    one: Vec<Duration>,
    longest: Vec<Duration>,
}

impl Timeline {
    /// Adds a round that began and ended at these times; what began after its end is not of it.
    pub(crate) fn add(&mut self, began: Instant, ended: Instant, stages: &[Stage]) {
        let mut of: BTreeMap<&str, Vec<&Stage>> = BTreeMap::new();
        let within = |stage: &&Stage| stage.began >= began && stage.began < ended;
        for stage in stages.iter().filter(within) {
            of.entry(&stage.name).or_default().push(stage);
        }
        // Commits do different things, so each is a stage of its own.
        let commits = of.remove(COMMIT).unwrap_or_default();
        let numbered: Vec<String> = (1..=commits.len())
            .map(|number| format!("{COMMIT} {number}"))
            .collect();
        of.extend(
            numbered
                .iter()
                .map(String::as_str)
                .zip(commits.into_iter().map(|commit| vec![commit])),
        );
        for (name, stages) in of {
            let lengths = || stages.iter().map(|stage| stage.ended - stage.began);
            let row = self.rows.entry(name.to_owned()).or_default();
            row.times.push(stages.len());
            row.first
                .extend(stages.iter().map(|stage| stage.began - began).min());
            row.last
                .extend(stages.iter().map(|stage| stage.ended - began).max());
            row.one.push(median(&mut lengths().collect::<Vec<_>>()));
            row.longest.extend(lengths().max());
        }
    }

    /// Prints a row a stage, in the order in which they begin: medians over the rounds, in milliseconds since the
    /// question was asked.
    pub(crate) fn print(mut self, title: &str) {
        println!("\n{title}: medians in ms");
        println!("| Stage | Times | First begins | Last ends | One takes | Longest takes |");
        println!("|---|---|---|---|---|---|");
        let mut lines: Vec<(Duration, Duration, String)> = Vec::new();
        for (name, row) in &mut self.rows {
            let first = median(&mut row.first);
            let last = median(&mut row.last);
            let line = format!(
                "| {name} | {} | {} | {} | {} | {} |",
                median(&mut row.times),
                millis(first),
                millis(last),
                millis(median(&mut row.one)),
                millis(median(&mut row.longest)),
            );
            lines.push((first, last, line));
        }
        lines.sort();
        for (_, _, line) in lines {
            println!("{line}");
        }
    }
}

fn millis(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1_000.0)
}
