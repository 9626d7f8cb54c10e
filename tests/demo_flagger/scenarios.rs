//! The shipped scenarios with a Canary stand where their files say, and go on.

use chrono::TimeDelta;
use flightdeck::demo::clock::origin;
use flightdeck::demo::scenario::Scenario;
use flightdeck::demo::sim::Sim;
use flightdeck::demo::store::{CANARIES, HTTPROUTES, Key};
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
