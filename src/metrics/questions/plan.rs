//! From what is on screen and what was probed to the questions.
//! Never asks for what no screen shows, nor about a release before its metrics were found.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::dialect::{Source, families_query, fitting_query};
use super::super::promql::together;
use super::super::templates::{
    Own, alerts, arms, board, course, filled, kept, kept_mean, kept_trend, own_counters, own_objective, recorded,
};
use super::super::window::Window;
use super::{About, BELIEVED, FAST, Form, Known, Question, QuestionId, SLOW, SLOWEST, Sli, Span, Stretch};
use crate::objectives::series;
use crate::ports::metrics::{Alarm, Measurable, MetricInterest, Promise, Subject};
use crate::slo::tier::Severity;
use crate::text::Clean;

/// What was counted before a release was opened.
const HISTORY: Form = Form::Range { back: Duration::from_secs(30 * 60), step: Duration::from_secs(30) };
/// Of how much of the past a trend is made.
const TREND: Form = Form::Range { back: Duration::from_secs(30 * 60), step: Duration::from_secs(60) };

const DAY: Duration = Duration::from_secs(86_400);

/// All questions there are to ask now.
pub fn plan(interest: &MetricInterest, known: &Known) -> Vec<Question> {
    let mut all: Vec<Question> = families(interest, known).into_iter().collect();
    for one in interest.followed() {
        release(&mut all, one, known);
    }
    boards(&mut all, &interest.board, known);
    for one in interest.board.iter().filter(|one| interest.followed().all(|followed| followed.release != one.release)) {
        owned(&mut all, one);
        slow(&mut all, one, known);
    }
    everybody(&mut all, interest);
    all
}

/// Which objectives there are, and whom they speak of: slow to change, so asked seldom and last.
fn everybody(all: &mut Vec<Question>, interest: &MetricInterest) {
    if *interest == MetricInterest::default() {
        return;
    }
    let mut put = |id, expr: &str, form, priority| {
        all.push(Question { id, expr: expr.to_owned(), form, every: Some(BELIEVED), priority, about: About::Everybody });
    };
    put(QuestionId::Rules, "/api/v1/rules", Form::Rules, 8);
    put(QuestionId::Described, series::QUESTION, Form::Instant, 8);
    for query in &interest.covering {
        put(QuestionId::Covering(query.clone()), query.as_str(), Form::Instant, 9);
    }
}

fn families(interest: &MetricInterest, known: &Known) -> Option<Question> {
    let namespaces = known.namespaces(interest);
    let expr = families_query(namespaces.iter().map(Clean::as_str))?;
    // Where none were found they may appear with the next release.
    let is_found = namespaces.iter().all(|name| known.families(name.as_str()).is_none_or(|found| !found.is_empty()));
    let every = Some(if is_found { BELIEVED } else { SLOW });
    let id = QuestionId::Families(namespaces.clone());
    Some(Question { id, expr, form: Form::Instant, every, priority: 0, about: About::Namespaces(namespaces) })
}

/// Puts together the questions about one release.
struct Asking<'a> {
    all: &'a mut Vec<Question>,
    one: Arc<Measurable>,
    source: Option<Source>,
}

