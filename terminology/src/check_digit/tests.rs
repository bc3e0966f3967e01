//! Published codes, and properties of the schemes.

use proptest::prelude::*;

use super::{gs1, mod10, verhoeff, verhoeff_digit};

#[test]
fn published_codes_pass() {
    for code in [
        "33633005",
        "404684003",
        "11291000146105",
        "33633005",
        "422037009",
        "900000000000207008",
    ] {
        assert!(verhoeff(code.as_bytes()), "{code}");
    }
    for code in ["853549", "84806", "84624", "294637", "83022", "83063", "83089"] {
        assert!(mod10(code.as_bytes()), "{code}");
    }
    for code in ["4006381333931", "73513537", "08712345678906"] {
        assert!(gs1(code.as_bytes()), "{code}");
    }
}

#[test]
fn what_has_no_digits_fails() {
    for text in ["", "x", "12a4", "１２３", "-1"] {
        assert!(
            !verhoeff(text.as_bytes()) && !mod10(text.as_bytes()) && !gs1(text.as_bytes()),
            "{text}"
        );
    }
    assert_eq!(verhoeff_digit(b"12x"), None);
}

fn digits() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(b'0'..=b'9', 1..18)
}

proptest! {
    #[test]
    fn the_digit_that_is_appended_fits(mut number in digits()) {
        let digit = verhoeff_digit(&number).unwrap();
        number.push(digit);
        prop_assert!(verhoeff(&number));
    }

    #[test]
    fn one_wrong_digit_is_always_seen(mut number in digits(), at in any::<prop::sample::Index>(), by in 1u8..10) {
        number.push(verhoeff_digit(&number).unwrap());
        let at = at.index(number.len());
        number[at] = b'0' + (number[at] - b'0' + by) % 10;
        prop_assert!(!verhoeff(&number));
    }

    #[test]
    fn two_neighbours_that_change_places_are_always_seen(mut number in digits(), at in any::<prop::sample::Index>()) {
        number.push(verhoeff_digit(&number).unwrap());
        let at = at.index(number.len() - 1);
        prop_assume!(number[at] != number[at + 1]);
        number.swap(at, at + 1);
        prop_assert!(!verhoeff(&number));
    }
}
