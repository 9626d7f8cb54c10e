//! The AnalysisRun controller: takes measurements when due, judges metrics and the run (argo-rollouts analysis/analysis.go).
//! Never asks a network: values come from the manifest, see `provider`.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::demo::sim::{Controller, Cx};
use crate::demo::store::{ANALYSISRUNS, Key, LogEntry, Part, Store, stamp};

use super::expression::{self, Answer};
use super::objects::{flag, go_duration, has, list, number, remove, text, time};
use super::run_template::is_over;
use super::{COMPONENT, provider};

/// Measurements kept per metric.
const KEPT: usize = 10;

/// The controller.
pub struct AnalysisRuns;

impl Controller for AnalysisRuns {
    fn name(&self) -> &'static str {
        COMPONENT
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        if entry.key.resource == ANALYSISRUNS { vec![entry.key.clone()] } else { Vec::new() }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let run = (**cx.store.get(key)?).clone();
        if is_over(text(&run, "/status/phase")) {
            return None;
        }
        let mut work = Look { run, now: cx.now, events: Vec::new() };
        work.measure();
        work.assess();
        let again = work.next();
        for (kind, reason, message) in &work.events {
            cx.event(COMPONENT, &work.run, kind, reason, message);
        }
        let status = work.run["status"].clone();
        let _ = cx.store.edit(key, Part::Main, |run| run["status"] = status);
        again
    }
}

struct Look {
    run: Value,
    now: DateTime<Utc>,
    events: Vec<(&'static str, String, String)>,
}

impl Look {
    fn metrics(&self) -> Vec<Value> {
        list(&self.run, "/spec/metrics").to_vec()
    }

    fn result(&self, name: &str) -> Option<&Value> {
        list(&self.run, "/status/metricResults").iter().find(|r| r["name"] == name)
    }

    fn is_dry(&self, name: &str) -> bool {
        list(&self.run, "/spec/dryRun").iter().any(|d| d["metricName"] == name || d["metricName"] == ".*")
    }

    /// Whether no more measurements are to be taken: told to stop, or a metric that counts has failed.
    fn is_terminating(&self) -> bool {
        let bad = |r: &Value| matches!(text(r, "/phase"), "Failed" | "Error" | "Inconclusive") && !flag(r, "/dryRun");
        flag(&self.run, "/spec/terminate") || list(&self.run, "/status/metricResults").iter().any(bad)
    }

    fn put(&mut self, result: Value) {
        let status = &mut self.run["status"];
        if !status["metricResults"].is_array() {
            status["metricResults"] = json!([]);
        }
        let Some(results) = status["metricResults"].as_array_mut() else { return };
        match results.iter_mut().find(|r| r["name"] == result["name"]) {
            Some(known) => *known = result,
            None => results.push(result),
        }
    }

    /// When the metric's next measurement is due; `None` when there is none to come.
    fn due(&self, metric: &Value) -> Option<DateTime<Utc>> {
        let start = time(&self.run["status"]["startedAt"]).unwrap_or(self.now);
        let Some(result) = self.result(text(metric, "/name")) else {
            return Some(start + metric.get("initialDelay").and_then(go_duration).unwrap_or_default());
        };
        if is_over(text(result, "/phase")) || wanted(metric).is_some_and(|count| number(result, "/count").unwrap_or(0) >= count) {
            return None;
        }
        let last = list(result, "/measurements").last().and_then(|m| time(&m["finishedAt"]));
        let interval = metric.get("interval").and_then(go_duration).unwrap_or(TimeDelta::seconds(10));
        Some(last.unwrap_or(self.now) + interval)
    }

    fn measure(&mut self) {
        if self.run["status"]["startedAt"].is_null() {
            self.run["status"]["startedAt"] = json!(stamp(self.now));
        }
        if self.is_terminating() {
            return;
        }
        for metric in self.metrics() {
            let name = text(&metric, "/name").to_owned();
            let first = self.result(&name).is_none();
            let delayed = metric.get("initialDelay").is_some();
            let due = self.due(&metric).is_some_and(|at| (first && !delayed) || at < self.now);
            if due {
                self.take(&metric, &name);
            }
        }
    }

