//! Which questions what is on screen needs, and how often each: pure, from the interest and from what the namespaces were found to have.
//! Never asks for what nobody looks at, and never for a raw window of days.

use std::collections::BTreeMap;
use std::time::Duration;

use super::dialect::Source;
use super::promql::{Matcher, quoted, selector};
use super::templates::{Own, own_objective};
use super::window::Window;
use crate::ports::metrics::{Measurable, MetricInterest, Promise};
use crate::release::ReleaseRef;
use crate::text::Clean;

/// How often what moves is asked.
const QUICK: Duration = Duration::from_secs(15);
/// How often what moves slowly is asked.
const SLOW: Duration = Duration::from_secs(60);
/// How often long windows of the whole board are asked.
const RARE: Duration = Duration::from_secs(120);
/// The series in which Sloth's rules keep what is left of a budget.
pub(super) const RECORDED: &str = "slo:period_error_budget_remaining:ratio";
/// How far back the first look at an opened release goes, and its steps.
pub(super) const BACK: Duration = Duration::from_secs(30 * 60);
/// The window of latencies, callers and requests that reached no pod.
pub(super) const LATELY: Window = Window::FIVE_MINUTES;

/// What a question is for. Its order is the order of asking where several are due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ask {
    /// What request metrics a namespace has.
    Probe(Clean),
    /// What was counted before the release was opened.
    History(ReleaseRef),
    /// Its raw counters.
    Counters(ReleaseRef),
    /// How old they are.
    Fresh(ReleaseRef),
    /// Errors and requests over the short windows, for these promises.
    Short(ReleaseRef, Vec<Clean>),
    /// The same over the long ones.
    Long(ReleaseRef, Vec<Clean>),
    /// What a recording rule says is left.
    Recorded(ReleaseRef, Clean),
    /// Latencies.
    Latency(ReleaseRef),
    /// Requests that reached no pod.
    Unreached(ReleaseRef),
    /// Who calls.
    Callers(ReleaseRef),
    /// How the burn went.
    Trend(ReleaseRef, Vec<Clean>),
    /// What recording rules say is left, for the whole board.
    RecordedAll,
    /// Every release of the board by one family: the family's place among those found, and whether over long windows.
    Board(usize, bool),
}

/// How a question is put.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Put {
    /// The value now.
    Instant(String),
    /// Values over the last half hour, one each step.
    Range(String, Duration),
    /// A probe of a namespace.
    Probe(Clean),
}

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    pub ask: Ask,
    pub put: Put,
    /// From one to the next; `None`: once.
    pub every: Option<Duration>,
}

impl Ask {
    /// What it tells, for the screen.
    pub fn about(&self) -> &'static str {
        match self {
            Self::Probe(_) => "which request metrics there are",
            Self::History(_) => "requests before this was opened",
            Self::Counters(_) => "requests by version",
            Self::Fresh(_) => "the newest sample",
            Self::Short(..) | Self::Long(..) => "errors and requests of the service",
            Self::Recorded(..) | Self::RecordedAll => "recorded budget",
            Self::Latency(_) => "latencies",
            Self::Unreached(_) => "requests that reached no pod",
            Self::Callers(_) => "callers",
            Self::Trend(..) => "burn over the last half hour",
            Self::Board(..) => "requests of every release",
        }
    }

    /// The release it is for.
    pub fn release(&self) -> Option<&ReleaseRef> {
        match self {
            Self::History(key)
            | Self::Counters(key)
            | Self::Fresh(key)
            | Self::Latency(key)
            | Self::Unreached(key)
            | Self::Callers(key) => Some(key),
            Self::Short(key, _) | Self::Long(key, _) | Self::Recorded(key, _) | Self::Trend(key, _) => Some(key),
            Self::Probe(_) | Self::RecordedAll | Self::Board(..) => None,
        }
    }
}

/// What is known of every namespace that was looked at: its families, best first.
pub(super) type Known = BTreeMap<Clean, Vec<Source>>;

/// The family that tells about a release, best first.
pub(super) fn source_of<'k>(known: &'k Known, one: &Measurable) -> Option<&'k Source> {
    known.get(&one.subject.namespace)?.iter().find(|source| source.counts(&one.subject).is_some())
}

/// Everything that what is on screen needs.
pub(super) fn questions(interest: &MetricInterest, known: &Known) -> Vec<Question> {
    let mut all = Vec::new();
    for one in interest.open.iter().chain(&interest.board) {
        let namespace = &one.subject.namespace;
        let ask = Ask::Probe(namespace.clone());
        if !known.contains_key(namespace) && all.iter().all(|question: &Question| question.ask != ask) {
            all.push(Question { ask, put: Put::Probe(namespace.clone()), every: None });
        }
    }
    if let Some(open) = &interest.open {
        of_open(open, known, &mut all);
    }
    of_board(interest, known, &mut all);
    all
}

