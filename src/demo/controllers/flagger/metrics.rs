//! A Canary's own checks: each metric's query asked of the embedded Prometheus and held against its range (scheduler_metrics.go runMetricChecks).
//! Never takes an answer from the manifest: a query that finds nothing is a failed check, as in a real cluster without requests.

use serde_json::Value;

use super::query;
use super::spec::Spec;
use super::tick::Tick;
use crate::demo::controllers::meta;
use crate::demo::prometheus::{Answer, Options, instant};
use crate::demo::store::{Key, METRICTEMPLATES};

/// Why a query gave no number.
enum Nothing {
    /// It found no series, or one without a number.
    NoValues(String),
    /// It could not be asked.
    Failed(String),
}

impl Tick<'_, '_> {
    /// This tick's checks; false for one that failed. Before the first weight there is nothing to measure.
    pub fn check(&mut self, weight: i64) -> bool {
        if weight == 0 && meta::int(&self.canary["status"]["iterations"]) == 0 {
            let message = format!("Starting canary analysis for {}", self.target_place());
            self.tell(&message);
            return self.before_rollout();
        }
        if !self.external_checks() {
            return false;
        }
        let canary = self.canary.clone();
        Spec(&canary).metrics().all(|metric| self.measure(metric))
    }

    fn measure(&mut self, metric: &Value) -> bool {
        let name = meta::text(&metric["name"]);
        let value = match self.ask(metric) {
            Ok(value) => value,
            Err(Nothing::NoValues(why)) => {
                self.warn(&format!("Halt advancement no values found for custom metric: {name}: {why}"));
                return false;
            }
            Err(Nothing::Failed(why)) => {
                self.warn(&format!("Metric query failed for {name}: {why}"));
                return false;
            }
        };
        let range = &metric["thresholdRange"];
        let broken = match (range["min"].as_f64(), range["max"].as_f64()) {
            (Some(min), _) if value < min => Some(format!("< {min}")),
            (_, Some(max)) if value > max => Some(format!("> {max}")),
            _ => None,
        };
        if let Some(bound) = &broken {
            let message = format!("Halt {} advancement {name} {value:.2} {bound}", self.place());
            self.warn(&message);
        }
        broken.is_none()
    }

    fn ask(&self, metric: &Value) -> Result<f64, Nothing> {
        let reference = &metric["templateRef"];
        let namespace = reference["namespace"].as_str().unwrap_or(&self.key.namespace);
        let name = meta::text(&reference["name"]);
        let template = self.cx.store.get(&Key::new(METRICTEMPLATES, namespace, name));
        let template = template.ok_or_else(|| {
            Nothing::Failed(format!("metric template {name}.{namespace} error: metrictemplates.flagger.app \"{name}\" not found"))
        })?;
        let kind = meta::text(&template["spec"]["provider"]["type"]);
        if kind != "prometheus" {
            return Err(Nothing::Failed(format!("the embedded cluster has no provider {kind}")));
        }
        let query = query::of(meta::text(&template["spec"]["query"]), &self.canary, metric);
        match instant(self.cx.series, &query, self.cx.now.timestamp_millis(), Options::default()) {
            Ok(Answer::Vector(_, rows)) => match rows.last().map(|row| row.value) {
                None => Err(Nothing::NoValues("no values found".into())),
                Some(value) if value.is_nan() => Err(Nothing::NoValues("no values found: NaN".into())),
                Some(value) => Ok(value),
            },
            Ok(_) => Err(Nothing::Failed("running query failed: the answer is no vector".into())),
            Err(error) => Err(Nothing::Failed(format!("running query failed: {error}"))),
        }
    }
}
