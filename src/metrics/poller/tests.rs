mod live;
mod script;

use std::time::Duration;

use super::*;
use crate::metrics::questions::QuestionId;
use crate::objects::{Kind, ReleaseRef};
use crate::ports::metrics::{Found, Measurable, MetricsLink, Part, Promise, Subject, VersionNames};
use script::{Bench, Script, kind};

pub(super) fn shop(name: &str, promises: Vec<Promise>) -> Measurable {
    let text = |text: &str| Clean::from(text);
    let version = |hash: &str, part| VersionNames {
        hash: text(hash),
        replica_set: text(&format!("{name}-{hash}")),
        pods: Vec::new(),
        part,
        label: Clean::default(),
    };
    let subject = Subject {
        namespace: text("shop"),
        workload: text(name),
        services: vec![text(name)],
        ingress: Vec::new(),
        versions: vec![version("aaa", Part::New), version("bbb", Part::Old)],
        earlier: Vec::new(),
    };
    Measurable { release: ReleaseRef { namespace: text("shop"), name: text(name), kind: Kind::Rollout }, subject, promises }
}

pub(super) fn open(name: &str) -> MetricInterest {
    let promise =
        Promise { name: Clean::from("availability"), window: Duration::from_secs(30 * 86_400), queries: None, ..Promise::default() };
    MetricInterest { open: Some(shop(name, vec![promise])), guarded: None, board: Vec::new(), covering: Vec::new() }
}

fn down() -> Failure {
    Failure::NotReached(Clean::from("refused"))
}

fn answers(events: &[Event]) -> Vec<String> {
    events.iter().filter_map(|event| if let Event::Answer { id, .. } = event { Some(kind(id)) } else { None }).collect()
}

