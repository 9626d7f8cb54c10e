//! Watches that end, break, hang, stutter and lie.

use std::time::Duration;

use flightdeck::cluster::Pace;
use flightdeck::objects::{Kind, WorldEvent};
use flightdeck::ports::{ClusterEvent, ReadCluster, SourceState};

use crate::fake::{Asked, Fake, Script};
use crate::lists::{paged, server};
use crate::seen::*;

const PODS: &str = "/api/v1/namespaces/payments/pods";

/// One pod, then whatever the watches say.
async fn watched(watches: impl Fn(&Asked) -> Script + Send + Sync + 'static) -> Fake {
    Fake::start(move |asked| paged(asked, |_| Script::ok(list(5, &[object("a", 1)])), |asked| watches(asked))).await
}

/// The revisions that watches were begun from.
fn revisions(fake: &Fake) -> Vec<String> {
    let watches = fake.asked_for(PODS).into_iter().filter(|asked| asked.watch() && !asked.streamed());
    let revision = |query: &str| query.split('&').find_map(|part| part.strip_prefix("resourceVersion=")).unwrap_or("none").to_owned();
    watches.map(|asked| revision(&asked.query)).collect()
}

#[tokio::test]
async fn a_watch_that_breaks_goes_on_from_the_last_revision_bookmarks_included() {
    let fake = watched(|asked| match asked.turn {
        // The streaming list asked for first counts as a watch.
        1 => Script::ok(line("MODIFIED", &object("a", 8)) + &bookmark(20, false)).wait(50).reset(),
        2 => Script::ok(line("MODIFIED", &object("a", 21))).wait(20),
        _ => Script::ok(line("MODIFIED", &object("b", 22))).hold(),
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_list().await;
    assert_eq!(seen.until_object().await, "a");
    seen.until_retrying("cut the connection").await;
    assert_eq!(seen.until_object().await, "a");
    assert_eq!(seen.until_object().await, "b");
    assert_eq!(revisions(&fake), ["5", "20", "21"]);
    let lists = fake.asked_for(PODS).into_iter().filter(|asked| !asked.watch()).count();
    assert_eq!(lists, 1, "nothing was listed again");
}

#[tokio::test]
async fn a_forgotten_revision_lists_again() {
    for gone in [Script::ok(failure(410, "too old resource version: 5 (99)")), Script::error(410, "Expired", "too old")] {
        let fake = watched(move |asked| match asked.turn {
            1 => gone.clone(),
            _ => Script::ok("").hold(),
        })
        .await;
        let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
        seen.want(&[interest(1, Kind::Pod)]);
        seen.until_list().await;
        seen.until_retrying("the server does not have the changes since then (410 Gone): listing again").await;
        assert_eq!(seen.until_list().await, ["a"]);
        seen.until_source("live", |s| *s == SourceState::Live).await;
    }
}

#[tokio::test]
async fn another_error_inside_a_watch_is_told_and_the_watch_taken_up_again() {
    let fake = watched(|asked| match asked.turn {
        1 => Script::ok(failure(500, "etcdserver: leader changed")),
        _ => Script::ok(line("MODIFIED", &object("a", 7))).hold(),
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_retrying("the server answers 500 Internal Server Error: etcdserver: leader changed").await;
    assert_eq!(seen.until_object().await, "a");
    assert_eq!(revisions(&fake), ["5", "5"]);
}

#[tokio::test]
async fn lines_cut_anywhere_huge_lines_and_garbage_do_not_end_a_watch() {
    let long = "x".repeat(3 << 20);
    let fake = watched(move |_| {
        let whole = line("MODIFIED", &object("支払い", 8));
        let (first, second) = whole.as_bytes().split_at(whole.find('支').unwrap() + 1);
        let mut huge = object("huge", 9);
        huge["metadata"]["annotations"] = serde_json::json!({ "kubectl.kubernetes.io/last-applied-configuration": long });
        let mut broken = object("broken", 11);
        broken["spec"] = "nonsense".into();
        Script::ok("")
            .then(first)
            .wait(20)
            .then(second)
            .then(line("MODIFIED", &huge))
            .then("garbage\n{\"type\":\"ADDED\"}\n\n")
            .then(vec![b'y'; 17 << 20])
            .then("y\n")
            .then(line("ADDED", &broken))
            .then(line("FUTURE", &object("z", 12)) + &line("ADDED", &object("last", 13)))
            .hold()
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", Pace { heartbeat_limit: Duration::from_secs(3), ..quick() });
    seen.want(&[interest(1, Kind::Pod)]);
    assert_eq!(seen.until_object().await, "支払い");
    assert_eq!(seen.until_object().await, "huge");
    assert_eq!(seen.until_object().await, "last");
    let unread: Vec<String> = seen
        .said
        .iter()
        .filter_map(|event| match event {
            ClusterEvent::Unreadable(_, count, why) => Some(format!("{count}: {why}")),
            _ => None,
        })
        .collect();
    assert_eq!(unread.len(), 5, "{unread:#?}");
    assert_eq!(unread[0], "1: a line of the watch of pods is not an event: garbage");
    assert_eq!(unread[2], "3: a Pod of more than 16 MB was skipped");
    assert!(unread[3].starts_with("4: Pod payments/broken could not be read: "), "{}", unread[3]);
    assert!(unread[4].contains("unknown type"), "{}", unread[4]);
}

#[tokio::test]
async fn a_watch_that_goes_silent_while_the_server_answers_is_taken_up_again() {
    let fake = watched(|asked| match asked.turn {
        1 => Script::ok(line("MODIFIED", &object("a", 8))).hold(),
        _ => Script::ok(line("MODIFIED", &object("b", 9))).hold(),
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", Pace { quiet_watch: Duration::from_millis(300), ..quick() });
    seen.want(&[interest(1, Kind::Pod)]);
    assert_eq!(seen.until_object().await, "a");
    seen.until_retrying("the watch said nothing for 0.3 s: taking it up again").await;
    assert_eq!(seen.until_object().await, "b");
    assert!(revisions(&fake).starts_with(&["5".into(), "8".into()]), "{:?}", revisions(&fake));
}

#[tokio::test]
async fn a_server_that_ends_every_watch_at_once_is_not_hammered() {
    let fake = watched(|_| Script::ok("")).await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_retrying("the server ended the watch at once").await;
    seen.listen(500).await;
    assert!(revisions(&fake).len() < 15, "{}", revisions(&fake).len());
}

#[tokio::test]
async fn interests_that_are_dropped_close_and_the_others_are_left_alone() {
    let fake = watched(|_| Script::ok("").hold()).await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod), interest(2, Kind::Service)]);
    seen.until_list().await;
    seen.until_list().await;
    seen.listen(50).await;
    let before = fake.asked_for(PODS).len();
    seen.want(&[interest(1, Kind::Pod)]);
    let closed = seen.until("closed", |e| matches!(e, ClusterEvent::World(_, WorldEvent::Close))).await;
    assert_eq!(closed, ClusterEvent::World(interest(2, Kind::Service).source, WorldEvent::Close));
    assert!(!seen.connection.progress().now().contains_key(&interest(2, Kind::Service).source));
    assert_eq!(fake.asked_for(PODS).len(), before);
    let narrower = flightdeck::ports::Interest { labels: "app=web".to_owned(), ..interest(1, Kind::Pod) };
    seen.want(&[narrower]);
    seen.until_list().await;
    assert!(fake.asked_for(PODS).last().unwrap().query.contains("labelSelector=app%3Dweb"));
}

#[tokio::test]
async fn refresh_lists_everything_again() {
    let fake = watched(|_| Script::ok("").hold()).await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_list().await;
    seen.until_source("live", |s| *s == SourceState::Live).await;
    seen.connection.refresh();
    assert_eq!(seen.connection.progress().now()[&interest(1, Kind::Pod).source].state, SourceState::Listing);
    assert_eq!(seen.until_list().await, ["a"]);
    seen.until_source("live", |s| *s == SourceState::Live).await;
}

#[tokio::test]
async fn a_reader_that_is_slow_slows_the_watch_down_and_loses_nothing() {
    const MANY: u64 = 2000;
    let fake = watched(|_| {
        let lines: String = (0..MANY).map(|i| line("MODIFIED", &object("a", 100 + i))).collect();
        Script::ok(lines).hold()
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_list().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let source = interest(1, Kind::Pod).source;
    let reached = seen.connection.progress().now()[&source].revision.parse::<u64>().unwrap();
    assert!(reached < 100 + MANY / 2, "what nobody took is not counted as delivered: {reached}");
    for _ in 0..MANY {
        seen.until_object().await;
    }
    let mut progress = seen.connection.progress();
    assert!(progress.wait_for(|all| all[&source].revision == (100 + MANY - 1).to_string()).await);
}

#[tokio::test]
async fn dropping_the_connection_stops_everything() {
    let fake = Fake::start(|asked| server(asked).unwrap_or_else(|| Script::error(500, "", "no"))).await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_retrying("500").await;
    drop(seen);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = fake.asked().len();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(fake.asked().len(), before);
}
