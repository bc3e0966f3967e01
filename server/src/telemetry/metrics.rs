//! Counters and gauges of the server; Prometheus text for `/metrics`, and the same numbers for OTLP.
//!
//! No label is derived from a patient, and every label has a fixed set of values, so the number of series is fixed.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use samenhang_terminology::Status;
use tokio::time::Instant;

/// Upper bounds of the buckets of the duration of a question, in milliseconds.
const BOUNDS_MS: [u64; 9] = [100, 250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 30_000];

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Answered, nothing missing.
    Complete,
    /// Answered, something missing.
    Partial,
    /// Refused: malformed, not logged in, not allowed.
    Refused,
    /// Not answered through no fault of the asker.
    Failed,
    /// The asker went away.
    Abandoned,
}

impl Ending {
    const ALL: [Ending; 5] = [
        Ending::Complete,
        Ending::Partial,
        Ending::Refused,
        Ending::Failed,
        Ending::Abandoned,
    ];

    fn label(self) -> &'static str {
        match self {
            Ending::Complete => "complete",
            Ending::Partial => "partial",
            Ending::Refused => "refused",
            Ending::Failed => "failed",
            Ending::Abandoned => "abandoned",
        }
    }
}

/// States of a circuit breaker, as the fan-out names them.
const BREAKER_STATES: [&str; 4] = ["closed", "half-open", "open", "held"];

/// Gives the state of every circuit breaker.
type Breakers = Box<dyn Fn() -> Vec<&'static str> + Send + Sync>;

/// Gives how often each quirk of the catalogue was met, by its id.
type Quirks = Box<dyn Fn() -> Vec<(&'static str, u64)> + Send + Sync>;
/// Tells what the sessions keep.
type Memory = Box<dyn Fn() -> KeptAnswers + Send + Sync>;

/// What all sessions keep of answers that they showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeptAnswers {
    /// How many answers.
    pub answers: usize,
    /// How many bytes, as `[session] total_bytes` counts them.
    pub bytes: usize,
}

#[derive(Default)]
struct Numbers {
    questions: [AtomicU64; 5],
    outcomes: [AtomicU64; 9],
    in_flight: AtomicI64,
    turned_away: AtomicU64,
    shown_again: AtomicU64,
    resources: AtomicU64,
    requests: [AtomicU64; 5],
    duration_buckets: [AtomicU64; BOUNDS_MS.len() + 1],
    duration_sum_ms: AtomicU64,
    breakers: OnceLock<Breakers>,
    memory: OnceLock<Memory>,
    quirks: OnceLock<Quirks>,
}

