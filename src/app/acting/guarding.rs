//! The guard of this session: armed, looked after with every newer picture, and, when it fires, sent the way of every action: plan, policies,
//! rights, dry-run, journal, effect. Never sends what a person would have to type a name for, unless they did when they armed it.

use chrono::TimeDelta;

use super::super::effect::Effect;
use super::super::guard::{Guard, Look, Stand, Terms, Turn};
use super::super::state::State;
use super::open::DryRun;
use super::running::{Progress, Running};
use super::{begin, entry, rights, watching};
use crate::config::{Need, Ruling, rule};
use crate::objects::{Kind, Time};
use crate::ports::write::Answer;
use crate::ports::{Scope, SourceState};
use crate::release::acting::{Change, Confirm, Direction, Intent};
use crate::release::words::unaided;
use crate::release::{Release, ReleaseRef};
use crate::text::Clean;

/// What an action of ours still moves after it was seen to take effect.
const SETTLES: TimeDelta = TimeDelta::seconds(10);
/// How long a countdown that is over waits for the revisions.
const NEEDS: TimeDelta = TimeDelta::seconds(30);
/// How long it is still told of once it is done.
const TOLD: TimeDelta = TimeDelta::seconds(120);

/// The guard with what belongs to this session.
#[derive(Debug, Clone)]
pub struct Armed {
    /// The guard itself.
    pub guard: Guard,
    /// Its id in the journal.
    pub(super) action: Clean,
    /// When it was armed, by our clock.
    pub(super) since: Time,
    /// Whether the release's name was typed for it.
    named: bool,
    /// What was known when it was last looked at whether it could act.
    known: Known,
    /// The dry-run of its plan, asked when the countdown begins.
    ticket: u64,
    dry_run: DryRun,
}

/// What has to be known before it can be told whether the guard could act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    revisions: bool,
    rights: bool,
}

fn known(state: &State, release: &Release, intent: &Intent) -> Known {
    let rights = rights::rights_for(release).iter().all(|right| state.acting.rights.contains_key(right));
    Known { revisions: !begin::waits(state, &release.key, intent), rights }
}

/// Arms a guard. One that was armed before is disarmed by it.
///
/// # Errors
/// Why it would be of no use, a sentence.
pub fn arm(state: &mut State, key: ReleaseRef, terms: Terms, named: bool, now: Time) -> Result<Vec<Effect>, Clean> {
    let Some(release) = state.releases.get(&key) else { return Err(Clean::from(format!("{} is not there", key.name))) };
    if !release.under_way {
        return Err("nothing is being released, so there is nothing to guard".into());
    }
    if let Some(why) = &state.acting.read_only {
        return Err(Clean::from(format!("this session only reads: {why}")));
    }
    let known = known(state, release, &terms.intent);
    if known.revisions {
        may(state, release, &terms.intent, named, now)?;
    } else {
        permitted(state, release, &terms.intent, named, now)?;
    }
    let mut effects = disarm(state, "another guard was armed", now);
    // What was said of the one before is over.
    state.notice = None;
    let Some(release) = state.releases.get(&key) else { return Ok(effects) };
    let covers = unaided(release).map(|why| format!("; {why}: the guard does")).unwrap_or_default();
    let id = state.acting.number();
    let action = Clean::from(format!("{}-{id}", state.acting.session));
    let guard = Guard::arm(release, terms);
    let words = format!("armed: {}{covers}", guard.terms.words());
    state.acting.guard = Some(Armed { guard, action, since: now, named, known, ticket: 0, dry_run: DryRun::NotNeeded });
    state.revision += 1;
    if !covers.is_empty() {
        state.notice = Some((Clean::from(format!("guard armed{covers}")), now + super::super::update::NOTICE));
    }
    effects.extend(record(state, &words, now));
    Ok(effects)
}

/// Disarms it, where one is armed, and says so whatever screen is looked at.
pub fn disarm(state: &mut State, why: &str, now: Time) -> Vec<Effect> {
    let Some(armed) = state.acting.guard.as_mut() else { return Vec::new() };
    if !armed.guard.disarm(why, now) {
        return Vec::new();
    }
    let name = armed.guard.key.name.clone();
    over(state, &name, why, now);
    record(state, &format!("disarmed: {why}"), now)
}

