use std::time::Duration;

use proptest::prelude::*;

use super::super::{Method, Period, Sli};
use super::*;

const FILE: &str = r#"
apiVersion: openslo/v1
kind: Service
metadata: {name: checkout, displayName: Checkout}
spec: {description: Takes orders.}
---
apiVersion: openslo/v1
kind: SLI
metadata:
  name: checkout-good
spec:
  ratioMetric:
    counter: true
    good:
      metricSource:
        type: Prometheus
        spec:
          query: sum(rate(http_requests_total{job="checkout",code!~"5.."}[5m]))
    total:
      metricSource:
        type: Prometheus
        spec:
          query: sum(rate(http_requests_total{job="checkout"}[5m])) # all of them
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: fast}
spec:
  alertWhenBreaching: true
  conditions:
    - kind: AlertCondition
      metadata: {name: fast-burn}
      spec:
        severity: page
        condition: {kind: burnrate, op: gt, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}
    - conditionRef: slow-burn
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: slow-burn}
spec:
  severity: ticket
  condition: {kind: burnrate, op: lte, threshold: 2, lookbackWindow: 1h, alertAfter: 5m}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: availability}
spec:
  service: checkout
  indicatorRef: checkout-good
  timeWindow:
    - duration: 4w
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.995
  alertPolicies:
    - fast
"#;

#[test]
fn documents_that_name_each_other_are_one_objective() {
    let read = file("slo.yaml", FILE);
    let [found] = read.found.as_slice() else { panic!("{read:?}") };
    assert_eq!((found.full_name().as_str(), found.target, found.method), ("checkout/availability", Some(0.995), Method::Occurrences));
    assert_eq!(found.period, Some(Period::Rolling(Duration::from_secs(28 * 86_400))));
    assert_eq!(found.found_in(), "slo.yaml document 5 (SLO availability)");
    let Sli::Good { good, total } = &found.sli else { panic!("{:?}", found.sli) };
    assert_eq!(good.text(), "sum(rate(http_requests_total{code!~\"5..\",job=\"checkout\"}[$window]))");
    assert_eq!(total.over(Duration::from_secs(3600)), "sum(rate(http_requests_total{job=\"checkout\"}[1h]))");
    let (bad, _) = found.sli.events().unwrap();
    bad.parse().unwrap();
    assert_eq!(found.tiers.len(), 1, "the one with lte is no burn alert");
    assert_eq!((found.tiers[0].tier.threshold.get(), found.tiers[0].wait.as_secs()), (14.4, 300));
    let said: Vec<String> = read.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "slo.yaml document 4 (AlertCondition slow-burn), spec.condition: op is lte, so it would fire while little burns; taken at its word it is no burn alert, and left out"
        ]
    );
}

fn one(spec: &str) -> (super::super::Found, Vec<String>) {
    let text = format!("apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: a}}\nspec:\n{spec}");
    let mut read = file("f", &text);
    (read.found.remove(0), read.remarks.iter().map(|remark| remark.what.to_string()).collect())
}

