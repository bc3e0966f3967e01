use jiff::Timestamp;
use uuid::Uuid;

use super::fill;

fn now() -> Timestamp {
    "2026-11-21T23:30:00Z".parse().unwrap()
}

fn filled(text: &str) -> (String, Vec<String>) {
    let lookup = |name: &str| match name {
        "token" => Some("Bearer ${secret}".to_owned()),
        "secret" => Some("abc".to_owned()),
        "loop" => Some("${loop}".to_owned()),
        _ => None,
    };
    let filled = fill(text, now(), &lookup);
    (filled.text, filled.unknown)
}

#[test]
fn dates_are_counted_from_the_moment_of_the_run() {
    for (text, expected) in [
        ("${CURRENTDATE}", "2026-11-21"),
        ("a ${DATE, T, D, -4} b", "a 2026-11-17 b"),
        ("${DATE,T,W,+1}", "2026-11-28"),
        ("${DATE, T, M, -9}", "2026-02-21"),
        ("${DATE, T, Y, 1}T10:00:00", "2027-11-21T10:00:00"),
        ("${CURRENTDATETIME}", "2026-11-21T23:30:00Z"),
    ] {
        assert_eq!(filled(text), (expected.to_owned(), Vec::new()), "{text}");
    }
}

#[test]
fn variables_stand_for_their_value_and_that_for_its_own() {
    assert_eq!(filled("x=${token}").0, "x=Bearer abc");
    let (uuid, _) = filled("${UUID}");
    assert!(uuid.parse::<Uuid>().is_ok());
    assert_ne!(uuid, filled("${UUID}").0);
}

#[test]
fn what_is_not_known_is_told_and_nothing_goes_on_for_ever() {
    for text in [
        "${nobody}",
        "${DATE, T, H, 1}",
        "${DATE, T, D, x}",
        "${DATE, T, D, 99999999999}",
    ] {
        let (same, unknown) = filled(text);
        assert_eq!((same.as_str(), unknown.len()), (text, 1), "{text}");
    }
    assert_eq!(filled("${loop}").0, "${loop}");
    assert_eq!(filled("open ${ end").0, "open ${ end");
}
