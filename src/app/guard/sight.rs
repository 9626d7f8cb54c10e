//! Whether a guard sees what it waits for, and since when it does not: what its end is worth.
//! Never takes a release that came to its end unseen for one that was guarded.

use super::condition::FRESH;
use crate::objects::Time;
use crate::release::figures::{duration, seconds};
use crate::text::Clean;

/// What it sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// Whether it could ever tell one of its conditions.
    has_seen: bool,
    /// Since when it can tell none of them, by our clock, and why.
    lost: Option<(Time, Clean)>,
    /// Which of them it can't tell beside those it can: `whether the verdict is FAIL: no Prometheus is named`.
    partly: Option<Clean>,
}

impl Sight {
    /// At least one condition could be told; `but` is which could not.
    pub(super) fn see(&mut self, but: Option<Clean>) {
        *self = Self { has_seen: true, lost: None, partly: but };
    }

    /// None could be told, and why.
    pub(super) fn lose(&mut self, why: Clean, now: Time) {
        let since = self.lost.as_ref().map_or(now, |(since, _)| *since);
        self.lost = Some((since, why));
    }

    /// What it can't see beside what it sees, a clause.
    pub fn partly(&self) -> Option<&Clean> {
        self.partly.as_ref().filter(|_| self.lost.is_none())
    }

    /// Why nothing was guarded in the end: it never saw anything, or nothing for the last stretch, which is longer than a figure is good for.
    /// A clause; `None` where it saw.
    pub fn blindness(&self, now: Time) -> Option<String> {
        match &self.lost {
            Some((_, why)) if !self.has_seen => Some(format!("it never could see ({why})")),
            Some((since, why)) if now - *since >= FRESH => {
                Some(format!("it could not see for the last {} ({why})", duration(seconds(*since, now))))
            }
            None if !self.has_seen => Some("it ended before anything was seen".to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_moment_without_sight_is_none_and_a_stretch_is() {
        let begin = Time::UNIX_EPOCH;
        let after = |seconds| begin + TimeDelta::seconds(seconds);
        let mut sight = Sight::default();
        assert_eq!(sight.blindness(begin).as_deref(), Some("it ended before anything was seen"));
        sight.lose("no metric".into(), begin);
        assert_eq!(sight.blindness(after(1)).as_deref(), Some("it never could see (no metric)"));
        sight.see(Some("whether the verdict is FAIL: no metric".into()));
        assert_eq!((sight.blindness(after(2)), sight.partly().is_some()), (None, true));
        sight.lose("the link is down".into(), after(10));
        sight.lose("no answer".into(), after(60));
        assert_eq!((sight.blindness(after(99)), sight.partly()), (None, None));
        assert_eq!(sight.blindness(after(100)).as_deref(), Some("it could not see for the last 1m30s (no answer)"));
        sight.see(None);
        assert_eq!(sight.blindness(after(200)), None);
    }
}
