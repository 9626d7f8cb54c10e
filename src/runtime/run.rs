//! The one loop: signals, keys, the cluster, the next frame and the next deadline, in that order.
//! Draws only when something visible changed, at a capped rate; a key's frame passes the cap.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::EventStream;
use futures::StreamExt;
use tokio::sync::mpsc::unbounded_channel;

use super::session::Session;
use super::signals::{Asked, Signals};
use super::terminal::Screen;
use super::{clipboard, input};
use crate::app::{Effect, Event};
use crate::text::Clean;
use crate::view;

/// What the loop needs to know of the terminal it runs in.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// Whether the terminal is at the other end of an SSH connection: fewer frames.
    pub ssh: bool,
    /// Whether the terminal is tmux: clipboard sequences are wrapped too.
    pub tmux: bool,
}

impl Place {
    /// Reads the place off the environment.
    pub fn from_env(mouse: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        Self { mouse, ssh: set("SSH_CONNECTION"), tmux: set("TMUX") }
    }

    /// The shortest time between two frames.
    fn frame_gap(self) -> Duration {
        Duration::from_millis(if self.ssh { 100 } else { 50 })
    }
}

/// Runs the cockpit until it is left. Returns the exit code.
///
/// # Errors
/// When the terminal can't be taken.
pub async fn run(mut session: Session, place: Place) -> io::Result<u8> {
    let mut signals = Signals::listen()?;
    let (written_tx, mut written) = unbounded_channel();
    let mut screen = Screen::take(place.mouse, move |result| drop(written_tx.send(result)))?;
    let mut keys = EventStream::new();
    let mut painter = Painter { gap: place.frame_gap(), last: None, drawn: None, urgent: true };
    let mut todo = session.feed(size_now());
    loop {
        for effect in std::mem::take(&mut todo) {
            match effect {
                Effect::Quit => {
                    screen.give_back();
                    session.flush().await;
                    return Ok(0);
                }
                Effect::Copy(text) => {
                    screen.send(clipboard::sequence(&text, place.tmux).into_bytes());
                    todo.extend(session.feed(Event::Notice(Clean::from(format!("sent to the terminal: {text}")))));
                }
                Effect::Redraw => {
                    screen.redraw()?;
                    painter.drawn = None;
                }
                Effect::Suspend => {
                    screen.suspend()?;
                    painter.drawn = None;
                    todo.extend(session.feed(Event::Resumed));
                }
                // The session has done the others.
                _ => {}
            }
        }
        painter.paint(&mut session, &mut screen)?;
        let frame = painter.next(&session, &screen);
        let deadline = session.state.deadline(session.now()).map(|at| Instant::now() + session.clock().until(at));
        tokio::select! {
            biased;
            asked = signals.next() => match asked {
                Asked::End(code) => {
                    screen.give_back();
                    return Ok(code);
                }
                Asked::Suspend => todo.push(Effect::Suspend),
                Asked::Resumed => {
                    screen.resume()?;
                    painter.drawn = None;
                    todo.extend(session.feed(Event::Resumed));
                }
            },
            raw = keys.next() => match raw {
                Some(Ok(raw)) => if let Some(event) = input::event(raw) {
                    painter.urgent = true;
                    todo.extend(session.feed(event));
                },
                // The terminal is gone: nobody is left to show anything to.
                Some(Err(_)) | None => return Ok(128 + 1),
            },
            Some((generation, event)) = session.events.recv() => {
                todo.extend(session.feed(Event::Cluster(generation, event)));
                todo.extend(session.drain().1);
            }
            Some(event) = session.metric_events.recv() => {
                todo.extend(session.feed(Event::Metrics(event)));
                todo.extend(session.drain().1);
            }
            Some(event) = session.act_events.recv() => {
                painter.urgent = true;
                todo.extend(session.feed(Event::Act(event)));
                todo.extend(session.drain().1);
            }
            Some(result) = written.recv() => if result.is_err() {
                return Ok(128 + 1);
            },
            () = until(frame), if frame.is_some() => {}
            () = until(deadline), if deadline.is_some() => todo.extend(session.feed(Event::Tick)),
        }
    }
}

/// The terminal's size as the first event.
fn size_now() -> Event {
    let (columns, rows) = crossterm::terminal::size().unwrap_or((80, 24));
    Event::Resize(columns, rows)
}

async fn until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at.into()).await;
    }
}

/// Decides when a frame is drawn.
struct Painter {
    gap: Duration,
    last: Option<Instant>,
    drawn: Option<u64>,
    urgent: bool,
}

impl Painter {
    fn wanted(&self, session: &Session) -> bool {
        self.drawn != Some(session.state.revision())
    }

    fn due(&self) -> Instant {
        match self.last {
            Some(last) if !self.urgent => last + self.gap,
            _ => Instant::now(),
        }
    }

    fn paint(&mut self, session: &mut Session, screen: &mut Screen) -> io::Result<()> {
        if !self.wanted(session) || screen.is_busy() || self.due() > Instant::now() {
            return Ok(());
        }
        let now = session.now();
        let mut furthest = 0;
        screen.draw(|frame| furthest = view::draw(&session.state, now, frame))?;
        session.state.drawn(furthest);
        self.drawn = Some(session.state.revision());
        self.last = Some(Instant::now());
        self.urgent = false;
        Ok(())
    }

    /// When to try again, if a frame is wanted and nothing else wakes the loop before (a busy terminal does when it is done).
    fn next(&self, session: &Session, screen: &Screen) -> Option<Instant> {
        (self.wanted(session) && !screen.is_busy()).then(|| self.due())
    }
}
