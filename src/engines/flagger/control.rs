//! Reads the switches of a Canary into [`Control`].
//! Refuses to say that Flagger has taken a change in: it keeps no observed generation. What its target's controller has is all that is known.

use super::parts::Parts;
use super::said::{Said, Word};
use super::stage::{self, Stage};
use crate::engines::control::{ROLLBACK_UNSAFE, holder, owner};
use crate::engines::versions::{REVISION, revision};
use crate::objects::{Canary, Kind, ReplicaSet, Time};
use crate::release::acting::{Control, Gate};
use crate::text::Clean;

/// Of a Canary.
pub fn of(canary: &Canary, parts: &Parts<'_>, stage: Stage, words: &[Word]) -> Control {
    let hash = |set: Option<&ReplicaSet>| set.and_then(|set| set.metadata.label("pod-template-hash").cloned()).unwrap_or_default();
    let target = parts.target.map(|target| &target.metadata);
    let target_seen = parts.target.is_none_or(|target| target.status.observed_generation >= target.metadata.generation);
    let stable_hash = hash(parts.present);
    let new_hash = if stage.in_flight() || stage == Stage::Failed { hash(parts.new) } else { stable_hash.clone() };
    let same = |set: &&ReplicaSet| parts.present.is_some_and(|present| present.spec.template.images() == set.spec.template.images());
    // The target may already hold what is not released yet.
    let released = parts.of_target.iter().copied().filter(same).filter(|_| matches!(stage, Stage::Initialized | Stage::Succeeded));
    let released = released.max_by_key(|set| revision(set, REVISION));
    Control {
        generation: canary.metadata.generation,
        observed: stage != Stage::Unseen && target_seen,
        gates: gate(canary, stage, words).into_iter().collect(),
        promote_full: canary.spec.skip_analysis,
        aborted: stage == Stage::Failed,
        abort_asked: stage.checks() && canary.is_failing(),
        ready_threshold: canary.spec.analysis.canary_ready_threshold,
        released_as: hash(released),
        new_hash,
        stable_hash,
        template: target.map(|target| holder(Kind::Deployment, target)),
        owner: owner(&canary.metadata).or_else(|| target.and_then(owner)),
        rollback_unsafe: canary
            .metadata
            .annotation(ROLLBACK_UNSAFE)
            .or_else(|| target.and_then(|target| target.annotation(ROLLBACK_UNSAFE)))
            .cloned(),
        ..Control::default()
    }
}

fn gate(canary: &Canary, stage: Stage, words: &[Word]) -> Option<Gate> {
    let reason = match stage {
        Stage::Waiting => "confirm-rollout",
        Stage::WaitingPromotion => "confirm-promotion",
        _ => return None,
    };
    Some(Gate { reason: Clean::from(reason), since: since(canary, stage, words) })
}

/// Since when it is in its phase. The condition turns with the release, not with each phase of it: of the gate at its end only events tell.
pub fn since(canary: &Canary, stage: Stage, words: &[Word]) -> Option<Time> {
    let turned = stage::promoted(canary).and_then(|condition| condition.last_transition_time);
    if stage != Stage::WaitingPromotion {
        return turned;
    }
    let refused = words.iter().filter(|word| word.said == Said::Gate).filter_map(|word| word.first);
    // An event of an earlier release, said again, does not tell since when.
    refused.filter(|first| turned.is_some_and(|turned| *first > turned)).max()
}
