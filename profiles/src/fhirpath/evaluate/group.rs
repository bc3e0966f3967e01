//! Which file knows a function.

use crate::fhirpath::function::Function;

/// Where a function stands.
pub(super) enum Group {
    Collection,
    Conversion,
    Text,
    Number,
    Moment,
    Fhir,
}

impl Function {
    /// Where the function stands; for a predicate it does not matter.
    pub(super) fn group(self) -> Group {
        use Function as F;
        match self {
            F::ToBoolean
            | F::ConvertsToBoolean
            | F::ToInteger
            | F::ConvertsToInteger
            | F::ToDecimal
            | F::ConvertsToDecimal
            | F::ToDate
            | F::ConvertsToDate
            | F::ToDateTime
            | F::ConvertsToDateTime
            | F::ToTime
            | F::ConvertsToTime
            | F::ToQuantity
            | F::ConvertsToQuantity
            | F::ToText
            | F::ConvertsToText => Group::Conversion,
            F::IndexOf
            | F::LastIndexOf
            | F::Substring
            | F::Upper
            | F::Lower
            | F::Replace
            | F::ReplaceMatches
            | F::Length
            | F::ToChars
            | F::Trim
            | F::Split
            | F::Join
            | F::Encode
            | F::Decode
            | F::Escape
            | F::Unescape => Group::Text,
            F::Abs
            | F::Ceiling
            | F::Exp
            | F::Floor
            | F::Ln
            | F::Log
            | F::Power
            | F::Round
            | F::Sqrt
            | F::Truncate => Group::Number,
            F::LowBoundary
            | F::HighBoundary
            | F::PrecisionOf
            | F::Now
            | F::Today
            | F::TimeOfDay
            | F::YearOf
            | F::MonthOf
            | F::DayOf
            | F::HourOf
            | F::MinuteOf
            | F::SecondOf
            | F::MillisecondOf
            | F::TimezoneOffsetOf
            | F::DateOf
            | F::TimeOf => Group::Moment,
            F::Extension | F::GetValue | F::Resolve | F::ElementDefinition | F::Slice => Group::Fhir,
            _ => Group::Collection,
        }
    }
}
