//! Check digits: what a code says about itself, without any release at hand.

#[cfg(test)]
mod tests;

/// The multiplication table of the dihedral group D5, as used by Verhoeff's scheme.
const D5: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

/// The permutation that Verhoeff's scheme applies once for each place.
const PERMUTATION: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// Inverse of each digit in D5.
const INVERSE: [u8; 10] = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];

/// Whether ASCII digits end in their Verhoeff check digit (SNOMED CT Release File Specification, section 5.5).
/// False for anything but digits, and for none.
#[must_use]
pub fn verhoeff(digits: &[u8]) -> bool {
    !digits.is_empty() && verhoeff_state(digits, 0) == Some(0)
}

/// The check digit that Verhoeff's scheme appends to ASCII digits; `None` where one is no digit.
#[must_use]
pub fn verhoeff_digit(digits: &[u8]) -> Option<u8> {
    verhoeff_state(digits, 1).map(|state| b'0' + INVERSE[usize::from(state)])
}

/// Runs the scheme from the right, where the first digit seen stands at place `from`.
fn verhoeff_state(digits: &[u8], from: usize) -> Option<u8> {
    let mut state = 0u8;
    for (place, byte) in digits.iter().rev().enumerate() {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        let permuted = PERMUTATION[(place + from) % 8][usize::from(digit)];
        state = D5[usize::from(state)][usize::from(permuted)];
    }
    Some(state)
}

/// Whether ASCII digits end in their mod-10 check digit in the way of LOINC (LOINC Users' Guide, appendix C) and of
/// payment cards: from the right, every second digit counts double.
#[must_use]
pub fn mod10(digits: &[u8]) -> bool {
    weighted(digits, |digit, second| match (digit, second) {
        (digit, false) => digit,
        (digit @ 0..=4, true) => digit * 2,
        (digit, true) => digit * 2 - 9,
    })
}

/// Whether ASCII digits end in their check digit in the way of GS1 (GS1 General Specifications, section 7.9): from
/// the right, every second digit counts three times.
#[must_use]
pub fn gs1(digits: &[u8]) -> bool {
    weighted(digits, |digit, second| if second { digit * 3 } else { digit })
}

/// Whether the weighted digits add up to a multiple of ten. There have to be two at least.
fn weighted(digits: &[u8], weigh: impl Fn(u8, bool) -> u8) -> bool {
    if digits.len() < 2 {
        return false;
    }
    let mut sum = 0u32;
    for (place, byte) in digits.iter().rev().enumerate() {
        let Some(digit) = byte.checked_sub(b'0').filter(|digit| *digit < 10) else {
            return false;
        };
        sum += u32::from(weigh(digit, place % 2 == 1));
    }
    sum.is_multiple_of(10)
}
