//! The address of a PostgreSQL database: no secret in it, and no other machine without TLS.

use url::{Host, Url};

use crate::error::StationError;

/// Checks an address, and asks for TLS where it says nothing of it.
pub(super) fn checked(address: &str) -> Result<String, StationError> {
    let refused = |why: &str| StationError::Config(format!("`database` {why}"));
    let mut url = Url::parse(address).map_err(|_| refused("is no address"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(refused("is neither `sqlite:FILE` nor `postgres://...`"));
    }
    if url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password") {
        return Err(refused(
            "has a password in it: give it in PGPASSWORD, or in a file that PGPASSFILE names",
        ));
    }
    // A socket in the file system is named by a parameter.
    let socket = url
        .query_pairs()
        .any(|(name, value)| name == "host" && value.starts_with('/'));
    let is_here = socket
        || match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name == "127.0.0.1" || name.starts_with("%2F"),
            None => false,
        };
    let mode = url.query_pairs().find(|(name, _)| name == "sslmode");
    let mode = mode.map(|(_, value)| value.into_owned());
    match mode.as_deref() {
        _ if is_here => {}
        Some("require" | "verify-ca" | "verify-full") => {}
        Some(_) => {
            return Err(refused(
                "is on another machine, and `sslmode` lets it do without TLS",
            ));
        }
        None => _ = url.query_pairs_mut().append_pair("sslmode", "verify-full"),
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn another_machine_is_reached_over_tls_only_and_no_secret_stands_in_an_address() {
        let cases = [
            (
                "postgres://a@127.0.0.1:5432/b",
                Some("postgres://a@127.0.0.1:5432/b"),
            ),
            (
                "postgres://a@localhost/b?options=-c%20x%3Dy",
                Some("postgres://a@localhost/b?options=-c%20x%3Dy"),
            ),
            ("postgres://a@[::1]/b", Some("postgres://a@[::1]/b")),
            (
                "postgres:///b?host=/run/postgresql",
                Some("postgres:///b?host=/run/postgresql"),
            ),
            (
                "postgres://a@db.test/b",
                Some("postgres://a@db.test/b?sslmode=verify-full"),
            ),
            (
                "postgres://a@db.test/b?sslmode=require",
                Some("postgres://a@db.test/b?sslmode=require"),
            ),
            ("postgres://a@db.test/b?sslmode=prefer", None),
            ("postgres://a@db.test/b?sslmode=disable", None),
            ("postgres://a:geheim@127.0.0.1/b", None),
            ("postgres://127.0.0.1/b?password=geheim", None),
            ("mysql://a@127.0.0.1/b", None),
            ("nonsense", None),
        ];
        for (address, expected) in cases {
            let checked = checked(address);
            if let Err(error) = &checked {
                assert!(!error.to_string().contains("geheim"), "{error}");
            }
            assert_eq!(checked.ok().as_deref(), expected, "{address}");
        }
    }
}
