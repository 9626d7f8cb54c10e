//! The release's own share of the burn: the service's burn is a baseline plus what the new version adds to (or takes from) it.
//! It refuses to compare with an old version that is all but gone: then the ratio from before the release stands in, and says so.

use super::burn::Burn;
use super::{Objective, Outcome, Reading};
use std::{fmt, time::Duration};

/// Requests of the old version below which its error ratio is no baseline.
pub const FEWEST_STABLE: f64 = 100.0;
/// The share of the new version above which the old one's error ratio is no baseline.
pub const MOST_SHARE: f64 = 0.9;

/// Why the old version of now is not the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Downgrade {
    /// It gets no requests any more.
    StableGone,
    /// It gets too few of them.
    FewStable,
    /// Nearly everything goes to the new version.
    MostlyNew,
}

/// What the new version is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Baseline {
    /// The old version over the same window.
    Stable(f64),
    /// The error ratio from before the release, frozen when it began.
    PreRelease(f64, Downgrade),
    /// Nothing: the old version won't do, and nothing was known before the release.
    Missing(Downgrade),
}

impl Baseline {
    /// Picks it: the old version, unless it is gone, below 100 requests or below a tenth of the traffic.
    /// `before` is the error ratio (0..=1) frozen when the release began.
    pub fn choose(new: Outcome, stable: Reading<Outcome>, before: Option<f64>) -> Baseline {
        let downgrade = match stable {
            Reading::Value(stable) if stable.total <= 0.0 => Downgrade::StableGone,
            Reading::Value(stable) if new.total > MOST_SHARE * (new.total + stable.total) => Downgrade::MostlyNew,
            Reading::Value(stable) if stable.total < FEWEST_STABLE => Downgrade::FewStable,
            Reading::Value(stable) => return Baseline::Stable(stable.bad / stable.total),
            Reading::NoTraffic | Reading::NoData(_) => Downgrade::StableGone,
        };
        before.map_or(Baseline::Missing(downgrade), |ratio| Baseline::PreRelease(ratio, downgrade))
    }

    /// Its error ratio, where there is one.
    pub fn ratio(&self) -> Option<f64> {
        match self {
            Baseline::Stable(ratio) | Baseline::PreRelease(ratio, _) => Some(*ratio),
            Baseline::Missing(_) => None,
        }
    }
}

impl fmt::Display for Downgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Downgrade::StableGone => "the old version gets no requests",
            Downgrade::FewStable => "the old version gets fewer than 100 requests",
            Downgrade::MostlyNew => "the new version gets more than 90 %",
        })
    }
}

impl fmt::Display for Baseline {
    /// The label beside the figure: `baseline: stable`, `baseline: pre-release (why)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Baseline::Stable(_) => f.write_str("baseline: stable"),
            Baseline::PreRelease(_, why) => write!(f, "baseline: pre-release ({why})"),
            Baseline::Missing(why) => write!(f, "no baseline: {why}, and nothing was measured before the release"),
        }
    }
}

/// Whose burn it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attribution {
    /// The new version's measured share of requests, 0..=1.
    pub share: f64,
    /// Of all requests.
    pub service: Burn,
    /// What the service would burn without the release.
    pub baseline: Option<Burn>,
    /// What the release adds, w·(e_new − e_baseline)/B; negative where it is better.
    pub attributable: Option<Burn>,
    /// The new version's own burn: what the service will burn once everybody gets it.
    pub if_promoted: Burn,
    /// What it was compared with.
    pub compared: Baseline,
}

impl Attribution {
    /// From what both versions did over the same window; `before` is the error ratio frozen when the release began.
    /// No traffic on the new version is no traffic: there is nothing of its own to tell. An old version that could not be read leaves
    /// the service's burn unknown, hence the whole; one that has no pods any more is `NoTraffic`, although its series are absent too:
    /// who watches the pods can tell the two apart.
    pub fn of(objective: &Objective, new: Reading<Outcome>, stable: Reading<Outcome>, before: Option<f64>) -> Reading<Attribution> {
        let stable_now = match stable {
            Reading::Value(stable) => stable,
            Reading::NoTraffic => Outcome { bad: 0.0, total: 0.0 },
            Reading::NoData(why) => return Reading::NoData(why),
        };
        new.and_then(|new| {
            let compared = Baseline::choose(new, stable, before);
            let both = new.plus(&stable_now);
            new.error_ratio().and_then(|own| {
                both.error_ratio().map(|all| {
                    let share = new.total / both.total;
                    let against = compared.ratio();
                    Attribution {
                        share,
                        service: Burn::at(all, objective),
                        baseline: against.map(|ratio| Burn::at(ratio, objective)),
                        attributable: against.map(|ratio| Burn::at(share * (own - ratio), objective)),
                        if_promoted: Burn::at(own, objective),
                        compared,
                    }
                })
            })
        })
    }
}

/// The burn of its own that a new version may have at `share` (0..=1), if its true error ratio is `upper` (the upper end of its interval).
pub fn worst_case(objective: &Objective, share: f64, upper: f64, baseline: f64) -> Burn {
    Burn::at(share * (upper - baseline), objective)
}

/// What that costs over a step of `bake`, of the whole budget.
pub fn worst_spend(objective: &Objective, share: f64, upper: f64, baseline: f64, bake: Duration) -> f64 {
    worst_case(objective, share, upper, baseline).spends(bake, objective)
}
