//! `flightdeck snapshot`: one frame to standard output. Of the embedded cluster: the same bytes for the same scenario, moment and seed.

use chrono::{FixedOffset, TimeDelta};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::facts::Named;
use super::opening::{Begun, Opening};
use super::printed::out;
use super::quiet::{Held, on_standing_clock};
use super::{demo, on_tasks, setup};
use crate::app::{Event, Screen as Shown};
use crate::cli::{Format, Global, Screen, Snapshot};
use crate::demo::api::serve;
use crate::demo::clock::{ClockMode, origin};
use crate::demo::cluster::Cluster;
use crate::demo::scenario::Scenario;
use crate::demo::store::{CANARIES, ROLLOUTS};
use crate::journal::MemoryJournal;
use crate::keys::Chord;
use crate::metrics::poller::Busy;
use crate::objects::Kind;
use crate::ports::SourceState;
use crate::runtime::picture;
use crate::runtime::session::Session;
use crate::text::Clean;
use crate::theme::Depth;
use crate::view;

/// Runs it.
pub fn run(global: Global, asked: Snapshot) -> Result<u8, String> {
    let keys = asked.keys.as_deref().unwrap_or_default().split_whitespace().map(Chord::parse).collect::<Result<Vec<Chord>, String>>()?;
    let frame = match &asked.demo {
        Some(name) => {
            let scenario = Scenario::named(name)?;
            on_standing_clock(of_demo(&global, &asked, &scenario, &keys))??
        }
        None => {
            let mut frame = String::new();
            on_tasks(async {
                frame = of_cluster(&global, &asked, &keys).await?;
                Ok(0)
            })?;
            frame
        }
    };
    out(&frame).map_err(|e| e.to_string())?;
    Ok(0)
}

/// What is opened at the start, and on which screen.
fn opened(asked: &Snapshot, own: Option<crate::app::Named>) -> Result<Option<(crate::app::Named, Shown)>, String> {
    let screen = match asked.screen {
        Screen::Board | Screen::Journal | Screen::Help | Screen::Palette if asked.release.is_none() => return Ok(None),
        Screen::Board | Screen::Journal | Screen::Help | Screen::Palette => Shown::Board,
        // Which plan is shown, its keys say.
        Screen::Release | Screen::Plan => Shown::Release,
        Screen::Revisions => Shown::Revisions,
        Screen::Pods => Shown::Pods,
        Screen::Why => Shown::Why,
    };
    let named = match &asked.release {
        Some(text) => {
            let named = Named::parse(text)?;
            Some(crate::app::Named { kind: named.kind, namespace: named.namespace.as_str().into(), name: named.name.as_str().into() })
        }
        None => own,
    };
    match named {
        Some(named) => Ok(Some((named, screen))),
        None => Err("which release? --release NAMESPACE/NAME says so; without a scenario there is no default".to_owned()),
    }
}

async fn of_demo(global: &Global, asked: &Snapshot, scenario: &Scenario, keys: &[Chord]) -> Result<String, String> {
    // Jitter of retries comes from this thread's generator: seeded, it is the same every time.
    fastrand::seed(asked.seed);
    let lived = TimeDelta::from_std(asked.at).map_err(|_| "--at is too long".to_owned())?;
    let sim = scenario.build(asked.seed, origin())?;
    let cluster = Cluster::new(sim, ClockMode::Manual, scenario.options(origin()));
    let server =
        serve(cluster.clone()).await.map_err(|e| format!("the embedded cluster can't listen on loopback ({e}), so there is no frame"))?;
    let force = setup::shipped(global, Depth::Rgb)?;
    let utc = FixedOffset::east_opt(0).ok_or("UTC is unknown here")?;
    let mut opening = demo::on(global, force, scenario, &cluster, &server, 1.0, utc);
    let key = &scenario.release;
    let kind = match key.resource {
        ROLLOUTS => Kind::Rollout,
        CANARIES => Kind::Canary,
        _ => Kind::Deployment,
    };
    let own = crate::app::Named { kind: Some(kind), namespace: Clean::from(key.namespace.as_str()), name: Clean::from(key.name.as_str()) };
    opening.options.open = opened(asked, Some(own))?;
    opening.options.size = asked.size;
    // Nothing of this machine has a say, and nothing is left on it.
    opening.options.session = Clean::from("snapshot");
    opening.journal = std::sync::Arc::new(MemoryJournal::default());
    let Begun { session, progress, effort, busy } = opening.begin();
    let mut held = Held { session, cluster, progress, effort, busy };
    held.live_until(origin() + lived).await;
    for chord in with_screen(asked.screen, keys)? {
        look(&mut held.session, asked);
        held.session.feed(Event::Key(chord));
        held.hear().await;
    }
    check_open(&held.session, asked)?;
    let frame = render(&held.session, asked);
    drop(server);
    Ok(frame)
}