/// The guard is over: said in the place of whatever was said before, which may be that it is armed.
fn over(state: &mut State, name: &str, why: &str, now: Time) {
    // Its name is said once.
    let which = if why.contains(name) { String::new() } else { format!(" on {name}") };
    state.notice = Some((Clean::from(format!("guard{which} disarmed: {why}")), now + super::super::update::NOTICE));
    state.revision += 1;
}

/// Another scope is looked at from here on. A guard whose release is in it as well goes on once that is read anew; any other would see nothing.
pub fn leave_behind(state: &mut State, scope: &Scope, now: Time) -> Vec<Effect> {
    let (Scope::Namespace(other), Some(key)) = (scope, state.guarded().cloned()) else { return Vec::new() };
    if *other == key.namespace {
        return Vec::new();
    }
    let why = format!("you look at namespace {other} now, so {}/{} is not watched any more", key.namespace, key.name);
    disarm(state, &why, now)
}

/// Looks after it.
pub fn look(state: &mut State, now: Time) -> Vec<Effect> {
    let Some(armed) = state.acting.guard.as_ref().filter(|armed| armed.guard.is_armed()) else { return Vec::new() };
    let (key, since) = (armed.guard.key.clone(), armed.since);
    let own = state.acting.running.iter().find(|one| one.key == key && one.began >= since);
    if let Some(own) = own.filter(|one| one.change.intent.verb().direction() == Direction::Safety) {
        let why = format!("{} was asked for by hand", own.change.intent.verb().words());
        return disarm(state, &why, now);
    }
    // What was asked for just before it was armed is ours too, and may take effect only now.
    let ours = state.acting.running.iter().filter(|one| one.key == key).any(|one| match one.progress {
        Progress::Done { at, .. } | Progress::Ended { at, .. } => now - at < SETTLES,
        _ => true,
    });
    let blind = blind(state, &key, now);
    if blind.is_none()
        && let Some(why) = could_not(state, &key, now)
    {
        return disarm(state, &format!("it could not act: {why}"), now);
    }
    let Some(armed) = state.acting.guard.as_ref() else { return Vec::new() };
    // What its plan needs may never come: then it says so instead of standing at nothing left.
    let late = matches!(armed.guard.stand, Stand::Counting { until, .. } if now - until >= NEEDS);
    let ready = late || !begin::waits(state, &key, &armed.guard.terms.intent);
    let server = state.server_now(now);
    let State { releases, acting, .. } = state;
    let Some(armed) = &mut acting.guard else { return Vec::new() };
    let before = armed.guard.stand.clone();
    let turn = armed.guard.look(&Look { release: releases.get(&key), blind: blind.as_deref(), ours, ready, now, server });
    state.revision += u64::from(state.acting.guard.as_ref().is_some_and(|armed| armed.guard.stand != before));
    match turn {
        None => Vec::new(),
        Some(Turn::Begins(cause)) => begins(state, &cause, now),
        Some(Turn::Stops(why)) => record(state, &format!("countdown stopped: {why}"), now),
        Some(Turn::Disarms(why)) => {
            over(state, &key.name, &why, now);
            record(state, &format!("disarmed: {why}"), now)
        }
        Some(Turn::Fires(cause)) => fires(state, &key, &cause, now),
    }
}

/// What its plan needs has become known since it was last looked at: why it could not act, where it could not. That is said at once, and not in
/// the night when it would have to.
fn could_not(state: &mut State, key: &ReleaseRef, now: Time) -> Option<Clean> {
    let armed = state.acting.guard.as_ref()?;
    let (intent, named, before) = (armed.guard.terms.intent.clone(), armed.named, armed.known);
    let release = state.releases.get(key)?;
    let known = known(state, release, &intent);
    let news = known.revisions && (!before.revisions || known.rights && !before.rights);
    let refused = if news { may(state, release, &intent, named, now).err() } else { None };
    if let Some(armed) = &mut state.acting.guard {
        armed.known = known;
    }
    refused
}

