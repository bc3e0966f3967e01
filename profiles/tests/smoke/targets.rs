//! What is done with damaged bytes: one file a target, used by `fuzz/` too. A target may panic for one reason only,
//! that a promise was broken.

pub(crate) mod definition;
pub(crate) mod document;
pub(crate) mod fhirpath;
pub(crate) mod json_reader;
pub(crate) mod narrative;
pub(crate) mod package;
pub(crate) mod page;
pub(crate) mod release;
pub(crate) mod terminology;
pub(crate) mod units;
pub(crate) mod validate;
pub(crate) mod xml_reader;
