//! What the old version did of late: the newest minutes in which anybody asked it anything, be they long ago.
//! It refuses to call it worse than before the release on one or two errors: those are any service's bad luck.

use super::judgement::BOTH_BAD;
use crate::slo::Outcome;
use crate::slo::attribution::FEWEST_STABLE;
use crate::slo::interval::newcombe;
use std::collections::VecDeque;

/// Buckets it is told from at least: the last minutes.
const LATE: usize = 5;
/// And at most, where few requests come: an hour.
const MOST: usize = 60;

/// The old version's newest buckets that had requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Old {
    recent: VecDeque<Outcome>,
}

impl Old {
    /// Takes what it did in a bucket that is closed. One without requests tells nothing.
    pub fn add(&mut self, seen: Outcome) {
        if seen.total > 0.0 {
            self.recent.push_back(seen);
            if self.recent.len() > MOST {
                self.recent.pop_front();
            }
        }
    }

    /// What it did last, where that is surely worse than what it did `before` the release: whatever ails it then ails the new version too,
    /// and what was before is no measure of either.
    pub fn worsened(&self, open: Outcome, before: Option<Outcome>) -> Option<Outcome> {
        let mut last = open;
        for (taken, seen) in self.recent.iter().rev().enumerate() {
            if taken >= LATE && last.total >= FEWEST_STABLE {
                break;
            }
            last = last.plus(seen);
        }
        let is_worse = last.bad >= BOTH_BAD && newcombe(last, before?).is_some_and(|difference| difference.lower > 0.0);
        is_worse.then_some(last)
    }
}
