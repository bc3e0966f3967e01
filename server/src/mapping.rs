//! The tools of who writes maps: run a pack over files, account for what is lost, judge a pack, hold it to its cases, and
//! compare two packs.
//!
//! The maps are `samenhang-conform`'s; this module opens what they need and says what came of it. The files are the
//! user's own and may hold patient data: what is told has places, names of rules, codes and counts, and a value only
//! where the caller asked for it.

pub mod account;
pub mod cases;
pub mod check;
pub mod compare;
pub mod coverage;
mod delivery;
pub mod draft;
mod error;
mod packs;
pub mod target;
pub mod telling;

pub use delivery::{Delivery, Message, Received, deliveries, ends};
pub use error::MappingError;
pub use packs::{Choice, Loaded, pack_files};