    fn take(&mut self, metric: &Value, name: &str) {
        let mut result = self.result(name).cloned().unwrap_or_else(|| json!({ "name": name, "phase": "Running" }));
        let count = |result: &Value, field: &str| result[field].as_i64().unwrap_or(0);
        let taken = usize::try_from(count(&result, "count") + count(&result, "error")).unwrap_or(0);
        let at = stamp(self.now);
        let mut measurement = json!({ "finishedAt": at, "startedAt": at });
        let phase = match provider::value(&self.run, metric, taken) {
            Ok(value) => {
                let vector = provider::is_vector(metric);
                measurement["value"] = json!(if vector { format!("[{value}]") } else { value.to_string() });
                let answer = if vector { Answer::Vector(vec![value]) } else { Answer::Number(value) };
                judge(metric, &answer).unwrap_or_else(|problem| {
                    measurement["message"] = json!(problem);
                    "Error"
                })
            }
            Err(problem) => {
                measurement["message"] = json!(problem);
                "Error"
            }
        };
        measurement["phase"] = json!(phase);
        let (tally, counts) = match phase {
            "Successful" => ("successful", true),
            "Failed" => ("failed", true),
            "Inconclusive" => ("inconclusive", true),
            _ => ("error", false),
        };
        result[tally] = json!(count(&result, tally) + 1);
        if counts {
            result["count"] = json!(count(&result, "count") + 1);
        }
        for (field, goes_on) in [("consecutiveSuccess", phase == "Successful"), ("consecutiveError", phase == "Error")] {
            if goes_on {
                result[field] = json!(count(&result, field) + 1);
            } else {
                remove(&mut result, field);
            }
        }
        if self.is_dry(name) {
            result["dryRun"] = json!(true);
        }
        let mut measurements = list(&result, "/measurements").to_vec();
        measurements.push(measurement);
        let surplus = measurements.len().saturating_sub(KEPT);
        result["measurements"] = Value::Array(measurements.split_off(surplus));
        self.put(result);
    }

    /// Judges every metric, then the run: over when all are, and then as bad as the worst that counts.
    fn assess(&mut self) {
        for metric in self.metrics() {
            self.assess_metric(&metric);
        }
        // A metric that failed ends the others, at once.
        let terminating = self.is_terminating();
        let (mut open, mut worst, mut message) = (false, "", String::new());
        for metric in self.metrics() {
            if terminating {
                self.assess_metric(&metric);
            }
            let name = text(&metric, "/name");
            let Some(result) = self.result(name) else {
                open |= !terminating;
                continue;
            };
            let phase = text(result, "/phase");
            if !is_over(phase) {
                open = true;
            } else if !flag(result, "/dryRun") && rank(phase) > rank(worst) {
                worst = ["Successful", "Inconclusive", "Error", "Failed"][rank(phase) - 1];
                message = text(result, "/assessed").to_owned();
            }
        }
        let phase = if open { "Running" } else { ["Successful", worst][usize::from(!worst.is_empty())] };
        self.finish(phase, &message);
    }

    fn assess_metric(&mut self, metric: &Value) {
        let name = text(metric, "/name").to_owned();
        let Some(mut result) = self.result(&name).cloned().filter(|r| !is_over(text(r, "/phase"))) else { return };
        let Some((phase, why)) = verdict(metric, &result, self.is_terminating()) else { return };
        result["phase"] = json!(phase);
        if !why.is_empty() {
            // The run tells it with the metric's name; a metric that doesn't count says it itself.
            if flag(&result, "/dryRun") {
                result["message"] = json!(format!("Metric assessed {phase} due to {why}"));
            } else {
                result["assessed"] = json!(format!("Metric \"{name}\" assessed {phase} due to {why}"));
            }
        }
        self.put(result);
        let kind = if matches!(phase, "Failed" | "Error") { "Warning" } else { "Normal" };
        self.events.push((kind, format!("Metric{phase}"), format!("Metric '{name}' Completed. Result: {phase}")));
    }

