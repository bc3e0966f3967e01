use proptest::prelude::*;

use super::{Peer, Target};
use crate::http::HttpError;

fn peer() -> Peer {
    Peer::parse("https://fhir.oost.example/r4", false).unwrap()
}

/// Links that a holder, or whoever speaks in its place, might send to lead a call astray.
const HOSTILE: &[&str] = &[
    // Another origin.
    "https://evil.example/r4/Patient",
    "https://fhir.oost.example.evil.example/r4/Patient",
    "https://evilfhir.oost.example/r4/Patient",
    "https://fhir.oost.exampl/r4/Patient",
    "https://oost.example/r4/Patient",
    "https://fhir-oost.example/r4/Patient",
    "http://fhir.oost.example/r4/Patient",
    "https://fhir.oost.example:8443/r4/Patient",
    "https://fhir.oost.example:80/r4/Patient",
    "https://fhir.oost.example:4430/r4/Patient",
    "https://fhir.oost.example:/r4/Patient",
    "https://fhir.oost.example:0443/r4/Patient",
    "https://fhir.oost.example:443443/r4/Patient",
    "https://fhir.oost.example:443:80/r4/Patient",
    "https://fhir.oost.example:-443/r4/Patient",
    "https://fhir.oost.example:4a/r4/Patient",
    "//evil.example/r4/Patient",
    "///evil.example/r4/Patient",
    "////evil.example/r4/Patient",
    "/\\evil.example/r4/Patient",
    "\\\\evil.example/r4/Patient",
    "https:/evil.example/r4/Patient",
    "https:evil.example/r4/Patient",
    "https:///evil.example/r4/Patient",
    "https:\\\\evil.example\\r4\\Patient",
    // Other schemes.
    "ftp://fhir.oost.example/r4/Patient",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "gopher://fhir.oost.example/r4/",
    "javascript:alert(1)",
    "data:application/json,{}",
    "jar:https://fhir.oost.example/r4!/x",
    "ws://fhir.oost.example/r4/Patient",
    "wss://fhir.oost.example/r4/Patient",
    "unix:/var/run/docker.sock",
    "urn:uuid:6f2c9ad0-0000-0000-0000-000000000000",
    "httpss://fhir.oost.example/r4/Patient",
    "https ://fhir.oost.example/r4/Patient",
    "h\tttps://fhir.oost.example/r4/Patient",
    "://fhir.oost.example/r4/Patient",
    // User information.
    "https://user@fhir.oost.example/r4/Patient",
    "https://user:pass@fhir.oost.example/r4/Patient",
    "https://@fhir.oost.example/r4/Patient",
    "https://fhir.oost.example@evil.example/r4/Patient",
    "https://fhir.oost.example:443@evil.example/r4/Patient",
    "https://fhir.oost.example%40evil.example/r4/Patient",
    "https://evil.example#@fhir.oost.example/r4/Patient",
    "https://evil.example\\@fhir.oost.example/r4/Patient",
    "https://evil.example?@fhir.oost.example/r4/Patient",
    "https://fhir.oost.example#.evil.example/r4/Patient",
    // Hosts that are not written plainly.
    "https://fhir.oost.example./r4/Patient",
    "https://fhir..oost.example/r4/Patient",
    "https://.fhir.oost.example/r4/Patient",
    "https://fhir%2eoost.example/r4/Patient",
    "https://fhir\u{3002}oost.example/r4/Patient",
    "https://fhir\u{ff0e}oost.example/r4/Patient",
    "https://fhir.o\u{f6}st.example/r4/Patient",
    "https://fhir.oost.ex\u{430}mple/r4/Patient",
    "https://\u{ff46}hir.oost.example/r4/Patient",
    "https://fhir.oost.example\u{200b}/r4/Patient",
    "https://fhir.oost.example\u{ad}/r4/Patient",
    "https://xn--fhir.oost.example/r4/Patient",
    "https://fhir.oost.example,evil.example/r4/Patient",
    "https://fhir.oost.example;evil.example/r4/Patient",
    "https://fhir.oost.example&evil.example/r4/Patient",
    "https://fhir.oost.example evil.example/r4/Patient",
    "https://fhir.oost.example\tevil.example/r4/Patient",
    "https://fhir.oost.example\r\nHost: evil.example/r4/Patient",
    "https://[fhir.oost.example]/r4/Patient",
    "https:///r4/Patient",
    "https://",
    "https://:443/r4/Patient",
    // Addresses in many spellings.
    "https://127.0.0.1/r4/Patient",
    "https://127.1/r4/Patient",
    "https://2130706433/r4/Patient",
    "https://0x7f000001/r4/Patient",
    "https://0x7f.0.0.1/r4/Patient",
    "https://0177.0.0.1/r4/Patient",
    "https://017700000001/r4/Patient",
    "https://127.0.0.1./r4/Patient",
    "https://127.000.000.001/r4/Patient",
    "https://\u{2460}27.0.0.1/r4/Patient",
    "https://[::1]/r4/Patient",
    "https://[::]/r4/Patient",
    "https://[::ffff:127.0.0.1]/r4/Patient",
    "https://[::ffff:7f00:1]/r4/Patient",
    "https://[0:0:0:0:0:ffff:7f00:1]/r4/Patient",
    "https://[64:ff9b::7f00:1]/r4/Patient",
    "https://[fe80::1%25eth0]/r4/Patient",
    "https://[::1/r4/Patient",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://localhost/r4/Patient",
    "https://0/r4/Patient",
    "https://0.0.0.0/r4/Patient",
    // Outside the path.
    "https://fhir.oost.example/",
    "https://fhir.oost.example",
    "https://fhir.oost.example/stu3/Patient",
    "https://fhir.oost.example/r40/Patient",
    "https://fhir.oost.example/r4evil/Patient",
    "https://fhir.oost.example/R4/Patient",
    "https://fhir.oost.example/r4;/Patient",
    "https://fhir.oost.example/r4/../admin",
    "https://fhir.oost.example/r4/..",
    "https://fhir.oost.example/r4/./Patient",
    "https://fhir.oost.example/r4/.",
    "https://fhir.oost.example/r4/..;/admin",
    "https://fhir.oost.example/r4/%2e%2e/admin",
    "https://fhir.oost.example/r4/%2E%2E/admin",
    "https://fhir.oost.example/r4/.%2e/admin",
    "https://fhir.oost.example/r4/%2e./admin",
    "https://fhir.oost.example/r4/..%2fadmin",
    "https://fhir.oost.example/r4%2f..%2fadmin",
    "https://fhir.oost.example/r4/..%5cadmin",
    "https://fhir.oost.example/r4/%252e%252e/admin",
    "https://fhir.oost.example/r4/..%252fadmin",
    "https://fhir.oost.example/r4\\..\\admin",
    "https://fhir.oost.example/r4/..\\admin",
    "https://fhir.oost.example//r4/Patient",
    "https://fhir.oost.example/r4//evil.example/Patient",
    "https://fhir.oost.example/%72%34/Patient",
    "https://fhir.oost.example/r4/Patient%00",
    "https://fhir.oost.example/r4/Patient%0d%0aHost:%20evil",
    "https://fhir.oost.example/r4/\u{ff0e}\u{ff0e}/admin",
    "https://fhir.oost.example/r4/Patient\u{0}",
    "https://fhir.oost.example/r4/Patient#fragment",
    "https://fhir.oost.example/r4/Pat ient",
    "https://fhir.oost.example/r4/\"Patient\"",
    "https://fhir.oost.example/r4/<Patient>",
    " https://fhir.oost.example/r4/Patient",
    "https://fhir.oost.example/r4/Patient ",
    "https://fhir.oost.example/r4/Patient\n",
    "/admin",
    "/r4/../admin",
    "/r4evil",
    "../admin",
    "./Patient",
    "Patient/../../admin",
    "Patient/%2e%2e/%2e%2e/admin",
    "Patient#x",
    "#x",
];

