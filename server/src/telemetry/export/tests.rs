use std::sync::{Arc, Mutex};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Handle;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::layer::SubscriberExt;

use super::Redacting;

#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

#[tokio::test]
async fn a_canary_bsn_never_reaches_the_collector() {
    let kept = Kept::default();
    let exporter = Redacting {
        inner: kept.clone(),
        handle: Handle::current(),
    };
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter)
        .build();
    let layer = OpenTelemetryLayer::new(provider.tracer("test"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let span = tracing::info_span!("ask", holder = "00700700", bsn = "999990019", code = "999990019");
        let _entered = span.enter();
        tracing::error!(name = "Jansen", "failed for 999990019");
    });
    let spans = kept.0.lock().unwrap();
    let text = format!("{spans:?}");
    assert_eq!(spans.len(), 1);
    assert!(!text.contains("999990019") && !text.contains("Jansen"), "{text}");
    assert!(text.contains("00700700"), "{text}");
}
