//! Plans of Argo Rollouts: what is sent in which state, what it rests on, and what is refused; on states that the real controller left behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends when something is wrong")]

#[path = "plans/goals.rs"]
mod goals;
#[path = "plans/lives.rs"]
mod lives;
#[path = "plans/state.rs"]
mod state;
#[path = "plans/table.rs"]
mod table;
#[path = "plans/traps.rs"]
mod traps;
#[path = "plans/traps_back.rs"]
mod traps_back;
