//! What may be known from the answers that were handed over, and when: kept apart from the program, for the trace to be judged by.
//! Knows answers and moments alone: nothing of links, countdowns or people.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use flightdeck::app::guard::Condition;
use flightdeck::ports::metrics::Found;
use flightdeck::slo::verdict::{Judge, Look, Word, judge};
use flightdeck::slo::{Answer, Objective, Outcome, Reading};

use crate::stage::Time;
use crate::stage::deck::Heard;

/// The version that is released in the recording.
pub const NEW: &str = "8d486854c";
/// What is promised on the deck.
const TARGET: f64 = 0.999;

/// What would have to be overlooked for a condition to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lens {
    Fair,
    /// Age is overlooked.
    Ageless,
}

/// When, and how many times the budget burns; `None` where the newest answer was a part.
type Burns = BTreeMap<Duration, (Time, Option<f64>)>;

/// What was told.
#[derive(Debug, Clone)]
pub struct Truth {
    /// Whether a part is taken for the whole.
    gullible: bool,
    counted: Option<(Time, f64)>,
    sampled: Option<Time>,
    first: Option<[Outcome; 2]>,
    judge: Judge,
    /// The newest answer that tells of a page; all of them began after the version came.
    paged: Option<Time>,
    windows: Burns,
    rows: Burns,
    ratios: Burns,
}

impl Truth {
    pub fn new(gullible: bool) -> Self {
        let objective = Objective::new("availability", TARGET, Duration::from_secs(30 * 86_400)).unwrap();
        let judge = Judge::new(NEW, &objective);
        let (windows, rows, ratios) = Default::default();
        Self { gullible, counted: None, sampled: None, first: None, judge, paged: None, windows, rows, ratios }
    }

    /// An answer is handed over.
    pub fn hear(&mut self, heard: &Heard) {
        let (at, part) = (heard.at, heard.partial && !self.gullible);
        match &heard.found {
            Found::Counters(readings) if !part && self.counted.is_none_or(|(newest, _)| at > newest) => {
                let sum = |new: bool, bad: Option<bool>| -> f64 {
                    let mine = readings.iter().filter(|one| (one.version == *NEW) == new && bad.is_none_or(|bad| one.bad == bad));
                    mine.map(|one| one.value).sum()
                };
                let [new, old] = [true, false].map(|new| Outcome { bad: sum(new, Some(true)), total: sum(new, None) });
                let first = *self.first.get_or_insert([new, old]);
                let since =
                    |now: Outcome, then: Outcome| Reading::Value(Outcome { bad: now.bad - then.bad, total: now.total - then.total });
                self.judge.look(&Look { at, new: since(new, first[0]), stable: since(old, first[1]), failing_pods: 1 });
                self.counted = Some((at, new.bad));
            }
            Found::Alerts(_) if !part => self.paged = self.paged.max(Some(at)),
            Found::Fresh(sample, _) => self.sampled = self.sampled.max(Some(*sample)),
            Found::Window { window, errors: Answer::Value(bad), total: Answer::Value(all), .. } => {
                put(&mut self.windows, *window, at, (!part).then_some(times(*bad, *all)));
            }
            Found::Ratio { window, value, .. } if !part => put(&mut self.ratios, *window, at, Some(times(*value, 1.0))),
            Found::Row(window, versions) if !part => {
                let (all, bad) = versions.iter().fold((0.0, 0.0), |(all, bad), one| (all + one.1, bad + one.2));
                put(&mut self.rows, *window, at, Some(times(bad, all)));
            }
            _ => {}
        }
    }

    /// Whether it may be said at `now` that a condition of figures holds.
    pub fn may(&self, condition: &Condition, now: Time, lens: Lens) -> bool {
        match condition {
            Condition::PodsFail => false,
            Condition::Harmed(over) => self.is_fresh(now, lens) && self.counted.is_some_and(|(_, failed)| failed > *over),
            Condition::Fails => self.is_fresh(now, lens) && self.fails(now, lens),
            Condition::Burns { over, .. } => [&self.windows, &self.rows].into_iter().any(|own| {
                let all = self.merged(own);
                let fresh = |at: Time| lens == Lens::Ageless || now - at <= TimeDelta::seconds(150);
                let shortest = all.first_key_value().is_some_and(|(_, (at, burn))| fresh(*at) && burn.is_some());
                shortest && all.values().any(|(at, burn)| fresh(*at) && burn.is_some_and(|burn| burn > *over))
            }),
        }
    }

    /// Whether nothing that was told leaves a doubt that it holds: the shortest window says so, whatever the others say.
    pub fn must(&self, condition: &Condition, now: Time) -> bool {
        let Condition::Burns { over, .. } = condition else { return self.may(condition, now, Lens::Fair) };
        let all = self.merged(&self.windows);
        let plain = |(at, burn): &(Time, Option<f64>)| now - *at < TimeDelta::seconds(150) && burn.is_some_and(|burn| burn > *over);
        self.rows.is_empty() && all.first_key_value().is_some_and(|(_, told)| plain(told))
    }

    /// By the counts; or, where they don't tell yet, by a page.
    fn fails(&self, now: Time, lens: Lens) -> bool {
        let pages = self.paged.is_some_and(|at| lens == Lens::Ageless || now - at <= TimeDelta::seconds(150));
        match judge(&self.judge.evidence(now, None)).word {
            Word::Fail => true,
            Word::Warming | Word::Inconclusive | Word::Suspect => pages,
            _ => false,
        }
    }

    fn is_fresh(&self, now: Time, lens: Lens) -> bool {
        let at = self.counted.map(|(at, _)| self.sampled.map_or(at, |sampled| sampled.min(at)));
        at.is_some_and(|at| lens == Lens::Ageless || now - at <= TimeDelta::seconds(90))
    }

    /// What a rule keeps comes before what is counted.
    fn merged(&self, own: &Burns) -> Burns {
        own.iter().chain(&self.ratios).map(|(window, told)| (*window, *told)).collect()
    }
}

/// What was worked out before what is known is no news.
fn put(burns: &mut Burns, window: Duration, at: Time, burn: Option<f64>) {
    if burns.get(&window).is_none_or(|(before, _)| at >= *before) {
        burns.insert(window, (at, burn));
    }
}

fn times(bad: f64, all: f64) -> f64 {
    bad / all / (1.0 - TARGET)
}