/// Why what is seen of a release may not be what the cluster is like now; `None` where it is fresh and whole.
fn blind(state: &State, key: &ReleaseRef, now: Time) -> Option<String> {
    if !state.connection.is_live() {
        return Some("the link is down".to_owned());
    }
    if state.connection.is_silent(now) {
        return Some("the API server is silent".to_owned());
    }
    if !watching::sees(state, now) {
        return Some("the link is only just back".to_owned());
    }
    let needed =
        |kind: Kind| matches!(kind, Kind::Rollout | Kind::Canary | Kind::Deployment | Kind::ReplicaSet | Kind::Pod | Kind::HttpRoute);
    let mine = state.interests.iter().filter(|one| needed(one.kind) && one.release.as_ref().is_none_or(|of| of == key));
    // Nothing is watched yet of what another scope holds.
    if mine.clone().next().is_none() {
        return Some("it is being read again".to_owned());
    }
    let mut pods = false;
    for interest in mine {
        pods |= interest.kind == Kind::Pod;
        match state.connection.sources.get(&interest.source).map(|(source, _)| source) {
            Some(SourceState::Live | SourceState::Absent | SourceState::Denied(_)) => {}
            _ => return Some(format!("{} are being read again", interest.kind.plural())),
        }
    }
    // One that is gone has no pods to watch, and being gone is what there is to see.
    (!pods && state.releases.contains_key(key)).then(|| "its pods are not watched".to_owned())
}

/// The countdown runs: the server is asked meanwhile what it would say.
fn begins(state: &mut State, cause: &Clean, now: Time) -> Vec<Effect> {
    let Some(armed) = &state.acting.guard else { return Vec::new() };
    let seconds = armed.guard.terms.countdown.num_seconds();
    let (key, intent) = (armed.guard.key.clone(), armed.guard.terms.intent.clone());
    let mut effects = record(state, &format!("counts down {seconds} s: {cause}"), now);
    let planned = begin::plan_unseen(state, &key, &intent);
    let stage = planned.ok().and_then(|change| change.stages.into_iter().find(|stage| stage.write.is_some()));
    let request = stage.zip(state.releases.get(&key)).and_then(|(stage, release)| state.request(&stage, release, true));
    let ticket = state.acting.number();
    if let (Some(armed), Some(request)) = (&mut state.acting.guard, request) {
        (armed.ticket, armed.dry_run) = (ticket, DryRun::Asking { since: now });
        effects.push(Effect::DryRun(ticket, request));
    }
    effects
}

/// The answer to its dry-run. `false` where it was asked for somebody else.
pub fn tried_out(state: &mut State, ticket: u64, answer: &Answer) -> bool {
    let Some(armed) = state.acting.guard.as_mut().filter(|armed| armed.ticket == ticket) else { return false };
    armed.dry_run = match answer {
        Answer::Accepted { warnings, .. } => DryRun::Accepted(warnings.clone()),
        Answer::Refused { code: 400, reason, .. } if reason.contains("dry run") => DryRun::Unavailable(reason.clone()),
        // A server that is busy or broken at this moment has not said what it thinks of the write.
        Answer::Refused { code: 408 | 429 | 500.., reason, .. } => DryRun::Unavailable(reason.clone()),
        Answer::Refused { code, reason, warnings } => DryRun::Denied { code: *code, reason: reason.clone(), warnings: warnings.clone() },
        // Planned anew against the newest state when it fires.
        Answer::Conflict => DryRun::Unavailable("it was changed meanwhile".into()),
        Answer::Unsent(why) | Answer::Unknown(why) => DryRun::Unavailable(why.clone()),
    };
    true
}

