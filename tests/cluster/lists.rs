//! Streaming and paged lists, and what can be wrong with them.

use std::sync::atomic::{AtomicUsize, Ordering};

use flightdeck::objects::{Kind, WorldEvent};
use flightdeck::ports::{ClusterEvent, Interest, Scope, SourceState};
use serde_json::json;

use crate::fake::{Asked, Fake, Script};
use crate::seen::*;

const PODS: &str = "/api/v1/namespaces/payments/pods";

/// Answers everything but lists and watches.
pub fn server(asked: &Asked) -> Option<Script> {
    match asked.path.as_str() {
        "/version" => Some(Script::ok(r#"{"major":"1","minor":"36+","gitVersion":"v1.36.1","unknown":{}}"#)),
        path if path.ends_with("/selfsubjectreviews") => {
            Some(Script::status(201, r#"{"kind":"SelfSubjectReview","status":{"userInfo":{"username":"ann@example.com","groups":["a"]}}}"#))
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_streaming_list_is_one_replace_and_goes_on_as_a_watch() {
    let fake = Fake::start(|asked| {
        server(asked).unwrap_or_else(|| {
            assert!(
                asked.streamed()
                    && asked.query.contains("resourceVersionMatch=NotOlderThan")
                    && asked.query.contains("allowWatchBookmarks=true")
            );
            Script::ok(line("ADDED", &object("a", 3)))
                .then(line("ADDED", &object("b", 4)) + &bookmark(9, true))
                .then(line("MODIFIED", &object("a", 10)) + &line("DELETED", &object("b", 11)) + &bookmark(12, false))
                .hold()
        })
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    let mut progress = seen.connection.progress();
    seen.want(&[interest(1, Kind::Pod)]);
    assert_eq!(progress.now()[&interest(1, Kind::Pod).source].state, SourceState::Listing);
    seen.until_source("listing", |s| *s == SourceState::Listing).await;
    assert_eq!(seen.until_list().await, ["a", "b"]);
    seen.until_source("live", |s| *s == SourceState::Live).await;
    assert_eq!(seen.until_object().await, "a");
    seen.until("b gone", |e| matches!(e, ClusterEvent::World(_, WorldEvent::Delete(Kind::Pod, uid)) if *uid == "uid-b".into())).await;
    let source = interest(1, Kind::Pod).source;
    assert!(progress.wait_for(|all| all[&source].revision == "12" && all[&source].state == SourceState::Live).await);
    assert!(fake.asked_for(PODS).iter().all(|asked| asked.header("accept-encoding") == "identity"));
}

#[tokio::test]
async fn a_streaming_list_refused_inside_a_200_falls_back_to_pages_and_is_not_asked_for_again() {
    let fake = Fake::start(|asked| {
        server(asked).unwrap_or_else(|| match (asked.streamed(), asked.watch(), asked.query.contains("continue=")) {
            (true, ..) => Script::ok(failure(500, "the required storage feature RequestWatchProgress is disabled")),
            (_, true, _) => Script::ok("").hold(),
            (_, _, false) => {
                Script::ok(json!({"metadata": {"resourceVersion": "5", "continue": "next page=/+"}, "items": [object("a", 1)]}).to_string())
            }
            (_, _, true) => {
                assert!(asked.query.contains("limit=500") && asked.query.contains("continue=next%20page%3D%2F%2B"), "{}", asked.query);
                Script::ok(list(5, &[object("b", 2)]))
            }
        })
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    assert_eq!(seen.until_list().await, ["a", "b"]);
    seen.until_source("live", |s| *s == SourceState::Live).await;
    seen.want(&[interest(1, Kind::Pod), interest(2, Kind::Service)]);
    assert_eq!(seen.until_list().await, ["a", "b"]);
    assert_eq!(fake.asked().iter().filter(|asked| asked.streamed()).count(), 1);
    let watch = fake.asked_for(PODS).into_iter().rfind(Asked::watch).unwrap();
    assert!(watch.query.contains("resourceVersion=5&"), "{}", watch.query);
}

#[tokio::test]
async fn a_streaming_list_refused_as_invalid_or_never_ending_falls_back_too() {
    for refusal in [Script::error(422, "Invalid", "sendInitialEvents: Forbidden"), Script::ok(line("ADDED", &object("a", 1))).hold()] {
        let fake = Fake::start(move |asked| {
            server(asked).unwrap_or_else(|| match (asked.streamed(), asked.watch()) {
                (true, _) => refusal.clone(),
                (_, true) => Script::ok("").hold(),
                _ => Script::ok(list(5, &[object("a", 1)])),
            })
        })
        .await;
        let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
        seen.want(&[interest(1, Kind::Pod)]);
        assert_eq!(seen.until_list().await, ["a"]);
        seen.until_source("live", |s| *s == SourceState::Live).await;
    }
}

/// A server without streaming lists.
pub fn paged(asked: &Asked, lists: impl Fn(&Asked) -> Script, watches: impl Fn(&Asked) -> Script) -> Script {
    server(asked).unwrap_or_else(|| match (asked.streamed(), asked.watch()) {
        (true, _) => Script::error(400, "BadRequest", "unknown"),
        (_, true) => watches(asked),
        _ => lists(asked),
    })
}

#[tokio::test]
async fn a_list_forgotten_between_two_pages_is_asked_for_whole() {
    let fake = Fake::start(|asked| {
        let lists = |asked: &Asked| match (asked.query.contains("continue="), asked.query.contains("limit=")) {
            (true, _) => Script::error(410, "Expired", "The provided continue parameter is too old"),
            (_, true) => {
                Script::ok(json!({"metadata": {"resourceVersion": "5", "continue": "x"}, "items": [object("old", 1)]}).to_string())
            }
            _ => Script::ok(list(6, &[object("a", 1), object("b", 2)])),
        };
        paged(asked, lists, |_| Script::ok("").hold())
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    assert_eq!(seen.until_list().await, ["a", "b"]);
}

#[tokio::test]
async fn bad_items_missing_and_unknown_fields_lose_nothing_else() {
    let fake = Fake::start(|asked| {
        let items = [
            json!({"metadata": {"name": "bare", "uid": "1"}}),
            json!({"metadata": {"name": "broken", "namespace": "payments", "uid": "2"}, "spec": "nonsense"}),
            json!({"metadata": {"name": "odd", "uid": "3", "managedFields": [{"x": {}}]}, "spec": {"unknown": {"deep": [1, {"a": null}]}, "replicas": null}, "status": null, "future": true}),
        ];
        paged(asked, |_| Script::ok(list(5, &items)), |_| Script::ok("").hold())
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Deployment)]);
    assert_eq!(seen.until_list().await, ["bare", "odd"]);
    let ClusterEvent::Unreadable(_, 1, why) = seen.until("unreadable", |e| matches!(e, ClusterEvent::Unreadable(..))).await else {
        panic!()
    };
    assert!(why.starts_with("Deployment payments/broken could not be read: "), "{why}");
}

#[tokio::test]
async fn a_denied_kind_says_so_the_others_work_and_it_is_asked_for_again() {
    let tries = std::sync::Arc::new(AtomicUsize::new(0));
    let fake = Fake::start({
        let tries = tries.clone();
        move |asked| {
            let lists = |asked: &Asked| {
                if asked.path.ends_with("/rollouts") && tries.fetch_add(1, Ordering::SeqCst) < 2 {
                    return Script::error(403, "Forbidden", "rollouts.argoproj.io is forbidden: User \"ann\" cannot list resource");
                }
                Script::ok(list(5, &[object("web", 1)]))
            };
            paged(asked, lists, |_| Script::ok("").hold())
        }
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Rollout)]);
    let denied = seen.until_source("denied", |s| matches!(s, SourceState::Denied(_))).await;
    assert_eq!(denied, SourceState::Denied("list rollouts.argoproj.io in payments".into()));
    let all = Interest { scope: Scope::All, ..interest(2, Kind::Deployment) };
    seen.want(&[interest(1, Kind::Rollout), all]);
    assert_eq!(seen.until_list().await, ["web"]);
    seen.until("rollouts after all", |e| matches!(e, ClusterEvent::World(_, WorldEvent::Replace(Kind::Rollout, _)))).await;
    assert!(!fake.asked_for("/apis/apps/v1/deployments").is_empty());
}

#[tokio::test]
async fn who_may_not_list_what_the_cluster_does_not_serve_has_nothing_to_ask_for() {
    let fake = Fake::start(|asked| {
        let absent = || Script::error(404, "NotFound", "the server could not find the requested resource");
        server(asked).unwrap_or_else(|| match asked.path.as_str() {
            "/apis/flagger.app" => absent(),
            "/apis/argoproj.io" => Script::ok("{}"),
            _ => Script::error(403, "Forbidden", "cannot list resource"),
        })
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Canary)]);
    let said = seen.until_source("an answer", |s| matches!(s, SourceState::Absent | SourceState::Denied(_))).await;
    assert_eq!(said, SourceState::Absent);
    seen.want(&[interest(2, Kind::Rollout)]);
    let said = seen.until_source("an answer", |s| matches!(s, SourceState::Denied(_))).await;
    assert_eq!(said, SourceState::Denied("list rollouts.argoproj.io in payments".into()));
}

#[tokio::test]
async fn may_be_listed_but_not_watched_shows_the_list_and_names_the_verb() {
    let fake = Fake::start(|asked| {
        server(asked).unwrap_or_else(|| match asked.watch() {
            true => Script::error(403, "Forbidden", "cannot watch"),
            false => Script::ok(list(5, &[object("web", 1)])),
        })
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    assert_eq!(seen.until_list().await, ["web"]);
    let denied = seen.until_source("denied", |s| matches!(s, SourceState::Denied(_))).await;
    assert_eq!(denied, SourceState::Denied("watch pods in payments".into()));
    assert_eq!(seen.until_list().await, ["web"], "listed again now and then");
}

#[tokio::test]
async fn a_kind_that_is_installed_later_appears_and_one_that_goes_takes_its_objects_along() {
    let state = std::sync::Arc::new(AtomicUsize::new(0));
    let fake = Fake::start({
        let state = state.clone();
        move |asked| {
            if let Some(script) = server(asked) {
                return script;
            }
            match state.load(Ordering::SeqCst) {
                1 if asked.streamed() => Script::ok(line("ADDED", &object("web", 3)) + &bookmark(4, true)).wait(200).reset(),
                1 => Script::ok("").wait(20),
                _ => Script::error(404, "NotFound", "the server could not find the requested resource"),
            }
        }
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Rollout)]);
    seen.until_source("absent", |s| *s == SourceState::Absent).await;
    state.store(1, Ordering::SeqCst);
    assert_eq!(seen.until_list().await, ["web"]);
    seen.until_source("live", |s| *s == SourceState::Live).await;
    state.store(2, Ordering::SeqCst);
    assert_eq!(seen.until_list().await, Vec::<String>::new());
    seen.until_source("absent again", |s| *s == SourceState::Absent).await;
}

#[tokio::test]
async fn a_busy_server_is_given_the_time_it_asks_for() {
    let fake = Fake::start(|asked| {
        let lists = |asked: &Asked| match asked.turn {
            0 => Script::error(429, "TooManyRequests", "slow down").header("Retry-After", "1"),
            _ => Script::ok(list(5, &[object("web", 1)])),
        };
        paged(asked, lists, |_| Script::ok("").hold())
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    let state = seen.until_source("busy", |s| matches!(s, SourceState::Retrying { .. })).await;
    let second = std::time::Duration::from_secs(1);
    assert_eq!(state, SourceState::Retrying { reason: "the server asks to come back later (429 Too Many Requests)".into(), after: second });
    let asked = tokio::time::Instant::now();
    assert_eq!(seen.until_list().await, ["web"]);
    assert!(asked.elapsed() > second.mul_f64(0.9), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_broken_conversion_webhook_is_told_in_words() {
    let fake = Fake::start(|asked| {
        let lists = |_: &Asked| {
            Script::error(
                500,
                "InternalError",
                "conversion webhook for argoproj.io/v1alpha1, Kind=Rollout failed: Post \"https://hook\": EOF",
            )
        };
        paged(asked, lists, |_| Script::ok("").hold())
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Rollout)]);
    seen.until_retrying("500 Internal Server Error: its conversion webhook does not work; conversion webhook for argoproj.io").await;
}

#[tokio::test]
async fn something_that_is_no_list_is_told_in_words() {
    let fake = Fake::start(|asked| {
        let lists = |asked: &Asked| match asked.turn {
            0 => Script::ok("<html>please log in to this Wi-Fi</html>"),
            1 => Script::ok(&list(5, &[object("web", 1)])[..60]),
            _ => Script::ok(list(5, &[object("web", 1)])),
        };
        paged(asked, lists, |_| Script::ok("").hold())
    })
    .await;
    let mut seen = Seen::connect(&fake.address, "{token: abc}", quick());
    seen.want(&[interest(1, Kind::Pod)]);
    seen.until_retrying("pods: the server answered with something that is not a list of objects").await;
    seen.until_retrying("pods: the list ended in the middle").await;
    assert_eq!(seen.until_list().await, ["web"]);
}
