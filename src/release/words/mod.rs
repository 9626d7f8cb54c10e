//! One release in words: what needs attention, what is true, what comes next, and what all of it rests on.
//! Refuses to judge by statistics, and to call anything well that was not read.

mod alerts;
mod attention;
mod clause;
mod commands;
mod flagger;
mod judged;
mod measured;
mod names;
mod next;
mod opening;
mod opinions;
mod period;
mod reckoned;
mod standing;
mod trouble;
mod unaided;
mod verdict;
mod why;

pub use alerts::alert;
pub use attention::{Attention, Rank, attention, judged};
pub use clause::Clause;
pub use commands::{kubectl, kubectl_pod};
pub use judged::{Found, found, overall_found};
pub use measured::{aged, burning, burns, columns, compared, dated, emptied, filled, grouped, promoted, worst};
pub use names::{Pair, Side, called, capital, exposed, new_version, old_version, role, side, version_name, version_pair};
pub use next::{next, place, rung, step};
pub use period::{is_at_most, resets, span_of};
pub use standing::{Failures, Standing, failures, standing, was_replaced};
pub use trouble::{brief, reason, state, trouble};
pub use unaided::{suspended, unaided};
pub use verdict::{Mark, Verdict, sentence};
pub use why::{Reason, alarm, countdown_name, outcome, peak, run, summary, why};
