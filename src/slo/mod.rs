//! Objectives, error budgets, burn rates, measured exposure and per-version counts: pure arithmetic on numbers somebody else fetched.
//! It reads no clock, opens no connection and makes up no number: what can't be told comes back as a [`Reading`] that says why.

pub mod attribution;
pub mod budget;
pub mod burn;
pub mod burndown;
pub mod calendar;
pub mod counter;
pub mod exposure;
pub mod interval;
pub mod method;
pub mod objective;
pub mod outcome;
pub mod quantile;
pub mod ratio;
pub mod reach;
pub mod spent;
pub mod tally;
pub mod tier;
pub mod track;
pub mod verdict;

pub use objective::{Objective, ObjectiveError};
pub use outcome::{Answer, Outcome};
pub use ratio::{Gap, Missing, Ratio, Reading};

#[cfg(test)]
mod vectors;
