//! What happened to a guard, one line after the other, and what may never have happened in it.
//! Knows nothing of how it came about: the same questions are asked of random lives and of traces falsified on purpose.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use flightdeck::app::guard::{COUNTDOWN, Condition, Stand, Terms};
use flightdeck::ports::journal::{Entry, Told};

use super::truth::{Lens, Truth};
use crate::stage::Time;
use crate::stage::deck::Heard;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Line {
    /// An answer of the metrics server was handed over.
    Answer(Box<Heard>),
    /// Whether the metrics server answers.
    Metrics(bool),
    /// Whether the cluster answers.
    Link(bool),
    /// A heartbeat.
    Beat,
    /// Whether pods of the new version fail, as was seen.
    Failing(bool),
    /// Something was seen after which it must not act: somebody else's deed, the person's, the release's end.
    Over,
    /// A second is over.
    Passed,
    /// A line of the journal.
    Written(Box<Entry>),
    /// A write left: of which action, and which of its stages.
    Sent(String, String),
    /// What it says it does.
    Stands(Stand),
}

/// What is wrong with a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// It acted, and nothing that was told made it so.
    Groundless,
    /// It acted on what was old.
    OnOld,
    /// It acted on a part of an answer.
    OnPart,
    /// It acted while the cluster could not be seen.
    Blind,
    /// It acted before what it waits for had held as long as it has to, and the countdown after it.
    TooEarly,
    /// It acted after something that is the end of it.
    Overruled,
    /// It acted twice.
    Twice,
    /// What left is not what it was told to do.
    AnotherDeed,
    /// A turn of it, or a write, is not in the journal, or only after it.
    NoLine,
    /// All that it waits for was there for long, and it did nothing.
    Asleep,
}

/// Moments of the trace are kept apart by so much where two would be the same, while the guard goes by its own deadlines.
const APART: TimeDelta = TimeDelta::milliseconds(1);

/// What was told to the guard, and what happened since.
#[derive(Debug, Clone)]
pub struct Case {
    pub terms: Terms,
    pub lines: Vec<(Time, Line)>,
}

/// Where the trace stands.
struct At<'a> {
    terms: &'a Terms,
    fair: Truth,
    gullible: Truth,
    metrics: bool,
    live: Option<Time>,
    beat: Time,
    failing: bool,
    over: bool,
    /// Since when each condition may be said to hold, by place.
    held: Vec<Option<Time>>,
    /// Since when one of them has held for as long as it has to.
    good: Option<Time>,
    /// Since when each has held without any doubt.
    sure: Vec<Option<Time>>,
    stand: Stand,
    /// Beginnings of its lines in the journal since it was last seen.
    said: Vec<String>,
    about: BTreeSet<(String, String)>,
    acted: BTreeSet<String>,
}

impl Case {
    /// Everything that is wrong, with the line it is seen at.
    pub fn wrongs(&self) -> Vec<(usize, Wrong)> {
        let Some((begin, _)) = self.lines.first() else { return Vec::new() };
        let none = vec![None; self.terms.when.len()];
        let mut at = At {
            terms: &self.terms,
            fair: Truth::new(false),
            gullible: Truth::new(true),
            metrics: true,
            live: Some(*begin - TimeDelta::seconds(60)),
            beat: *begin,
            failing: false,
            over: false,
            held: none.clone(),
            good: None,
            sure: none,
            stand: Stand::Watching(None),
            said: Vec::new(),
            about: BTreeSet::new(),
            acted: BTreeSet::new(),
        };
        let mut wrongs = Vec::new();
        for (n, (now, line)) in self.lines.iter().enumerate() {
            wrongs.extend(at.takes(*now, line).into_iter().map(|wrong| (n, wrong)));
        }
        wrongs
    }
}

