//! The embedded cluster's API as clients meet it: real HTTPS, a real client, the written kubeconfig.
//! No controllers run here: what the API alone does is what is tested.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]
#![allow(clippy::result_large_err, reason = "the storage's own error")]

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use flightdeck::demo::api::{Server, serve};
use flightdeck::demo::clock::{ClockMode, origin};
use flightdeck::demo::cluster::{Cluster, Options};
use flightdeck::demo::faults::{Fault, FaultKind};
use flightdeck::demo::rights::Rule;
use flightdeck::demo::sim::{Controller, Cx, Sim};
use flightdeck::demo::store::{CRDS, DEPLOYMENTS, EVENTS, Key, LogEntry, NAMESPACES, PODS, Part, REPLICASETS, ROLLOUTS, Store};
use http_body_util::BodyExt;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

const DEPLOY: &str = "/apis/apps/v1/namespaces/payments/deployments";
const PODS_PATH: &str = "/api/v1/namespaces/payments/pods";
const ROLLOUT: &str = "/apis/argoproj.io/v1alpha1/namespaces/payments/rollouts/canary";
const MERGE: &str = "application/merge-patch+json";
const JSON: &str = "application/json";

/// A cluster with a Deployment, its ReplicaSet, five pods and a Rollout.
fn sim() -> Sim {
    let mut sim = Sim::new(7, origin(), Vec::new());
    for name in ["payments", "shop"] {
        sim.create(NAMESPACES, json!({ "metadata": { "name": name } })).unwrap();
    }
    let template = json!({ "metadata": { "labels": { "app": "checkout" } },
                           "spec": { "containers": [{ "name": "web", "image": "web:1" }, { "name": "side", "image": "side:1" }] } });
    let owner = |kind: &str, object: &Value| json!([{ "apiVersion": "apps/v1", "kind": kind, "name": object["metadata"]["name"], "uid": object["metadata"]["uid"], "controller": true }]);
    let spec = json!({ "replicas": 5, "selector": { "matchLabels": { "app": "checkout" } }, "template": template });
    let deployment = json!({ "metadata": { "name": "checkout", "namespace": "payments" }, "spec": spec,
                             "status": { "observedGeneration": 1, "replicas": 5, "updatedReplicas": 5, "readyReplicas": 5, "availableReplicas": 5 } });
    let deployment = sim.create(DEPLOYMENTS, deployment).unwrap();
    let meta = json!({ "name": "checkout-1", "namespace": "payments", "ownerReferences": owner("Deployment", &deployment),
                       "labels": { "app": "checkout" }, "annotations": { "deployment.kubernetes.io/revision": "1" } });
    let set = sim.create(REPLICASETS, json!({ "metadata": meta, "spec": spec })).unwrap();
    for index in 0..5 {
        let meta = json!({ "name": format!("checkout-1-{index}"), "namespace": "payments", "ownerReferences": owner("ReplicaSet", &set),
                           "labels": { "app": "checkout", "index": index.to_string() } });
        let pod = json!({ "metadata": meta, "spec": { "nodeName": "n1", "containers": template["spec"]["containers"] }, "status": { "phase": "Running" } });
        sim.create(PODS, pod).unwrap();
    }
    sim
}

struct Demo {
    cluster: Arc<Cluster>,
    server: Server,
    client: kube::Client,
}

/// One answer.
struct Got {
    code: u16,
    body: Value,
    headers: http::HeaderMap,
}

async fn demo(options: Options) -> Demo {
    demo_of(sim(), options).await
}

async fn demo_of(sim: Sim, options: Options) -> Demo {
    let cluster = Cluster::new(sim, ClockMode::Manual, options);
    let rollout = json!({ "metadata": { "name": "canary", "namespace": "payments" }, "spec": { "replicas": 4, "selector": {} },
                          "status": { "HPAReplicas": 4, "selector": "app=canary", "pauseConditions": [{ "reason": "CanaryPauseStep" }] } });
    cluster.write(|sim| sim.create(ROLLOUTS, rollout)).unwrap();
    let server = serve(cluster.clone()).await.unwrap();
    let client = client(&server, None).await;
    Demo { cluster, server, client }
}

async fn client(server: &Server, context: Option<&str>) -> kube::Client {
    let kubeconfig = Kubeconfig::from_yaml(&server.kubeconfig()).unwrap();
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
    // The client would wait and ask again on 429 and 504; here the first answer is what is tested.
    config.default_retry = false;
    kube::Client::try_from(config).unwrap()
}

async fn send(
    client: &kube::Client,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> http::Response<kube::client::Body> {
    let mut request = http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request.body(body.into()).unwrap()).await.unwrap()
}

