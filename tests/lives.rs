//! Random lives of releases, judged by their trace, and traces falsified on purpose. Apart from the other flights: those are flown in real time,
//! and these take all the time a processor has.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing where something must be has failed")]

mod embedded;

#[path = "acting/chaos.rs"]
mod chaos;
#[path = "acting/falsified.rs"]
mod falsified;
#[path = "acting/flight.rs"]
#[allow(dead_code, reason = "what other people write is what is needed here")]
mod flight;
#[path = "acting/front.rs"]
#[allow(dead_code, reason = "the flight's")]
mod front;
#[path = "demo_writes/lab.rs"]
#[allow(dead_code, reason = "its scenarios are what is needed here")]
mod lab;
#[path = "acting/replica.rs"]
mod replica;
#[path = "acting/seat.rs"]
mod seat;
#[path = "acting/trace.rs"]
mod trace;
