//! The line to Mitz: one SOAP exchange within its time. What is asked and how an answer is judged is the callers' own.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::config::MitzConfig;
use crate::error::{GatherError, Service};
use crate::http::{Http, Outgoing, Peer, Target};
use crate::oauth::pin;
use crate::xml::soap;

/// A line to one Mitz.
pub(crate) struct MitzLine {
    http: Http,
    peer: Peer,
    timeout: Duration,
}

impl MitzLine {
    /// Sets up for one Mitz.
    ///
    /// # Errors
    /// [`GatherError`] when its address cannot be used.
    pub(crate) fn new(http: Http, config: &MitzConfig) -> Result<Self, GatherError> {
        Ok(MitzLine {
            peer: pin(&http, &config.url, Service::Mitz)?,
            http,
            timeout: Duration::from_millis(config.timeout_ms),
        })
    }

    /// Host and port, for the ledger.
    pub(crate) fn label(&self) -> String {
        self.peer.label()
    }

    /// The address of a function, for `wsa:To`.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}/{path}", self.peer.base())
    }

    /// Sends an envelope and gives the envelope that comes back.
    ///
    /// # Errors
    /// [`GatherError`] when none comes in time, or anything but 200.
    pub(crate) async fn exchange(
        &self,
        path: &str,
        envelope: String,
        deadline: Instant,
    ) -> Result<Bytes, GatherError> {
        let outgoing = Outgoing::post(Target::Path(path), soap::MEDIA_TYPE, envelope)
            .accept("application/soap+xml")
            .at_most(crate::xml::MAX_BYTES);
        let deadline = deadline.min(Instant::now() + self.timeout);
        let answer = self
            .http
            .send(&self.peer, outgoing, deadline)
            .await
            .map_err(|source| GatherError::Unreachable {
                service: Service::Mitz,
                source,
            })?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(GatherError::Status {
                service: Service::Mitz,
                status,
            }),
        }
    }
}
