//! Analyses and experiments in situations the recordings don't hold.

use flightdeck::demo::store::{ANALYSISRUNS, ANALYSISTEMPLATES, DEPLOYMENTS, ENDPOINTSLICES, EXPERIMENTS, Key, PODS, Part, REPLICASETS};
use serde_json::{Value, json};

use super::lab::{Lab, pods, template};
use super::story::{Floor, Story};

/// An AnalysisTemplate `gate` with one metric of these fields, whose values come as the annotation says.
fn gate(values: &str, fields: Value) -> Value {
    let mut metric = json!({ "name": "success", "provider": { "prometheus": { "query": "q" } }, "successCondition": "result[0] >= 0.95" });
    for (field, value) in fields.as_object().unwrap() {
        metric[field] = value.clone();
    }
    json!({ "metadata": { "name": "gate", "namespace": "lab", "annotations": { "demo.flightdeck.dev/values": values } },
            "spec": { "metrics": [metric] } })
}

/// A Rollout at the step after `setWeight: 50`, an analysis by `gate`.
fn at_analysis(template: Value) -> Lab {
    let steps = json!([{ "setWeight": 50 }, { "analysis": { "templates": [{ "templateName": "gate" }] } }, { "pause": {} }]);
    let mut lab = Lab::after(
        |sim| drop(sim.create(ANALYSISTEMPLATES, template).unwrap()),
        json!({ "replicas": 2, "strategy": { "canary": { "steps": steps } } }),
        &[],
    );
    lab.image("web:2");
    lab
}

fn run(lab: &Lab) -> Value {
    let mut runs = lab.sim.store.list(ANALYSISRUNS, None);
    (**runs.next().unwrap().1).clone()
}

#[test]
fn a_vector_from_prometheus_passes() {
    let mut lab = at_analysis(gate("0.97", json!({ "count": 3, "interval": "5s" })));
    lab.run(30);
    let run = run(&lab);
    assert_eq!(run["status"]["phase"], "Successful");
    assert_eq!(run["status"]["metricResults"][0]["measurements"][2]["value"], "[0.97]");
    assert_eq!(lab.status("/message"), "CanaryPauseStep");
}

#[test]
fn queries_that_fail_abort_after_the_limit() {
    let mut lab = at_analysis(gate("0.99,error", json!({ "interval": "2s", "count": 10, "consecutiveErrorLimit": 2 })));
    lab.run(30);
    let result = &run(&lab)["status"]["metricResults"][0];
    assert_eq!((&result["phase"], &result["successful"], &result["error"]), (&json!("Error"), &json!(1), &json!(3)));
    let message = lab.status("/message");
    let told = message.as_str().unwrap();
    assert!(told.contains("Step-based analysis phase error/failed: Metric \"success\" assessed Error due to consecutiveErrors (3) > consecutiveErrorLimit (2)"), "{told}");
}

#[test]
fn values_nobody_gave_are_an_error_that_says_so() {
    let mut lab = at_analysis(gate("", json!({})));
    lab.run(60);
    let message = lab.status("/message");
    assert!(message.as_str().unwrap().contains("demo.flightdeck.dev/values"), "{message}");
}

#[test]
fn ten_measurements_are_kept_and_delay_is_kept() {
    let mut lab = at_analysis(gate("1", json!({ "interval": "1s", "count": 15, "initialDelay": "20s" })));
    lab.run(15);
    assert!(run(&lab)["status"]["metricResults"].is_null(), "nothing measured before the initial delay");
    lab.run(60);
    let result = &run(&lab)["status"]["metricResults"][0];
    assert_eq!((result["count"].clone(), result["measurements"].as_array().unwrap().len()), (json!(15), 10));
}

#[test]
fn a_run_told_to_stop_counts_as_passed() {
    let mut lab = at_analysis(gate("1", json!({ "interval": "5s" })));
    lab.run(12);
    assert_eq!(lab.status("/canary/currentStepAnalysisRunStatus/status"), "Running");
    let key = Key::of(ANALYSISRUNS, &run(&lab));
    lab.sim.edit(&key, Part::Main, |run| run["spec"]["terminate"] = json!(true)).unwrap();
    lab.run(5);
    assert_eq!(
        (run(&lab)["status"]["phase"].clone(), run(&lab)["status"]["message"].clone()),
        (json!("Successful"), json!("Run Terminated"))
    );
    assert_eq!(lab.status("/currentStepIndex"), 2);
}

#[test]
fn an_experiment_that_never_gets_ready_aborts() {
    let templates = json!([{ "name": "candidate", "specRef": "canary" }]);
    let steps = json!([{ "experiment": { "duration": "10s", "templates": templates } }, { "pause": {} }]);
    let spec = json!({ "replicas": 2, "progressDeadlineSeconds": 20, "strategy": { "canary": { "steps": steps } } });
    let mut lab = Lab::with(spec, &[]);
    lab.image("web-bad");
    lab.run(60);
    let (_, ex) = lab.sim.store.list(EXPERIMENTS, None).next().unwrap();
    assert_eq!(ex["status"]["phase"], "Failed");
    let message = lab.status("/message");
    assert!(message.as_str().unwrap().contains("Template 'candidate' exceeded its progressDeadlineSeconds (20)"), "{message}");
}

