//! When something visible next changes by itself: a countdown's second, a young age's ten seconds, the clock's minute, the end of a notice.
//! Refuses to wake anyone for what is not on screen: with nothing counting, only the minute turns.

use chrono::TimeDelta;

use super::guard::Guard;
use super::link::SILENT;
use super::state::{Screen, State};
use crate::objects::Time;
use crate::ports::LinkState;
use crate::release::words::{Rank, attention};
use crate::release::{Phase, Release};

/// How often the picture changes by itself, in seconds.
const SECOND: i64 = 1;
const TENTH_OF_A_MINUTE: i64 = 10;
const MINUTE: i64 = 60;

impl State {
    /// The next moment, by our clock, at which something visible changes by itself.
    pub fn deadline(&self, now: Time) -> Option<Time> {
        // Everything turns with the server's seconds; the clock in the band is the server's too.
        let turn = after(self.server_now(now), self.grain(now)) - self.connection.offset;
        // Silence is shown from ten seconds on.
        let silence = self.connection.heard.map(|at| at + SILENT);
        // A finished action is told of for a while.
        let told = self.open_key().and_then(|key| self.action_on(key)?.told_until());
        let guard = self.guard_told_until();
        // One whose end passed while something else was seen to is taken away at once: on a quiet screen the next turn is a minute away.
        let notice = self.notice.as_ref().map(|(_, until)| (*until).max(now + TimeDelta::milliseconds(1)));
        let ends = [silence, told, guard, notice, self.lingering.as_ref().map(|(_, until)| *until)];
        ends.into_iter().flatten().chain([turn]).filter(|at| *at > now).min()
    }

    fn grain(&self, now: Time) -> i64 {
        let lost = matches!(self.connection.state, LinkState::Lost { .. });
        if lost || self.connection.is_live() && self.connection.is_silent(now) {
            return SECOND;
        }
        if self.guard().is_some_and(Guard::is_counting) {
            return SECOND;
        }
        if let Some(frozen) = &self.frozen {
            // Only the age of the held picture turns.
            return if self.server_now(now) - frozen.at < TimeDelta::minutes(1) { TENTH_OF_A_MINUTE } else { MINUTE };
        }
        let now = self.server_now(now);
        match (self.screen(), self.open_release()) {
            _ if self.is_acting() || self.plan().is_some() => SECOND,
            (Screen::Release | Screen::Why, Some(release)) => cockpit(release, now),
            (Screen::Pods, Some(release)) => pods(release, now),
            (Screen::Board, _) => self.releases.values().map(|release| row(release, now)).min().unwrap_or(MINUTE),
            _ => MINUTE,
        }
    }
}

/// Countdowns are told to the second below an hour, and how long it has stood where it stands.
fn cockpit(release: &Release, now: Time) -> i64 {
    let stands = release.phase != Phase::Healthy && release.since.is_some_and(|at| young(at, now, 3_600));
    let counts = release.countdowns.iter().any(|c| c.at > now && (c.at - now).num_seconds() < 3_600);
    if stands || counts || pods(release, now) == SECOND { SECOND } else { row(release, now) }
}

/// "last 40 s ago" stands beside every pod that restarts.
fn pods(release: &Release, now: Time) -> i64 {
    let mut grain = MINUTE;
    for pod in &release.pods {
        if pod.last_end.is_some_and(|at| young(at, now, 3_600)) {
            return SECOND;
        }
        if pod.created.is_some_and(|at| young(at, now, 60)) {
            grain = TENTH_OF_A_MINUTE;
        }
    }
    grain
}

/// A row of the board counts while a pause or a switch runs out; its age turns in tens of seconds for its first minute.
fn row(release: &Release, now: Time) -> i64 {
    let counts = || release.countdowns.iter().any(|c| c.at > now && (c.at - now).num_seconds() < 3_600);
    if release.phase != Phase::Healthy && counts() && attention(release, now).rank == Rank::Progressing {
        SECOND
    } else if release.since.is_some_and(|at| young(at, now, 60)) {
        TENTH_OF_A_MINUTE
    } else {
        MINUTE
    }
}

fn young(at: Time, now: Time, seconds: i64) -> bool {
    (now - at).num_seconds() < seconds
}

/// The next whole multiple of `seconds` after `now`.
fn after(now: Time, seconds: i64) -> Time {
    let millis = seconds * 1_000;
    now + TimeDelta::milliseconds(millis - now.timestamp_millis().rem_euclid(millis))
}
