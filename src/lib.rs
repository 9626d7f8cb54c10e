//! flightdeck: a release cockpit for the terminal.
pub mod config;
pub mod demo;
pub mod keys;
pub mod theme;
