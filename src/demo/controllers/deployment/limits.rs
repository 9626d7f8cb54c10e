//! The two numbers that bound a rolling update, resolved from whole numbers or percentages.
//! Nothing else: what is done within them is the rolling update's work.

use serde_json::Value;

use super::meta;

/// How far a rolling update may go above and below the desired count, in pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pods above `spec.replicas`.
    pub surge: i64,
    /// Pods of `spec.replicas` that may be unavailable.
    pub unavailable: i64,
}

impl Limits {
    /// Reads them off a Deployment's spec (util/deployment_util.go ResolveFenceposts: surge rounds up, unavailable down,
    /// and both 0 would never move, so one pod may then be unavailable).
    pub fn of(spec: &Value) -> Self {
        let replicas = spec["replicas"].as_i64().unwrap_or(1);
        if spec["strategy"]["type"] == "Recreate" {
            return Self { surge: 0, unavailable: 0 };
        }
        let rolling = &spec["strategy"]["rollingUpdate"];
        let quarter = Value::from("25%");
        let or_quarter = |field: &'static str| if rolling[field].is_null() { &quarter } else { &rolling[field] };
        let surge = meta::int_or_percent(or_quarter("maxSurge"), replicas, true);
        let mut unavailable = meta::int_or_percent(or_quarter("maxUnavailable"), replicas, false);
        if surge == 0 && unavailable == 0 {
            unavailable = 1;
        }
        Self { surge, unavailable: unavailable.min(replicas) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn surge_rounds_up_unavailable_down_and_both_zero_still_move() {
        let of = |replicas: i64, surge: Value, unavailable: Value| {
            let limits = Limits::of(
                &json!({ "replicas": replicas, "strategy": { "rollingUpdate": { "maxSurge": surge, "maxUnavailable": unavailable } } }),
            );
            (limits.surge, limits.unavailable)
        };
        assert_eq!(of(10, json!("25%"), json!("25%")), (3, 2));
        assert_eq!(of(3, json!("10%"), json!("10%")), (1, 0));
        assert_eq!(of(6, json!(0), json!(0)), (0, 1));
        assert_eq!(of(6, json!(1), json!(9)), (1, 6));
        assert_eq!(of(5, Value::Null, Value::Null), (2, 1));
    }
}
