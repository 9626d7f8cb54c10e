//! The plan on screen: what would be sent, what the server said to it, whether it still holds, and what it takes to send it.

use chrono::TimeDelta;

use super::super::prompt::{Prompt, PromptKind};
use super::super::state::State;
use super::checks::Checked;
use super::gated::Shut;
use crate::config::{Need, Ruling};
use crate::objects::Time;
use crate::ports::rights::Allowed;
use crate::ports::write::Request;
use crate::release::acting::{Change, Confirm, Direction, Intent, Refusal, Stage, Write};
use crate::release::{Release, ReleaseRef};
use crate::text::Clean;

/// At most so many dry-runs of one plan, where the object is written all the time.
pub(super) const DRY_RUNS: u32 = 5;

/// After so long without a dry-run's answer the plan says that there is none.
pub const DRY_RUN_PATIENCE: TimeDelta = TimeDelta::seconds(2);

/// What the server said to the plan.
#[derive(Debug, Clone, PartialEq)]
pub enum DryRun {
    /// There is nothing to ask: nothing is sent.
    NotNeeded,
    /// Asked, and not answered yet.
    Asking {
        /// Since when.
        since: Time,
    },
    /// It would do it; with these warnings.
    Accepted(Vec<Clean>),
    /// It would refuse.
    Denied {
        /// HTTP status.
        code: u16,
        /// Its words.
        reason: Clean,
        /// Its warnings.
        warnings: Vec<Clean>,
    },
    /// It can't say; why.
    Unavailable(Clean),
}

/// Who changed what a plan rested on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Being found out.
    Asking,
    /// The newest writer that `managedFields` tells, and when.
    Known(Clean, Option<Time>),
    /// Nothing tells.
    Unknown,
}

/// What a plan rested on no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What is so instead.
    pub what: Clean,
    /// Who changed it.
    pub who: Who,
    /// When that was seen, by our clock.
    pub at: Time,
}

/// What confirms a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// One different key.
    Key,
    /// A note first, then `then`; why it is asked for.
    Note(Clean),
    /// The release's name; why so much is asked for.
    Name(Clean),
}

/// The plan on screen.
#[derive(Debug, Clone)]
pub struct OpenPlan {
    /// Which one: answers to others are dropped.
    pub ticket: u64,
    /// Of which release.
    pub key: ReleaseRef,
    /// Asked what.
    pub intent: Intent,
    /// The plan, or why there is none.
    pub planned: Result<Change, Refusal>,
    /// What the person's policies ask.
    pub ruling: Ruling,
    /// What the server said.
    pub dry_run: DryRun,
    /// Dry-runs asked so far.
    pub tries: u32,
    /// The gates that are closed: sending it goes over them.
    pub gates: Vec<Shut>,
    /// The checks that gates ask for.
    pub checks: Vec<Checked>,
    /// What no longer holds.
    pub moved: Option<Moved>,
    /// When its premises were last seen to hold, by our clock.
    pub seen: Time,
    /// Whether it was on screen: keys pressed before that confirm nothing.
    pub drawn: bool,
    /// What was written as a note.
    pub note: String,
    /// The line being typed, where one is asked for.
    pub line: Prompt,
    /// It only wakes a controller that has not reacted to this intent.
    pub wakes: bool,
    /// It is planned anew once the revisions are read.
    pub waits_for_history: bool,
    /// It is planned anew once the picture that is held still goes on.
    pub waits_for_the_picture: bool,
    /// Lines scrolled.
    pub scroll: usize,
}

impl OpenPlan {
    pub(super) fn new(ticket: u64, key: ReleaseRef, intent: Intent, planned: Result<Change, Refusal>, ruling: Ruling, now: Time) -> Self {
        Self {
            ticket,
            key,
            intent,
            planned,
            ruling,
            dry_run: DryRun::NotNeeded,
            tries: 0,
            gates: Vec::new(),
            checks: Vec::new(),
            moved: None,
            seen: now,
            drawn: false,
            note: String::new(),
            line: Prompt::new(PromptKind::Confirm, String::new()),
            wakes: false,
            waits_for_history: false,
            waits_for_the_picture: false,
            scroll: 0,
        }
    }

    /// What has to be done to send it, next.
    pub fn asks(&self) -> Asks {
        if self.note.trim().is_empty() {
            if let Some(gate) = self.overridden_gate() {
                return Asks::Note(gate);
            }
            if let Some(frozen) = self.overridden_freeze() {
                return Asks::Note(frozen);
            }
            if self.ruling.note_required {
                return Asks::Note(self.asked_by("a note"));
            }
        }
        if let Some(over) = self.overridden_gate().or_else(|| self.overridden_freeze()) {
            return Asks::Name(over);
        }
        let direction = self.intent.verb().direction();
        match (&self.planned, &self.dry_run) {
            (Ok(Change { confirm: Confirm::Typed(why), .. }), _) => Asks::Name(why.clone()),
            _ if self.ruling.confirm == Need::Typed => Asks::Name(self.asked_by("a typed name")),
            (Ok(_), DryRun::Unavailable(_)) if direction != Direction::Safety => Asks::Name(Clean::from("the server could not try it out")),
            // What asked for a line is gone while it is being typed: its letters must not become keys in the middle of a word.
            _ if !self.line.text.is_empty() => {
                let begun = Clean::from("it is no longer needed, and what is being typed goes with it");
                if self.note.trim().is_empty() { Asks::Note(begun) } else { Asks::Name(begun) }
            }
            _ => Asks::Key,
        }
    }

