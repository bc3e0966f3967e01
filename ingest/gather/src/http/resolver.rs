//! Resolves a name once and hands on only addresses that calls may go to, so that no later answer of the name service
//! can change where a call goes (control C42).

use std::error::Error;
use std::io;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::error::HttpError;
use super::networks::Networks;

/// Resolver with a filter.
pub(super) struct Resolver {
    networks: Networks,
}

impl Resolver {
    pub(super) fn new(networks: Networks) -> Self {
        Resolver { networks }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = self.networks.clone();
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let any = !found.is_empty();
            let permitted: Vec<_> = found
                .into_iter()
                .filter(|address| networks.permit(address.ip()))
                .collect();
            if any && permitted.is_empty() {
                return Err(HttpError::ForbiddenAddress.into());
            }
            let addresses: Addrs = Box::new(permitted.into_iter());
            Ok(addresses)
        })
    }
}

/// Why a request brought no answer.
pub(super) fn classify(error: &reqwest::Error) -> HttpError {
    let mut broken_off = false;
    for cause in causes(error) {
        if let Some(ours) = cause.downcast_ref::<HttpError>() {
            return *ours;
        }
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            return refused_certificate(error).unwrap_or(HttpError::Tls);
        }
        broken_off |= cause.downcast_ref::<io::Error>().is_some_and(broken);
    }
    if error.is_timeout() {
        HttpError::Timeout
    } else if error.is_connect() {
        HttpError::Refused
    } else if error.is_builder() && !broken_off {
        HttpError::Request
    } else {
        HttpError::Reset
    }
}

/// Our own reason to refuse a certificate, when it is that.
fn refused_certificate(error: &rustls::Error) -> Option<HttpError> {
    match error {
        rustls::Error::InvalidCertificate(rustls::CertificateError::Other(reason)) => {
            reason.0.downcast_ref::<HttpError>().copied()
        }
        _ => None,
    }
}

/// Why a body did not come to its end.
pub(super) fn classify_body(error: &reqwest::Error) -> HttpError {
    let reset = causes(error)
        .iter()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(broken));
    if reset {
        HttpError::Reset
    } else if error.is_timeout() {
        HttpError::Timeout
    } else {
        HttpError::Truncated
    }
}

/// The error and its causes. An [`io::Error`] hides the error that it wraps from `source`, so it is opened.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut causes = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        causes.push(cause);
        let wrapped: Option<&'a (dyn Error + 'static)> = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inner| inner as _);
        next = wrapped.or_else(|| cause.source());
    }
    causes
}

fn broken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe
    )
}
