//! What becomes of one message, and what its sender is told.
//!
//! AA is said when the message is on disk and can be read; AE when it is on disk and cannot (it is held, and need not come
//! again); AR when it was not taken, so that the sender keeps it. The same message again is AA again. Reasons are codes, never
//! content.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use samenhang_conform::hl7v2::{self, Acknowledgement, Header, acknowledge, frame};
use samenhang_gather::clock::Clock;
use samenhang_profiles::Limits;
use samenhang_station::{Format, Incoming, SourceId, Station, StationError};
use sha2::{Digest as _, Sha256};

use super::{MllpConfig, Unreadable};

/// No usable header: nobody can be answered by name.
const NO_HEADER: &str = "SAM-STA-021";
/// Not for this station: processing id, version or sender.
const NOT_FOR_US: &str = "SAM-STA-022";
/// How long a sender is kept waiting for room, and how often it is looked for.
const ROOM: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(500);
/// Longest name of a message at the station.
const LONGEST_NAME: usize = 256;

/// What is said of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// On disk.
    Accept,
    /// On disk, and not readable.
    Error(&'static str),
    /// Not taken.
    Reject(&'static str),
}

/// Takes the messages of one source.
pub(in crate::station) struct Receiver {
    station: Arc<Station>,
    source: SourceId,
    config: MllpConfig,
    max_bytes: usize,
    clock: Arc<dyn Clock>,
}

impl Receiver {
    /// For a source of the station.
    ///
    /// # Errors
    /// [`StationError`] when there is no such source.
    pub(in crate::station) fn new(
        station: Arc<Station>,
        config: MllpConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StationError> {
        let source: SourceId = config.source.parse()?;
        let max_bytes = station.scope(&source)?.config().max_message_bytes;
        Ok(Receiver {
            station,
            source,
            config,
            max_bytes,
            clock,
        })
    }

    pub(super) fn config(&self) -> &MllpConfig {
        &self.config
    }

    pub(super) fn source(&self) -> &SourceId {
        &self.source
    }

    /// Bytes of the longest message that is taken.
    pub(super) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Whether a sender with this certificate is taken.
    pub(super) fn knows(&self, certificate: Option<&[u8]>) -> bool {
        let Some(tls) = &self.config.tls else { return true };
        let Some(certificate) = certificate else {
            return false;
        };
        let digest = Sha256::digest(certificate);
        let shown: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let known = &tls.client_fingerprints;
        known.is_empty()
            || known
                .iter()
                .any(|one| one.replace(':', "").eq_ignore_ascii_case(&shown))
    }

    /// Takes a message and writes what its sender is told, in frames.
    pub(super) async fn answer(&self, message: Vec<u8>) -> Vec<u8> {
        let line = message.split(|byte| matches!(byte, b'\r' | b'\n')).next();
        let line = String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
        let number = self.clock.now().as_microsecond();
        let (header, verdict) = match Header::of(&line) {
            Ok(header) => {
                let verdict = self.take(&header, Bytes::from(message)).await;
                (header, verdict)
            }
            Err(_) => match Header::of("MSH|^~\\&|||||||ACK||P|2.5") {
                Ok(header) => (header, Verdict::Reject(NO_HEADER)),
                Err(_) => return Vec::new(),
            },
        };
        if let Verdict::Error(code) | Verdict::Reject(code) = verdict {
            tracing::warn!(code, service = %self.source, "a message of a sender was not accepted");
        }
        self.told(&header, verdict, number)
    }

    /// The answers that the sender asked for: about safety, about the message, or both.
    fn told(&self, header: &Header, verdict: Verdict, number: i64) -> Vec<u8> {
        let is_accepted = verdict == Verdict::Accept;
        let (commit, application, reason) = match verdict {
            Verdict::Accept => (Acknowledgement::CommitAccept, Acknowledgement::Accept, None),
            // It is safe; what is wrong with it is said of the message.
            Verdict::Error(code) => (Acknowledgement::CommitAccept, Acknowledgement::Error, Some(code)),
            Verdict::Reject(code) => (Acknowledgement::CommitReject, Acknowledgement::Reject, Some(code)),
        };
        let at = self.clock.now().strftime("%Y%m%d%H%M%S+0000").to_string();
        let mut answers = Vec::new();
        let kinds = [
            (commit, header.wants_commit(is_accepted), 'C'),
            (application, header.wants_application(is_accepted), 'A'),
        ];
        for (kind, is_wanted, mark) in kinds {
            if is_wanted {
                let id = format!("{mark}{number}");
                answers.extend(frame(acknowledge(header, kind, &id, &at, reason).as_bytes()));
            }
        }
        answers
    }

    async fn take(&self, header: &Header, body: Bytes) -> Verdict {
        let control_id = header.field(10);
        if control_id.trim().is_empty() {
            return Verdict::Reject(NO_HEADER);
        }
        let sender = format!("{}|{}", header.field(3), header.field(4));
        let taken = [
            self.config
                .processing_ids
                .iter()
                .any(|id| id == header.component(11, 1)),
            header.component(12, 1).starts_with("2."),
            self.config.senders.is_empty() || self.config.senders.contains(&sender),
        ];
        if taken.contains(&false) {
            return Verdict::Reject(NOT_FOR_US);
        }
        let mut external = format!("{sender}|{control_id}");
        external.truncate(external.floor_char_boundary(LONGEST_NAME));
        if let Err(error) = self.keep(external, body.clone()).await {
            return Verdict::Reject(error.code());
        }
        match (readable(&body), self.config.unreadable) {
            (Err(code), Unreadable::Error) => Verdict::Error(code),
            _ => Verdict::Accept,
        }
    }

    /// Puts a message on disk; waits for room for a while, in which the sender is not read.
    async fn keep(&self, external: String, body: Bytes) -> Result<(), StationError> {
        let mut waited = Duration::ZERO;
        loop {
            let incoming = Incoming {
                external: external.clone(),
                format: Format::Hl7v2,
                body: body.clone(),
                clock: None,
            };
            match self.station.accept(&self.source, incoming).await {
                Ok(_) => return Ok(()),
                Err(StationError::Busy(_)) if waited < ROOM => {
                    tokio::time::sleep(LOOK).await;
                    waited += LOOK;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether a message can be read at all; else the code of why not.
fn readable(body: &[u8]) -> Result<(), &'static str> {
    let text = hl7v2::decode(body, None).map_err(|error| error.code())?;
    hl7v2::read(&text, &Limits::default())
        .map(drop)
        .map_err(|error| error.code())
}
