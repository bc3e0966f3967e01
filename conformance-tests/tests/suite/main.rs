//! Black-box tests: scenarios, faults, and rules over the tree itself. One binary, so that it links once.

mod answer;
mod country;
mod docs;
mod faults;
mod golden;
mod layering;
mod privacy;
mod requests;
mod sources;
mod streams;
