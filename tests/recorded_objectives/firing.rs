//! The alerts that fire in Prometheus, by its own series of them, held against the alerts on the screens.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::compared::Wanted;
use super::real::Prometheus;

/// What fires is in the timeline from its first moment on and among the reasons; what is only pending is in neither.
pub async fn is_shown(wanted: &Wanted, why: &str, release: &str, prometheus: &Prometheus) {
    let now_ms = Utc::now().timestamp_millis();
    let own = match wanted.name {
        "requests-availability" => r#"sloth_service="checkout""#.to_owned(),
        slo => format!(r#"slo="{slo}""#),
    };
    let firing = format!(r#"ALERTS_FOR_STATE{{{own}}} and ignoring (alertstate) ALERTS{{{own},alertstate="firing"}}"#);
    let firing = prometheus.vector(&firing, now_ms).await;
    let expected = match wanted.name {
        "requests-availability" => 2,
        "outbox-errors" => 1,
        _ => 0,
    };
    assert_eq!(firing.len(), expected, "{}: {firing:?}", wanted.name);
    let mut told = BTreeSet::new();
    for (labels, since) in &firing {
        let line = format!("{} fires ({})", labels["alertname"].as_str().unwrap(), labels["severity"].as_str().unwrap());
        let moment = DateTime::from_timestamp(*since as i64, 0).unwrap().format("%H:%M:%S");
        assert!(release.contains(&format!("{moment}  alert     {line}")), "no `{line}` at {moment} in\n{release}");
        assert!(why.contains(&format!("{line} since")), "no `{line}` in\n{why}");
        told.insert(line);
    }
    let shown = why.lines().filter(|line| line.contains(" fires (") && line.contains(") since ")).count();
    assert_eq!(shown, told.len(), "nothing else fires:\n{why}");
    println!("{}: {told:?}", wanted.name);
}
