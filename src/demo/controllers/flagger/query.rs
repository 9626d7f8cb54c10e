//! A MetricTemplate's query with its words filled in: `{{ target }}`, `{{ interval }}`, `{{ variables.tier }}` (flagger pkg/controller/scheduler_metrics.go).
//! Knows words, not templates: conditions and functions of Go's templates stay as they are written.

use serde_json::Value;

use super::spec::Spec;
use crate::demo::controllers::meta;

/// The query for one metric of a Canary.
pub fn of(text: &str, canary: &Value, metric: &Value) -> String {
    let spec = Spec(canary);
    let value = |word: &str| -> Option<String> {
        Some(match word {
            "name" => meta::text(&canary["metadata"]["name"]).to_owned(),
            "namespace" => meta::text(&canary["metadata"]["namespace"]).to_owned(),
            "target" => spec.target().to_owned(),
            "primary" => spec.primary(),
            "service" => spec.service().to_owned(),
            "ingress" => meta::text(&canary["spec"]["ingressRef"]["name"]).to_owned(),
            "route" => meta::text(&canary["spec"]["routeRef"]["name"]).to_owned(),
            "interval" => metric["interval"].as_str().unwrap_or("1m").to_owned(),
            _ => metric["templateVariables"][word.strip_prefix("variables.")?].as_str()?.to_owned(),
        })
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((word, after)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        match value(word.trim().trim_matches('-').trim()) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&format!("{{{{{word}}}}}")),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn words_are_filled_in_and_others_left() {
        let canary = json!({ "metadata": { "name": "orders", "namespace": "payments" }, "spec": { "targetRef": { "name": "orders" } } });
        let metric = json!({ "interval": "30s", "templateVariables": { "tier": "web" } });
        let text = r#"rate(x{pod=~"{{ target }}-.+",ns="{{namespace}}",tier="{{ variables.tier }}"}[{{ interval }}]) {{ other }} {{"#;
        let wanted = r#"rate(x{pod=~"orders-.+",ns="payments",tier="web"}[30s]) {{ other }} {{"#;
        assert_eq!(super::of(text, &canary, &metric), wanted);
    }
}
