//! The share of requests the new version gets, and of when the figures are.
//! Of counters that nobody reads any more, or of rows that are old, it makes no share.

use std::time::Duration;

use super::{Meter, Sides};
use crate::objects::Uid;
use crate::release::{PodState, Release, Time};
use crate::slo::exposure::{Counted, Measured, Unmeasured};
use crate::text::Clean;

/// The window of the headline share.
pub const SHARE_WINDOW: Duration = Duration::from_secs(60);

/// Until the samples tell, this is taken for the time between them.
const USUAL_INTERVAL: Duration = Duration::from_secs(30);

impl Meter {
    /// The moment of the newest sample: as the counters' own time stamps tell, else of the newest answer. The board's where that is newer.
    pub(super) fn newest(&self) -> Option<Time> {
        self.counted_at().max(self.rows_at())
    }

    pub(super) fn counted_at(&self) -> Option<Time> {
        // A sample that came in an answer of which a part was missing is newer than what was counted.
        let sampled = self.fresh.map(|(at, _)| at);
        sampled.zip(self.counters.newest()).map(|(sampled, counted)| sampled.min(counted)).or(sampled).or(self.counters.newest())
    }

    fn rows_at(&self) -> Option<Time> {
        self.rows.first_key_value().map(|(_, (at, _))| *at)
    }

    pub(super) fn share(&self, release: &Release, sides: &Sides, now: Time) -> Result<Measured, Unmeasured> {
        let counted = self.counters.newest().map(|_| self.share_by_counters(release, sides, now));
        match counted {
            Some(Ok(measured)) => Ok(measured),
            // The release was open and is not any more: what the board asks is newer.
            Some(counted) if self.rows_at() <= self.counted_at() => counted,
            _ => self.share_by_rows(sides, now),
        }
    }

    fn share_by_counters(&self, release: &Release, sides: &Sides, now: Time) -> Result<Measured, Unmeasured> {
        let interval = self.fresh.map_or(USUAL_INTERVAL, |(_, interval)| interval);
        // What is asked every so often is never younger than that.
        let interval = interval.max(self.counters.pace().unwrap_or(USUAL_INTERVAL));
        let window = |hashes: &[Clean]| self.counters.over(hashes, SHARE_WINDOW).and_then(|window| window.events());
        let rest: Vec<Clean> = self.counters.versions().filter(|hash| !sides.new.contains(hash)).cloned().collect();
        // Counters that are gone while their pods are there stand still only because nobody reads them.
        let unread = |hashes: &[Clean]| runs(release, hashes) && self.counters.are_silent(hashes, interval * 2);
        let count = |hashes: &[Clean]| if unread(hashes) { None } else { window(hashes) };
        Counted { new: count(&sides.new), rest: count(&rest), age: age(self.counted_at(), now), interval }.measured()
    }

    /// On the board nobody follows each pod: the shortest window's rates have to do.
    fn share_by_rows(&self, sides: &Sides, now: Time) -> Result<Measured, Unmeasured> {
        let versions = self.rows.values().next().map_or(&[][..], |(_, versions)| versions);
        let sum = |new: bool| {
            let mine: Vec<f64> = versions.iter().filter(|(hash, ..)| sides.new.contains(hash) == new).map(|(_, all, _)| *all).collect();
            (!mine.is_empty()).then(|| mine.iter().sum())
        };
        let interval = self.rows_pace.unwrap_or(USUAL_INTERVAL).max(USUAL_INTERVAL);
        Counted { new: sum(true), rest: sum(false), age: age(self.rows_at(), now), interval }.measured()
    }
}

/// Whether pods of these versions are ready to be asked.
pub(super) fn runs(release: &Release, hashes: &[Clean]) -> bool {
    let uids: Vec<&Uid> = release.versions.iter().filter(|version| hashes.contains(&version.hash)).map(|version| &version.uid).collect();
    release.pods.iter().any(|pod| uids.contains(&&pod.version) && pod.state == PodState::Ready)
}

fn age(at: Option<Time>, now: Time) -> Duration {
    at.map_or(Duration::MAX, |at| (now - at).to_std().unwrap_or_default())
}
