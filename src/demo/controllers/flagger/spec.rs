//! What a Canary asks for, with the defaults the real controller fills in (flagger pkg/apis/flagger/v1beta1/canary.go).
//! Reads only, and never fails: what is absent or not understood reads as its default.

use chrono::TimeDelta;
use serde_json::Value;

use super::TOTAL;
use crate::demo::controllers::meta;

/// The shortest time between two ticks; a shorter one asked for becomes this (`AnalysisInterval`).
const SHORTEST: TimeDelta = TimeDelta::seconds(10);
/// The time between two ticks where none is said.
const USUAL: TimeDelta = TimeDelta::seconds(60);
/// Seconds that pods may take to get available where none are said.
const DEADLINE: i64 = 600;

/// A Canary's wishes.
#[derive(Clone, Copy)]
pub struct Spec<'a>(pub &'a Value);

impl<'a> Spec<'a> {
    fn analysis(self) -> &'a Value {
        // `canaryAnalysis` is what it was called before.
        let spec = &self.0["spec"];
        if spec["analysis"].is_null() { &spec["canaryAnalysis"] } else { &spec["analysis"] }
    }

    /// The Deployment people write to.
    pub fn target(self) -> &'a str {
        meta::text(&self.0["spec"]["targetRef"]["name"])
    }

    /// The Deployment that gets what was promoted.
    pub fn primary(self) -> String {
        format!("{}-primary", self.target())
    }

    /// The Service callers name, which its HTTPRoute is named after.
    pub fn service(self) -> &'a str {
        self.0["spec"]["service"]["name"].as_str().unwrap_or_else(|| self.target())
    }

    /// Whether there is no router, and with it no weight.
    pub fn is_plain(self) -> bool {
        self.0["spec"]["provider"] == "kubernetes"
    }

    /// How long from one tick to the next.
    pub fn interval(self) -> TimeDelta {
        span(&self.analysis()["interval"]).unwrap_or(USUAL).max(SHORTEST)
    }

    /// How many failed checks end it; at least 1.
    pub fn threshold(self) -> i64 {
        meta::int(&self.analysis()["threshold"]).max(1)
    }

    /// How many iterations a blue-green analysis has; 0 for a canary. Without a router there are always some.
    pub fn iterations(self) -> i64 {
        let said = meta::int(&self.analysis()["iterations"]);
        if self.is_plain() && said < 1 { 10 } else { said }
    }

    /// `iterations` as it stands there.
    pub fn said_iterations(self) -> i64 {
        meta::int(&self.analysis()["iterations"])
    }

    fn steps(self) -> Vec<i64> {
        self.analysis()["stepWeights"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect()
    }

    /// The weight from which it promotes, percent.
    pub fn most(self) -> i64 {
        let said = meta::int(&self.analysis()["maxWeight"]);
        match self.steps().last() {
            Some(last) => TOTAL.min(*last),
            None if said > 0 => said,
            None => TOTAL,
        }
    }

    /// By how much the weight grows from `weight`, percent. Off the list of `stepWeights` it grows by all that is left.
    pub fn step_from(self, weight: i64) -> i64 {
        let (each, steps) = (meta::int(&self.analysis()["stepWeight"]), self.steps());
        let rest = TOTAL - weight;
        if each > 0 || steps.is_empty() {
            return each;
        }
        if rest == 0 {
            return 1;
        }
        if weight == 0 {
            return rest.min(steps[0]);
        }
        steps.windows(2).find(|pair| pair[0] == weight).map_or(rest, |pair| rest.min(pair[1] - weight))
    }

    /// By how much requests go back to the primary at a time when it is promoted; 0 for all at once.
    pub fn step_back(self) -> i64 {
        meta::int(&self.analysis()["stepWeightPromotion"])
    }

    /// Percent of the pods that must be available: `primaryReadyThreshold` or `canaryReadyThreshold`.
    pub fn ready(self, whose: &str) -> i64 {
        self.analysis()[whose].as_i64().unwrap_or(TOTAL)
    }

    /// Seconds without available pods after which it is given up.
    pub fn deadline(self) -> i64 {
        self.0["spec"]["progressDeadlineSeconds"].as_i64().unwrap_or(DEADLINE)
    }

    /// Whether promotion follows without any check.
    pub fn skips(self) -> bool {
        self.0["spec"]["skipAnalysis"] == true || self.analysis().is_null()
    }

    /// Its checks by metric.
    pub fn metrics(self) -> impl Iterator<Item = &'a Value> {
        self.analysis()["metrics"].as_array().into_iter().flatten()
    }

    /// Its webhooks of one type.
    pub fn hooks(self, kind: &str) -> impl Iterator<Item = &'a Value> {
        let all = self.analysis()["webhooks"].as_array().into_iter().flatten();
        all.filter(move |hook| hook["type"].as_str().filter(|said| !said.is_empty()).unwrap_or("rollout") == kind)
    }
}

/// A length of time as Go writes it.
fn span(value: &Value) -> Option<TimeDelta> {
    let span = humantime::parse_duration(value.as_str()?).ok()?;
    TimeDelta::from_std(span).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn weights_walk_the_list_and_leave_it_only_for_the_rest() {
        let canary = json!({ "spec": { "analysis": { "stepWeights": [10, 40] } } });
        let spec = Spec(&canary);
        assert_eq!((spec.most(), spec.step_from(0), spec.step_from(10)), (40, 10, 30));
        assert_eq!(spec.step_from(15), 85, "a weight somebody wrote by hand jumps to everything");
        assert_eq!(spec.step_from(100), 1);
        let canary = json!({ "spec": { "analysis": { "stepWeight": 20, "maxWeight": 50 } } });
        assert_eq!((Spec(&canary).most(), Spec(&canary).step_from(40)), (50, 20), "it oversteps its maximum");
    }

    #[test]
    fn what_is_not_said_is_what_the_real_one_fills_in() {
        let canary = json!({ "spec": { "targetRef": { "name": "web" }, "analysis": { "interval": "5s", "threshold": 0 } } });
        let spec = Spec(&canary);
        assert_eq!((spec.interval(), spec.threshold(), spec.deadline()), (TimeDelta::seconds(10), 1, 600));
        assert_eq!((spec.service(), spec.primary().as_str(), spec.ready("canaryReadyThreshold")), ("web", "web-primary", 100));
    }
}
