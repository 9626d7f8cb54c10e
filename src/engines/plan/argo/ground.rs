//! [`Ground`]: what every plan of a Rollout stands on, and the pieces all of them are built from: writes, premises, stages, refusals.
//! Never decides whether an intent is a good one.

use serde_json::{Value, json};

use super::patience;
use crate::engines::plan::template::merge;
use crate::objects::{Kind, Rollout, World};
use crate::release::acting::{Change, Confirm, Control, Exposed, Goal, Intent, Premise, Refusal, Stage, Verb, Write};
use crate::release::{Label, Release};
use crate::text::Clean;

/// A Rollout, its reading, and what was asked.
pub struct Ground<'a> {
    /// Every object.
    pub world: &'a World,
    /// The Rollout itself.
    pub rollout: &'a Rollout,
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

    /// Whether two versions are being exchanged: Argo's own test, which an abort does not end.
    pub fn changing(&self) -> bool {
        let control = self.control();
        !control.stable_hash.is_empty() && control.new_hash != control.stable_hash
    }

    /// Whether a router splits the traffic.
    pub fn routed(&self) -> bool {
        self.rollout.spec.strategy.canary.as_ref().is_some_and(|canary| canary.traffic_routing.is_some())
    }

    /// Whether all traffic is switched at once.
    pub fn blue_green(&self) -> bool {
        self.rollout.spec.strategy.blue_green.is_some()
    }

    /// A pause was ended and the controller has not noticed: it still says that it holds one, and names none.
    pub fn waits_to_unpause(&self) -> bool {
        self.control().controller_pause && self.control().gates.is_empty()
    }

    /// What the new version gets now, 0..=1, where that is known.
    pub fn before(&self) -> Option<f64> {
        self.release.exposure.headline.as_ref().filter(|share| share.label != Label::Unknown).map(|share| share.value)
    }

    /// A merge patch of the Rollout itself.
    pub fn spec(&self, body: Value) -> Write {
        merge(self.release, "", body)
    }

    /// A merge patch of its `/status`.
    pub fn status(&self, body: Value) -> Write {
        merge(self.release, "status", body)
    }

    /// The same object with the same two versions: the least that a plan about a release under way rests on.
    pub fn same(&self) -> Vec<Premise> {
        let control = self.control();
        let mut same = vec![Premise::Uid(self.release.uid.clone()), Premise::Releasing(control.new_hash.clone())];
        same.push(Premise::Stable(control.stable_hash.clone()));
        same.push(Premise::Aborted(control.aborted));
        same
    }

    /// The same, and nobody has touched the spec, the step or the hand's pause: for whatever leads towards exposure.
    pub fn exactly(&self) -> Vec<Premise> {
        let control = self.control();
        let mut exactly = self.same();
        exactly.push(Premise::Generation(control.generation));
        exactly.push(Premise::Observed);
        exactly
            .extend(control.template.as_ref().filter(|t| t.kind != Kind::Rollout).map(|t| Premise::Template(t.uid.clone(), t.generation)));
        exactly.extend(self.release.position.map(|at| Premise::Step(at.index)));
        exactly.push(Premise::PausedByHand(self.release.paused_by_hand));
        exactly
    }

    /// `exactly`, as it stands once our own first write has ended the hand's pause: that write counts the spec up by one.
    pub fn exactly_unpaused(&self) -> Vec<Premise> {
        let own = |premise| match premise {
            Premise::Generation(generation) => Premise::Generation(generation + 1),
            Premise::PausedByHand(_) => Premise::PausedByHand(false),
            other => other,
        };
        self.exactly().into_iter().map(own).collect()
    }

    /// `goal`, of the version that is being released now and of no other: a roll back by somebody else ends steps and pauses too.
    pub fn still(&self, goal: Goal) -> Goal {
        Goal::All(vec![Goal::Releasing(self.control().new_hash.clone()), goal])
    }

    /// The first of two stages: ends the hand's pause. Done once the controller has seen that and `then` holds.
    pub fn unpause(&self, then: Vec<Goal>) -> Stage {
        let mut goals = vec![Goal::PausedByHand(false)];
        goals.extend(then);
        stage("End the pause by hand", Some(self.spec(json!({"spec": {"paused": false}}))), self.exactly(), Goal::All(goals))
    }

    /// A change of these stages, confirmed by a key; whoever asks for more says so afterwards.
    pub fn change(&self, effect: impl Into<Clean>, stages: Vec<Stage>) -> Change {
        let paused = |write: &Write| write.kind == Kind::Rollout && write.body.pointer("/spec/paused").is_some();
        let writes_pause = stages.iter().filter_map(|stage| stage.write.as_ref()).any(paused);
        let owner = self.control().owner.as_ref().filter(|_| writes_pause);
        let before = self.before();
        Change {
            intent: self.intent.clone(),
            release: self.release.key.clone(),
            effect: effect.into(),
            notes: Vec::new(),
            exposed: Exposed { before, after: before },
            stages,
            risks: Vec::new(),
            undone_by: owner.map(|owner| Clean::from(format!("{owner} may put spec.paused back when it next syncs."))),
            confirm: Confirm::Key,
            diff: Vec::new(),
        }
    }

    /// A refusal.
    pub fn refuse(&self, why: impl Into<Clean>, instead: impl Into<Clean>, offers: &[Verb]) -> Refusal {
        Refusal { asked: self.intent.verb(), why: why.into(), instead: instead.into(), offers: offers.to_vec() }
    }
}

/// One stage, with the usual patience.
pub fn stage(name: &str, write: Option<Write>, premises: Vec<Premise>, goal: Goal) -> Stage {
    Stage { name: name.into(), write, premises, goal, patience: patience::reacts() }
}