#[test]
fn no_hostile_link_leaves_the_pin() {
    assert!(HOSTILE.len() >= 100, "{}", HOSTILE.len());
    let peer = peer();
    for link in HOSTILE {
        assert!(
            matches!(peer.resolve(Target::Link(link)), Err(HttpError::OffPin(_))),
            "{link:?} was taken: {:?}",
            peer.resolve(Target::Link(link)).map(|url| url.to_string())
        );
    }
}

#[test]
fn no_hostile_base_is_pinned() {
    for address in [
        "https://2130706433/r4",
        "https://0x7f.1/",
        "https://user@host.example/",
        "https://host.example/r4?x=1",
        "https://host.example/r4#x",
        "https://host.example/../r4",
        "http://host.example/r4",
        "ftp://host.example/r4",
        "host.example/r4",
        "",
    ] {
        assert!(Peer::parse(address, false).is_err(), "{address}");
    }
    assert!(Peer::parse("http://localhost:8080/", true).is_ok());
}

#[test]
fn a_long_address_is_refused() {
    let long = format!("https://fhir.oost.example/r4/Patient?x={}", "y".repeat(9000));
    assert_eq!(
        peer().resolve(Target::Link(&long)),
        Err(HttpError::OffPin("too long"))
    );
}

#[test]
fn honest_links_are_followed() {
    let peer = peer();
    for (link, expected) in [
        (
            "https://fhir.oost.example/r4/Patient?_page=2",
            "https://fhir.oost.example/r4/Patient?_page=2",
        ),
        (
            "https://fhir.oost.example:443/r4?_getpages=a%7Cb",
            "https://fhir.oost.example/r4?_getpages=a%7Cb",
        ),
        (
            "HTTPS://FHIR.oost.example/r4/Patient",
            "https://fhir.oost.example/r4/Patient",
        ),
        (
            "/r4/Patient?_page=2",
            "https://fhir.oost.example/r4/Patient?_page=2",
        ),
        ("?_page=2", "https://fhir.oost.example/r4?_page=2"),
        (
            "Patient?_page=http://x/..",
            "https://fhir.oost.example/r4/Patient?_page=http://x/..",
        ),
    ] {
        assert_eq!(
            peer.resolve(Target::Link(link)).map(|url| url.to_string()),
            Ok(expected.to_owned())
        );
    }
    assert_eq!(
        peer.resolve(Target::Path("Patient/_search"))
            .map(|url| url.to_string()),
        Ok("https://fhir.oost.example/r4/Patient/_search".to_owned())
    );
    assert!(
        peer.resolve(Target::Path("https://fhir.oost.example/r4/Patient"))
            .is_err()
    );
    assert_eq!(peer.label(), "fhir.oost.example:443");
    assert_eq!(peer.base(), "https://fhir.oost.example/r4");
}