async fn call(client: &kube::Client, method: &str, path: &str, content_type: &str, body: Value) -> Got {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let response = send(client, method, path, &[("content-type", content_type)], body).await;
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Got { code: head.status.as_u16(), body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), headers: head.headers }
}

impl Demo {
    async fn get(&self, path: &str) -> Got {
        call(&self.client, "GET", path, JSON, Value::Null).await
    }

    async fn patch(&self, path: &str, kind: &str, body: Value) -> Got {
        call(&self.client, "PATCH", path, kind, body).await
    }

    async fn watch(&self, path: &str) -> Lines {
        let response = send(&self.client, "GET", path, &[], Vec::new()).await;
        assert_eq!(response.status(), 200);
        Lines { body: response.into_body(), rest: Vec::new() }
    }

    fn after(&self, seconds: i64) {
        self.cluster.advance_to(origin() + TimeDelta::seconds(seconds));
    }

    fn touch(&self, name: &str, label: &str) {
        let key = Key::new(PODS, "payments", name);
        self.cluster.write(|sim| sim.edit(&key, Part::Main, |pod| pod["metadata"]["labels"]["app"] = json!(label))).unwrap();
    }
}

/// The lines of a watch.
struct Lines {
    body: kube::client::Body,
    rest: Vec<u8>,
}

