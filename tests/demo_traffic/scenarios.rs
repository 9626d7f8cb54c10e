//! What the requests of each shipped scenario do: who gets them, what they are called, and what is promised about them.

use chrono::TimeDelta;
use flightdeck::demo::clock::origin;
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{DEPLOYMENTS, Key, PODS, ROLLOUTS};
use flightdeck::demo::traffic::Truth;

use super::{built, later, since, value, vector, within};

/// Which versions of a workload got requests in the next `seconds`, by image tag.
fn meanwhile(sim: &mut Sim, workload: &str, seconds: i64) -> Vec<(String, Truth)> {
    let (namespace, name) = workload.split_once('/').unwrap();
    let before = sim.traffic.truth().clone();
    let now = sim.now();
    sim.run_until(now + TimeDelta::seconds(seconds));
    let tag = |hash: &str| {
        let prefix = format!("{name}-{hash}-");
        let pod = sim.store.list(PODS, Some(namespace)).find(|(key, _)| key.name.starts_with(&prefix));
        pod.map_or_else(String::new, |(_, pod)| {
            pod["spec"]["containers"][0]["image"].as_str().unwrap().rsplit_once(':').unwrap().1.to_owned()
        })
    };
    let mut came: Vec<(String, Truth)> = Vec::new();
    for (key, after) in sim.traffic.truth().iter().filter(|((of, _), _)| of == workload) {
        let more = since(before.get(key).copied().unwrap_or_default(), *after);
        if more.requests > 0 {
            came.push((tag(&key.1), more));
        }
    }
    came.sort_by(|a, b| a.0.cmp(&b.0));
    came
}

fn tags(came: &[(String, Truth)]) -> Vec<&str> {
    came.iter().map(|(tag, _)| tag.as_str()).collect()
}

#[test]
fn a_preview_gets_nothing_until_it_is_switched_to() {
    let mut sim = built("blue-green");
    assert_eq!(tags(&meanwhile(&mut sim, "ledger/ledger", 200)), ["5.0.0"]);
    later(&mut sim, 260);
    assert_eq!(tags(&meanwhile(&mut sim, "ledger/ledger", 60)), ["5.1.0"]);
}

#[test]
fn a_deployments_versions_get_what_their_ready_pods_are_of_all() {
    let mut sim = built("deployment");
    // It is held from 1 min to 3 min; what was under way gets its time.
    later(&mut sim, 115);
    let status = sim.store.get(&Key::new(DEPLOYMENTS, "web", "storefront")).unwrap()["status"].clone();
    let count = |field: &str| status[field].as_i64().unwrap_or(0) as f64;
    let (new, all) = (count("updatedReplicas"), count("readyReplicas"));
    assert!(new > 0.0 && new < all && count("replicas") == all, "in the middle: {status}");
    let came = meanwhile(&mut sim, "web/storefront", 60);
    assert_eq!(tags(&came), ["2.7.1", "2.8.0"]);
    let total: u64 = came.iter().map(|(_, truth)| truth.requests).sum();
    within(came[1].1.requests as f64 / total as f64, new / all, 0.1, "the new version's part");
    within(total as f64, 90.0 * 60.0, 0.06, "all requests");
    // And evenly over the pods behind the Service.
    let each = vector(&sim, "sum by (pod) (increase(http_requests_total{pod=~\"storefront-.*\"}[1m]))");
    for (labels, got) in each.iter().filter(|(_, got)| *got > 0.0) {
        within(*got, 90.0 * 60.0 / all, 0.3, labels.get("pod"));
    }
}

#[test]
fn a_process_that_crashes_takes_its_counters_with_it() {
    let mut sim = built("crashloop");
    assert_eq!(tags(&meanwhile(&mut sim, "payments/checkout", 120)), ["1.4.2"], "what is never ready is never asked");
    assert!(value(&sim, "min(up{pod=~\"checkout-.*\"})") < 1.0, "its scrapes fail");
    later(&mut sim, 40 * 60);
    let resets = vector(&sim, "resets(http_requests_total{pod=~\"mailer-.*\",code=\"200\"}[40m]) > 0");
    assert!(!resets.is_empty());
    let ever: u64 = sim.traffic.truth().iter().filter(|((of, _), _)| of == "payments/mailer").map(|(_, truth)| truth.requests).sum();
    let left = value(&sim, "sum(http_requests_total{pod=~\"mailer-.*\"})");
    assert!(left < ever as f64 * 0.8, "{left} of {ever}: the truth forgets nothing");
    let increased = value(&sim, "sum(increase(http_requests_total{pod=~\"mailer-.*\"}[30m]))");
    within(increased, 5.0 * 30.0 * 60.0, 0.12, "increase sees through resets");
}

