//! What Sloth's controller and a Prometheus make of `PrometheusServiceLevel` objects: recording and alerting rules, evaluated as time comes to them.
//! Never paints a figure: every sample is what the rule's expression gives over the series there are.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::prometheus::{Answer, Labels, Options, Store as Series, instant};
use super::sim::{Controller, Cx};
use super::store::{Key, LogEntry, SERVICELEVELS, Store};

/// From one evaluation to the next.
const EVERY: TimeDelta = TimeDelta::seconds(30);
/// The objective's own window, Sloth's default, in days.
const PERIOD: u32 = 30;
/// The windows that Sloth records error ratios over, as `plugin/slo/core` names them.
const WINDOWS: [&str; 7] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];
/// Alerts: severity, then for each of two pairs of windows the long one, the short one, and the burn that a period of 30 days gives it.
const ALERTS: [(&str, [Pair; 2]); 2] =
    [("page", [("1h", "5m", 14.4), ("6h", "30m", 6.0)]), ("ticket", [("1d", "2h", 3.0), ("3d", "6h", 1.0)])];

/// Long window, short window, burn.
type Pair = (&'static str, &'static str, f64);

/// A recording rule.
struct Recording {
    name: String,
    expr: String,
    labels: Vec<(&'static str, String)>,
}

/// The rules of one objective.
struct Rules {
    id: String,
    recordings: Vec<Recording>,
    meta: Vec<Recording>,
    alerts: Vec<(&'static str, String)>,
}

impl Rules {
    /// Of all objectives of one object.
    fn of(object: &Value) -> Vec<Self> {
        let service = object["spec"]["service"].as_str().unwrap_or_default();
        let slos = object["spec"]["slos"].as_array().map_or(&[][..], Vec::as_slice);
        slos.iter().filter_map(|slo| Self::one(service, slo)).collect()
    }

    fn one(service: &str, slo: &Value) -> Option<Self> {
        let name = slo["name"].as_str()?;
        let target = slo["objective"].as_f64()? / 100.0;
        let query = |key: &str| slo["sli"]["events"][key].as_str();
        let (errors, total) = (query("errorQuery")?, query("totalQuery")?);
        let id = format!("{service}-{name}");
        let labels = || vec![("sloth_id", id.clone()), ("sloth_service", service.to_owned()), ("sloth_slo", name.to_owned())];
        let selector = format!("{{sloth_id=\"{id}\", sloth_service=\"{service}\", sloth_slo=\"{name}\"}}");
        let rule = |name: &str, expr: String| Recording { name: name.to_owned(), expr, labels: labels() };
        let ratio = |window: &str, expr: String| Recording {
            labels: labels().into_iter().chain([("sloth_window", window.to_owned())]).collect(),
            ..rule(&format!("slo:sli_error:ratio_rate{window}"), expr)
        };
        let over = |query: &str, window: &str| query.replace("{{.window}}", window);
        let mut recordings: Vec<Recording> =
            WINDOWS.iter().map(|window| ratio(window, format!("({})\n/\n({})", over(errors, window), over(total, window)))).collect();
        let five = format!("slo:sli_error:ratio_rate5m{selector}[{PERIOD}d]");
        let period = format!("sum_over_time({five})\n/ ignoring (sloth_window)\ncount_over_time({five})");
        recordings.push(ratio(&format!("{PERIOD}d"), period));
        let join = "\n/ on(sloth_id, sloth_slo, sloth_service) group_left\n";
        let burn = |window: &str| format!("slo:sli_error:ratio_rate{window}{selector}{join}slo:error_budget:ratio{selector}");
        let info = Recording {
            labels: labels().into_iter().chain([("sloth_objective", slo["objective"].to_string())]).collect(),
            ..rule("sloth_slo_info", "vector(1)".to_owned())
        };
        let meta = vec![
            rule("slo:objective:ratio", format!("vector({target})")),
            rule("slo:error_budget:ratio", format!("vector(1-{target})")),
            rule("slo:time_period:days", format!("vector({PERIOD})")),
            rule("slo:current_burn_rate:ratio", burn("5m")),
            rule("slo:period_burn_rate:ratio", burn(&format!("{PERIOD}d"))),
            rule("slo:period_error_budget_remaining:ratio", format!("1 - slo:period_burn_rate:ratio{selector}")),
            info,
        ];
        let budget = 1.0 - target;
        let alerts = ALERTS.iter().map(|(severity, pairs)| {
            let side = |window: &str, burn: f64| {
                format!("max(slo:sli_error:ratio_rate{window}{selector} > ({burn} * {budget})) without (sloth_window)")
            };
            let pair = |(long, short, burn): &Pair| format!("(\n    {}\n    and\n    {}\n)", side(short, *burn), side(long, *burn));
            (*severity, pairs.iter().map(pair).collect::<Vec<_>>().join("\nor\n"))
        });
        Some(Self { alerts: alerts.collect(), id, recordings, meta })
    }

