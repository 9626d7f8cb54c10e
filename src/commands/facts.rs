//! A release as `status` prints it: every key always there, nothing guessed. Key names are stable; scripts rely on them.

use serde_json::{Value, json};

use crate::objects::{Kind, Time};
use crate::release::figures::{self, window as window_name};
use crate::release::telemetry::BudgetFrom;
use crate::release::words;
use crate::release::{Engine, Label, Phase, Release, Role, Share, Strategy};

/// The JSON object of one release. `now` is the server's time; `heard` is when the server last answered: a watched figure is as old as that.
pub fn facts(release: &Release, context: &str, now: Time, heard: Option<Time>) -> Value {
    json!({
        "context": context,
        "namespace": release.key.namespace,
        "name": release.key.name,
        "kind": release.key.kind.name(),
        "engine": engine(release.engine),
        "strategy": strategy(release.strategy),
        "phase": phase(release.phase),
        "message": release.message,
        "step": release.position.map(|p| json!({ "index": p.index, "total": p.total })),
        "weight": release.weight.map(|w| json!({ "set": w.set, "actual": w.actual, "max": w.max })),
        "replicas": {
            "desired": release.replicas.desired, "current": release.replicas.current, "updated": release.replicas.updated,
            "ready": release.replicas.ready, "available": release.replicas.available,
        },
        "versions": release.versions.iter().map(|v| json!({
            "role": role(v.role), "hash": v.hash, "revision": v.revision, "images": v.images,
            "desired": v.desired, "ready": v.mix.map_or(v.ready, |mix| mix.ready), "failing": v.mix.map(|mix| mix.failing),
        })).collect::<Vec<_>>(),
        "exposure": exposure(release, now, heard),
        "slo": slo(release),
        "verdict": words::judged(release).map(|(_, word)| word),
        "since": release.since.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
    })
}

fn slo(release: &Release) -> Vec<Value> {
    let budgets = release.telemetry.iter().flat_map(|telemetry| &telemetry.budgets);
    budgets
        .map(|one| {
            let burns: serde_json::Map<String, Value> =
                one.burns.iter().map(|(window, burn)| (short(*window), json!(burn.value().map(|burn| round(burn.get()))))).collect();
            json!({
                "name": one.objective.name(),
                "target": one.objective.target(),
                "period": one.period.map(|period| json!({ "name": period.name(), "from": period.from, "to": period.to })),
                "remaining": one.left.value().map(|budget| round(budget.remaining)),
                "burn": burns,
                "found": one.provenance.from,
                "source": one.from.as_ref().map(|from| match from {
                    BudgetFrom::Recorded(series) => series.to_string(),
                    BudgetFrom::Since(Some(series)) => format!("mean of {series} since the period began"),
                    BudgetFrom::Since(None) => "counted since the period began".to_owned(),
                    BudgetFrom::Counted(window) => format!("counted over the last {}", short(*window)),
                }),
            })
        })
        .collect()
}

/// To six decimals: what a float sum leaves behind them says nothing.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// A window as PromQL writes it.
fn short(window: std::time::Duration) -> String {
    window_name(window).replace(' ', "")
}

fn exposure(release: &Release, now: Time, heard: Option<Time>) -> Value {
    let headline = release.exposure.headline.as_ref();
    json!({
        "share": headline.filter(|s| s.label != Label::Unknown).map(|s| s.value),
        "label": label(headline.map_or(Label::Unknown, |s| s.label)),
        "source": headline.map(|s| s.source.clone()),
        "age_seconds": headline.and_then(|s| age(s, now, heard)),
        "max_share": release.exposure.peak.map(|p| p.value),
    })
}

fn age(share: &Share, now: Time, heard: Option<Time>) -> Option<i64> {
    share.as_of.or(heard).map(|at| (now - at).num_seconds().max(0))
}

