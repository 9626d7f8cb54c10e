//! How the revisions of an Argo Rollout ended: by its status, its events and its analyses.
//! Never calls a revision good because it got pods: only `status.stableRS` and a completed update make it so.

use super::evidence::{Word, events, newest, nothing_tells};
use super::set::Set;
use crate::engines::versions::ARGO_HASH;
use crate::objects::{AnalysisPhase, AnalysisRun, World};
use crate::release::acting::Outcome;
use crate::release::{Phase, Release};
use crate::text::Clean;

/// How this set's revision ended.
pub fn outcome(world: &World, release: &Release, sets: &[Set], set: &Set) -> Outcome {
    let control = &release.control;
    if !set.hash.is_empty() && set.hash == control.stable_hash {
        let short = set.desired > 0 && set.available < set.desired;
        let now = if short { format!("; {} of its {} pods are available now", set.available, set.desired) } else { String::new() };
        return Outcome::Good(Clean::from(format!("it is the stable version{now}")));
    }
    if !set.hash.is_empty() && set.hash == control.new_hash {
        let said = release.message.as_ref().map_or_else(String::new, |message| format!(": {message}"));
        return match (control.aborted, release.phase) {
            (true, _) => Outcome::Bad(Clean::from(format!("it was aborted{said}"))),
            (_, Phase::Degraded) => Outcome::Bad(Clean::from(format!("it failed{said}"))),
            _ => Outcome::Unknown("it is being released and is not stable yet".into()),
        };
    }
    let mut words = spoken(world, release, set);
    words.extend(failed_analyses(world, release, set));
    newest(words).unwrap_or_else(|| nothing_tells(sets, set))
}

/// What the controller's events say (argo-rollouts `utils/conditions`: `Rollout completed update to revision 2 (5d8fd976f7): …`,
/// `Rollout aborted update to revision 3`).
fn spoken(world: &World, release: &Release, set: &Set) -> Vec<Word> {
    let mut words = Vec::new();
    for event in events(world, release) {
        let about = |lead: &str| event.message.strip_prefix(lead).and_then(number).is_some_and(|number| set.was(number));
        let outcome = match event.reason.as_str() {
            "RolloutCompleted" if about("Rollout completed update to revision ") => {
                Outcome::Good("its update was completed, as an event tells".into())
            }
            "RolloutAborted" if about("Rollout aborted update to revision ") => {
                Outcome::Bad(Clean::from(format!("it was aborted, as an event tells: {}", event.message)))
            }
            _ => continue,
        };
        words.push(Word { at: event.at(), outcome });
    }
    words
}

fn number(text: &str) -> Option<i64> {
    text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Analyses of this version that failed: the Rollout's own. Those of its experiments belong to the experiments and are not looked at: one that fails a
/// step is told by the event of the abort.
fn failed_analyses(world: &World, release: &Release, set: &Set) -> Vec<Word> {
    let own = |run: &AnalysisRun| match run.metadata.annotation("rollout.argoproj.io/revision").and_then(|n| n.parse().ok()) {
        Some(number) => set.was(number),
        None => !set.hash.is_empty() && run.metadata.label(ARGO_HASH) == Some(&set.hash),
    };
    let runs = world.analysis_runs_of(&release.uid);
    let failed = |run: &&AnalysisRun| matches!(run.status.phase, AnalysisPhase::Failed | AnalysisPhase::Error);
    runs.filter(|run| own(run))
        .filter(failed)
        .map(|run| Word {
            at: run.status.completed_at.or(run.metadata.creation_timestamp),
            outcome: Outcome::Bad(Clean::from(match run.status.message.as_str() {
                "" => format!("its analysis {} failed", run.metadata.name),
                message => format!("its analysis {} failed: {message}", run.metadata.name),
            })),
        })
        .collect()
}
