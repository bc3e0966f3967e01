//! The server of Samenhang: HTTP in, access, audit, sessions and the command line.

pub mod access;
pub mod app;
pub mod audit;
pub mod cli;
pub mod clusters;
pub mod config;
pub mod corrections;
pub mod demo;
pub mod error;
pub mod fhir;
pub mod http;
pub mod mapping;
pub mod overview;
pub mod packages;
pub mod reconciliation;
pub mod releases;
pub mod search;
pub mod session;
pub mod station;
pub mod telemetry;
pub mod validation;