#[test]
fn a_slow_burn_is_two_to_three_times_what_may_be() {
    let sim = built("slow-burn");
    let all = "istio_requests_total{reporter=\"destination\",destination_workload=\"cart\",destination_workload_namespace=\"shop\"";
    let burn = value(&sim, &format!("sum(rate({all},response_code=~\"5..\"}}[1h])) / sum(rate({all}}}[1h])) / 0.001"));
    assert!((2.0..3.0).contains(&burn), "{burn}");
    let versions = vector(&sim, &format!("sum by (destination_version) (increase({all}}}[1h]))"));
    let names: Vec<&str> = versions.iter().map(|(labels, _)| labels.get("destination_version")).collect();
    assert_eq!(names, ["4.8.2", "4.9.0"]);
    within(versions[0].1, versions[1].1, 0.03, "half each");
    let called = value(&sim, "sum(increase(istio_requests_total{reporter=\"source\",destination_service_namespace=\"shop\"}[1h]))");
    within(called, versions[0].1 + versions[1].1, 0.01, "callers count the same requests");
    let latency = "istio_request_duration_milliseconds";
    let slow = value(&sim, &format!("histogram_quantile(0.5, sum by (le) (rate({latency}_bucket{{namespace=\"shop\"}}[1h])))"));
    within(slow, 45.0, 0.1, "the median");
    let left = value(&sim, "slo:period_error_budget_remaining:ratio{sloth_service=\"cart\",sloth_slo=\"availability\"}");
    // 30 days at 0.08 % leave a fifth; five hours of 0.16 % more take a little of that.
    within(left, 0.2 - 5.0 / 720.0 * 1.6, 0.05, "what is left");
}

#[test]
fn what_reaches_nobody_is_counted_by_those_who_called() {
    let text = "format = 1\ndescription = \"d\"\nrelease = \"deployment/shop/cart\"\n[[node]]\npool = \"a\"\ncount = 1\nzones = [\"z\"]\n\
        [[workload]]\nkind = \"deployment\"\nnamespace = \"shop\"\nname = \"cart\"\nreplicas = 2\n[[workload.version]]\ntag = \"1\"\nat = \"-1h\"\n\
        behaviour = \"never-ready\"\n[[traffic]]\nworkload = \"shop/cart\"\nrate = 10.0\nlatency = { median = 20, p99 = 200 }\nshape = \"istio\"\n";
    let mut sim = Scenario::parse("nobody", text).unwrap().build(42, origin()).unwrap();
    later(&mut sim, 60);
    let lost = sim.traffic.unserved("shop/cart");
    within(lost as f64, 10.0 * 16.0 * 60.0, 0.05, "since the history began");
    let rows = vector(&sim, "istio_requests_total");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].1 as u64, lost);
    let labels = &rows[0].0;
    for (name, wanted) in [("reporter", "source"), ("response_code", "503"), ("response_flags", "UH"), ("destination_service_name", "cart")]
    {
        assert_eq!(labels.get(name), wanted);
    }
    assert!(sim.traffic.truth().is_empty());
}

#[test]
fn no_metrics_is_up_and_nothing_else_and_low_traffic_is_a_few_requests() {
    let sim = built("no-metrics");
    let names = vector(&sim, "count by (__name__) ({namespace=\"payments\"})");
    assert_eq!(names.iter().map(|(labels, _)| labels.get("__name__")).collect::<Vec<_>>(), ["up"]);
    assert_eq!(value(&sim, "min(up)"), 1.0);
    assert_eq!(sim.traffic.exposition(), "");
    let mut sim = built("low-traffic");
    let came = meanwhile(&mut sim, "partners/reports", 1200);
    let total: u64 = came.iter().map(|(_, truth)| truth.requests).sum();
    assert!((5..60).contains(&total), "{came:?}");
}

#[test]
fn the_budget_of_thirty_days_is_reckoned_from_the_requests_of_thirty_days() {
    let mut sim = built("bad-canary");
    let left = |sim: &Sim| value(sim, "slo:period_error_budget_remaining:ratio{sloth_service=\"checkout\"}");
    // Half goes at 0.1 % of 0.2 %, and an incident of 40 min at 18 % takes a twelfth.
    within(left(&sim), 1.0 - 0.5 - 40.0 / 43_200.0 * 0.18 / 0.002, 0.03, "at 0");
    let before = left(&sim);
    later(&mut sim, 15 * 60);
    let burned = before - left(&sim);
    assert!(burned > 0.0 && burned < 0.002, "{burned}");
}