impl Lines {
    /// The next event; `None` when the watch ended, `Err` when it was cut.
    async fn next(&mut self) -> Result<Option<Value>, String> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Ok(Some(serde_json::from_slice(&line).unwrap()));
            }
            let frame = tokio::time::timeout(Duration::from_secs(5), self.body.frame()).await.map_err(|_| "silence".to_owned())?;
            match frame {
                None => return Ok(None),
                Some(Ok(frame)) => self.rest.extend_from_slice(frame.data_ref().unwrap()),
                Some(Err(e)) => return Err(e.to_string()),
            }
        }
    }

    async fn event(&mut self) -> (String, Value) {
        let event = self.next().await.unwrap().expect("the watch ended");
        (event["type"].as_str().unwrap().to_owned(), event["object"].clone())
    }

    async fn silent_for(&mut self, wait: Duration) -> bool {
        tokio::time::timeout(wait, self.next()).await.is_err()
    }
}

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["metadata"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lists_select_and_page() {
    let demo = demo(Options::default()).await;
    let all = demo.get(PODS_PATH).await;
    assert_eq!((all.code, all.body["kind"].as_str()), (200, Some("PodList")));
    assert_eq!(names(&all.body).len(), 5);
    assert_eq!(all.headers["date"], "Sat, 21 Nov 2026 02:43:00 GMT");
    assert_eq!(names(&demo.get("/api/v1/pods?labelSelector=index+in+(1,3),app%3Dcheckout").await.body), ["checkout-1-1", "checkout-1-3"]);
    assert_eq!(names(&demo.get("/api/v1/pods?fieldSelector=metadata.name%3Dcheckout-1-2").await.body), ["checkout-1-2"]);
    assert!(names(&demo.get("/api/v1/namespaces/shop/pods").await.body).is_empty());
    assert_eq!(demo.get("/apis/apps/v1/replicasets?fieldSelector=status.replicas!%3D0").await.code, 400);

    let page = demo.get(&format!("{PODS_PATH}?limit=2")).await.body;
    assert_eq!(page["metadata"]["remainingItemCount"], 3);
    // The second page is of the same moment, whatever happened since.
    demo.cluster.write(|sim| sim.store.delete(&Key::new(PODS, "payments", "checkout-1-3"))).unwrap();
    let token = page["metadata"]["continue"].as_str().unwrap();
    let second = demo.get(&format!("{PODS_PATH}?limit=2&continue={token}")).await.body;
    assert_eq!(names(&second), ["checkout-1-2", "checkout-1-3"]);
    assert_eq!(second["metadata"]["resourceVersion"], page["metadata"]["resourceVersion"]);
    let token = second["metadata"]["continue"].as_str().unwrap();
    let last = demo.get(&format!("{PODS_PATH}?limit=2&continue={token}")).await.body;
    assert_eq!(names(&last), ["checkout-1-4"]);
    assert!(last["metadata"]["continue"].is_null());
    assert_eq!(names(&demo.get(&format!("{PODS_PATH}?limit=2&resourceVersion=0")).await.body).len(), 4);
}

#[tokio::test]
async fn large_lists_come_whole() {
    let mut sim = sim();
    for index in 0..300 {
        let meta = json!({ "name": format!("big-{index:03}"), "namespace": "shop", "annotations": { "pad": "x".repeat(3000) } });
        sim.create(PODS, json!({ "metadata": meta, "spec": {} })).unwrap();
    }
    let demo = demo_of(sim, Options::default()).await;
    let list = demo.get("/api/v1/namespaces/shop/pods").await.body;
    assert_eq!(names(&list).len(), 300);
    assert_eq!(names(&list)[299], "big-299");
}

#[tokio::test]
async fn tables_and_metadata_only() {
    let demo = demo(Options::default()).await;
    let response =
        send(&demo.client, "GET", PODS_PATH, &[("accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")], vec![]).await;
    let table: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!(table["columnDefinitions"][2]["name"], "Status");
    assert_eq!(table["rows"][0]["cells"].as_array().unwrap()[..3], [json!("checkout-1-0"), json!("0/2"), json!("Running")]);
    let accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    let response = send(&demo.client, "GET", PODS_PATH, &[("accept", accept)], vec![]).await;
    let list: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert!(list["items"][0]["spec"].is_null() && list["items"][0]["metadata"]["uid"].is_string());
}

#[tokio::test]
async fn watches_follow_a_selection() {
    let demo = demo(Options::default()).await;
    let from = demo.cluster.revision();
    let mut watch = demo.watch(&format!("{PODS_PATH}?watch=1&resourceVersion={from}&labelSelector=app%3Dcheckout")).await;
    demo.touch("checkout-1-0", "other");
    demo.touch("checkout-1-0", "another");
    demo.touch("checkout-1-0", "checkout");
    demo.cluster.write(|sim| sim.store.delete(&Key::new(PODS, "payments", "checkout-1-0"))).unwrap();
    let (kind, object) = watch.event().await;
    assert_eq!((kind.as_str(), object["metadata"]["labels"]["app"].as_str()), ("DELETED", Some("checkout")));
    assert_eq!(object["metadata"]["resourceVersion"], json!((from + 1).to_string()));
    assert_eq!(watch.event().await.0, "ADDED");
    assert_eq!(watch.event().await.0, "DELETED");
    assert!(watch.silent_for(Duration::from_millis(100)).await);
}

#[tokio::test]
async fn watches_begin_with_the_present_and_end_in_time() {
    let demo = demo(Options::default()).await;
    let mut watch = demo.watch(&format!("{DEPLOY}?watch=true&timeoutSeconds=1")).await;
    assert_eq!(watch.event().await.0, "ADDED");
    assert_eq!(watch.next().await, Ok(None));
}

#[tokio::test]
async fn bookmarks_when_due_and_when_settled() {
    let demo = demo(Options::default()).await;
    let rv = demo.cluster.revision();
    let mut asked = demo.watch(&format!("{DEPLOY}?watch=1&resourceVersion={rv}&allowWatchBookmarks=true")).await;
    let mut plain = demo.watch(&format!("{DEPLOY}?watch=1&resourceVersion={rv}")).await;
    demo.touch("checkout-1-0", "other");
    let settled = demo.cluster.settle();
    let (kind, object) = asked.event().await;
    assert_eq!((kind.as_str(), object["kind"].as_str()), ("BOOKMARK", Some("Deployment")));
    assert_eq!(object["metadata"]["resourceVersion"], json!(settled.to_string()));
    demo.after(30);
    assert!(asked.silent_for(Duration::from_millis(100)).await);
    demo.after(61);
    assert_eq!(asked.event().await.0, "BOOKMARK");
    assert!(plain.silent_for(Duration::from_millis(100)).await);
}

#[tokio::test]
async fn streaming_lists_and_their_refusal() {
    let query = "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let on = demo(Options::default()).await;
    let mut watch = on.watch(&format!("{PODS_PATH}{query}")).await;
    for _ in 0..5 {
        assert_eq!(watch.event().await.0, "ADDED");
    }
    let (kind, object) = watch.event().await;
    assert_eq!((kind.as_str(), object["metadata"]["annotations"]["k8s.io/initial-events-end"].as_str()), ("BOOKMARK", Some("true")));
    assert_eq!(on.get(&format!("{PODS_PATH}?watch=1&sendInitialEvents=true")).await.code, 422);

    let off = demo(Options { streaming_lists: false, ..Options::default() }).await;
    let mut watch = off.watch(&format!("{PODS_PATH}{query}")).await;
    let (kind, status) = watch.event().await;
    assert_eq!((kind.as_str(), status["code"].as_u64()), ("ERROR", Some(500)));
    assert!(status["message"].as_str().unwrap().ends_with("RequestWatchProgress is disabled"));
    assert_eq!(watch.next().await, Ok(None));
}

#[tokio::test]
async fn what_is_compacted_is_gone() {
    let gone = Fault { at: TimeDelta::seconds(10), lasts: TimeDelta::zero(), kind: FaultKind::Gone };
    let demo = demo(Options { faults: vec![gone], ..Options::default() }).await;
    let page = demo.get(&format!("{PODS_PATH}?limit=2")).await.body;
    let rv = demo.cluster.revision();
    demo.touch("checkout-1-0", "other");
    demo.after(10);
    let mut watch = demo.watch(&format!("{PODS_PATH}?watch=1&resourceVersion={rv}")).await;
    let (kind, status) = watch.event().await;
    assert_eq!((kind.as_str(), status["code"].as_u64(), status["reason"].as_str()), ("ERROR", Some(410), Some("Expired")));
    assert_eq!(watch.next().await, Ok(None));
    let token = page["metadata"]["continue"].as_str().unwrap();
    assert_eq!(demo.get(&format!("{PODS_PATH}?limit=2&continue={token}")).await.code, 410);
    let ahead = demo.get(&format!("{PODS_PATH}?watch=1&resourceVersion=99999")).await;
    assert_eq!((ahead.code, ahead.body["details"]["causes"][0]["reason"].as_str()), (504, Some("ResourceVersionTooLarge")));
}

#[tokio::test]
async fn patches_of_three_kinds() {
    let demo = demo(Options::default()).await;
    let path = format!("{DEPLOY}/checkout");
    let merged = demo.patch(&path, MERGE, json!({ "spec": { "paused": true } })).await.body;
    assert_eq!((&merged["spec"]["paused"], &merged["metadata"]["generation"]), (&json!(true), &json!(2)));
    let tested = json!([{ "op": "test", "path": "/spec/paused", "value": true }, { "op": "remove", "path": "/spec/paused" }]);
    let patched = demo.patch(&path, "application/json-patch+json", tested.clone()).await;
    assert!(patched.code == 200 && patched.body["spec"]["paused"].is_null());
    let failed = demo.patch(&path, "application/json-patch+json", tested).await;
    assert_eq!(
        (failed.code, failed.body["message"].as_str()),
        (422, Some("the server rejected our request due to an error in our request"))
    );
    let strategic = json!({ "spec": { "template": { "spec": { "containers": [{ "name": "web", "image": "web:2" }] } } } });
    let patched = demo.patch(&path, "application/strategic-merge-patch+json", strategic.clone()).await.body;
    assert_eq!(
        patched["spec"]["template"]["spec"]["containers"],
        json!([{ "name": "web", "image": "web:2" }, { "name": "side", "image": "side:1" }])
    );
    assert_eq!(demo.patch(ROLLOUT, "application/strategic-merge-patch+json", strategic).await.code, 415);
    assert_eq!(demo.patch(&path, "application/apply-patch+yaml", json!({})).await.code, 415);
    assert_eq!(demo.patch(&path, MERGE, json!({ "spec": { "replicas": "five" } })).await.code, 400);
    let manager = &patched["metadata"]["managedFields"].as_array().unwrap().last().unwrap()["fieldsV1"];
    assert!(manager["f:spec"]["f:template"].is_object(), "{manager}");
}

#[tokio::test]
async fn preconditions_as_observed() {
    let demo = demo(Options::default()).await;
    let status = format!("{ROLLOUT}/status");
    let stored = demo.get(ROLLOUT).await.body;
    let rv = stored["metadata"]["resourceVersion"].clone();
    let promote = json!({ "metadata": { "resourceVersion": rv }, "status": { "pauseConditions": null } });
    let dry = demo.patch(&format!("{status}?dryRun=All"), MERGE, promote.clone()).await;
    assert!(dry.code == 200 && dry.body["status"]["pauseConditions"].is_null());
    assert_eq!(demo.get(ROLLOUT).await.body, stored, "a dry run changes nothing");
    let done = demo.patch(&status, MERGE, promote.clone()).await;
    assert!(done.code == 200 && done.body["status"]["pauseConditions"].is_null());
    assert!(done.body["metadata"]["managedFields"].is_null(), "a write that only removes leaves no entry");
    let again = demo.patch(&status, MERGE, promote).await;
    assert_eq!(again.code, 409);
    let message = again.body["message"].as_str().unwrap();
    assert!(
        message.starts_with("Operation cannot be fulfilled on rollouts.argoproj.io \"canary\": the object has been modified"),
        "{message}"
    );

    let other = json!({ "metadata": { "uid": "other" }, "status": { "abort": true }, "spec": { "paused": true } });
    let main = demo.patch(ROLLOUT, MERGE, other.clone()).await;
    assert_eq!(main.code, 422);
    assert!(main.body["message"].as_str().unwrap().contains("metadata.uid: Invalid value: \"other\": field is immutable"));
    assert_eq!(demo.patch(&format!("{DEPLOY}/checkout"), MERGE, other.clone()).await.code, 422);
    let ignored = demo.patch(&status, MERGE, other).await;
    assert_eq!((ignored.code, &ignored.body["status"]["abort"]), (200, &json!(true)));
    assert!(ignored.body["spec"]["paused"].is_null(), "the status endpoint leaves the spec alone");
    let scale = demo.patch(&format!("{ROLLOUT}/scale"), MERGE, json!({ "metadata": { "uid": "other" }, "spec": { "replicas": 9 } })).await;
    assert_eq!(scale.code, 409);
    assert!(scale.body["message"].as_str().unwrap().contains("Precondition failed: UID in precondition: other"));
    let wrong = demo.patch(&status, MERGE, json!({ "status": { "pauseConditions": "x" } })).await;
    assert_eq!(wrong.code, 422);
    assert!(wrong.body["message"].as_str().unwrap().contains("status.pauseConditions in body must be of type array"));
}

#[tokio::test]
async fn scales() {
    let demo = demo(Options::default()).await;
    let path = format!("{DEPLOY}/checkout/scale");
    let scale = demo.get(&path).await.body;
    assert_eq!((&scale["spec"]["replicas"], &scale["status"]["selector"]), (&json!(5), &json!("app=checkout")));
    let mut wanted = scale.clone();
    wanted["spec"]["replicas"] = json!(8);
    assert_eq!(call(&demo.client, "PUT", &path, JSON, wanted.clone()).await.body["spec"]["replicas"], 8);
    assert_eq!(call(&demo.client, "PUT", &path, JSON, wanted).await.code, 409);
    assert_eq!(demo.get(&format!("{DEPLOY}/checkout")).await.body["spec"]["replicas"], 8);
    assert_eq!(demo.patch(&format!("{ROLLOUT}/scale"), MERGE, json!({ "spec": { "replicas": 2 } })).await.body["spec"]["replicas"], 2);
    assert_eq!(demo.get(&format!("{PODS_PATH}/checkout-1-0/scale")).await.code, 404);
}

#[tokio::test]
async fn creates_and_replaces() {
    let demo = demo(Options::default()).await;
    let spec = json!({ "selector": { "matchLabels": { "a": "b" } }, "template": { "metadata": { "labels": { "a": "b" } } } });
    let object = json!({ "metadata": { "name": "fresh" }, "spec": spec });
    let dry = call(&demo.client, "POST", &format!("{DEPLOY}?dryRun=All"), JSON, object.clone()).await;
    assert!(dry.code == 201 && dry.body["metadata"]["uid"].is_string());
    assert_eq!(demo.get(&format!("{DEPLOY}/fresh")).await.code, 404);
    let made = call(&demo.client, "POST", DEPLOY, JSON, object.clone()).await;
    assert_eq!((made.code, &made.body["spec"]["replicas"]), (201, &json!(1)));
    let exists = call(&demo.client, "POST", DEPLOY, JSON, object.clone()).await;
    assert_eq!((exists.code, exists.body["reason"].as_str()), (409, Some("AlreadyExists")));
    let mut replaced = made.body.clone();
    replaced["spec"]["replicas"] = json!(3);
    replaced["status"] = json!({ "replicas": 99 });
    let put = call(&demo.client, "PUT", &format!("{DEPLOY}/fresh"), JSON, replaced.clone()).await.body;
    assert!(put["spec"]["replicas"] == 3 && put["status"].is_null());
    assert_eq!(call(&demo.client, "PUT", &format!("{DEPLOY}/fresh"), JSON, replaced).await.code, 409);
    assert_eq!(call(&demo.client, "POST", "/apis/apps/v1/namespaces/nowhere/deployments", JSON, object).await.code, 404);
    let mut rollout = demo.get(ROLLOUT).await.body;
    rollout["metadata"]["resourceVersion"].take();
    assert_eq!(call(&demo.client, "PUT", ROLLOUT, JSON, rollout).await.code, 422, "a custom resource is never replaced unconditionally");
}

#[tokio::test]
async fn deletion_cascades_and_pods_take_their_time() {
    let demo = demo(Options::default()).await;
    let path = format!("{DEPLOY}/checkout");
    let stale = json!({ "preconditions": { "uid": "other" } });
    assert_eq!(call(&demo.client, "DELETE", &path, JSON, stale).await.code, 409);
    assert_eq!(call(&demo.client, "DELETE", &format!("{path}?dryRun=All"), JSON, Value::Null).await.code, 200);
    assert_eq!(demo.get(&path).await.code, 200);
    let gone = call(&demo.client, "DELETE", &path, JSON, Value::Null).await;
    assert_eq!((gone.code, gone.body["status"].as_str()), (200, Some("Success")));
    assert!(names(&demo.get("/apis/apps/v1/replicasets").await.body).is_empty());
    let pods = demo.get(PODS_PATH).await.body;
    assert_eq!(names(&pods).len(), 5);
    assert!(pods["items"].as_array().unwrap().iter().all(|pod| pod["metadata"]["deletionTimestamp"].is_string()));
    call(&demo.client, "DELETE", &format!("{PODS_PATH}/checkout-1-0?gracePeriodSeconds=0"), JSON, Value::Null).await;
    assert_eq!(demo.get(&format!("{PODS_PATH}/checkout-1-0")).await.code, 404);
    call(&demo.client, "DELETE", &format!("{PODS_PATH}?gracePeriodSeconds=0&labelSelector=index!%3D4"), JSON, Value::Null).await;
    assert_eq!(names(&demo.get(PODS_PATH).await.body), ["checkout-1-4"]);
}

#[tokio::test]
async fn orphans_only_when_asked() {
    let demo = demo(Options::default()).await;
    call(&demo.client, "DELETE", &format!("{DEPLOY}/checkout?propagationPolicy=Orphan"), JSON, Value::Null).await;
    assert_eq!(names(&demo.get("/apis/apps/v1/replicasets").await.body), ["checkout-1"]);
}

#[tokio::test]
async fn rights() {
    let rules = vec![Rule {
        verbs: ["get", "list", "watch"].map(String::from).to_vec(),
        groups: vec!["apps".into()],
        resources: vec!["deployments".into()],
        namespaces: vec![],
    }];
    let demo = demo(Options { restricted: Some(rules), ..Options::default() }).await;
    // The restricted user owns the current context.
    assert_eq!(demo.get(DEPLOY).await.code, 200);
    let denied = demo.get("/api/v1/pods").await;
    assert_eq!(denied.code, 403);
    let said = "pods is forbidden: User \"demo:restricted\" cannot list resource \"pods\" in API group \"\" at the cluster scope";
    assert_eq!((denied.body["kind"].as_str(), denied.body["message"].as_str()), (Some("Status"), Some(said)));

    let reader = client(&demo.server, Some("reader")).await;
    let denied = call(&reader, "PATCH", &format!("{DEPLOY}/checkout/scale"), MERGE, json!({})).await;
    let said = "deployments.apps \"checkout\" is forbidden: User \"demo:reader\" cannot patch resource \"deployments/scale\" in API group \"apps\" in the namespace \"payments\"";
    assert_eq!((denied.code, denied.body["message"].as_str()), (403, Some(said)));
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    for (verb, subresource, allowed) in [("get", "", true), ("patch", "status", false)] {
        let asked = json!({ "spec": { "resourceAttributes": { "namespace": "payments", "verb": verb, "group": "argoproj.io", "resource": "rollouts", "subresource": subresource } } });
        let answer = call(&reader, "POST", path, JSON, asked).await;
        assert_eq!((answer.code, &answer.body["status"]["allowed"]), (201, &json!(allowed)), "{verb}");
    }
    let whoami = call(&reader, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", JSON, json!({})).await;
    assert_eq!(whoami.body["status"]["userInfo"]["username"], "demo:reader");

    let admin = client(&demo.server, Some("demo")).await;
    let response = send(&admin, "GET", "/api/v1/pods", &[("impersonate-user", "nobody")], vec![]).await;
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn strangers_are_unauthorized() {
    let demo = demo(Options::default()).await;
    for (token, path, code) in [("wrong", DEPLOY, 401), ("wrong", "/version", 401), ("", DEPLOY, 401), ("", "/livez", 200)] {
        let mut kubeconfig = Kubeconfig::from_yaml(&demo.server.kubeconfig().replace(&demo.server.admin_token, token)).unwrap();
        if token.is_empty() {
            kubeconfig.auth_infos.iter_mut().for_each(|user| user.auth_info.as_mut().unwrap().token = None);
        }
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        let got = call(&kube::Client::try_from(config).unwrap(), "GET", path, JSON, Value::Null).await;
        assert_eq!(got.code, code, "{token} {path}");
    }
}

#[tokio::test]
async fn custom_kinds_come_and_go_with_their_definition() {
    let demo = demo_of(sim(), Options { argo_crds: false, ..Options::default() }).await;
    let list = "/apis/argoproj.io/v1alpha1/rollouts";
    assert_eq!(demo.get(list).await.code, 404);
    assert!(!demo.get("/apis").await.body.to_string().contains("argoproj.io"));
    let definition = json!({ "metadata": { "name": "rollouts.argoproj.io" }, "spec": {} });
    assert_eq!(call(&demo.client, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", JSON, definition).await.code, 201);
    assert_eq!(names(&demo.get(list).await.body), ["canary"]);
    assert!(demo.get("/apis/argoproj.io/v1alpha1").await.body.to_string().contains("rollouts/scale"));
    let mut watch = demo.watch(&format!("{list}?watch=1")).await;
    assert_eq!(watch.event().await.0, "ADDED");
    demo.cluster.read(|sim| assert!(sim.store.get(&Key::new(CRDS, "", "rollouts.argoproj.io")).is_some()));
    call(&demo.client, "DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.argoproj.io", JSON, Value::Null).await;
    assert_eq!(watch.event().await.0, "DELETED");
    assert_eq!(watch.next().await, Ok(None));
    assert_eq!(demo.get(list).await.code, 404);
}

#[tokio::test]
async fn events_by_the_object_they_are_about() {
    let demo = demo(Options::default()).await;
    for (name, uid) in [("a", "u1"), ("b", "u2")] {
        let event = json!({ "metadata": { "name": name, "namespace": "payments" }, "involvedObject": { "kind": "Pod", "uid": uid }, "type": "Normal" });
        demo.cluster.write(|sim| sim.create(EVENTS, event)).unwrap();
    }
    let path = "/api/v1/namespaces/payments/events?fieldSelector=involvedObject.uid%3Du2,involvedObject.kind%3DPod";
    assert_eq!(names(&demo.get(path).await.body), ["b"]);
}

fn fault(at: i64, lasts: i64, kind: FaultKind) -> Fault {
    Fault { at: TimeDelta::seconds(at), lasts: TimeDelta::seconds(lasts), kind }
}

#[tokio::test]
async fn faults_of_answers() {
    let faults = vec![
        fault(10, 10, FaultKind::TooMany { retry_after: 7 }),
        fault(30, 10, FaultKind::Unauthorized),
        fault(50, 10, FaultKind::Error500),
        fault(70, 10, FaultKind::Conversion),
    ];
    let demo = demo(Options { faults, ..Options::default() }).await;
    assert_eq!(demo.get(DEPLOY).await.code, 200);
    demo.after(10);
    let response = send(&demo.client, "GET", DEPLOY, &[], vec![]).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    demo.after(20);
    assert_eq!(demo.get(DEPLOY).await.code, 200);
    demo.after(30);
    assert_eq!(demo.get(DEPLOY).await.code, 401);
    demo.after(50);
    assert_eq!(demo.get(DEPLOY).await.code, 500);
    demo.after(70);
    assert_eq!((demo.get(DEPLOY).await.code, demo.get(ROLLOUT).await.code), (200, 500));
}

#[tokio::test]
async fn a_hang_is_silent_and_ends() {
    let demo = demo(Options { faults: vec![fault(10, 10, FaultKind::Hang)], ..Options::default() }).await;
    let rv = demo.cluster.revision();
    let mut watch = demo.watch(&format!("{PODS_PATH}?watch=1&resourceVersion={rv}")).await;
    demo.after(10);
    demo.touch("checkout-1-0", "other");
    assert!(watch.silent_for(Duration::from_millis(200)).await);
    let pending = tokio::spawn({
        let client = demo.client.clone();
        async move { call(&client, "GET", DEPLOY, JSON, Value::Null).await.code }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!pending.is_finished());
    demo.after(20);
    assert_eq!(watch.event().await.0, "MODIFIED");
    assert_eq!(pending.await.unwrap(), 200);
}

#[tokio::test]
async fn a_reset_cuts_watches_even_when_time_jumps_over_it() {
    let demo = demo(Options { faults: vec![fault(10, 1, FaultKind::Reset)], ..Options::default() }).await;
    let path = format!("{PODS_PATH}?watch=1&resourceVersion={}", demo.cluster.revision());
    let mut watch = demo.watch(&path).await;
    demo.after(60);
    assert!(watch.next().await.is_err_and(|e| e != "silence"));
    let mut watch = demo.watch(&path).await;
    demo.touch("checkout-1-0", "other");
    assert_eq!(watch.event().await.0, "MODIFIED");
}

#[tokio::test]
async fn a_refused_link_closes_and_comes_back() {
    let demo = demo(Options { faults: vec![fault(10, 10, FaultKind::Refuse)], ..Options::default() }).await;
    let mut watch = demo.watch(&format!("{PODS_PATH}?watch=1&resourceVersion={}", demo.cluster.revision())).await;
    demo.after(10);
    assert!(watch.next().await.is_err_and(|e| e != "silence"));
    let request = || http::Request::get(DEPLOY).body(kube::client::Body::empty()).unwrap();
    assert!(demo.client.send(request()).await.is_err());
    demo.after(20);
    assert_eq!(demo.client.send(request()).await.unwrap().status(), 200);
}

#[tokio::test]
async fn dropping_the_server_closes_everything() {
    let Demo { cluster, server, client } = demo(Options::default()).await;
    let request = || http::Request::get(DEPLOY).body(kube::client::Body::empty()).unwrap();
    assert_eq!(client.send(request()).await.unwrap().status(), 200);
    drop(server);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(client.send(request()).await.is_err());
    drop(cluster);
}

/// Marks a pod as seen ten seconds after it is touched.
struct Later;

impl Controller for Later {
    fn name(&self) -> &'static str {
        "later"
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        if entry.key.resource == PODS && entry.object["metadata"]["labels"]["app"] == "other" {
            vec![entry.key.clone()]
        } else {
            Vec::new()
        }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<chrono::DateTime<chrono::Utc>> {
        cx.store.edit(key, Part::Status, |pod| pod["status"]["phase"] = json!("Seen")).unwrap();
        None
    }

    fn delay(&self) -> TimeDelta {
        TimeDelta::seconds(10)
    }
}

#[tokio::test]
async fn a_running_clock_brings_work_and_faults_by_itself() {
    let mut sim = Sim::new(7, origin(), vec![Box::new(Later)]);
    let pod = |app: &str| json!({ "metadata": { "name": "a", "namespace": "payments", "labels": { "app": app } }, "spec": {} });
    sim.create(PODS, pod("web")).unwrap();
    let faults = vec![fault(40, 1000, FaultKind::Reset)];
    let cluster = Cluster::new(sim, ClockMode::Running { speed: 50.0 }, Options { faults, ..Options::default() });
    let server = serve(cluster.clone()).await.unwrap();
    let demo = Demo { client: client(&server, None).await, cluster, server };
    let mut watch = demo.watch(&format!("{PODS_PATH}?watch=1&resourceVersion={}", demo.cluster.revision())).await;
    let started = std::time::Instant::now();
    demo.touch("a", "other");
    assert_eq!(watch.event().await.0, "MODIFIED");
    assert_eq!(watch.event().await.1["status"]["phase"], "Seen");
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(190) && took < Duration::from_secs(2), "{took:?}");
    assert!(watch.next().await.is_err_and(|e| e != "silence"), "the reset comes without anybody asking");
    assert!(demo.cluster.now() >= origin() + TimeDelta::seconds(40));
}

/// Any client can be tried against it; kubectl is the one everybody has.
#[tokio::test(flavor = "multi_thread")]
async fn kubectl() {
    let found = std::process::Command::new("kubectl").args(["version", "--client"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        println!("skipped: kubectl is not on PATH");
        return;
    }
    let demo = demo(Options::default()).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kubeconfig");
    flightdeck::demo::kubeconfig::write(&path, &demo.server.kubeconfig()).unwrap();
    let run = |words: &'static str| {
        let (path, home) = (path.clone(), dir.path().to_owned());
        async move {
            let mut command = tokio::process::Command::new("kubectl");
            command.env("KUBECONFIG", path).env("HOME", home).args(["-n", "payments", "--request-timeout=20s"]).args(words.split(' '));
            let output = command.output().await.unwrap();
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
        }
    };
    for (words, said) in [
        ("get deployments,pods", "deployment.apps/checkout   5/5"),
        ("get rollouts", "canary"),
        ("get events", "No resources found"),
        ("describe deployment checkout", "5 desired | 5 updated | 5 total | 5 available"),
        ("describe pod checkout-1-0", "Controlled By:  ReplicaSet/checkout-1"),
        ("rollout status deployment/checkout", "successfully rolled out"),
        ("scale deployment checkout --replicas=6", "deployment.apps/checkout scaled"),
        ("scale rollout canary --replicas=2", "rollout.argoproj.io/canary scaled"),
        ("set image deployment/checkout web=web:2", "image updated"),
        ("patch rollout canary --type=merge -p {\"spec\":{\"paused\":true}}", "patched"),
        ("patch deployment checkout -p {\"spec\":{\"paused\":true}}", "patched"),
        ("annotate deployment checkout a=b", "annotated"),
        ("auth can-i patch deployments", "yes"),
        ("auth can-i patch deployments --context=reader", "no"),
        ("scale deployment checkout --replicas=1 --context=reader", "cannot patch resource \"deployments/scale\""),
        ("delete pod checkout-1-0 --wait=false", "deleted"),
        ("get pod checkout-1-0", "Terminating"),
    ] {
        let output = run(words).await;
        assert!(output.contains(said), "kubectl {words} said:\n{output}");
    }
    let watching = tokio::spawn(run("get pods -w --request-timeout=4s"));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    call(&demo.client, "DELETE", &format!("{PODS_PATH}/checkout-1-1?gracePeriodSeconds=0"), JSON, Value::Null).await;
    let lines = watching.await.unwrap();
    assert_eq!(lines.matches("checkout-1-1 ").count(), 2, "{lines}");
}
