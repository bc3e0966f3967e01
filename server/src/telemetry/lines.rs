//! Log lines on stderr, written field by field through the allow-list.

use std::fmt::{self, Write as _};
use std::io::Write;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::Format;
use super::redact;

/// A layer that writes one line an event: time, level, target, message, and the allowed fields of the event and of
/// the spans around it.
pub struct Lines<W> {
    format: Format,
    writer: W,
}

impl<W> Lines<W> {
    /// Writes to what `writer` makes.
    pub fn new(format: Format, writer: W) -> Self {
        Lines { format, writer }
    }
}

/// The allowed fields of a span, kept in its extensions.
#[derive(Default)]
struct Fields(Map<String, Value>);

struct Collect<'a> {
    fields: &'a mut Map<String, Value>,
    message: Option<&'a mut String>,
}

impl Collect<'_> {
    fn keep(&mut self, field: &Field, value: Value) {
        if redact::is_allowed(field.name()) {
            self.fields.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Collect<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            if let Some(message) = &mut self.message {
                **message = redact::scrub(&format!("{value:?}"));
            }
        } else if redact::is_allowed(field.name()) {
            self.keep(field, redact::scrub(&format!("{value:?}")).into());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if redact::is_allowed(field.name()) {
            self.keep(field, redact::scrub(value).into());
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, number(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, number(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value.into());
    }
}

/// A number, unless its digits could be a BSN: then a text that says so.
fn number<N: ToString + Into<Value>>(value: N) -> Value {
    let text = value.to_string();
    if redact::scrub(&text) == text {
        value.into()
    } else {
        "[withheld]".into()
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut Collect {
            fields: &mut fields.0,
            message: None,
        });
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(&mut Collect {
                fields: &mut fields.0,
                message: None,
            });
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Map::new();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.extend(of_span.0.clone());
            }
        }
        let target = event.metadata().target();
        let mut message = String::new();
        event.record(&mut Collect {
            fields: &mut fields,
            message: Some(&mut message),
        });
        if !redact::is_ours(target) {
            // Nobody here decided what another library says.
            message = "message of a library, withheld".to_owned();
        }
        let line = self.line(event, target, message, fields);
        // When stderr is gone there is nobody to tell.
        let _ = self
            .writer
            .make_writer_for(event.metadata())
            .write_all(line.as_bytes());
    }
}

impl<W> Lines<W> {
    fn line(&self, event: &Event<'_>, target: &str, message: String, fields: Map<String, Value>) -> String {
        let time = Timestamp::now().to_string();
        let level = event.metadata().level().as_str();
        match self.format {
            Format::Json => {
                let mut object = Map::new();
                object.insert("time".to_owned(), time.into());
                object.insert("level".to_owned(), level.into());
                object.insert("target".to_owned(), target.into());
                object.insert("message".to_owned(), message.into());
                object.extend(fields);
                format!("{}\n", Value::Object(object))
            }
            Format::Text => {
                let mut line = format!("{time} {level:>5} {message}");
                for (name, value) in &fields {
                    // Writing to a string cannot fail.
                    let _ = match value {
                        Value::String(text) => write!(line, " {name}={text}"),
                        value => write!(line, " {name}={value}"),
                    };
                }
                line.push('\n');
                line
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::Lines;
    use crate::telemetry::Format;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: Format, act: impl FnOnce()) -> String {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = tracing_subscriber::registry().with(Lines::new(format, move || writer.clone()));
        tracing::subscriber::with_default(subscriber, act);
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    /// The canary: a BSN in every kind of field, in messages, spans and other libraries' events.
    fn canary() {
        let span = tracing::info_span!(
            "ask",
            holder = "00700700",
            patient = "999990019",
            count = 999_990_019_u64
        );
        let _entered = span.enter();
        span.record("holder", "00700701");
        tracing::info!(
            bsn = "999990019",
            category = "Alert 999990019",
            duration_ms = 12_u64,
            "asked 999990019"
        );
        tracing::warn!(code = ?Some("999990019"), name = "Jansen", status = 999_990_019_i64, "refused");
        tracing::error!(target: "sqlx::query", statement = "select Jansen", "select Jansen 999990019");
    }

    #[test]
    fn a_canary_bsn_never_comes_out() {
        for format in [Format::Json, Format::Text] {
            let text = logged(format, canary);
            assert!(!text.contains("999990019"), "{text}");
            assert!(!text.contains("Jansen"), "{text}");
            assert!(
                text.contains("00700701") && text.contains("asked [withheld]"),
                "{text}"
            );
            assert_eq!(text.lines().count(), 3, "{text}");
        }
    }

    #[test]
    fn a_json_line_has_the_fields_of_the_span_and_the_event() {
        let text = logged(Format::Json, canary);
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["duration_ms"], 12);
        assert_eq!(line["category"], "Alert [withheld]");
        assert_eq!(line["count"], "[withheld]");
        assert!(line.get("bsn").is_none() && line.get("patient").is_none());
    }
}
