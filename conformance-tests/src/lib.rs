//! Black-box tests of Samenhang: scenarios, faults, benches. They talk HTTP and CLI only.
//!
//! The library holds what is of use beside these tests: a runner of FHIR `TestScript` resources over HTTP.

pub mod testscript;
