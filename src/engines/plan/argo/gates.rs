//! The pauses a controller keeps, what each waits for, and what keeps any way forward shut.
//! Never ends a pause itself.

use super::ground::Ground;
use crate::objects::Kind;
use crate::release::Phase;
use crate::release::acting::{Premise, Refusal, Verb};

/// What the controller waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// A pause step of a canary.
    Step,
    /// The switch of a blue-green release.
    Switch,
    /// The step's own analysis could not decide.
    StepAnalysis,
    /// The step's experiment could not decide.
    Experiment,
    /// An analysis beside the steps, or before or after a switch, could not decide.
    OtherAnalysis,
}

impl Ground<'_> {
    /// What it waits for: what could not be decided comes before a pause, as ending that pause alone would not help.
    pub fn waits(&self) -> Option<Waits> {
        let has = |reason: &str| self.control().gates.iter().any(|gate| gate.reason == reason);
        let step_run = self.rollout.status.canary.current_step_analysis_run_status.as_ref();
        if has("InconclusiveExperiment") {
            return Some(Waits::Experiment);
        }
        if has("InconclusiveAnalysisRun") {
            let of_step = step_run.is_some_and(|run| run.status == "Inconclusive");
            return Some(if of_step { Waits::StepAnalysis } else { Waits::OtherAnalysis });
        }
        if has("BlueGreenPause") {
            return Some(Waits::Switch);
        }
        has("CanaryPauseStep").then_some(Waits::Step)
    }

    /// Every pause the controller keeps, as premises; that it keeps none where there is none.
    pub fn gate_premises(&self) -> Vec<Premise> {
        let gates = &self.control().gates;
        if gates.is_empty() {
            return vec![Premise::NoGate];
        }
        gates.iter().map(|gate| Premise::GateOpen(gate.reason.clone())).collect()
    }

    /// What works once it is aborted; retry only when the controller has taken the abort in.
    pub fn after_abort(&self) -> &'static [Verb] {
        if self.release.phase == Phase::Degraded && self.control().observed { &[Verb::Retry, Verb::RollBack] } else { &[Verb::RollBack] }
    }

    /// What shuts every way forward, whatever it is called.
    ///
    /// # Errors
    /// The refusal.
    pub fn open(&self) -> Result<(), Refusal> {
        let control = self.control();
        let new = self.new_name();
        if self.release.message.as_ref().is_some_and(|message| message.starts_with("InvalidSpec")) {
            return Err(self.refuse(
                "The spec is invalid, and the controller does nothing before it is mended.",
                "Mend the spec, or roll back to a revision that was valid.",
                &[Verb::RollBack, Verb::SetImage],
            ));
        }
        if control.aborted && self.changing() {
            return Err(self.refuse(
                "It is aborted: the API server would accept this, and the controller would throw it away.",
                format!("Retry starts {new} again at its first step; roll back takes it out of the spec."),
                self.after_abort(),
            ));
        }
        if control.promote_full {
            return Err(self.refuse(
                "It is being promoted fully already: no step and no pause holds it.",
                format!("Wait until {new} is stable, or roll back; an abort may be ignored until its pods are available."),
                &[Verb::RollBack, Verb::Abort],
            ));
        }
        self.reacted()?;
        if !self.changing() {
            return Err(self.refuse(
                "Nothing is being released.",
                "Set an image to begin a release, or roll back to an earlier revision.",
                &[Verb::SetImage, Verb::RollBack],
            ));
        }
        Ok(())
    }

    /// Whether the controller has taken in the last write.
    ///
    /// # Errors
    /// The refusal, where it has not: a second write would land on what the first has made, and skip a step.
    pub fn reacted(&self) -> Result<(), Refusal> {
        let again = if self.blue_green() { "nothing is gained by sending it again" } else { "sending it again would skip a step" };
        if self.waits_to_unpause() {
            return Err(self.refuse(
                format!("Its pause was ended a moment ago and the controller has not reacted yet: {again}."),
                "Wait until it moves. If it has not after 30 s it missed the write: pause makes it look again, and resume enters the pause anew.",
                &[Verb::Pause],
            ));
        }
        // Paused, says the controller's own phase, and nothing is left that pauses: what ended it was a write it has not seen.
        if self.release.phase == Phase::Paused && self.control().gates.is_empty() && !self.release.paused_by_hand {
            return Err(self.refuse(
                format!("Its step was left a moment ago and the controller has not reacted yet: {again}."),
                "Wait until it moves. If it has not after 30 s it missed the write: pause and resume make it look again.",
                &[Verb::Pause],
            ));
        }
        if !self.control().observed {
            let whose = self.control().template.as_ref().filter(|holder| holder.kind == Kind::Deployment);
            let whose =
                whose.map_or_else(|| "the newest spec".to_owned(), |holder| format!("the newest spec of Deployment {}", holder.name));
            let held = self.release.paused_by_hand;
            let meanwhile = if held { "it is paused by hand meanwhile" } else { "pause works meanwhile" };
            return Err(self.refuse(
                format!("The controller has not seen {whose} yet: what is on screen is about to change."),
                format!("Wait until it has; {meanwhile}. If it takes longer than 30 s, look at the controller."),
                if held { &[] } else { &[Verb::Pause] },
            ));
        }
        Ok(())
    }
}
