//! A server that misbehaves in every way a person meets, each met with its own word.

mod login;
mod server;
mod tls;

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::*;
use crate::metrics::reply::Data;
use server::{Answer, Server};

const ONE: &str =
    r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"code":"200","pod":"a"},"value":[1700000000.5,"42"]}]}}"#;

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_500).unwrap()
}

async fn asked(answer: Answer) -> Result<Reply, Failure> {
    let server = Server::new(answer).await;
    Client::new(&Settings::new(&server.url).unwrap()).unwrap().instant("up", at()).await
}

async fn failed(answer: Answer) -> Failure {
    match asked(answer).await {
        Ok(reply) => panic!("answered {reply:?}"),
        Err(failure) => failure,
    }
}

#[tokio::test]
async fn an_answer_comes_with_its_labels_time_and_size() {
    let server = Server::new(Answer::json(200, ONE)).await;
    let client = Client::new(&Settings::new(&format!("{}/prometheus/", server.url)).unwrap()).unwrap();
    let reply = client.instant("sum by (code) (up)", at()).await.unwrap();
    let sample = &reply.data.samples()[0];
    assert_eq!((sample.labels.get("code"), sample.labels.get("pod"), sample.labels.get("none")), ("200", "a", ""));
    assert_eq!((sample.point.at, sample.point.value), (at(), 42.0));
    assert_eq!((reply.bytes, reply.doubt()), (ONE.len(), None));
    let seen = server.seen();
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("GET", "/prometheus/api/v1/query"));
    assert!(seen.query.contains("query=sum+by+%28code%29+%28up%29") && seen.query.contains("time=1700000000.500"), "{}", seen.query);
    assert!(seen.query.contains("timeout=10000ms"), "{}", seen.query);
    assert_eq!(seen.headers["user-agent"], USER_AGENT);
}

#[tokio::test]
async fn a_long_query_goes_as_a_form() {
    let server = Server::new(Answer::json(200, ONE)).await;
    let client = Client::new(&Settings::new(&server.url).unwrap()).unwrap();
    client.instant(&format!("up{{pod=~\"{}\"}}", "x".repeat(LONG_QUERY)), at()).await.unwrap();
    let seen = server.seen();
    assert_eq!((seen.method.as_str(), seen.headers["content-type"].to_str().unwrap()), ("POST", "application/x-www-form-urlencoded"));
    assert!(seen.body.contains("query=up%7Bpod") && seen.body.contains("time=1700000000.500"), "{}", &seen.body[..80]);
    assert!(seen.query.is_empty());
}

