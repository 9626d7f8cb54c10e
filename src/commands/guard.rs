//! `flightdeck guard`: the guard without a screen, for as long as the release runs. Never arms itself without `--yes`, and never ends without
//! a line that says what became of it.

use chrono::TimeDelta;

use super::absent::absent;
use super::facts::Named;
use super::life::Life;
use super::on_tasks;
use super::opening::on_disk;
use super::printed::out;
use super::quiet::on_standing_clock;
use crate::app::Event;
use crate::app::guard::{Condition, ENDED, Stand, Terms};
use crate::cli::{Global, Guarding};
use crate::objects::ReleaseRef;
use crate::release::words::{capital, suspended};
use crate::release::{Phase, Release};
use crate::runtime::session::Session;
use crate::text::Clean;

/// How long the release may take to be read.
const READING: TimeDelta = TimeDelta::seconds(30);

/// Runs it.
pub fn run(global: Global, asked: Guarding) -> Result<u8, String> {
    let named = Named::parse(&asked.release)?;
    named.is_in_scope(&global)?;
    let when = asked.when.iter().flat_map(|text| text.split(" or ")).map(Condition::parse).collect::<Result<Vec<_>, _>>()?;
    let mut terms = Terms::new(when, &asked.action)?;
    terms.countdown = TimeDelta::from_std(asked.countdown).map_err(|_| "--countdown is too long".to_owned())?;
    terms.silence = TimeDelta::from_std(asked.silence).map_err(|_| "--silence is too long".to_owned())?;
    if !asked.yes {
        let words = terms.words();
        return Err(format!("nobody was asked, so nothing was armed; --yes arms it: {words} on {}/{}", named.namespace, named.name));
    }
    if let Some(speed) = asked.on.speed {
        return on_tasks(async {
            watch(Life::on_passing_demo(global, &asked.on, speed, &named, on_disk()).await?, &asked, &named, terms).await
        });
    }
    if asked.on.demo.is_some() {
        return on_standing_clock(async {
            let life = Life::on_demo(global, &asked.on, &named, on_disk()).await?;
            watch(life, &asked, &named, terms).await
        })?;
    }
    on_tasks(async { watch(Life::on_cluster(global, &named)?, &asked, &named, terms).await })
}

async fn watch(mut life: Life, asked: &Guarding, named: &Named, terms: Terms) -> Result<u8, String> {
    let key = match read(&mut life, named, asked.on.demo.as_deref()).await? {
        Ok(key) => key,
        Err(code) => return Ok(code),
    };
    let session = life.session();
    session.feed(Event::Arm(Box::new((key.clone(), terms))));
    if session.state.guard().is_none() {
        let why = session.state.notice().map(ToString::to_string).unwrap_or_else(|| "not armed".to_owned());
        finish(session, named, &capital(&why)).await?;
        return Ok(2);
    }
    let (mut told, mut waits) = (String::new(), None);
    loop {
        progress(life.session(), &key, &mut told);
        let ended = life.go_on().await;
        let session = life.session();
        if let Some(code) = ended {
            let words = match session.state.guard().map(|guard| &guard.stand) {
                Some(Stand::Fired { cause, .. }) => format!("Ended by a signal after it had acted ({cause}): {}", acted(session, &key).1),
                _ => "Disarmed by a signal before it had to act; nothing was sent".to_owned(),
            };
            session.feed(Event::Disarm("ended by a signal".into()));
            finish(session, named, &words).await?;
            return Ok(code);
        }
        let Some(stand) = session.state.guard().map(|guard| guard.stand.clone()) else { continue };
        match stand {
            Stand::Watching(_) | Stand::Counting { .. } => {}
            Stand::Fired { cause, .. } => {
                let limit = *waits.get_or_insert(session.now() + TimeDelta::from_std(asked.wait).unwrap_or_default());
                let finished = session.state.action_on(&key).is_none_or(crate::app::Running::is_finished);
                if finished || session.now() >= limit {
                    let (effect, words) = acted(session, &key);
                    // It acts once: what it paused nobody watches over any more.
                    let left = session.state.shown().get(&key).and_then(suspended).map(|why| format!(". The guard is done, and {why}"));
                    finish(session, named, &format!("Acted, because {cause}: {words}{}", left.unwrap_or_default())).await?;
                    return Ok(if effect { 1 } else { 2 });
                }
            }
            Stand::Disarmed { why, cause, .. } => {
                let sight = session.state.guard().map(|guard| guard.sight.clone()).unwrap_or_default();
                let blind = sight.blindness(session.now());
                let (code, mut words) = unused(session.state.shown().get(&key), &why, cause.as_ref(), blind.as_deref());
                if let Some(partly) = sight.partly() {
                    words = format!("{words}. It could not see {partly}");
                }
                finish(session, named, &words).await?;
                return Ok(code);
            }
        }
    }
}

