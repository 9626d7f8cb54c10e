//! What going back does to a Deployment: a rolling update to the older template, also out of one that is paused half way or stuck.
//! Refuses nothing by itself; the sentence says how many pods are missing on the way.

use super::{Back, Course};
use crate::engines::plan::template::{TAKEN_IN, called, pods_turned};
use crate::release::Strategy;
use crate::release::acting::{Exposed, Goal, Stage};

/// What an engine makes of it.
pub fn course(back: &Back<'_>) -> Course {
    let release = back.release;
    let (to, from) = (called(back.to.number, &back.to.images), back.in_force());
    let mut notes = Vec::new();
    if back.unpauses() {
        notes.push("It is paused by hand: the same write ends that pause, as a paused Deployment would not move.".to_owned());
    }
    let effect = match (release.strategy, release.limits) {
        (Strategy::Recreate, _) => format!("Stops every pod, then starts {to}: nothing is served in between."),
        (_, Some(limits)) => {
            let pods = |n: i64| if n == 1 { "1 pod".to_owned() } else { format!("{n} pods") };
            let (surge, missing) = (pods(limits.surge), if limits.unavailable == 0 { "none".to_owned() } else { pods(limits.unavailable) });
            format!("Replaces {from} by {to} pod by pod: at most {surge} more than wanted, {missing} missing.")
        }
        _ => format!("Replaces {from} by {to} pod by pod."),
    };
    let mut risks = Vec::new();
    if release.strategy == Strategy::Recreate {
        risks.push("Recreate: from the stop of the last old pod to the first ready one nothing answers.".to_owned());
    }
    let turned = Stage {
        name: "wait until every pod runs it".into(),
        write: None,
        premises: Vec::new(),
        goal: Goal::All(vec![Goal::Releasing(back.to.hash.clone()), Goal::Promoted]),
        patience: pods_turned(back.world, release),
    };
    let before = if release.under_way { release.exposure.headline.as_ref().map(|share| share.value) } else { Some(1.0) };
    Course { effect, notes, risks, exposed: Exposed { before, after: Some(0.0) }, stages: vec![back.first(TAKEN_IN), turned] }
}
