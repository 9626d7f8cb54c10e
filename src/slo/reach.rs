//! How far a release reaches: users, requests affected so far, the most it ever got, and what the next step makes of it.
//! It refuses to give users as a count: without knowing who asks, an upper bound of their share is all there is.

use super::Objective;
use super::burn::Burn;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// How requests of one user are spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Routing {
    /// A user stays where they are.
    Sticky,
    /// Every request is sent anew; requests per user in the time that counts.
    PerRequest(f64),
}

/// The share of users (0..=1) that met the new version at least once, at a share of requests of 0..=1: at most this, for users who
/// stay on one connection meet it less often.
pub fn users_at_most(share: f64, routing: Routing) -> f64 {
    match routing {
        Routing::Sticky => share,
        Routing::PerRequest(requests) => 1.0 - (1.0 - share).powf(requests.max(0.0)),
    }
}

/// A time with one share and one rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spell {
    /// Of requests, 0..=1.
    pub share: f64,
    /// Requests a second, of all versions.
    pub rate: f64,
    /// How long.
    pub length: Duration,
}

/// Requests that the new version got over these spells. For where counters are missing: with counters, their sum is the truth.
pub fn affected(spells: &[Spell]) -> f64 {
    spells.iter().map(|spell| spell.share * spell.rate * spell.length.as_secs_f64()).sum()
}

/// The most a release ever got, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Peak {
    most: Option<(f64, DateTime<Utc>)>,
}

impl Peak {
    /// Takes a share (0..=1). NaN and a share that was there before change nothing.
    pub fn see(&mut self, share: f64, at: DateTime<Utc>) {
        if !share.is_nan() && self.most.is_none_or(|(most, _)| share > most) {
            self.most = Some((share, at));
        }
    }

    /// The largest so far, and when it was first reached.
    pub fn most(&self) -> Option<(f64, DateTime<Utc>)> {
        self.most
    }
}

/// What the next step makes of it, should both versions go on as they do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Next {
    /// The new version's share then, 0..=1.
    pub share: f64,
    /// Times as many requests on it as now; `None` when it has none now.
    pub times_exposed: Option<f64>,
    /// The service's burn then.
    pub burn: Burn,
    /// Times the service's burn of now; `None` when nothing burns now.
    pub times_burn: Option<f64>,
}

impl Next {
    /// Shares now and then, and the error ratios of the new version and the rest, all 0..=1.
    pub fn step(objective: &Objective, now: f64, then: f64, new: f64, rest: f64) -> Next {
        let burn = |share: f64| Burn::at(share * new + (1.0 - share) * rest, objective);
        let times = |before: f64, after: f64| (before > 0.0).then(|| after / before);
        Next { share: then, times_exposed: times(now, then), burn: burn(then), times_burn: times(burn(now).get(), burn(then).get()) }
    }
}
