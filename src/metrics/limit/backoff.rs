//! How long a server that asks for fewer questions is left alone.
//! Never backs off for a failure that says nothing about load: a bad query is no reason to stop asking the others.

use std::time::Duration;

use super::super::failure::Failure;
use super::pacer::INTERVAL;

/// The longest wait of our own making.
const LONGEST: Duration = Duration::from_secs(300);
/// The longest wait a server can impose: beyond it somebody has mistyped.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// Shared by all questions to one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the last refusal in a row.
    wait: Option<Duration>,
}

impl Backoff {
    /// An answer came: the usual pace again.
    pub fn answered(&mut self) {
        self.wait = None;
    }

    /// A question failed. Returns how long to ask nothing of this server, if it asked for that.
    pub fn failed(&mut self, failure: &Failure) -> Option<Duration> {
        if !failure.is_overload() {
            return None;
        }
        let own = self.wait.map_or(INTERVAL, |last| last.saturating_mul(2)).min(LONGEST);
        self.wait = Some(own);
        Some(failure.retry_after().unwrap_or(Duration::ZERO).min(LONGEST_ASKED).max(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Clean;

    fn busy(retry_after: Option<u64>) -> Failure {
        Failure::TooMany { retry_after: retry_after.map(Duration::from_secs), words: Clean::default() }
    }

    #[test]
    fn refusals_double_the_wait_up_to_five_minutes_and_an_answer_ends_it() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..7).filter_map(|_| backoff.failed(&busy(None))).map(|wait| wait.as_secs()).collect();
        assert_eq!(waits, [15, 30, 60, 120, 240, 300, 300]);
        backoff.answered();
        let gone = Failure::Unavailable { retry_after: None, words: Clean::default() };
        assert_eq!(backoff.failed(&gone), Some(Duration::from_secs(15)));
    }

    #[test]
    fn a_server_may_ask_for_longer_but_not_for_ever_nor_for_less() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.failed(&busy(Some(90))), Some(Duration::from_secs(90)));
        assert_eq!(backoff.failed(&busy(Some(1))), Some(Duration::from_secs(30)));
        assert_eq!(backoff.failed(&busy(Some(u64::MAX))), Some(Duration::from_secs(3600)));
    }

    #[test]
    fn other_failures_change_nothing() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.failed(&Failure::BadQuery(Clean::default())), None);
        assert_eq!(backoff, Backoff::default());
    }
}
