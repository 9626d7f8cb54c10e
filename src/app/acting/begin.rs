//! Opens a plan: the intent is planned against the newest state, ruled on by the policies, and tried out by the server.

use super::super::effect::Effect;
use super::super::state::{Screen, State};
use super::open::{DryRun, OpenPlan};
use super::{Reading, revisions, rights};
use crate::config::{Ruling, rule};
use crate::engines;
use crate::keys::Action;
use crate::objects::Time;
use crate::release::acting::{Change, Direction, Intent, Refusal, Verb};
use crate::release::{ReleaseRef, Strategy};
use crate::text::Clean;

/// Opens the plan of `intent` on `key` on the plan screen.
pub fn begin(state: &mut State, key: ReleaseRef, intent: Intent, now: Time) -> Vec<Effect> {
    let planned = plan(state, &key, &intent);
    open(state, key, intent, planned, now)
}

/// Opens the plan of what was asked for outside the screen, with a note.
pub fn ask(state: &mut State, key: ReleaseRef, intent: Intent, note: String, now: Time) -> Vec<Effect> {
    let effects = begin(state, key, intent, now);
    if let Some(open) = &mut state.acting.open {
        open.note = note;
    }
    effects
}

fn open(state: &mut State, key: ReleaseRef, intent: Intent, planned: Result<Change, Refusal>, now: Time) -> Vec<Effect> {
    let ruling = ruling(state, &key, &intent, now);
    let ticket = state.acting.number();
    let mut plan = OpenPlan::new(ticket, key.clone(), intent, planned, ruling, state.seen_at(now));
    plan.waits_for_history = waits(state, &key, &plan.intent);
    plan.waits_for_the_picture = state.frozen.is_some() && plan.planned.is_err();
    state.acting.open = Some(plan);
    if state.screen() != Screen::Plan {
        state.screens.push(Screen::Plan);
    }
    let mut effects = super::gated::look(state, now);
    effects.extend(state.ask_dry_run(now));
    effects.extend(rights::ask_for_plan(state));
    effects
}

/// What the policies ask. To go on at the pause before a blue-green switch is that switch: both words count.
fn ruling(state: &State, key: &ReleaseRef, intent: &Intent, now: Time) -> Ruling {
    let rule = |verb| rule(&state.acting.policies, &state.connection.identity.context, key, verb, state.server_now(now));
    let blue_green = state.releases.get(key).is_some_and(|release| release.strategy == Strategy::BlueGreen);
    let of_intent = rule(intent.verb());
    if blue_green && *intent == Intent::Advance { of_intent.and(rule(Verb::Switch)) } else { of_intent }
}

/// Plans again what is on screen, against the newest state.
pub fn replan(state: &mut State, now: Time) -> Vec<Effect> {
    let Some(open) = state.acting.open.take() else { return Vec::new() };
    if open.wakes {
        // Planned as what it is: the action itself must never be asked for a second time.
        return wake(state, &open.key, now);
    }
    let note = open.note;
    let effects = begin(state, open.key, open.intent, now);
    if let Some(open) = &mut state.acting.open {
        open.note = note;
    }
    effects
}

/// What was refused because the picture was held still is planned once it goes on.
pub fn plan_when_let_go(state: &mut State, now: Time) -> Vec<Effect> {
    let waits = state.acting.open.as_ref().is_some_and(|open| open.waits_for_the_picture);
    if waits && state.frozen.is_none() { replan(state, now) } else { Vec::new() }
}

/// A roll back that waited for the revisions is planned once they are read, or once it is known why they can't be.
pub fn plan_when_read(state: &mut State, now: Time) -> Vec<Effect> {
    let Some(open) = state.acting.open.as_ref().filter(|open| open.waits_for_history) else { return Vec::new() };
    let failed = matches!(state.acting.reading.get(&open.key), Some(Reading::Failed(_)));
    if !failed && !history_is_there(state, &open.key) {
        return Vec::new();
    }
    replan(state, now)
}

/// Whether an intent needs the revisions, and they are not there yet.
pub(super) fn waits(state: &State, key: &ReleaseRef, intent: &Intent) -> bool {
    let needed = state.releases.get(key).is_none_or(|release| engines::needs_revisions(&state.world, release, intent));
    matches!(intent, Intent::RollBack(_) | Intent::SetImage(_))
        && needed
        && !history_is_there(state, key)
        && !matches!(state.acting.reading.get(key), Some(Reading::Failed(_)))
}

fn history_is_there(state: &State, key: &ReleaseRef) -> bool {
    state.world.history(key).is_some() && !revisions::is_outdated(state, key)
}

