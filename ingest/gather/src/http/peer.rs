//! A peer: another party, pinned to its scheme, host, port and path prefix (controls C40, C41, C44).
//!
//! The text of an address is checked before it is parsed, because a lenient parser repairs what an attacker hides:
//! tabs, backslashes, numbers as hosts, encoded dots. What would need repair is refused.

use std::net::IpAddr;

use samenhang_profiles::Ura;
use url::{Host, Url};

use super::error::HttpError;

/// Bytes of an address.
const MAX_ADDRESS: usize = 8 << 10;

/// Another party. Made by [`super::Http::peer`] from a configured or listed address only, never from a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    base: Url,
    prefix: String,
    holder: Option<Ura>,
}

/// Where at a peer.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// Path and query relative to the peer's base, without a leading slash: `Patient/_search`.
    Path(&'a str),
    /// A link as the peer sent it, mostly absolute. It is refused when it leaves the pin.
    Link(&'a str),
}

impl Peer {
    /// Pins an address. `plain` allows `http:`.
    pub(super) fn parse(address: &str, plain: bool) -> Result<Self, HttpError> {
        if address.contains(['?', '#']) {
            return Err(HttpError::OffPin("a base address has no query"));
        }
        let mut base = parse(address)?;
        match base.scheme() {
            "https" => {}
            "http" if plain => {}
            _ => return Err(HttpError::OffPin("the scheme is not https")),
        }
        let prefix = base.path().trim_end_matches('/').to_owned();
        base.set_path(&prefix);
        Ok(Peer {
            base,
            prefix,
            holder: None,
        })
    }

    /// The same peer, as that of a holder: its certificate must be that holder's.
    #[must_use]
    pub(super) fn of(mut self, holder: &Ura) -> Self {
        self.holder = Some(holder.clone());
        self
    }

    /// The holder whose certificate it must show.
    pub(super) fn holder(&self) -> Option<&Ura> {
        self.holder.as_ref()
    }

    /// `host:port`, for records and connection limits.
    #[must_use]
    pub fn label(&self) -> String {
        format!(
            "{}:{}",
            self.base.host_str().unwrap_or_default(),
            self.base.port_or_known_default().unwrap_or_default()
        )
    }

    /// The base address without a trailing slash.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The same party without a path prefix, for what RFC 8414 puts under `/.well-known`.
    #[must_use]
    pub fn at_root(&self) -> Peer {
        let mut base = self.base.clone();
        base.set_path("");
        Peer {
            base,
            prefix: String::new(),
            holder: self.holder.clone(),
        }
    }

    /// The path prefix, without a trailing slash: empty for a peer at the root.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A part of this peer, pinned to what a link of the peer itself says.
    ///
    /// # Errors
    /// [`HttpError::OffPin`] when the link leaves this peer.
    pub fn narrow(&self, link: &str) -> Result<Peer, HttpError> {
        let mut base = self.resolve(Target::Link(link))?;
        if base.query().is_some() {
            return Err(HttpError::OffPin("a base address has no query"));
        }
        let prefix = base.path().trim_end_matches('/').to_owned();
        base.set_path(&prefix);
        Ok(Peer {
            base,
            prefix,
            holder: self.holder.clone(),
        })
    }

    /// The IP address of the host, when it is one.
    pub(super) fn address(&self) -> Option<IpAddr> {
        match self.base.host() {
            Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
            _ => None,
        }
    }

    /// Whether the peer speaks `http:`.
    pub(super) fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// The full address of a target within the pin.
    ///
    /// # Errors
    /// [`HttpError::OffPin`].
    pub fn resolve(&self, target: Target<'_>) -> Result<Url, HttpError> {
        let url = match target {
            Target::Path(path) | Target::Link(path) if is_relative(path) => self.relative(path)?,
            Target::Path(_) => return Err(HttpError::OffPin("an absolute address where a path belongs")),
            Target::Link(link) => parse(link)?,
        };
        if url.scheme() != self.base.scheme()
            || url.host() != self.base.host()
            || url.port_or_known_default() != self.base.port_or_known_default()
        {
            return Err(HttpError::OffPin("another origin"));
        }
        let rest = url.path().strip_prefix(self.prefix.as_str());
        if rest.is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/')) {
            return Err(HttpError::OffPin("outside the path of the peer"));
        }
        Ok(url)
    }

    fn relative(&self, path: &str) -> Result<Url, HttpError> {
        let origin = &self.base[..url::Position::BeforePath];
        if path.is_empty() || path.starts_with('?') {
            parse(&format!("{origin}{}{path}", self.prefix))
        } else if let Some(rest) = path.strip_prefix('/') {
            if rest.starts_with('/') {
                return Err(HttpError::OffPin("an address without a scheme"));
            }
            parse(&format!("{origin}/{rest}"))
        } else {
            parse(&format!("{origin}{}/{path}", self.prefix))
        }
    }
}

