//! What would change a verdict: how many requests until more is known should both versions go on as they do, and which errors would tip it.
//! It refuses to promise: the figures hold at the pace and the ratios of now.

use super::judgement::{FAILS, passes};
use super::{Against, Evidence, Limits, Word};
use crate::slo::Outcome;
use std::time::Duration;

/// Beyond so many times of what was counted, nothing is foretold.
const FURTHEST: f64 = 1e4;
/// Counts older than this foretell nothing: nobody counts at the pace they tell of.
const OLD: Duration = Duration::from_secs(90);
/// A failure is foretold over at most so many times what was counted so far.
const FORETOLD: f64 = 4.0;
/// No release is watched for so many errors in a row.
const MOST_ERRORS: u32 = 1000;

/// What would change the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outlook {
    /// The word that comes next should both go on as they do; `None` where no other one comes into sight.
    pub next: Option<Word>,
    /// Requests of the new version until then.
    pub requests: Option<f64>,
    /// The time that takes at the pace of the last minutes.
    pub takes: Option<Duration>,
    /// Requests without a failure, in all, that rule out page-level burn.
    pub clean: f64,
    /// The next so many errors, if they came now, would make it a failure.
    pub errors: Option<u32>,
}

impl Outlook {
    /// What would change `word`.
    pub(super) fn of(evidence: &Evidence, word: Word) -> Outlook {
        let limits = evidence.limits;
        let clean = if evidence.new.bad > 0.0 { limits.accepts_at(evidence.new.bad) } else { limits.fewest() };
        let base = Outlook { clean, ..Outlook::default() };
        if evidence.age.is_some_and(|age| age > OLD) {
            return base;
        }
        let (next, requests) = match word {
            Word::Fail | Word::NoData | Word::NoTraffic => return base,
            Word::Warming => (Some(Word::Inconclusive), Some(limits.fewest() - evidence.new.total)),
            Word::Suspect | Word::ServiceWide | Word::Inconclusive => ahead(evidence),
            Word::Pass => (None, None),
        };
        let takes =
            requests.filter(|_| evidence.pace > 0.0).and_then(|requests| Duration::try_from_secs_f64(requests / evidence.pace).ok());
        Outlook { next, requests, takes, errors: errors_to_fail(evidence), ..base }
    }
}

/// What comes into sight when everything counted so far comes again and again, and after how many more requests.
fn ahead(evidence: &Evidence) -> (Option<Word>, Option<f64>) {
    let reached = |times: f64, word: Word| {
        let more = continued(evidence, times);
        match word {
            Word::Fail => more.weight.worse() >= FAILS && more.limits.harms(more.new) || fails_alone(&more),
            _ => passes(&more).is_some(),
        }
    };
    let first = |word: Word| {
        let mut times = 0.125;
        while !reached(times, word) {
            times *= 2.0;
            if times > FURTHEST {
                return None;
            }
        }
        let mut below = if times > 0.125 { times / 2.0 } else { 0.0 };
        for _ in 0..12 {
            let middle = f64::midpoint(below, times);
            if reached(middle, word) { times = middle } else { below = middle }
        }
        Some((word, times))
    };
    let soonest = [Word::Fail, Word::Pass].into_iter().filter_map(first).min_by(|one, other| one.1.total_cmp(&other.1));
    let soonest = soonest.filter(|(word, times)| *word != Word::Fail || fails_soon(evidence, *times));
    (soonest.map(|(word, _)| word), soonest.map(|(_, times)| (times * evidence.new.total).ceil()))
}

/// Whether a failure is on its way: the evidence speaks for it already, and gets there with no more than a few times what was counted. A chance
/// lead of a few requests, drawn out for hours, would come and go with every answer and frighten people for nothing.
fn fails_soon(evidence: &Evidence, times: f64) -> bool {
    times <= FORETOLD && (evidence.control().is_none() || evidence.weight.worse() > 1.0)
}

fn fails_alone(evidence: &Evidence) -> bool {
    evidence.control().is_none() && evidence.limits.against(evidence.new) == Against::Page
}

fn continued(evidence: &Evidence, times: f64) -> Evidence {
    let more = |seen: Outcome| Outcome { bad: seen.bad * (1.0 + times), total: seen.total * (1.0 + times) };
    Evidence { new: more(evidence.new), stable: more(evidence.stable), weight: evidence.weight.continued(times), ..evidence.clone() }
}

/// How many more errors, with no other request beside them, would make the evidence enough for a failure.
fn errors_to_fail(evidence: &Evidence) -> Option<u32> {
    let control = evidence.control()?;
    (1..=MOST_ERRORS).find(|errors| {
        let errors = f64::from(*errors);
        let mut then = evidence.weight;
        then.add_errors(errors, evidence.new.total / (evidence.new.total + control.total));
        then.worse() >= FAILS && harms_with(evidence.limits, evidence.new, errors)
    })
}

fn harms_with(limits: Limits, seen: Outcome, errors: f64) -> bool {
    limits.harms(Outcome { bad: seen.bad + errors, total: seen.total + errors })
}
