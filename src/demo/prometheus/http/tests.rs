//! The API over a real socket, as any client would speak to it.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::super::tsdb::{Labels, Store};
use super::*;

struct Fixed(Mutex<Store>);

impl Source for Fixed {
    fn with(&self, look: &mut dyn FnMut(&Store, i64)) {
        look(&self.0.lock().unwrap(), 60_500);
    }
}

/// Status and body of each request, in order.
async fn speak(requests: &[(&str, &str, &str)]) -> Vec<(u16, String)> {
    let mut store = Store::new();
    for (pod, value) in [("a", 0.5), ("b", f64::NAN)] {
        let id = store.series(Labels::of(&[("__name__", "load"), ("pod", pod)]));
        store.append(id, 60_000, value);
    }
    let old = store.series(Labels::of(&[("__name__", "old"), ("code", "500")]));
    store.append(old, 1_000, 1.0);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async { axum::serve(listener, router(Arc::new(Fixed(Mutex::new(store))))).await });
    let mut replies = Vec::new();
    for (method, path, body) in requests {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        replies.push((head[9..12].parse().unwrap(), body.to_string()));
    }
    server.abort();
    replies
}

#[tokio::test]
async fn queries_come_back_in_prometheus_envelope() {
    let replies = speak(&[
        ("GET", "/api/v1/query?query=load", ""),
        ("POST", "/api/v1/query", "query=sum(load%7Bpod%3D%22a%22%7D)&time=1970-01-01T00:01:30Z"),
        ("GET", "/api/v1/query_range?query=load%7Bpod=%22a%22%7D&start=60&end=90.5&step=30s", ""),
        ("GET", "/api/v1/query?query=1/0", ""),
        ("GET", "/api/v1/query?query=%22x%22&time=1", ""),
        ("GET", "/api/v1/query?query=load&limit=1", ""),
    ])
    .await;
    let vector = r#"{"status":"success","data":{"resultType":"vector","result":["#;
    let first = r#"{"metric":{"__name__":"load","pod":"a"},"value":[60.500,"0.5"]}"#;
    let second = r#"{"metric":{"__name__":"load","pod":"b"},"value":[60.500,"NaN"]}"#;
    assert_eq!(replies[0], (200, format!("{vector}{first},{second}]}}}}")));
    assert_eq!(replies[1], (200, format!("{vector}{{\"metric\":{{}},\"value\":[90,\"0.5\"]}}]}}}}")));
    let matrix = r#"{"resultType":"matrix","result":[{"metric":{"__name__":"load","pod":"a"},"values":[[60,"0.5"],[90,"0.5"]]}]}"#;
    assert_eq!(replies[2], (200, format!(r#"{{"status":"success","data":{matrix}}}"#)));
    assert_eq!(replies[3].1, r#"{"status":"success","data":{"resultType":"scalar","result":[60.500,"+Inf"]}}"#);
    assert_eq!(replies[4].1, r#"{"status":"success","data":{"resultType":"string","result":[1,"x"]}}"#);
    assert_eq!(replies[5].1, format!(r#"{vector}{first}]}},"warnings":["results truncated due to limit"]}}"#));
}

#[tokio::test]
async fn mistakes_come_back_as_errors() {
    let replies = speak(&[
        ("GET", "/api/v1/query?query=sum(", ""),
        ("GET", "/api/v1/query?query=load*on()load", ""),
        ("GET", "/api/v1/query_range?query=load&start=0&end=11001&step=1", ""),
        ("GET", "/api/v1/query_range?query=load&start=9&end=1&step=1", ""),
        ("GET", "/api/v1/query_range?query=load%5B1m%5D&start=0&end=1&step=1", ""),
        ("GET", "/api/v1/query?query=load&timeout=0", ""),
        ("GET", "/api/v1/series", ""),
        ("GET", "/api/v1/nothing", ""),
    ])
    .await;
    assert_eq!(replies.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [400, 422, 400, 400, 400, 503, 400, 404]);
    assert!(replies[0].1.starts_with(r#"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": parse error: "#));
    assert!(replies[1].1.contains(r#""errorType":"execution","error":"found duplicate series for the match group {}"#), "{}", replies[1].1);
    assert!(replies[2].1.contains("exceeded maximum resolution of 11,000 points per timeseries"));
    assert!(replies[5].1.contains(r#""errorType":"timeout""#));
}

#[tokio::test]
async fn what_there_is_can_be_listed() {
    let replies = speak(&[
        ("GET", "/api/v1/labels", ""),
        ("POST", "/api/v1/labels", "match[]=load"),
        ("GET", "/api/v1/label/pod/values", ""),
        ("GET", "/api/v1/label/__name__/values?start=30", ""),
        ("GET", "/api/v1/series?match%5B%5D=%7Bpod=~%22a%7Cx%22%7D&match%5B%5D=old", ""),
        ("GET", "/api/v1/label/a-b/values", ""),
        ("GET", "/-/ready", ""),
        ("GET", "/api/v1/rules", ""),
    ])
    .await;
    let data = |i: usize| replies[i].1.trim_start_matches(r#"{"status":"success","data":"#).trim_end_matches('}').to_string();
    assert_eq!(data(0), r#"["__name__","code","pod"]"#);
    assert_eq!(data(1), r#"["__name__","pod"]"#);
    assert_eq!(data(2), r#"["a","b"]"#);
    assert_eq!(data(3), r#"["load"]"#);
    assert_eq!(data(4), r#"[{"__name__":"load","pod":"a"},{"__name__":"old","code":"500"}]"#);
    assert_eq!(replies[5].0, 400);
    assert_eq!(replies[6].0, 200);
    assert_eq!(replies[7].1, r#"{"status":"success","data":{"groups":[]}}"#);
}
