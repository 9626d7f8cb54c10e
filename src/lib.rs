//! flightdeck: a release cockpit for the terminal.

pub mod app;
pub mod cli;
pub mod cluster;
pub mod commands;
pub mod config;
pub mod demo;
pub mod engines;
pub mod journal;
pub mod keys;
pub mod measure;
pub mod metrics;
pub mod objectives;
pub mod objects;
pub mod ports;
pub mod probe;
pub mod release;
pub mod runtime;
pub mod slo;
pub mod text;
pub mod theme;
pub mod view;
