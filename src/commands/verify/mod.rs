//! `flightdeck verify`: a pipeline's question whether a release is good. Judges on everything counted since the new version's first pod, ends
//! at once when it fails, and with 0 only when it has been good for the time asked for. Never writes to a cluster.

mod judge;
mod printed;

use std::sync::Arc;

use chrono::TimeDelta;

use self::judge::{Answer, Decision, Watch};
use super::absent::absent;
use super::facts::Named;
use super::life::Life;
use super::on_tasks;
use super::printed::out;
use super::quiet::on_standing_clock;
use crate::cli::{Global, Report, Verify};
use crate::journal::MemoryJournal;
use crate::objects::{Kind, ReleaseRef, Time};
use crate::ports::{Identity, LinkState};
use crate::release::Release;
use crate::runtime::session::Session;

/// Runs it. Whoever reads JSON or JUnit is told there too why nothing could be looked at.
pub fn run(global: Global, asked: Verify) -> Result<u8, String> {
    let named = Named::parse(&asked.release)?;
    let (output, objective) = (asked.output, asked.objective.clone());
    let unlooked = |why: String| {
        let watch = Watch::new(objective.as_deref(), TimeDelta::zero(), Time::default());
        let text = written(output, &named, &Identity::default(), None, &watch, &Decision::unknown(why));
        out(&text).map_err(|e| e.to_string()).map(|()| 2)
    };
    match judged(global, asked, &named) {
        Err(why) if output != Report::Text => unlooked(why),
        other => other,
    }
}

fn judged(mut global: Global, asked: Verify, named: &Named) -> Result<u8, String> {
    named.is_in_scope(&global)?;
    // It only reads: no handle that could write is held at all.
    global.read_only = true;
    if let Some(speed) = asked.on.speed {
        let journal = Arc::new(MemoryJournal::default());
        return on_tasks(async { watch(Life::on_passing_demo(global, &asked.on, speed, named, journal).await?, &asked, named).await });
    }
    if asked.on.demo.is_some() {
        return on_standing_clock(async {
            let life = Life::on_demo(global, &asked.on, named, Arc::new(MemoryJournal::default())).await?;
            watch(life, &asked, named).await
        })?;
    }
    on_tasks(async { watch(Life::on_cluster(global, named)?, &asked, named).await })
}

async fn watch(mut life: Life, asked: &Verify, named: &Named) -> Result<u8, String> {
    let began = life.session().now();
    let lasts = TimeDelta::from_std(asked.lasts).map_err(|_| "--for is too long".to_owned())?;
    let limit = TimeDelta::from_std(asked.timeout).map_err(|_| "--timeout is too long".to_owned())?;
    let begins = life.session().state.server_now(began);
    let mut watch = Watch::new(asked.objective.as_deref(), lasts, begins);
    let mut told = String::new();
    loop {
        let ended = life.go_on().await;
        let session = life.session();
        let now = session.now();
        if let Some(code) = ended {
            let so_far = watch.so_far(found(session, named).ok().flatten().map(|(_, release)| release));
            say(session, asked, named, &watch, &Decision::unknown(format!("ended by a signal before it could be told. So far: {so_far}")))?;
            return Ok(code);
        }
        let decided = match look(session, named, asked.on.demo.as_deref(), &mut watch, now) {
            Err(why) if asked.output != Report::Text => Some(Decision::unknown(why)),
            other => other?,
        };
        let decided = decided.or_else(|| (now - began >= limit).then(|| overdue(session, named, &watch)));
        if let Some(decision) = decided {
            say(session, asked, named, &watch, &decision)?;
            return Ok(match decision.answer {
                Answer::Good => 0,
                Answer::Bad => 1,
                Answer::Unknown => 2,
            });
        }
        progress(session, named, &watch, asked, &mut told);
    }
}

fn look(session: &Session, named: &Named, demo: Option<&str>, watch: &mut Watch, now: Time) -> Result<Option<Decision>, String> {
    let state = &session.state;
    if let LinkState::Unusable(what) = &state.connection().state {
        return Err(what.to_string());
    }
    let fresh = state.connection().is_live() && !state.connection().is_silent(now);
    match found(session, named)? {
        Some((key, release)) => {
            // Before its pods are read a release looks better than it may be.
            let read = !state.awaits(Some(key));
            if let Some((_, why)) = state.unread(Some(key)).into_iter().find(|(kind, _)| read && *kind == Kind::Pod) {
                return Err(format!("its pods can't be read ({why}), so nothing can be judged"));
            }
            // Whoever is there to be asked has been: before that, that nothing is counted means nothing.
            let asked = release.telemetry.is_some() || state.metrics().is_nobody();
            Ok(watch.look(release, fresh && read && asked, state.server_now(now)))
        }
        None if fresh && !state.awaits(None) && !state.interests().is_empty() => {
            Err(format!("{}{}", absent(session, named, demo), denied(session)))
        }
        None => Ok(None),
    }
}

/// What may not be listed, and so may be there all the same: a sentence's end.
pub(super) fn denied(session: &Session) -> String {
    let all: Vec<String> = session.state.unread(None).into_iter().map(|(_, why)| why).collect();
    if all.is_empty() { String::new() } else { format!(", as far as could be read ({})", all.join(", ")) }
}

/// The release that is meant, where it is there.
fn found<'s>(session: &'s Session, named: &Named) -> Result<Option<(&'s ReleaseRef, &'s Release)>, String> {
    let mut all = session.state.shown().iter().filter(|(_, release)| named.means(release));
    let first = all.next();
    match all.next() {
        None => Ok(first),
        Some(_) => Err(named.shared()),
    }
}

/// The time is over.
fn overdue(session: &Session, named: &Named, watch: &Watch) -> Decision {
    let why = match &session.state.connection().state {
        LinkState::Lost { reason, .. } => format!("the link is down: {reason}"),
        LinkState::Connecting(what) => what.to_string(),
        LinkState::Live | LinkState::Unusable(_) => watch.so_far(found(session, named).ok().flatten().map(|(_, release)| release)),
    };
    Decision::unknown(format!("not decided in time; a longer --timeout may help. So far: {why}"))
}

/// What stands, on standard error, whenever it changes.
fn progress(session: &Session, named: &Named, watch: &Watch, asked: &Verify, told: &mut String) {
    if asked.output != Report::Text {
        return;
    }
    let Ok(Some((_, release))) = found(session, named) else { return };
    let words = format!("{} at {}", watch.word, crate::release::words::place(release));
    if watch.judgements.is_empty() {
        return;
    }
    // At another place the same may stand: that is no news.
    let line = watch.told();
    let (last_words, last_line) = told.split_once('\n').unwrap_or_default();
    if words != last_words {
        if line != last_line {
            eprintln!("flightdeck: {line}");
        }
        *told = format!("{words}\n{line}");
    }
}

fn say(session: &Session, asked: &Verify, named: &Named, watch: &Watch, decision: &Decision) -> Result<(), String> {
    let release = found(session, named).ok().flatten().map(|(_, release)| release);
    out(&written(asked.output, named, session.state.identity(), release, watch, decision)).map_err(|e| e.to_string())
}

fn written(output: Report, named: &Named, identity: &Identity, release: Option<&Release>, watch: &Watch, decision: &Decision) -> String {
    match output {
        Report::Text => printed::text(named, decision),
        Report::Json => printed::json(named, identity, release, watch, decision),
        Report::Junit => printed::junit(named, watch, decision),
    }
}
