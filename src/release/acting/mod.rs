//! What a person may ask of a release, what that would change, and when it has taken effect: plain data that every engine's plan is made of.
//! Never names a way to send anything, and never decides by itself: engines plan, the app confirms, the executor sends.

mod change;
pub mod check;
mod control;
mod diff;
mod footing;
mod gates;
mod goal;
mod history;
mod intent;
mod premise;
mod refusal;
mod write;

pub use change::{Change, Confirm, Exposed, Stage};
pub use control::{Control, Gate, Holder};
pub use diff::{Difference, Masked, bare, masked, template_differences};
pub use footing::Footing;
pub use gates::{Closed, Limits, closed, is_gated, raises};
pub use goal::Goal;
pub use history::{History, Outcome, Revision};
pub use intent::{Direction, Intent, RollBack, Verb};
pub use premise::Premise;
pub use refusal::Refusal;
pub use write::{PatchKind, Write};
