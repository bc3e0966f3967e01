//! The pages that a clinician sees: one form, one overview, and the fragments in which the overview streams.
//!
//! It turns what was received into words and marks, and nothing more: it shows, it does not interpret. Markup lives
//! in `templates/`, text in [`words`]; there is no inline script or style and no address outside this origin. It asks
//! nobody anything and keeps nothing.

pub mod assets;
pub mod item;
pub mod matrix;
pub mod pages;
pub mod words;

pub use assets::Asset;
pub use item::{Item, Mark};
pub use matrix::{Cell, Matrix, Row};
pub use pages::{FormPage, Frame, OverviewPage, PageError, Person, Trouble};
pub use words::Language;

/// The Content-Security-Policy of every page: only what this origin serves, nothing inline, not in a frame.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