#[tokio::test]
async fn every_kind_of_data_is_read() {
    let special = r#"{"status":"success","data":{"resultType":"vector","stats":{},"result":[
        {"metric":{"v":"a"},"value":[1,"NaN"]},{"metric":{"v":"b"},"value":[1,"+Inf"]},{"metric":{"v":"c"},"value":[1,"-Inf"]},
        {"metric":{"v":"d"},"histogram":[1,{"count":"3","sum":"2","buckets":[[0,"1","2","3"]]}]},
        {"metric":{"v":"e"},"value":[1,"1"]},{"metric":{"v":"e"},"value":[1,"2"]}]}}"#;
    let reply = asked(Answer::json(200, special)).await.unwrap();
    let values: Vec<f64> = reply.data.samples().iter().map(|sample| sample.point.value).collect();
    assert!(values[0].is_nan() && values[1..] == [f64::INFINITY, f64::NEG_INFINITY], "{values:?}");
    assert_eq!((reply.natives, reply.twins), (1, 1));
    assert!(reply.doubt().unwrap().as_str().contains("came twice"));
    let scalar =
        asked(Answer::json(200, r#"{"status":"success","data":{"resultType":"scalar","result":[1700000000.5,"7"]}}"#)).await.unwrap();
    assert!(matches!(scalar.data, Data::Scalar(point) if point.value == 7.0));
    let text =
        asked(Answer::json(200, r#"{"status":"success","data":{"resultType":"string","result":[1,"hi\u001b[31m"]}}"#)).await.unwrap();
    assert_eq!(text.data, Data::Text(Clean::from("hi\u{fffd}[31m")));
    let empty = asked(Answer::json(200, r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#)).await.unwrap();
    assert!(empty.data.is_empty());
}

#[tokio::test]
async fn a_range_is_read_and_asked_for_in_whole_seconds() {
    let matrix = r#"{"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"v":"a"},"values":[[10,"1"],[20,"NaN"]]},{"metric":{"v":"n"},"histograms":[[10,{"count":"1","sum":"1"}]]}]}}"#;
    let server = Server::new(Answer::json(200, matrix)).await;
    let client = Client::new(&Settings::new(&server.url).unwrap()).unwrap();
    let reply = client.range("up", at(), at() + chrono::TimeDelta::minutes(5), Duration::from_secs(15)).await.unwrap();
    assert_eq!((reply.data.series().len(), reply.data.series()[0].points.len(), reply.natives), (1, 2, 1));
    let seen = server.seen();
    assert_eq!(seen.path, "/api/v1/query_range");
    assert!(seen.query.contains("start=1700000000&end=1700000300&step=15"), "{}", seen.query);
}

#[tokio::test]
async fn warnings_hints_and_partial_answers_survive() {
    let body = r#"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]},"infos":["PromQL info: not a counter"],
        "warnings":["store gone: 10.0.0.1","PromQL info: metric might not be a counter"]}"#;
    let reply = asked(Answer::json(200, body)).await.unwrap();
    assert!(reply.partial);
    assert_eq!((reply.warnings.as_slice(), reply.infos.len()), ([Clean::from("store gone: 10.0.0.1")].as_slice(), 2));
    let doubt = reply.doubt().unwrap();
    assert!(doubt.as_str().contains("partial") && doubt.as_str().contains("store gone"), "{doubt}");
}

#[tokio::test]
async fn refusals_carry_prometheus_own_words() {
    let error = |kind: &str| format!(r#"{{"status":"error","errorType":"{kind}","error":"parse error at char 3"}}"#);
    let words = Clean::from("parse error at char 3");
    assert_eq!(failed(Answer::json(400, error("bad_data"))).await, Failure::BadQuery(words.clone()));
    assert_eq!(failed(Answer::json(422, error("execution"))).await, Failure::Execution(words.clone()));
    assert_eq!(failed(Answer::json(503, error("timeout"))).await, Failure::Timeout(words.clone()));
    assert_eq!(failed(Answer::json(503, error("unavailable"))).await, Failure::Unavailable { retry_after: None, words: words.clone() });
    assert_eq!(failed(Answer::json(500, error("internal"))).await, Failure::Server { status: 500, words: words.clone() });
    assert_eq!(failed(Answer::json(404, error("not_found"))).await, Failure::Gone(words.clone()));
    assert_eq!(failed(Answer::json(200, error("execution"))).await, Failure::Execution(words));
    let slowly = failed(Answer::json(429, error("bad_data")).header("retry-after", "17")).await;
    assert_eq!((slowly.retry_after(), slowly.is_overload(), slowly.word()), (Some(Duration::from_secs(17)), true, "rate limited"));
}

#[tokio::test]
async fn what_is_not_prometheus_is_said_as_that() {
    let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    let beginning = Clean::from("502 Bad Gateway nginx");
    assert_eq!(failed(Answer::html(502, page)).await, Failure::NotPrometheus { status: 502, beginning: beginning.clone() });
    assert_eq!(failed(Answer::html(200, page)).await, Failure::NotPrometheus { status: 200, beginning });
    assert_eq!(failed(Answer::text(200, "")).await, Failure::NotPrometheus { status: 200, beginning: Clean::from("") });
    assert_eq!(failed(Answer::text(404, "404 page not found\n")).await, Failure::Gone(Clean::from("404 page not found")));
    assert_eq!(failed(Answer::text(500, "boom")).await, Failure::Server { status: 500, words: Clean::from("boom") });
    assert!(matches!(failed(Answer::html(503, page)).await, Failure::Unavailable { .. }));
}

#[tokio::test]
async fn a_wrong_content_type_is_forgiven_and_wrong_json_is_not() {
    assert!(asked(Answer::text(200, ONE)).await.is_ok());
    let broken = failed(Answer::json(200, &ONE[..60])).await;
    assert_eq!(broken, Failure::Broken(Clean::from("its JSON breaks off after 60 bytes")));
    for body in [r#"{"kind":"Status"}"#, r#"{"status":"success"}"#, r#"{"status":"success","data":{"resultType":"tensor","result":[]}}"#] {
        assert_eq!(failed(Answer::json(200, body)).await.word(), "broken answer", "{body}");
    }
    let odd = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"many"]}]}}"#;
    assert_eq!(failed(Answer::json(200, odd)).await.word(), "broken answer");
}

