//! The check matrix row by row, and ten thousand generated identities without one false accept.

use std::sync::LazyLock;

use proptest::prelude::*;
use samenhang_profiles::{Bsn, RawResource};

use super::{Anchor, Demographics, Judgement, Standing, compare_holders, judge};
use crate::fixtures::{raw, ura};

const SYSTEM: &str = "http://fhir.nl/fhir/NamingSystem/bsn";

fn bsn(text: &str) -> Bsn {
    Bsn::parse(text).unwrap_or_else(|e| panic!("{e}"))
}

fn anchor() -> Anchor {
    Anchor {
        bsn: bsn("999990019"),
        birth_date: Some("1958-03-14".to_owned()),
        family_name: Some("de Proef".to_owned()),
        gender: Some("female".to_owned()),
    }
}

fn patient(number: &str, birth: &str, family: &str, gender: &str) -> RawResource {
    let birth = if birth.is_empty() {
        String::new()
    } else {
        format!(r#","birthDate":"{birth}""#)
    };
    let family = if family.is_empty() {
        String::new()
    } else {
        format!(r#","name":[{{"family":"{family}"}}]"#)
    };
    let gender = if gender.is_empty() {
        String::new()
    } else {
        format!(r#","gender":"{gender}""#)
    };
    raw(&format!(
        r#"{{"resourceType":"Patient","id":"p","identifier":[{{"system":"{SYSTEM}","value":"{number}"}}]{birth}{family}{gender}}}"#
    ))
}

fn verdict(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Accept(_) => "accept".to_owned(),
        Judgement::AcceptWithWarning(_, warning) => format!("warn {warning:?}"),
        Judgement::Hold(_, deviation) => format!("hold {deviation:?}"),
        Judgement::Quarantine(deviation) => format!("quarantine {deviation:?}"),
        Judgement::NotLinked(reason) => format!("not linked {reason:?}"),
        Judgement::Ambiguous { records } => format!("ambiguous {records}"),
        Judgement::Reject => "reject".to_owned(),
    }
}

#[test]
fn the_matrix_holds_row_by_row() {
    let own = "999990019";
    for (number, birth, family, gender, expected) in [
        (own, "1958-03-14", "de Proef", "female", "accept"),
        (own, "1958-03-14", "PROEF", "female", "accept"),
        (own, "1958-03-14", "Voorbeeld-de Proef", "female", "accept"),
        (own, "1958-03-14", "", "", "accept"),
        (own, "1958-03", "de Proef", "female", "accept"),
        (own, "1958-03-00", "de Proef", "female", "accept"),
        (own, "1958-00-00", "de Proef", "", "accept"),
        (own, "1958-03-14", "Voorbeeld", "female", "warn FamilyName"),
        (own, "1958-03-14", "de Proef", "male", "warn Gender"),
        (own, "", "de Proef", "female", "warn LittleToCompare"),
        (own, "", "", "", "warn LittleToCompare"),
        (own, "1958-03-14", "Voorbeeld", "male", "hold FamilyNameAndGender"),
        (own, "1958-03", "Voorbeeld", "female", "hold FamilyName"),
        (own, "", "Voorbeeld", "female", "hold FamilyName"),
        (own, "1958-04-13", "de Proef", "female", "hold BirthDate"),
        (own, "1958-04", "de Proef", "female", "hold BirthDate"),
        (own, "1958-04-13", "", "female", "hold BirthDate"),
        (
            own,
            "1985-03-14",
            "Voorbeeld",
            "female",
            "quarantine BirthDateAndFamilyName",
        ),
        ("999990020", "1958-03-14", "de Proef", "female", "reject"),
        (
            "999990018",
            "1958-03-14",
            "de Proef",
            "female",
            "not linked NoBsn",
        ),
        ("", "1958-03-14", "de Proef", "female", "not linked NoBsn"),
    ] {
        let judged = judge(&anchor(), &[patient(number, birth, family, gender)]);
        assert_eq!(verdict(&judged), expected, "{number} {birth} {family} {gender}");
    }
}

#[test]
fn what_the_asker_does_not_say_is_not_compared() {
    let silent = Anchor {
        birth_date: None,
        family_name: None,
        gender: None,
        ..anchor()
    };
    let judged = judge(&silent, &[patient("999990019", "1985-03-14", "Ander", "male")]);
    assert_eq!(verdict(&judged), "accept");
    let named = Anchor {
        family_name: Some("de Proef".to_owned()),
        ..silent
    };
    let judged = judge(&named, &[patient("999990019", "1985-03-14", "Ander", "male")]);
    assert_eq!(verdict(&judged), "hold FamilyName");
}

#[test]
fn a_number_must_be_there_once_verified_and_alone() {
    let own = patient("999990019", "1958-03-14", "de Proef", "female");
    let other = patient("999990020", "1958-03-14", "de Proef", "female");
    let second = patient("999990019", "1958-03-14", "Proef", "female");
    let flagged = raw(&format!(
        r#"{{"resourceType":"Patient","id":"p","identifier":[{{"use":"temp","system":"{SYSTEM}","value":"999990019"}}]}}"#
    ));
    let oid = raw(
        r#"{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:oid:2.16.840.1.113883.2.4.6.3","value":"999990019"}]}"#,
    );
    let both = raw(&format!(
        r#"{{"resourceType":"Patient","id":"p","identifier":[{{"system":"{SYSTEM}","value":"999990019"}},{{"system":"{SYSTEM}","value":"999990020"}}]}}"#
    ));
    let anonymous = raw(r#"{"resourceType":"Patient","id":"p"}"#);
    for (patients, expected) in [
        (vec![], "not linked NoPatient"),
        (vec![own.clone(), own.clone()], "accept"),
        (vec![own.clone(), second], "ambiguous 2"),
        (vec![own.clone(), other], "reject"),
        (vec![both], "reject"),
        (vec![flagged], "not linked Unverified"),
        (vec![oid], "warn LittleToCompare"),
        (vec![anonymous.clone()], "not linked NoBsn"),
        (vec![anonymous, own], "accept"),
    ] {
        assert_eq!(verdict(&judge(&anchor(), &patients)), expected);
    }
}

#[test]
fn a_hold_opens_only_when_it_is_confirmed() {
    let held = judge(
        &anchor(),
        &[patient("999990019", "1958-04-13", "de Proef", "female")],
    );
    assert!(held.accepted(false).is_none());
    assert!(held.accepted(true).is_some());
    let quarantined = judge(
        &anchor(),
        &[patient("999990019", "1985-01-01", "Ander", "female")],
    );
    assert!(
        quarantined.accepted(true).is_none(),
        "a confirmation does not open a quarantine"
    );
}

#[test]
fn holders_are_compared_when_the_asker_gave_nothing() {
    use Standing::{Agrees, Deviates, Undecided};
    type Row = (&'static str, &'static str);
    let cases: [(&[Row], &[Standing]); 9] = [
        (&[("1958-03-14", "Proef")], &[Agrees]),
        (
            &[("1958-03-14", "Proef"), ("1958-03", "Voorbeeld")],
            &[Agrees, Agrees],
        ),
        (
            &[("1958-03-14", "Proef"), ("1958-04-13", "Proef")],
            &[Undecided, Undecided],
        ),
        (
            &[
                ("1958-03-14", "Proef"),
                ("1958-03-14", "Proef"),
                ("1985-01-01", "Ander"),
            ],
            &[Agrees, Agrees, Deviates],
        ),
        (
            &[("1958-03-14", "A"), ("1958-03-15", "B"), ("1958-03-16", "C")],
            &[Undecided, Undecided, Undecided],
        ),
        (
            &[("1958-03-14", "A"), ("1958-03-15", "A"), ("1958-03", "A")],
            &[Undecided, Undecided, Undecided],
        ),
        (
            &[
                ("1958-03-14", "Proef"),
                ("1958-03-14", "Proef"),
                ("", "Proef"),
                ("", "Ander"),
            ],
            &[Agrees, Agrees, Agrees, Deviates],
        ),
        (&[("", "Proef"), ("", "Ander")], &[Agrees, Agrees]),
        (&[], &[]),
    ];
    for (rows, expected) in cases {
        let accepted: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(index, (birth, family))| {
                (
                    ura(&format!("{}", 700_700 + index)),
                    Demographics::of(Some(birth), Some(family)),
                )
            })
            .collect();
        let standings: Vec<_> = compare_holders(&accepted).into_values().collect();
        assert_eq!(standings, expected, "{rows:?}");
        let mut reversed = accepted;
        reversed.reverse();
        assert_eq!(
            compare_holders(&reversed).into_values().collect::<Vec<_>>(),
            expected
        );
    }
}

/// Every valid number of the test range.
static NUMBERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    (999_990_000..1_000_000_000)
        .map(|number| number.to_string())
        .filter(|number| Bsn::parse(number).is_ok())
        .collect()
});

