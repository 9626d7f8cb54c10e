//! Words of Argo plans: versions, steps, moments, and what runs beside them.
//! Never says more than the objects do.

use super::ground::Ground;
use crate::release::figures::told;
use crate::release::{Analysis, AnalysisRole, Countdown, CountdownKind, Label, StepKind, Time, words};

impl Ground<'_> {
    /// What the version being released is called.
    pub fn new_name(&self) -> String {
        words::called(self.release).new.unwrap_or_else(|| "the new version".to_owned())
    }

    /// What the version that is known good is called.
    pub fn old_name(&self) -> String {
        words::called(self.release).old.unwrap_or_else(|| "the old version".to_owned())
    }

    /// Index of the step it stands on, where it stands on one.
    pub fn step(&self) -> Option<usize> {
        self.release.position.filter(|at| at.index < at.total && self.changing()).map(|at| at.index)
    }

    /// Whether that step is a pause, and how many seconds it lasts.
    pub fn pause_step(&self) -> Option<Option<i64>> {
        let step = self.step().and_then(|index| self.release.steps.get(index));
        step.and_then(|step| if let StepKind::Pause(length) = step.kind { Some(length) } else { None })
    }

    /// `step 3 of 6, weight 40`.
    pub fn step_words(&self, index: usize) -> String {
        let step = self.release.steps.get(index).map(words::step).unwrap_or_default();
        format!("step {} of {}, {step}", index + 1, self.release.steps.len())
    }

    /// When the controller's pause ends by itself, where it does.
    pub fn pause_ends(&self) -> Option<Time> {
        let kinds = [CountdownKind::Pause, CountdownKind::AutoPromotion];
        let told = self.release.countdowns.iter().find(|c: &&Countdown| kinds.contains(&c.kind)).map(|c| c.at);
        // Held by hand as well, the reading counts nothing down; the controller's clock runs all the same.
        let since = self.control().gates.iter().find(|gate| gate.reason == "CanaryPauseStep").and_then(|gate| gate.since);
        let length = self.pause_step().flatten().and_then(chrono::TimeDelta::try_seconds);
        told.or_else(|| since.zip(length).and_then(|(since, length)| since.checked_add_signed(length)))
    }

    /// `1.5.0: 20 % of ready endpoints → 40 %`, or that it stays; what is known of it.
    pub fn share_words(&self, after: Option<f64>) -> String {
        let new = self.new_name();
        let headline = self.release.exposure.headline.as_ref().filter(|share| share.label != Label::Unknown);
        match (headline, after) {
            (Some(share), Some(after)) if told(share.value) == told(after) => format!("{new} stays at {}", words::exposed(share)),
            (Some(share), Some(after)) => format!("{new}: {} → {}", words::exposed(share), told(after)),
            (None, Some(after)) => format!("{new} gets {}", told(after)),
            (Some(share), None) => format!("{new} gets {} now", words::exposed(share)),
            (None, None) => format!("what {new} gets is not known"),
        }
    }

    /// The analyses that have not ended.
    pub fn running(&self) -> impl Iterator<Item = &Analysis> {
        self.release.analyses.iter().filter(|run| !run.phase.is_completed())
    }

    /// `background analysis checkout-2`, for each that runs.
    pub fn running_words(&self) -> Vec<String> {
        self.running().map(run_words).collect()
    }
}

/// `background analysis checkout-2`.
pub fn run_words(run: &Analysis) -> String {
    let role = match run.role {
        AnalysisRole::Step => "step",
        AnalysisRole::Background => "background",
        AnalysisRole::PrePromotion => "pre-promotion",
        AnalysisRole::PostPromotion => "post-promotion",
        AnalysisRole::Experiment => "experiment",
    };
    format!("{role} analysis {}", run.name)
}

/// A moment as notes say it.
pub fn at(time: Time) -> String {
    time.format("%H:%M:%S UTC").to_string()
}

/// `1 pod`, `3 pods`.
pub fn pods(count: i64) -> String {
    crate::release::figures::plural(count, "pod")
}
