//! Thanos, Mimir and VictoriaMetrics, each by a small server that behaves as it does where that differs from Prometheus.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::metrics::backend::Backend;
use flightdeck::metrics::failure::Failure;
use flightdeck::metrics::poller::Answers;
use flightdeck::metrics::questions::{About, Form, Question, QuestionId};
use flightdeck::metrics::settings::{Secret, Settings};
use flightdeck::text::Clean;

use crate::script::{EMPTY, ONE, Script, Server, service, success};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn near() -> Vec<Clean> {
    vec![Clean::from("web")]
}

/// A querier over two replicas, one store of which is down.
async fn thanos() -> Server {
    Server::new(|asked| match asked.path.as_str() {
        "/api/v1/status/buildinfo" => success(r#"{"version":"0.39.2","revision":"abc","goVersion":"go1.24"}"#),
        "/api/v1/query" if asked.param("partial_response") == "false" => {
            (422, r#"{"status":"error","errorType":"execution","error":"expanding series: no store matched"}"#.to_owned())
        }
        "/api/v1/query" if asked.param("query") == "vector(1)" || asked.param("query").starts_with("count(group") => success(ONE),
        "/api/v1/query" if asked.param("dedup") != "true" => success(
            r#"{"resultType":"vector","result":[{"metric":{"pod":"a","replica":"0"},"value":[1,"3"]},{"metric":{"pod":"a","replica":"1"},"value":[1,"3"]}]}"#,
        ),
        "/api/v1/query" => (200, format!(r#"{{"status":"success","data":{ONE},"warnings":["no StoreAPIs matched for this query"]}}"#)),
        _ => (404, "404 page not found".to_owned()),
    })
    .await
}

#[tokio::test]
async fn thanos_is_asked_for_one_of_its_replicas_and_says_when_a_store_is_missing() {
    let server = thanos().await;
    let labels = [("app.kubernetes.io/name", "thanos-query")];
    let client =
        Script::of(vec![(service("thanos", "thanos-query", &labels, ("http", 10902)), &server)]).finder().client(&near(), now()).await;
    let client = client.unwrap();
    assert_eq!(client.backend(), Backend::Thanos);
    assert_eq!(client.address().as_str(), "thanos/thanos-query:10902 through the API server (Thanos)");
    let shown = client.instant("sum(up)", now()).await.unwrap();
    assert_eq!(shown.data.samples().len(), 1);
    assert!(shown.is_partial() && shown.doubt().unwrap().as_str().contains("no StoreAPIs matched"));
    assert_eq!((server.last().param("dedup"), server.last().param("max_source_resolution")), ("true", "0s"));
    // What decides something takes no half answer.
    let refused = client.whole().instant("sum(up)", now()).await.unwrap_err();
    assert_eq!((server.last().param("partial_response"), refused.word()), ("false", "query failed"));
}

/// A gateway that keeps tenants apart, below `/prometheus`.
async fn mimir() -> Server {
    Server::new(|asked| match (asked.headers.get("x-scope-orgid").map(String::as_str), asked.path.as_str()) {
        (_, path) if !path.starts_with("/prometheus/") => (404, "404 page not found".to_owned()),
        (Some("shop"), "/prometheus/api/v1/status/buildinfo") => {
            success(r#"{"application":"Grafana Mimir","version":"2.17.1","revision":"","features":{}}"#)
        }
        (Some("shop"), "/prometheus/api/v1/query") if asked.param("query").len() > 3000 => (
            422,
            r#"{"status":"error","errorType":"bad_data","error":"the query is too long (err-mimir-max-query-expression-size-bytes)"}"#
                .to_owned(),
        ),
        (Some("shop"), "/prometheus/api/v1/query") => success(ONE),
        (Some(_), _) => success(EMPTY),
        (None, _) => (401, "no org id\n".to_owned()),
    })
    .await
}

#[tokio::test]
async fn mimir_is_asked_below_its_prefix_as_the_tenant_of_the_configuration() {
    let server = mimir().await;
    let labels = [("app.kubernetes.io/name", "mimir"), ("app.kubernetes.io/component", "gateway")];
    let script = Script::of(vec![(service("mimir", "mimir-gateway", &labels, ("http-metric", 80)), &server)]);
    let tenant = Settings { headers: vec![("X-Scope-OrgID".to_owned(), Secret::new("shop"))], ..Settings::routed().unwrap() };
    let client = script.finder_with(tenant).client(&near(), now()).await.unwrap();
    assert_eq!(client.backend(), Backend::Mimir);
    assert_eq!(client.address().as_str(), "mimir/mimir-gateway:80/prometheus through the API server (Mimir)");
    let limit = client.instant(&format!("sum(up{{pod=~\"{}\"}})", "x".repeat(4000)), now()).await.unwrap_err();
    assert!(limit.to_string().contains("err-mimir-max-query-expression-size-bytes"), "{limit}");
    // Without the tenant it can't be known whose figures they would be.
    let Err(Failure::Unfound(sentence)) = script.finder().client(&near(), now()).await else { panic!("found") };
    assert!(sentence.as_str().contains("X-Scope-OrgID"), "{sentence}");
}

/// A `vmselect` one of whose storage nodes is down.
async fn victoria() -> Server {
    Server::new(|asked| match asked.path.as_str() {
        "/select/0/prometheus/api/v1/status/buildinfo" => success(r#"{"version":"2.24.0"}"#),
        "/select/0/prometheus/api/v1/query" if asked.param("deny_partial_response") == "1" => (
            503,
            r#"{"status":"error","errorType":"503","error":"cannot fetch data from vmstorage nodes: some of them are unavailable"}"#
                .to_owned(),
        ),
        "/select/0/prometheus/api/v1/query" => (200, format!(r#"{{"status":"success","isPartial":true,"data":{ONE}}}"#)),
        path => (400, format!("unsupported path requested: {path:?}")),
    })
    .await
}

#[tokio::test]
async fn victoriametrics_is_asked_for_what_it_shows_already() {
    let server = victoria().await;
    let labels = [("app.kubernetes.io/name", "vmselect")];
    let client = Script::of(vec![(service("vm", "vmselect-main", &labels, ("http", 8481)), &server)]).finder().client(&near(), now()).await;
    let client = client.unwrap();
    assert_eq!(client.backend(), Backend::VictoriaMetrics);
    assert_eq!(
        client.address().as_str(),
        "vm/vmselect-main:8481/select/0/prometheus through the API server (VictoriaMetrics: figures are 30 s behind)"
    );
    // Asked for now, it would stamp figures of half a minute ago as new.
    let question = Question {
        id: QuestionId::Families(near()),
        expr: "sum(up)".to_owned(),
        form: Form::Instant,
        every: None,
        priority: 0,
        about: About::Namespaces(near()),
    };
    let (at, reply) = Answers::answer(&client, Arc::new(question), now()).await;
    assert_eq!(at, now() - TimeDelta::seconds(30));
    assert_eq!(server.last().param("time"), "1699999970.000");
    assert!(reply.unwrap().is_partial());
    let refused = client.whole().instant("sum(up)", now()).await.unwrap_err();
    assert_eq!((server.last().param("deny_partial_response"), refused.word()), ("1", "unavailable"));
}