/// Whether a link has no scheme: the part before the first `/`, `?` or `#` has no colon.
fn is_relative(link: &str) -> bool {
    !link
        .split(['/', '?', '#'])
        .next()
        .unwrap_or_default()
        .contains(':')
}

/// Parses an absolute address, and refuses every text that the parser would repair.
fn parse(text: &str) -> Result<Url, HttpError> {
    if text.len() > MAX_ADDRESS {
        return Err(HttpError::OffPin("too long"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(HttpError::OffPin("a blank, control or non-ASCII character"));
    }
    if text.contains(['\\', '#', '"', '<', '>']) {
        return Err(HttpError::OffPin("a character that has no place in an address"));
    }
    let (scheme, rest) = text.split_once("://").ok_or(HttpError::OffPin("no scheme"))?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return Err(HttpError::OffPin("the scheme is not https"));
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path_and_query) = rest.split_at(end);
    let path = path_and_query.split('?').next().unwrap_or_default();
    check_authority(authority)?;
    check_path(path)?;
    let url = Url::parse(text).map_err(|_| HttpError::OffPin("not an address"))?;
    // The parser turns 2130706433, 0x7f.1 and 0177.0.0.1 into 127.0.0.1: what changed was not plain.
    let host = authority_host(authority);
    if !url
        .host_str()
        .is_some_and(|parsed| parsed.eq_ignore_ascii_case(host))
    {
        return Err(HttpError::OffPin("the host is not written plainly"));
    }
    // Lower-case letters in the path of the origin are kept; any other change means that it was not plain.
    let parsed_path = if path.is_empty() { "/" } else { path };
    if url.path() != parsed_path {
        return Err(HttpError::OffPin("the path is not written plainly"));
    }
    Ok(url)
}

fn authority_host(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority.find(']').map_or(authority, |end| &authority[..=end]);
    }
    authority.split(':').next().unwrap_or_default()
}

fn check_authority(authority: &str) -> Result<(), HttpError> {
    if authority.contains('@') {
        return Err(HttpError::OffPin("user information in the address"));
    }
    if authority.contains('%') {
        return Err(HttpError::OffPin("an encoded character in the host"));
    }
    let host = authority_host(authority);
    if host.is_empty() || host.ends_with('.') || host.starts_with('.') || host.contains("..") {
        return Err(HttpError::OffPin("the host is not written plainly"));
    }
    let port = &authority[host.len()..];
    if port.is_empty() {
        return Ok(());
    }
    let digits = port.strip_prefix(':').unwrap_or_default();
    let plain = (1..=5).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if plain {
        Ok(())
    } else {
        Err(HttpError::OffPin("the port is not written plainly"))
    }
}

fn check_path(path: &str) -> Result<(), HttpError> {
    if path.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(HttpError::OffPin("a dot segment in the path"));
    }
    if path.contains("//") {
        return Err(HttpError::OffPin("an empty segment in the path"));
    }
    // A path parameter (`..;/`) is stripped by some servers after their own check of the prefix.
    if path.contains(';') {
        return Err(HttpError::OffPin("a path parameter"));
    }
    let lower = path.to_ascii_lowercase();
    for code in ["%2e", "%2f", "%5c", "%25", "%00", "%09", "%0a", "%0d", "%3b"] {
        if lower.contains(code) {
            return Err(HttpError::OffPin("an encoded separator in the path"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
