//! Identities as types: a value of these types has been checked, and a BSN cannot be printed by accident.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroize;

/// Why a text is not an identity. Never carries the text itself: it may be a BSN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// Not nine digits.
    #[error("a BSN has nine digits")]
    BsnLength,
    /// Nine digits that do not pass the 11-proef.
    #[error("the BSN does not pass the 11-proef")]
    BsnCheck,
    /// Not one to eight digits.
    #[error("a URA has one to eight digits")]
    Ura,
}

/// A citizen service number: nine digits that pass the 11-proef.
///
/// Promise P9: there is no `Display`, `Debug` or `Serialize`. The digits leave through
/// [`Bsn::expose`] only, which is called where a protocol carries them (PRS blinding, Mitz, `_search` bodies) and
/// nowhere else; a test greps for it. Memory is wiped on drop.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bsn([u8; 9]);

impl Bsn {
    /// Reads nine digits.
    ///
    /// # Errors
    /// [`IdentityError::BsnLength`] or [`IdentityError::BsnCheck`].
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let digits: [u8; 9] = text
            .trim()
            .as_bytes()
            .try_into()
            .map_err(|_| IdentityError::BsnLength)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(IdentityError::BsnLength);
        }
        // 11-proef: weights 9..2 and -1; nine zeros pass the sum but are nobody's number.
        let sum: i32 = digits
            .iter()
            .zip([9, 8, 7, 6, 5, 4, 3, 2, -1])
            .map(|(digit, weight)| i32::from(digit - b'0') * weight)
            .sum();
        if sum % 11 != 0 || digits == *b"000000000" {
            return Err(IdentityError::BsnCheck);
        }
        Ok(Bsn(digits))
    }

    /// The nine digits, for a message that must carry them. Never for a log, URL, error or metric.
    #[must_use]
    pub fn expose(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Drop for Bsn {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// UZI register subscriber number of a care provider organisation: eight digits, padded with zeros on the left.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ura([u8; 8]);

impl Ura {
    /// The eight digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Ura {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim().as_bytes();
        if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(IdentityError::Ura);
        }
        let mut padded = [b'0'; 8];
        padded[8 - digits.len()..].copy_from_slice(digits);
        Ok(Ura(padded))
    }
}

impl TryFrom<String> for Ura {
    type Error = IdentityError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Ura> for String {
    fn from(ura: Ura) -> Self {
        ura.as_str().to_owned()
    }
}

impl fmt::Display for Ura {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Ura {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ura({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Bsn, IdentityError, Ura};

    #[test]
    fn bsn_passes_the_11_proef() {
        for text in ["999990019", "999990020", "999990032", "999990044", "111222333"] {
            assert!(Bsn::parse(text).is_ok(), "{text}");
        }
        assert_eq!(Bsn::parse("999940003").err(), Some(IdentityError::BsnCheck));
        assert_eq!(Bsn::parse("000000000").err(), Some(IdentityError::BsnCheck));
        assert_eq!(Bsn::parse("99999001").err(), Some(IdentityError::BsnLength));
        assert_eq!(Bsn::parse("99999001a").err(), Some(IdentityError::BsnLength));
        assert_eq!(Bsn::parse("９９９").err(), Some(IdentityError::BsnLength));
    }

    #[test]
    fn ura_is_padded() {
        assert_eq!(
            "700700".parse::<Ura>().map(|u| u.to_string()),
            Ok("00700700".to_owned())
        );
        assert_eq!("123456789".parse::<Ura>(), Err(IdentityError::Ura));
        assert_eq!("".parse::<Ura>(), Err(IdentityError::Ura));
    }
}
