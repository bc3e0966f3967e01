//! OTLP over HTTP: spans and numbers to a collector, after the allow-list.

use std::fmt;
use std::future::{Future, poll_fn};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::{Status, TracerProvider as _};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, SpanData};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::metrics::Metrics;
use super::redact;

/// The running exporters.
pub(super) struct Exporters {
    tracers: SdkTracerProvider,
    meters: SdkMeterProvider,
}

impl Exporters {
    pub(super) fn start(
        endpoint: &str,
        trace_ratio: f64,
        interval: Duration,
        metrics: &Metrics,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let base = endpoint.trim_end_matches('/');
        let handle = Handle::try_current()?;
        let spans = SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{base}/v1/traces"))
            .build()?;
        let numbers = MetricExporter::builder()
            .with_http()
            .with_endpoint(format!("{base}/v1/metrics"))
            .build()?;
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", "samenhang"),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            ])
            .build();
        let tracers = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
                trace_ratio,
            ))))
            .with_resource(resource.clone())
            .with_batch_exporter(Redacting {
                inner: spans,
                handle: handle.clone(),
            })
            .build();
        let reader = PeriodicReader::builder(OnRuntime {
            inner: numbers,
            handle,
        })
        .with_interval(interval)
        .build();
        let meters = SdkMeterProvider::builder()
            .with_resource(resource)
            .with_reader(reader)
            .build();
        observe(&meters, metrics);
        Ok(Exporters { tracers, meters })
    }

    /// The layer that makes spans of ours into spans for the collector.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let tracer: SdkTracer = self.tracers.tracer("samenhang");
        OpenTelemetryLayer::new(tracer)
            .with_location(false)
            .with_threads(false)
            .with_filter(tracing_subscriber::filter::filter_fn(|metadata| {
                redact::is_ours(metadata.target())
            }))
    }

    /// Sends what is left. Blocks.
    pub(super) fn stop(self) {
        // A collector that does not answer must not keep the server from stopping.
        let _ = self.tracers.shutdown_with_timeout(Duration::from_secs(3));
        let _ = self.meters.shutdown_with_timeout(Duration::from_secs(3));
    }
}

/// Reads the same numbers as `/metrics` whenever the collector is due.
fn observe(meters: &SdkMeterProvider, metrics: &Metrics) {
    let meter = meters.meter("samenhang");
    let mut names: Vec<&'static str> = metrics.samples().into_iter().map(|(name, _, _)| name).collect();
    names.dedup();
    for name in names {
        let metrics = metrics.clone();
        let values = move || {
            let samples = metrics
                .samples()
                .into_iter()
                .filter(move |(other, _, _)| *other == name);
            samples.map(|(_, label, value)| (label.map(|(key, of)| KeyValue::new(key, of)), value))
        };
        if name.ends_with("_total") {
            let _ = meter
                .f64_observable_counter(name)
                .with_callback(move |observer| {
                    values().for_each(|(label, value)| observer.observe(value, label.as_slice()));
                })
                .build();
        } else {
            let _ = meter
                .f64_observable_gauge(name)
                .with_callback(move |observer| {
                    values().for_each(|(label, value)| observer.observe(value, label.as_slice()));
                })
                .build();
        }
    }
}

/// Runs a future, made for tokio, on the SDK's own thread: each poll happens within the runtime's context.
async fn within<F: Future>(handle: &Handle, future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    poll_fn(|context| {
        let _entered = handle.enter();
        future.as_mut().poll(context)
    })
    .await
}

/// Takes everything that is not on the allow-list off a span before it is exported.
struct Redacting<E> {
    inner: E,
    handle: Handle,
}

impl<E> fmt::Debug for Redacting<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redacting")
    }
}

impl<E: opentelemetry_sdk::trace::SpanExporter> opentelemetry_sdk::trace::SpanExporter for Redacting<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(redact_span);
        within(&self.handle, self.inner.export(batch)).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

fn redact_span(span: &mut SpanData) {
    span.attributes
        .retain(|attribute| redact::is_allowed(attribute.key.as_str()));
    for attribute in &mut span.attributes {
        let text = attribute.value.to_string();
        let clean = redact::scrub(&text);
        if clean != text {
            attribute.value = clean.into();
        }
    }
    // Events are log lines; they stay on stderr, where each field is looked at.
    span.events = opentelemetry_sdk::trace::SpanEvents::default();
    if let Status::Error { description } = &mut span.status {
        *description = "".into();
    }
}

/// A metrics exporter whose futures need tokio.
struct OnRuntime {
    inner: MetricExporter,
    handle: Handle,
}

impl PushMetricExporter for OnRuntime {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        within(&self.handle, self.inner.export(metrics)).await
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.inner.temporality()
    }
}

#[cfg(test)]
mod tests;
