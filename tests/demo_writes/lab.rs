//! One release called `lab/web`, a new version of it begun over HTTPS, and its state read back the same way.

use serde_json::{Value, json};

use crate::embedded::{Answer, Embedded, deployment, rollout};

/// What every scenario here begins with.
pub const HEAD: &str = r#"
format = 1
description = "a release to write to"
pace = "ready ready-after=1s stop-after=0s jitter=0"
[[node]]
pool = "pool"
count = 2
zones = ["a"]
"#;

/// A Rollout of four pods with this strategy, 1.0 healthy; `top` goes before the first table.
pub fn rollout_text(top: &str, strategy: &str, rest: &str) -> String {
    format!(
        "release = \"rollout/lab/web\"\n{top}\n{HEAD}\n[[workload]]\nkind = \"rollout\"\nnamespace = \"lab\"\nname = \"web\"\nreplicas = 4\n{strategy}\n[[workload.version]]\ntag = \"1.0\"\nat = \"-1h\"\n{rest}"
    )
}

/// A basic canary of these steps.
pub fn canary(steps: &str) -> String {
    rollout_text("", &format!("[workload.strategy.canary]\nmaxSurge = 1\nmaxUnavailable = 0\nsteps = [{steps}]"), "")
}

/// Steps with a pause after each weight.
pub const STEPS: &str = "{ setWeight = 25 }, { pause = {} }, { setWeight = 50 }, { pause = {} }, { setWeight = 75 }, { pause = {} }";

/// A Deployment of four pods, 1.1 healthy after 1.0; `rest` goes behind.
pub fn deployment_text(rest: &str) -> String {
    format!(
        "release = \"deployment/lab/web\"\n{HEAD}\n[[workload]]\nkind = \"deployment\"\nnamespace = \"lab\"\nname = \"web\"\nreplicas = 4\n[[workload.version]]\ntag = \"1.0\"\nat = \"-2h\"\ncause = \"first\"\n[[workload.version]]\ntag = \"1.1\"\nat = \"-1h\"\ncause = \"second\"\n{rest}"
    )
}

/// One with nginx in front.
pub fn routed(steps: &str) -> String {
    routed_with(steps, "")
}

/// The same, with more tables behind.
pub fn routed_with(steps: &str, rest: &str) -> String {
    let strategy = format!(
        "services = [\"web-stable\", \"web-canary\"]\ningress = \"web.example\"\n[workload.strategy.canary]\nstableService = \"web-stable\"\ncanaryService = \"web-canary\"\ntrafficRouting = {{ nginx = {{ stableIngress = \"web\" }} }}\nsteps = [{steps}]"
    );
    rollout_text("", &strategy, rest)
}

pub const WEB: &str = "registry.example/web";

/// `lab/web` under the hands of its kubeconfig's user.
pub struct Lab {
    pub at: Embedded,
    pub path: String,
}

impl Lab {
    pub async fn rollout(text: &str) -> Self {
        Self { at: Embedded::open(text).await, path: rollout("lab", "web") }
    }

    pub async fn deployment(text: &str) -> Self {
        Self { at: Embedded::open(text).await, path: deployment("lab", "web") }
    }

    pub fn status_path(&self) -> String {
        format!("{}/status", self.path)
    }

    pub async fn get(&self) -> Value {
        self.at.user.get(&self.path).await.body
    }

    pub async fn status(&self) -> Value {
        self.get().await["status"].clone()
    }

    /// A merge patch to the object; it must be accepted.
    pub async fn spec(&self, body: Value) -> Value {
        accepted(self.at.user.merge(&self.path, body).await)
    }

    /// A merge patch to `/status`; it must be accepted.
    pub async fn set(&self, status: Value) -> Value {
        accepted(self.at.user.merge(&self.status_path(), json!({ "status": status })).await)
    }

    /// What the plugin's promote writes at a pause.
    pub async fn promote(&self) -> Value {
        self.set(json!({ "pauseConditions": null })).await
    }

    pub async fn image(&self, tag: &str) -> Value {
        let mut object = self.get().await;
        object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(format!("{WEB}:{tag}"));
        accepted(self.at.user.put(&self.path, &object).await)
    }

    /// Phase, message and step index, and whatever else is asked for.
    pub async fn line(&self) -> Value {
        let status = self.status().await;
        json!([status["phase"], status["message"], status["currentStepIndex"]])
    }

    /// Time passes until phase, message and index are these, at most two minutes.
    pub async fn until(&self, phase: &str, message: &str, index: i64) {
        let mut last = Value::Null;
        for _ in 0..12_000 {
            let status = self.at.cluster.read(|sim| sim.store.get(&self.key()).unwrap()["status"].clone());
            let told = status["message"].as_str().unwrap_or_default();
            if status["phase"] == phase && told.starts_with(message) && status["currentStepIndex"].as_i64().unwrap_or(-1) == index {
                return;
            }
            last = status;
            self.at.run(10);
        }
        panic!("never {phase}, {message}, {index}: {last:#}");
    }

    pub fn key(&self) -> flightdeck::demo::store::Key {
        use flightdeck::demo::store::{DEPLOYMENTS, Key, ROLLOUTS};
        Key::new(if self.path.contains("rollouts") { ROLLOUTS } else { DEPLOYMENTS }, "lab", "web")
    }

    /// Pods that each version's ReplicaSet asks for, by tag.
    pub fn asked(&self, tag: &str) -> i64 {
        self.sets(tag).iter().map(|set| set["spec"]["replicas"].as_i64().unwrap()).sum()
    }

    /// The ReplicaSets of a tag.
    pub fn sets(&self, tag: &str) -> Vec<Value> {
        let image = format!("{WEB}:{tag}");
        self.at.cluster.read(|sim| {
            let sets = sim.store.list(flightdeck::demo::store::REPLICASETS, Some("lab"));
            sets.filter(|(_, set)| set["spec"]["template"]["spec"]["containers"][0]["image"] == image.as_str())
                .map(|(_, set)| (**set).clone())
                .collect()
        })
    }
}

pub fn accepted(answer: Answer) -> Value {
    assert_eq!(answer.code, 200, "{answer:#?}");
    answer.body
}
