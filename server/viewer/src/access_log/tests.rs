use super::*;

fn look(at: &str) -> Look {
    Look {
        at: at.parse().unwrap(),
        deed: Deed::Asked,
        ended: Ended::Allowed,
        organisation: Some("Huisartsenpraktijk West".to_owned()),
        role: Some("01.015".to_owned()),
        own: false,
        purpose: Some("TREAT"),
        categories: vec![Category::Condition],
        shown: BTreeMap::from([("Ziekenhuis Oost".to_owned(), 3)]),
    }
}

#[test]
fn looks_in_a_row_are_one_line_with_a_count() {
    let looks = vec![
        Look {
            categories: vec![Category::AllergyIntolerance],
            ..look("2026-11-22T09:20:00Z")
        },
        look("2026-11-22T09:10:00Z"),
        look("2026-11-22T08:40:00Z"),
    ];
    let lines = entries(looks, Language::Dutch);
    assert_eq!(lines.len(), 2, "more than a quarter of an hour apart");
    assert_eq!(lines[0].times, 2);
    assert_eq!(lines[0].when, "22-11-2026 10:10 tot 10:20", "Dutch local time");
    assert!(lines[0].what.contains("Problemen") && lines[0].what.contains("Allergie"));
    assert_eq!(lines[0].role, "huisarts");
    assert_eq!(lines[0].shown, ["Ziekenhuis Oost: 3 gegevens"]);
    assert_eq!(lines[1].times, 1);
}

#[test]
fn nobody_elses_look_and_no_other_end_is_taken_together() {
    let own = Look {
        own: true,
        role: None,
        ..look("2026-11-22T09:12:00Z")
    };
    let refused = Look {
        ended: Ended::Refused,
        shown: BTreeMap::new(),
        ..look("2026-11-22T09:11:00Z")
    };
    let lines = entries(
        vec![own, refused, look("2026-11-22T09:10:00Z")],
        Language::English,
    );
    assert_eq!(lines.len(), 3);
    assert_eq!((lines[0].role.as_str(), lines[0].own), ("you", true));
    assert!(lines[1].is_refused && lines[1].shown.is_empty());
    assert!(!lines[2].is_refused);
}

#[test]
fn a_look_at_everything_says_so_and_one_that_got_nothing_too() {
    let all = Look {
        categories: Category::ALL.into(),
        shown: BTreeMap::new(),
        ..look("2026-11-22T09:10:00Z")
    };
    let line = &entries(vec![all], Language::English)[0];
    assert_eq!(line.what, "everything");
    assert_eq!(line.ended, "allowed, and nothing was shown");
}
