//! `flightdeck act`: the cockpit's write path without a screen: the same plan, dry-run, policies, journal and wait for the effect.
//! Never sends what was not asked for by `--yes`, or by a person at the terminal who saw the plan; nor past a closed gate without `--past-gates`.

mod asked;
mod confirmed;
mod counted;
mod printed;

use std::time::Duration;

use tokio::time::Instant;

use super::absent::absent;
use super::facts::Named;
use super::opening::{self, Begun, Opening};
use super::printed::out;
use super::status::complete;
use crate::app::{self, Event, Progress, Screen, Shut};
use crate::cli::{Act, Form, Global};
use crate::objects::ReleaseRef;
use crate::release::acting::{Direction, is_gated};
use crate::runtime::session::Session;
use crate::text::Clean;

/// How long the release may take to be read, and the dry-run to be answered.
const READING: Duration = Duration::from_secs(30);
const TRYING: Duration = Duration::from_secs(10);
/// How long the checks of its gates may take: a little more than the longest of them may.
const CHECKING: Duration = Duration::from_secs(65);

/// Runs it.
pub async fn run(mut global: Global, asked: Act) -> Result<u8, String> {
    let named = Named::parse(&asked.release)?;
    named.is_in_scope(&global)?;
    global.namespace = Some(named.namespace.clone());
    global.all_namespaces = false;
    let wanted = app::Named { kind: named.kind, namespace: named.namespace.as_str().into(), name: named.name.as_str().into() };
    let force = opening::printing(&global)?;
    let opening = Opening::of_cluster(&global, force).opening(wanted, Screen::Release);
    let Begun { mut session, busy, .. } = opening.begin();
    if let Err(missing) = complete(&mut session, Some(&named), Instant::now() + READING).await
        && session.state.open_release().is_none()
    {
        return Err(format!("{missing}; nothing was sent"));
    }
    let key = the_one(&session, &named)?;
    let intent = asked::intent(&asked, session.state.server_now(session.now()))?;
    let past = asked.past_gates.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    let gated = is_gated(intent.verb());
    // What the gates look at comes first: planned before that, nothing would be known against it.
    let uncounted = if gated { counted::counted(&mut session, &busy, &key).await.err().filter(|_| !past) } else { None };
    session.feed(Event::Asked(Box::new((key.clone(), intent, confirmed::note(&asked)))));
    settled(&mut session).await;
    if asked.plan {
        let lacks = session.state.plan().filter(|open| open.planned.is_ok()).and_then(|open| confirmed::lacks(&asked, open));
        return planned(&asked, &session, uncounted.or(lacks));
    }
    if asked.output == Form::Text {
        say(&asked, &session, None)?;
    }
    if let Some(why) = session.state.obstacle(session.now()).or(uncounted.map(Clean::from)) {
        return refused(&asked, &session, &why);
    }
    let shown = session.state.plan().map(|open| open.gates.clone()).unwrap_or_default();
    if let Err(why) = confirmed::confirmed(&asked, &session) {
        return refused(&asked, &session, &why);
    }
    // Whoever confirmed it may have taken their time: checks are as old by now, and what they said may have changed.
    session.drain();
    session.feed(Event::Tick);
    settled(&mut session).await;
    let uncounted = if gated { counted::counted(&mut session, &busy, &key).await.err().filter(|_| !past) } else { None };
    // A gate that was shown closed may have other figures by now; one that was not shown was not gone past.
    let was_shown = |gate: &Shut| shown.iter().any(|one| (&one.closed.gate, &one.source) == (&gate.closed.gate, &gate.source));
    let closed = session.state.plan().and_then(|open| open.gates.iter().find(|gate| !was_shown(gate))).map(Shut::words);
    let closed = closed.map(|gate| Clean::from(format!("a gate closed meanwhile, {gate}")));
    if let Some(why) = session.state.obstacle(session.now()).or(uncounted.map(Clean::from)).or(closed) {
        return refused(&asked, &session, &why);
    }
    watched(session, &asked, &key).await
}