impl Asking<'_> {
    fn put(&mut self, id: QuestionId, expr: Option<String>, form: Form, every: Option<Duration>, priority: u8) {
        let Some(expr) = expr else { return };
        let about = About::Release(self.one.clone(), self.source.clone());
        self.all.push(Question { id, expr, form, every, priority, about });
    }

    /// The windows and the trend of one idea of errors, which `promises` share. A long window that is recorded is not reckoned from raw series.
    fn level(&mut self, sli: &Sli, promises: &[&Promise], query: impl Fn(&[Window]) -> Option<String>) {
        let release = self.one.release.clone();
        let length = |window: &Window| Duration::from_secs(window.seconds().into());
        // An objective over less than a window has no use for it.
        let longest = promises.iter().map(|promise| promise.window).max().unwrap_or_default();
        let is_kept = |window: &Window| promises.iter().all(|one| one.kept.ratios.iter().any(|(kept, _)| *kept == length(window)));
        for (span, every, priority) in [(Span::Short, FAST, 2), (Span::Long, SLOW, 4), (Span::Day, SLOWEST, 7)] {
            let mut windows = span.asked(promises.iter().copied());
            windows.retain(|window| length(window) <= longest && !(span == Span::Day && is_kept(window)));
            let is_paged_by = |alarm: &Alarm| alarm.severity == Severity::Page && windows.iter().any(|one| length(one) == alarm.long);
            let pages = span == Span::Day && promises.iter().flat_map(|one| &one.alarms).any(is_paged_by);
            // What wakes somebody comes before what explains.
            let priority = if pages { 5 } else { priority };
            self.put(QuestionId::Level(release.clone(), sli.clone(), span), query(&windows), Form::Instant, Some(every), priority);
        }
        self.put(QuestionId::Trend(release, sli.clone()), query(&[Window::BURN[0]]), TREND, Some(SLOW), 6);
    }
}

impl Asking<'_> {
    /// The counters that an objective is judged by, where those are not the family's errors: what came before once, then what comes.
    fn events(&mut self, promise: &Promise, known: &Known) {
        let (one, source) = (self.one.clone(), self.source.clone());
        let (key, name) = (&one.release, &promise.name);
        let slow = || source.as_ref()?.slow_counts(&one.subject, promise.slower_than?);
        let expr = promise.counters.as_ref().map(own_counters).or_else(slow);
        if known.is_followed(key, Some(name)) {
            self.put(QuestionId::Events(key.clone(), name.clone()), expr, Form::Instant, Some(FAST), 1);
        } else {
            self.put(QuestionId::EventsBefore(key.clone(), name.clone()), expr, HISTORY, None, 1);
        }
        if let (Some(source), Some(threshold)) = (&source, promise.slower_than) {
            self.level(&Sli::Own(name.clone()), &[promise], |windows| source.slow(&one.subject, threshold, windows));
        }
    }
}

fn release(all: &mut Vec<Question>, open: &Measurable, known: &Known) {
    let key = &open.release;
    let one = Arc::new(open.clone());
    let families = known.families(open.subject.namespace.as_str()).unwrap_or_default();
    if let Some(expr) = fitting_query(families, &open.subject) {
        // Young pods were not scraped yet.
        let is_found = known.fitting(open).is_some_and(|found| !found.is_empty());
        let every = Some(if is_found { BELIEVED } else { FAST });
        let about = About::Candidates(one.clone(), families.to_vec());
        all.push(Question { id: QuestionId::Fitting(key.clone()), expr, form: Form::Instant, every, priority: 0, about });
    }
    let source = known.fitting(open).and_then(<[Source]>::first).cloned();
    let subject = &open.subject;
    let mut asking = Asking { all, one, source: source.clone() };
    if let Some(source) = &source {
        // What came before is fed in before: until it is here, newer counters would only be thrown away.
        if known.is_followed(key, None) {
            asking.put(QuestionId::Counters(key.clone()), source.counts(subject), Form::Instant, Some(FAST), 1);
        } else {
            asking.put(QuestionId::History(key.clone()), source.counts(subject), HISTORY, None, 1);
        }
        let five = Window::BURN[0];
        asking.put(QuestionId::Unreached(key.clone()), source.unreached(subject, five), Form::Instant, Some(FAST), 3);
        asking.put(QuestionId::Latency(key.clone()), source.latency(subject, five), Form::Instant, Some(FAST), 3);
        asking.put(QuestionId::Fresh(key.clone()), source.freshness(subject), Form::Instant, Some(FAST), 3);
        asking.put(QuestionId::Callers(key.clone()), source.callers(subject, five), Form::Instant, Some(SLOW), 7);
        let built_in: Vec<&Promise> = open.promises.iter().filter(|one| one.is_built_in()).collect();
        if !built_in.is_empty() {
            asking.level(&Sli::Family, &built_in, |windows| source.service(subject, windows));
        }
    }
    for promise in &open.promises {
        asking.events(promise, known);
    }
    // The server has answered something: what fires can wait for that, and is there also where no request metric is.
    let is_answered = known.families(subject.namespace.as_str()).is_some();
    asking.put(QuestionId::Alerts(key.clone()), is_answered.then(|| alerts(subject, &open.promises)), Form::Instant, Some(SLOW), 7);
    // What a person wrote names its own metrics: it is asked whatever was found.
    for (promise, own) in open.promises.iter().filter_map(|promise| Some((promise, own(promise)?))) {
        asking.level(&Sli::Own(promise.name.clone()), &[promise], |windows| own_objective(&own, windows));
        let id = QuestionId::Split(key.clone(), promise.name.clone());
        asking.put(id, arms(&promise.arms, Window::BURN[0]), Form::Instant, Some(FAST), 3);
    }
    for promise in open.promises.iter().filter(|promise| promise.queries.is_none()) {
        let id = QuestionId::Trend(key.clone(), Sli::Own(promise.name.clone()));
        asking.put(id, kept_trend(promise), TREND, Some(SLOW), 6);
    }
    for promise in &open.promises {
        period(&mut asking, promise);
    }
    let rolling = || open.promises.iter().filter(|promise| promise.since.is_none());
    for (promise, is_recorded) in rolling().filter_map(|promise| Some((promise, known.is_recorded(key, &promise.name)?))) {
        burn_down(&mut asking, promise, is_recorded);
    }
    let every = if open.promises.iter().any(|promise| !promise.kept.ratios.is_empty()) { FAST } else { SLOW };
    asking.put(QuestionId::Recorded(key.clone()), told_of(subject, &open.promises), Form::Instant, Some(every), 5);
}

