//! Roots, powers, exponentials and logarithms of decimals.
//!
//! Whole powers and roots of squares are exact. The rest is computed in fixed point with 16 digits and answered to 8,
//! the step that FHIRPath N1 asks for, so that the answer is the same on every machine.

use super::{Decimal, power_of_ten};

/// Digits of the fixed point.
const DIGITS: u8 = 16;
/// One in fixed point.
const ONE: i128 = 10_000_000_000_000_000;
/// Natural logarithm of 2 in fixed point.
const LN_2: i128 = 6_931_471_805_599_453;
/// Digits that are answered.
const ANSWER: u8 = 8;

impl Decimal {
    /// Square root; `None` below zero.
    #[must_use]
    pub fn square_root(self) -> Option<Decimal> {
        let number = self.trimmed();
        if number.is_negative() {
            return None;
        }
        // An even scale, and as many further pairs of digits as fit, make the whole root exact to them.
        let mut mantissa = number.mantissa();
        let mut scale = number.scale;
        if scale % 2 == 1 {
            mantissa = mantissa.checked_mul(10)?;
            scale += 1;
        }
        while scale < 2 * DIGITS {
            let Some(next) = mantissa.checked_mul(100) else {
                break;
            };
            mantissa = next;
            scale += 2;
        }
        let root = Decimal::new(mantissa.checked_isqrt()?, scale / 2)?;
        let exact = root.trimmed();
        if exact.times(exact) == Some(number) {
            return Some(exact);
        }
        Some(root.rounded(ANSWER))
    }

    /// The number to the power of `exponent`; `None` when it is not a real number or does not fit.
    #[must_use]
    pub fn power(self, exponent: Decimal) -> Option<Decimal> {
        if let Some(whole) = exponent.whole() {
            return self.whole_power(i32::try_from(whole).ok()?);
        }
        if self.is_zero() {
            return (!exponent.is_negative()).then(|| Decimal::from(0));
        }
        let logarithm = Decimal::new(fixed_logarithm(self)?, DIGITS)?;
        exponential(fixed(exponent.times(logarithm)?)?)
    }

    fn whole_power(self, exponent: i32) -> Option<Decimal> {
        let mut result = Decimal::from(1);
        let mut base = self.trimmed();
        let mut left = exponent.unsigned_abs();
        loop {
            if left % 2 == 1 {
                result = result.times(base)?;
            }
            left /= 2;
            if left == 0 {
                break;
            }
            base = base.times(base)?;
        }
        if exponent < 0 {
            return Decimal::from(1).divided_by(result);
        }
        Some(result)
    }

    /// `e` to this power.
    #[must_use]
    pub fn exponential(self) -> Option<Decimal> {
        exponential(fixed(self)?)
    }

    /// Natural logarithm; `None` unless above zero.
    #[must_use]
    pub fn natural_logarithm(self) -> Option<Decimal> {
        answer(fixed_logarithm(self)?)
    }

    /// Logarithm to a base; `None` unless both are above zero and the base is not one.
    #[must_use]
    pub fn logarithm(self, base: Decimal) -> Option<Decimal> {
        let above = Decimal::new(fixed_logarithm(self)?, DIGITS)?;
        let below = Decimal::new(fixed_logarithm(base)?, DIGITS)?;
        Some(above.divided_by(below)?.rounded(ANSWER).trimmed())
    }
}

fn answer(value: i128) -> Option<Decimal> {
    Some(Decimal::new(value, DIGITS)?.rounded(ANSWER).trimmed())
}

/// The number in fixed point.
fn fixed(number: Decimal) -> Option<i128> {
    Some(number.rounded_or_padded(DIGITS)?.mantissa())
}

/// Product in fixed point. Both are at most a few times [`ONE`].
fn product(left: i128, right: i128) -> Option<i128> {
    Some(left.checked_mul(right)? / ONE)
}

/// Logarithm in fixed point: halved or doubled into 2/3 to 4/3, then the series of the inverse hyperbolic tangent.
fn fixed_logarithm(number: Decimal) -> Option<i128> {
    if number.is_zero() || number.is_negative() {
        return None;
    }
    // As many digits as the mantissa holds, so that small numbers lose nothing.
    let (mut mantissa, mut scale) = (number.mantissa(), i32::from(number.scale()));
    let mut tens = 0_i128;
    while mantissa >= 10 * ONE {
        mantissa /= 10;
        scale -= 1;
    }
    while mantissa < ONE {
        mantissa *= 10;
        scale += 1;
    }
    tens += i128::from(i32::from(DIGITS) - scale);
    let mut twos = 0_i128;
    while mantissa > ONE * 4 / 3 {
        mantissa /= 2;
        twos += 1;
    }
    let ratio = (mantissa - ONE).checked_mul(ONE)? / (mantissa + ONE);
    let square = product(ratio, ratio)?;
    let (mut term, mut sum) = (ratio, 0_i128);
    for odd in (1..60).step_by(2) {
        sum += term / odd;
        term = product(term, square)?;
    }
    // ln 10 = 23025850929940457 * 10^-16.
    Some(2 * sum + twos * LN_2 + tens * 23_025_850_929_940_457)
}

/// Exponential of a number in fixed point: a power of two times the series of what is left.
fn exponential(value: i128) -> Option<Decimal> {
    let twos = value.div_euclid(LN_2);
    let rest = value.rem_euclid(LN_2);
    let (mut term, mut sum) = (ONE, ONE);
    for step in 1..40 {
        term = product(term, rest)? / step;
        sum += term;
    }
    let twos = i32::try_from(twos).ok()?;
    if twos >= 0 {
        let factor = 1_i128.checked_shl(twos.unsigned_abs()).filter(|_| twos < 80)?;
        return answer(sum.checked_mul(factor)?);
    }
    let down = twos.unsigned_abs();
    if down >= 64 {
        return Some(Decimal::from(0));
    }
    debug_assert!(power_of_ten(DIGITS) == Some(ONE));
    answer(sum >> down)
}
