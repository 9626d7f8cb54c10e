//! What a person made of an incident, told from the truth about the requests and from what was written over the API.
//! Judges nothing else: who looked where and for how long is nobody's business.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::scenario::Scenario;
use super::sim::Sim;
use super::store::{CANARIES, DEPLOYMENTS, HTTPROUTES, Key};
use super::traffic::Truth;
use super::visit::Visit;

/// How it was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The update was aborted, or its canary cut off from requests.
    Abort,
    /// Another version than the bad one was asked for.
    RollBack,
}

/// The score of one incident; times count from its beginning, 0 for what was done before.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// NAMESPACE/NAME.
    pub workload: String,
    /// The tag of the bad version.
    pub version: String,
    /// When it began to do harm, in virtual time; `None` when it never did.
    pub began: Option<DateTime<Utc>>,
    /// How long until a person first wrote to the release.
    pub detected: Option<TimeDelta>,
    /// How long until a person aborted or rolled back, and which came first.
    pub acted: Option<(TimeDelta, Act)>,
    /// How long until nothing reached the bad version any more; `None` while something does.
    pub recovered: Option<TimeDelta>,
    /// Requests that the bad version answered with a failure.
    pub harmed: u64,
    /// All requests that it answered.
    pub answered: u64,
    /// How long it has been going on.
    pub lasted: TimeDelta,
}

/// The score as things stand; `None` for a scenario that is not scored.
pub fn of(sim: &Sim, scenario: &Scenario) -> Option<Score> {
    let (load, fault) = scenario.scored()?;
    let workload = format!("{}/{}", load.namespace, load.name);
    let seen = &sim.exposure;
    let truth = seen.hashes.iter().map(|hash| sim.traffic.of(&workload, hash)).fold(Truth::default(), Truth::and);
    let release = sim.store.get(&scenario.release);
    let own: Vec<&Visit> = sim.writes.iter().filter(|visit| concerns(visit, &scenario.release, release.map(|object| &**object))).collect();
    let after = |at: DateTime<Utc>| seen.began.map(|began| (at - began).max(TimeDelta::zero()));
    let acted = own.iter().find_map(|visit| Some((after(visit.at)?, act(visit, &fault.version)?)));
    Some(Score {
        workload,
        version: fault.version.clone(),
        began: seen.began,
        detected: own.first().and_then(|visit| after(visit.at)),
        acted,
        recovered: seen.ended.and_then(after),
        harmed: truth.failures,
        answered: truth.requests,
        lasted: after(sim.now()).unwrap_or_default(),
    })
}

/// Whether a write was to the release, to the workload its template is taken from, or to what belongs to it (an analysis run).
fn concerns(visit: &Visit, release: &Key, object: Option<&Value>) -> bool {
    let Some(object) = object else { return visit.key == *release };
    let referred = ["workloadRef", "targetRef"].map(|field| &object["spec"][field]["name"]);
    let reference = visit.key.resource == DEPLOYMENTS && referred.iter().any(|name| **name == visit.key.name.as_str());
    let owners = visit.new["metadata"]["ownerReferences"].as_array();
    let owned = owners.into_iter().flatten().any(|owner| owner["uid"] == object["metadata"]["uid"]);
    visit.key == *release || visit.key.namespace == release.namespace && (reference || owned)
}

fn act(visit: &Visit, bad: &str) -> Option<Act> {
    let old = visit.old.as_deref().unwrap_or(&Value::Null);
    let aborted = |object: &Value| match visit.key.resource {
        CANARIES => given_up(object),
        HTTPROUTES => cut_off(object),
        _ => object["status"]["abort"] == true,
    };
    if !aborted(old) && aborted(&visit.new) {
        return Some(Act::Abort);
    }
    (runs(old, bad) && !runs(&visit.new, bad)).then_some(Act::RollBack)
}

/// Whether a Canary has as many failed checks as end it: what a person writes there to end it.
fn given_up(canary: &Value) -> bool {
    let threshold = canary["spec"]["analysis"]["threshold"].as_i64().unwrap_or(1).max(1);
    canary["status"]["failedChecks"].as_i64().is_some_and(|failed| failed >= threshold)
}

/// Whether a route sends nothing to the canary's Service.
fn cut_off(route: &Value) -> bool {
    let backends = route["spec"]["rules"][0]["backendRefs"].as_array().into_iter().flatten();
    let mut canary = backends.filter(|one| one["name"].as_str().is_some_and(|name| name.ends_with("-canary")));
    canary.any(|one| one["weight"] == 0)
}

/// Whether a pod template has a container of this tag.
fn runs(object: &Value, tag: &str) -> bool {
    let containers = object["spec"]["template"]["spec"]["containers"].as_array();
    let images = containers.into_iter().flatten().filter_map(|container| container["image"].as_str());
    images.into_iter().any(|image| image.rsplit_once(':').is_some_and(|(_, own)| own == tag))
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { workload, version, harmed, answered, .. } = self;
        if self.began.is_none() {
            return writeln!(f, "{workload} {version} did no harm: it was never given the requests it fails.");
        }
        writeln!(f, "{workload} {version} did harm: {harmed} of the {answered} requests it answered failed.")?;
        match self.detected {
            Some(time) => writeln!(f, "  time to detect    {}", span(time))?,
            None => writeln!(f, "  time to detect    nobody wrote to it in {}", span(self.lasted))?,
        }
        match self.acted {
            Some((time, Act::Abort)) => writeln!(f, "  time to act       {}, by aborting", span(time))?,
            Some((time, Act::RollBack)) => writeln!(f, "  time to act       {}, by rolling back", span(time))?,
            None => writeln!(f, "  time to act       not acted: neither aborted nor rolled back")?,
        }
        match self.recovered {
            Some(time) => writeln!(f, "  time to recover   {}", span(time)),
            None => writeln!(f, "  time to recover   not recovered: it still gets requests"),
        }
    }
}

/// A length of time in whole seconds.
fn span(time: TimeDelta) -> humantime::FormattedDuration {
    humantime::format_duration(Duration::from_secs(u64::try_from(time.num_seconds()).unwrap_or(0)))
}
