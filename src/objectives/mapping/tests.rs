use std::collections::BTreeMap;

use super::super::{Found, Origin, Query, Sli};
use super::*;
use crate::objects::Kind;

fn workload(name: &str, pods: usize) -> Workload {
    Workload {
        release: ReleaseRef { namespace: Clean::from("shop"), name: Clean::from(name), kind: Kind::Rollout },
        pods: (0..pods).map(|at| Clean::from(format!("{name}-6b8f7-abc{at:02}"))).collect(),
        replica_sets: vec![Clean::from(format!("{name}-6b8f7")), Clean::from(format!("{name}-5c4d9"))],
        also_called: Vec::new(),
        target: None,
    }
}

fn objective(service: &str, total: &str) -> Found {
    let mut found = Found::empty("availability", Origin::Sloth, "PrometheusServiceLevel shop/x");
    found.service = Clean::from(service);
    found.namespace = Clean::from("shop");
    found.sli = Sli::Events { bad: Query::new("x"), total: Query::new(total) };
    found
}

fn series(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect()
}

fn pods_of(workload: &Workload, count: usize) -> Vec<BTreeMap<String, String>> {
    workload.pods.iter().take(count).map(|pod| series(&[("namespace", "shop"), ("pod", pod)])).collect()
}

#[test]
fn the_question_asks_for_the_pods_of_every_series_counted() {
    let question = |text: &str| covering(&objective("x", text));
    assert_eq!(
        question("sum(rate(requests_total{job=\"x\"}[$window] offset 5m)) + sum(rate(requests_total{job=\"x\"}[$window]))").unwrap(),
        "group by (namespace, pod, exported_namespace, exported_pod) (requests_total{job=\"x\"})"
    );
    let text = question("sum(rate(a[$window])) + sum(rate(b[$window]))").unwrap();
    super::super::query::parse_text(&text).unwrap();
    assert!(text.ends_with("(a or b)"));
    assert_eq!(question("job:a:rate5m"), None);
    assert_eq!(question("1"), None);
    assert_eq!(question("rate(a["), None);
}

#[test]
fn pods_found_are_the_score_and_the_reason() {
    let all = [workload("checkout", 11), workload("cart", 5)];
    let answer = pods_of(&all[0], 9);
    let coverage = Coverage::read(&answer, &all);
    let mapping = map(&objective("anything", "sum(rate(a[$window]))"), Some(&coverage), &all);
    assert_eq!(mapping.fits.len(), 1);
    assert_eq!(mapping.fits[0].reason, "Its requests come from 9 of checkout's 11 pods.");
    assert!((mapping.fits[0].score - 9.0 / 11.0).abs() < 1e-12);
    assert_eq!((mapping.doubt, mapping.pod_label), (None, Some("pod")));
}

#[test]
fn an_objective_of_several_releases_says_so() {
    let all = [workload("checkout", 2), workload("cart", 2), workload("idle", 2)];
    let mut answer = pods_of(&all[0], 1);
    answer.extend(pods_of(&all[1], 2));
    let coverage = Coverage::read(&answer, &all);
    let mapping = map(&objective("checkout", "sum(rate(a[$window]))"), Some(&coverage), &all);
    let names: Vec<&str> = mapping.fits.iter().map(|fit| fit.release.name.as_str()).collect();
    assert_eq!(names, ["cart", "checkout"]);
    assert_eq!(mapping.doubt.unwrap(), "It counts requests of cart and checkout together: what it says of one it says of all.");
}

#[test]
fn strangers_and_other_namespaces_are_no_pods_of_ours() {
    let all = [workload("checkout", 2)];
    let mut answer = pods_of(&all[0], 2);
    answer.push(series(&[("namespace", "shop"), ("pod", "api-1-x")]));
    answer.push(series(&[("namespace", "other"), ("pod", "checkout-6b8f7-abc00")]));
    let coverage = Coverage::read(&answer, &all);
    assert_eq!(coverage.strangers, 2);
    let mapping = map(&objective("x", "sum(rate(a[$window]))"), Some(&coverage), &all);
    assert_eq!(mapping.doubt.unwrap(), "It also counts requests of 2 pods that belong to none of the releases known here.");
    let foreign = Coverage::read(&answer[3..], &all);
    assert_eq!(map(&objective("checkout", "sum(rate(a[$window]))"), Some(&foreign), &all).fits, []);
}