/// The controller has not reacted to an action on this release: opens the plan of the safe retry. Nothing is asked of it a second time; it is
/// only woken.
pub fn wake(state: &mut State, key: &ReleaseRef, now: Time) -> Vec<Effect> {
    let Some(running) = state.acting.running.iter().find(|one| one.key == *key && one.is_alarmed()) else { return Vec::new() };
    let (Some(stage), intent) = (running.change.stages.get(running.stage).cloned(), running.change.intent.clone()) else {
        return Vec::new();
    };
    let Some(release) = state.releases.get(key) else { return Vec::new() };
    let planned = engines::wake(release, &intent, &stage, state.server_now(now));
    let effects = open(state, key.clone(), intent, planned, now);
    if let Some(plan) = &mut state.acting.open {
        plan.wakes = true;
        plan.gates.clear();
        plan.checks.clear();
    }
    effects
}

/// The plan of whoever looks at the screen: nobody acts on a picture that is held still.
pub(super) fn plan(state: &State, key: &ReleaseRef, intent: &Intent) -> Result<Change, Refusal> {
    if state.frozen.is_some() {
        return Err(Refusal {
            asked: intent.verb(),
            why: Clean::from("the picture is held still, and nobody acts on a picture"),
            instead: Clean::from(format!("press {} to let it go on; this is planned then", state.key_of(Action::Freeze))),
            offers: Vec::new(),
        });
    }
    plan_unseen(state, key, intent)
}

/// The plan against the newest state, whatever picture is on screen: the guard's.
pub(super) fn plan_unseen(state: &State, key: &ReleaseRef, intent: &Intent) -> Result<Change, Refusal> {
    let refuse = |why: String, instead: &str| Refusal {
        asked: intent.verb(),
        why: Clean::from(why),
        instead: Clean::from(instead),
        offers: Vec::new(),
    };
    let Some(release) = state.releases.get(key) else {
        return Err(refuse(format!("{} is not there", key.name), "go back to the board and choose a release"));
    };
    // A second press before the controller reacted must send nothing; away from danger there is always a way.
    let same = |one: &&super::Running| one.key == *key && !one.is_finished() && !one.is_alarmed();
    let hurry = intent.verb().direction() == Direction::Safety;
    if let Some(running) = state.acting.running.iter().find(same).filter(|one| !hurry || one.change.intent.verb() == intent.verb()) {
        let sent = running.change.intent.verb().words();
        return Err(refuse(
            format!("{sent} was sent and has not been seen to take effect yet, so nothing more is sent"),
            "wait for its effect, or for the alarm that offers the safe retry",
        ));
    }
    if waits(state, key, intent) {
        return Err(refuse("the revisions are being read".to_owned(), "wait a moment: the plan comes when they are there"));
    }
    if let Some(Reading::Failed(why)) = state.acting.reading.get(key).filter(|_| matches!(intent, Intent::RollBack(_))) {
        return Err(refuse(format!("the revisions can't be read: {why}"), "pause or abort works without them"));
    }
    engines::plan(&state.world, release, intent)
}

impl State {
    /// Whether nothing more is on its way to the plan that is open: revisions, the dry-run, rights, checks.
    pub fn is_plan_settled(&self) -> bool {
        let Some(open) = &self.acting.open else { return true };
        let rights = self.acting.asked.iter().all(|right| self.acting.rights.contains_key(right));
        !open.waits_for_history
            && !open.is_checking()
            && !matches!(open.dry_run, DryRun::Asking { .. })
            && (rights || self.acting.read_only.is_some())
    }

    /// Asks the server what it would say to the plan on screen.
    pub(super) fn ask_dry_run(&mut self, now: Time) -> Vec<Effect> {
        let Some(open) = &self.acting.open else { return Vec::new() };
        // What a policy forbids is not even tried out.
        let live = self.no_writing().is_none() && open.ruling.refusal("asked for").is_none();
        let Some(release) = self.releases.get(&open.key) else { return Vec::new() };
        let stage = open.planned.as_ref().ok().and_then(|change| change.stages.iter().find(|stage| stage.write.is_some()));
        let request = stage.filter(|_| live).and_then(|stage| self.request(stage, release, true));
        let (ticket, sends) = (open.ticket, stage.is_some());
        let Some(open) = &mut self.acting.open else { return Vec::new() };
        let Some(request) = request else {
            if sends {
                open.dry_run = DryRun::Unavailable(Clean::from("nothing can be asked of the server now"));
            }
            return Vec::new();
        };
        open.tries += 1;
        let since = if let DryRun::Asking { since } = open.dry_run { since } else { now };
        open.dry_run = DryRun::Asking { since };
        vec![Effect::DryRun(ticket, request)]
    }
}
