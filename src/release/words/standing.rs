//! Where a release stands, as a closed set of situations a person would tell apart.
//! Refuses to look at anything but the release itself.

use std::collections::BTreeSet;

use super::names::{Side, side};
use super::trouble::brief;
use crate::objects::AnalysisPhase;
use crate::release::{Alarm, CountdownKind, Phase, PodState, PodView, Release, StepKind, StepState, Strategy, Time, Trouble};

/// How many pods fail, and why the first of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// Failing pods.
    pub failing: i64,
    /// Pods of those versions.
    pub of: i64,
    /// The most frequent reason, in a few words.
    pub reason: String,
    /// How many other reasons there are.
    pub others: usize,
    /// Whether they run what is being released.
    pub new: bool,
}

/// The situation a release is in.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// The controller has not seen the last change of the spec.
    NotObserved,
    /// Aborted, and the new version still gets this share, 0..=1.
    AbortedStillExposed(f64),
    /// Aborted.
    Aborted,
    /// The spec can't be carried out.
    Invalid,
    /// No progress within the deadline.
    TimedOut(Option<Failures>),
    /// Pods fail.
    Failing(Failures),
    /// An analysis or experiment could not decide: a person has to.
    Inconclusive,
    /// Waits for a person, as the steps say.
    WaitsForPerson,
    /// Paused by a person.
    Held,
    /// Paused until this moment.
    TimedPause(Time),
    /// Switches by itself at this moment (blue-green).
    TimedSwitch(Time),
    /// An analysis decides about the step.
    Analysing,
    /// An experiment decides about the step.
    Experimenting,
    /// On its way.
    Moving,
    /// Not well, in the engine's words only.
    Degraded,
    /// Nothing is being released.
    Steady,
}

/// Where the release stands. The worst thing a person can change comes first.
#[must_use]
pub fn standing(release: &Release) -> Standing {
    for alarm in &release.alarms {
        match alarm {
            Alarm::AbortedStillExposed { share, .. } => return Standing::AbortedStillExposed(*share),
            Alarm::NotObserved => return Standing::NotObserved,
            _ => {}
        }
    }
    let message = release.message.as_deref().unwrap_or_default();
    if release.abort.is_some() {
        return Standing::Aborted;
    }
    let failures = failures(release);
    if release.phase == Phase::Degraded {
        // The reasons the controllers write: argo-rollouts utils/conditions, kubernetes pkg/controller/deployment/util.
        return match () {
            () if message.contains("InvalidSpec") => Standing::Invalid,
            () if message.contains("ProgressDeadlineExceeded") || message.contains("progressing") || message.contains("deadline") => {
                Standing::TimedOut(failures)
            }
            () => failures.map_or(Standing::Degraded, Standing::Failing),
        };
    }
    if let Some(failures) = failures.filter(|f| f.new || release.phase != Phase::Paused) {
        return Standing::Failing(failures);
    }
    if message.contains("Inconclusive") {
        return Standing::Inconclusive;
    }
    if release.paused_by_hand {
        return Standing::Held;
    }
    let ends = |kind| release.countdowns.iter().find(|c| c.kind == kind).map(|c| c.at);
    if release.phase == Phase::Paused {
        return match (ends(CountdownKind::Pause), ends(CountdownKind::AutoPromotion)) {
            (Some(at), _) => Standing::TimedPause(at),
            (_, Some(at)) => Standing::TimedSwitch(at),
            _ => Standing::WaitsForPerson,
        };
    }
    match release.steps.iter().find(|s| s.state == StepState::Current).map(|s| &s.kind) {
        Some(StepKind::Analysis(_)) if release.under_way => Standing::Analysing,
        Some(StepKind::Experiment(_)) if release.under_way => Standing::Experimenting,
        _ if release.under_way || release.phase == Phase::Progressing => {
            ends(CountdownKind::AutoPromotion).map_or(Standing::Moving, Standing::TimedSwitch)
        }
        _ => Standing::Steady,
    }
}

/// Failing pods: those of the new version where something is being released and some fail, else any.
#[must_use]
pub fn failures(release: &Release) -> Option<Failures> {
    let of_side = |new: bool| {
        let mine: Vec<_> = release
            .versions
            .iter()
            .filter(|v| !new || side(release, v) == Side::New)
            .flat_map(|v| release.pods.iter().filter(move |p| p.version == v.uid))
            .filter(|p| p.state != PodState::Terminating && !was_replaced(release, p))
            .collect();
        let reasons: Vec<(String, i64)> =
            mine.iter().filter_map(|p| if let PodState::Failing(why) = &p.state { Some((brief(why), p.restarts)) } else { None }).collect();
        let often = |reason: &str| reasons.iter().filter(|(other, _)| other == reason).count();
        let (most, _) = reasons.iter().max_by_key(|(reason, restarts)| (often(reason), *restarts))?;
        let kinds: BTreeSet<&str> = reasons.iter().map(|(reason, _)| reason.as_str()).collect();
        Some(Failures { failing: count(reasons.len()), of: count(mine.len()), reason: most.clone(), others: kinds.len() - 1, new })
    };
    let alarmed = release.alarms.iter().find_map(|alarm| match alarm {
        Alarm::PodsFailing { failing, of, reason } => {
            Some(Failures { failing: *failing, of: *of, reason: reason.to_string(), others: 0, new: release.under_way })
        }
        _ => None,
    });
    of_side(true).or(alarmed).or_else(|| of_side(false))
}

/// Whether this pod was evicted and its version has all the pods it wants without it: it is kept as a record and takes nothing from anybody.
#[must_use]
pub fn was_replaced(release: &Release, pod: &PodView) -> bool {
    matches!(pod.state, PodState::Failing(Trouble::Evicted(_)))
        && release.versions.iter().any(|v| v.uid == pod.version && v.mix.map_or(v.ready, |mix| mix.ready) >= v.desired)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Whether an analysis of this revision has failed or could not be made.
#[must_use]
pub(super) fn analysis_failed(release: &Release) -> bool {
    release.analyses.iter().any(|a| matches!(a.phase, AnalysisPhase::Failed | AnalysisPhase::Error))
}

/// How far a preview is that nothing holds at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preview {
    /// Its pods are not all there.
    Starts,
    /// They are; whether a pause or an analysis comes first is not told yet.
    Ready,
    /// Somebody went on, or asked for all of it: the controller switches at its next look.
    Switches,
}

/// The same of a release with a switch that is on its way.
#[must_use]
pub(super) fn preview(release: &Release) -> Preview {
    let new = release.versions.iter().find(|v| side(release, v) == Side::New);
    let control = &release.control;
    let went_on = control.promote_full || (control.controller_pause && control.gates.is_empty());
    match new.is_some_and(|v| v.desired > 0 && v.available >= v.desired) {
        false => Preview::Starts,
        true if went_on => Preview::Switches,
        true => Preview::Ready,
    }
}

/// Whether both versions run side by side behind a switch.
#[must_use]
pub(super) fn switches(release: &Release) -> bool {
    release.strategy == Strategy::BlueGreen
}
