//! How a row of the query tables is written, the same for both versions.

use samenhang_terminology::Category;

use super::{Part, TypeRow};

/// An official query.
pub(super) const fn part(category: Category, parameter: &'static str, values: &'static str) -> Part {
    Part {
        category,
        parameter,
        values,
        official: values,
        lastn: false,
    }
}

/// An official query, and wider values that sources use.
pub(super) const fn wide(
    category: Category,
    parameter: &'static str,
    official: &'static str,
    values: &'static str,
) -> Part {
    Part {
        category,
        parameter,
        values,
        official,
        lastn: false,
    }
}

/// A query that is not official.
pub(super) const fn ours(category: Category, parameter: &'static str, values: &'static str) -> Part {
    Part {
        category,
        parameter,
        values,
        official: "",
        lastn: false,
    }
}

/// A type that no official query names.
pub(super) const fn row(kind: &'static str, covers: &'static [Category]) -> TypeRow {
    TypeRow {
        kind,
        covers,
        patient: "patient",
        includes: &[],
        parts: &[],
        core: false,
    }
}

/// A type that official queries name.
pub(super) const fn core(
    kind: &'static str,
    covers: &'static [Category],
    includes: &'static [&'static str],
    parts: &'static [Part],
) -> TypeRow {
    TypeRow {
        kind,
        covers,
        patient: "patient",
        includes,
        parts,
        core: true,
    }
}
