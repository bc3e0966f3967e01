//! HTTP in: one table of routes, the layers around them, and the listeners.
//!
//! What is not in [`routes::TABLE`] does not exist. No handler decides who may ask: that is [`crate::access`].

pub mod address;
pub mod asked;
pub mod asker;
pub mod correlation;
pub mod health;
pub mod layers;
pub mod listener;
pub mod notification;
pub mod operator;
pub mod patient;
pub mod problem;
pub mod published;
pub mod routes;
pub mod serving;
pub mod viewer;
