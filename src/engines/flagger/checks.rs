//! Flagger's own checks as one analysis: what it is to keep to, what failed, and what must have passed for it to have come so far.
//! Never invents a value: only a failed check tells one, in an event.

use super::said::{Said, Word};
use super::stage::{self, Stage};
use crate::objects::{AnalysisPhase, Canary, FlaggerRange, Time};
use crate::release::figures::plural;
use crate::release::{Analysis, AnalysisRole, Measured, Position};
use crate::text::Clean;

/// What they are called.
pub const NAME: &str = "Flagger's checks";

/// The checks of the release under way, or of the one that failed. None while none is made: before its pods, and after its promotion.
pub fn of(canary: &Canary, stage: Stage, position: Option<Position>, words: &[Word], unready: bool) -> Option<Analysis> {
    if !(stage.checks() || stage.promotes() || stage == Stage::Failed) {
        return None;
    }
    let mine = of_this_release(canary, stage, words);
    let failed = failed(canary, stage, &mine);
    let rolled_back = mine.iter().any(|word| matches!(word.said, Said::TooMany(_)));
    let phase = match stage {
        Stage::Failed if rolled_back => AnalysisPhase::Failed,
        // Its checks are not what ended it, as far as is known.
        Stage::Failed => return None,
        _ if stage.promotes() => AnalysisPhase::Successful,
        _ if canary.spec.suspend || unready => AnalysisPhase::Pending,
        _ => AnalysisPhase::Running,
    };
    let allowed = canary.spec.analysis.limit();
    let counted = format!("{failed} of {}", plural(allowed, "allowed failure"));
    let message = match () {
        () if stage.promotes() => String::new(),
        () if canary.spec.suspend => format!("suspended, nothing is checked; {counted}"),
        () if unready => format!("its pods are not all ready, nothing is checked; {counted}"),
        () => counted,
    };
    let passed = passed(stage, position, &mine, canary);
    let metrics = &canary.spec.analysis.metrics;
    let metrics = metrics.iter().map(|metric| {
        let (last, at, count, why) = found(&metric.name, &mine);
        let alone = canary.spec.analysis.metrics.len() == 1 && !asks_others(canary);
        let mut measured = Measured {
            name: metric.name.clone(),
            phase: if phase == AnalysisPhase::Failed && count == 0 { AnalysisPhase::Running } else { phase },
            last,
            at,
            condition: condition(metric.threshold_range),
            counts: [passed, if alone { failed } else { count.min(failed) }, 0, 0],
            wanted: None,
            message: why,
        };
        if alone && phase == AnalysisPhase::Failed {
            measured.phase = AnalysisPhase::Failed;
        }
        measured
    });
    Some(Analysis {
        name: Clean::from(NAME),
        role: AnalysisRole::Background,
        phase,
        message: Clean::from(message),
        started: stage::began(canary),
        metrics: metrics.collect(),
        dry_run: Vec::new(),
    })
}

/// The words of the release under way, or of the one that failed, newest first.
pub fn of_this_release<'a>(canary: &Canary, stage: Stage, words: &'a [Word]) -> Vec<&'a Word> {
    let turned = stage::promoted(canary).and_then(|condition| condition.last_transition_time);
    let Some(turned) = turned else { return Vec::new() };
    let from = match stage {
        // The condition turned when it failed: it began when Flagger last spoke of a new revision before.
        Stage::Failed => {
            let begun = words.iter().filter(|word| word.said == Said::NewRevision && word.at <= turned).map(|word| word.at).max();
            match begun {
                Some(begun) => begun,
                None => return Vec::new(),
            }
        }
        _ => turned,
    };
    words.iter().filter(|word| word.at >= from).collect()
}

/// Checks that failed: the status counts them and forgets them in the end; then the last word on the release does.
fn failed(canary: &Canary, stage: Stage, mine: &[&Word]) -> i64 {
    let told = mine.iter().find_map(|word| if let Said::TooMany(n) = word.said { Some(n) } else { None });
    match told {
        Some(told) if stage == Stage::Failed => told.max(0),
        _ => canary.status.failed_checks.max(0),
    }
}

/// Each rise of the weight, but for the first, takes one tick in which every check passed.
fn passed(stage: Stage, position: Option<Position>, mine: &[&Word], canary: &Canary) -> i64 {
    let reached = match stage {
        Stage::Failed => {
            let most = mine.iter().filter_map(|word| if let Said::Weight(weight) = word.said { Some(weight) } else { None }).max();
            let most = most.unwrap_or(0);
            super::ladder::weights(canary).iter().filter(|weight| most > 0 && **weight <= most).count()
        }
        // The gate is asked after the checks of the last weight; so is the promotion begun.
        Stage::WaitingPromotion => position.map_or(0, |at| at.index.saturating_add(1)),
        _ => position.map_or(0, |at| at.index),
    };
    i64::try_from(reached.saturating_sub(1)).unwrap_or(0)
}

/// Last value of a metric, when it was said, how often it failed in this release, and what keeps it from being read.
fn found(name: &Clean, mine: &[&Word]) -> (Option<Clean>, Option<Time>, i64, Clean) {
    let newest = mine.iter().find_map(|word| match &word.said {
        Said::Out(metric, value, _) if metric == name => Some((Some(value.clone()), Some(word.at), Clean::default())),
        Said::NoValues(metric) if metric == name => Some((None, Some(word.at), "no values: it may get no requests".into())),
        Said::Query(text) if text.starts_with(name.as_str()) => Some((None, Some(word.at), "it could not be asked for".into())),
        _ => None,
    });
    let begun = mine.iter().map(|word| word.at).min();
    let count = mine.iter().filter(|word| match &word.said {
        Said::Out(metric, ..) | Said::NoValues(metric) => metric == name,
        Said::Query(text) => text.starts_with(name.as_str()),
        _ => false,
    });
    // Of an event that was first said in an earlier release only the last time is known to be of this one.
    let count = count.map(|word| if word.first.is_some() && word.first >= begun { word.count } else { 1 }).fold(0, i64::saturating_add);
    let (last, at, why) = newest.unwrap_or_default();
    (last, at, count, why)
}

/// Whether others than its metrics can fail a check.
fn asks_others(canary: &Canary) -> bool {
    canary.spec.analysis.webhooks.iter().any(|hook| matches!(hook.kind.as_str(), "" | "rollout" | "pre-rollout"))
}

/// What a value has to keep to: `min 95`, `max 1`.
pub fn condition(range: FlaggerRange) -> Clean {
    Clean::from(match (range.min, range.max) {
        (Some(min), Some(max)) => format!("min {min}, max {max}"),
        (Some(min), None) => format!("min {min}"),
        (None, Some(max)) => format!("max {max}"),
        (None, None) => String::new(),
    })
}
