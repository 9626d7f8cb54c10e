//! Why a Canary failed: its condition says the same whatever it failed by, so events and pods are asked.
//! Never names a cause that nothing told: the chain then ends with Flagger's own words.

use super::checks::of_this_release;
use super::parts::Parts;
use super::said::{Said, Word};
use super::stage::{self, Stage};
use crate::engines::pods;
use crate::objects::{Canary, World};
use crate::release::{Abort, PodState, words as say};
use crate::text::Clean;

/// When it failed and what led to it.
pub fn of(world: &World, canary: &Canary, stage: Stage, parts: &Parts<'_>, words: &[Word]) -> Option<Abort> {
    if stage != Stage::Failed {
        return None;
    }
    let condition = stage::promoted(canary);
    let own = condition.map(|condition| condition.message.clone()).filter(|message| !message.is_empty());
    let mut chain: Vec<Clean> = own.into_iter().collect();
    let mine = of_this_release(canary, stage, words);
    chain.extend(cause(canary, &mine));
    let failing = parts.new.into_iter().flat_map(|set| pods::of_version(world, &set.metadata.uid));
    let failing = failing.into_iter().find_map(|pod| if let PodState::Failing(why) = pod.state { Some(say::trouble(&why)) } else { None });
    chain.extend(failing.map(|reason| Clean::from(format!("its pods: {reason}"))));
    Some(Abort { at: condition.and_then(|condition| condition.last_transition_time), chain })
}

fn cause(canary: &Canary, mine: &[&Word]) -> Vec<Clean> {
    let verdict = mine.iter().find_map(|word| match &word.said {
        Said::TooMany(count) => Some(checks(canary, *count, mine)),
        Said::Webhook => Some(vec!["a rollback webhook asked for it".into()]),
        Said::Deadline(why) => Some(vec![Clean::from(format!("its pods were not ready in time: {why}"))]),
        Said::BrokenPromotion(why) => Some(vec![Clean::from(format!("the primary did not come up with it: {why}"))]),
        _ => None,
    });
    // It fails by its deadline without a word of its own: the last thing it said was that pods are not ready.
    let late = || {
        let unready = mine.iter().find_map(|word| if let Said::NotReady(why) = &word.said { Some(why) } else { None });
        let seconds = canary.spec.progress_deadline_seconds.unwrap_or(600);
        unready.map(|why| vec![Clean::from(format!("its pods were not ready within its deadline of {seconds} s: {why}"))])
    };
    verdict.or_else(late).unwrap_or_default()
}

/// Too many failed checks, and the last one that tells a value.
fn checks(canary: &Canary, count: i64, mine: &[&Word]) -> Vec<Clean> {
    let mut chain = vec![Clean::from(format!("{count} checks failed; {} take it back", canary.spec.analysis.limit()))];
    chain.extend(mine.iter().find_map(|word| match &word.said {
        Said::Out(metric, value, limit) => Some(Clean::from(format!("{metric} {value} {limit}"))),
        Said::NoValues(metric) => Some(Clean::from(format!("{metric} had no values: it may have got no requests"))),
        Said::Refused(hook) => Some(Clean::from(format!("the check {hook} refused"))),
        Said::Query(text) => Some(Clean::from(format!("a metric could not be asked for: {text}"))),
        _ => None,
    }));
    chain
}