/// Only the plan, and whether it could be sent as it stands: all but its confirmation is there.
fn planned(asked: &Act, session: &Session, lacks: Option<String>) -> Result<u8, String> {
    say(asked, session, None)?;
    if session.state.plan().is_none_or(|open| open.planned.is_err()) {
        return Ok(1);
    }
    let Some(why) = session.state.obstacle(session.now()).map(|why| why.to_string()).or(lacks) else { return Ok(0) };
    eprintln!("flightdeck: as it stands this would not be sent: {why}");
    Ok(if session.state.connection().is_live() { 1 } else { 2 })
}

fn refused(asked: &Act, session: &Session, why: &str) -> Result<u8, String> {
    if asked.output == Form::Json {
        say(asked, session, Some(("refused", why.to_owned())))?;
    }
    eprintln!("flightdeck: nothing was sent: {why}");
    Ok(if session.state.connection().is_live() { 1 } else { 2 })
}

/// The release that is meant; a sentence where there is none, or more than one.
fn the_one(session: &Session, named: &Named) -> Result<ReleaseRef, String> {
    let keys: Vec<&ReleaseRef> =
        session.state.shown().values().filter(|release| named.means(release)).map(|release| &release.key).collect();
    match keys.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(format!("nothing was sent: {}", absent(session, named, None))),
        _ => Err(format!("nothing was sent: {}", named.shared())),
    }
}

/// Waits until the plan is whole: the revisions read where it needs them, the dry-run, the rights and the checks answered.
async fn settled(session: &mut Session) {
    let begin = Instant::now();
    while !session.state.is_plan_settled() {
        // Away from danger nothing is waited for longer than a person would.
        let safety = session.state.plan().is_some_and(|open| open.intent.verb().direction() == Direction::Safety && open.planned.is_ok());
        let checks = session.state.plan().is_some_and(|open| !open.checks.is_empty());
        let patience = if safety {
            Duration::from_secs(2)
        } else if checks {
            CHECKING
        } else {
            TRYING
        };
        if !session.step(begin + patience).await {
            return;
        }
    }
}

fn say(asked: &Act, session: &Session, result: Option<(&str, String)>) -> Result<(), String> {
    let text = match asked.output {
        Form::Json => printed::json(&session.state, session.now(), result),
        Form::Text => printed::text(&session.state, session.now()),
    };
    out(&text).map_err(|e| e.to_string())
}

/// Sends it and waits for its effect.
async fn watched(mut session: Session, asked: &Act, key: &ReleaseRef) -> Result<u8, String> {
    let plan = printed::object(&session.state, session.now());
    session.feed(Event::Confirmed);
    // A plan that is still there was not sent: something came in between.
    if session.state.plan().is_some() {
        let why = session.state.obstacle(session.now()).unwrap_or_else(|| "what it rests on has changed".into());
        return refused(asked, &session, &why);
    }
    let limit = Instant::now() + asked.wait;
    let mut told = String::new();
    loop {
        let words = session.state.action_on(key).map(printed::progress).unwrap_or_default();
        if asked.output == Form::Text && !words.is_empty() && words != told {
            eprintln!("flightdeck: {words}");
            told.clone_from(&words);
        }
        let finished = session.state.action_on(key).is_none_or(app::Running::is_finished);
        if finished || !session.step(limit).await {
            break;
        }
    }
    session.feed(Event::Leaving);
    session.flush().await;
    let (code, word, words) = verdict(&session, key);
    if asked.output == Form::Json {
        let text = printed::with_result(plan, word, &words);
        out(&text).map_err(|e| e.to_string())?;
    } else if words != told {
        eprintln!("flightdeck: {words}");
    }
    if let Some(problem) = session.state.journal_problem() {
        eprintln!("flightdeck: the journal lacks what came of it: {problem}");
    }
    Ok(code)
}

/// Exit code, one word for programs, and the sentence.
fn verdict(session: &Session, key: &ReleaseRef) -> (u8, &'static str, String) {
    let Some(running) = session.state.action_on(key) else { return (0, "noted", "noted in the journal".to_owned()) };
    let words = printed::progress(running);
    match &running.progress {
        Progress::Done { .. } => (0, "took-effect", words),
        // Everything was sent and seen to be taken in; what is left only takes its time.
        Progress::Ended { .. } if running.is_taken_in() => (0, "took-effect", words),
        Progress::Ended { unknown: false, .. } => (1, "refused", words),
        _ => (2, "unknown", words),
    }
}
