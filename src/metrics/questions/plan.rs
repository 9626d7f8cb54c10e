//! From what is on screen and what was probed to the questions.
//! Never asks for what no screen shows, nor about a release before its metrics were found.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::dialect::{Source, families_query, fitting_query};
use super::super::templates::{Own, board, own_objective, recorded};
use super::super::window::Window;
use super::{About, BELIEVED, FAST, Form, Known, Question, QuestionId, SLOW, SLOWEST, Sli, Span};
use crate::ports::metrics::{Measurable, MetricInterest, Promise};
use crate::text::Clean;

/// What was counted before a release was opened.
const HISTORY: Form = Form::Range { back: Duration::from_secs(30 * 60), step: Duration::from_secs(30) };
/// Of how much of the past a trend is made.
const TREND: Form = Form::Range { back: Duration::from_secs(30 * 60), step: Duration::from_secs(60) };

/// All questions there are to ask now.
pub fn plan(interest: &MetricInterest, known: &Known) -> Vec<Question> {
    let mut all: Vec<Question> = families(interest, known).into_iter().collect();
    if let Some(open) = &interest.open {
        release(&mut all, open, known);
    }
    boards(&mut all, &interest.board, known);
    for one in interest.board.iter().filter(|one| interest.open.as_ref().is_none_or(|open| open.release != one.release)) {
        owned(&mut all, one);
    }
    all
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

    /// The windows and the trend of one idea of errors.
    fn level(&mut self, sli: &Sli, longest: Duration, query: impl Fn(&[Window]) -> Option<String>) {
        let release = self.one.release.clone();
        for (span, every, priority) in [(Span::Short, FAST, 2), (Span::Long, SLOW, 4), (Span::Day, SLOWEST, 7)] {
            // An objective over less than a window has no use for it.
            let fits = |window: &Window| Duration::from_secs(window.seconds().into()) <= longest;
            let windows: Vec<Window> = span.windows().into_iter().filter(fits).collect();
            self.put(QuestionId::Level(release.clone(), sli.clone(), span), query(&windows), Form::Instant, Some(every), priority);
        }
        self.put(QuestionId::Trend(release, sli.clone()), query(&[Window::BURN[0]]), TREND, Some(SLOW), 6);
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
        if known.is_followed(key) {
            asking.put(QuestionId::Counters(key.clone()), source.counts(subject), Form::Instant, Some(FAST), 1);
        } else {
            asking.put(QuestionId::History(key.clone()), source.counts(subject), HISTORY, None, 1);
        }
        let five = Window::BURN[0];
        asking.put(QuestionId::Unreached(key.clone()), source.unreached(subject, five), Form::Instant, Some(FAST), 3);
        asking.put(QuestionId::Latency(key.clone()), source.latency(subject, five), Form::Instant, Some(FAST), 3);
        asking.put(QuestionId::Fresh(key.clone()), source.freshness(subject), Form::Instant, Some(FAST), 3);
        asking.put(QuestionId::Callers(key.clone()), source.callers(subject, five), Form::Instant, Some(SLOW), 7);
        if let Some(longest) = open.promises.iter().filter(|one| one.queries.is_none()).map(|one| one.window).max() {
            asking.level(&Sli::Family, longest, |windows| source.service(subject, windows));
        }
    }
    // What a person wrote names its own metrics: it is asked whatever was found.
    for (promise, own) in open.promises.iter().filter_map(|promise| Some((promise, own(promise)?))) {
        asking.level(&Sli::Own(promise.name.clone()), promise.window, |windows| own_objective(&own, windows));
    }
    let recorded = recorded(subject, &open.promises);
    asking.put(QuestionId::Recorded(key.clone()), recorded.filter(|_| !open.promises.is_empty()), Form::Instant, Some(SLOW), 5);
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
        let has_promises = releases.iter().any(|one| one.promises.iter().any(|promise| promise.queries.is_none()));
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
    for (promise, own) in one.promises.iter().filter_map(|promise| Some((promise, own(promise)?))) {
        let id = QuestionId::Level(one.release.clone(), Sli::Own(promise.name.clone()), Span::Burn);
        let Some(expr) = own_objective(&own, &Span::Burn.windows()) else { continue };
        let about = About::Release(Arc::new(one.clone()), None);
        all.push(Question { id, expr, form: Form::Instant, every: Some(SLOW), priority: 5, about });
    }
}
