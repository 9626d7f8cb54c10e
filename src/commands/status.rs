//! `flightdeck status`: releases without a screen. Waits until what it needs is complete, prints in part with exit code 2 when it is not,
//! and never prints a guess.

use super::absent::absent;
use super::facts::{Named, facts, table};
use super::opening::{self, Begun, Opening};
use super::printed::out;
use crate::app::{self, Event, Screen};
use crate::cli::{Global, Output, Status};
use crate::metrics::poller::Busy;
use crate::ports::metrics::MetricsLink;
use crate::ports::{Interest, LinkState, Scope, SourceState};
use crate::release::{Phase, Release, words};
use crate::runtime::session::Session;

/// Runs it.
pub async fn run(mut global: Global, asked: Status) -> Result<u8, String> {
    let named = asked.release.as_deref().map(Named::parse).transpose()?;
    if let Some(named) = &named {
        named.is_in_scope(&global)?;
    }
    let mut opening = Opening::of_cluster(&global, opening::printing(&global)?);
    if let Some(named) = &named {
        global.namespace = Some(named.namespace.clone());
        global.all_namespaces = false;
        let wanted = app::Named { kind: named.kind, namespace: named.namespace.as_str().into(), name: named.name.as_str().into() };
        opening = Opening::of_cluster(&global, opening::printing(&global)?).opening(wanted, Screen::Release);
    }
    let Begun { mut session, busy, .. } = opening.begin();
    let limit = tokio::time::Instant::now() + asked.timeout;
    let whole = complete(&mut session, named.as_ref(), limit).await;
    measured(&mut session, &busy, limit).await;
    let state = &session.state;
    let releases: Vec<&Release> = state.in_order(session.now()).into_iter().filter(|r| named.as_ref().is_none_or(|n| n.means(r))).collect();
    let now = state.server_now(session.now());
    let text = match asked.output {
        Output::Json => {
            let context = state.identity().context.to_string();
            let heard = state.connection().heard.map(|at| state.server_now(at));
            let list: Vec<_> = releases.iter().map(|r| facts(r, &context, now, heard)).collect();
            serde_json::to_string_pretty(&list).map_err(|e| e.to_string())? + "\n"
        }
        Output::Table if releases.is_empty() => String::new(),
        Output::Table => table(&releases, |r| words::attention(r, now).why),
    };
    out(&text).map_err(|e| e.to_string())?;
    Ok(verdict(&session, named.as_ref(), &releases, whole))
}

/// The exit code, with the reason on standard error where it is not 0.
fn verdict(session: &Session, named: Option<&Named>, releases: &[&Release], whole: Result<(), String>) -> u8 {
    if let Err(missing) = whole {
        eprintln!("flightdeck: {missing}");
        return 2;
    }
    let Some(named) = named else {
        if releases.is_empty() {
            let place = match session.state.scope() {
                Some(Scope::Namespace(name)) => format!("in namespace {name}, if there is one of that name"),
                _ => "here".to_owned(),
            };
            eprintln!("flightdeck: no releases {place}; -A looks at all namespaces");
        }
        return 0;
    };
    match releases {
        [] => {
            eprintln!("flightdeck: {} ({})", absent(session, named, None), session.state.identity().context);
            2
        }
        [release] => u8::from(release.phase == Phase::Degraded),
        _ => {
            eprintln!("flightdeck: {}", named.shared());
            2
        }
    }
}

/// Feeds the session until everything that is needed has been read. `Err` says what is missing.
pub(super) async fn complete(session: &mut Session, named: Option<&Named>, limit: tokio::time::Instant) -> Result<(), String> {
    loop {
        session.drain();
        let reading = match missing(session, named) {
            Missing::Nothing => return Ok(()),
            Missing::For(reason) => return Err(reason),
            Missing::StillReading(what) => what,
        };
        match tokio::time::timeout_at(limit, session.events.recv()).await {
            Ok(Some((generation, event))) => drop(session.feed(Event::Cluster(generation, event))),
            Ok(None) => return Err("the cluster adapter ended; please try again".to_owned()),
            Err(_) => return Err(format!("not complete in time: {reading}; a longer --timeout may help")),
        }
    }
}

/// Listens until every question about metrics has its answer; what is not answered in time stays unmeasured.
async fn measured(session: &mut Session, busy: &Busy, limit: tokio::time::Instant) {
    while (session.drain().0 > 0 || busy.is_working()) && tokio::time::Instant::now() < limit {
        let step = tokio::time::Instant::now() + std::time::Duration::from_millis(100);
        if let Ok(Some(event)) = tokio::time::timeout_at(step.min(limit), session.metric_events.recv()).await {
            session.feed(Event::Metrics(event));
        }
    }
    if let MetricsLink::Failing { sentence, .. } = session.state.metrics().link() {
        eprintln!("flightdeck: {sentence}");
    }
}

/// What is not there yet.
enum Missing {
    Nothing,
    /// Still on its way.
    StillReading(String),
    /// Will not come.
    For(String),
}

fn missing(session: &Session, named: Option<&Named>) -> Missing {
    let state = &session.state;
    if let LinkState::Unusable(what) = &state.connection().state {
        return Missing::For(what.to_string());
    }
    // The pods of releases in trouble tell why: they are waited for, but where they are denied the facts are complete without them.
    let needed = |i: &Interest| i.release.is_none() || named.is_none() || state.open_key() == i.release.as_ref();
    let for_why = |i: &Interest| named.is_none() && i.release.is_some();
    let mut denied = Vec::new();
    let mut reading = Vec::new();
    let mut any = false;
    for interest in state.interests().iter().filter(|i| needed(i)) {
        any = true;
        let source = state.sources().find(|(i, _)| i.source == interest.source).map(|(_, s)| s);
        match source {
            Some(SourceState::Live | SourceState::Absent) => {}
            Some(SourceState::Denied(_)) if for_why(interest) => {}
            Some(SourceState::Denied(what)) => denied.push(format!("you may not {what}")),
            Some(SourceState::Retrying { reason, .. }) if !state.has_listed(interest.source) => {
                reading.push(format!("{}: {reason}", interest.kind.resource()))
            }
            Some(SourceState::Retrying { .. }) => {}
            Some(SourceState::Listing) | None => reading.push(format!("{} being listed", interest.kind.resource())),
        }
    }
    match (&state.connection().state, any) {
        (LinkState::Lost { reason, .. }, _) if !reading.is_empty() || !any => Missing::StillReading(reason.to_string()),
        (LinkState::Connecting(what), false) => Missing::StillReading(what.to_string()),
        (_, false) => Missing::StillReading("nothing has been read yet".to_owned()),
        _ if !reading.is_empty() => Missing::StillReading(reading.join(", ")),
        _ if !denied.is_empty() => Missing::For(format!("printed in part: {}", denied.join("; "))),
        _ => Missing::Nothing,
    }
}