    /// Which policy asks for it.
    fn asked_by(&self, what: &str) -> Clean {
        let because = self.ruling.because.iter().find(|one| one.what.starts_with(what));
        Clean::from(because.map_or_else(|| format!("a policy asks for {what}"), |one| format!("{what} is asked for by {}", one.source)))
    }

    /// The freeze that sending this overrides, in words.
    fn overridden_freeze(&self) -> Option<Clean> {
        let frozen = self.ruling.freeze.as_ref().filter(|_| self.ruling.needs_override())?;
        Some(Clean::from(format!("a freeze holds {} ({}): sending this overrides it", frozen.words(), frozen.source)))
    }

    /// The gate that sending this goes over, in words. Who asks for it stands beside it on the plan.
    fn overridden_gate(&self) -> Option<Clean> {
        let first = self.gates.first()?;
        let more = self.gates.len() - 1;
        let others = if more == 0 { String::new() } else { format!(", and {more} more") };
        Some(Clean::from(format!("a gate is closed, {}{others}: sending this overrides it", first.closed.why)))
    }

    /// The note as the journal keeps it: beside the reason, which gates were gone over.
    pub(super) fn noted(&self) -> String {
        if self.gates.is_empty() {
            return self.note.clone();
        }
        let gates: Vec<String> = self.gates.iter().map(|gate| gate.words().to_string()).collect();
        format!("{} (over a closed gate: {})", self.note.trim(), gates.join("; "))
    }

    /// Whether letters pressed now are text.
    pub fn takes_text(&self) -> bool {
        // What a policy denies is sent by no line: nothing is asked for, so nothing is typed.
        let denied = self.ruling.refusal("asked for").is_some();
        self.planned.is_ok() && self.moved.is_none() && !denied && self.asks() != Asks::Key
    }
}

impl State {
    /// Why the plan on screen can't be sent now; `None` when only the confirmation is missing.
    pub fn obstacle(&self, now: Time) -> Option<Clean> {
        let open = self.acting.open.as_ref()?;
        let change = match &open.planned {
            Ok(change) => change,
            Err(refusal) => return Some(refusal.why.clone()),
        };
        if let Some(moved) = &open.moved {
            return Some(moved.what.clone());
        }
        // What a note answers is asked for by the screen.
        if let Some(refused) = open.ruling.refusal("asked for") {
            return Some(clause(&refused));
        }
        if change.stages.is_empty() {
            return None;
        }
        if let Some(why) = self.no_writing() {
            return Some(why);
        }
        if let Some(right) = self.missing_right(change) {
            return Some(right);
        }
        // A journal that could not be written is tried again by the line itself: it goes first, and nothing is sent without it.
        let safety = open.intent.verb().direction() == Direction::Safety;
        match &open.dry_run {
            DryRun::Denied { reason, .. } => Some(Clean::from(format!("the server would refuse it: {reason}"))),
            DryRun::Asking { since } if !safety && now - *since < DRY_RUN_PATIENCE => Some(Clean::from("the server is trying it out")),
            DryRun::Asking { .. } if !safety => Some(Clean::from("the server has not answered the dry run yet")),
            _ => open.awaits_a_check(),
        }
    }

    /// Why nothing at all can be sent now.
    pub(super) fn no_writing(&self) -> Option<Clean> {
        if let Some(why) = &self.acting.read_only {
            return Some(Clean::from(format!("this session only reads: {why}")));
        }
        (!self.connection.is_live()).then(|| Clean::from("not while the link is down"))
    }

    /// A right that a change needs and the server says is not given.
    pub(super) fn missing_right(&self, change: &Change) -> Option<Clean> {
        change.stages.iter().filter_map(|stage| stage.write.as_ref()).map(super::rights::right_of).find_map(|right| {
            let denied = matches!(self.acting.rights.get(&right), Some(Ok(Allowed::No(_))));
            denied.then(|| Clean::from(format!("you may not {}", right.words())))
        })
    }

    /// The newest resourceVersion of the object a stage writes, and whether its premises hold in it.
    pub(super) fn version_for(&self, write: &Write, release: &Release) -> Option<Clean> {
        if write.kind == release.key.kind && write.name == release.key.name {
            return Some(release.resource_version.clone());
        }
        self.world.version_of(&write.uid)
    }

    /// The request of a stage as it would be sent now.
    pub fn request(&self, stage: &Stage, release: &Release, dry_run: bool) -> Option<Request> {
        let write = stage.write.as_ref()?;
        let version = self.version_for(write, release)?;
        Some(Request {
            kind: write.kind,
            namespace: write.namespace.clone(),
            name: write.name.clone(),
            subresource: write.subresource,
            patch: write.patch,
            body: write.guarded(&version),
            dry_run,
        })
    }
}

/// A sentence as a part of another: without its full stop, and with a small letter.
fn clause(sentence: &str) -> Clean {
    let text = sentence.trim_end_matches('.');
    let mut letters = text.chars();
    Clean::from(letters.next().map(|first| first.to_lowercase().chain(letters).collect::<String>()).unwrap_or_default())
}

/// The first premise of a stage that does not hold.
pub(super) fn broken(stage: &Stage, release: &Release) -> Option<Clean> {
    stage.premises.iter().find(|premise| !premise.holds(release)).map(|premise| premise.moved(release))
}