/// It acts: planned against the newest state, and sent as if the key had been pressed and confirmed.
fn fires(state: &mut State, key: &ReleaseRef, cause: &Clean, now: Time) -> Vec<Effect> {
    let Some(armed) = state.acting.guard.clone() else { return Vec::new() };
    let intent = armed.guard.terms.intent.clone();
    let may = state.releases.get(key).ok_or_else(|| Clean::from("it is gone")).and_then(|one| may(state, one, &intent, armed.named, now));
    let refused = match &armed.dry_run {
        DryRun::Denied { reason, .. } => Some(Clean::from(format!("the server would refuse it: {reason}"))),
        _ => state.no_writing(),
    };
    let change = match (may, refused) {
        (Ok(change), None) => change,
        (Err(why), _) | (_, Some(why)) => {
            if let Some(armed) = &mut state.acting.guard {
                let why = Clean::from(format!("it could not act: {why}"));
                armed.guard.stand = Stand::Disarmed { why: why.clone(), cause: Some(cause.clone()), at: now };
                over(state, &key.name, &why, now);
            }
            return record(state, &format!("fired, and nothing was sent: {why}"), now);
        }
    };
    // It is no longer armed, whatever was said last.
    state.notice = None;
    let mut effects = record(state, &format!("fired: {cause}"), now);
    let id = state.acting.number();
    let action = Clean::from(format!("{}-{id}", state.acting.session));
    let running = Running::new(id, action, key.clone(), change, format!("guard: {cause}"), &armed.dry_run, now);
    state.acting.running.retain(|one| !one.is_finished() || one.key != running.key);
    state.acting.running.insert(0, running);
    effects.extend(watching::send_stage(state, id, now));
    effects
}

/// The change, if it may be sent without anybody at the keys. The error says why not.
fn may(state: &State, release: &Release, intent: &Intent, named: bool, now: Time) -> Result<Change, Clean> {
    let change = begin::plan_unseen(state, &release.key, intent).map_err(|refusal| {
        let why = refusal.why.trim_end_matches('.');
        Clean::from(format!("{why}; instead: {}", refusal.instead.trim_end_matches('.')))
    })?;
    permitted(state, release, intent, named, now)?;
    if let Some(why) = state.missing_right(&change) {
        return Err(why);
    }
    match &change.confirm {
        Confirm::Typed(why) if !named => Err(by_name(why)),
        Confirm::Typed(_) | Confirm::Key => Ok(change),
    }
}

/// What can be told without a plan: what the policies say, and what the workload says of going back.
fn permitted(state: &State, release: &Release, intent: &Intent, named: bool, now: Time) -> Result<(), Clean> {
    let context = &state.connection.identity.context;
    let ruling: Ruling = rule(&state.acting.policies, context, &release.key, intent.verb(), state.server_now(now));
    if let Some(why) = ruling.refusal("the guard's cause") {
        return Err(why);
    }
    if let (Intent::RollBack(_), Some(why)) = (intent, &release.control.rollback_unsafe) {
        return Err(Clean::from(format!("a roll back was declared unsafe ({why}), so a person has to decide")));
    }
    if ruling.confirm == Need::Typed && !named {
        return Err(by_name("a policy asks for a typed name"));
    }
    Ok(())
}

fn by_name(why: &str) -> Clean {
    Clean::from(format!("{why}, so a person has to type it; `flightdeck guard` with --yes arms it all the same"))
}

/// A line in the journal.
fn record(state: &State, words: &str, now: Time) -> Vec<Effect> {
    let Some(armed) = &state.acting.guard else { return Vec::new() };
    let uid = state.releases.get(&armed.guard.key).map(|release| Clean::from(&*release.uid.0)).unwrap_or_default();
    vec![Effect::Record(entry::guard(armed, uid, words, &state.connection.identity, now))]
}

impl State {
    /// The guard, armed or done.
    pub fn guard(&self) -> Option<&Guard> {
        self.acting.guard.as_ref().map(|armed| &armed.guard)
    }

    /// The release that is guarded, while the guard is armed.
    pub(crate) fn guarded(&self) -> Option<&ReleaseRef> {
        self.guard().filter(|guard| guard.is_armed()).map(|guard| &guard.key)
    }

    /// The guard of a release while it is told of: as long as it is armed, and a while after. `now` is our clock.
    pub fn guard_of(&self, key: &ReleaseRef, now: Time) -> Option<&Guard> {
        self.guard().filter(|guard| guard.key == *key && guard.told_until(TOLD).is_none_or(|until| until > now))
    }

    /// Until when a guard that is done is told of.
    pub(crate) fn guard_told_until(&self) -> Option<Time> {
        self.guard()?.told_until(TOLD)
    }
}
