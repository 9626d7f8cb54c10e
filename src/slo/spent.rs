//! What a release has cost so far, bucket by bucket: errors in all (gross) and errors beyond what the baseline would have had (excess).
//! It refuses to hide errors it has nothing to compare with: those count in full, and the label says how many buckets they are.

use super::attribution::MOST_SHARE;
use super::{Objective, Outcome, Reading};
use std::fmt;

/// Sums over buckets of equal kind (a scrape, a minute).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spent {
    /// Requests that the new version got.
    pub requests: f64,
    /// Errors of the new version.
    pub gross: f64,
    /// Errors beyond the baseline's; negative where the new version did better.
    pub excess: f64,
    /// Buckets compared with the old version of the same time.
    pub against_stable: u32,
    /// Buckets compared with the error ratio from before the release.
    pub against_before: u32,
    /// Buckets with nothing to compare with: their errors count in full.
    pub uncompared: u32,
}

impl Spent {
    /// Adds a bucket. The old version is the baseline unless it got nothing or less than a tenth. A single bucket needs no least
    /// number of its requests, unlike a figure on its own: the noise of small buckets cancels in the sum, it has no direction.
    /// A bucket in which the new version was not read or got nothing adds nothing.
    pub fn add(&mut self, new: Reading<Outcome>, stable: Reading<Outcome>, before: Option<f64>) {
        let Reading::Value(new) = new else { return };
        if new.total <= 0.0 {
            return;
        }
        self.requests += new.total;
        self.gross += new.bad;
        let concurrent = stable
            .value()
            .filter(|stable| stable.total > 0.0 && new.total <= MOST_SHARE * (new.total + stable.total))
            .and_then(|stable| stable.error_ratio().value());
        let ratio = match (concurrent, before) {
            (Some(ratio), _) => {
                self.against_stable += 1;
                ratio
            }
            (None, Some(ratio)) => {
                self.against_before += 1;
                ratio
            }
            (None, None) => {
                self.uncompared += 1;
                0.0
            }
        };
        self.excess += new.bad - ratio * new.total;
    }

    /// The excess as a ratio of the whole budget at `total_in_window` events per objective window.
    pub fn of_budget(&self, objective: &Objective, total_in_window: f64) -> Reading<f64> {
        of_budget(self.excess, objective, total_in_window)
    }

    /// As `of_budget` for all errors of the new version: the upper bound where the old one suffers from the new one (a shared database).
    pub fn gross_of_budget(&self, objective: &Objective, total_in_window: f64) -> Reading<f64> {
        of_budget(self.gross, objective, total_in_window)
    }
}

fn of_budget(errors: f64, objective: &Objective, total: f64) -> Reading<f64> {
    let allowed = objective.allowed(total);
    if allowed > 0.0 { Reading::Value(errors / allowed) } else { Reading::NoTraffic }
}

impl fmt::Display for Spent {
    /// The label beside the figure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.against_before, self.uncompared) {
            (0, 0) => f.write_str("baseline: stable"),
            (_, 0) if self.against_stable == 0 => f.write_str("baseline: pre-release"),
            (_, 0) => f.write_str("baseline: stable, at times pre-release"),
            (0, _) if self.against_stable == 0 => f.write_str("no baseline: every error counts"),
            _ => f.write_str("at times no baseline: every error counts there"),
        }
    }
}
