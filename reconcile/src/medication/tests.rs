//! Cases of the medication overview.