/// How the period of a calendar went from its start on: by a recorded ratio as far back as it reaches, else by counts of no more than a day.
fn period(asking: &mut Asking, promise: &Promise) {
    let Some(since) = &promise.since else { return };
    let (one, source) = (asking.one.clone(), asking.source.clone());
    let five = Window::BURN[0];
    let counted = || match own(promise) {
        Some(own) => own_objective(&own, &[five]),
        None if promise.is_built_in() => source.and_then(|source| source.service(&one.subject, &[five])),
        None => None,
    };
    let calendar = since.calendar;
    let (expr, form) = match kept_mean(promise) {
        Some(mean) => (Some(mean), Form::Period { calendar, most: None, step: None }),
        None => (counted(), Form::Period { calendar, most: Some(DAY), step: Some(Duration::from_secs(five.seconds().into())) }),
    };
    let id = QuestionId::BurnDown(one.release.clone(), promise.name.clone(), Stretch::Period);
    asking.put(id, expr, form, Some(SLOWEST), 8);
}

/// How what is left of a budget went: by what is recorded where somebody records it, else by counts of the last day. Slow to change and the
/// dearest to work out, so the last to be asked.
fn burn_down(asking: &mut Asking, promise: &Promise, is_recorded: bool) {
    let (one, source) = (asking.one.clone(), asking.source.clone());
    let mut put = |stretch, expr, back: Duration| {
        let id = QuestionId::BurnDown(one.release.clone(), promise.name.clone(), stretch);
        asking.put(id, expr, Form::Range { back, step: stretch.step(back) }, Some(SLOWEST), 9);
    };
    if is_recorded {
        put(Stretch::Window, course(&one.subject, promise), promise.window);
        if promise.window > DAY {
            put(Stretch::Day, course(&one.subject, promise), DAY);
        }
        let id = QuestionId::Filled(one.release.clone(), promise.name.clone());
        asking.put(id, filled(&one.subject, promise), Form::Instant, Some(SLOWEST), 9);
        return;
    }
    let back = promise.window.min(DAY);
    let Some(step) = Window::new(Stretch::Counted.step(back)) else { return };
    let expr = match own(promise) {
        Some(own) => own_objective(&own, &[step]),
        None if promise.is_built_in() => source.and_then(|source| source.service(&one.subject, &[step])),
        None => None,
    };
    put(Stretch::Counted, expr, back);
}

