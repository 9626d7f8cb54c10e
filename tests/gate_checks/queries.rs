//! Checks that ask Prometheus: every series has to be so, and what is not known is not so.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::any;
use chrono::{DateTime, Utc};
use flightdeck::demo::cluster::Cluster;
use flightdeck::demo::prometheus;
use flightdeck::metrics::check::Queries;
use flightdeck::metrics::client::Client;
use flightdeck::metrics::settings::Settings;
use flightdeck::ports::Clock;
use flightdeck::ports::checks::AskMetrics;

use crate::embedded::Embedded;
use crate::flight::{Begin, Flight, image};
use crate::lab::{STEPS, routed};
use crate::{config, planned, stand};
use flightdeck::objects::Kind;

struct Of(Arc<Cluster>);

impl Clock for Of {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}

fn asking(url: &str, cluster: &Arc<Cluster>) -> Arc<dyn AskMetrics> {
    let client = Client::new(&Settings::new(url).unwrap()).unwrap();
    Arc::new(Queries::new(client, Arc::new(Of(cluster.clone()))))
}

fn query(promql: &str, holds: &str) -> String {
    format!("query = '{promql}'\nholds = \"{holds}\"")
}

/// A cockpit on a paused canary whose checks ask the server at `url`, or the embedded one.
async fn paused(checks: &[(&str, String)], url: Option<String>) -> (Embedded, prometheus::Served, Flight) {
    let at = Embedded::open(&routed(STEPS)).await;
    let served = prometheus::serve::serve(at.cluster.clone(), 0, None).await.unwrap();
    let metrics = Some(asking(url.as_deref().unwrap_or(&served.url), &at.cluster));
    let mut flight = Flight::begin(&at, Kind::Rollout, Begin { config: config(checks), metrics, ..Begin::default() }).await;
    image(&at, Kind::Rollout, "2.0");
    flight.until(120, "the first pause", |f| !f.release().control.gates.is_empty() && f.release().control.controller_pause).await;
    flight.live(500).await;
    (at, served, flight)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_series_of_an_answer_has_to_hold() {
    let of = |bound: &str| query(r#"vector(0.5) or label_replace(vector(3), "pod", "$name", "", "")"#, bound);
    let checks = [
        ("number", query("vector(1)", "== 1")),
        ("scalar", query("1 + 1", ">= 2")),
        ("over", query("vector(0.034)", "< 0.01")),
        ("all", of("< 4")),
        ("some", of("< 1")),
        ("nothing", query(r#"no_such_series{namespace="$namespace"}"#, "< 1")),
        ("nan", query("vector(0) / vector(0)", "!= 7")),
        ("infinite", query("vector(1) / vector(0)", "< 1")),
        ("text", query(r#""ready""#, "== 1")),
    ];
    let (_at, _served, mut flight) = paused(&checks, None).await;
    planned(&mut flight).await;
    for (name, told) in [
        ("number", "holds: 1, and == 1 is asked for"),
        ("scalar", "holds: 2, and >= 2 is asked for"),
        ("over", "closed: it is 0.034, and < 0.01 is asked for"),
        ("all", "holds: all of 2 series are < 4"),
        ("some", "closed: {pod=\"web\"} is 3, and < 1 is asked for (1 of 2 series are not so)"),
        ("nothing", "closed: its query finds nothing, and no data is not good data"),
        ("nan", "closed: it is not a number: nothing was counted, and != 7 is asked for"),
        ("infinite", "closed: it is inf, and < 1 is asked for"),
        ("text", "closed: its query brings neither a number nor series of one"),
    ] {
        assert_eq!(stand(&flight, name), told, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partial_answer_and_an_error_close_the_gate() {
    let answer = |body: &'static str| any(async move || ([(CONTENT_TYPE, "application/json")], body));
    let partial = r#"{"status":"success","warnings":["store 10.0.0.7 did not answer"],"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"0"]}]}}"#;
    let refused = r#"{"status":"error","errorType":"execution","error":"too many samples \u001b[2J"}"#;
    for (body, told) in [(partial, "its answer may not be whole (warning: store 10.0.0.7 did not answer)"), (refused, "too many samples")] {
        let app = Router::new().fallback(answer(body));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let (_at, _served, mut flight) = paused(&[("errors", query("vector(0)", "< 1"))], Some(url)).await;
        planned(&mut flight).await;
        let stand = stand(&flight, "errors");
        assert!(stand.starts_with("closed: ") && stand.contains(told), "{stand}");
        assert!(!stand.contains('\u{1b}'), "{stand:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_metrics_server_a_query_is_a_closed_gate() {
    let checks = [("errors", query("vector(0)", "< 1"))];
    let (_at, mut flight) = crate::paused(Begin { config: config(&checks), ..Begin::default() }).await;
    planned(&mut flight).await;
    assert_eq!(stand(&flight, "errors"), "closed: no Prometheus is asked in this session");
}
