//! What happened between cockpits and a cluster, one line after the other, and what may never have happened in it.
//! Knows nothing of how it came about: the same questions are asked of random lives and of traces falsified on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use flightdeck::objects::{Kind, ReleaseRef};
use flightdeck::ports::journal::{Entry, Told};
use flightdeck::ports::write::{Answer, Request};
use flightdeck::release::acting::{Change, Stage};

use crate::replica::Replica;

/// One thing that happened. A request is known by the number of the line on which it left.
#[derive(Debug, Clone)]
pub enum Line {
    /// A frame with a whole plan was drawn.
    Shown { seat: usize, change: Box<Change> },
    /// A line is in the journal.
    Written { seat: usize, entry: Box<Entry> },
    /// A line found no room on the disk, and the person was told so.
    NoRoom { seat: usize, entry: Box<Entry> },
    /// A write left the cockpit.
    Left { seat: usize, request: Box<Request> },
    /// The server did it. Before that the cluster was at version `on`.
    Landed { of: usize, on: u64 },
    /// The cockpit heard what came of it.
    Heard { of: usize, answer: Answer },
}

/// A trace that is being written.
#[derive(Clone, Default)]
pub struct Tape(Arc<Mutex<Vec<Line>>>);

impl Tape {
    /// Gives the number of the line.
    pub fn push(&self, line: Line) -> usize {
        let mut lines = self.0.lock().unwrap();
        lines.push(line);
        lines.len() - 1
    }

    pub fn lines(&self) -> Vec<Line> {
        self.0.lock().unwrap().clone()
    }
}

/// What is wrong with a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// A write left with no line in the journal before it.
    NoLineBefore,
    /// What left is not what the confirmed plan says, conditioned on one version.
    NotAsPlanned,
    /// A plan was carried out that was on no frame before.
    NeverShown,
    /// A stage was done twice.
    LandedTwice,
    /// A stage was sent again although the server never said that it was not done.
    SentAgain,
    /// It landed on a state in which one of its premises did not hold.
    OnAnotherState,
    /// A line about to be sent was followed by no answer.
    NoAnswerLine,
    /// An action has no end in the journal.
    NoEndLine,
}

/// What is asked about: the trace, what was confirmed (by action, as the journal names it), and the release.
pub struct Case {
    pub lines: Vec<Line>,
    pub confirmed: BTreeMap<String, Change>,
    pub key: ReleaseRef,
}

impl Case {
    /// The stage that a journal line is about.
    fn stage(&self, entry: &Entry) -> Option<(usize, &Stage)> {
        let stages = &self.confirmed.get(entry.action.as_str())?.stages;
        let at = if entry.stage.is_empty() { 0 } else { stages.iter().position(|stage| stage.name == entry.stage)? };
        stages.get(at).map(|stage| (at, stage))
    }

    /// Everything that is wrong, with the line it is seen at. `replica` stands before the first line.
    pub fn wrongs(&self, replica: &mut Replica) -> Vec<(usize, Wrong)> {
        let mut wrongs = Vec::new();
        // By the line it left on: the action and the stage.
        let mut sent: BTreeMap<usize, (String, usize)> = BTreeMap::new();
        let mut used = BTreeSet::new();
        let mut done = BTreeSet::new();
        for (n, line) in self.lines.iter().enumerate() {
            match line {
                Line::Left { seat, request } => {
                    // Each line of the journal is good for one send, as long as it is the last of its action.
                    let about = self.lines[..n].iter().enumerate().find_map(|(m, line)| match line {
                        Line::Written { seat: of, entry } if of == seat && entry.told == Told::About && entry.patch == request.body => {
                            Some((m, entry)).filter(|_| !used.contains(&m) && self.after(m, n, entry).next().is_none())
                        }
                        _ => None,
                    });
                    let Some((about_at, entry)) = about else {
                        wrongs.push((n, Wrong::NoLineBefore));
                        continue;
                    };
                    used.insert(about_at);
                    let Some((at, stage)) = self.stage(entry) else {
                        wrongs.push((n, Wrong::NotAsPlanned));
                        continue;
                    };
                    if !is_as_planned(stage, request) {
                        wrongs.push((n, Wrong::NotAsPlanned));
                    }
                    let change = &self.confirmed[entry.action.as_str()];
                    let is_it = |line: &Line| matches!(line, Line::Shown { seat: of, change: shown } if of == seat && **shown == *change);
                    if !self.lines[..about_at].iter().any(is_it) {
                        wrongs.push((n, Wrong::NeverShown));
                    }
                    let this = (entry.action.to_string(), at);
                    let earlier = sent.iter().filter(|(_, other)| **other == this).map(|(m, _)| *m);
                    if earlier.into_iter().any(|m| !self.was_undone(m, n)) {
                        wrongs.push((n, Wrong::SentAgain));
                    }
                    sent.insert(n, this);
                }
                Line::Landed { of, on } => {
                    let Some(this) = sent.get(of) else { continue };
                    if !done.insert(this.clone()) {
                        wrongs.push((n, Wrong::LandedTwice));
                    }
                    replica.up_to(*on);
                    let stage = &self.confirmed[&this.0].stages[this.1];
                    let holds = replica.release(&self.key).is_some_and(|(_, was)| stage.premises.iter().all(|premise| premise.holds(&was)));
                    if !holds {
                        wrongs.push((n, Wrong::OnAnotherState));
                    }
                }
                Line::Shown { .. } | Line::Written { .. } | Line::NoRoom { .. } | Line::Heard { .. } => {}
            }
        }
        self.journal(&mut wrongs);
        wrongs
    }

