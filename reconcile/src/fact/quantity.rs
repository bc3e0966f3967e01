//! Quantities: compared by their size, whatever the unit, and never beyond the digits that were reported.

use std::cmp::Ordering;

use samenhang_profiles::tape::Node;
use samenhang_terminology::ucum::{self, Magnitude};

use super::{Name, Names};

/// System of UCUM.
const UCUM: &str = "http://unitsofmeasure.org";

/// A quantity.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Quantity {
    /// The digits, without zeros that only show precision.
    digits: Box<str>,
    /// Decimals that were reported, those zeros too.
    decimals: usize,
    /// The unit as it is compared: a code of UCUM, or a text that is none; `None` without a unit.
    unit: Option<Unit>,
    /// `<`, `>` and the like.
    comparator: Option<Name>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Unit {
    text: Box<str>,
    is_ucum: bool,
}

/// How two quantities compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    Same,
    /// One is the other with fewer decimals: it says less.
    Rounded,
    /// Equal digits, and the unit of one is not known.
    Unknown,
    Different,
}

/// Reads a Quantity; `None` when it has no value.
pub(super) fn read(node: Node<'_>, names: &mut Names) -> Option<Quantity> {
    let reported = node.get("value")?.as_number()?;
    let digits = plain(reported);
    let decimals = match reported.split_once('.') {
        Some((_, decimals)) if !reported.contains(['e', 'E']) => decimals.len(),
        _ => 0,
    };
    let of_ucum = node.text("system") == Some(UCUM);
    let code = node.text("code").filter(|_| of_ucum);
    let text = node.text("unit");
    let unit = code
        .or_else(|| text.and_then(written))
        .map(|code| Unit {
            // Both are the litre; for all else case counts.
            text: litre(code).into(),
            is_ucum: true,
        })
        .or_else(|| {
            let text = text.or_else(|| node.text("code"))?;
            Some(Unit {
                text: text.trim().into(),
                is_ucum: false,
            })
        });
    let comparator = node.text("comparator");
    Some(Quantity {
        comparator: comparator.map(|comparator| names.of(comparator)),
        digits: digits.into(),
        decimals,
        unit,
    })
}

impl Quantity {
    pub(super) fn compare(&self, other: &Quantity) -> Likeness {
        if self.comparator != other.comparator {
            return Likeness::Different;
        }
        match (&self.unit, &other.unit) {
            (a, b) if a == b => match self.digits == other.digits {
                true => Likeness::Same,
                false if self.rounds_within(other) || other.rounds_within(self) => Likeness::Rounded,
                false => Likeness::Different,
            },
            (Some(a), Some(b)) if a.is_ucum && b.is_ucum => {
                let size =
                    |quantity: &Quantity, unit: &Unit| ucum::canonical(&quantity.digits, &unit.text).ok();
                let equal = size(self, a).zip(size(other, b)).is_some_and(|(own, other)| {
                    own.unit == other.unit && own.value.partial_cmp(&other.value) == Some(Ordering::Equal)
                });
                same(equal || self.rounds_to(other) || other.rounds_to(self))
            }
            _ if self.digits == other.digits => Likeness::Unknown,
            _ => Likeness::Different,
        }
    }

    /// Whether this value, of the same unit, is `other` with the fewer decimals that were reported of it.
    fn rounds_within(&self, other: &Quantity) -> bool {
        other.decimals > 0
            && other.decimals < self.decimals
            && Magnitude::parse(&self.digits)
                .and_then(|value| rounded(&value, other.decimals))
                .is_some_and(|digits| digits == *other.digits)
    }

    /// Whether one is the other as a round number, in one unit. Of two records with one number that is the same value, told
    /// less precisely; of two others it may be anything near it.
    pub(super) fn is_rounded(&self, other: &Quantity) -> bool {
        let rounds = |value: &Quantity, round: &Quantity| {
            round.decimals < value.decimals
                && Magnitude::parse(&value.digits)
                    .and_then(|value| rounded(&value, round.decimals))
                    .is_some_and(|digits| digits == *round.digits)
        };
        self.comparator == other.comparator
            && self.unit == other.unit
            && (rounds(self, other) || rounds(other, self))
    }

    /// Whether this value in the unit of `other` and with its decimals is `other`.
    fn rounds_to(&self, other: &Quantity) -> bool {
        let (Some(from), Some(to)) = (&self.unit, &other.unit) else {
            return false;
        };
        let decimals = other.decimals;
        // Without decimals a round number may stand for anything near it.
        if decimals == 0 || self.digits.len() < other.digits.len() {
            return false;
        }
        ucum::convert(&self.digits, &from.text, &to.text)
            .ok()
            .and_then(|converted| rounded(&converted, decimals))
            .is_some_and(|digits| digits == *other.digits)
    }
}

fn same(equal: bool) -> Likeness {
    if equal {
        Likeness::Same
    } else {
        Likeness::Different
    }
}

