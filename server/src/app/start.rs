//! Starts the two listeners and stops them gracefully.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::App;
use crate::http::listener::{Guarded, Patience};
use crate::http::routes::{self, Side};
use crate::http::serving;

/// The listeners of a server, taken before anything else is started, so that the address is known.
#[derive(Debug)]
pub struct Listeners {
    public: TcpListener,
    internal: TcpListener,
}

impl Listeners {
    /// Takes both addresses.
    ///
    /// # Errors
    /// When an address is taken or cannot be used.
    pub async fn bind(public: SocketAddr, internal: SocketAddr) -> io::Result<Self> {
        Ok(Listeners {
            public: bind(public).await?,
            internal: bind(internal).await?,
        })
    }

    /// The public address.
    ///
    /// # Errors
    /// When the socket is gone.
    pub fn public(&self) -> io::Result<SocketAddr> {
        self.public.local_addr()
    }

    /// The internal address.
    ///
    /// # Errors
    /// When the socket is gone.
    pub fn internal(&self) -> io::Result<SocketAddr> {
        self.internal.local_addr()
    }
}

/// Takes an address; the error names it.
async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))
}

/// A server that runs.
pub struct Running {
    app: Arc<App>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Serves on both listeners.
    #[must_use]
    pub fn start(app: Arc<App>, listeners: Listeners) -> Self {
        let config = app.config();
        let patience = Patience {
            connections: config.max_connections,
            write: Duration::from_millis(config.write_timeout_ms),
            ..Patience::default()
        };
        let serve = |listener: TcpListener, side: Side| {
            let router = routes::router(&app, side);
            let (listener, drain) = (Guarded::new(listener, patience), app.drain().clone());
            tokio::spawn(serving::serve(listener, router, drain, patience.write))
        };
        let tasks = vec![
            serve(listeners.public, Side::Public),
            serve(listeners.internal, Side::Internal),
        ];
        Running { app, tasks }
    }

    /// The server's parts.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Stops: takes no new question, gives running ones their time, then ends. Whether all ended by themselves.
    pub async fn stop(self) -> bool {
        let patience = Duration::from_millis(self.app.config().drain_ms);
        let in_time = self.app.drain().finish(patience).await;
        // Connections without a question may linger (keep-alive); they get a moment and then end with the task.
        for mut task in self.tasks {
            if tokio::time::timeout(Duration::from_millis(500), &mut task)
                .await
                .is_err()
            {
                task.abort();
            }
        }
        in_time
    }
}

/// Waits for the signal to stop: SIGTERM or Ctrl-C.
pub async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupted.await;
        return;
    };
    tokio::select! {
        _ = interrupted => {}
        _ = terminated.recv() => {}
    }
}
