//! The only way out: one HTTP client for every call that this crate makes.
//!
//! A call goes to a [`Peer`], which is pinned to what was configured or listed in the directory. Redirects and
//! proxies do not exist. A name is resolved once, its addresses are checked, and the connection goes to a checked
//! address. Answers are read through limits on size, headers, inflation and slowness, within one deadline. Nothing
//! here retries, authenticates or logs an address; a status code is the caller's business.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use bytes::Bytes;
use jiff::Timestamp;
use samenhang_profiles::Ura;
use tokio::time::Instant;

use crate::config::{EgressConfig, HolderCertificates};

mod body;
mod error;
mod holder;
mod networks;
mod peer;
mod renewal;
mod resolver;
mod tls;

pub use error::HttpError;
pub use peer::{Peer, Target};
pub use tls::{TlsError, TlsMaterial};

use body::BodyLimits;
use holder::HolderClients;
use networks::Networks;
use resolver::Resolver;

/// A request on its way out.
pub struct Outgoing<'a> {
    /// Method.
    pub method: Method,
    /// Where at the peer.
    pub target: Target<'a>,
    /// Headers; those that are secret are marked as sensitive by [`Outgoing::bearer`].
    pub headers: HeaderMap,
    /// Body; empty for none.
    pub body: Bytes,
    /// Bytes of the answer, when less than the configured cap.
    pub max_bytes: Option<usize>,
}

impl<'a> Outgoing<'a> {
    /// A GET.
    #[must_use]
    pub fn get(target: Target<'a>) -> Self {
        Outgoing {
            method: Method::GET,
            target,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            max_bytes: None,
        }
    }

    /// A POST with a body of a media type.
    #[must_use]
    pub fn post(target: Target<'a>, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut outgoing = Outgoing::get(target);
        outgoing.method = Method::POST;
        outgoing.body = body.into();
        outgoing
            .headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        outgoing
    }

    /// Sets `Accept`.
    #[must_use]
    pub fn accept(mut self, media_type: &'static str) -> Self {
        self.headers
            .insert(header::ACCEPT, HeaderValue::from_static(media_type));
        self
    }

    /// Sets a bearer token.
    ///
    /// # Errors
    /// [`HttpError::Request`] when the token has characters that a header cannot carry.
    pub fn bearer(self, token: &str) -> Result<Self, HttpError> {
        self.secret(header::AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// Sets a header that no log may show.
    ///
    /// # Errors
    /// [`HttpError::Request`] when a header cannot carry the value.
    pub fn secret(mut self, name: HeaderName, value: &str) -> Result<Self, HttpError> {
        let mut value = HeaderValue::from_str(value).map_err(|_| HttpError::Request)?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sets a header.
    ///
    /// # Errors
    /// [`HttpError::Request`] when a header cannot carry the value.
    pub fn header(mut self, name: HeaderName, value: &str) -> Result<Self, HttpError> {
        let value = HeaderValue::from_str(value).map_err(|_| HttpError::Request)?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Accepts no more than so many bytes of answer.
    #[must_use]
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.max_bytes = Some(bytes);
        self
    }
}

/// An answer, whatever its status.
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, decompressed.
    pub body: Bytes,
}

impl Answer {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type in lower case without parameters.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next()?.trim().to_ascii_lowercase())
    }

    /// How long the other party asks to wait: `Retry-After` in seconds or as a date.
    #[must_use]
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse::<u32>() {
            return Some(Duration::from_secs(u64::from(seconds)));
        }
        let at = jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(text)
            .ok()?;
        Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
    }
}

/// Why the client cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The certificates or the key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP client cannot be set up.
    #[error("the http client cannot be set up")]
    Client,
}

/// What belongs to one set of certificates and keys.
struct Clients {
    secure: reqwest::Client,
    plain: Option<reqwest::Client>,
    material: TlsMaterial,
    of_holders: HolderClients,
}

impl Clients {
    fn new(config: &EgressConfig, networks: &Networks, material: &TlsMaterial) -> Result<Self, SetupError> {
        let tls = tls::client_config(material, tls::Whose::Anyone)?;
        let secure = client(config, tls.clone(), networks.clone(), true)?;
        let plain = config
            .allow_plain_http
            .then(|| client(config, tls, networks.loopback(), false))
            .transpose()?;
        Ok(Clients {
            secure,
            plain,
            material: material.clone(),
            of_holders: HolderClients::default(),
        })
    }
}

/// The client. Cheap to clone; clones share connections and certificates.
#[derive(Clone)]
pub struct Http {
    clients: Arc<RwLock<Arc<Clients>>>,
    renewals: Arc<AtomicU64>,
    networks: Arc<Networks>,
    limits: Arc<EgressConfig>,
}

impl Http {
    /// Builds the client.
    ///
    /// # Errors
    /// [`SetupError`] when certificates or keys cannot be used.
    pub fn new(config: &EgressConfig, material: &TlsMaterial) -> Result<Self, SetupError> {
        let networks = Networks::new(&config.allowed_networks);
        let clients = Clients::new(config, &networks, material)?;
        Ok(Http {
            clients: Arc::new(RwLock::new(Arc::new(clients))),
            renewals: Arc::default(),
            networks: Arc::new(networks),
            limits: Arc::new(config.clone()),
        })
    }

