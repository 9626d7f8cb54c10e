//! What a way carries and what it drops: methods, headers, long questions.

use chrono::Utc;
use flightdeck::metrics::failure::Failure;
use flightdeck::metrics::settings::{Secret, Settings};
use flightdeck::text::Clean;

use crate::script::{ONE, Script, Server, service, success};

async fn guarded(token: bool) -> Server {
    Server::new(move |asked| match asked.path.as_str() {
        _ if token && asked.headers.get("authorization").map(String::as_str) != Some("Bearer t0ken") => (401, "Unauthorized".to_owned()),
        "/api/v1/status/buildinfo" => success(r#"{"version":"3.5.0","revision":"abc"}"#),
        "/api/v1/query" if asked.method == "GET" && asked.param("query").len() > 20_000 => (414, "<html>URI Too Long</html>".to_owned()),
        "/api/v1/query" => success(ONE),
        _ => (404, "404 page not found".to_owned()),
    })
    .await
}

fn script(server: &Server) -> Script {
    Script::of(vec![(service("m", "prometheus", &[("app", "prometheus")], ("web", 9090)), server)])
}

fn login() -> Settings {
    Settings { bearer_token: Some(Secret::new("t0ken")), ..Settings::routed().unwrap() }
}

fn near() -> [Clean; 1] {
    [Clean::from("web")]
}

#[tokio::test]
async fn the_proxy_is_sent_no_login_and_what_it_drops_is_said() {
    let server = guarded(true).await;
    let Err(Failure::Unfound(sentence)) = script(&server).finder_with(login()).client(&near(), Utc::now()).await else { panic!("found") };
    assert!(sentence.as_str().contains("drops the header that would carry one"), "{sentence}");
    assert!(sentence.as_str().contains("pods/portforward") && !sentence.as_str().contains("t0ken"), "{sentence}");
    assert!(server.seen.lock().unwrap().iter().all(|asked| !asked.headers.contains_key("authorization")));
}

#[tokio::test]
async fn a_login_travels_over_a_forwarded_port() {
    let server = guarded(true).await;
    let both = Script { forwards: true, ..script(&server) };
    let client = both.finder_with(login()).client(&near(), Utc::now()).await.unwrap();
    assert_eq!(client.address().as_str(), "m/prometheus:9090 through a port-forward");
}

#[tokio::test]
async fn a_long_question_goes_the_other_way_or_is_said_to_be_too_long() {
    let server = guarded(false).await;
    let long = |bytes: usize| format!("sum(up{{pod=~\"{}\"}})", "x".repeat(bytes));
    let both = Script { forwards: true, ..script(&server) };
    let client = both.finder().client(&near(), Utc::now()).await.unwrap();
    client.instant(&long(5_000), Utc::now()).await.unwrap();
    assert_eq!(server.last().method, "GET", "the proxy takes nothing else");
    client.instant(&long(30_000), Utc::now()).await.unwrap();
    assert_eq!(server.last().method, "POST", "over the forwarded port");

    let client = script(&server).finder().client(&near(), Utc::now()).await.unwrap();
    for bytes in [30_000, 80_000] {
        let failure = client.instant(&long(bytes), Utc::now()).await.unwrap_err();
        assert_eq!(failure.word(), "query too long");
        assert!(failure.is_about_question(), "the others may fit");
        assert!(failure.to_string().contains("is too long for m/prometheus:9090 through the API server"), "{failure}");
    }
}
