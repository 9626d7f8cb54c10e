//! The served Prometheus over real sockets, on a clock that is moved by hand.

use chrono::TimeDelta;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::tsdb::Labels;
use super::*;
use crate::demo::clock::{ClockMode, origin};
use crate::demo::cluster::Options;
use crate::demo::faults::Fault;
use crate::demo::scenario::Scenario;
use crate::demo::sim::Sim;

/// A standing cluster with one sample a minute old, and faults.
fn cluster(faults: Vec<(i64, PrometheusFault)>) -> Arc<Cluster> {
    let mut sim = Sim::new(1, origin(), Vec::new());
    let at = origin().timestamp_millis() - 60_000;
    assert!(sim.series.put(Labels::of(&[("__name__", "load"), ("pod", "a")]), at, 0.5));
    let fault = |(at, kind)| Fault { at: TimeDelta::seconds(at), lasts: TimeDelta::seconds(10), kind };
    let prometheus_faults = faults.into_iter().map(fault).collect();
    Cluster::new(sim, ClockMode::Manual, Options { prometheus_faults, ..Options::default() })
}

fn address(served: &Served) -> &str {
    served.url.strip_prefix("http://").unwrap()
}

/// The whole reply to a raw request; nothing where the connection was cut.
async fn say(stream: &mut TcpStream, head: &str) -> String {
    let mut reply = Vec::new();
    if stream.write_all(format!("{head}\r\n\r\n").as_bytes()).await.is_ok() {
        let _ = stream.read_to_end(&mut reply).await;
    }
    String::from_utf8(reply).unwrap()
}

async fn ask(served: &Served, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address(served)).await.unwrap();
    say(&mut stream, &format!("GET {path} HTTP/1.1\r\nConnection: close{headers}")).await
}

/// Status, head and body of a query as the cockpit would send it.
async fn query(served: &Served) -> (u16, String, String) {
    let token = served.token.as_deref().unwrap_or_default();
    let reply = ask(served, "/api/v1/query?query=load", &format!("\r\nHost: {}\r\nAuthorization: Bearer {token}", address(served))).await;
    let (head, body) = reply.split_once("\r\n\r\n").unwrap_or_default();
    (head.get(9..12).and_then(|code| code.parse().ok()).unwrap_or_default(), head.to_ascii_lowercase(), body.to_owned())
}

const VECTOR: &str =
    r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"load","pod":"a"},"value":[TIME,"0.5"]}]}"#;

fn vector(seconds: i64) -> String {
    VECTOR.replace("TIME", &(origin().timestamp() + seconds).to_string())
}

