mod bench;
mod config;
mod consent;
mod faults;
mod flow;
mod quirks;
mod timing;
