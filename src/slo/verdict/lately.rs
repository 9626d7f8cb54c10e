//! A version that was fine and turned bad: the same weight of evidence, begun anew every few minutes beside the one from the beginning.
//! It refuses to forget the price of choosing where to begin: each beginning has its part of one stake, and the parts add up to one.
//!
//! A bet that was lost for half an hour takes longer to win back than the harm may last. Bets that began later have lost less. Their
//! weighted sum is an e-process like each of them, so that it too may be looked at as often as one likes.

use super::{Compared, Weight};
use crate::slo::Outcome;
use std::time::Duration;

/// Buckets from one beginning to the next.
const EVERY: usize = 5;
/// Beginnings kept: a day of them. Dropping the oldest only makes the sum smaller.
const MOST: usize = 288;

/// What was counted since a moment, by the beginning that speaks loudest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lately {
    /// Evidence to one, over all beginnings, that the version has turned worse.
    pub worse: f64,
    /// What it did since the loudest beginning.
    pub new: Outcome,
    /// What the old version did since then.
    pub stable: Outcome,
    /// What the evidence compared with since then.
    pub compared: Compared,
    /// Minutes with errors of the version since then.
    pub minutes: usize,
    /// How long ago that was, by the time counted.
    pub window: Duration,
}

/// What both versions did over the same spans.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bucket {
    pub new: Outcome,
    pub stable: Outcome,
    pub length: Duration,
}

impl Bucket {
    pub const NONE: Bucket =
        Bucket { new: Outcome { bad: 0.0, total: 0.0 }, stable: Outcome { bad: 0.0, total: 0.0 }, length: Duration::ZERO };

    pub fn plus(&self, other: &Bucket) -> Bucket {
        Bucket { new: self.new.plus(&other.new), stable: self.stable.plus(&other.stable), length: self.length + other.length }
    }
}

#[derive(Debug, Clone, Copy)]
struct Beginning {
    stake: f64,
    weight: Weight,
    counted: Bucket,
    compared: Compared,
    minutes: usize,
}

/// Later beginnings.
#[derive(Debug, Clone, Default)]
pub(super) struct Beginnings {
    buckets: usize,
    begun: usize,
    all: Vec<Beginning>,
}

impl Beginnings {
    /// Takes a bucket that is closed, with what it weighs.
    pub fn add(&mut self, bucket: &Bucket, weight: &Weight, compared: &Compared) {
        for one in &mut self.all {
            *one = one.with(bucket, weight, compared);
        }
        self.buckets += 1;
        if self.buckets.is_multiple_of(EVERY) {
            self.begun += 1;
            let place = self.begun as f64;
            // 1/2, 1/6, 1/12, …: for ever, they add up to one.
            let stake = 1.0 / (place * (place + 1.0));
            if self.all.len() == MOST {
                self.all.remove(0);
            }
            let compared = Compared::default();
            self.all.push(Beginning { stake, weight: Weight::default(), counted: Bucket::NONE, compared, minutes: 0 });
        }
    }

    /// What they say with the bucket that is still open.
    pub fn with(&self, open: &Bucket, weight: &Weight, compared: &Compared) -> Option<Lately> {
        let mut worse = 0.0;
        let mut loudest: Option<(f64, Beginning)> = None;
        for one in &self.all {
            let now = one.with(open, weight, compared);
            let says = now.stake * now.weight.worse();
            worse += says;
            if loudest.is_none_or(|(most, _)| says > most) {
                loudest = Some((says, now));
            }
        }
        let (_, Beginning { counted: Bucket { new, stable, length }, compared, minutes, .. }) = loudest?;
        Some(Lately { worse, new, stable, compared, minutes, window: length })
    }
}

impl Beginning {
    fn with(&self, bucket: &Bucket, weight: &Weight, compared: &Compared) -> Beginning {
        Beginning {
            stake: self.stake,
            weight: self.weight.plus(weight),
            counted: self.counted.plus(bucket),
            compared: self.compared.plus(compared),
            minutes: self.minutes + usize::from(bucket.new.bad > 0.0),
        }
    }
}