#[tokio::test]
async fn now_is_the_clusters_now() {
    let cluster = cluster(Vec::new());
    let served = serve(cluster.clone(), 0, None).await.unwrap();
    let (status, head, body) = query(&served).await;
    assert_eq!((status, body), (200, vector(0) + "}"));
    assert!(head.contains("date: sat, 21 nov 2026 02:43:00 gmt"), "{head}");
    cluster.advance_to(origin() + TimeDelta::seconds(7));
    assert_eq!(query(&served).await.2, vector(7) + "}");
    cluster.write(|sim| sim.series.target_gone(&[("pod", "a")], origin().timestamp_millis()));
    assert!(query(&served).await.2.contains(r#""result":[]"#), "it is seen at once");
}

#[tokio::test]
async fn nobody_asks_without_the_token() {
    let served = serve(cluster(Vec::new()), 0, Some("right".into())).await.unwrap();
    assert_eq!(query(&served).await.0, 200);
    for headers in ["", "\r\nAuthorization: Bearer wrong", "\r\nAuthorization: Basic right", "\r\nAuthorization: Bearer"] {
        for path in ["/api/v1/query?query=load", "/-/healthy", "/nothing"] {
            let reply = ask(&served, path, &format!("\r\nHost: localhost{headers}")).await;
            assert!(reply.starts_with("HTTP/1.1 401 "), "{path} {headers}: {reply}");
        }
    }
}

#[tokio::test]
async fn a_name_that_is_not_this_machines_is_refused() {
    let served = serve(cluster(Vec::new()), 0, None).await.unwrap();
    for (host, code) in [("localhost:9090", "200"), ("[::1]", "200"), ("evil.example", "403"), ("127.0.0.1.evil.example:9090", "403")] {
        let reply = ask(&served, "/api/v1/labels", &format!("\r\nHost: {host}")).await;
        assert_eq!(reply.get(9..12), Some(code), "{host}: {reply}");
    }
}

#[tokio::test]
async fn it_writes_nothing() {
    let served = serve(cluster(Vec::new()), 0, None).await.unwrap();
    for request in [
        "POST /api/v1/write",
        "POST /api/v1/admin/tsdb/delete_series?match[]=load",
        "PUT /api/v1/query",
        "DELETE /api/v1/series",
        "POST /-/quit",
    ] {
        let mut stream = TcpStream::connect(address(&served)).await.unwrap();
        let reply = say(&mut stream, &format!("{request} HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\nContent-Length: 0")).await;
        assert!(["404", "405"].contains(&&reply[9..12]), "{request}: {reply}");
    }
    assert_eq!(query(&served).await.0, 200);
}

#[tokio::test]
async fn dropping_it_closes_the_port_and_a_taken_port_is_named_so() {
    let served = serve(cluster(Vec::new()), 0, None).await.unwrap();
    let (taken, mut open) = (address(&served).to_owned(), TcpStream::connect(address(&served)).await.unwrap());
    let port = taken.rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(serve(cluster(Vec::new()), port, None).await.err().map(|e| e.kind()), Some(io::ErrorKind::AddrInUse));
    drop(served);
    assert_eq!(say(&mut open, "GET / HTTP/1.1\r\nHost: localhost").await, "");
    for _ in 0..100 {
        if TcpStream::connect(&taken).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the port is still open");
}

#[tokio::test]
async fn each_fault_looks_as_it_would() {
    use PrometheusFault::*;
    let cluster = cluster(vec![(10, Partial), (20, Error), (30, BadGateway), (40, Garbage)]);
    let served = serve(cluster.clone(), 0, None).await.unwrap();
    let mut seen = Vec::new();
    for second in [9, 10, 20, 30, 40, 50] {
        cluster.advance_to(origin() + TimeDelta::seconds(second));
        seen.push(query(&served).await);
    }
    let codes: Vec<u16> = seen.iter().map(|(code, ..)| *code).collect();
    assert_eq!(codes, [200, 200, 500, 502, 200, 200]);
    assert_eq!((seen[0].2.as_str(), seen[5].2.as_str()), ((vector(9) + "}").as_str(), (vector(50) + "}").as_str()));
    let json = |n: usize| serde_json::from_str::<Value>(&seen[n].2);
    let partial = json(1).unwrap();
    assert_eq!((&partial["status"], partial["warnings"].as_array().map(Vec::len)), (&Value::from("success"), Some(1)));
    assert_eq!(partial["data"]["result"][0]["value"][1], "0.5");
    assert_eq!((&json(2).unwrap()["status"], &json(2).unwrap()["errorType"]), (&Value::from("error"), &Value::from("internal")));
    for n in [3, 4] {
        assert!(json(n).is_err() && seen[n].1.contains("content-type: text/html"), "{:?}", seen[n]);
    }
}

#[tokio::test(start_paused = true)]
async fn slow_is_late_by_what_is_written() {
    let delay = std::time::Duration::from_secs(3);
    let cluster = cluster(vec![(0, PrometheusFault::Slow { delay })]);
    assert!(cluster.is_prometheus_withholding());
    let served = serve(cluster.clone(), 0, None).await.unwrap();
    let asked = tokio::time::Instant::now();
    assert_eq!(query(&served).await.0, 200);
    assert!(asked.elapsed() >= delay, "{:?}", asked.elapsed());
    cluster.advance_to(origin() + TimeDelta::seconds(10));
    let asked = tokio::time::Instant::now();
    assert_eq!(query(&served).await.0, 200);
    assert!(asked.elapsed() < delay && !cluster.is_prometheus_withholding() && !cluster.is_withholding());
}

#[tokio::test]
async fn gone_cuts_what_is_open_and_closes_what_comes() {
    let cluster = cluster(vec![(10, PrometheusFault::Gone)]);
    let served = serve(cluster.clone(), 0, None).await.unwrap();
    let mut open = TcpStream::connect(address(&served)).await.unwrap();
    open.write_all(b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    open.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    assert_eq!(cluster.next_due(), Some(origin() + TimeDelta::seconds(10)), "its edges are moments of the cluster");
    cluster.advance_to(origin() + TimeDelta::seconds(10));
    // What is left of the first answer may still come; the end does for certain.
    let rest = say(&mut open, "GET /-/ready HTTP/1.1\r\nHost: localhost").await;
    assert!(!rest.contains("HTTP/1.1"), "{rest}");
    assert_eq!(query(&served).await.0, 0);
    cluster.advance_to(origin() + TimeDelta::seconds(20));
    assert_eq!(query(&served).await.0, 200);
}

#[test]
fn scenario_files_name_them() {
    let with = |fault: &str| {
        let shared = "format = 1\ndescription = \"d\"\nrelease = \"rollout/payments/checkout\"\nworld = \"canary\"\n";
        Scenario::parse("mine", &format!("{shared}\n[[prometheus-fault]]\n{fault}\n"))
    };
    let read = with("at = \"20s\"\nfor = \"10s\"\nkind = \"slow\"\ndelay = \"4s\"").unwrap();
    let kind = PrometheusFault::Slow { delay: std::time::Duration::from_secs(4) };
    assert_eq!(read.prometheus_faults, [Fault { at: TimeDelta::seconds(20), lasts: TimeDelta::seconds(10), kind }]);
    assert_eq!(read.options(origin()).prometheus_faults, read.prometheus_faults);
    for word in <PrometheusFault as crate::demo::faults::Kind>::WORDS.split(", ") {
        assert!(with(&format!("at = \"1s\"\nfor = \"1s\"\nkind = \"{word}\"")).is_ok(), "{word}");
    }
    let wrong = |fault: &str| with(fault).unwrap_err();
    assert!(wrong("at = \"1s\"\nfor = \"1s\"\nkind = \"hang\"").contains("the kinds are slow, partial"));
    assert!(wrong("at = \"1s\"\nkind = \"gone\"").contains("needs `for`"));
    assert!(wrong("at = \"1s\"\nfor = \"1s\"\nkind = \"error\"\ndelay = \"1s\"").contains("only"));
}

#[tokio::test]
async fn the_pods_page_is_theirs_alone() {
    let scenario = Scenario::named("blue-green").unwrap();
    let sim = scenario.build(1, origin()).unwrap();
    let fault = Fault { at: TimeDelta::zero(), lasts: TimeDelta::minutes(1), kind: PrometheusFault::Error };
    let options = Options { prometheus_faults: vec![fault], argo_crds: false, ..Options::default() };
    let cluster = Cluster::new(sim, ClockMode::Manual, options);
    let served = serve(cluster.clone(), 0, Some("right".into())).await.unwrap();
    assert_eq!(query(&served).await.0, 500, "Prometheus fails");
    let refused = ask(&served, "/metrics", "\r\nHost: localhost").await;
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
    let reply = ask(&served, "/metrics", "\r\nHost: localhost\r\nAuthorization: Bearer right").await;
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("content-type: text/plain; version=0.0.4"), "{head}");
    assert!(body.contains("# TYPE http_requests_total counter\n"), "{body}");
    assert!(body.lines().any(|line| line.starts_with("http_requests_total{") && line.contains("namespace=\"ledger\",pod=\"ledger-")));
    assert!(!body.contains("up{"));
    let families: Vec<&str> = body.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    assert_eq!(families.len(), 2, "each family is one block: {families:?}");
}
