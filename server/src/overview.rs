//! The way of one question: from what was asked to what leaves.
//!
//! [`ask`] brings the question to the holders, [`course`] follows what they answer, [`release`] lets patient data
//! out (only under a permit that still holds, and only when the audit record is durable), [`tally`] keeps the
//! completeness statement, [`version`] puts what is known in STU3 when that is asked for, and [`json`], [`ndjson`] and
//! [`events`] write. When the answer is written nothing is kept, but
//! in a viewer session: [`memory`] takes from it and leaves there what [`kept`] describes.

pub mod ask;
pub mod body;
pub mod course;
pub mod document;
pub mod events;
pub mod feed;
pub mod handler;
pub mod identity;
pub mod json;
pub mod kept;
pub mod memory;
pub mod ndjson;
pub mod release;
pub mod settled;
pub mod tally;
pub mod version;
