//! The table of routes.
