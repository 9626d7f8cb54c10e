//! An embedded cluster made of a scenario's text, its clock in the test's hand, and clients that speak plain HTTPS to it.
//! Asserts nothing and retries nothing: what the server answers, or that it did not answer, is handed back as it came.

#![allow(dead_code, reason = "each test file uses its part of it")]

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use flightdeck::demo::api::{Server, serve};
use flightdeck::demo::clock::{ClockMode, origin};
use flightdeck::demo::cluster::Cluster;
use flightdeck::demo::scenario::Scenario;
use http_body_util::BodyExt;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

pub const MERGE: &str = "application/merge-patch+json";
pub const JSON_PATCH: &str = "application/json-patch+json";
pub const STRATEGIC: &str = "application/strategic-merge-patch+json";
pub const JSON: &str = "application/json";

/// The cluster, its server, and a client of its current context.
pub struct Embedded {
    pub cluster: Arc<Cluster>,
    pub server: Server,
    pub scenario: Scenario,
    pub user: User,
}

/// Somebody who talks to the cluster.
pub struct User {
    client: kube::Client,
}

/// One answer.
#[derive(Debug)]
pub struct Answer {
    pub code: u16,
    pub body: Value,
    pub headers: http::HeaderMap,
}

impl Answer {
    /// What the Status object says.
    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    /// The `Warning` headers.
    pub fn warnings(&self) -> Vec<&str> {
        self.headers.get_all("warning").iter().filter_map(|value| value.to_str().ok()).collect()
    }
}

impl Embedded {
    /// A cluster that has lived the scenario of this text up to its moment 0, and a clock that stands still there.
    pub async fn open(text: &str) -> Self {
        Self::of(Scenario::parse("test", text).unwrap()).await
    }

    /// The same of a scenario at hand.
    pub async fn of(scenario: Scenario) -> Self {
        let sim = scenario.build(7, origin()).unwrap();
        let cluster = Cluster::new(sim, ClockMode::Manual, scenario.options(origin()));
        let server = serve(cluster.clone()).await.unwrap();
        let user = User::of(&server.kubeconfig(), None).await;
        Self { cluster, server, scenario, user }
    }

    /// Somebody else: the user of another context of the kubeconfig.
    pub async fn user(&self, context: &str) -> User {
        User::of(&self.server.kubeconfig(), Some(context)).await
    }

    /// Virtual time since 0.
    pub fn age(&self) -> TimeDelta {
        self.cluster.now() - origin()
    }

    /// Lets so much virtual time pass.
    pub fn run(&self, millis: i64) {
        self.cluster.advance_to(self.cluster.now() + TimeDelta::milliseconds(millis));
    }

    /// Lets time pass in small strides until `done`, at most so many seconds of it; how much passed.
    pub fn run_until(&self, seconds: i64, done: impl Fn() -> bool) -> TimeDelta {
        let (from, end) = (self.cluster.now(), self.cluster.now() + TimeDelta::seconds(seconds));
        while !done() {
            assert!(self.cluster.now() < end, "not within {seconds} s of virtual time");
            self.run(10);
        }
        self.cluster.now() - from
    }
}

impl User {
    /// The user of one context of this kubeconfig, or of the current one.
    pub async fn of(kubeconfig: &str, context: Option<&str>) -> Self {
        let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
        let mut config = kube::Config::from_custom_kubeconfig(Kubeconfig::from_yaml(kubeconfig).unwrap(), &options).await.unwrap();
        config.default_retry = false;
        Self { client: kube::Client::try_from(config).unwrap() }
    }

    /// Sends one request; the error says why no answer came.
    pub async fn send(&self, method: &str, path: &str, content_type: &str, body: &Value) -> Result<Answer, String> {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = http::Request::builder().method(method).uri(path).header("content-type", content_type).body(bytes.into()).unwrap();
        let (head, body) = self.client.send(request).await.map_err(|error| format!("{error:?}"))?.into_parts();
        let bytes = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok(Answer { code: head.status.as_u16(), body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), headers: head.headers })
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, JSON, &Value::Null).await.unwrap()
    }

    pub async fn merge(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, MERGE, &body).await.unwrap()
    }

    pub async fn json_patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, JSON_PATCH, &body).await.unwrap()
    }

    pub async fn strategic(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, STRATEGIC, &body).await.unwrap()
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, JSON, body).await.unwrap()
    }

    /// Whether this user may `verb` the resource in the namespace, by the server's own answer.
    pub async fn may(&self, verb: &str, group: &str, resource: &str, subresource: &str, namespace: &str) -> bool {
        let attributes = json!({ "verb": verb, "group": group, "resource": resource, "subresource": subresource, "namespace": namespace });
        let review = json!({ "spec": { "resourceAttributes": attributes } });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        self.send("POST", path, JSON, &review).await.unwrap().body["status"]["allowed"] == true
    }
}

/// `/apis/argoproj.io/v1alpha1/namespaces/NS/rollouts/NAME`.
pub fn rollout(namespace: &str, name: &str) -> String {
    format!("/apis/argoproj.io/v1alpha1/namespaces/{namespace}/rollouts/{name}")
}

/// `/apis/apps/v1/namespaces/NS/deployments/NAME`.
pub fn deployment(namespace: &str, name: &str) -> String {
    format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
}

/// A moment as Kubernetes writes it.
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
