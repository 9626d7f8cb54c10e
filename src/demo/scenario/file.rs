//! What a scenario file may say: its tables and fields, as TOML has them.
//! Checks only shape; what the words mean for a cluster is `world`'s work.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::demo::admission::Webhook;
use crate::demo::controllers::argo::Lapse;
use crate::demo::faults::Fault;
use crate::demo::prometheus::PrometheusFault;
use crate::demo::rights::Rule;
use crate::demo::traffic;
use crate::demo::visit::Did;

/// A whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    /// Format version.
    pub(super) format: u32,
    /// One sentence.
    pub(super) description: String,
    /// `rollout/NAMESPACE/NAME`, `deployment/NAMESPACE/NAME` or `canary/NAMESPACE/NAME`.
    pub(super) release: String,
    /// A shipped scenario whose nodes, workloads, objects and writes this one has too.
    pub(super) world: Option<String>,
    /// Whether what a person makes of it is scored: then its release has requests with a fault in one version.
    #[serde(default)]
    pub(super) scored: bool,
    /// How pods behave where nothing else is said: words of a behaviour.
    pub(super) pace: Option<String>,
    /// Whether pods carry `managedFields`.
    #[serde(default)]
    pub(super) managed_fields: bool,
    #[serde(default)]
    pub(super) node: Vec<Nodes>,
    #[serde(default)]
    pub(super) workload: Vec<Workload>,
    #[serde(default)]
    pub(super) write: Vec<Write>,
    /// What the services behind Canaries' webhooks answer.
    #[serde(default)]
    pub(super) gate: Vec<Gate>,
    #[serde(default)]
    pub(super) fault: Vec<Fault>,
    /// What goes wrong with its Prometheus.
    #[serde(default)]
    pub(super) prometheus_fault: Vec<Fault<PrometheusFault>>,
    /// What goes wrong with the Rollout controller.
    #[serde(default)]
    pub(super) controller_fault: Vec<Fault<Lapse>>,
    /// Admission webhooks.
    #[serde(default)]
    pub(super) admission: Vec<Webhook>,
    /// How long a token is accepted.
    pub(super) token_lasts: Option<String>,
    #[serde(default)]
    pub(super) rule: Vec<Rule>,
    /// The requests that come.
    #[serde(default)]
    pub(super) traffic: Vec<traffic::Written>,
    /// What is promised, as the cockpit's own config says it.
    #[serde(default)]
    pub(super) objective: Vec<Objective>,
}

/// A promise about requests: the keys of an `[[objective]]` table of the cockpit's config.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// What it is called.
    pub name: String,
    /// NAMESPACE/RELEASE it is promised for; `*` stands for any text.
    #[serde(rename = "match")]
    pub matches: String,
    /// The share of requests that must be good, between 0 and 1.
    pub target: f64,
    /// The time it is promised over: `30d`.
    pub window: String,
    /// A request is good if it is no slower than this: `300ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slower_than: Option<String>,
    /// A query for failed requests, with `total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<String>,
    /// A query for all requests, with `errors`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

/// A pool of alike nodes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nodes {
    pub(super) pool: String,
    pub(super) count: usize,
    pub(super) zones: Vec<String>,
    #[serde(default = "default_pods")]
    pub(super) pods: u32,
}

fn default_pods() -> u32 {
    110
}

/// A Rollout or a Deployment with its Services, and the versions it went through.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Workload {
    pub(super) kind: Kind,
    pub(super) namespace: String,
    pub(super) name: String,
    #[serde(default = "one")]
    pub(super) replicas: i64,
    /// Whether pods carry their version as the label `version`, as meshes want it.
    #[serde(default)]
    pub(super) version_label: bool,
    /// How many of them; `{n}` in names stands for the number, `{g}` for one of `groups`.
    #[serde(default = "one_of")]
    pub(super) count: usize,
    #[serde(default = "one_of")]
    pub(super) groups: usize,
    /// Image repository; `registry.example/NAME` when absent.
    pub(super) image: Option<String>,
    /// `spec.strategy` as the cluster wants it.
    #[serde(default)]
    pub(super) strategy: Value,
    /// More fields of `spec`.
    #[serde(default)]
    pub(super) spec: Map<String, Value>,
    /// Names of its Services; one of its own name when absent.
    pub(super) services: Option<Vec<String>>,
    /// A host: an Ingress of the workload's name leads from it to the first Service.
    pub(super) ingress: Option<String>,
    /// Whether its pods carry what those of long-lived clusters do: about 14 KB of JSON each.
    #[serde(default)]
    pub(super) heavy: bool,
    pub(super) version: Vec<Version>,
}

fn one() -> i64 {
    1
}

fn one_of() -> usize {
    1
}

/// What drives a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// Argo Rollouts.
    Rollout,
    /// Kubernetes itself.
    Deployment,
}

/// One version of a workload and when it was rolled out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Version {
    pub(super) tag: String,
    pub(super) at: String,
    /// `kubernetes.io/change-cause`.
    pub(super) cause: Option<String>,
    /// What its pods do: words of a behaviour.
    pub(super) behaviour: Option<String>,
}

/// One write, as a client would make it. Exactly one of `create`, `patch` and `delete`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Write {
    pub(super) at: String,
    /// PLURAL/NAMESPACE/NAME of what is patched or deleted.
    pub(super) object: Option<String>,
    /// Whether the patch goes to `/status`.
    #[serde(default)]
    pub(super) status: bool,
    /// A manifest as JSON.
    pub(super) create: Option<String>,
    /// A merge patch as JSON (TOML has no null, and null is what ends a pause).
    pub(super) patch: Option<String>,
    #[serde(default)]
    pub(super) delete: bool,
    /// Whom `managedFields` names as the writer of a patch; nobody when absent.
    pub(super) manager: Option<String>,
    /// Not at `at`, but right after somebody did this over the API, from `at` on.
    pub(super) after: Option<Did>,
    /// To which object somebody must do it; the one that is written when absent.
    pub(super) on: Option<String>,
    /// How long after.
    pub(super) delay: Option<String>,
    /// How often; once when absent.
    pub(super) times: Option<usize>,
}

/// What one URL answers from a moment on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gate {
    pub(super) at: String,
    pub(super) url: String,
    pub(super) open: bool,
}

impl File {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        match file.format {
            1 => Ok(file),
            other => Err(format!("`format = {other}` is not known here; this program reads format 1")),
        }
    }

    /// This file with everything another one has.
    pub(super) fn within(mut self, world: Self) -> Self {
        self.node.extend(world.node);
        self.workload.extend(world.workload);
        self.write.extend(world.write);
        self.gate.extend(world.gate);
        self.traffic.extend(world.traffic);
        self.objective.extend(world.objective);
        self.pace = self.pace.or(world.pace);
        self.managed_fields |= world.managed_fields;
        self
    }
}
