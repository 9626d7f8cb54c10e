//! A gate's own checks, end to end: what the config asks for, asked of real servers when a plan opens, and what each answer does to the gate.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing where something must be has failed")]

mod embedded;

#[path = "acting/flight.rs"]
#[allow(dead_code, reason = "its plans are what is needed here")]
mod flight;
#[path = "acting/front.rs"]
#[allow(dead_code, reason = "the way to the cluster is held up in other tests")]
mod front;
#[path = "gate_checks/jobs.rs"]
mod jobs;
#[path = "demo_writes/lab.rs"]
#[allow(dead_code, reason = "its scenarios are what is needed here")]
mod lab;
#[path = "gate_checks/pages.rs"]
mod pages;
#[path = "gate_checks/plans.rs"]
mod plans;
#[path = "gate_checks/queries.rs"]
mod queries;
#[path = "gate_checks/written.rs"]
mod written;

use flightdeck::app::CheckStand;
use flightdeck::objects::Kind;
use flightdeck::release::acting::Intent;

use crate::embedded::Embedded;
use crate::flight::{Begin, Flight, image};
use crate::lab::{STEPS, routed};

/// A config whose gate on `lab` asks for all of these checks, each a name with the rest of its table.
pub fn config(checks: &[(&str, String)]) -> &'static str {
    let tables: String = checks.iter().map(|(name, rest)| format!("[[check]]\nname = \"{name}\"\n{rest}\n")).collect();
    let names: Vec<String> = checks.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    Box::leak(format!("{tables}[[policy]]\nmatch = \"*/lab/*\"\ngate = {{ checks = [{}] }}\n", names.join(", ")).into_boxed_str())
}

/// A cockpit on a canary whose 2.0 stands at its first pause.
pub async fn paused(begin: Begin) -> (Embedded, Flight) {
    paused_on(&routed(STEPS), begin).await
}

/// The same of another scenario's text.
pub async fn paused_on(text: &str, begin: Begin) -> (Embedded, Flight) {
    let at = Embedded::open(text).await;
    let mut flight = Flight::begin(&at, Kind::Rollout, begin).await;
    image(&at, Kind::Rollout, "2.0");
    flight.until(120, "the first pause", |f| !f.release().control.gates.is_empty() && f.release().control.controller_pause).await;
    flight.live(500).await;
    (at, flight)
}

/// The plan of one step on, with every check answered.
pub async fn planned(flight: &mut Flight) {
    flight.plan(Intent::Advance).await;
}

/// What a check of the open plan comes to: `holds: …` or `closed: …`.
pub fn stand(flight: &Flight, name: &str) -> String {
    let open = flight.session.state.plan().expect("a plan is open");
    let one = open.checks.iter().find(|one| *one.check.name == *name).expect("the check is asked for");
    match &one.stand {
        CheckStand::Unasked => "unasked".to_owned(),
        CheckStand::Asking => "asking".to_owned(),
        CheckStand::Holds(found, _) => format!("holds: {found}"),
        CheckStand::Closed(why) => format!("closed: {why}"),
    }
}