impl At<'_> {
    fn takes(&mut self, now: Time, line: &Line) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        match line {
            Line::Answer(heard) => {
                self.fair.hear(heard);
                self.gullible.hear(heard);
            }
            Line::Metrics(live) => self.metrics = *live,
            Line::Link(live) => {
                self.live = live.then_some(now);
                self.beat = now;
            }
            Line::Beat => self.beat = now,
            Line::Failing(failing) => self.failing = *failing,
            Line::Over => self.over = true,
            Line::Passed => {}
            Line::Written(entry) => self.written(entry, &mut wrongs),
            Line::Sent(action, stage) => {
                if !self.about.contains(&(action.clone(), stage.clone())) {
                    wrongs.push(Wrong::NoLine);
                }
                self.acted.insert(action.clone());
                if self.acted.len() > 1 {
                    wrongs.push(Wrong::Twice);
                }
            }
            Line::Stands(stand) => self.stands(stand, &mut wrongs),
        }
        // What it does is found at the next line after it: that is not when it did it.
        if !matches!(line, Line::Written(_) | Line::Sent(..) | Line::Stands(_)) {
            self.weigh(now);
        }
        if matches!(line, Line::Passed) && self.is_asleep(now) {
            wrongs.push(Wrong::Asleep);
        }
        wrongs
    }

    fn written(&mut self, entry: &Entry, wrongs: &mut Vec<Wrong>) {
        if entry.told == Told::Guard {
            return self.said.push(entry.effect.to_string());
        }
        if entry.told != Told::About {
            return;
        }
        if !entry.note.starts_with("guard: ") {
            // The person's own.
            self.over = true;
            return;
        }
        if !self.about.insert((entry.action.to_string(), entry.stage.to_string())) {
            wrongs.push(Wrong::Twice);
        }
        if !entry.intent.starts_with(self.terms.intent.verb().name()) {
            wrongs.push(Wrong::AnotherDeed);
        }
        if !self.said.iter().any(|said| said.starts_with("fired: ")) && self.acted.is_empty() {
            wrongs.push(Wrong::NoLine);
        }
    }

    /// It says that it does something else now: a line of the journal was written for it, and if it acted, it was allowed to.
    fn stands(&mut self, stand: &Stand, wrongs: &mut Vec<Wrong>) {
        let was = std::mem::replace(&mut self.stand, stand.clone());
        if was == *stand {
            return;
        }
        let counted = matches!(was, Stand::Counting { .. });
        let turn: &[&str] = match stand {
            Stand::Counting { .. } if !counted => &["counts down "],
            Stand::Watching(_) if counted => &["countdown stopped: "],
            Stand::Fired { .. } => &["fired: "],
            Stand::Disarmed { .. } => &["disarmed: ", "fired, and nothing was sent: "],
            _ => &[],
        };
        let said = std::mem::take(&mut self.said);
        if !turn.is_empty() && !said.iter().any(|said| turn.iter().any(|turn| said.starts_with(turn))) {
            wrongs.push(Wrong::NoLine);
        }
        if let Stand::Fired { at, .. } = stand {
            self.may_act(*at, wrongs);
        }
    }

    fn may_act(&self, now: Time, wrongs: &mut Vec<Wrong>) {
        if self.over {
            wrongs.push(Wrong::Overruled);
        }
        if !self.sees(now) {
            return wrongs.push(Wrong::Blind);
        }
        let any = |truth: &Truth, lens: Lens, up: bool| self.terms.when.iter().any(|one| self.holds(one, truth, lens, up, now));
        if any(&self.fair, Lens::Fair, self.metrics) {
            let is_long = self.good.is_some_and(|since| now - since >= COUNTDOWN - APART);
            return wrongs.extend((!is_long).then_some(Wrong::TooEarly));
        }
        wrongs.push(match () {
            () if any(&self.fair, Lens::Ageless, true) => Wrong::OnOld,
            () if any(&self.gullible, Lens::Ageless, true) => Wrong::OnPart,
            () => Wrong::Groundless,
        });
    }

    fn sees(&self, now: Time) -> bool {
        self.live.is_some_and(|since| now - since >= TimeDelta::seconds(5)) && now - self.beat < TimeDelta::seconds(11)
    }

    /// Pods that crash again and again are a FAIL as well, and need no metrics.
    fn holds(&self, condition: &Condition, truth: &Truth, lens: Lens, metrics: bool, now: Time) -> bool {
        match condition {
            Condition::PodsFail => self.failing,
            Condition::Fails if self.failing => true,
            _ => metrics && truth.may(condition, now, lens),
        }
    }

    fn weigh(&mut self, now: Time) {
        let sees = self.sees(now);
        let may: Vec<bool> = self.terms.when.iter().map(|one| sees && self.holds(one, &self.fair, Lens::Fair, self.metrics, now)).collect();
        let sure: Vec<bool> = (self.terms.when.iter())
            .map(|one| sees && if *one == Condition::PodsFail { self.failing } else { self.metrics && self.fair.must(one, now) })
            .collect();
        for (since, holds) in self.held.iter_mut().zip(may).chain(self.sure.iter_mut().zip(sure)) {
            *since = holds.then(|| since.unwrap_or(now));
        }
        let ripe = self.terms.when.iter().zip(&self.held).filter_map(|(one, since)| since.map(|since| since + lasts(one)));
        let ripe = ripe.min().filter(|ripe| *ripe <= now);
        self.good = ripe.map(|ripe| self.good.unwrap_or(ripe));
    }

    fn is_asleep(&self, now: Time) -> bool {
        let armed = matches!(self.stand, Stand::Watching(_) | Stand::Counting { .. });
        let slack = TimeDelta::seconds(15);
        let due = |(one, since): (&Condition, &Option<Time>)| since.is_some_and(|since| now - since > lasts(one) + COUNTDOWN + slack);
        armed && !self.over && self.terms.when.iter().zip(&self.sure).any(due)
    }
}

fn lasts(condition: &Condition) -> TimeDelta {
    if let Condition::Burns { lasts, .. } = condition { *lasts } else { TimeDelta::zero() }
}
