//! The one door in: every event changes the state here, and leaves as effects what has to be done outside.

use chrono::TimeDelta;

use super::board::Row;
use super::effect::Effect;
use super::event::Event;
use super::interests::is_troubled;
use super::link::Elsewhere;
use super::state::{Screen, State};
use crate::engines;
use crate::objects::{Kind, Time};
use crate::ports::{ClusterEvent, Scope, SourceState};
use crate::release::{Peak, Release, ReleaseRef};
use crate::text::Clean;

/// How long a notice stays.
pub(super) const NOTICE: TimeDelta = TimeDelta::seconds(6);

/// Changes the state by one event. Cluster events only note what they touch: [`settle`] after a batch of them reads it again.
pub fn update(state: &mut State, event: Event, now: Time) -> Vec<Effect> {
    if state.notice.as_ref().is_some_and(|(_, until)| *until <= now) {
        state.notice = None;
        state.revision += 1;
    }
    match event {
        Event::Cluster(generation, _) if generation != state.generation => Vec::new(),
        Event::Cluster(_, event) => {
            cluster(state, event, now);
            Vec::new()
        }
        Event::Metrics(event) => {
            state.revision += u64::from(super::metrics::heard(state, event, now));
            Vec::new()
        }
        Event::Act(event) => {
            state.revision += 1;
            let mut effects = super::acting::heard(state, event, now);
            effects.extend(settle(state, now));
            effects
        }
        Event::Asked(asked) => {
            let (key, intent, note) = *asked;
            super::acting::ask(state, key, intent, note, now)
        }
        Event::Confirmed => super::acting::go(state, now),
        Event::Arm(asked) => {
            let (key, terms) = *asked;
            super::acting::arm(state, key, terms, true, now).unwrap_or_else(|why| {
                state.notice = Some((Clean::from(format!("not armed: {why}")), now + NOTICE));
                state.revision += 1;
                Vec::new()
            })
        }
        Event::Disarm(why) => super::acting::disarm(state, &why, now),
        Event::Leaving => super::acting::leave(state, now),
        Event::Key(chord) => {
            state.revision += 1;
            state.rows_moved = true;
            let mut effects = super::act::key(state, chord, now);
            effects.extend(settle(state, now));
            effects
        }
        Event::Paste(text) => {
            // On a plan pasted text may be a note, never a confirmation.
            if let Some(open) = state.acting.open.as_mut().filter(|open| state.prompt.is_none() && open.drawn && open.takes_text()) {
                if matches!(open.asks(), super::acting::Asks::Note(_)) {
                    open.line.insert(&text);
                    state.revision += 1;
                }
            } else if let Some(prompt) = &mut state.prompt {
                prompt.insert(&text);
                state.revision += 1;
                state.rows_moved = true;
                super::act::typed(state);
            }
            Vec::new()
        }
        Event::Resize(columns, rows) => {
            state.size = (columns, rows);
            state.revision += 1;
            Vec::new()
        }
        Event::Mouse(mouse) => {
            state.revision += 1;
            super::act::mouse(state, mouse, now);
            settle(state, now)
        }
        Event::Tick => {
            if state.lingering.as_ref().is_some_and(|(_, until)| *until <= now) {
                state.lingering = None;
            }
            state.revision += 1;
            settle(state, now)
        }
        Event::Notice(text) => {
            state.notice = Some((text, now + NOTICE));
            state.revision += 1;
            Vec::new()
        }
        Event::Resumed => {
            state.revision += 1;
            vec![Effect::Redraw]
        }
    }
}

fn cluster(state: &mut State, event: ClusterEvent, now: Time) {
    let visible = match event {
        ClusterEvent::Identity(identity) => {
            if state.scope.is_none() {
                let namespace = if identity.namespace.is_empty() { Clean::from("default") } else { identity.namespace.clone() };
                state.scope = Some(Scope::Namespace(namespace));
            }
            let changed = state.connection.identity != identity;
            state.connection.identity = identity;
            changed
        }
        ClusterEvent::Link(link) => state.connection.enter(link, now),
        ClusterEvent::Heard { server_time } => state.connection.hear(server_time, now),
        ClusterEvent::Source(id, source) => {
            let known = state.interests.iter().any(|i| i.source == id);
            known && state.connection.enter_source(id, source, now)
        }
        ClusterEvent::World(id, event) => {
            let touched = state.world.apply(id, event);
            state.touched.extend(touched);
            false
        }
        ClusterEvent::Unreadable(id, count, why) => {
            let known = state.interests.iter().any(|i| i.source == id);
            known && state.connection.unreadable.insert(id, (count, why.clone())) != Some((count, why))
        }
        ClusterEvent::Allowed(right, answer) => state.acting.rights.insert(right, answer.clone()) != Some(answer),
        ClusterEvent::History(key, Ok(history)) => {
            state.world.remember_history(history);
            state.acting.reading.remove(&key);
            state.touched.insert(key);
            true
        }
        ClusterEvent::History(key, Err(why)) => {
            state.acting.reading.insert(key, super::acting::Reading::Failed(why));
            true
        }
        ClusterEvent::Declared(shelf, declared) => {
            state.metrics.objectives.declared(shelf, declared);
            false
        }
        ClusterEvent::Elsewhere(count) => {
            let counted = Elsewhere::Counted(count);
            std::mem::replace(&mut state.connection.elsewhere, counted) != counted
        }
    };
    state.revision += u64::from(visible);
}

