//! Where the pure cockpit meets a terminal, signals and tasks. The only place with a `select!` and the only real clock.

pub mod checks;
pub mod clipboard;
pub mod clock;
pub mod executor;
pub mod input;
pub mod log;
pub mod picture;
pub mod run;
mod scribe;
pub mod session;
pub mod signals;
pub mod terminal;
