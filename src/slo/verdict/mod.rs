//! The verdict on a new version for one indicator: counts of both versions, an anytime-valid test on them, a word and the rule it rests on.
//! It refuses to judge what was not read, to call a quiet version good, and to let somebody look often enough to see what they fear.
//!
//! `Judge` is fed the running sums of both versions at every look; `Judge::evidence` is what is known at a moment; `judge` is the word.
//! Latency is the same with "slower than the objective's threshold" for "failed".

mod chance;
mod evidence;
mod judge;
mod judgement;
mod lately;
mod limits;
mod old;
mod outlook;
mod overall;
mod weight;
mod word;

pub use chance::worse;
pub use evidence::{Bad, Compared, Counting, Evidence, Spread};
pub use judge::{Judge, Look};
pub use judgement::{Judgement, judge};
pub use lately::Lately;
pub use limits::{Against, Limits};
pub use outlook::Outlook;
pub use overall::{Overall, overall};
pub use weight::Weight;
pub use word::{Arm, Rule, Trouble, Word};

#[cfg(test)]
mod tests;
