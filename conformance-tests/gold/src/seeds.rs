//! What patients are made of: two sets that share nothing but their type, so that what is tuned on the one is measured on
//! the other. All of it is written for this; the codes are public, the patients never were.

mod dev;
mod sealed;

use crate::render::Style;
use crate::term::{Code, Term, Unit};

/// Something with a place in the body.
#[derive(Clone, Copy)]
pub(crate) struct Sited {
    pub(crate) term: Term,
    pub(crate) site: Option<Code>,
    /// Whether it has a left and a right.
    pub(crate) is_sided: bool,
}

/// Something that is measured.
#[derive(Clone, Copy)]
pub(crate) struct Measure {
    pub(crate) term: Term,
    pub(crate) unit: Unit,
    /// Another unit of the same base.
    pub(crate) other: Option<Unit>,
    /// Lowest and highest value, as whole numbers of the last decimal.
    pub(crate) range: (i64, i64),
    pub(crate) decimals: u32,
    pub(crate) material: Option<Code>,
}

/// Something that is asked.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) term: Term,
    pub(crate) answers: &'static [Code],
}

/// One set of seeds.
#[derive(Clone, Copy)]
pub(crate) struct Seeds {
    pub(crate) name: &'static str,
    pub(crate) style: Style,
    pub(crate) problems: &'static [Sited],
    /// Diagnosis and complaint.
    pub(crate) categories: [Code; 2],
    pub(crate) severities: [Code; 2],
    pub(crate) allergies: &'static [Term],
    pub(crate) alerts: &'static [Term],
    pub(crate) labs: &'static [Measure],
    pub(crate) vitals: &'static [Measure],
    /// A measurement of two parts.
    pub(crate) pressure: (Term, [Code; 2], Unit),
    pub(crate) methods: [Code; 2],
    pub(crate) situations: &'static [Asked],
    pub(crate) procedures: &'static [Sited],
    pub(crate) vaccines: &'static [Term],
    pub(crate) devices: &'static [Sited],
    pub(crate) products: &'static [Term],
    pub(crate) directives: &'static [Term],
    pub(crate) documents: &'static [Term],
    pub(crate) planned: &'static [Term],
    /// A problem, and a code of another system that is wider.
    pub(crate) wider: (Term, Code),
    /// The year that records begin in.
    pub(crate) since: i64,
}

/// The set that the engine is developed on.
pub(crate) const DEV: Seeds = dev::SEEDS;
/// The set that is opened only to measure.
pub(crate) const SEALED: Seeds = sealed::SEEDS;

/// A meaning with codes.
pub(crate) const fn term(codes: &'static [Code], english: &'static str) -> Term {
    Term { codes, english }
}
