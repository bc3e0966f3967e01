//! The pages that a clinician sees: a form, the overview of one patient with the pages behind it, and the fragments in
//! which the overview streams.
//!
//! It turns what was received into words and marks, and nothing more: it shows, it does not interpret. Markup lives
//! in `templates/`, text in `locales/`; there is no inline script or style and no address outside this origin. It asks
//! nobody anything and keeps nothing.

pub mod access_log;
pub mod address;
pub mod assets;
pub mod chart;
pub mod document;
pub mod item;
pub mod language;
pub mod masking;
pub mod matrix;
pub mod medication;
pub mod moment;
pub mod operator;
pub mod pages;
pub mod patient;
pub mod readable;
pub mod record;
pub mod results;
pub mod sections;
pub mod texts;
pub mod timeline;
mod words;

pub use address::Address;
pub use assets::Asset;
pub use item::{Item, Lines, Mark};
pub use language::Language;
pub use matrix::{Cell, Matrix, Row};
pub use medication::Medication;
pub use pages::{
    AccessLogPage, FormPage, Frame, Head, MedicationPage, NumberPage, OverviewPage, OwnHome, OwnPage, Page,
    PageError, Person, Reader, RecordPage, ResultsPage, SectionPage, TimelinePage, Trouble,
};
pub use patient::Patient;
pub use readable::Reading;
pub use record::Record;
pub use results::Results;
pub use sections::Sections;
pub use timeline::Timeline;

/// The Content-Security-Policy of every page: only what this origin serves, nothing inline, not in a frame.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