/// The table for people: one line a release.
pub fn table(releases: &[&Release], why: impl Fn(&Release) -> String) -> String {
    let mut rows = vec![["RELEASE", "KIND", "PHASE", "STEP", "EXPOSED", "READY", "WHY"].map(str::to_owned)];
    for r in releases {
        rows.push([
            format!("{}/{}", r.key.namespace, r.key.name),
            r.key.kind.name().to_owned(),
            phase(r.phase).to_owned(),
            words::place(r),
            r.exposure.headline.as_ref().map_or_else(
                || "-".to_owned(),
                |s| match s.label {
                    Label::Unknown => "unknown".to_owned(),
                    _ => format!("{} {}", figures::share(s.value, s.label), label(s.label).to_lowercase()),
                },
            ),
            format!("{}/{}", r.replicas.ready, r.replicas.desired),
            why(r),
        ]);
    }
    let widths: Vec<usize> =
        (0..7).map(|c| rows.iter().map(|row| unicode_width::UnicodeWidthStr::width(row[c].as_str())).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let gap = width.saturating_sub(unicode_width::UnicodeWidthStr::width(cell.as_str())) + 2;
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', gap));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn engine(engine: Engine) -> &'static str {
    match engine {
        Engine::ArgoRollouts => "argo-rollouts",
        Engine::Deployment => "deployment",
        Engine::Flagger => "flagger",
    }
}

fn strategy(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Canary => "canary",
        Strategy::BlueGreen => "blue-green",
        Strategy::Rolling => "rolling",
        Strategy::Recreate => "recreate",
    }
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Healthy => "Healthy",
        Phase::Progressing => "Progressing",
        Phase::Paused => "Paused",
        Phase::Degraded => "Degraded",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Stable => "stable",
        Role::Canary => "canary",
        Role::Active => "active",
        Role::Preview => "preview",
        Role::Experiment => "experiment",
        Role::New => "new",
        Role::Old => "old",
        Role::Other => "other",
    }
}

fn label(label: Label) -> &'static str {
    match label {
        Label::Measured => "MEASURED",
        Label::Configured => "CONFIGURED",
        Label::Inferred => "INFERRED",
        Label::Unknown => "UNKNOWN",
    }
}

/// What `NS/NAME` on the command line names: a kind where one is said, a namespace and a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Which kind, where `rollout/` or `deployment/` says so.
    pub kind: Option<Kind>,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl Named {
    /// Reads `payments/checkout`, or with its kind in front: `rollout/…`, `canary/…`, `deployment/…`.
    ///
    /// # Errors
    /// A sentence that says what to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` names no release; write NAMESPACE/NAME, with rollout/, canary/ or deployment/ in front where two have that name"
            )
        };
        let parts: Vec<&str> = text.split('/').collect();
        let (kind, namespace, name) = match parts[..] {
            [namespace, name] => (None, namespace, name),
            ["rollout", namespace, name] => (Some(Kind::Rollout), namespace, name),
            ["canary", namespace, name] => (Some(Kind::Canary), namespace, name),
            ["deployment", namespace, name] => (Some(Kind::Deployment), namespace, name),
            _ => return Err(wrong()),
        };
        if namespace.is_empty() || name.is_empty() {
            return Err(wrong());
        }
        Ok(Self { kind, namespace: namespace.to_owned(), name: name.to_owned() })
    }

    /// Whether the namespace of `-n`, where one is given, is its own.
    ///
    /// # Errors
    /// A sentence that names both.
    pub fn is_in_scope(&self, global: &crate::cli::Global) -> Result<(), String> {
        match &global.namespace {
            Some(other) if *other != self.namespace => Err(format!(
                "{}/{} is in namespace {}, and -n says {other}; leave one of them out",
                self.namespace, self.name, self.namespace
            )),
            _ => Ok(()),
        }
    }

    /// Whether `release` is meant.
    pub fn means(&self, release: &Release) -> bool {
        release.is_named(self.kind, &self.namespace, &self.name)
    }

    /// That more than one release is meant, and how to say which.
    pub fn shared(&self) -> String {
        let (namespace, name) = (&self.namespace, &self.name);
        format!(
            "several releases share that name; write rollout/{namespace}/{name}, canary/{namespace}/{name} or deployment/{namespace}/{name}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_named_by_namespace_and_name() {
        assert_eq!(Named::parse("payments/checkout").map(|n| (n.kind, n.name)), Ok((None, "checkout".into())));
        assert_eq!(Named::parse("rollout/payments/checkout").map(|n| n.kind), Ok(Some(Kind::Rollout)));
        assert!(Named::parse("checkout").is_err());
        assert!(Named::parse("a/b/c").is_err());
        assert!(Named::parse("/x").is_err());
    }
}
