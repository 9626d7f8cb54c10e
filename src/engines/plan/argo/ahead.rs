//! [`Ahead`]: what follows by itself once so many steps are done: how far it runs, what it makes of the share, and where it stops.
//! Refuses to count a timed pause or an analysis as no stop: both hold, if only for a while.

use crate::release::{Release, StepKind, words};

/// The stretch of steps up to the next one that holds.
pub struct Ahead {
    /// Index of the first step of it.
    pub from: usize,
    /// Index of the step that holds; `None`: nothing does, it runs to the end.
    pub stop: Option<usize>,
    /// The share of the new version at its end, 0..=1, where it is known.
    pub share: Option<f64>,
}

/// What follows once `from` steps are done. `before`: the share now, 0..=1.
pub fn ahead(release: &Release, from: usize, before: Option<f64>) -> Ahead {
    let holds = |kind: &StepKind| matches!(kind, StepKind::Pause(_) | StepKind::Analysis(_) | StepKind::Experiment(_));
    let stop = release.steps.iter().enumerate().skip(from).find(|(_, step)| holds(&step.kind)).map(|(index, _)| index);
    let until = stop.unwrap_or(release.steps.len());
    let last = release.steps.iter().take(until).skip(from).rev().find_map(|step| step.share_after);
    let share = if stop.is_none() { Some(1.0) } else { last.or(before) };
    Ahead { from, stop, share }
}

impl Ahead {
    /// `weight 40, then pause 12 s (step 4 of 6)`, or that nothing holds it any more.
    pub fn words(&self, release: &Release) -> String {
        let total = release.steps.len();
        let until = self.stop.unwrap_or(total);
        let mut parts: Vec<String> = release.steps.iter().take(until).skip(self.from).map(words::step).collect();
        match self.stop.and_then(|stop| release.steps.get(stop).map(|step| (stop, step))) {
            Some((stop, step)) => parts.push(format!("{} (step {} of {total})", words::step(step), stop + 1)),
            None => parts.push("all of it".to_owned()),
        }
        parts.join(", then ")
    }
}