/// Lives on until the release is read whole; the exit code of a signal meanwhile.
async fn read(life: &mut Life, named: &Named, demo: Option<&str>) -> Result<Result<ReleaseRef, u8>, String> {
    let limit = life.session().now() + READING;
    loop {
        if let Some(code) = life.go_on().await {
            finish(life.session(), named, "Ended by a signal before it was armed").await?;
            return Ok(Err(code));
        }
        let session = life.session();
        let state = &session.state;
        let keys: Vec<&ReleaseRef> = state.shown().values().filter(|release| named.means(release)).map(|release| &release.key).collect();
        let read = state.connection().is_live() && !state.interests().is_empty() && !state.awaits(state.open_key());
        match keys[..] {
            [key] if read => return Ok(Ok(key.clone())),
            [_, _, ..] => {
                return Err(named.shared());
            }
            [] if read => {
                let denied = super::verify::denied(session);
                return Err(format!("nothing was armed: {}{denied}", absent(session, named, demo)));
            }
            _ if session.now() >= limit => return Err("the release could not be read in time, so nothing was armed".to_owned()),
            _ => {}
        }
    }
}

/// How it ends without having acted: well only where the release came to its end and nothing it waited for was so. What it was counting down
/// for was so, whoever was quicker.
/// One that ended well without having been seen was not guarded: `blind` is why.
fn unused(release: Option<&Release>, why: &str, cause: Option<&Clean>, blind: Option<&str>) -> (u8, String) {
    let bad = release.filter(|one| one.control.aborted || one.abort.is_some() || one.phase == Phase::Degraded);
    match (cause, bad) {
        (None, None) if why == ENDED && blind.is_some() => {
            let blind = blind.unwrap_or_default();
            (2, format!("Not guarded: {why}, and {blind}, so nothing that was waited for could be told"))
        }
        (Some(cause), _) => (1, format!("Disarmed in its countdown, before it had acted: {why}. It counted down because {cause}")),
        (None, Some(_)) if why == ENDED => (1, format!("Disarmed without having acted: {why}, and not well")),
        (None, Some(_)) => (1, format!("Disarmed without having acted: {why}")),
        (None, None) => (if why == ENDED { 0 } else { 2 }, format!("Disarmed without having acted: {why}")),
    }
}

/// Whether its action took effect, and what became of it.
fn acted(session: &Session, key: &ReleaseRef) -> (bool, String) {
    let Some(running) = session.state.action_on(key) else { return (false, "nothing was sent".to_owned()) };
    let done = matches!(running.progress, crate::app::Progress::Done { .. }) || running.is_taken_in();
    (done, running.words())
}

/// What it does, on standard error, whenever that changes.
fn progress(session: &Session, key: &ReleaseRef, told: &mut String) {
    let Some(guard) = session.state.guard() else { return };
    let words = match &guard.stand {
        Stand::Watching(None) => {
            let covers = session.state.shown().get(key).and_then(suspended).map(|why| format!("; {why}: the guard does"));
            format!("armed: {}{}", guard.terms.words(), covers.unwrap_or_default())
        }
        Stand::Watching(Some(why)) => match guard.sight.partly() {
            Some(partly) => format!("armed: {}; it can't see {partly}", guard.terms.words()),
            None => format!("armed, and can't see: {why}"),
        },
        Stand::Counting { cause, until } => {
            let left = (*until - session.now()).num_seconds().max(0);
            format!("{} in {left} s, because {cause}; a signal stops it", guard.terms.intent.verb().words())
        }
        Stand::Fired { .. } => session.state.action_on(key).map(crate::app::Running::words).unwrap_or_default(),
        Stand::Disarmed { .. } => return,
    };
    // The same cause with other counts is told once.
    let same: String = words.chars().filter(|c| !c.is_ascii_digit()).collect();
    if same != *told {
        eprintln!("flightdeck: {words}");
        *told = same;
    }
}

/// The last line, once the journal has its own.
async fn finish(session: &mut Session, named: &Named, words: &str) -> Result<(), String> {
    session.feed(Event::Leaving);
    session.flush().await;
    if let Some(problem) = session.state.journal_problem() {
        eprintln!("flightdeck: the journal lacks a line of it: {problem}");
    }
    out(&format!("{}/{}: {words}.\n", named.namespace, named.name)).map_err(|e| e.to_string())
}
