//! Exact decimal numbers that keep the precision they were written with.
//!
//! Source: FHIRPath N1, section Decimal (28 digits, step 10^-8 at least); FHIR R4 2.24.0.1: the precision of a decimal
//! is part of it. Every operation is exact or rounds half away from zero at [`Decimal::MAX_SCALE`]; what does not fit
//! is `None`, which FHIRPath answers with an empty collection. Binary floating point is not used anywhere.

mod functions;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;

/// Digits behind the point that a quotient is carried to.
const QUOTIENT_SCALE: u8 = 28;

/// A decimal number: `mantissa * 10^-scale`.
///
/// The mantissa is kept in two words, so that the number is aligned as a word and values stay small.
#[derive(Clone, Copy)]
pub struct Decimal {
    high: i64,
    low: u64,
    scale: u8,
}

impl Decimal {
    /// Most digits behind the point.
    pub const MAX_SCALE: u8 = 31;

    /// `mantissa * 10^-scale`; `None` when the scale passes [`Decimal::MAX_SCALE`].
    #[must_use]
    pub fn new(mantissa: i128, scale: u8) -> Option<Decimal> {
        (scale <= Self::MAX_SCALE).then(|| Self::raw(mantissa, scale))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the mantissa is split into its words"
    )]
    const fn raw(mantissa: i128, scale: u8) -> Decimal {
        Decimal {
            high: (mantissa >> 64) as i64,
            low: mantissa as u64,
            scale,
        }
    }

    /// The digits as an integer.
    #[must_use]
    pub fn mantissa(self) -> i128 {
        (i128::from(self.high) << 64) | i128::from(self.low)
    }

    /// Digits behind the point.
    #[must_use]
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Reads `-12.50`, `+1` or `1.5E2`; `None` when it is no number or does not fit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Decimal> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match number.as_bytes().first()? {
            b'-' => (true, number.get(1..)?),
            b'+' => (false, number.get(1..)?),
            _ => (false, number),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        if whole.is_empty() {
            return None;
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            let digit = byte.is_ascii_digit().then(|| i128::from(byte - b'0'))?;
            mantissa = mantissa.checked_mul(10)?.checked_add(digit)?;
        }
        if negative {
            mantissa = -mantissa;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        if scale < 0 {
            let power = power_of_ten(u8::try_from(scale.unsigned_abs()).ok()?)?;
            return Decimal::new(mantissa.checked_mul(power)?, 0);
        }
        Decimal::new(mantissa, u8::try_from(scale).ok()?)
    }

    /// Whether it is zero, of whatever scale.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.mantissa() == 0
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.high < 0
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negated(self) -> Option<Decimal> {
        Some(Self::raw(self.mantissa().checked_neg()?, self.scale))
    }

    /// Its distance from zero.
    #[must_use]
    pub fn magnitude(self) -> Option<Decimal> {
        Some(Self::raw(self.mantissa().checked_abs()?, self.scale))
    }

    /// Both mantissas at the larger of the two scales.
    fn aligned(self, other: Decimal) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(other.scale);
        let left = self.mantissa().checked_mul(power_of_ten(scale - self.scale)?)?;
        let right = other.mantissa().checked_mul(power_of_ten(scale - other.scale)?)?;
        Some((left, right, scale))
    }

    /// Sum.
    #[must_use]
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        let (left, right, scale) = self.aligned(other)?;
        Decimal::new(left.checked_add(right)?, scale)
    }

    /// Difference.
    #[must_use]
    pub fn minus(self, other: Decimal) -> Option<Decimal> {
        self.plus(other.negated()?)
    }

    /// Product. Digits beyond the greatest scale are rounded.
    #[must_use]
    pub fn times(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.checked_add(other.scale)?;
        match self.mantissa().checked_mul(other.mantissa()) {
            Some(mantissa) => Self::rounded_to(mantissa, scale, Self::MAX_SCALE),
            // Trailing zeros may be all that does not fit.
            None => {
                let (left, right) = (self.trimmed(), other.trimmed());
                let mantissa = left.mantissa().checked_mul(right.mantissa())?;
                Self::rounded_to(mantissa, left.scale.checked_add(right.scale)?, Self::MAX_SCALE)
            }
        }
    }

    /// Quotient to 28 digits behind the point, without trailing zeros; `None` for a division by zero.
    #[must_use]
    pub fn divided_by(self, other: Decimal) -> Option<Decimal> {
        let divisor = other.mantissa();
        if divisor == 0 {
            return None;
        }
        // Long division: the whole part first, then digit by digit, so that no intermediate overflows early.
        let (left, right, _) = self.trimmed().aligned(other.trimmed())?;
        let mut quotient = left.checked_div(right)?;
        let mut rest = left.checked_rem(right)?;
        let mut scale = 0;
        while rest != 0 && scale < QUOTIENT_SCALE {
            let Some(next) = rest.checked_mul(10) else { break };
            let Some(shifted) = quotient
                .checked_mul(10)
                .and_then(|shifted| shifted.checked_add(next / right))
            else {
                break;
            };
            quotient = shifted;
            rest = next % right;
            scale += 1;
        }
        Some(Self::raw(quotient, scale).trimmed())
    }

    /// Whole part of the quotient, cut towards zero.
    #[must_use]
    pub fn whole_quotient(self, other: Decimal) -> Option<i128> {
        let (left, right, _) = self.aligned(other)?;
        left.checked_div(right)
    }

    /// What is left of the division into whole parts; it has the sign of the dividend.
    #[must_use]
    pub fn remainder(self, other: Decimal) -> Option<Decimal> {
        let (left, right, scale) = self.aligned(other)?;
        Decimal::new(left.checked_rem(right)?, scale)
    }

    /// The whole part, cut towards zero.
    #[must_use]
    pub fn truncated(self) -> i128 {
        power_of_ten(self.scale).map_or(0, |power| self.mantissa() / power)
    }

    /// The largest whole number that is not above it.
    #[must_use]
    pub fn floor(self) -> i128 {
        power_of_ten(self.scale).map_or(0, |power| self.mantissa().div_euclid(power))
    }

    /// The smallest whole number that is not below it.
    #[must_use]
    pub fn ceiling(self) -> i128 {
        let floor = self.floor();
        floor + i128::from(Self::raw(floor, 0) < self)
    }

    /// Rounded half away from zero to `scale` digits behind the point; a number with fewer keeps what it has.
    #[must_use]
    pub fn rounded(self, scale: u8) -> Decimal {
        Self::rounded_to(self.mantissa(), self.scale, scale).unwrap_or(self)
    }

    fn rounded_to(mantissa: i128, scale: u8, most: u8) -> Option<Decimal> {
        if scale <= most {
            return Decimal::new(mantissa, scale);
        }
        let Some(power) = power_of_ten(scale - most) else {
            return Decimal::new(0, most);
        };
        let (whole, rest) = (mantissa / power, mantissa % power);
        let up = i128::from(rest.unsigned_abs() >= power.unsigned_abs() / 2 + power.unsigned_abs() % 2);
        Decimal::new(whole + up * mantissa.signum(), most)
    }

    /// Exactly `scale` digits behind the point: zeros are added, what is more is cut off.
    #[must_use]
    pub fn cut_to(self, scale: u8) -> Option<Decimal> {
        if scale <= self.scale {
            let power = power_of_ten(self.scale - scale)?;
            return Decimal::new(self.mantissa() / power, scale);
        }
        let mantissa = self.mantissa().checked_mul(power_of_ten(scale - self.scale)?)?;
        Decimal::new(mantissa, scale)
    }

    /// Exactly `scale` digits behind the point: zeros are added, what is more is rounded half away from zero.
    #[must_use]
    pub fn rounded_or_padded(self, scale: u8) -> Option<Decimal> {
        if scale < self.scale {
            Some(self.rounded(scale))
        } else {
            self.cut_to(scale)
        }
    }

    /// Half a unit of the last digit: how far the real value may lie from the written one.
    #[must_use]
    pub fn half_step(self) -> Option<Decimal> {
        Decimal::new(5, self.scale.checked_add(1)?)
    }

    /// The same number without trailing zeros behind the point.
    #[must_use]
    pub fn trimmed(self) -> Decimal {
        let (mut mantissa, mut scale) = (self.mantissa(), self.scale);
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Self::raw(mantissa, scale)
    }

    /// The number as an integer, when it is whole.
    #[must_use]
    pub fn whole(self) -> Option<i128> {
        let trimmed = self.trimmed();
        (trimmed.scale == 0).then(|| trimmed.mantissa())
    }

    /// Equivalence: equal when both are rounded to the precision of the less precise one. Trailing zeros do not count
    /// as precision (FHIRPath N1, 6.1.2).
    #[must_use]
    pub fn equivalent(self, other: Decimal) -> bool {
        let scale = self.trimmed().scale.min(other.trimmed().scale);
        self.rounded(scale) == other.rounded(scale)
    }
}

/// `10^exponent`, when it fits.
fn power_of_ten(exponent: u8) -> Option<i128> {
    10_i128.checked_pow(u32::from(exponent))
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::raw(i128::from(value), 0)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.trimmed(), other.trimmed());
        match left.aligned(right) {
            Some((left, right, _)) => left.cmp(&right),
            // They differ so much in size that one scale does not hold both: the whole parts decide.
            None => left.truncated().cmp(&right.truncated()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mantissa = self.mantissa();
        let digits = mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let sign = if mantissa < 0 { "-" } else { "" };
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
