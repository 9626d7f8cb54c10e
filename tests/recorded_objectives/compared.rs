//! What `status` said of one objective, held against Prometheus' own answers at that moment and against what truly happened.

use std::collections::BTreeMap;

use chrono::Utc;
use serde_json::Value;

use super::program::Program;
use super::real::Prometheus;
use super::rules::EVERY;
use super::world::{Counted, World};

/// What truly happened may be missed by 2 %.
const OFF: f64 = 0.02;

/// One objective, and where its figures are recorded.
pub struct Wanted {
    pub workload: &'static str,
    pub name: &'static str,
    pub target: f64,
    /// Recorded error ratios: the window as `status` writes it, its length in seconds, and the series.
    pub ratios: Vec<(String, i64, String)>,
    /// The series for what is left, or for the share of good requests.
    pub left: (String, Left),
    /// Bad requests and all requests, with `$window` in them.
    pub queries: (String, String),
}

/// What a recorded series says of the budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Left {
    /// What is left, where each slice of time counts alike.
    Remaining,
    /// The share of good requests.
    Availability,
}

/// What `status` said, between which moments (milliseconds since 1970).
pub struct Said {
    pub slo: Value,
    pub from_ms: i64,
    pub to_ms: i64,
}

impl Said {
    pub async fn of(program: &Program, workload: &str) -> Self {
        let from_ms = Utc::now().timestamp_millis();
        let slo = program.status(workload).await["slo"].clone();
        Self { slo, from_ms, to_ms: Utc::now().timestamp_millis() }
    }

    /// The only objective.
    pub fn only(&self) -> &Value {
        let all = self.slo.as_array().unwrap();
        assert_eq!(all.len(), 1, "{}", self.slo);
        &all[0]
    }
}

/// Everything that was said of it.
pub async fn compare(wanted: &Wanted, said: &Said, prometheus: &Prometheus, world: &World) {
    let one = said.only();
    assert_eq!((&one["name"], one["target"].as_f64()), (&Value::from(wanted.name), Some(wanted.target)), "{one}");
    let budget = 1.0 - wanted.target;
    let (mut recorded, mut counted) = (0, 0);
    for (window, burn) in one["burn"].as_object().unwrap() {
        let burn = burn.as_f64().unwrap_or_else(|| panic!("{window} of {one}"));
        let name = format!("{} over {window}", wanted.name);
        match wanted.ratios.iter().find(|(length, ..)| length == window) {
            Some((_, seconds, series)) => {
                // The number that stood there when it was asked: one evaluation's, to the last digit that is printed.
                let at = among(prometheus, series, said, |ratio| ratio / budget, burn, &name).await;
                happened(world, wanted.workload, at, *seconds, burn * budget, &name);
                recorded += 1;
            }
            None => {
                let (bad, all) = &wanted.queries;
                let ratio = format!("({}) / ({})", bad.replace("$window", window), all.replace("$window", window));
                let mut asked = Vec::new();
                for at in (said.from_ms - 5_000..=said.to_ms + 250).step_by(250) {
                    asked.extend(prometheus.vector(&ratio, at).await.iter().map(|(_, ratio)| ratio / budget));
                }
                let (least, most) = asked.iter().fold((f64::MAX, f64::MIN), |(least, most), one| (least.min(*one), most.max(*one)));
                assert!((least * 0.999..=most * 1.001).contains(&burn), "{name}: {burn}, not {least} to {most}");
                counted += 1;
            }
        }
    }
    assert_eq!(recorded, wanted.ratios.len(), "every recorded ratio is used: {one}");
    println!("{}: {recorded} recorded burns and {counted} counted ones are Prometheus' own", wanted.name);
    left(wanted, said, prometheus, world).await;
}

/// The budget: as it is recorded, and as it truly went.
async fn left(wanted: &Wanted, said: &Said, prometheus: &Prometheus, world: &World) {
    let one = said.only();
    let shown = one["remaining"].as_f64().unwrap();
    let budget = 1.0 - wanted.target;
    let (series, what) = &wanted.left;
    let name = format!("what is left of {}", wanted.name);
    assert_eq!(one["source"].as_str(), series.split('{').next(), "{one}");
    let of: &dyn Fn(f64) -> f64 = match what {
        Left::Remaining => &|left| left,
        Left::Availability => &|good| 1.0 - (1.0 - good) / budget,
    };
    let at = among(prometheus, series, said, of, shown, &name).await;
    let spent = match what {
        Left::Availability => {
            let Counted { all, bad } = world.between(wanted.workload, world.began_ms, at);
            bad as f64 / all as f64
        }
        // The mean of what was so in the five minutes before each evaluation, those of the hour before among them.
        Left::Remaining => {
            let (_, _, five) = &wanted.ratios[0];
            let slices = prometheus.samples(&format!("{five}[3h]"), at).await;
            assert!(slices.len() as i64 > 60 * 60 / EVERY, "{} slices", slices.len());
            let true_ratio = |at: i64| {
                let Counted { all, bad } = world.between(wanted.workload, at - 300_000, at);
                bad as f64 / all as f64
            };
            slices.iter().map(|(at, _)| true_ratio(*at)).sum::<f64>() / slices.len() as f64
        }
    };
    let off = ((1.0 - shown) * budget - spent).abs() / spent;
    assert!(off <= OFF, "{name}: {shown}, truly {}, off by {off}", 1.0 - spent / budget);
    println!("{name}: {shown}, off what truly was spent by {:.2} %", off * 100.0);
}

/// When the figure that was shown was recorded: it has to be the one that stood there at some moment while it was asked.
async fn among(prometheus: &Prometheus, series: &str, said: &Said, of: impl Fn(f64) -> f64, shown: f64, name: &str) -> i64 {
    let samples = prometheus.samples(&format!("{series}[10m]"), said.to_ms).await;
    // Questions are asked as of the last full five seconds.
    let stood = samples.partition_point(|(at, _)| *at <= said.from_ms - 5_000).saturating_sub(1);
    let stood: BTreeMap<i64, f64> = samples[stood..].iter().map(|(at, value)| (*at, of(*value))).collect();
    // Six digits behind the point are printed.
    let same = |value: f64| (value - shown).abs() <= 6e-7 + 1e-9 * value.abs();
    let found = stood.iter().find(|(_, value)| same(**value));
    let all = samples.iter().map(|(at, value)| (at, of(*value))).rev().take(8);
    *found
        .unwrap_or_else(|| {
            panic!("{name}: {shown} is shown, {stood:?} was recorded; before: {:?}; all of {}", all.collect::<Vec<_>>(), said.slo)
        })
        .0
}

/// Within 2 % of what truly was, whose ends are known to a scrape.
fn happened(world: &World, workload: &str, at_ms: i64, seconds: i64, shown: f64, name: &str) {
    let (least, most) = world.ratios(workload, at_ms, seconds * 1000);
    assert!((least * (1.0 - OFF)..=most * (1.0 + OFF)).contains(&shown), "{name}: {shown}, truly {least} to {most}");
}
