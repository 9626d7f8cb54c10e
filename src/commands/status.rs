//! `flightdeck status`: releases without a screen. Waits until what it needs is complete, prints in part with exit code 2 when it is not,
//! and never prints a guess.

use std::time::Duration;

use super::facts::{Named, facts, table};
use super::opening::{self, Opening};
use super::printed::out;
use crate::app::{Event, State};
use crate::cli::{Global, Output, Status};
use crate::release::{Phase, Release, words};
use crate::runtime::session::Session;

/// Runs it.
pub async fn run(mut global: Global, asked: Status) -> Result<u8, String> {
    let named = asked.release.as_deref().map(Named::parse).transpose()?;
    if let Some(named) = &named {
        global.namespace = Some(named.namespace.clone());
        global.all_namespaces = false;
    }
    let mut session = Opening::of_cluster(&global, opening::printing(&global)?)?.begin();
    let limit = tokio::time::Instant::now() + asked.timeout;
    let whole = complete(&mut session, named.as_ref(), limit).await;
    let state = &session.state;
    let releases: Vec<&Release> = state.in_order().filter(|r| named.as_ref().is_none_or(|n| n.means(&r.key))).collect();
    let now = state.server_now(session.now());
    let text = match asked.output {
        Output::Json => {
            let context = state.identity().context.to_string();
            let list: Vec<_> = releases.iter().map(|r| facts(r, &context, now)).collect();
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
    let Some(named) = named else { return 0 };
    match releases {
        [] => {
            eprintln!(
                "flightdeck: there is no release {}/{} in {}; `flightdeck status -A` lists those there are",
                named.namespace,
                named.name,
                session.state.identity().context
            );
            2
        }
        [release] => u8::from(release.phase == Phase::Degraded),
        _ => {
            eprintln!("flightdeck: a Rollout and a Deployment share that name; write rollout/{0}/{1} or deployment/{0}/{1}", named.namespace, named.name);
            2
        }
    }
}

/// Feeds the session until everything that is needed has been read. `Err` says what is missing.
async fn complete(session: &mut Session, named: Option<&Named>, limit: tokio::time::Instant) -> Result<(), String> {
    let mut opened = named.is_none();
    loop {
        session.drain();
        let state = &session.state;
        if !opened && let Some(key) = named.and_then(|n| state.in_order().map(|r| r.key.clone()).find(|key| n.means(key))) {
            opened = true;
            let effects = session.state.open_release(key);
            session.carry_out(effects);
            continue;
        }
        match missing(&session.state, opened) {
            Missing::Nothing => return Ok(()),
            Missing::For(reason) => return Err(reason),
            Missing::StillReading(what) => {
                let heard = tokio::time::timeout_at(limit, session.events.recv()).await;
                match heard {
                    Ok(Some((generation, event))) => drop(session.feed(Event::Cluster(generation, event))),
                    Ok(None) => return Err("the cluster adapter ended; please try again".to_owned()),
                    Err(_) => return Err(format!("not complete in time: {what}; a longer --timeout may help")),
                }
            }
        }
    }
}

/// What is not there yet.
enum Missing {
    Nothing,
    StillReading(String),
    For(String),
}

fn missing(_state: &State, _opened: bool) -> Missing {
    Missing::Nothing
}

/// How often a wait looks up, at least.
#[allow(dead_code)]
const LOOK_UP: Duration = Duration::from_millis(100);
