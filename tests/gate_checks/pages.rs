//! Checks that get a page, against a server on loopback that behaves in every way.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::get;
use futures::StreamExt;

use crate::flight::Begin;
use crate::{config, paused, planned, stand};

/// Serves pages on loopback; its address.
pub async fn serve() -> String {
    let endless = || futures::stream::repeat_with(|| Ok::<_, Infallible>("x".repeat(4096)));
    let huge = async move || Body::from_stream(endless().take(2_000));
    let drip = async || {
        let drops = futures::stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_millis(30)).await;
            Some((Ok::<_, Infallible>("."), ()))
        });
        Body::from_stream(drops)
    };
    let headers = async |headers: axum::http::HeaderMap| {
        let told = ["authorization", "cookie", "referer"].iter().any(|name| headers.contains_key(*name));
        let agent = headers.get("user-agent").unwrap().to_str().unwrap().to_owned();
        if told { "a login came along".to_owned() } else { format!("nothing but {agent}") }
    };
    let app = Router::new()
        .route("/ok", get(async || "all is ready"))
        .route("/none", get(async || StatusCode::NO_CONTENT))
        .route("/broken", get(async || (StatusCode::SERVICE_UNAVAILABLE, "ready")))
        .route("/moved", get(async || Redirect::temporary("/ok")))
        .route("/huge", get(huge))
        .route("/drip", get(drip))
        .route("/slow", get(async || tokio::time::sleep(Duration::from_secs(60)).await))
        .route("/hostile", get(async || "\u{1b}]0;owned\u{7}\u{202e}ready"))
        .route("/headers", get(headers))
        .route("/of/{namespace}/{name}/{revision}/{hash}", get(async |uri: axum::http::Uri| uri.to_string()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_holds_only_as_it_was_asked_for() {
    let url = serve().await;
    let page = |path: &str, rest: &str| format!("url = \"{url}{path}\"\n{rest}");
    // Nobody listens on a port that was just given back.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let checks = [
        ("ok", page("/ok", "")),
        ("text", page("/ok", "contains = \"ready\"")),
        ("other-text", page("/ok", "contains = \"steady\"")),
        ("none", page("/none", "status = 204")),
        ("not-none", page("/ok", "status = 204")),
        ("broken", page("/broken", "contains = \"ready\"")),
        ("missing", page("/nowhere", "")),
        ("moved", page("/moved", "")),
        ("moved-meant", page("/moved", "status = 307")),
        ("huge", page("/huge", "contains = \"ready\"")),
        ("huge-unread", page("/huge", "")),
        ("drip", page("/drip", "contains = \"ready\"\ntimeout = \"300ms\"")),
        ("slow", page("/slow", "timeout = \"300ms\"")),
        ("hostile", page("/hostile", "contains = \"steady\"")),
        ("headers", page("/headers", "contains = \"nothing but flightdeck/\"")),
        ("named", page("/of/$namespace/$name/$revision/$hash", "contains = \"/of/lab/web/2/\"")),
        ("gone", format!("url = \"http://{gone}/\"")),
    ];
    let (_at, mut flight) = paused(Begin { config: config(&checks), ..Begin::default() }).await;
    planned(&mut flight).await;
    for (name, told) in [
        ("ok", "holds: it answers 200"),
        ("text", "holds: it answers 200 with the text asked for"),
        ("other-text", "closed: it answers 200, and its answer does not hold “steady”"),
        ("none", "holds: it answers 204"),
        ("not-none", "closed: it answers 200, and 204 is asked for"),
        ("broken", "closed: it answers 503, and 200 to 299 is asked for"),
        ("missing", "closed: it answers 404, and 200 to 299 is asked for"),
        ("moved", "closed: it answers 307 (where it leads to is not followed), and 200 to 299 is asked for"),
        ("moved-meant", "holds: it answers 307"),
        ("huge", "closed: the first 64 KiB of its answer do not hold “ready”, and no more is read"),
        ("huge-unread", "holds: it answers 200"),
        ("drip", "closed: there is no whole answer within 0.3 s"),
        ("slow", "closed: there is no whole answer within 0.3 s"),
        ("hostile", "closed: it answers 200, and its answer does not hold “steady”"),
        ("headers", "holds: it answers 200 with the text asked for"),
        ("named", "holds: it answers 200 with the text asked for"),
    ] {
        assert_eq!(stand(&flight, name), told, "{name}");
    }
    assert!(stand(&flight, "gone").starts_with("closed: it was not reached: "), "{}", stand(&flight, "gone"));
    assert!(!stand(&flight, "gone").contains(&gone.to_string()), "an address may hold what is nobody's business");
}
