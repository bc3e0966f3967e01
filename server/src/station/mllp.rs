//! Messages of HL7 version 2 over a stream (MLLP): taken one after the other on each connection, and answered when they are
//! on disk.
//!
//! What a sender may do is bounded: connections, bytes and time of a message, faults of framing, silence. A connection is
//! read no further until its message is answered, so that a station that is full slows its senders down.

mod receive;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use samenhang_conform::hl7v2::{Event, Framer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;

pub(super) use receive::Receiver;
pub(super) use tls::acceptor;

use crate::app::Drain;
use crate::config::Finding;

/// Bytes that are read at once.
const CHUNK: usize = 16 << 10;
/// How long a handshake, and an answer, may take.
const STEP: Duration = Duration::from_secs(10);

/// A listener for one source.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MllpConfig {
    /// The source whose messages come in here.
    pub source: String,
    /// Address and port. Beyond this machine only with `tls`.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// Connections at once; more are closed at once. Default 16.
    #[serde(default = "sixteen")]
    pub max_connections: usize,
    /// Seconds that a connection may be silent between messages. Default 600.
    #[serde(default = "ten_minutes")]
    pub idle_s: u64,
    /// Seconds that a message may take from its first byte to its last. Default 30.
    #[serde(default = "half_minute")]
    pub message_s: u64,
    /// Processing ids (MSH-11) that are taken; others are rejected. Default `P`.
    #[serde(default = "production")]
    pub processing_ids: Vec<String>,
    /// Sending applications and facilities (`MSH-3|MSH-4` as they are written) that are taken. Default: all.
    #[serde(default)]
    pub senders: Vec<String>,
    /// What is said of a message that is on disk and cannot be read: `error` (AE) or `accept` (AA). Either way it is held
    /// for a person to look at. Default `error`.
    #[serde(default)]
    pub unreadable: Unreadable,
    /// TLS with a client certificate. Default: none, on this machine only.
    #[serde(default)]
    pub tls: Option<MllpTlsConfig>,
}

/// What is said of a message that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unreadable {
    /// AE: the sender is to look at it too.
    #[default]
    Error,
    /// AA: for a sender that would send it for ever.
    Accept,
}

/// TLS of a listener. A sender shows a certificate of the authorities.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MllpTlsConfig {
    /// File with our certificate and its chain (PEM).
    pub certificate_file: PathBuf,
    /// File with its key (PEM).
    pub key_file: PathBuf,
    /// File with the authorities (PEM) of senders.
    pub client_ca_file: PathBuf,
    /// SHA-256 (hexadecimal) of the certificates of senders that are taken. Default: every one of the authorities.
    #[serde(default)]
    pub client_fingerprints: Vec<String>,
}

fn sixteen() -> usize {
    16
}

fn ten_minutes() -> u64 {
    600
}

fn half_minute() -> u64 {
    30
}

fn production() -> Vec<String> {
    vec!["P".to_owned()]
}

impl MllpConfig {
    /// Everything that is wrong with it; `at` is its key.
    pub(super) fn check(&self, at: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let rules = [
            (
                self.tls.is_none() && !self.listen.ip().is_loopback(),
                "listen",
                "beyond this machine only with tls",
            ),
            (self.max_connections == 0, "max_connections", "it is at least 1"),
            (self.idle_s == 0, "idle_s", "it is at least 1 second"),
            (self.message_s == 0, "message_s", "it is at least 1 second"),
        ];
        for (is_wrong, key, reason) in rules {
            if is_wrong {
                findings.push(Finding {
                    key: format!("{at}.{key}"),
                    reason: reason.to_owned(),
                });
            }
        }
        findings
    }
}

/// Takes messages until the service stops. A connection that is in a message gets the time to end it.
pub(super) async fn listen(
    listener: TcpListener,
    receiver: Arc<Receiver>,
    acceptor: Option<TlsAcceptor>,
    drain: Drain,
) {
    let places = Arc::new(Semaphore::new(receiver.config().max_connections));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = drain.stopping() => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else {
            // Out of file handles, for example: others are let go before the next try.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(service = %receiver.source(), "a sender was turned away: too many connections");
            continue;
        };
        let (receiver, acceptor, drain) = (Arc::clone(&receiver), acceptor.clone(), drain.clone());
        connections.spawn(async move {
            let ended = Box::pin(connection(stream, &receiver, acceptor, &drain)).await;
            if let Err(error) = ended {
                tracing::info!(service = %receiver.source(), fault = %error.kind(), "a connection of a sender ended");
            }
            drop(place);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(
    stream: TcpStream,
    receiver: &Receiver,
    acceptor: Option<TlsAcceptor>,
    drain: &Drain,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(acceptor) = acceptor else {
        return converse(stream, receiver, drain).await;
    };
    let secured = timeout(STEP, acceptor.accept(stream)).await.map_err(late)??;
    let (_, session) = secured.get_ref();
    let shown = session.peer_certificates().and_then(<[_]>::first);
    if !receiver.knows(shown.map(AsRef::as_ref)) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "another certificate",
        ));
    }
    converse(secured, receiver, drain).await
}

/// Takes the messages of one connection, one after the other.
pub(super) async fn converse<S>(mut stream: S, receiver: &Receiver, drain: &Drain) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let config = receiver.config();
    let (idle, whole) = (
        Duration::from_secs(config.idle_s),
        Duration::from_secs(config.message_s),
    );
    let mut framer = Framer::new(receiver.max_bytes());
    let mut chunk = vec![0; CHUNK];
    // When a message that has begun must be in.
    let mut due: Option<Instant> = None;
    loop {
        let deadline = due.unwrap_or_else(|| Instant::now() + idle);
        let read = tokio::select! {
            read = timeout_at(deadline, stream.read(&mut chunk)) => read.map_err(late)??,
            () = drain.stopping(), if !framer.is_inside() => return Ok(()),
        };
        if read == 0 {
            return if framer.is_inside() {
                Err(io::ErrorKind::UnexpectedEof.into())
            } else {
                Ok(())
            };
        }
        for event in framer.push(chunk.get(..read).unwrap_or_default()) {
            match event {
                Event::Message(message) => {
                    due = None;
                    let answer = receiver.answer(message).await;
                    timeout(STEP, stream.write_all(&answer)).await.map_err(late)??;
                    timeout(STEP, stream.flush()).await.map_err(late)??;
                }
                Event::Fault(fault) => {
                    tracing::warn!(service = %receiver.source(), fault = ?fault, "a sender frames its messages wrongly");
                }
                Event::Close => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
        due = match (framer.is_inside(), due) {
            (true, None) => Some(Instant::now() + whole),
            (true, due) => due,
            (false, _) => None,
        };
    }
}

fn late(_: tokio::time::error::Elapsed) -> io::Error {
    io::ErrorKind::TimedOut.into()
}

#[cfg(test)]
mod tests;
