//! Every shipped scenario lives its past by its controllers alone, stands at 0 where its file says, goes on, and does so the same way twice.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

use chrono::TimeDelta;
use flightdeck::demo::clock::origin;
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{
    ANALYSISRUNS, DEPLOYMENTS, ENDPOINTSLICES, EVENTS, EXPERIMENTS, INGRESSES, Key, PODS, REPLICASETS, RESOURCES, ROLLOUTS, Resource,
};
use serde_json::{Value, json};

fn built(name: &str) -> Sim {
    Scenario::named(name).unwrap().build(42, origin()).unwrap()
}

fn everything(sim: &Sim) -> String {
    RESOURCES.iter().flat_map(|resource| sim.store.list(*resource, None)).map(|(_, object)| format!("{object}\n")).collect()
}

fn get(sim: &Sim, resource: Resource, namespace: &str, name: &str) -> Value {
    (**sim.store.get(&Key::new(resource, namespace, name)).unwrap()).clone()
}

fn rollout(sim: &Sim, namespace: &str, name: &str) -> Value {
    let status = &get(sim, ROLLOUTS, namespace, name)["status"];
    json!([status["phase"], status["message"], status["currentStepIndex"]])
}

fn progress(sim: &Sim, namespace: &str, name: &str) -> String {
    let deployment = get(sim, DEPLOYMENTS, namespace, name);
    let list = deployment["status"]["conditions"].as_array().unwrap();
    list.iter().find(|c| c["type"] == "Progressing").unwrap()["reason"].as_str().unwrap().to_owned()
}

fn waiting(sim: &Sim, namespace: &str, name: &str) -> TimeDelta {
    let since = get(sim, ROLLOUTS, namespace, name)["status"]["pauseConditions"][0]["startTime"].as_str().unwrap().to_owned();
    sim.now() - since.parse::<chrono::DateTime<chrono::Utc>>().unwrap()
}

fn later(sim: &mut Sim, minutes: i64) {
    sim.run_until(origin() + TimeDelta::minutes(minutes));
}

#[test]
fn the_same_seed_and_origin_give_the_same_cluster_and_another_seed_another() {
    for name in ["canary", "experiment", "deployment"] {
        let (mut a, mut b) = (built(name), built(name));
        assert_eq!(everything(&a), everything(&b), "{name} at 0");
        a.run_until(origin() + TimeDelta::seconds(200));
        // In other strides: how time is handed out must not matter.
        for n in 1..=40 {
            b.run_until(origin() + TimeDelta::seconds(5 * n));
        }
        assert_eq!(everything(&a), everything(&b), "{name} after 200 s");
    }
    let other = Scenario::named("deployment").unwrap().build(43, origin()).unwrap();
    assert_ne!(everything(&other), everything(&built("deployment")));
}

#[test]
fn canary_has_a_release_in_every_state_and_the_named_one_waits() {
    let mut sim = built("canary");
    assert_eq!(rollout(&sim, "payments", "checkout"), json!(["Paused", "CanaryPauseStep", 3]));
    assert_eq!(rollout(&sim, "search", "query"), json!(["Paused", "CanaryPauseStep", 1]));
    assert_eq!(rollout(&sim, "ledger", "ledger"), json!(["Paused", "BlueGreenPause", null]));
    assert_eq!(rollout(&sim, "identity", "login"), json!(["Paused", "CanaryPauseStep", 1]));
    assert_eq!(rollout(&sim, "shop", "shop"), json!(["Paused", "CanaryPauseStep", 3]));
    assert_eq!(rollout(&sim, "identity", "tokens"), json!(["Healthy", null, 2]));
    let aborted = rollout(&sim, "fraud", "scorer");
    assert_eq!(aborted[0], "Degraded");
    assert!(aborted[1].as_str().unwrap().contains("assessed Failed"), "{aborted}");
    assert_eq!(progress(&sim, "search", "indexer"), "ProgressDeadlineExceeded");
    assert_eq!(progress(&sim, "media", "thumbs"), "ReplicaSetUpdated");
    assert_eq!(progress(&sim, "web", "assets"), "DeploymentPaused");
    for (namespace, name) in [("web", "home"), ("batch", "reports")] {
        assert_eq!(progress(&sim, namespace, name), "NewReplicaSetAvailable", "{namespace}/{name}");
    }
    let mixed = |namespace: &str, name: &str| {
        let status = get(&sim, DEPLOYMENTS, namespace, name)["status"].clone();
        let count = |field: &str| status[field].as_i64().unwrap_or(0);
        (count("updatedReplicas"), count("replicas"))
    };
    for (namespace, name) in [("media", "thumbs"), ("web", "assets")] {
        let (updated, all) = mixed(namespace, name);
        assert!(updated > 1 && updated < all - 1, "{namespace}/{name} is in the middle: {updated} of {all}");
    }
    // Of those that wait, the named one began last: nobody has been at it for long.
    let named = waiting(&sim, "payments", "checkout");
    for (namespace, name) in [("search", "query"), ("ledger", "ledger"), ("identity", "login"), ("shop", "shop")] {
        assert!(named < waiting(&sim, namespace, name), "{namespace}/{name}");
    }
    let nginx = &get(&sim, INGRESSES, "payments", "checkout-checkout-canary")["metadata"]["annotations"];
    assert_eq!(nginx["nginx.ingress.kubernetes.io/canary-weight"], "20");

    later(&mut sim, 5);
    assert_eq!(rollout(&sim, "payments", "checkout")[2], 3, "still waiting");
    later(&mut sim, 7);
    assert_eq!(rollout(&sim, "payments", "checkout")[2], 5, "somebody said go on");
    later(&mut sim, 30);
    assert_eq!(rollout(&sim, "payments", "checkout"), json!(["Healthy", null, 8]));
}