/// Reads the touched releases again, opens what was asked for and has come, looks after what was sent, and says what has to be watched now.
pub fn settle(state: &mut State, now: Time) -> Vec<Effect> {
    read_touched(state, now);
    open_wanted(state);
    select(state, now);
    let mut effects: Vec<Effect> = state.watch(now).into_iter().collect();
    let promise = state.promise();
    let measure = state.measure();
    // Closing a source may have touched releases.
    read_touched(state, now);
    effects.extend(ask_elsewhere(state).into_iter().chain(promise).chain(measure));
    effects.extend(super::acting::look_after(state, now));
    effects
}

/// Reads the touched releases again.
pub(super) fn read_touched(state: &mut State, now: Time) {
    for key in std::mem::take(&mut state.touched) {
        read_again(state, &key, now);
    }
}

/// An empty namespace is perhaps the wrong one: what the others hold is asked once, when everything here is read and nothing is there.
fn ask_elsewhere(state: &mut State) -> Option<Effect> {
    let here = matches!(state.scope, Some(Scope::Namespace(_))) && state.releases.is_empty() && state.connection.is_live();
    let board: Vec<_> = state.sources().filter(|(interest, _)| interest.release.is_none()).collect();
    let read = !board.is_empty() && board.iter().all(|(_, source)| **source != SourceState::Listing);
    if !here || !read || state.connection.elsewhere != Elsewhere::Unasked {
        return None;
    }
    state.connection.elsewhere = Elsewhere::Asked;
    Some(Effect::CountElsewhere)
}

fn read_again(state: &mut State, key: &ReleaseRef, now: Time) {
    let rollout = (key.kind == Kind::Rollout).then(|| state.world.rollout(&key.namespace, &key.name)).flatten();
    state.metrics.objectives.runs(key, rollout);
    let changed = match engines::read(&state.world, key) {
        Some(mut release) => {
            release.exposure.turned = super::turned::seen(state.releases.get(key), &release, state.server_now(now));
            super::metrics::overlay(&state.metrics, &mut release, now, state.connection.offset);
            remember_peak(state, &mut release, now);
            state.metrics.objectives.seen(state.releases.get(key), Some(&release));
            let same = state.releases.get(key) == Some(&release);
            if is_troubled(&release, state.server_now(now)) {
                state.troubled.insert(key.clone());
            } else {
                state.troubled.remove(key);
            }
            state.releases.insert(key.clone(), release);
            !same
        }
        None => {
            state.metrics.objectives.seen(state.releases.get(key), None);
            state.peaks.remove(key);
            state.troubled.remove(key);
            state.releases.remove(key).is_some()
        }
    };
    state.rows_moved |= changed;
    state.revision += u64::from(changed && state.frozen.is_none());
}

/// Keeps the largest share seen while one revision was being released.
fn remember_peak(state: &mut State, release: &mut Release, now: Time) {
    let Some(share) = release.exposure.headline.clone() else {
        state.peaks.remove(&release.key);
        return;
    };
    let new: Clean = release.versions.iter().find(|v| v.runs_new).map(|v| v.replica_set.clone()).unwrap_or_default();
    let at = state.server_now(now);
    let fresh = Peak { value: share.value, label: share.label, at };
    let peak = match state.peaks.get(&release.key) {
        Some((of, peak)) if *of == new && peak.value >= share.value => *peak,
        _ => fresh,
    };
    state.peaks.insert(release.key.clone(), (new, peak));
    release.exposure.peak = Some(peak);
}

fn open_wanted(state: &mut State) {
    let Some((named, screen)) = &state.wanted else { return };
    let mut meant = state.releases.values().filter(|release| named.means(release)).map(|release| &release.key);
    let Some(first) = meant.next() else { return };
    // Its own name comes before that of what it releases.
    let key = std::iter::once(first).chain(meant).find(|key| key.name == named.name).unwrap_or(first).clone();
    let screen = *screen;
    state.wanted = None;
    state.open_release_on(key, screen);
}

impl State {
    /// Opens a release on a screen.
    pub(super) fn open_release_on(&mut self, key: ReleaseRef, screen: Screen) {
        if self.open.as_ref() != Some(&key) {
            self.cockpit = super::release::Cockpit::default();
            self.pods = super::pods::Pods::default();
            self.why_scroll = 0;
        }
        self.board.selected = Some(key.clone());
        self.open = Some(key);
        self.screens = match screen {
            Screen::Board => vec![Screen::Board],
            Screen::Release => vec![Screen::Board, Screen::Release],
            other => vec![Screen::Board, Screen::Release, other],
        };
        self.revision += 1;
    }
}

/// Keeps a selection among the rows that are listed: the first until the person chooses, the neighbour where the chosen one is gone.
/// What is open stays selected whatever the board hides.
fn select(state: &mut State, now: Time) {
    if !std::mem::take(&mut state.rows_moved) {
        return;
    }
    let gone = state.board.selected.as_ref().is_none_or(|key| !state.shown().contains_key(key));
    let may_hide = state.open.is_none() && state.board.hides_some();
    if !gone && state.board.chosen && !may_hide {
        return;
    }
    let rows = state.board.rows(state.shown(), state.moment(now));
    let listed: Vec<ReleaseRef> = rows.into_iter().filter_map(|row| if let Row::Release(key) = row { Some(key) } else { None }).collect();
    if state.board.chosen {
        if gone || may_hide && !listed.iter().any(|key| Some(key) == state.board.selected.as_ref()) {
            let near = state.board.at.min(listed.len().saturating_sub(1));
            state.board.selected = listed.into_iter().nth(near);
        }
    } else if state.open.is_none() || gone {
        state.board.selected = listed.into_iter().next();
    }
}