    /// Whether the cockpit had heard by line `n` that what left on line `of` was not done.
    fn was_undone(&self, of: usize, n: usize) -> bool {
        self.lines[of..n].iter().any(|line| matches!(line, Line::Heard { of: m, answer: Answer::Conflict } if *m == of))
    }

    /// What the journal tells of the action of a line between two lines, or would have told with room on the disk.
    fn after(&self, from: usize, to: usize, entry: &Entry) -> impl Iterator<Item = Told> {
        self.lines[from + 1..to].iter().filter_map(move |line| match line {
            Line::Written { entry: next, .. } | Line::NoRoom { entry: next, .. } if next.action == entry.action => Some(next.told),
            _ => None,
        })
    }

    /// Every line about to be sent is followed by its answer, and every action by its end.
    fn journal(&self, wrongs: &mut Vec<(usize, Wrong)>) {
        for (n, line) in self.lines.iter().enumerate() {
            let Line::Written { entry, .. } = line else { continue };
            if entry.told != Told::About {
                continue;
            }
            let after: Vec<Told> = self.after(n, self.lines.len(), entry).collect();
            // A session that is left while a request is under way has no answer to tell.
            if !matches!(after.first(), Some(Told::Answer | Told::Unsent)) {
                wrongs.push((n, Wrong::NoAnswerLine));
            }
            // A refusal is the end, and so is a line that found no room: then the next attempt was not sent.
            let of_action = |line: &Line, body: &serde_json::Value| match line {
                Line::Written { entry: other, .. } => other.action == entry.action && other.patch == *body,
                _ => false,
            };
            let refused = self.lines[n..].iter().any(|line| match line {
                Line::Heard { of, answer: Answer::Refused { .. } | Answer::Unsent(_) } => match &self.lines[*of] {
                    Line::Left { request, .. } => self.lines[n..*of].iter().any(|line| of_action(line, &request.body)),
                    _ => false,
                },
                Line::NoRoom { entry: next, .. } => next.action == entry.action && next.told == Told::About,
                _ => false,
            });
            if !refused && !after.iter().any(|told| matches!(told, Told::Effect | Told::Unsent)) {
                wrongs.push((n, Wrong::NoEndLine));
            }
        }
    }
}

/// Whether a request is the stage's write, conditioned on some version, and nothing else.
fn is_as_planned(stage: &Stage, request: &Request) -> bool {
    let Some(write) = &stage.write else { return false };
    let guard = request.body.pointer("/metadata/resourceVersion").or_else(|| request.body.pointer("/1/value"));
    let Some(guard) = guard.and_then(serde_json::Value::as_str) else { return false };
    let place = (request.kind, &request.namespace, &request.name, request.subresource, request.patch, request.dry_run);
    place == (write.kind, &write.namespace, &write.name, write.subresource, write.patch, false)
        && write.guarded(&guard.into()) == request.body
}

/// The release every life is about.
pub fn of(kind: Kind) -> ReleaseRef {
    ReleaseRef { kind, namespace: "lab".into(), name: "web".into() }
}
