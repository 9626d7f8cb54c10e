//! Plans for Flagger on states that the real one left behind: what is sent, in which order, what it waits for, and what is refused.

mod aborts;
mod back;
mod forward;
mod scene;
