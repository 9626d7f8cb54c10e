//! The steps of a Canary, which it does not write down as such: pods first, then weights or rounds, then the promotion.
//! Never ends at `maxWeight`: Flagger adds a step until the weight has reached it, so 20, 40, 60 come of a maximum of 50.

use super::stage::{Stage, has_weights, is_plain};
use crate::objects::Canary;
use crate::release::{Position, Step, StepKind, StepState};

/// More rungs than this are not shown one by one.
const MOST: i64 = 100;

/// The weights in order (flagger pkg/controller/scheduler.go, `nextStepWeight`). Empty where it goes by rounds.
pub fn weights(canary: &Canary) -> Vec<i64> {
    let analysis = &canary.spec.analysis;
    if !has_weights(canary) {
        return Vec::new();
    }
    if !analysis.step_weights.is_empty() {
        return analysis.step_weights.iter().take(MOST as usize).map(|weight| (*weight).clamp(0, 100)).collect();
    }
    let most = if analysis.max_weight > 0 { analysis.max_weight.min(100) } else { 100 };
    let mut all = Vec::new();
    let mut at = 0;
    while analysis.step_weight > 0 && at < most {
        at = analysis.step_weight.saturating_add(at).min(100);
        all.push(at);
    }
    all
}

/// Rounds without weights: ten on plain Services, where nothing is said.
pub fn rounds(canary: &Canary) -> i64 {
    match canary.spec.analysis.iterations {
        n if n > 0 => n,
        _ if is_plain(canary) => 10,
        _ => 0,
    }
}

/// The ladder and where it stands on it. `weight` is what the new version gets, 0..=100, where that is known.
pub fn of(canary: &Canary, stage: Stage, weight: Option<i64>) -> (Vec<Step>, Option<Position>) {
    let mut kinds = vec![(StepKind::SetCanaryScale("all pods".into()), None)];
    let weights = weights(canary);
    kinds.extend(weights.iter().map(|weight| (StepKind::SetWeight(*weight), Some(*weight as f64 / 100.0))));
    let rounds = rounds(canary);
    let at_round = canary.status.iterations.clamp(0, rounds.max(0));
    if rounds > MOST {
        kinds.push((StepKind::Round(at_round, rounds), None));
    } else {
        kinds.extend((1..=rounds).map(|n| (StepKind::Round(n, rounds), None)));
    }
    kinds.push((StepKind::Promote, Some(1.0)));
    let promote = kinds.len().saturating_sub(1);
    let reached = || match weight {
        _ if rounds > MOST => usize::from(at_round > 0),
        _ if rounds > 0 => usize::try_from(at_round).unwrap_or(0),
        Some(weight) if weight > 0 => weights.iter().filter(|w| **w <= weight).count(),
        _ => 0,
    };
    let index = match stage {
        Stage::Waiting | Stage::Failed => 0,
        Stage::Progressing => reached().min(promote.saturating_sub(1)),
        Stage::WaitingPromotion => promote.saturating_sub(1),
        Stage::Promoting | Stage::Finalising => promote,
        _ => kinds.len(),
    };
    let state = |n: usize| match n.cmp(&index) {
        std::cmp::Ordering::Less => StepState::Done,
        std::cmp::Ordering::Equal if stage != Stage::Failed => StepState::Current,
        _ => StepState::Ahead,
    };
    let total = kinds.len();
    let steps = kinds.into_iter().enumerate().map(|(n, (kind, share_after))| Step { kind, state: state(n), share_after }).collect();
    (steps, Some(Position { index, total }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canary(change: impl FnOnce(&mut Canary)) -> Canary {
        let mut canary = Canary::default();
        change(&mut canary);
        canary
    }

    #[test]
    fn the_maximum_is_overshot_by_the_last_step_and_never_above_all() {
        let steps = |step, most| {
            weights(&canary(|c| {
                c.spec.analysis.step_weight = step;
                c.spec.analysis.max_weight = most;
            }))
        };
        assert_eq!(steps(20, 50), [20, 40, 60]);
        assert_eq!(steps(10, 50), [10, 20, 30, 40, 50]);
        assert_eq!(steps(30, 0), [30, 60, 90, 100]);
        assert_eq!(steps(0, 50), [0; 0]);
        assert_eq!(steps(-5, 50), [0; 0]);
        assert_eq!(steps(i64::MAX, i64::MAX), [100]);
        assert_eq!(steps(1, i64::MAX).len(), 100);
    }

    #[test]
    fn a_list_is_walked_and_rounds_have_no_weight() {
        let list = canary(|c| c.spec.analysis.step_weights = vec![1, 10, 80]);
        let (steps, at) = of(&list, Stage::Progressing, Some(10));
        let kinds: Vec<_> = steps.iter().map(|step| step.kind.clone()).collect();
        let [w1, w10, w80] = [1, 10, 80].map(StepKind::SetWeight);
        assert_eq!(kinds, [StepKind::SetCanaryScale("all pods".into()), w1, w10, w80, StepKind::Promote]);
        assert_eq!(at, Some(Position { index: 2, total: 5 }));
        assert_eq!(of(&list, Stage::WaitingPromotion, None).1, Some(Position { index: 3, total: 5 }), "it waits at the last weight");
        let rounds = canary(|c| {
            c.spec.analysis.iterations = 3;
            c.status.iterations = 4;
        });
        let (steps, at) = of(&rounds, Stage::Progressing, None);
        assert_eq!((steps.len(), at), (5, Some(Position { index: 3, total: 5 })));
        let plain = canary(|c| c.spec.provider = "kubernetes".into());
        assert_eq!((weights(&plain), super::rounds(&plain)), (Vec::new(), 10));
    }

    #[test]
    fn whatever_is_written_the_ladder_stays_short() {
        for iterations in [i64::MIN, -1, 0, 1, 101, i64::MAX] {
            for stage in [Stage::Unseen, Stage::Progressing, Stage::WaitingPromotion, Stage::Failed, Stage::Succeeded] {
                let hostile = canary(|c| {
                    c.spec.analysis.iterations = iterations;
                    c.status.iterations = iterations;
                    c.spec.analysis.step_weights = vec![i64::MIN, i64::MAX, 7];
                });
                let (steps, at) = of(&hostile, stage, Some(i64::MAX));
                assert!(steps.len() < 110 && at.is_some_and(|at| at.index <= at.total && at.total == steps.len()));
            }
        }
    }
}
