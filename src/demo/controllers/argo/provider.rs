//! Where the embedded cluster's metrics get their values: from the manifest, not from a network.
//! An AnalysisTemplate says them in the annotation `demo.flightdeck.dev/values` (or `demo.flightdeck.dev/values.<metric>` for one metric
//! of several): numbers with commas between, the last one again for ever, `error` for a query that fails. A `web` metric may say them in
//! its URL as `?values=0.99,0.5`. A run carries the annotation it was made with, so that later edits of the template change later runs.

use serde_json::{Value, json};

use super::objects::{annotation, list, text};

const VALUES: &str = "demo.flightdeck.dev/values";

/// The annotations a run made of this template carries.
pub fn carried(template: &Value) -> Value {
    let mut carried = json!({});
    for metric in list(template, "/spec/metrics") {
        let own = format!("{VALUES}.{}", text(metric, "/name"));
        let value = match annotation(template, &own) {
            "" => annotation(template, VALUES),
            value => value,
        };
        if !value.is_empty() {
            carried[own] = json!(value);
        }
    }
    carried
}

/// The value of the measurement with this number (from 0), or why there is none.
pub fn value(run: &Value, metric: &Value, at: usize) -> Result<f64, String> {
    let name = text(metric, "/name");
    let series = match annotation(run, &format!("{VALUES}.{name}")) {
        "" => match annotation(run, VALUES) {
            "" => text(metric, "/provider/web/url").split_once("values=").map_or("", |(_, rest)| rest.split('&').next().unwrap_or("")),
            value => value,
        },
        value => value,
    };
    let items: Vec<&str> = series.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    let Some(item) = items.get(at).or(items.last()) else {
        return Err(format!("the embedded cluster has no values for metric {name}: annotate its AnalysisTemplate with {VALUES}"));
    };
    item.parse().map_err(|_| format!("query failed: {item}"))
}

/// Whether the provider answers with a list of one, as Prometheus does.
pub fn is_vector(metric: &Value) -> bool {
    metric["provider"].get("prometheus").is_some()
}