/// The numbers of one server; cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Numbers>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// One series, for an exporter: name, label and value.
pub type Sample = (&'static str, Option<(&'static str, &'static str)>, f64);

impl Metrics {
    /// A question begins; the returned value ends it when dropped.
    #[must_use]
    pub fn question_begins(&self) -> InFlight {
        self.0.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self.clone())
    }

    /// A question ended.
    pub fn question_ended(&self, ending: Ending, duration_ms: u64) {
        self.0.questions[ending as usize].fetch_add(1, Ordering::Relaxed);
        let bucket = BOUNDS_MS
            .iter()
            .position(|bound| duration_ms <= *bound)
            .unwrap_or(BOUNDS_MS.len());
        self.0.duration_buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.0.duration_sum_ms.fetch_add(duration_ms, Ordering::Relaxed);
    }

    /// One holder x category has its status.
    pub fn outcome(&self, status: Status) {
        if let Some(index) = Status::ALL.iter().position(|other| *other == status) {
            self.0.outcomes[index].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Resources left for an asker.
    pub fn released(&self, count: usize) {
        self.0.resources.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// A question was turned away because there were too many.
    pub fn turned_away(&self) {
        self.0.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// A question was answered from the memory of its session.
    pub fn shown_again(&self) {
        self.0.shown_again.fetch_add(1, Ordering::Relaxed);
    }

    /// Where the states of the circuit breakers are read. The first one counts.
    pub fn watch_breakers(&self, states: impl Fn() -> Vec<&'static str> + Send + Sync + 'static) {
        drop(self.0.breakers.set(Box::new(states)));
    }

    /// Where it is read what the sessions keep. The first one counts.
    pub fn watch_memory(&self, kept: impl Fn() -> KeptAnswers + Send + Sync + 'static) {
        drop(self.0.memory.set(Box::new(kept)));
    }

    /// Where is read how often each quirk of the catalogue was met. The first one counts.
    pub fn watch_quirks(&self, counts: impl Fn() -> Vec<(&'static str, u64)> + Send + Sync + 'static) {
        drop(self.0.quirks.set(Box::new(counts)));
    }

    /// A request was answered with a status.
    pub fn request(&self, status: http::StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.0.requests[class].fetch_add(1, Ordering::Relaxed);
    }

    /// Every counter and gauge.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        let load = |number: &AtomicU64| number.load(Ordering::Relaxed) as f64;
        let numbers = &*self.0;
        let mut samples = Vec::new();
        for ending in Ending::ALL {
            let value = load(&numbers.questions[ending as usize]);
            samples.push((
                "samenhang_questions_total",
                Some(("ending", ending.label())),
                value,
            ));
        }
        for (status, number) in Status::ALL.iter().zip(&numbers.outcomes) {
            samples.push((
                "samenhang_outcomes_total",
                Some(("status", status.code())),
                load(number),
            ));
        }
        for (class, number) in ["1xx", "2xx", "3xx", "4xx", "5xx"]
            .into_iter()
            .zip(&numbers.requests)
        {
            samples.push((
                "samenhang_http_responses_total",
                Some(("class", class)),
                load(number),
            ));
        }
        samples.push((
            "samenhang_questions_turned_away_total",
            None,
            load(&numbers.turned_away),
        ));
        samples.push((
            "samenhang_answers_shown_again_total",
            None,
            load(&numbers.shown_again),
        ));
        samples.push((
            "samenhang_resources_released_total",
            None,
            load(&numbers.resources),
        ));
        samples.push((
            "samenhang_questions_in_flight",
            None,
            numbers.in_flight.load(Ordering::Relaxed) as f64,
        ));
        let breakers = numbers.breakers.get().map(|states| states()).unwrap_or_default();
        for state in BREAKER_STATES {
            let count = breakers.iter().filter(|other| **other == state).count();
            samples.push(("samenhang_circuit_breakers", Some(("state", state)), count as f64));
        }
        let kept = numbers.memory.get().map(|kept| kept()).unwrap_or_default();
        samples.push(("samenhang_session_answers", None, kept.answers as f64));
        samples.push(("samenhang_session_bytes", None, kept.bytes as f64));
        // One series for each quirk that was met, of the fixed list of the catalogue.
        let quirks = numbers.quirks.get().map(|counts| counts()).unwrap_or_default();
        for (id, count) in quirks {
            samples.push(("samenhang_source_quirks_total", Some(("quirk", id)), count as f64));
        }
        samples
    }

    /// Everything as Prometheus text, version 0.0.4.
    #[must_use]
    pub fn prometheus(&self) -> String {
        let mut text = String::new();
        let mut last = "";
        // Writing to a string cannot fail.
        for (name, label, value) in self.samples() {
            if name != last {
                let kind = if name.ends_with("_total") {
                    "counter"
                } else {
                    "gauge"
                };
                let _ = writeln!(text, "# HELP {name} {}\n# TYPE {name} {kind}", help(name));
                last = name;
            }
            let _ = match label {
                Some((key, of)) => writeln!(text, "{name}{{{key}=\"{of}\"}} {value}"),
                None => writeln!(text, "{name} {value}"),
            };
        }
        self.duration(&mut text);
        text
    }

    fn duration(&self, text: &mut String) {
        let name = "samenhang_question_duration_seconds";
        let _ = writeln!(text, "# HELP {name} {}\n# TYPE {name} histogram", help(name));
        let mut count = 0;
        for (index, bucket) in self.0.duration_buckets.iter().enumerate() {
            count += bucket.load(Ordering::Relaxed);
            let bound = BOUNDS_MS
                .get(index)
                .map_or("+Inf".to_owned(), |ms| (*ms as f64 / 1000.0).to_string());
            let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {count}");
        }
        let sum = self.0.duration_sum_ms.load(Ordering::Relaxed) as f64 / 1000.0;
        let _ = writeln!(text, "{name}_sum {sum}\n{name}_count {count}");
    }
}

fn help(name: &str) -> &'static str {
    match name {
        "samenhang_questions_total" => "Questions by how they ended.",
        "samenhang_outcomes_total" => "Holder x category by completeness status.",
        "samenhang_http_responses_total" => "HTTP responses by class of status.",
        "samenhang_questions_turned_away_total" => {
            "Questions turned away because there were too many at once."
        }
        "samenhang_answers_shown_again_total" => "Questions answered from the memory of their session.",
        "samenhang_resources_released_total" => "Resources that left for an asker.",
        "samenhang_questions_in_flight" => "Questions being answered now.",
        "samenhang_circuit_breakers" => "Holders that were asked, by the state of their circuit breaker.",
        "samenhang_session_answers" => "Answers that sessions keep in memory.",
        "samenhang_session_bytes" => "Bytes of the answers that sessions keep in memory.",
        "samenhang_source_quirks_total" => {
            "Ways in which holders that were asked differ from the specification, by the quirk catalogue."
        }
        _ => "Duration of a question, from request to the end of the answer.",
    }
}

/// A question that is being answered.
#[derive(Debug)]
pub struct InFlight(Metrics);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A question that has arrived. Counts how it ended, unless it got so far that its course does.
pub struct Arrival {
    metrics: Metrics,
    followed: Arc<AtomicBool>,
    began: Instant,
    ending: Ending,
}

impl Arrival {
    /// A question arrives. Who follows it to its end sets `followed`.
    #[must_use]
    pub fn new(metrics: Metrics, followed: Arc<AtomicBool>, began: Instant) -> Self {
        Arrival {
            metrics,
            followed,
            began,
            // Dropped without an answer: the asker went away.
            ending: Ending::Abandoned,
        }
    }

    /// It was answered with a status.
    pub fn answered(&mut self, status: http::StatusCode) {
        self.ending = if status.is_server_error() {
            Ending::Failed
        } else {
            Ending::Refused
        };
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        if !self.followed.load(Ordering::Acquire) {
            let duration_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.metrics.question_ended(self.ending, duration_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use samenhang_terminology::Status;

    use super::{Ending, KeptAnswers, Metrics};

    #[test]
    fn writes_prometheus_text() {
        let metrics = Metrics::default();
        let in_flight = metrics.question_begins();
        metrics.question_ended(Ending::Partial, 700);
        metrics.outcome(Status::TimedOut);
        metrics.request(http::StatusCode::OK);
        metrics.released(12);
        insta::assert_snapshot!("prometheus", metrics.prometheus());
        drop(in_flight);
        metrics.watch_breakers(|| vec!["open", "closed", "open"]);
        assert!(
            metrics
                .prometheus()
                .contains("samenhang_circuit_breakers{state=\"open\"} 2")
        );
        assert!(metrics.prometheus().contains("samenhang_questions_in_flight 0"));
        metrics.watch_memory(|| KeptAnswers {
            answers: 2,
            bytes: 4_096,
        });
        assert!(metrics.prometheus().contains("samenhang_session_answers 2\n"));
        assert!(metrics.prometheus().contains("samenhang_session_bytes 4096\n"));
        metrics.watch_quirks(|| vec![("SAM-QRK-103", 3)]);
        assert!(
            metrics
                .prometheus()
                .contains("samenhang_source_quirks_total{quirk=\"SAM-QRK-103\"} 3")
        );
    }
}
