//! Logs, traces and metrics, none of which can carry patient data (P9).
//!
//! Every field of every span and event passes the allow-list of [`redact`] on its way to stderr and to OTLP; what is
//! not on it does not leave the process. Messages of other libraries are withheld, because nobody here decided what
//! they say. Metrics carry no label that is derived from a patient.

mod export;
mod lines;
pub mod metrics;
pub mod redact;

use std::io;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

pub use self::lines::Lines;
pub use self::metrics::Metrics;

/// Section `[telemetry]` of the configuration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// What is logged, as an `EnvFilter`: `info`, or `warn,samenhang_gather=debug`. Default `info`.
    pub filter: String,
    /// Form of a log line. Default `json`.
    pub format: Format,
    /// Base address of an OpenTelemetry collector that takes OTLP over HTTP (protobuf), for example
    /// `http://127.0.0.1:4318`. Default: none, nothing is exported.
    pub otlp_endpoint: Option<String>,
    /// Share of questions that are traced, 0 to 1. Default 1.
    pub trace_ratio: f64,
    /// Seconds between two exports of metrics. Default 30.
    pub metrics_interval_s: u64,
}

/// Form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For a person at a terminal.
    Text,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        TelemetryConfig {
            filter: "info".to_owned(),
            format: Format::Json,
            otlp_endpoint: None,
            trace_ratio: 1.0,
            metrics_interval_s: 30,
        }
    }
}

impl TelemetryConfig {
    /// Everything that is wrong with the section: key and reason.
    #[must_use]
    pub fn check(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if EnvFilter::try_new(&self.filter).is_err() {
            wrong.push((
                "telemetry.filter",
                "it is not a filter such as `info` or `warn,samenhang_gather=debug`".into(),
            ));
        }
        if !(0.0..=1.0).contains(&self.trace_ratio) {
            wrong.push(("telemetry.trace_ratio", "it is a share from 0 to 1".into()));
        }
        if self.metrics_interval_s == 0 {
            wrong.push(("telemetry.metrics_interval_s", "it is at least 1 second".into()));
        }
        if let Some(endpoint) = &self.otlp_endpoint
            && !url::Url::parse(endpoint).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        {
            wrong.push(("telemetry.otlp_endpoint", "it is an http or https address".into()));
        }
        wrong
    }

    fn metrics_interval(&self) -> Duration {
        Duration::from_secs(self.metrics_interval_s.max(1))
    }
}

/// Why telemetry could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("the log filter cannot be read")]
    Filter,
    /// The exporter cannot be built.
    #[error("the OTLP exporter cannot be built")]
    Exporter,
}

/// Keeps the exporters; [`Guard::stop`] sends what is left.
#[derive(Default)]
pub struct Guard {
    exporters: Option<export::Exporters>,
}

impl Guard {
    /// Sends what is left, and stops.
    pub async fn stop(self) {
        if let Some(exporters) = self.exporters {
            // Flushing blocks a thread until the collector has answered or a few seconds have passed.
            let _ = tokio::task::spawn_blocking(move || exporters.stop()).await;
        }
    }
}

/// Starts logging to stderr and, when configured, exporting. A second call in one process keeps the first.
///
/// Must be called within a tokio runtime, which the exporters use.
///
/// # Errors
/// [`TelemetryError`] when the section cannot be used.
pub fn start(config: &TelemetryConfig, metrics: &Metrics) -> Result<Guard, TelemetryError> {
    let filter = EnvFilter::try_new(&config.filter).map_err(|_| TelemetryError::Filter)?;
    let exporters = match &config.otlp_endpoint {
        Some(endpoint) => Some(
            export::Exporters::start(endpoint, config.trace_ratio, config.metrics_interval(), metrics)
                .map_err(|_| TelemetryError::Exporter)?,
        ),
        None => None,
    };
    let traces = exporters.as_ref().map(export::Exporters::layer);
    let lines = Lines::new(config.format, io::stderr).with_filter(filter);
    // An error only says that a subscriber is set already: tests start many servers in one process.
    let _ = tracing_subscriber::registry().with(lines).with(traces).try_init();
    Ok(Guard { exporters })
}