#[test]
fn calendar_windows_slices_and_inline_indicators_are_read() {
    let (found, said) = one(r#"  service: web
  indicator:
    metadata: {name: i}
    spec:
      ratioMetric:
        bad: {metricSource: {type: prometheus, spec: {query: 'sum(rate(bad_total[$window]))'}}}
        total: {metricSource: {spec: {query: 'sum(rate(all_total[$window]))'}}}
  timeWindow:
    - duration: 1M
      isRolling: false
      calendar: {startTime: 2026-01-01 12:00:00, timeZone: America/New_York}
  budgetingMethod: Timeslices
  objectives:
    - {displayName: SLA, targetPercent: 99, timeSliceTarget: 0.95, timeSliceWindow: 1m}
"#);
    assert_eq!(said, [""; 0]);
    assert_eq!(found.target, Some(0.99));
    assert_eq!(found.method, Method::Timeslices { slice: Some(Duration::from_secs(60)), good_from: Some(0.95) });
    assert_eq!(found.method.to_string(), "by time slices that are good from 95 % on");
    let Some(Period::Calendar { length, zone, about, .. }) = &found.period else { panic!("{:?}", found.period) };
    assert_eq!((length.as_str(), zone.as_str(), about.as_secs()), ("1M", "America/New_York", 30 * 86_400));
    assert!(matches!(found.sli, Sli::Events { .. }));
}

#[test]
fn values_under_a_limit_and_raw_ratios_are_read() {
    let (found, said) = one(
        r#"  indicator: {spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: 'histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m])))'}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  objectives: [{op: lte, value: 0.4, target: 0.99}]
"#,
    );
    assert_eq!(said, [""; 0]);
    assert!(matches!(&found.sli, Sli::Threshold { operator, limit: Some(limit), .. } if operator.as_str() == "lte" && *limit == 0.4));
    let (found, _) = one(
        "  indicator: {spec: {ratioMetric: {rawType: success, raw: {metricSource: {spec: {query: avg(up)}}}}}}\n  timeWindow: [{duration: 30d, isRolling: true}]\n  objectives: [{target: 0.99}]\n",
    );
    assert!(matches!(&found.sli, Sli::ErrorRatio(query) if query.text() == "1 - (\navg(up)\n)"));
}

#[test]
fn each_mistake_is_a_sentence_and_the_rest_is_read() {
    let (found, said) = one(r#"  indicatorRef: nowhere
  timeWindow: [{duration: soon}]
  budgetingMethod: Guesses
  objectives: [{target: 99.9}, {}]
  alertPolicies: [gone]
"#);
    assert_eq!(found.name, "a: 1");
    assert_eq!(
        said,
        [
            "duration soon is no length of time such as 30d, 4w or 1M",
            "a target of 99.9 is a percentage; targets are ratios: write 0.999, or targetPercent",
            "budgetingMethod Guesses is none of Occurrences, Timeslices and RatioTimeslices; Occurrences is taken",
            "indicatorRef names nowhere, and there is no SLI of that name in these files",
            "it has neither target nor targetPercent",
            "budgetingMethod Guesses is none of Occurrences, Timeslices and RatioTimeslices; Occurrences is taken",
            "indicatorRef names nowhere, and there is no SLI of that name in these files",
        ]
    );
}

#[test]
fn other_versions_vendors_and_broken_yaml_are_named() {
    let read = file(
        "x.yaml",
        "apiVersion: openslo/v1alpha\nkind: SLO\n---\nkind: SLO\n---\napiVersion: openslo/v1\nkind: Rumour\nmetadata: {name: r}\n---\na: [\n",
    );
    let said: Vec<String> = read.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(said[1], "x.yaml document 1: its version is openslo/v1alpha; openslo/v1 is read, and this document is not");
    assert_eq!(said[2], "x.yaml document 2: it has no apiVersion, so it is none of ours and not read");
    assert_eq!(said[3], "x.yaml document 3 (Rumour r): 'Rumour' is no kind of OpenSLO v1, and the document is not read");
    assert!(said[0].starts_with("x.yaml line 10: document 4 is not YAML"), "{}", said[0]);
    let (found, said) = one(
        "  indicator: {spec: {ratioMetric: {good: {metricSource: {type: Datadog, spec: {query: x}}}, total: {metricSource: {type: Datadog, spec: {query: y}}}}}}\n  timeWindow: [{duration: 1w, isRolling: true}]\n  objectives: [{target: 0.9}]\n",
    );
    assert_eq!(said[0], "its source is Datadog, which is not asked here; the objective is kept without figures");
    assert_eq!(found.sli, Sli::Unread(Clean::from("its figures are kept in Datadog")));
}

#[test]
fn a_file_of_sloth_s_own_is_read_beside_them() {
    let text = "version: prometheus/v1\nservice: web\nslos:\n- name: availability\n  objective: 99.9\n  sli: {events: {error_query: 'sum(rate(a{code=~\"5..\"}[{{.window}}]))', total_query: 'sum(rate(a[{{.window}}]))'}}\n";
    let read = file("web.yml", text);
    assert_eq!(read.remarks, []);
    assert_eq!((read.found[0].id.as_str(), read.found[0].target), ("web-availability", Some(0.999)));
    assert!(matches!(read.found[0].sli, Sli::Events { .. }));
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC{0,200}") {
        let _ = file("f", &text);
    }

    #[test]
    fn no_damage_breaks_it(cut in 0..FILE.len(), with in "[ \\-:\\[\\]{}&*!|>%@`\"'a0\n]{0,6}", length in 0..40_usize) {
        let end = (cut + length).min(FILE.len());
        let damaged = format!("{}{with}{}", &FILE[..cut], &FILE[end..]);
        let read = file("f", &damaged);
        for found in read.found {
            let _ = (found.objective(), found.sli.events());
        }
    }
}
