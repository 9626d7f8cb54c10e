//! What Flagger writes into a Canary's status (flagger pkg/canary/status.go).
//! Decides nothing: it is told the phase, and knows which figures and which condition go with it.

use serde_json::{Map, Value, json};

use super::spec::Spec;
use super::tick::Tick;
use crate::demo::controllers::meta;
use crate::demo::sim::Cx;
use crate::demo::store::{Key, Part};

/// A Canary nobody looked at yet.
pub fn begin(key: &Key, cx: &mut Cx<'_>) {
    let Some(canary) = cx.store.get(key).cloned() else { return };
    let mut status = json!({ "canaryWeight": 0, "failedChecks": 0, "iterations": 0 });
    conclude(&canary, &mut status, "Initializing", &meta::stamped(cx.now));
    write(key, cx, status);
}

impl Tick<'_, '_> {
    /// Another phase with all figures at 0, and the target's template as the applied one (syncCanaryStatus).
    pub fn sync(&mut self, phase: &str, weight: i64) {
        let hash = self.target_hash();
        self.write_status(|status| {
            for (field, value) in [("canaryWeight", weight), ("failedChecks", 0), ("iterations", 0)] {
                status[field] = json!(value);
            }
            status["lastAppliedSpec"] = json!(hash);
            if phase == "Initialized" {
                status["lastPromotedSpec"] = json!(hash);
            }
            status["trackedConfigs"] = json!({});
            status["phase"] = json!(phase);
        });
    }

    /// The template that failed is the one that was last applied, also where a person has set another since.
    pub fn sync_failed(&mut self) {
        let hash = self.target_hash();
        self.write_status(|status| status["lastAppliedSpec"] = json!(hash));
    }

    /// Another phase (setStatusPhase). Promotion keeps the weight, recorded; waiting for it does not, though the route does.
    pub fn enter(&mut self, phase: &str) {
        let waiting = Spec(&self.canary).said_iterations() - 1;
        self.write_status(|status| {
            status["phase"] = json!(phase);
            if !matches!(phase, "Progressing" | "Waiting" | "Promoting") {
                status["canaryWeight"] = json!(0);
                status["iterations"] = json!(if phase == "WaitingPromotion" { waiting } else { 0 });
            }
            if phase == "Succeeded" {
                status["lastPromotedSpec"] = status["lastAppliedSpec"].clone();
            }
        });
    }

    /// One figure.
    pub fn set_figure(&mut self, field: &str, value: i64) {
        self.write_status(|status| status[field] = json!(value));
    }

    fn write_status(&mut self, change: impl FnOnce(&mut Value)) {
        let mut status = self.canary["status"].clone();
        change(&mut status);
        let phase = meta::text(&status["phase"]).to_owned();
        conclude(&self.canary, &mut status, &phase, &meta::stamped(self.cx.now));
        write(&self.key, self.cx, status);
        self.refresh();
    }
}

/// Phase, condition and the time of this write.
fn conclude(canary: &Value, status: &mut Value, phase: &str, now: &Value) {
    status["phase"] = json!(phase);
    status["lastTransitionTime"] = now.clone();
    let (is, message) = said(phase, meta::text(&canary["spec"]["targetRef"]["kind"]));
    let old = meta::condition(&canary["status"], "Promoted");
    if old.is_some_and(|old| old["status"] == is && old["reason"] == phase) {
        return;
    }
    let since = old.filter(|old| old["status"] == is).map_or(now, |old| &old["lastTransitionTime"]);
    status["conditions"] = json!([{ "lastTransitionTime": since, "lastUpdateTime": now, "message": message, "reason": phase, "status": is,
                                    "type": "Promoted" }]);
}

/// The condition's status and message (MakeStatusConditions).
fn said(phase: &str, kind: &str) -> (&'static str, String) {
    match phase {
        "Initialized" => ("True", format!("{kind} initialization completed.")),
        "Waiting" | "WaitingPromotion" => ("Unknown", "Waiting for approval.".into()),
        "Progressing" => ("Unknown", "New revision detected, progressing canary analysis.".into()),
        "Promoting" => ("Unknown", "Canary analysis completed, starting primary rolling update.".into()),
        "Finalising" => ("Unknown", "Canary analysis completed, routing all traffic to primary.".into()),
        "Succeeded" => ("True", "Canary analysis completed successfully, promotion finished.".into()),
        "Failed" => ("False", format!("Canary analysis failed, {kind} scaled to zero.")),
        _ => ("Unknown", format!("New {kind} detected, starting initialization.")),
    }
}

/// Writes it with its fields sorted, as the real one's are.
fn write(key: &Key, cx: &mut Cx<'_>, status: Value) {
    let mut fields: Vec<(String, Value)> = status.as_object().cloned().unwrap_or_default().into_iter().collect();
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    let status = Value::Object(Map::from_iter(fields));
    // It fails only where the Canary is gone.
    let _ = cx.store.edit(key, Part::Status, |canary| canary["status"] = status);
}