/// Everything that is recorded of the promises: by the series that are known, else by those that are usual.
fn told_of(subject: &Subject, promises: &[Promise]) -> Option<String> {
    let usual: Vec<Promise> = promises.iter().filter(|promise| promise.kept.is_empty() && promise.since.is_none()).cloned().collect();
    let usual = recorded(subject, &usual).filter(|_| !usual.is_empty());
    together(usual.into_iter().chain(kept(promises)))
}

fn own(promise: &Promise) -> Option<Own> {
    promise.queries.as_ref().map(|(errors, total)| Own { errors: errors.clone(), total: total.clone() })
}

/// One question for each family and span, whatever the number of releases.
fn boards(all: &mut Vec<Question>, releases: &[Measurable], known: &Known) {
    let mut groups: BTreeMap<(Clean, &'static str), (Source, Vec<Measurable>)> = BTreeMap::new();
    for one in releases {
        for source in known.families(one.subject.namespace.as_str()).unwrap_or_default() {
            let name = (Clean::from(source.metric()), source.namespace_label);
            groups.entry(name).or_insert_with(|| (source.clone(), Vec::new())).1.push(one.clone());
        }
    }
    for ((metric, label), (source, releases)) in groups {
        // Long windows are only of use to objectives.
        let has_promises = releases.iter().any(|one| one.promises.iter().any(Promise::is_built_in));
        let releases = Arc::new(releases);
        let namespaces = || releases.iter().map(|one| one.subject.namespace.as_str());
        for (span, every, priority) in [(Span::Board, FAST, 2), (Span::Long, SLOW, 4)] {
            if span == Span::Long && !has_promises {
                continue;
            }
            let Some(expr) = board(&source, namespaces(), &span.windows()) else { continue };
            let id = QuestionId::Board(metric.clone(), label, span);
            let about = About::Board(releases.clone(), source.clone());
            all.push(Question { id, expr, form: Form::Instant, every: Some(every), priority, about });
        }
    }
}

/// Objectives with queries of their own can't share a board's question: each is asked, slowly, for the release whose it is.
fn owned(all: &mut Vec<Question>, one: &Measurable) {
    let keeps = one.promises.iter().any(|promise| !promise.kept.is_empty());
    if let Some(expr) = told_of(&one.subject, &one.promises).filter(|_| keeps) {
        let (id, about) = (QuestionId::Recorded(one.release.clone()), About::Release(Arc::new(one.clone()), None));
        all.push(Question { id, expr, form: Form::Instant, every: Some(SLOW), priority: 5, about });
    }
    for (promise, own) in one.promises.iter().filter_map(|promise| Some((promise, own(promise)?))) {
        if !promise.kept.ratios.is_empty() {
            continue;
        }
        let id = QuestionId::Level(one.release.clone(), Sli::Own(promise.name.clone()), Span::Burn);
        let Some(expr) = own_objective(&own, &Span::Burn.windows()) else { continue };
        let about = About::Release(Arc::new(one.clone()), None);
        all.push(Question { id, expr, form: Form::Instant, every: Some(SLOW), priority: 5, about });
    }
}

/// Latencies by what a release was found to have, or its namespace has.
fn slow(all: &mut Vec<Question>, one: &Measurable, known: &Known) {
    let families = known.fitting(one).or_else(|| known.families(one.subject.namespace.as_str())).unwrap_or_default();
    for promise in &one.promises {
        let Some(threshold) = promise.slower_than else { continue };
        let id = QuestionId::Level(one.release.clone(), Sli::Own(promise.name.clone()), Span::Burn);
        let asked = |source: &Source| Some((source.slow(&one.subject, threshold, &Span::Burn.windows())?, source.clone()));
        let Some((expr, source)) = families.iter().find_map(asked) else { continue };
        let about = About::Release(Arc::new(one.clone()), Some(source));
        all.push(Question { id, expr, form: Form::Instant, every: Some(SLOW), priority: 5, about });
    }
}
