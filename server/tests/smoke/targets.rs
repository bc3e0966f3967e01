//! What is done with damaged bytes: one file a target, used by `fuzz/` too. A target may panic for one reason only,
//! that a promise was broken.

pub(crate) mod search;
