//! The whole way, over HTTP, in real time.

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::{get, post};
use std::collections::HashMap;

use super::*;
use crate::metrics::client::Client;
use crate::metrics::settings::Settings;

struct Real;

impl Clock for Real {
    fn now(&self) -> Time {
        chrono::Utc::now()
    }
}

type Seen = Arc<std::sync::Mutex<Vec<HashMap<String, String>>>>;

fn answer(query: &str) -> &'static str {
    if query.contains("found_by") {
        return r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"http_requests_total","found_by":"namespace","namespace":"shop"},"value":[1700000000,"3"]}]}}"#;
    }
    if query.contains("candidate") {
        return r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"candidate":"0"},"value":[1700000000,"3"]}]}}"#;
    }
    if query.starts_with("sum by (pod, code)") {
        return r#"{"status":"success","warnings":["store s1 did not answer"],"data":{"resultType":"vector","result":[{"metric":{"pod":"web-aaa-11111","code":"500"},"value":[1700000000,"3"]}]}}"#;
    }
    r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#
}

async fn server(seen: Seen) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = |State(seen): State<Seen>, Query(mut of_url): Query<HashMap<String, String>>, body: String| async move {
        let form: HashMap<String, String> = body
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.replace('+', " ").replace("%28", "(").replace("%2C", ",").replace("%29", ")")))
            .collect();
        of_url.extend(form);
        let text = answer(of_url.get("query").map_or("", String::as_str));
        seen.lock().unwrap().push(of_url);
        ([("content-type", "application/json")], text)
    };
    let range = || async {
        let text = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
        ([("content-type", "application/json")], text)
    };
    let app = Router::new()
        .route("/api/v1/query", get(asked).post(asked))
        .route("/api/v1/query_range", get(range))
        .route("/api/v1/query_range", post(range))
        .with_state(seen);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test]
async fn over_http_a_release_is_measured_from_the_first_probe_to_its_counters() {
    let seen = Seen::default();
    let client = Client::new(&Settings::new(&server(seen.clone()).await).unwrap()).unwrap();
    let (mut poller, mut events) = Poller::start(client, Arc::new(Real));
    poller.set_interest(open("web"));
    let mut families = None;
    let counters = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            match events.recv().await.unwrap() {
                MetricsEvent::Families { found, .. } => families = Some(found),
                MetricsEvent::Found(release, asked, Found::Counters(readings)) => return (release, asked, readings),
                _ => {}
            }
        }
    })
    .await
    .unwrap();
    let (release, asked, readings) = counters;
    assert_eq!((release.name.as_str(), families.unwrap()[0].as_str()), ("web", "application metrics"));
    assert_eq!((readings[0].version.as_str(), readings[0].bad, readings[0].value), ("aaa", true, 3.0));
    assert!(asked.partial && asked.doubt.unwrap().contains("did not answer") && asked.bytes > 100);
    assert_eq!(asked.at.timestamp() % 5, 0);
    let moments = seen.lock().unwrap();
    assert!(moments.iter().all(|question| question.get("time").is_some_and(|time| time.ends_with("0.000") || time.ends_with("5.000"))));
}