/// Another valid number that a typist makes of this one by putting its last four digits in another order; `None`
/// when there is none. One swap alone never passes the 11-proef.
fn transposed(number: &str) -> Option<String> {
    let (head, tail) = number.split_at(5);
    NUMBERS
        .iter()
        .find(|other| {
            let sorted = |text: &str| {
                let mut digits: Vec<char> = text.chars().collect();
                digits.sort_unstable();
                digits
            };
            other.as_str() != number && other.starts_with(head) && sorted(&other[5..]) == sorted(tail)
        })
        .cloned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nobody is accepted as somebody else, whatever looks alike: twins, typing errors, swapped day and month.
    #[test]
    fn nobody_is_taken_for_another(
        me in 0usize..900, other in 0usize..900,
        day in 1u8..=12, month in 1u8..=12, year in 1930u16..2026,
        family in "[A-Z][a-z]{2,9}", stranger in "[A-Z][a-z]{2,9}",
        kind in 0u8..6,
    ) {
        let (mine, theirs) = (NUMBERS[me].clone(), NUMBERS[other].clone());
        let birth = format!("{year:04}-{month:02}-{day:02}");
        let anchor = Anchor {
            bsn: bsn(&mine),
            birth_date: Some(birth.clone()),
            family_name: Some(family.clone()),
            gender: Some("female".to_owned()),
        };
        let (candidate, same_person) = match kind {
            // Oneself, as recorded and with an unknown day.
            0 => (patient(&mine, &birth, &family, "female"), true),
            1 => (patient(&mine, &format!("{year:04}-{month:02}-00"), &family, "female"), true),
            // A twin: all the same but the number.
            2 => (patient(&theirs, &birth, &family, "female"), mine == theirs),
            // A typing error in the number that passes the 11-proef: somebody else's record.
            3 => match transposed(&mine) {
                Some(number) => (patient(&number, &birth, &family, "female"), false),
                None => return Ok(()),
            },
            // Day and month swapped: may be oneself, but not without a look.
            4 => (patient(&mine, &format!("{year:04}-{day:02}-{month:02}"), &family, "female"), day == month),
            // Somebody else's record under one's number.
            _ => (patient(&mine, &format!("{:04}-{month:02}-{day:02}", year + 1), &stranger, "male"), false),
        };
        let accepted = judge(&anchor, &[candidate]).accepted(false).is_some();
        prop_assert_eq!(accepted, same_person, "kind {}", kind);
    }
}

#[test]
fn the_typing_error_that_passes_the_check_exists() {
    assert!(
        NUMBERS.iter().any(|number| transposed(number).is_some()),
        "else the property proves nothing"
    );
}
