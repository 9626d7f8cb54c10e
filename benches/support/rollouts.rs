//! Rollouts made up from a seed, watched for an hour: what the judge says of them, beside a threshold on the last minute and a p-value
//! asked again at every look.

#![allow(dead_code, reason = "the benchmark and the test use their parts")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a simulation ends when something is wrong")]

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use flightdeck::slo::verdict::{Judge, Look, Word, judge};
use flightdeck::slo::{Objective, Outcome, Reading};
use statrs::function::beta::beta_reg;

/// How long a rollout is watched.
pub const WATCHED: f64 = 3600.0;

/// The world that a rollout happens in.
#[derive(Clone, Copy)]
pub struct World {
    /// Requests a second, of both versions.
    pub rate: f64,
    /// The share of the new version: drawn between these for each rollout, or stepping up from the first to the second.
    pub share: (f64, f64),
    /// Whether the share steps up through the hour.
    pub steps: bool,
    /// The error ratio of a healthy version.
    pub errors: f64,
    /// Whether that ratio, of both versions, wanders by a factor of four up and down.
    pub wanders: bool,
    /// Times as many errors on the new version, from this second on.
    pub times: f64,
    pub from: f64,
    /// Whether the old version is gone, and an hour of it from before the release stands in.
    pub alone: bool,
}

impl World {
    pub fn healthy(rate: f64) -> World {
        World { rate, share: (0.05, 0.20), steps: false, errors: 0.0005, wanders: false, times: 1.0, from: 0.0, alone: false }
    }
}

/// When each judge first raised its alarm, in seconds, and whether ours ever said the other words.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    pub failed: Option<f64>,
    pub suspected: Option<f64>,
    pub passed: Option<f64>,
    /// Whether ours said PASS when the new version had been bad for five minutes or more.
    pub lulled: bool,
    pub threshold: Option<f64>,
    pub repeated: Option<f64>,
}

/// Watches one rollout: to its end with the `others`, else to the first FAIL of ours.
pub fn watch(world: World, objective: &Objective, rng: &mut Rng, others: bool) -> Seen {
    let start = DateTime::<Utc>::UNIX_EPOCH;
    let drawn = world.share.0 + (world.share.1 - world.share.0) * rng.f64();
    let phase = rng.f64() * 10.0;
    let (mut new, mut stable) = (Outcome { bad: 0.0, total: 0.0 }, Outcome { bad: 0.0, total: 0.0 });
    let hour = world.rate * WATCHED;
    let before = world.alone.then(|| Outcome { bad: poisson(rng, hour * world.errors), total: hour });
    let mut judge_state = Judge::new("new", objective).since(start, stable).with_baseline(before);
    let mut minute = (0.0, new, stable);
    let (mut second, mut seen) = (0.0, Seen::default());
    while second < WATCHED {
        // A person, a redraw, a scrape: every 5 to 15 seconds.
        let step = 5.0 + 10.0 * rng.f64();
        second += step;
        let share = if world.steps {
            world.share.0 + (world.share.1 - world.share.0) * (second / WATCHED * 4.0).floor().min(3.0) / 3.0
        } else {
            drawn
        };
        let share = if world.alone { 1.0 } else { share };
        let wander = if world.wanders { 4.0_f64.powf((second / 420.0 + phase).sin()) } else { 1.0 };
        let times = if second >= world.from { world.times } else { 1.0 };
        let mut arrive = |share: f64, ratio: f64| {
            let total = poisson(rng, world.rate * step * share);
            Outcome { bad: poisson(rng, total * ratio).min(total), total }
        };
        new = new.plus(&arrive(share, world.errors * wander * times));
        stable = stable.plus(&arrive(1.0 - share, world.errors * wander));

        let at = start + TimeDelta::milliseconds((second * 1000.0) as i64);
        judge_state.look(&Look { at, new: Reading::Value(new), stable: Reading::Value(stable), failing_pods: 0 });
        let word = judge(&judge_state.evidence(at, None)).word;
        let first = |mark: &mut Option<f64>, is: bool| *mark = mark.or(is.then_some(second));
        first(&mut seen.failed, word == Word::Fail);
        first(&mut seen.suspected, word == Word::Suspect);
        first(&mut seen.passed, word == Word::Pass);
        seen.lulled |= word == Word::Pass && world.times > 1.0 && second >= world.from + 300.0;
        if others {
            if seen.repeated.is_none() {
                first(&mut seen.repeated, p_value(new, stable) < 0.05);
            }
            if second - minute.0 >= 60.0 {
                let [n, s] =
                    [(new, minute.1), (stable, minute.2)].map(|(now, then)| (now.bad - then.bad) / (now.total - then.total).max(1.0));
                first(&mut seen.threshold, n > 2.0 * s);
                minute = (second, new, stable);
            }
        } else if seen.failed.is_some() {
            break;
        }
    }
    seen
}

/// One-sided: so many or more of all errors on the new version, were both alike.
fn p_value(new: Outcome, stable: Outcome) -> f64 {
    let all = new.plus(&stable);
    let share = new.total / all.total;
    if new.bad == 0.0 || share <= 0.0 || share >= 1.0 { 1.0 } else { beta_reg(new.bad, all.bad - new.bad + 1.0, share) }
}

/// A number of events with this mean: Knuth's product for few, the normal's rounding for many.
fn poisson(rng: &mut Rng, mean: f64) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    if mean > 50.0 {
        let bell = (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos();
        return (mean + mean.sqrt() * bell).round().max(0.0);
    }
    let (limit, mut product, mut events) = ((-mean).exp(), rng.f64(), 0.0);
    while product > limit {
        product *= rng.f64();
        events += 1.0;
    }
    events
}

/// The objective of all of them: 99.9 % over 30 days.
pub fn objective() -> Objective {
    Objective::new("availability", 0.999, Duration::from_secs(30 * 86_400)).unwrap()
}

/// So many rollouts of one kind, from a seed.
pub fn watch_many(world: World, runs: u64, seed: u64, others: bool) -> Vec<Seen> {
    let objective = objective();
    (0..runs).map(|run| watch(world, &objective, &mut Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(run)), others)).collect()
}

/// How many, of all.
pub fn part(seen: &[Seen], is: impl Fn(&Seen) -> bool) -> f64 {
    seen.iter().filter(|one| is(one)).count() as f64 / seen.len() as f64
}

/// The time at which this part of them had raised it, from `from` on; alarms before that are false and left out. `None` where fewer did.
pub fn quantile(seen: &[Seen], from: f64, q: f64, when: impl Fn(&Seen) -> Option<f64>) -> Option<f64> {
    let mut times: Vec<f64> = seen
        .iter()
        .filter(|one| when(one).is_none_or(|at| at >= from))
        .map(|one| when(one).map_or(f64::INFINITY, |at| at - from))
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(((times.len() as f64 * q) as usize).min(times.len().saturating_sub(1))).copied().filter(|time| time.is_finite())
}