#[test]
fn the_past_left_its_traces_and_only_those() {
    let sim = built("canary");
    let sets: Vec<Value> = sim.store.list(REPLICASETS, Some("payments")).map(|(_, set)| (**set).clone()).collect();
    assert_eq!(sets.len(), 4, "a ReplicaSet for each version there was");
    let home: Vec<Value> = sim.store.list(REPLICASETS, Some("web")).map(|(_, set)| set["metadata"]["annotations"].clone()).collect();
    assert!(
        home.iter().any(|notes| notes["deployment.kubernetes.io/revision"] == "1" && notes["kubernetes.io/change-cause"] == "new header")
    );
    assert!(sim.store.list(ANALYSISRUNS, Some("fraud")).any(|(_, run)| run["status"]["phase"] == "Failed"));
    let hour_ago = flightdeck::demo::store::stamp(origin() - TimeDelta::hours(1));
    for (_, event) in sim.store.list(EVENTS, None) {
        let last =
            event["lastTimestamp"].as_str().or(event["series"]["lastObservedTime"].as_str()).or(event["eventTime"].as_str()).unwrap();
        assert!(last >= hour_ago.as_str(), "older than an hour: {event}");
    }
    assert!(sim.store.list(EVENTS, Some("payments")).any(|(_, event)| event["reason"] == "RolloutStepCompleted"));
    // Prometheus stands there from outside the simulation.
    for (key, pod) in sim.store.list(PODS, None).filter(|(key, _)| key.namespace != "monitoring") {
        assert!(pod["spec"]["nodeName"].is_string() && pod["metadata"]["labels"]["topology.kubernetes.io/zone"].is_string(), "{key:?}");
        assert_eq!(pod["metadata"]["labels"]["topology.kubernetes.io/region"], "eu-central-1");
    }
}

#[test]
fn crashloop_never_gets_ready_and_times_out() {
    let mut sim = built("crashloop");
    assert_eq!(rollout(&sim, "payments", "checkout")[0], "Progressing");
    let bad = |sim: &Sim| -> Vec<Value> {
        let pods = sim.store.list(PODS, Some("payments")).map(|(_, pod)| (**pod).clone());
        pods.filter(|pod| pod["spec"]["containers"][0]["image"] == "registry.example/checkout:1.5.0").collect()
    };
    assert_eq!(bad(&sim).len(), 2);
    assert!(bad(&sim).iter().all(|pod| pod["status"]["containerStatuses"][0]["restartCount"].as_i64() > Some(1)));
    later(&mut sim, 5);
    assert_eq!(rollout(&sim, "payments", "checkout")[0], "Degraded");
    assert!(bad(&sim).iter().all(|pod| pod["status"]["containerStatuses"][0]["ready"] == false));
    let mailer = sim
        .store
        .list(PODS, Some("payments"))
        .any(|(_, pod)| pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] == "OOMKilled");
    assert!(mailer, "some of the mailer's pods are killed for their memory now and then");
}

#[test]
fn blue_green_waits_in_preview_and_is_switched() {
    let mut sim = built("blue-green");
    assert_eq!(rollout(&sim, "ledger", "ledger"), json!(["Paused", "BlueGreenPause", null]));
    let status = get(&sim, ROLLOUTS, "ledger", "ledger")["status"]["blueGreen"].clone();
    assert_ne!(status["activeSelector"], status["previewSelector"]);
    assert!(sim.store.list(ANALYSISRUNS, None).any(|(_, run)| run["status"]["phase"] == "Successful"));
    later(&mut sim, 6);
    let after = get(&sim, ROLLOUTS, "ledger", "ledger")["status"].clone();
    assert_eq!((&after["phase"], &after["blueGreen"]["activeSelector"]), (&json!("Healthy"), &status["previewSelector"]));
}

