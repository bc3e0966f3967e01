//! A station from outside: what is acknowledged is kept, whatever happens.

mod crash;
mod erasure;
mod faults;
mod holding;
mod pipeline;
mod scene;