async fn of_cluster(global: &Global, asked: &Snapshot, keys: &[Chord]) -> Result<String, String> {
    let force = setup::in_force(global, Depth::Rgb)?;
    let mut opening = Opening::of_cluster(global, force);
    opening.options.open = opened(asked, None)?;
    opening.options.size = asked.size;
    let Begun { mut session, busy, .. } = opening.begin();
    listen(&mut session, &busy).await;
    for chord in with_screen(asked.screen, keys)? {
        look(&mut session, asked);
        session.feed(Event::Key(chord));
        listen(&mut session, &busy).await;
    }
    check_open(&session, asked)?;
    Ok(render(&session, asked))
}

/// Help and the palette lie over a screen: they are opened by their own keys.
fn with_screen(screen: Screen, keys: &[Chord]) -> Result<Vec<Chord>, String> {
    let first = match screen {
        Screen::Help => Some(Chord::parse("?")?),
        Screen::Palette => Some(Chord::parse(":")?),
        Screen::Journal => Some(Chord::parse("J")?),
        _ => None,
    };
    Ok(first.into_iter().chain(keys.iter().copied()).collect())
}

fn check_open(session: &Session, asked: &Snapshot) -> Result<(), String> {
    let wanted = matches!(asked.screen, Screen::Release | Screen::Pods | Screen::Revisions | Screen::Plan | Screen::Why);
    if asked.screen == Screen::Plan && session.state.plan().is_none() {
        return Err("no plan is open, so there is no frame; --keys says which: --keys a plans an abort".to_owned());
    }
    match &asked.release {
        Some(name) if wanted && session.state.open_key().is_none() => {
            Err(format!("there is no release {name} here, so there is no frame; --screen board shows those there are"))
        }
        _ => Ok(()),
    }
}

/// Listens until every source has its answer and nothing more comes, at most 20 s.
async fn listen(session: &mut Session, busy: &Busy) {
    let limit = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    session.drain();
    while tokio::time::Instant::now() < limit {
        let quiet = std::time::Duration::from_millis(300);
        match tokio::time::timeout(quiet, session.events.recv()).await {
            Ok(Some((generation, event))) => {
                session.feed(Event::Cluster(generation, event));
                session.drain();
            }
            Ok(None) => return,
            Err(_) => {
                let waiting = session.state.sources().any(|(_, s)| *s == SourceState::Listing);
                let unusable = matches!(session.state.connection().state, crate::ports::LinkState::Unusable(_));
                let read = session.state.connection().heard.is_some() && !waiting && !busy.is_working();
                if session.drain().0 == 0 && (unusable || read) && !session.is_sending() {
                    return;
                }
            }
        }
    }
}

/// A frame nobody keeps: a plan is confirmed only once it was on screen.
fn look(session: &mut Session, asked: &Snapshot) {
    let area = Rect::new(0, 0, asked.size.0, asked.size.1);
    let furthest = view::draw_buffer(&session.state, session.now(), area, &mut Buffer::empty(area));
    session.state.drawn(furthest);
}

fn render(session: &Session, asked: &Snapshot) -> String {
    let area = Rect::new(0, 0, asked.size.0, asked.size.1);
    let mut buffer = Buffer::empty(area);
    view::draw_buffer(&session.state, session.now(), area, &mut buffer);
    let written = |format: &Format| match format {
        Format::Text => picture::text(&buffer),
        Format::Ansi => picture::ansi(&buffer),
        Format::Svg => picture::svg(&buffer, session.state.is_light()),
    };
    asked.format.iter().map(written).collect()
}
