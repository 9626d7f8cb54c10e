//! Flagger's looks: how often they come, and how long one may take before an alarm is due.
//! Refuses to call a late look a missed one: each comes up to one interval late.

use chrono::TimeDelta;

use crate::engines::argo::seconds;
use crate::objects::{Canary, IntOrString, World};
use crate::release::Release;
use crate::release::figures;

/// What Flagger takes where the spec names no interval, in seconds.
const USUAL: i64 = 60;

/// The shortest that Flagger keeps to, in seconds.
const SHORTEST: i64 = 10;

/// What one look itself may take: gates and measurements are asked in it, each with a limit of 10 s.
const TAKES: i64 = 15;

/// Seconds between two looks.
pub fn interval(canary: &Canary) -> i64 {
    let written = IntOrString::Text(canary.spec.analysis.interval.clone());
    seconds(&written).filter(|seconds| *seconds > 0).unwrap_or(USUAL).max(SHORTEST)
}

/// How long `looks` of them may take: one more than asked for, as each comes late.
pub fn looks(canary: &Canary, looks: i64) -> TimeDelta {
    let seconds = interval(canary).saturating_mul(looks.saturating_add(1)).saturating_add(TAKES);
    TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX)
}

/// `every 10 s`, where the Canary is there.
pub fn again(world: &World, release: &Release) -> String {
    let canary = world.canary(&release.key.namespace, &release.key.name);
    format!("every {}", figures::duration(canary.map_or(USUAL, interval)))
}