#[test]
fn the_scraper_s_own_pod_is_not_taken_for_the_one_that_serves() {
    let all = [workload("checkout", 1)];
    let answer = [series(&[
        ("namespace", "monitoring"),
        ("pod", "exporter-0"),
        ("exported_namespace", "shop"),
        ("exported_pod", "checkout-6b8f7-abc00"),
    ])];
    let coverage = Coverage::read(&answer, &all);
    assert_eq!((coverage.pod_label(), coverage.strangers), (Some("exported_pod"), 0));
    // Both names given and the plain one right: the plain one is taken.
    let answer = [series(&[("namespace", "shop"), ("pod", "checkout-6b8f7-abc00"), ("exported_pod", "x")])];
    assert_eq!(Coverage::read(&answer, &all).pod_label(), Some("pod"));
}

#[test]
fn pods_that_are_gone_still_speak() {
    let all = [workload("checkout", 1)];
    let answer = [series(&[("namespace", "shop"), ("pod", "checkout-5c4d9-zzzzz")])];
    let mapping = map(&objective("x", "sum(rate(a[$window]))"), Some(&Coverage::read(&answer, &all)), &all);
    assert_eq!(
        (mapping.fits[0].ground, mapping.fits[0].reason.as_str()),
        (Ground::GonePods, "Its requests come from 1 pod of checkout, gone by now.")
    );
}

#[test]
fn labels_then_names_decide_where_no_pods_are_named() {
    let all = [workload("checkout", 2), workload("checkout-worker", 2)];
    let mesh = objective(
        "x",
        "sum(rate(istio_requests_total{destination_workload=~\"checkout\",destination_workload_namespace=\"shop\"}[$window]))",
    );
    let mapping = map(&mesh, None, &all);
    assert_eq!(mapping.fits.len(), 1);
    assert_eq!(mapping.fits[0].reason, "Its query asks for destination_workload checkout, and checkout is one.");
    let elsewhere = objective(
        "checkout",
        "sum(rate(istio_requests_total{destination_workload=\"checkout\",destination_workload_namespace=\"other\"}[$window]))",
    );
    assert_eq!(map(&elsewhere, None, &all).fits, []);
    let filed = map(&objective("checkout", "sum(rate(a[$window]))"), None, &all);
    assert_eq!(filed.fits[0].reason, "It is filed under the service checkout.");
    assert_eq!(map(&objective("", "sum(rate(a{job=~\".+\"}[$window]))"), None, &all).fits, []);
}

#[test]
fn a_namesake_in_another_namespace_is_another_release() {
    let all = [workload("checkout", 2)];
    let of = |job: &str| map(&objective("checkout", &format!("sum(rate(a{{job=\"{job}\"}}[$window]))")), None, &all).fits;
    assert_eq!(of("shop/checkout").len(), 1);
    assert_eq!(of("staging/checkout"), [], "a PodMonitor names its jobs so");
    assert_eq!(of("checkout").len(), 1);
}

#[test]
fn names_that_fit_two_are_told() {
    let mut all = [workload("checkout", 2), workload("shop-checkout", 2)];
    all[1].also_called.push(Clean::from("checkout"));
    let mapping = map(&objective("checkout", "sum(rate(a[$window]))"), None, &all);
    assert_eq!(mapping.doubt.unwrap(), "It could be meant for checkout or shop-checkout: only names speak for it.");
}

#[test]
fn what_is_said_of_a_canarys_target_is_the_canarys() {
    let mut canary = workload("shop", 2);
    canary.release.kind = Kind::Canary;
    canary.target = Some(Clean::from("web"));
    let said_of = |kind, name: &str| {
        let mut found = objective("x", "total");
        found.release = Some(ReleaseRef { namespace: Clean::from("shop"), name: Clean::from(name), kind });
        map(&found, None, std::slice::from_ref(&canary)).fits.into_iter().map(|fit| fit.release.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(said_of(Kind::Deployment, "web"), ["shop"]);
    assert_eq!(said_of(Kind::Canary, "shop"), ["shop"]);
    assert_eq!(said_of(Kind::Rollout, "web"), [""; 0]);
}
