//! Certificates that are renewed while the server runs (fault F09): the configured files are read again every so often,
//! and what is new in them is used from the next call on. Calls that run end with what they began with.
//!
//! A certificate without its key, as between the two writes of a renewal, is not used: the old ones stay.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Http, TlsMaterial};
use crate::config::EgressConfig;

/// Code of certificates or keys that cannot be read again.
const CODE: &str = "SAM-GAT-010";

impl Http {
    /// Reads the configured certificates and keys again every [`EgressConfig::reload_seconds`], until `stop`.
    pub async fn keep_certificates(&self, config: EgressConfig, stop: CancellationToken) {
        if config.reload_seconds == 0 {
            return;
        }
        let pause = Duration::from_secs(config.reload_seconds);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            let config = config.clone();
            let read = tokio::task::spawn_blocking(move || TlsMaterial::load(&config)).await;
            let Ok(Ok(material)) = read else {
                tracing::error!(code = CODE, "the certificates of egress cannot be read again");
                continue;
            };
            if material == self.material() {
                continue;
            }
            if self.renew(&material).is_ok() {
                tracing::info!("the certificates of egress were renewed");
            } else {
                tracing::error!(code = CODE, "the new certificates of egress cannot be used");
            }
        }
    }
}
