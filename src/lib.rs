//! flightdeck: a release cockpit for the terminal.
pub mod demo;
pub mod keys;
pub mod theme;