    /// Uses other certificates and keys from the next call on. Calls that run end with what they began with; when the
    /// new ones cannot be used, the old ones stay.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn renew(&self, material: &TlsMaterial) -> Result<(), SetupError> {
        let clients = Arc::new(Clients::new(&self.limits, &self.networks, material)?);
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = clients;
        self.renewals.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// The certificates and keys that the next call uses.
    #[must_use]
    pub fn material(&self) -> TlsMaterial {
        self.clients().material.clone()
    }

    /// How often certificates or keys were renewed.
    #[must_use]
    pub fn renewals(&self) -> u64 {
        self.renewals.load(Ordering::Acquire)
    }

    fn clients(&self) -> Arc<Clients> {
        Arc::clone(&self.clients.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Pins a configured address or one of the directory. Never give it text from a request or an answer: a link in
    /// an answer is [`Target::Link`] of its peer, or [`Peer::narrow`].
    ///
    /// # Errors
    /// [`HttpError::OffPin`] when it is not a plain `https:` address, [`HttpError::ForbiddenAddress`] when it is an IP
    /// address of a forbidden network.
    pub fn peer(&self, address: &str) -> Result<Peer, HttpError> {
        let peer = Peer::parse(address, self.limits.allow_plain_http)?;
        self.check(&peer)?;
        Ok(peer)
    }

    /// Pins an address that the directory lists for a holder: the certificate there must be the holder's, as far as
    /// [`EgressConfig::holder_certificates`] demands.
    ///
    /// # Errors
    /// As [`Http::peer`].
    pub fn peer_of(&self, holder: &Ura, address: &str) -> Result<Peer, HttpError> {
        Ok(self.peer(address)?.of(holder))
    }

    /// The client for a peer: that of its holder, or the one for all others.
    fn client_for(&self, peer: &Peer) -> Result<reqwest::Client, HttpError> {
        let clients = self.clients();
        if peer.is_plain() {
            return clients
                .plain
                .clone()
                .ok_or(HttpError::OffPin("the scheme is not https"));
        }
        let holder = match peer.holder() {
            Some(holder) if self.limits.holder_certificates != HolderCertificates::Any => holder,
            _ => return Ok(clients.secure.clone()),
        };
        let make = || {
            let whose = tls::Whose::Holder(holder, &self.limits);
            let tls = tls::client_config(&clients.material, whose)?;
            client(&self.limits, tls, (*self.networks).clone(), true)
        };
        clients.of_holders.of(holder, make).map_err(|_| HttpError::Tls)
    }

    /// IP addresses do not pass the resolver: they are checked here.
    fn check(&self, peer: &Peer) -> Result<(), HttpError> {
        let Some(address) = peer.address() else {
            return Ok(());
        };
        let permitted = if peer.is_plain() {
            self.networks.loopback().permit(address)
        } else {
            self.networks.permit(address)
        };
        permitted.then_some(()).ok_or(HttpError::ForbiddenAddress)
    }

    /// Sends a request and reads the whole answer, at the latest until `deadline`.
    ///
    /// # Errors
    /// [`HttpError`]; a status of 4xx or 5xx is an [`Answer`].
    pub async fn send(
        &self,
        peer: &Peer,
        outgoing: Outgoing<'_>,
        deadline: Instant,
    ) -> Result<Answer, HttpError> {
        self.check(peer)?;
        let url = peer.resolve(outgoing.target)?;
        let client = self.client_for(peer)?;
        let limits = &*self.limits;
        let deadline = deadline.min(Instant::now() + Duration::from_millis(limits.call_timeout_ms));
        let mut headers = outgoing.headers;
        headers
            .entry(header::ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("gzip"));
        let request = client
            .request(outgoing.method, url)
            .headers(headers)
            .body(outgoing.body);
        let response = Box::pin(tokio::time::timeout_at(deadline, request.send()))
            .await
            .map_err(|_| HttpError::Timeout)?
            .map_err(|error| resolver::classify(&error))?;
        let status = response.status().as_u16();
        if response.status().is_redirection() && status != 304 {
            return Err(HttpError::Redirect(status));
        }
        check_headers(response.headers(), limits)?;
        let headers = response.headers().clone();
        let body_limits = BodyLimits {
            max_bytes: outgoing
                .max_bytes
                .unwrap_or(usize::MAX)
                .min(limits.max_answer_bytes),
            max_inflation: limits.max_inflation,
            grace: Duration::from_millis(limits.throughput_grace_ms),
            min_bytes_per_second: limits.min_bytes_per_second,
        };
        let body = Box::pin(body::read(response, &body_limits, deadline)).await?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

fn check_headers(headers: &HeaderMap, limits: &EgressConfig) -> Result<(), HttpError> {
    if headers.len() > limits.max_headers {
        return Err(HttpError::TooLarge {
            what: "headers",
            limit: limits.max_headers,
        });
    }
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if bytes > limits.max_header_bytes {
        return Err(HttpError::TooLarge {
            what: "bytes of headers",
            limit: limits.max_header_bytes,
        });
    }
    Ok(())
}

fn client(
    config: &EgressConfig,
    tls: rustls::ClientConfig,
    networks: Networks,
    secure: bool,
) -> Result<reqwest::Client, SetupError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(secure)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        // The body is inflated here, where its growth can be bounded.
        .no_gzip()
        .dns_resolver(Resolver::new(networks))
        .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
        .http1_max_headers(config.max_headers.saturating_add(1))
        .http2_max_header_list_size(u32::try_from(config.max_header_bytes).unwrap_or(u32::MAX))
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
        .map_err(|_| SetupError::Client)
}

#[cfg(test)]
mod tests;