#[tokio::test]
async fn a_huge_body_is_not_read() {
    assert_eq!(failed(Answer::Endless).await, Failure::TooLarge(LARGEST_BODY));
    let announced = Answer::text(200, "x".repeat(LARGEST_BODY + 1));
    assert_eq!(failed(announced).await, Failure::TooLarge(LARGEST_BODY));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_broken() {
    assert!(matches!(failed(Answer::CutShort(ONE)).await, Failure::Broken(_)));
}

#[tokio::test]
async fn a_slow_server_and_a_slow_body_time_out() {
    for answer in [Answer::Silent, Answer::Trickle] {
        let server = Server::new(answer).await;
        let settings = Settings { timeout: Duration::from_millis(150), ..Settings::new(&server.url).unwrap() };
        let failure = Client::new(&settings).unwrap().instant("up", at()).await.unwrap_err();
        assert_eq!(failure, Failure::Timeout(Clean::from("no whole answer within 0.15 s")));
    }
}

#[tokio::test]
async fn a_closed_port_says_the_reason_and_no_query() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure = Client::new(&Settings::new(&url).unwrap()).unwrap().instant("secret_metric", at()).await.unwrap_err();
    assert_eq!(failure.word(), "not reached");
    assert!(failure.to_string().contains("refused") && !failure.to_string().contains("secret_metric"), "{failure}");
}

#[tokio::test]
async fn the_server_says_who_it_is_and_what_it_has() {
    let build = Server::new(Answer::json(200, r#"{"status":"success","data":{"version":"2.24.0"}}"#)).await;
    let client = Client::new(&Settings::new(&build.url).unwrap()).unwrap();
    assert_eq!(client.buildinfo().await.unwrap(), BuildInfo { version: Clean::from("2.24.0"), ..BuildInfo::default() });
    let names = Server::new(Answer::json(200, r#"{"status":"success","data":["code","pod"]}"#)).await;
    let client = Client::new(&Settings::new(&names.url).unwrap()).unwrap();
    assert_eq!(client.label_names("up", at(), at()).await.unwrap(), [Clean::from("code"), Clean::from("pod")]);
    assert!(names.seen().query.starts_with("match%5B%5D=up&start="), "{}", names.seen().query);
    let series = Server::new(Answer::json(200, r#"{"status":"success","data":[{"__name__":"up","job":"j"}]}"#)).await;
    let client = Client::new(&Settings::new(&series.url).unwrap()).unwrap();
    assert_eq!(client.series("up", at(), at()).await.unwrap()[0].get("job"), "j");
}

#[test]
fn moments_before_the_epoch_keep_their_milliseconds() {
    assert_eq!(seconds(DateTime::from_timestamp_millis(1_500).unwrap()), "1.500");
    assert_eq!(seconds(DateTime::from_timestamp_millis(-500).unwrap()), "-0.500");
}
