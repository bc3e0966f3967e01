//! Cookies: two names, one value each, nothing else is read or set.

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

/// Longest cookie value that is looked at.
const LONGEST: usize = 256;

/// The session of a person who logged in.
pub(super) const SESSION: &str = "samenhang_session";
/// The browser in which a login was begun.
pub(super) const LOGIN: &str = "samenhang_login";

/// The name as it is set: with TLS, the prefix makes browsers refuse a cookie that another host or a plain
/// connection sets.
fn full_name(name: &str, secure: bool) -> String {
    if secure {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// The value of a cookie. A name that comes twice is no cookie: one of them was planted.
pub(super) fn read<'a>(headers: &'a HeaderMap, name: &str, secure: bool) -> Option<&'a str> {
    let name = full_name(name, secure);
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let value = values.next()?;
    (values.next().is_none() && value.len() <= LONGEST).then_some(value)
}

/// Sets a cookie for so many seconds; zero takes it away. The value consists of base64url characters.
pub(super) fn set(name: &str, value: &str, seconds: i64, secure: bool) -> Option<HeaderValue> {
    let name = full_name(name, secure);
    let guard = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{guard}"
    ))
    .ok()
}