fn of_open(open: &Measurable, known: &Known, all: &mut Vec<Question>) {
    let key = &open.release;
    let subject = &open.subject;
    let mut give = |ask: Ask, put: Option<Put>, every: Option<Duration>| {
        if let Some(put) = put {
            all.push(Question { ask, put, every });
        }
    };
    let instant = |expr: Option<String>| expr.map(Put::Instant);
    if let Some(source) = source_of(known, open) {
        // Many pods at small steps would be megabytes.
        let step = if subject.versions.iter().map(|version| version.pods.len()).sum::<usize>() > 50 { 60 } else { 15 };
        give(Ask::History(key.clone()), source.counts(subject).map(|expr| Put::Range(expr, Duration::from_secs(step))), None);
        give(Ask::Counters(key.clone()), instant(source.counts(subject)), Some(QUICK));
        give(Ask::Fresh(key.clone()), instant(source.freshness(subject)), Some(QUICK));
        give(Ask::Latency(key.clone()), instant(source.latency(subject, &[0.5, 0.99], LATELY)), Some(QUICK * 2));
        give(Ask::Unreached(key.clone()), instant(source.source_errors(subject, LATELY)), Some(QUICK * 2));
        give(Ask::Callers(key.clone()), instant(source.callers(subject, LATELY)), Some(SLOW));
        let names: Vec<Clean> = open.promises.iter().filter(|one| one.queries.is_none()).map(|one| one.name.clone()).collect();
        if !names.is_empty() {
            give(Ask::Short(key.clone(), names.clone()), instant(source.service(subject, &Window::BURN[..2])), Some(QUICK));
            give(Ask::Long(key.clone(), names.clone()), instant(source.service(subject, &Window::BURN[2..])), Some(SLOW));
            let trend = source.burn_trend(subject, Window::FIVE_MINUTES).map(|expr| Put::Range(expr, Duration::from_secs(60)));
            give(Ask::Trend(key.clone(), names), trend, Some(SLOW));
        }
    }
    for promise in &open.promises {
        let names = vec![promise.name.clone()];
        give(Ask::Recorded(key.clone(), promise.name.clone()), Some(Put::Instant(recorded(key, promise))), Some(SLOW));
        if let Some(own) = own(promise) {
            give(Ask::Short(key.clone(), names.clone()), instant(own_objective(&own, &Window::BURN[..2])), Some(QUICK));
            give(Ask::Long(key.clone(), names.clone()), instant(own_objective(&own, &Window::BURN[2..])), Some(SLOW));
            let trend = own_objective(&own, &[Window::FIVE_MINUTES]).map(|expr| Put::Range(expr, Duration::from_secs(60)));
            give(Ask::Trend(key.clone(), names), trend, Some(SLOW));
        }
    }
}

fn of_board(interest: &MetricInterest, known: &Known, all: &mut Vec<Question>) {
    for (place, (source, namespaces)) in families(interest, known).into_iter().enumerate() {
        let namespaces: Vec<&str> = namespaces.iter().map(|namespace| namespace.as_str()).collect();
        let short = [Window::TWO_MINUTES, Window::FIVE_MINUTES];
        if let Some(expr) = source.board(&namespaces, &short) {
            all.push(Question { ask: Ask::Board(place, false), put: Put::Instant(expr), every: Some(QUICK * 2) });
        }
        if let Some(expr) = source.board(&namespaces, &Window::BURN[2..]) {
            all.push(Question { ask: Ask::Board(place, true), put: Put::Instant(expr), every: Some(RARE) });
        }
    }
    let services = interest.board.iter().filter(|one| !one.promises.is_empty()).map(|one| one.subject.workload.as_str());
    if let Some(services) = Matcher::among("sloth_service", services) {
        let expr = format!("max by (sloth_service, sloth_slo) ({})", selector(RECORDED, &[services]));
        all.push(Question { ask: Ask::RecordedAll, put: Put::Instant(expr), every: Some(SLOW) });
    }
    for one in &interest.board {
        for promise in &one.promises {
            if let Some(expr) = own(promise).and_then(|own| own_objective(&own, &Window::BURN)) {
                let ask = Ask::Short(one.release.clone(), vec![promise.name.clone()]);
                all.push(Question { ask, put: Put::Instant(expr), every: Some(SLOW) });
            }
        }
    }
}

/// The families that tell about releases of the board, each with its namespaces: one question a family, however many releases there are.
pub(super) fn families<'k>(interest: &MetricInterest, known: &'k Known) -> Vec<(&'k Source, Vec<Clean>)> {
    let mut found: Vec<(&Source, Vec<Clean>)> = Vec::new();
    for one in &interest.board {
        let Some(source) = source_of(known, one) else { continue };
        let namespace = one.subject.namespace.clone();
        match found.iter_mut().find(|(other, _)| *other == source) {
            Some((_, namespaces)) if namespaces.contains(&namespace) => {}
            Some((_, namespaces)) => namespaces.push(namespace),
            None => found.push((source, vec![namespace])),
        }
    }
    found
}

fn own(promise: &Promise) -> Option<Own> {
    promise.queries.as_ref().map(|(errors, total)| Own { errors: errors.clone(), total: total.clone() })
}

/// What Sloth or Pyrra recorded for this objective of this release, where either did (Sloth: `pkg/common/conventions`, Pyrra: generic rules).
fn recorded(key: &ReleaseRef, promise: &Promise) -> String {
    let (service, slo) = (quoted(&key.name), quoted(&promise.name));
    format!("max({RECORDED}{{sloth_service={service},sloth_slo={slo}}})")
}

#[cfg(test)]
mod tests;
