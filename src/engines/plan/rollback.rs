//! Roll back: the template of a revision that was healthy put back, with one guarded write.
//! Refuses to take the second highest number for the last good one, to send what a controller had put in, and to go back to what is in force.

mod argo;
mod deployment;
mod flagger;
mod target;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::flagger::going_back;
use super::template::{called, change_cause, holder, later_writers, premises, refuse, undone_by, write};
use crate::engines::history;
use crate::objects::{Kind, World};
use crate::release::Release;
use crate::release::acting::{Change, Confirm, Exposed, Goal, Holder, Intent, Outcome, Refusal, Revision, RollBack, Stage, Verb, Write};
use crate::text::Clean;

/// What both engines' parts are made of.
struct Back<'a> {
    world: &'a World,
    release: &'a Release,
    holder: &'a Holder,
    /// The holder as it was read whole.
    raw: &'a Value,
    /// The revision to go to.
    to: &'a Revision,
    /// The whole history, newest first.
    revisions: &'a [Revision],
    at_once: bool,
}

/// What an engine makes of it.
struct Course {
    effect: String,
    notes: Vec<String>,
    risks: Vec<String>,
    exposed: Exposed,
    stages: Vec<Stage>,
}

/// Plans the roll back of `release`.
///
/// # Errors
/// Where the revisions are not read yet, where there is none to go back to, or where it would change nothing.
pub fn plan(world: &World, release: &Release, target: RollBack) -> Result<Change, Refusal> {
    let holder = holder(release, Verb::RollBack)?;
    if release.key.kind == Kind::Canary {
        going_back(world, release, Verb::RollBack)?;
    }
    if target.at_once && release.key.kind == Kind::Deployment {
        return Err(refuse(
            Verb::RollBack,
            "A Deployment has no steps that could be left out.",
            "A plain roll back goes as fast as its limits allow.",
            &[Verb::RollBack],
        ));
    }
    let (Some(raw), Some(history)) = (world.history(&release.key), history(world, release)) else {
        return Err(target::unread(release));
    };
    if raw.holder["metadata"]["uid"] != *holder.uid.0 || raw.holder["metadata"]["generation"] != holder.generation {
        return Err(target::unread(release));
    }
    let to = target::find(release, &raw.holder, &history, target.to)?;
    let back = Back { world, release, holder, raw: &raw.holder, to, revisions: &history.revisions, at_once: target.at_once };
    let course = match release.key.kind {
        Kind::Rollout => argo::course(&back),
        Kind::Canary => flagger::course(&back),
        _ => deployment::course(&back),
    };
    Ok(change(&back, target, course))
}

fn change(back: &Back<'_>, target: RollBack, course: Course) -> Change {
    let mut risks: Vec<Clean> = Vec::new();
    let mut asks: Vec<String> = Vec::new();
    let mut ask = |sentence: String| {
        risks.push(Clean::from(sentence.as_str()));
        asks.push(sentence);
    };
    if let Some(reason) = &back.release.control.rollback_unsafe {
        ask(format!("Going back was declared unsafe on this workload: {reason}"));
    }
    let name = called(back.to.number, &back.to.images);
    match &back.to.outcome {
        Outcome::Bad(why) => ask(format!("{name} is known to be bad: {why}.")),
        // Chosen by hand off the list that says so, it needs no more than any other; chosen by the program, or all at once, it does.
        Outcome::Unknown(why) if target.to.is_none() || target.at_once => {
            ask(format!("Whether {name} was ever healthy is not known: {why}."));
        }
        Outcome::Unknown(why) => risks.push(Clean::from(format!("Whether {name} was ever healthy is not known: {why}."))),
        Outcome::Good(_) => {}
    }
    let undone = undone_by(back.release);
    if let Some(sentence) = &undone {
        asks.push(sentence.to_string());
    }
    risks.extend(course.risks.into_iter().map(Clean::from));
    risks.extend(later_writers(back.raw));
    risks.push("ConfigMaps, Secrets, Services, autoscalers and databases are not put back with it.".into());
    let mut notes: Vec<Clean> = course.notes.into_iter().map(Clean::from).collect();
    notes.push(Clean::from(format!("The controller counts it as a new revision: r{} gets the next number.", back.to.number)));
    Change {
        intent: Intent::RollBack(target),
        release: back.release.key.clone(),
        effect: Clean::from(course.effect),
        notes,
        exposed: course.exposed,
        stages: course.stages,
        risks,
        undone_by: undone,
        confirm: if asks.is_empty() { Confirm::Key } else { Confirm::Typed(Clean::from(asks.join(" "))) },
        diff: back.to.diff.clone(),
    }
}

impl Back<'_> {
    /// The write that puts the template back. One write does it all: a workload that is paused in between would not move.
    fn write(&self) -> Write {
        let mut operations = vec![json!({"op": "replace", "path": "/spec/template", "value": *self.to.template})];
        if self.unpauses() {
            operations.push(json!({"op": "add", "path": "/spec/paused", "value": false}));
        }
        let cause = format!("flightdeck: roll back to revision {}", self.to.number);
        operations.extend(change_cause(self.world, self.release, self.holder, Some(self.raw), &cause));
        write(self.release, self.holder, operations)
    }

    /// Whether the same write ends a pause by hand: only where the object that is paused is the one that holds the template.
    fn unpauses(&self) -> bool {
        self.release.paused_by_hand && self.holder.kind == self.release.key.kind
    }

    /// The first stage: the template, and the controller seen to have taken it in.
    fn first(&self, patience: chrono::TimeDelta) -> Stage {
        Stage {
            name: Clean::from(format!("put the template of r{} back", self.to.number)),
            write: Some(self.write()),
            premises: premises(self.release, self.holder),
            goal: if self.to.hash.is_empty() {
                Goal::ReleasingOther(self.release.control.new_hash.clone())
            } else {
                Goal::Releasing(self.to.hash.clone())
            },
            patience,
        }
    }

    /// What is in force now, in a sentence.
    fn in_force(&self) -> String {
        self.revisions.iter().find(|r| r.current).map_or_else(|| "what is in force".to_owned(), |r| called(r.number, &r.images))
    }
}