#[test]
fn deployment_rolls_is_held_and_goes_on() {
    let mut sim = built("deployment");
    assert_eq!(progress(&sim, "web", "storefront"), "ReplicaSetUpdated");
    later(&mut sim, 2);
    assert_eq!(progress(&sim, "web", "storefront"), "DeploymentPaused");
    later(&mut sim, 9);
    assert_eq!(progress(&sim, "web", "storefront"), "NewReplicaSetAvailable");
}

#[test]
fn experiment_runs_beside_the_stable_pods() {
    let mut sim = built("experiment");
    assert_eq!(rollout(&sim, "reco", "ranker")[2], 0);
    assert!(sim.store.list(EXPERIMENTS, None).any(|(_, experiment)| experiment["status"]["phase"] == "Running"));
    let (_, slice) = sim.store.list(ENDPOINTSLICES, Some("reco")).find(|(key, _)| key.name.starts_with("ranker-")).unwrap();
    assert_eq!(slice["endpoints"].as_array().unwrap().len(), 12, "ten stable pods, one baseline, one candidate");
    later(&mut sim, 14);
    assert_eq!(rollout(&sim, "reco", "ranker"), json!(["Paused", "CanaryPauseStep", 2]));
}

#[test]
fn the_link_and_the_rights_of_others_are_said_by_their_files() {
    let flaky = Scenario::named("flaky-link").unwrap();
    assert!(flaky.faults.len() >= 8 && flaky.rights.is_none());
    let denied = Scenario::named("denied").unwrap();
    assert!(denied.rights.as_ref().unwrap().iter().all(|rule| rule.verbs == ["get", "list", "watch"]));
    for scenario in [&flaky, &denied] {
        assert_eq!(scenario.options(origin()).faults, scenario.faults);
        let sim = scenario.build(42, origin()).unwrap();
        assert_eq!(rollout(&sim, "payments", "checkout"), json!(["Paused", "CanaryPauseStep", 3]));
    }
}

#[test]
fn fleet_is_of_real_size_and_its_named_release_waits() {
    let text = include_str!("../src/demo/scenarios/fleet.toml");
    assert!(text.contains("count = 199"));
    assert!(Scenario::named("fleet").is_ok());
    // The whole of it takes a while without optimisation: a tenth here, the whole in the benchmarks.
    let sim = Scenario::parse("fleet", &text.replace("count = 199", "count = 9")).unwrap().build(42, origin()).unwrap();
    let pods: Vec<usize> = sim.store.list_stored(PODS, None).map(|(_, pod)| pod.encoded.bytes(&pod.object).len()).collect();
    assert_eq!(pods.len(), 500);
    let mean = pods.iter().sum::<usize>() / pods.len();
    assert!((13_000..15_000).contains(&mean), "{mean} bytes a pod");
    assert_eq!(rollout(&sim, "payments", "checkout"), json!(["Paused", "CanaryPauseStep", 3]));
    for (key, deployment) in sim.store.list(DEPLOYMENTS, None) {
        assert_eq!(deployment["status"]["availableReplicas"], 50, "{key:?}");
    }
}

#[test]
fn mistakes_are_named_in_sentences() {
    let minimal = |extra: &str| {
        format!(
            "format = 1\ndescription = \"d\"\nrelease = \"deployment/a/b\"\n[[node]]\npool = \"p\"\ncount = 1\nzones = [\"z\"]\n\
             [[workload]]\nkind = \"deployment\"\nnamespace = \"a\"\nname = \"b\"\n[[workload.version]]\ntag = \"1\"\nat = \"-1h\"\n{extra}"
        )
    };
    assert!(Scenario::parse("mine", &minimal("")).is_ok());
    for (text, says) in [
        (minimal("behaviour = \"crsh\"\n"), "`crsh` is no behaviour"),
        (minimal("[[workload.version]]\ntag = \"2\"\nat = \"-2h\"\n"), "version 2 of a/b is not later"),
        (minimal("[[write]]\nat = \"soon\"\nobject = \"pods/a/b\"\ndelete = true\n"), "`soon` is no moment"),
        (minimal("[[write]]\nat = \"1s\"\nobject = \"pods/a\"\ndelete = true\n"), "PLURAL/NAMESPACE/NAME"),
        (minimal("[[write]]\nat = \"1s\"\nobject = \"pods/a/b\"\n"), "needs either `create`"),
        (minimal("[[fault]]\nat = \"1s\"\nkind = \"meteor\"\n"), "meteor"),
        (minimal("").replace("deployment/a/b", "deployment/a/c"), "a/c is none of its workloads"),
        (minimal("").replace("[\"z\"]", "[]"), "node pool `p` names no zones"),
        (minimal("").replace("format = 1", "format = 7"), "format 1"),
    ] {
        let error = Scenario::parse("mine", &text).unwrap_err();
        assert!(error.starts_with("Scenario `mine`: ") && error.contains(says), "{error}");
    }
    assert!(Scenario::named("canry").unwrap_err().contains("there are canary, crashloop"));
}
