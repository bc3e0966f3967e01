//! A quantity that is known exactly: a whole number, a power of ten and a unit.

use crate::term::Unit;

/// How a unit is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum UnitForm {
    /// With its code of UCUM.
    Coded,
    /// As people write it, in a way that has one meaning.
    Written,
    /// In a way that nobody can be sure of.
    Obscure,
}

/// A quantity.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Amount {
    /// The digits, as a whole number.
    pub(crate) digits: i64,
    /// How many of them are decimals.
    pub(crate) decimals: u32,
    pub(crate) unit: Unit,
    pub(crate) form: UnitForm,
    /// `<` and the like.
    pub(crate) comparator: Option<&'static str>,
}

/// How two quantities compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sameness {
    Same,
    /// One is the other with fewer decimals, and still has one.
    Rounded,
    /// Nothing tells.
    Unsure,
    Different,
}

impl Amount {
    /// As FHIR writes it.
    pub(crate) fn text(&self) -> String {
        let digits = self.digits.unsigned_abs().to_string();
        let sign = if self.digits < 0 { "-" } else { "" };
        let decimals = usize::try_from(self.decimals).unwrap_or_default();
        if decimals == 0 {
            return format!("{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, part) = padded.split_at(padded.len() - decimals);
        format!("{sign}{whole}.{part}")
    }

    /// The size: digits without zeros at the end, and their power of ten in the base.
    fn size(&self) -> (i64, i32) {
        let mut digits = self.digits;
        let mut power = self.unit.power - i32::try_from(self.decimals).unwrap_or_default();
        while digits != 0 && digits % 10 == 0 {
            digits /= 10;
            power += 1;
        }
        (digits, power)
    }

    /// The power of ten of the last digit that was reported.
    fn resolution(&self) -> i32 {
        self.unit.power - i32::try_from(self.decimals).unwrap_or_default()
    }

    /// In another unit of the same base, exactly.
    pub(crate) fn converted(&self, unit: Unit) -> Amount {
        let power = self.unit.power - i32::try_from(self.decimals).unwrap_or_default() - unit.power;
        let mut digits = self.digits;
        let mut decimals = 0;
        if power >= 0 {
            digits *= 10i64.pow(power.unsigned_abs());
        } else {
            decimals = power.unsigned_abs();
        }
        Amount {
            digits,
            decimals,
            unit,
            ..self.clone()
        }
    }

    /// With one decimal less; `None` when none would be left.
    pub(crate) fn rounded(&self) -> Option<Amount> {
        (self.decimals >= 2).then(|| Amount {
            digits: (self.digits + 5).div_euclid(10),
            decimals: self.decimals - 1,
            ..self.clone()
        })
    }

    /// How they compare: by their size, to the digits that were reported.
    pub(crate) fn compare(&self, other: &Amount) -> Sameness {
        if self.comparator != other.comparator {
            return Sameness::Different;
        }
        if self.form == UnitForm::Obscure || other.form == UnitForm::Obscure {
            let alike = (self.digits, self.decimals) == (other.digits, other.decimals);
            return if alike {
                Sameness::Unsure
            } else {
                Sameness::Different
            };
        }
        if self.unit.base != other.unit.base {
            return Sameness::Different;
        }
        if self.size() == other.size() {
            return Sameness::Same;
        }
        let rounds = |fine: &Amount, coarse: &Amount| {
            fine.resolution() < coarse.resolution()
                && fine
                    .rounded()
                    .is_some_and(|rounded| rounded.size() == coarse.size())
        };
        if rounds(self, other) || rounds(other, self) {
            Sameness::Rounded
        } else {
            Sameness::Different
        }
    }
}