#[tokio::test(start_paused = true)]
async fn a_release_is_probed_told_its_past_and_then_followed() {
    let mut bench = Bench::new(Script::default());
    assert!(!bench.poller.busy().is_working());
    bench.poller.set_interest(open("web"));
    assert!(bench.poller.busy().is_working());
    let events = bench.settle().await;
    assert_eq!(&bench.asked()[..3], ["Families", "Recorded", "Rules"]);
    assert_eq!(answers(&events)[..2], ["Alerts", "History"]);
    assert!(answers(&events).contains(&"Counters".to_owned()), "{events:?}");
    assert!(matches!(&events[0], Event::Link(MetricsLink::Probing(_))) && matches!(&events[1], Event::Link(MetricsLink::Live { .. })));
    assert!(events.iter().any(|event| matches!(event, Event::Probed { found } if found[0].as_str() == "application metrics")));
    // Two minutes later what moves was asked eight times more at most, what is slow once or twice, and the past never again.
    bench.forget();
    bench.live(120).await;
    let count = |name: &str| bench.asked().iter().filter(|asked| *asked == name).count();
    assert!((7..=8).contains(&count("Counters")), "its place may make the second one wait for half an interval more");
    assert_eq!((count("History"), count("Families")), (0, 0));
    assert!((1..=2).contains(&count("Trend")));
    bench.forget();
    bench.live(600).await;
    assert_eq!(bench.asked().iter().filter(|asked| *asked == "Families").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn never_more_than_four_at_once_and_told_in_the_order_of_asking() {
    let script = Script { slow: vec![("Counters", Duration::from_millis(30)), ("Level", Duration::from_millis(80))], ..Script::default() };
    let mut bench = Bench::new(script);
    bench.poller.set_interest(open("web"));
    let events = bench.live(20).await;
    assert!(bench.most() <= 4 && bench.most() > 1, "{}", bench.most());
    let told: Vec<String> = answers(&events);
    let asked: Vec<String> = bench
        .asked()
        .into_iter()
        .filter(|name| !["Families", "Fitting", "Recorded", "BurnDown", "Rules", "Described"].contains(&name.as_str()))
        .collect();
    assert_eq!(told, asked[..told.len()]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_question_holds_up_nobody_for_long() {
    let script = Script { slow: vec![("Latency", Duration::from_secs(8)), ("Fresh", Duration::from_secs(8))], ..Script::default() };
    let mut bench = Bench::new(script);
    bench.poller.set_interest(open("web"));
    let events = bench.live(3).await;
    assert!(answers(&events).iter().filter(|name| *name == "Level").count() >= 3, "{:?}", answers(&events));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_longer_looked_at_is_given_up() {
    let script = Script { slow: vec![("Families", Duration::from_secs(9))], ..Script::default() };
    let mut bench = Bench::new(script);
    bench.poller.set_interest(open("web"));
    bench.live(1).await;
    assert_eq!(bench.flying(), 1);
    bench.poller.set_interest(MetricInterest::default());
    let events = bench.live(1).await;
    assert_eq!((bench.flying(), bench.poller.busy().is_working()), (0, false));
    assert!(events.is_empty(), "{events:?}");
    let before = bench.asked().len();
    bench.live(900).await;
    assert_eq!(bench.asked().len(), before);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_gone_is_tried_alone_and_its_return_is_told() {
    let mut bench = Bench::new(Script::default());
    bench.poller.set_interest(open("web"));
    bench.live(30).await;
    bench.fail(Some(down()));
    bench.forget();
    let events = bench.live(180).await;
    let failing = events.iter().filter(|event| matches!(event, Event::Link(MetricsLink::Failing { .. }))).count();
    // 5, 10, 20, 40, 60, 60 seconds between them, after what was under way.
    assert!((5..=9).contains(&failing) && bench.asked().len() <= 9, "{failing} of {}", bench.asked().len());
    assert!(events.iter().any(|event| matches!(event, Event::Failed { sentence, next: Some(_), .. } if sentence.contains("refused"))));
    bench.fail(None);
    let events = bench.live(90).await;
    assert!(events.iter().any(|event| matches!(event, Event::Link(MetricsLink::Live { .. }))));
    assert!(answers(&events).iter().filter(|name| *name == "Counters").count() >= 2);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_can_not_be_read_is_asked_once() {
    let script = Script { broken: vec![("Level", Failure::BadQuery(Clean::from("parse error")))], ..Script::default() };
    let mut bench = Bench::new(script);
    bench.poller.set_interest(open("web"));
    let events = bench.live(120).await;
    assert_eq!(bench.asked().iter().filter(|name| *name == "Level").count(), 3);
    let unread = events.iter().filter(|event| matches!(event, Event::Failed { id: QuestionId::Level(..), next: None, .. })).count();
    assert_eq!(unread, 3);
    assert!(!events.iter().any(|event| matches!(event, Event::Link(MetricsLink::Failing { .. }))));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_asks_everything_anew_but_the_past() {
    let mut bench = Bench::new(Script::default());
    bench.poller.set_interest(open("web"));
    bench.live(10).await;
    bench.forget();
    bench.poller.refresh();
    assert!(bench.poller.busy().is_working());
    bench.settle().await;
    let asked = bench.asked();
    assert!(asked.contains(&"Families".to_owned()) && asked.contains(&"Counters".to_owned()), "{asked:?}");
    assert!(!asked.contains(&"History".to_owned()), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn two_runs_say_the_same() {
    async fn run() -> Vec<Event> {
        let mut bench = Bench::new(Script { slow: vec![("Level", Duration::from_millis(3))], ..Script::default() });
        bench.poller.set_interest(open("web"));
        bench.live(300).await
    }
    let (first, second) = (run().await, run().await);
    assert!(first.len() > 50 && first == second, "{} and {}", first.len(), second.len());
}

#[tokio::test(start_paused = true)]
async fn dropping_the_poller_ends_the_task() {
    let mut bench = Bench::new(Script::default());
    bench.poller.set_interest(open("web"));
    bench.live(5).await;
    let busy = bench.poller.busy();
    drop(bench);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!busy.is_working());
}
