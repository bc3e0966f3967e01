//! What can go wrong in reconciliation: only a caller that breaks the completeness statement.

use samenhang_profiles::Ura;
use samenhang_terminology::Category;

/// Why a completeness statement cannot be made. Names holders and categories, never a patient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// A status was given for a holder that was not localised.
    #[error("holder {holder} was not localised")]
    NotLocalised {
        /// The holder.
        holder: Ura,
    },
    /// A status was given for a category that was not asked for.
    #[error("category {} was not asked for", category.code())]
    NotAsked {
        /// The category.
        category: Category,
    },
    /// A second status was given for one holder and category.
    #[error("holder {holder} has a status for {} already", category.code())]
    Twice {
        /// The holder.
        holder: Ura,
        /// The category.
        category: Category,
    },
    /// A holder and category has no status.
    #[error("holder {holder} has no status for {}", category.code())]
    Missing {
        /// The holder.
        holder: Ura,
        /// The category.
        category: Category,
    },
}

impl ReconcileError {
    /// The stable code, with a page in the error catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ReconcileError::NotLocalised { .. } => "SAM-REC-001",
            ReconcileError::NotAsked { .. } => "SAM-REC-002",
            ReconcileError::Twice { .. } => "SAM-REC-003",
            ReconcileError::Missing { .. } => "SAM-REC-004",
        }
    }
}
