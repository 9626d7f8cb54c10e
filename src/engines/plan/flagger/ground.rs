//! [`Ground`]: what every plan of a Canary stands on, and the pieces all of them are built from: writes, premises, stages, refusals.
//! Never decides whether an intent is a good one.

use chrono::TimeDelta;
use serde_json::Value;

use super::{Stands, look};
use crate::engines::plan::template::merge;
use crate::objects::{Canary, World};
use crate::release::acting::{Change, Confirm, Control, Exposed, Goal, Intent, Premise, Refusal, Stage, Verb, Write};
use crate::release::{Label, Release, figures, words};
use crate::text::Clean;

/// A Canary, its reading, and what was asked.
pub struct Ground<'a> {
    /// Every object.
    pub world: &'a World,
    /// The Canary itself.
    pub canary: &'a Canary,
    /// Its reading.
    pub release: &'a Release,
    /// What was asked.
    pub intent: &'a Intent,
}

impl Ground<'_> {
    /// The switches as they stand.
    pub fn control(&self) -> &Control {
        &self.release.control
    }

    /// What Flagger is doing.
    pub fn stands(&self) -> Stands {
        Stands::of(self.canary, self.release)
    }

    /// What the version being released is called.
    pub fn new_name(&self) -> String {
        words::called(self.release).new.unwrap_or_else(|| "the new version".to_owned())
    }

    /// What the version that is known good is called.
    pub fn old_name(&self) -> String {
        words::called(self.release).old.unwrap_or_else(|| "the old version".to_owned())
    }

    /// `the next look, within 10 s`, as often as it comes.
    pub fn next_look(&self) -> String {
        format!("its next look (every {})", figures::duration(look::interval(self.canary)))
    }

    /// What the new version gets now, 0..=1, where that is known.
    pub fn before(&self) -> Option<f64> {
        self.release.exposure.headline.as_ref().filter(|share| share.label != Label::Unknown).map(|share| share.value)
    }

    /// `40 % of requests`, where that is known.
    pub fn share(&self) -> Option<String> {
        self.release.exposure.headline.as_ref().filter(|share| share.label != Label::Unknown).map(words::exposed)
    }

    /// A merge patch of the Canary itself.
    pub fn spec(&self, body: Value) -> Write {
        merge(self.release, "", body)
    }

    /// A merge patch of its `/status`.
    pub fn status(&self, body: Value) -> Write {
        merge(self.release, "status", body)
    }

    /// It is the same object.
    pub fn uid(&self) -> Premise {
        Premise::Uid(self.release.uid.clone())
    }

    /// The same object with the same two versions: the least that a plan about a release under way rests on.
    pub fn same(&self) -> Vec<Premise> {
        let control = self.control();
        vec![
            self.uid(),
            Premise::Releasing(control.new_hash.clone()),
            Premise::Stable(control.stable_hash.clone()),
            Premise::Aborted(control.aborted),
        ]
    }

    /// The same, and nobody has touched the spec, the gate or the suspension: for whatever leads towards exposure.
    pub fn exactly(&self) -> Vec<Premise> {
        let mut exactly = self.same();
        exactly.push(Premise::Generation(self.control().generation));
        exactly.push(Premise::PausedByHand(self.release.paused_by_hand));
        exactly.push(Premise::Phase(self.release.phase));
        exactly
    }

    /// A change of these stages, confirmed by a key; whoever asks for more says so afterwards.
    pub fn change(&self, effect: impl Into<Clean>, stages: Vec<Stage>) -> Change {
        let writes_spec = stages.iter().filter_map(|stage| stage.write.as_ref()).any(|write| write.body.get("spec").is_some());
        let owner = self.control().owner.as_ref().filter(|_| writes_spec);
        let before = self.before();
        Change {
            intent: self.intent.clone(),
            release: self.release.key.clone(),
            effect: effect.into(),
            notes: Vec::new(),
            exposed: Exposed { before, after: before },
            stages,
            risks: Vec::new(),
            undone_by: owner
                .map(|owner| Clean::from(format!("{owner} puts what this writes back where Git names it, when it next syncs."))),
            confirm: Confirm::Key,
            diff: Vec::new(),
        }
    }

    /// One stage; `patience` from the interval.
    pub fn stage(&self, name: &str, write: Option<Write>, premises: Vec<Premise>, goal: Goal, patience: TimeDelta) -> Stage {
        Stage { name: name.into(), write, premises, goal, patience }
    }

    /// A refusal. What is suspended can't be paused once more: there it is the resume that is offered.
    pub fn refuse(&self, why: impl Into<Clean>, instead: impl Into<Clean>, offers: &[Verb]) -> Refusal {
        let held = self.release.paused_by_hand;
        let mut offers: Vec<Verb> = offers.iter().map(|verb| if held && *verb == Verb::Pause { Verb::Resume } else { *verb }).collect();
        offers.dedup();
        Refusal { asked: self.intent.verb(), why: why.into(), instead: instead.into(), offers }
    }

    /// What no lever changes: the Canary goes, or its first primary is not there yet.
    ///
    /// # Errors
    /// The refusal.
    pub fn alive(&self) -> Result<(), Refusal> {
        match self.stands() {
            Stands::Deleted => Err(self.refuse(
                "The Canary is being deleted: Flagger takes nothing in any more.",
                "Look at the Deployments it leaves behind: the primary goes with it unless revertOnDeletion is set.",
                &[],
            )),
            Stands::Building => Err(self.refuse(
                "Flagger is still building the primary: nothing is being released.",
                format!("Wait for {}; if it stays so, look at the pods of the primary.", self.next_look()),
                &[],
            )),
            _ => Ok(()),
        }
    }
}