    fn finish(&mut self, phase: &str, message: &str) {
        let (mut counted, mut dry) = (json!({}), json!({}));
        for metric in self.metrics() {
            let name = text(&metric, "/name");
            let tally = if self.is_dry(name) { &mut dry } else { &mut counted };
            tally["count"] = json!(tally["count"].as_i64().unwrap_or(0) + 1);
        }
        let mut results = list(&self.run, "/status/metricResults").to_vec();
        for result in &mut results {
            let field = text(result, "/phase").to_lowercase();
            if is_over(text(result, "/phase")) {
                let tally = if flag(result, "/dryRun") { &mut dry } else { &mut counted };
                tally[field.as_str()] = json!(tally[field.as_str()].as_i64().unwrap_or(0) + 1);
            }
            remove(result, "assessed");
        }
        let now = stamp(self.now);
        let terminated = flag(&self.run, "/spec/terminate");
        let status = &mut self.run["status"];
        if !results.is_empty() {
            status["metricResults"] = Value::Array(results);
        }
        status["runSummary"] = counted;
        status["dryRunSummary"] = dry;
        status["phase"] = json!(phase);
        if is_over(phase) {
            status["completedAt"] = json!(now);
            if !message.is_empty() {
                status["message"] = json!(message);
            } else if terminated {
                status["message"] = json!("Run Terminated");
            }
            let kind = if matches!(phase, "Failed" | "Error") { "Warning" } else { "Normal" };
            self.events.push((kind, format!("AnalysisRun{phase}"), format!("Analysis Completed. Result: {phase}")));
        }
    }

    fn next(&self) -> Option<DateTime<Utc>> {
        if is_over(text(&self.run, "/status/phase")) {
            return None;
        }
        let next = self.metrics().iter().filter_map(|metric| self.due(metric)).min()?;
        Some(next.max(self.now) + TimeDelta::milliseconds(2))
    }
}

/// Measurements the metric wants; `None` = until told to stop (EffectiveCount).
fn wanted(metric: &Value) -> Option<i64> {
    let count = metric.get("count").and_then(|c| c.as_i64().or_else(|| c.as_str()?.parse().ok())).unwrap_or(0);
    if count > 0 {
        return Some(count);
    }
    (!has(metric, "/interval")).then_some(1)
}

fn limit(metric: &Value, field: &str, default: i64) -> i64 {
    metric.get(field).and_then(|v| v.as_i64().or_else(|| v.as_str()?.parse().ok())).unwrap_or(default)
}

/// What the conditions make of one value (utils/evaluate, EvaluateResult).
fn judge(metric: &Value, answer: &Answer) -> Result<&'static str, String> {
    let (success, failure) = (text(metric, "/successCondition"), text(metric, "/failureCondition"));
    let failed = !failure.is_empty() && expression::holds(failure, answer)?;
    let succeeded = !success.is_empty() && expression::holds(success, answer)?;
    Ok(match (success.is_empty(), failure.is_empty()) {
        (true, true) => "Successful",
        (true, false) => ["Successful", "Failed"][usize::from(failed)],
        (false, true) => ["Failed", "Successful"][usize::from(succeeded)],
        (false, false) if failed => "Failed",
        (false, false) => ["Inconclusive", "Successful"][usize::from(succeeded)],
    })
}

/// The metric's final phase and why, once it has one (assessMetricStatus).
fn verdict(metric: &Value, result: &Value, terminating: bool) -> Option<(&'static str, String)> {
    let count = |field: &str| result[field].as_i64().unwrap_or(0);
    let checks = [("failed", "failureLimit", 0, "Failed"), ("inconclusive", "inconclusiveLimit", 0, "Inconclusive")];
    for (tally, field, default, phase) in checks {
        let limit = limit(metric, field, default);
        if limit >= 0 && count(tally) > limit {
            return Some((phase, format!("{tally} ({}) > {field} ({limit})", count(tally))));
        }
    }
    let errors = limit(metric, "consecutiveErrorLimit", 4);
    if count("consecutiveError") > errors {
        let last = list(result, "/measurements").last().map(|m| text(m, "/message")).unwrap_or_default();
        let why =
            format!("consecutiveErrors ({}) > consecutiveErrorLimit ({errors}): \"Error Message: {last}\"", count("consecutiveError"));
        return Some(("Error", why));
    }
    let enough = limit(metric, "consecutiveSuccessLimit", 0);
    let done = wanted(metric).is_some_and(|wanted| count("count") >= wanted);
    if done || terminating || (enough > 0 && count("consecutiveSuccess") >= enough) {
        return Some(("Successful", String::new()));
    }
    None
}

/// How bad a phase is.
fn rank(phase: &str) -> usize {
    match phase {
        "Successful" => 1,
        "Inconclusive" => 2,
        "Error" => 3,
        "Failed" => 4,
        _ => 0,
    }
}
