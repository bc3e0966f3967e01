//! What is done with damaged bytes: one file a target, used by `fuzz/` too. A target may panic for one reason only,
//! that a promise was broken.

pub(crate) mod cda_reader;
pub(crate) mod csv_reader;
pub(crate) mod hl7v2_reader;
pub(crate) mod mllp;
pub(crate) mod quirks;
