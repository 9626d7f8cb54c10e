//! The embedded Deployment controller against the recorded life of a Deployment under the real kube-controller-manager.

mod dump {
    pub use chrono::{DateTime, TimeDelta, Utc};
    pub use flightdeck::demo::controllers::{base, behaviour::*};
    pub use flightdeck::demo::sim::Sim;
    pub use flightdeck::demo::store::*;
    pub use serde_json::{Value, json};
}
use dump::*;

#[test]
fn print() {
    let text = std::fs::read_to_string("tests/data/recordings/deployment-life.jsonl").unwrap();
    let events: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let epoch: DateTime<Utc> = "2026-11-21T01:01:06.694Z".parse().unwrap();
    let crash = Behaviour { fate: Fate::Crash, after: std::time::Duration::ZERO, ..Behaviour::instant() };
    let mut sim = Sim::new(1, epoch, base(Table::instant().image("-bad", crash)));
    for n in 0..26 {
        sim.create(NODES, json!({"metadata": {"name": format!("node-{n:03}"), "labels": {"topology.kubernetes.io/zone": "zone-a"}}}))
            .unwrap();
    }
    let line = |o: &Value| {
        let s = &o["status"];
        let c = |f: &str| s[f].as_i64().unwrap_or(0);
        let reasons: Vec<String> = s["conditions"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|c| format!("{}={}/{}", c["type"], c["status"], c["reason"]).replace('"', ""))
            .collect();
        format!(
            "g{}/{} rev {} {:?} {} {}",
            o["metadata"]["generation"],
            c("observedGeneration"),
            o["metadata"]["annotations"]["deployment.kubernetes.io/revision"],
            ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "terminatingReplicas"].map(c),
            reasons.join(" "),
            o["spec"]["paused"]
        )
    };
    let mut recorded = vec![];
    let mut generation = 0;
    for e in &events {
        let o = &e["object"];
        if e["type"] == "BOOKMARK" || o["kind"] != "Deployment" {
            continue;
        }
        recorded.push(format!("{}", line(o)));
        let g = o["metadata"]["generation"].as_i64().unwrap();
        if g != generation {
            generation = g;
            sim.run_until(epoch + TimeDelta::milliseconds(e["at_ms"].as_i64().unwrap()));
            let key = Key::of(DEPLOYMENTS, o);
            if g == 1 {
                sim.create(DEPLOYMENTS, json!({"metadata": {"name": "checkout", "namespace": "payments", "labels": o["metadata"]["labels"], "annotations": o["metadata"]["annotations"]}, "spec": o["spec"]})).unwrap();
            } else {
                sim.edit(&key, Part::Main, |d| {
                    d["spec"] = o["spec"].clone();
                    d["metadata"]["annotations"] = o["metadata"]["annotations"].clone();
                })
                .unwrap();
            }
        }
    }
    sim.run_until(epoch + TimeDelta::seconds(160));
    let mine: Vec<String> = sim.store.since(0).unwrap().filter(|e| e.key.resource == DEPLOYMENTS).map(|e| line(&e.object)).collect();
    std::fs::write("/tmp/rec.txt", recorded.join("\n")).unwrap();
    std::fs::write("/tmp/mine.txt", mine.join("\n")).unwrap();
}