#[test]
fn experiment_pods_have_a_hash_of_their_own_and_share_the_labels() {
    let templates = json!([{ "name": "a", "specRef": "stable" }, { "name": "b", "specRef": "canary", "replicas": 2 }]);
    let steps = json!([{ "experiment": { "duration": "60s", "templates": templates } }, { "pause": {} }]);
    let mut lab = Lab::new(4, json!({ "steps": steps }), &[]);
    lab.image("web:2");
    lab.run(20);
    assert_eq!(lab.pods(), pods(&[("web:1", 5), ("web:2", 2)]), "of both versions' sets together");
    assert_eq!((lab.status("/updatedReplicas"), lab.status("/currentStepIndex")), (Value::Null, json!(0)), "the status shows none of it");
    let hashes: std::collections::BTreeSet<String> = lab
        .sim
        .store
        .list(REPLICASETS, None)
        .inspect(|(_, set)| assert_eq!(set["spec"]["template"]["metadata"]["labels"]["app"], "web"))
        .map(|(_, set)| set["metadata"]["labels"]["rollouts-pod-template-hash"].to_string())
        .collect();
    assert_eq!(hashes.len(), 4);
    lab.run(60);
    assert_eq!(lab.status("/currentStepIndex"), 1);
    lab.run(40);
    assert_eq!(lab.pods(), pods(&[("web:1", 4)]), "its pods stay 30 s, then go");
}

#[test]
fn a_weighted_experiment_takes_from_stable() {
    let templates = json!([{ "name": "b", "specRef": "canary", "weight": 7 }]);
    let steps = json!([{ "experiment": { "duration": "60s", "templates": templates } }, { "pause": {} }]);
    let canary = json!({ "canaryService": "canary", "stableService": "stable", "trafficRouting": { "smi": {} }, "steps": steps });
    let mut lab = Lab::new(2, canary, &["canary", "stable"]);
    lab.image("web:2");
    lab.run(20);
    let weights = lab.status("/canary/weights");
    assert_eq!((&weights["canary"]["weight"], &weights["stable"]["weight"]), (&json!(0), &json!(93)));
    assert_eq!(weights["additional"][0]["weight"], 7);
}

#[test]
fn a_workload_is_scaled_down_as_told() {
    for (how, left) in [("never", 3), ("onsuccess", 0), ("progressively", 0)] {
        let deployment = json!({ "metadata": { "name": "web", "namespace": "lab" },
            "spec": { "replicas": 3, "selector": { "matchLabels": { "app": "web" } }, "template": template("web:1") } });
        let spec = json!({ "replicas": 3, "strategy": { "canary": {} },
                           "workloadRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "scaleDown": how } });
        let lab = Lab::after(|sim| drop(sim.create(DEPLOYMENTS, deployment).unwrap()), spec, &[]);
        assert_eq!((lab.status("/phase"), lab.pods()), (json!("Healthy"), pods(&[("web:1", 3)])));
        let (_, deployment) = lab.sim.store.list(DEPLOYMENTS, None).next().unwrap();
        assert_eq!(deployment["spec"]["replicas"], left, "{how}");
    }
}

#[test]
fn a_rollback_within_the_window_skips_steps() {
    let canary = json!({ "steps": [{ "setWeight": 50 }, { "pause": {} }] });
    for (window, skips) in [(0, false), (3, true)] {
        let spec = json!({ "replicas": 2, "rollbackWindow": { "revisions": window }, "strategy": { "canary": canary } });
        let mut lab = Lab::with(spec, &[]);
        lab.image("web:2");
        lab.run(10);
        lab.promote();
        lab.run(20);
        assert_eq!((lab.status("/phase"), lab.pods()), (json!("Healthy"), pods(&[("web:2", 2)])));
        lab.image("web:1");
        lab.run(20);
        assert_eq!(lab.status("/phase"), if skips { "Healthy" } else { "Paused" });
    }
}

#[test]
fn the_service_sends_an_experiment_its_share_while_the_status_says_none() {
    let story = Story::read("experiment");
    // The moments the plugin was asked: while the experiment runs, and at "50 %" with its pods still there.
    for (moment, new, all) in [(0, 1, 6), (1, 3, 6)] {
        let said = &story.says[moment];
        let (_, sim) = story.simulated_until(Floor::Pods, said.at);
        let mut images = Vec::new();
        for (_, slice) in sim.store.list(ENDPOINTSLICES, None) {
            for endpoint in slice["endpoints"].as_array().into_iter().flatten().filter(|e| e["conditions"]["ready"] == true) {
                let name = endpoint["targetRef"]["name"].as_str().unwrap();
                let pod = sim.store.get(&Key::new(PODS, "argo-experiment", name)).unwrap();
                images.push(pod["spec"]["containers"][0]["image"].as_str().unwrap().to_owned());
            }
        }
        let of_new = images.iter().filter(|image| image.ends_with(":1.1.0")).count();
        assert_eq!((of_new, images.len()), (new, all), "{}: {images:?}", said.note);
    }
}
