//! An address outside the cluster that a template names, on loopback: what is sent there, and what is not.

use std::sync::Mutex;

use axum::extract::{Request, State};
use serde_json::Value;

use super::*;
use crate::ports::route::{Lacking, Listed};
use crate::ports::write::Later;

/// No way leads into this cluster.
struct Nowhere;

impl Routes for Nowhere {
    fn services(&self, _: Option<Clean>, _: &'static str) -> Later<Result<Vec<Listed>, Clean>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn pods(&self, _: Clean, _: usize) -> Later<Result<Vec<Clean>, Clean>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn templates(&self, _: Vec<Clean>) -> Later<Vec<Value>> {
        Box::pin(async { Vec::new() })
    }
    fn lacks_to_proxy(&self, _: Place) -> Later<Result<Vec<Lacking>, Clean>> {
        Box::pin(async { Err(Clean::from("not said")) })
    }
    fn lacks_to_forward(&self, _: Clean) -> Later<Result<Vec<Lacking>, Clean>> {
        Box::pin(async { Err(Clean::from("not said")) })
    }
    fn proxy(&self, _: Place) -> Arc<dyn Route> {
        unreachable!("an address needs no way")
    }
    fn forward(&self, _: Place) -> Arc<dyn Route> {
        unreachable!("an address needs no way")
    }
    fn home(&self) -> Later<Clean> {
        Box::pin(async { Clean::default() })
    }
}

type Seen = Arc<Mutex<Vec<(String, String)>>>;

async fn answer(State(seen): State<Seen>, request: Request) -> String {
    let header = |name: &str| request.headers().get(name).map_or("-", |value| value.to_str().unwrap_or("?")).to_owned();
    seen.lock().unwrap().push((header("authorization"), header("x-scope-orgid")));
    let data = if request.uri().path().ends_with("buildinfo") {
        r#"{"version":"3.5.0","revision":"abc"}"#
    } else if request.uri().query().unwrap_or_default().contains("web-1") {
        r#"{"resultType":"vector","result":[{"metric":{},"value":[1,"3"]}]}"#
    } else {
        r#"{"resultType":"vector","result":[]}"#
    };
    format!(r#"{{"status":"success","data":{data}}}"#)
}

async fn tried(pod: &str) -> (Result<String, String>, Vec<(String, String)>) {
    let seen = Seen::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(answer).with_state(seen.clone());
    tokio::spawn(axum::serve(listener, router).into_future());
    let candidate = Candidate {
        at: At::Address(url.clone()),
        headers: vec![("X-Scope-OrgID".to_owned(), Secret::new("shop"))],
        by: Clean::from("AnalysisTemplate web/errors"),
        withheld: Clean::default(),
    };
    let ways: Arc<dyn Routes> = Arc::new(Nowhere);
    let pods = Known { namespaces: vec![Clean::from("web")], pods: vec![Clean::from(pod)] };
    let settings = Settings { bearer_token: Some(Secret::new("t0ken")), ..Settings::routed().unwrap() };
    let trial = Trial { ways: &ways, pods: &pods, settings: &settings, now: chrono::Utc::now() };
    let mut notes = Notes::default();
    let client = trial.of(&candidate, &mut notes).await;
    let said =
        client.map(|client| client.address().as_str().replace(&url, "URL")).ok_or_else(|| notes.sentence().as_str().replace(&url, "URL"));
    let seen = seen.lock().unwrap().clone();
    (said, seen)
}

#[tokio::test]
async fn an_address_of_a_template_is_asked_with_its_headers_and_without_the_persons_login() {
    let (said, seen) = tried("web-1").await;
    assert_eq!(said.unwrap(), "URL, named by AnalysisTemplate web/errors");
    assert_eq!(seen, vec![("-".to_owned(), "shop".to_owned()); 2]);
    let (said, _) = tried("web-2").await;
    assert!(said.unwrap_err().starts_with("URL (named by AnalysisTemplate web/errors) answers as Prometheus does and has no pod of web"));
}
