//! Acting as a whole, without a screen: the state, the real adapters over HTTPS, a journal on disk, and an embedded cluster with everything
//! that goes wrong. Each flight says what reached the server, what the journal has of it, and what the person is told.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing where something must be has failed")]

mod embedded;

#[path = "acting/flight.rs"]
mod flight;
#[path = "acting/flights.rs"]
mod flights;
#[path = "acting/front.rs"]
mod front;
#[path = "acting/guards.rs"]
mod guards;
#[path = "demo_writes/lab.rs"]
#[allow(dead_code, reason = "its scenarios are what is needed here")]
mod lab;
#[path = "acting/troubles.rs"]
mod troubles;
