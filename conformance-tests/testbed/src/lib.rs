//! The testbed: a simulated country on loopback.
//!
//! National services (OAuth, PRS, NVI, LRZa, Mitz, Dezi), holders with their authorization servers and FHIR sources,
//! and an audit sink, as section 7 of the generic functions notes describes them, with faults that can be switched on.
//! For tests and for `samenhang demo`; never for real patients.

pub mod admin;
pub mod audit_sink;
pub mod clock;
pub mod dezi;
pub mod faults;
pub mod journal;
pub mod lrza;
pub mod mitz;
pub mod net;
pub mod nvi;
pub mod oauth;
pub mod patients;
pub mod prs;
pub mod source;
pub mod tls;