/// Rounds half up to a number of decimals; `None` for what is not written as a plain decimal.
fn rounded(value: &Magnitude, decimals: usize) -> Option<String> {
    let text = value.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", &*text),
    };
    if digits.contains(['e', 'E']) {
        return None;
    }
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut kept: Vec<u8> = whole
        .bytes()
        .chain(part.bytes().chain(std::iter::repeat(b'0')).take(decimals))
        .collect();
    if part.as_bytes().get(decimals).is_some_and(|next| *next >= b'5') {
        let mut at = kept.len();
        loop {
            if at == 0 {
                kept.insert(0, b'1');
                break;
            }
            at -= 1;
            match kept.get_mut(at) {
                Some(digit @ b'9') => *digit = b'0',
                Some(digit) => {
                    *digit += 1;
                    break;
                }
                None => break,
            }
        }
    }
    let text = String::from_utf8(kept).ok()?;
    let (whole, part) = text.split_at(text.len().checked_sub(decimals)?);
    Some(plain(&format!("{sign}{whole}.{part}")))
}

/// The digits without zeros that only show precision: 5.0 and 5 are one size.
fn plain(text: &str) -> String {
    if text.contains('.') && !text.contains(['e', 'E']) {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

/// The code of a unit that people write in another way. Only what has one meaning.
fn written(unit: &str) -> Option<&'static str> {
    Some(match unit.trim() {
        "mol/l" | "mol/L" => "mol/L",
        "mmol/l" | "mmol/L" => "mmol/L",
        "umol/l" | "umol/L" | "µmol/l" | "µmol/L" | "μmol/l" | "μmol/L" => "umol/L",
        "nmol/l" | "nmol/L" => "nmol/L",
        "pmol/l" | "pmol/L" => "pmol/L",
        "g/l" | "g/L" => "g/L",
        "g/dl" | "g/dL" => "g/dL",
        "mg/l" | "mg/L" => "mg/L",
        "mg/dl" | "mg/dL" => "mg/dL",
        "ug/l" | "ug/L" | "µg/l" | "µg/L" | "μg/l" | "μg/L" => "ug/L",
        "ng/l" | "ng/L" => "ng/L",
        "ng/ml" | "ng/mL" => "ng/mL",
        // The unit of an enzyme and the international unit are two units: `mU/l` alone does not tell which.
        "U/l" | "U/L" => "U/L",
        "IU/l" | "IU/L" | "IE/l" | "IE/L" => "[IU]/L",
        "mIU/l" | "mIU/L" | "mIE/l" | "mIE/L" => "m[IU]/L",
        "kIU/l" | "kIU/L" | "kIE/l" | "kIE/L" => "k[IU]/L",
        "10^9/l" | "10^9/L" | "10*9/l" | "x10^9/l" | "x10^9/L" | "x 10^9/l" | "10⁹/l" | "10⁹/L" => {
            "10*9/L"
        }
        "10^12/l" | "10^12/L" | "10*12/l" | "x10^12/l" | "x10^12/L" | "10¹²/l" | "10¹²/L" => "10*12/L",
        "l/l" | "L/L" => "L/L",
        "fl" | "fL" => "fL",
        "fmol" => "fmol",
        "pg" => "pg",
        "mm/h" | "mm/uur" | "mm/1e uur" => "mm/h",
        "ml/min" | "mL/min" => "mL/min",
        "ml/min/1.73m2" | "ml/min/1,73m2" | "ml/min/1,73 m2" | "ml/min/1,73m²" | "ml/min/1,73 m²"
        | "mL/min/1.73m2" | "mL/min/1,73m2" => "mL/min/{1.73_m2}",
        "mg/mmol" => "mg/mmol",
        "kg" => "kg",
        "g" | "gram" => "g",
        "mg" => "mg",
        "cm" => "cm",
        "m" => "m",
        "mm" => "mm",
        "mm[Hg]" | "mmHg" | "mm Hg" => "mm[Hg]",
        "%" => "%",
        "/min" | "per minuut" | "slagen/min" => "/min",
        "Cel" | "°C" => "Cel",
        "kg/m2" | "kg/m²" => "kg/m2",
        "ml" | "mL" => "mL",
        "mmol/mol" => "mmol/mol",
        _ => return None,
    })
}

/// The litre has two codes; nothing else is folded (`mg` and `Mg` differ by nine zeros).
fn litre(code: &str) -> String {
    let is_litre = |term: &str| {
        let stem = term.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
        matches!(stem, "l" | "dl" | "cl" | "ml" | "ul" | "nl" | "fl" | "pl")
    };
    if !code.contains('l') {
        return code.to_owned();
    }
    let terms: Vec<String> = code
        .split('/')
        .map(|part| {
            let terms: Vec<String> = part
                .split('.')
                .map(|term| {
                    if is_litre(term) {
                        term.replace('l', "L")
                    } else {
                        term.to_owned()
                    }
                })
                .collect();
            terms.join(".")
        })
        .collect();
    terms.join("/")
}
