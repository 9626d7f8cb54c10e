//! An answer as events for the app.
//! Never reports on a release that is no longer looked at.

use super::super::answers;
use super::super::dialect::Source;
use super::super::questions::{Ask, Known, Put, Question, families as boards, source_of};
use super::super::reply::Reply;
use super::super::window::Window;
use crate::objects::Time;
use crate::ports::metrics::{Asked, Found, Measurable, MetricInterest, MetricsEvent};
use crate::release::ReleaseRef;
use crate::text::Clean;

/// What was found in a namespace, where the open release is in it.
pub(super) fn families(namespace: &Clean, sources: &[Source], interest: &MetricInterest) -> Option<MetricsEvent> {
    let open = interest.open.as_ref().filter(|open| open.subject.namespace == *namespace)?;
    let usable = sources.iter().filter(|source| source.counts(&open.subject).is_some());
    let looked_for = Clean::from("Istio, Linkerd, OpenTelemetry, http_requests_total and ingress-nginx metrics");
    Some(MetricsEvent::Families { found: usable.map(|source| Clean::from(source.name())).collect(), looked_for })
}

/// What an answer says, release by release.
pub(super) fn reply(question: &Question, at: Time, reply: &Reply, interest: &MetricInterest, known: &Known) -> Vec<MetricsEvent> {
    let (Put::Instant(query) | Put::Range(query, _)) = &question.put else { return Vec::new() };
    let asked = Asked {
        query: Clean::from(query.as_str()),
        at,
        took: reply.took,
        bytes: reply.bytes,
        doubt: reply.doubt(),
        // A warning may mean that a store did not answer: nobody but its author knows.
        partial: reply.partial || !reply.warnings.is_empty(),
    };
    if let Ask::Board(place, long) = &question.ask {
        return board(*place, *long, &asked, reply, interest, known);
    }
    if question.ask == Ask::RecordedAll {
        let event = |one: &Measurable, found| MetricsEvent::Found(one.release.clone(), asked.clone(), found);
        return interest
            .board
            .iter()
            .flat_map(|one| answers::recorded_of(one, reply).into_iter().map(move |found| event(one, found)))
            .collect();
    }
    let Some(key) = question.ask.release() else { return Vec::new() };
    let Some(one) = interest.open.iter().chain(&interest.board).find(|one| one.release == *key) else { return Vec::new() };
    found(&question.ask, one, reply, known).into_iter().map(|found| MetricsEvent::Found(key.clone(), asked.clone(), found)).collect()
}

fn found(ask: &Ask, one: &Measurable, reply: &Reply, known: &Known) -> Vec<Found> {
    let source = source_of(known, one);
    let with = |decode: fn(&Source, &Measurable, &Reply) -> Found| source.map(|source| decode(source, one, reply)).into_iter().collect();
    match ask {
        Ask::History(_) => with(answers::history),
        Ask::Counters(_) => with(answers::counters),
        Ask::Fresh(_) => answers::fresh(reply).into_iter().collect(),
        Ask::Latency(_) => source.and_then(|source| answers::latency(source, reply)).into_iter().collect(),
        Ask::Unreached(_) => vec![answers::unreached(reply)],
        Ask::Callers(_) => vec![answers::callers(reply)],
        Ask::Recorded(_, promise) => answers::recorded(promise, reply).into_iter().collect(),
        Ask::Trend(_, promises) => answers::trend(promises, reply),
        Ask::Short(_, promises) => {
            let all = reply.data.samples().iter().any(|one| one.labels.get(super::super::templates::WINDOW_LABEL) == "6h");
            answers::windows(promises, if all { &Window::BURN } else { &Window::BURN[..2] }, reply)
        }
        Ask::Long(_, promises) => answers::windows(promises, &Window::BURN[2..], reply),
        Ask::Probe(_) | Ask::RecordedAll | Ask::Board(..) => Vec::new(),
    }
}

fn board(place: usize, long: bool, asked: &Asked, reply: &Reply, interest: &MetricInterest, known: &Known) -> Vec<MetricsEvent> {
    let families = boards(interest, known);
    let Some((source, _)) = families.get(place) else { return Vec::new() };
    let short = [Window::TWO_MINUTES, Window::FIVE_MINUTES];
    let windows: &[Window] = if long { &Window::BURN[2..] } else { &short };
    let here = interest.board.iter().filter(|one| source_of(known, one) == Some(source));
    let event = |one: &Measurable, found: Found| MetricsEvent::Found(ReleaseRef::clone(&one.release), asked.clone(), found);
    here.flat_map(|one| answers::rows(source, one, windows, &reply.data).into_iter().map(move |found| event(one, found))).collect()
}
