//! The shipped scenarios with a Canary stand where their files say, and go on.

use chrono::TimeDelta;
use flightdeck::demo::clock::origin;
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::score::{self, Act};
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{CANARIES, DEPLOYMENTS, HTTPROUTES, Key, PODS, Part, SERVICES};
use flightdeck::demo::visit::{Did, Visit};
use serde_json::{Value, json};

/// Phase, weight in the status, weight in the route, failed checks.
fn figures(sim: &Sim) -> Value {
    let get = |resource| sim.store.get(&Key::new(resource, "payments", "orders")).unwrap();
    let (status, route) = (&get(CANARIES)["status"], get(HTTPROUTES));
    json!([status["phase"], status["canaryWeight"], route["spec"]["rules"][0]["backendRefs"][1]["weight"], status["failedChecks"]])
}

fn at(sim: &mut Sim, seconds: i64) -> Value {
    sim.run_until(origin() + TimeDelta::seconds(seconds));
    figures(sim)
}

#[test]
fn a_check_that_allows_too_much_lets_it_go_on_until_somebody_suspends_it() {
    let mut sim = Scenario::named("flagger").unwrap().build(42, origin()).unwrap();
    assert_eq!(at(&mut sim, 0), json!(["Progressing", 10, 10, 0]));
    assert_eq!(at(&mut sim, 19), json!(["Progressing", 20, 20, 0]));
    assert_eq!(at(&mut sim, 900), json!(["Progressing", 20, 20, 0]), "nothing moves while it is suspended");
    let canary = sim.store.get(&Key::new(CANARIES, "payments", "orders")).unwrap();
    assert_eq!(canary["metadata"]["managedFields"][0]["manager"], "kubectl-patch");
    let truth = sim.traffic.truth().iter().filter(|((workload, _), _)| workload == "payments/orders");
    let bad = truth.map(|(_, truth)| truth.failures as f64 / truth.requests as f64).find(|share| *share > 0.01).unwrap();
    assert!((0.027..0.033).contains(&bad), "{bad}");
}

#[test]
fn a_check_that_sees_it_takes_it_back() {
    let mut sim = Scenario::named("flagger-rollback").unwrap().build(42, origin()).unwrap();
    assert_eq!(at(&mut sim, 1), json!(["Progressing", 10, 10, 1]));
    assert_eq!(at(&mut sim, 121), json!(["Progressing", 10, 10, 5]));
    assert_eq!(at(&mut sim, 151), json!(["Failed", 0, 0, 0]));
    assert_eq!(sim.traffic.unserved("payments/orders"), 0);
}

#[test]
fn resumed_it_promotes_the_bad_version_and_every_request_finds_a_pod() {
    let mut sim = Scenario::named("flagger").unwrap().build(42, origin()).unwrap();
    at(&mut sim, 60);
    let key = Key::new(CANARIES, "payments", "orders");
    sim.edit(&key, Part::Main, |canary| canary["spec"]["suspend"] = json!(false)).unwrap();
    assert_eq!(at(&mut sim, 62), json!(["Progressing", 30, 30, 0]));
    assert_eq!(at(&mut sim, 152), json!(["Promoting", 50, 50, 0]), "the weight stays while the primary rolls");
    assert_eq!(at(&mut sim, 300), json!(["Succeeded", 0, 0, 0]));
    let image = |name: &str| {
        let deployment = sim.store.get(&Key::new(DEPLOYMENTS, "payments", name)).unwrap();
        deployment["spec"]["template"]["spec"]["containers"][0]["image"].clone()
    };
    assert_eq!(image("orders-primary"), "registry.example/orders:2.1.0");
    assert_eq!(sim.traffic.unserved("payments/orders"), 0);
    let bad =
        sim.traffic.truth().iter().filter(|((workload, _), truth)| workload == "payments/orders" && truth.failures * 50 > truth.requests);
    assert_eq!(bad.count(), 2, "the target's pods had it, and after the promotion the primary's");
}

#[test]
fn a_person_who_gives_it_up_is_scored() {
    let text = include_str!("../../src/demo/scenarios/flagger.toml").replace("format = 1", "format = 1\nscored = true");
    let scenario = Scenario::parse("scored", &text).unwrap();
    let mut sim = scenario.build(42, origin()).unwrap();
    at(&mut sim, 60);
    assert!((sim.exposure.share - 20.0).abs() < 1e-6, "{}", sim.exposure.share);
    let key = Key::new(CANARIES, "payments", "orders");
    let old = sim.store.get(&key).cloned();
    let new = sim.edit(&key, Part::Status, |canary| canary["status"]["failedChecks"] = json!(5)).unwrap().unwrap();
    sim.visit(Visit { at: sim.now(), user: "demo:admin".into(), key: key.clone(), did: Did::Write, old, new });
    sim.edit(&key, Part::Main, |canary| canary["spec"]["suspend"] = json!(false)).unwrap();
    assert_eq!(at(&mut sim, 120), json!(["Failed", 0, 0, 0]));
    let score = score::of(&sim, &scenario).unwrap();
    assert_eq!((score.version.as_str(), score.acted.unwrap().1), ("2.1.0", Act::Abort));
    assert!(score.recovered.unwrap() > score.acted.unwrap().0 && score.harmed > 50, "{score}");
}

#[test]
fn a_deleted_canary_takes_the_primary_and_its_requests_along() {
    let mut sim = Scenario::named("flagger").unwrap().build(42, origin()).unwrap();
    sim.store.delete(&Key::new(CANARIES, "payments", "orders"));
    sim.notice();
    sim.run_until(origin() + TimeDelta::seconds(90));
    assert_eq!(sim.store.list(SERVICES, Some("payments")).count(), 0);
    assert!(sim.store.get(&Key::new(DEPLOYMENTS, "payments", "orders-primary")).is_none());
    assert!(sim.store.prefixed(PODS, "payments", "orders-primary-".into()).next().is_none());
    assert!(sim.traffic.unserved("payments/orders") > 0);
}
