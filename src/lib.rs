//! flightdeck: a release cockpit for the terminal.
pub mod demo;
