//! The network side of every service: a loopback listener, TLS with client certificates, the journal and transport
//! faults. Never listens on anything but 127.0.0.1.

mod connection;
mod gzip;
mod shared;
mod transport;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use rustls::ServerConfig;
use tokio::net::TcpListener;

use crate::error::TestbedError;
use crate::faults::ServiceId;

pub use shared::{ClientCertificate, Shared};

/// A listener that has its port, but does not serve yet: for services that must know their own address.
pub struct Bound {
    service: ServiceId,
    shared: Shared,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    url: String,
}

/// A service that is being served until [`Shared::stop`].
#[derive(Debug, Clone)]
pub struct BoundService {
    /// Which service.
    pub service: ServiceId,
    /// Its address, `http(s)://127.0.0.1:<port>`, without a trailing slash.
    pub url: String,
}

/// Takes a loopback port for a service.
///
/// # Errors
/// [`TestbedError::Listen`] when the port is taken or none is free, [`TestbedError::Key`] when no certificate could be
/// made.
pub async fn bind(service: ServiceId, shared: &Shared) -> Result<Bound, TestbedError> {
    let tls = shared.tls_for(&service, None)?;
    let port = shared.take_port();
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| TestbedError::Listen { port, error })?;
    let port = listener
        .local_addr()
        .map_err(|error| TestbedError::Listen { port, error })?
        .port();
    let scheme = if tls.is_some() { "https" } else { "http" };
    Ok(Bound {
        service,
        shared: shared.clone(),
        listener,
        tls,
        url: format!("{scheme}://127.0.0.1:{port}"),
    })
}

/// Takes a port and serves a router there.
///
/// # Errors
/// [`TestbedError::Listen`] when the port is taken or none is free.
pub async fn serve(
    service: ServiceId,
    router: Router,
    shared: &Shared,
) -> Result<BoundService, TestbedError> {
    Ok(bind(service, shared).await?.serve(router))
}

impl Bound {
    /// Its address, `http(s)://127.0.0.1:<port>`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves a router here until [`Shared::stop`].
    #[must_use]
    pub fn serve(self, router: Router) -> BoundService {
        let Bound {
            service,
            shared,
            listener,
            tls,
            url,
        } = self;
        let served = BoundService {
            service: service.clone(),
            url,
        };
        let task = connection::accept(service, router, listener, tls, shared.clone());
        shared.spawn(task);
        served
    }
}
