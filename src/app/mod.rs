//! The cockpit without a terminal and without a cluster: events in, state changed, effects out.
//! Never names a network, a disk, a clock or a random number: they come in as events and leave as effects.

mod effect;
mod event;

pub use effect::Effect;
pub use event::{Event, MouseEvent};
