//! Whether the server as a whole is to be believed to answer, and how long it is left alone when not.
//! Never takes one dear question's failure for the server's.

use std::time::Duration;

use super::super::failure::Failure;
use super::super::limit::Backoff;

/// The wait after a first failure, doubled with each further one.
const FIRST: Duration = Duration::from_secs(5);
/// The longest wait, and the one where only a person can help.
const LONGEST: Duration = Duration::from_secs(60);

/// What the last answers say of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trust {
    /// Failures in a row that say nothing certain.
    ambiguous: u32,
    /// Failures in a row of the server itself.
    failing: u32,
    backoff: Backoff,
}

impl Trust {
    /// Whether it is taken to fail.
    pub fn is_failing(&self) -> bool {
        self.failing > 0
    }

    /// An answer came. Returns whether it was taken to fail until now.
    pub fn answered(&mut self) -> bool {
        let was_failing = self.is_failing();
        *self = Self::default();
        was_failing
    }

    /// A question failed. Returns how long the server is left alone, where it is to blame.
    pub fn failed(&mut self, failure: &Failure) -> Option<Duration> {
        if failure.is_about_question() {
            self.answered();
            return None;
        }
        if failure.is_ambiguous() {
            self.ambiguous = self.ambiguous.saturating_add(1);
            if self.ambiguous < 2 && !self.is_failing() {
                return None;
            }
        }
        self.failing = self.failing.saturating_add(1);
        if let Some(wait) = self.backoff.failed(failure) {
            return Some(wait);
        }
        let doubled = FIRST.saturating_mul(1_u32 << (self.failing - 1).min(8));
        Some(if failure.is_lasting() { LONGEST } else { doubled.min(LONGEST) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Clean;

    #[test]
    fn a_server_that_is_gone_is_asked_less_and_less_often() {
        let mut trust = Trust::default();
        let gone = Failure::NotReached(Clean::default());
        let waits: Vec<u64> = (0..6).filter_map(|_| trust.failed(&gone)).map(|wait| wait.as_secs()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 60, 60]);
        assert!(trust.answered() && !trust.answered());
        assert_eq!(trust.failed(&gone), Some(FIRST));
    }

    #[test]
    fn one_slow_question_is_no_failing_server_and_two_are() {
        let mut trust = Trust::default();
        let slow = Failure::Timeout(Clean::default());
        assert_eq!((trust.failed(&slow), trust.is_failing()), (None, false));
        assert_eq!(trust.failed(&Failure::Execution(Clean::default())), None);
        assert_eq!(trust.failed(&slow), None);
        assert_eq!((trust.failed(&slow), trust.is_failing()), (Some(FIRST), true));
    }

    #[test]
    fn what_a_person_must_mend_is_tried_once_a_minute() {
        assert_eq!(Trust::default().failed(&Failure::Unauthorized(Clean::default())), Some(LONGEST));
        let busy = Failure::TooMany { retry_after: Some(Duration::from_secs(90)), words: Clean::default() };
        assert_eq!(Trust::default().failed(&busy), Some(Duration::from_secs(90)));
    }
}
