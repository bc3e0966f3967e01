//! Cookies: two names, one value each, nothing else is read or set.

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

/// Longest cookie value that is looked at.
const LONGEST: usize = 256;

/// The session of a person who logged in.
pub(super) const SESSION: &str = "samenhang_session";
/// The browser in which a login was begun.
pub(super) const LOGIN: &str = "samenhang_login";
/// The browser in which a launch was begun.
pub(super) const LAUNCH: &str = "samenhang_launch";

/// How cookies travel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cookies {
    /// Over TLS only.
    pub secure: bool,
    /// Also in a frame of a record system, where browsers keep cookies apart for each site around them.
    pub framed: bool,
}

/// The name as it is set: with TLS, the prefix makes browsers refuse a cookie that another host or a plain
/// connection sets.
fn full_name(name: &str, secure: bool) -> String {
    if secure {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

impl Cookies {
    /// The value of a cookie. A name that comes twice is no cookie: one of them was planted.
    pub(super) fn read<'a>(self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let name = full_name(name, self.secure);
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
    pub(super) fn set(self, name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
        let name = full_name(name, self.secure);
        let guard = match self {
            Cookies { secure: false, .. } => "; SameSite=Lax",
            Cookies { framed: false, .. } => "; SameSite=Lax; Secure",
            // A request from elsewhere is refused by its origin as before; see `Access::authenticate`.
            Cookies { .. } => "; SameSite=None; Secure; Partitioned",
        };
        HeaderValue::from_str(&format!(
            "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly{guard}"
        ))
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cookies, SESSION};

    #[test]
    fn a_cookie_travels_as_far_as_it_must() {
        let set = |secure, framed| {
            let value = Cookies { secure, framed }.set(SESSION, "v", 9).unwrap();
            value.to_str().unwrap().to_owned()
        };
        let name = "samenhang_session=v; Path=/; Max-Age=9; HttpOnly";
        assert_eq!(set(false, false), format!("{name}; SameSite=Lax"));
        assert_eq!(set(true, false), format!("__Host-{name}; SameSite=Lax; Secure"));
        let framed = format!("__Host-{name}; SameSite=None; Secure; Partitioned");
        assert_eq!(set(true, true), framed);
        // Without TLS a browser takes no cookie into a frame of another site.
        assert_eq!(set(false, true), format!("{name}; SameSite=Lax"));
    }
}