#[test]
fn every_scenario_with_requests_promises_something_about_its_release() {
    for name in Scenario::names() {
        let scenario = Scenario::named(name).unwrap();
        if scenario.traffic().is_empty() {
            assert_eq!(name, "fleet", "all others have requests");
            continue;
        }
        if name == "sloth" {
            assert!(scenario.objectives().is_empty(), "there it is found in the cluster");
            continue;
        }
        let whose = format!("{}/{}", scenario.release.namespace, scenario.release.name);
        assert!(scenario.objectives().iter().any(|objective| objective.matches == whose), "{name}");
        let text = format!("format = 1\n{}", scenario.objectives_toml());
        let read: toml::Table = text.parse().unwrap();
        assert_eq!(read["objective"].as_array().unwrap().len(), scenario.objectives().len(), "{text}");
    }
}

#[test]
fn each_new_scenario_has_its_release_under_way_for_a_quarter_of_an_hour() {
    for name in ["bad-canary", "slow-burn", "no-metrics", "low-traffic", "prometheus-flaky"] {
        let release = Scenario::named(name).unwrap().release;
        let mut sim = built(name);
        for seconds in [0, 900] {
            later(&mut sim, seconds);
            let status = sim.store.get(&Key::new(ROLLOUTS, &release.namespace, &release.name)).unwrap()["status"].clone();
            assert_ne!(status["stableRS"], status["currentPodHash"], "{name} after {seconds} s");
            assert!(status["canary"]["weights"]["canary"]["weight"].as_i64().unwrap() > 0, "{name} after {seconds} s");
            assert!(status["abort"] != true, "{name}");
        }
    }
}

#[test]
fn mistakes_in_a_table_are_named_in_sentences() {
    let wrong = |table: &str| {
        let text = format!(
            "format = 1\ndescription = \"d\"\nrelease = \"deployment/a/b\"\n[[node]]\npool = \"p\"\ncount = 1\nzones = [\"z\"]\n[[workload]]\n\
             kind = \"deployment\"\nnamespace = \"a\"\nname = \"b\"\n[[workload.version]]\ntag = \"1\"\nat = \"-1h\"\n[[traffic]]\n{table}"
        );
        Scenario::parse("t", &text).unwrap_err()
    };
    let rest = "latency = { median = 20, p99 = 200 }\n";
    for (table, wanted) in [
        (format!("workload = \"a/c\"\nrate = 1.0\n{rest}"), "names a/c, which is none of its workloads"),
        (format!("workload = \"b\"\nrate = 1.0\n{rest}"), "is not of the form NAMESPACE/NAME"),
        (format!("workload = \"a/b\"\nrate = 0.0\n{rest}"), "`rate = 0` is not between"),
        (format!("workload = \"a/b\"\nrate = 1.0\nerrors = 1.5\n{rest}"), "`errors = 1.5` is no share"),
        ("workload = \"a/b\"\nrate = 1.0\nlatency = { median = 20, p99 = 10 }\n".into(), "0 < median < p99"),
        (format!("workload = \"a/b\"\nrate = 1.0\nhistory = \"soon\"\n{rest}"), "`soon` is no length of time"),
        (format!("workload = \"a/b\"\nrate = 1.0\n{rest}[[traffic.fault]]\nversion = \"1\"\nerrors = 0.1\nerrors-factor = 2.0\n"), "both"),
        (
            format!(
                "workload = \"a/b\"\nrate = 1.0\n{rest}[[traffic.recorded]]\nmetric = \"m\"\nslo = \"s\"\nservice = \"b\"\ntarget = 0.9\n"
            ),
            "`metric = \"m\"`",
        ),
    ] {
        let said = wrong(&table);
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn each_new_scenario_opens_with_its_release_first_on_the_board() {
    for name in ["bad-canary", "slow-burn", "no-metrics", "low-traffic", "prometheus-flaky"] {
        let args = ["snapshot", "--demo", name, "--screen", "board"];
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_flightdeck")).args(args).output().unwrap();
        let board = String::from_utf8(output.stdout).unwrap();
        let first = board.lines().find(|line| line.starts_with('▸')).unwrap_or_default();
        let release = Scenario::named(name).unwrap().release;
        assert!(first.contains(&format!("{}/{}", release.namespace, release.name)), "{name}:\n{board}");
    }
}
