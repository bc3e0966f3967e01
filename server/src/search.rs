//! Type-level searches of one patient's data: the queries of MedMij BgZ 3.0 and BgZ-MSZ 2.0.
//!
//! A search is a question like any other: it goes the way of [`crate::overview`], for the categories that its type can
//! hold, and what comes back is reconciled. Only then is it filtered here, in memory, by the parameters. So a search
//! never sends a holder anything but what the question needs, and can only leave out, never add.
//!
//! [`query`] reads the parameters ([`control`] those that say how the matches are given), [`select`] chooses what matches
//! and what comes along, [`write`] makes a [`sheet`] of it that is written whole or by the page, [`handler`] is the route,
//! and [`page`] that of the next pages. Sources: FHIR STU3 and R4, search; section 2 of the notes on profiles and test
//! data.

pub mod control;
mod display;
pub mod handler;
mod include;
mod lastn;
mod mask;
mod moment;
pub mod of_source;
pub mod page;
pub mod parameter;
pub mod query;
mod select;
pub mod sheet;
mod shelf;
mod splice;
mod value;
mod write;