#[test]
fn a_peer_can_be_narrowed_and_rooted_but_not_left() {
    let root = peer().at_root();
    assert_eq!(root.base(), "https://fhir.oost.example");
    let token = root
        .narrow("https://fhir.oost.example/oauth2/oost/token")
        .unwrap();
    assert_eq!(token.prefix(), "/oauth2/oost/token");
    assert_eq!(
        token.resolve(Target::Path("")).map(|url| url.to_string()),
        Ok("https://fhir.oost.example/oauth2/oost/token".to_owned())
    );
    assert!(root.narrow("https://evil.example/token").is_err());
    assert!(root.narrow("https://fhir.oost.example/token?x=1").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever a link is, it is refused or leads to the same origin and below the same path.
    #[test]
    fn c44_a_link_that_is_taken_stays_within_the_pin(
        link in "(https?:)?/{0,3}[a-z0-9@:.%\\\\\\[\\]]{0,12}(fhir\\.oost\\.example)?[:@./?#%;\\\\ a-z0-9]{0,8}(/r4)?[/.%2eEfF;\\\\?#=a-z]{0,16}"
    ) {
        let peer = peer();
        if let Ok(url) = peer.resolve(Target::Link(&link)) {
            prop_assert_eq!(url.scheme(), "https");
            prop_assert_eq!(url.host_str(), Some("fhir.oost.example"));
            prop_assert_eq!(url.port(), None);
            prop_assert!(url.path() == "/r4" || url.path().starts_with("/r4/"), "{}", url);
            prop_assert!(url.username().is_empty() && url.fragment().is_none());
        }
    }
}