    fn groups(&self, series: &Series, at_ms: i64) -> Vec<Value> {
        let recording = |rule: &Recording| {
            let labels: serde_json::Map<String, Value> =
                rule.labels.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            json!({ "type": "recording", "name": rule.name, "query": rule.expr, "labels": labels, "health": "ok" })
        };
        let alert = |(severity, expr): &(&str, String)| {
            let is_firing = matches!(instant(series, expr, at_ms, Options::default()), Ok(Answer::Vector(_, rows)) if !rows.is_empty());
            let state = if is_firing { "firing" } else { "inactive" };
            json!({ "type": "alerting", "name": "ErrorBudgetBurn", "query": expr, "duration": 0, "state": state, "health": "ok", "alerts": [],
                    "labels": { "sloth_severity": severity }, "annotations": {} })
        };
        let group = |kind: &str, rules: Vec<Value>| json!({ "name": format!("sloth-slo-{kind}-{}", self.id), "file": "sloth.yaml", "interval": 30, "rules": rules });
        vec![
            group("sli-recordings", self.recordings.iter().map(recording).collect()),
            group("meta-recordings", self.meta.iter().map(recording).collect()),
            group("alerts", self.alerts.iter().map(alert).collect()),
        ]
    }
}

/// The `data` of `/api/v1/rules`: the rules of every object there is.
pub fn rules(store: &Store, series: &Series, at_ms: i64) -> Value {
    let objects = store.list(SERVICELEVELS, None);
    let groups: Vec<Value> = objects.flat_map(|(_, object)| Rules::of(object)).flat_map(|rules| rules.groups(series, at_ms)).collect();
    json!({ "groups": groups })
}

/// Evaluates the recording rules of each object.
pub struct Sloth;

impl Controller for Sloth {
    fn name(&self) -> &'static str {
        "sloth"
    }

    fn interested(&self, _: &Store, entry: &LogEntry) -> Vec<Key> {
        if entry.key.resource == SERVICELEVELS { vec![entry.key.clone()] } else { Vec::new() }
    }

    fn reconcile(&mut self, key: &Key, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
        let object = cx.store.get(key)?.clone();
        let at_ms = cx.now.timestamp_millis();
        for rules in Rules::of(&object) {
            for rule in rules.recordings.iter().chain(&rules.meta) {
                let value = match instant(cx.series, &rule.expr, at_ms, Options::default()) {
                    Ok(Answer::Vector(_, rows)) => rows.first().map(|row| row.value),
                    Ok(Answer::Scalar(_, value)) => Some(value),
                    _ => None,
                };
                // What can't be worked out leaves no sample, as with Prometheus.
                let Some(value) = value else { continue };
                let labels: Vec<(&str, &str)> = rule.labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
                cx.series.put(Labels::of(&[&[("__name__", rule.name.as_str())], &labels[..]].concat()), at_ms, value);
            }
        }
        Some(cx.now + EVERY)
    }
}
