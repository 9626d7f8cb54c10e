//! Scenarios: files that say which workloads a cluster has, how their releases went, and what happens next.
//! Nothing in them paints a state: they name objects and writes, and the controllers live the days before 0 as they live those after.

mod calendar;
mod file;
mod world;

use chrono::{DateTime, TimeDelta, Utc};

use super::admission::Webhook;
use super::cluster::Options;
use super::controllers::argo::Lapse;
use super::controllers::{argo, base, flagger};
use super::exposure::Lookout;
use super::faults::{Fault, Schedule};
use super::prometheus::PrometheusFault;
use super::rights::Rule;
use super::sim::Sim;
use super::store::{CANARIES, DEPLOYMENTS, Key, ROLLOUTS, SERVICELEVELS};
use super::traffic::{self, Load, Traffic};
use calendar::Calendar;
use file::File;
pub use file::Objective;

/// The shipped files, by name; the first is the default.
const SHIPPED: &[(&str, &str)] = &[
    ("canary", include_str!("scenarios/canary.toml")),
    ("crashloop", include_str!("scenarios/crashloop.toml")),
    ("blue-green", include_str!("scenarios/blue-green.toml")),
    ("deployment", include_str!("scenarios/deployment.toml")),
    ("experiment", include_str!("scenarios/experiment.toml")),
    ("flaky-link", include_str!("scenarios/flaky-link.toml")),
    ("denied", include_str!("scenarios/denied.toml")),
    ("fleet", include_str!("scenarios/fleet.toml")),
    ("incident", include_str!("scenarios/incident.toml")),
    ("bad-canary", include_str!("scenarios/bad-canary.toml")),
    ("slow-canary", include_str!("scenarios/slow-canary.toml")),
    ("slow-burn", include_str!("scenarios/slow-burn.toml")),
    ("no-metrics", include_str!("scenarios/no-metrics.toml")),
    ("sloth", include_str!("scenarios/sloth.toml")),
    ("low-traffic", include_str!("scenarios/low-traffic.toml")),
    ("flagger", include_str!("scenarios/flagger.toml")),
    ("flagger-rollback", include_str!("scenarios/flagger-rollback.toml")),
    ("shared-fate", include_str!("scenarios/shared-fate.toml")),
    ("young-pods", include_str!("scenarios/young-pods.toml")),
    ("prometheus-partial", include_str!("scenarios/prometheus-partial.toml")),
    ("prometheus-flaky", include_str!("scenarios/prometheus-flaky.toml")),
];

/// How many pieces of work are done between two clearings of the change log while the past is lived: nobody watches it yet.
const PAST_PER_COMPACTION: usize = 500;

/// One scenario, read and checked.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is called on the command line.
    pub name: String,
    /// One sentence about what is going on in it.
    pub description: String,
    /// The release it is about: a Rollout, a Deployment or a Canary, which is then named as its target is.
    pub release: Key,
    /// What goes wrong with the API, counted from 0.
    pub faults: Vec<Fault>,
    /// What goes wrong with its Prometheus, counted from 0.
    pub prometheus_faults: Vec<Fault<PrometheusFault>>,
    /// What the kubeconfig's user may do, where that is not everything.
    pub rights: Option<Vec<Rule>>,
    /// Admission webhooks, in the order in which they are asked.
    pub admission: Vec<Webhook>,
    /// How long a token is accepted from when it was given out.
    pub token_lasts: Option<TimeDelta>,
    scored: bool,
    lapses: Vec<Fault<Lapse>>,
    world: world::World,
    traffic: Vec<Load>,
    objectives: Vec<Objective>,
}

impl Scenario {
    /// The names of the shipped scenarios, the default first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// A shipped scenario. The error is a sentence naming what there is.
    pub fn named(name: &str) -> Result<Self, String> {
        let Some((_, text)) = SHIPPED.iter().find(|(known, _)| *known == name) else {
            let names: Vec<&str> = Self::names().collect();
            return Err(format!("There is no scenario `{name}`; there are {}.", names.join(", ")));
        };
        Self::parse(name, text)
    }

    /// Reads a scenario file. The error is a sentence naming what is wrong in it.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let wrong = |what: String| format!("Scenario `{name}`: {what}");
        let mut file = File::read(text).map_err(wrong)?;
        if let Some(shared) = file.world.take() {
            let Some((_, text)) = SHIPPED.iter().find(|(known, _)| *known == shared) else {
                return Err(wrong(format!("`world = \"{shared}\"` names no shipped scenario")));
            };
            file = file.within(File::read(text).map_err(wrong)?);
        }
        let release = release(&file.release).map_err(wrong)?;
        let (description, faults) = (file.description.clone(), std::mem::take(&mut file.fault));
        let prometheus_faults = std::mem::take(&mut file.prometheus_fault);
        let admission: Vec<Webhook> =
            std::mem::take(&mut file.admission).into_iter().map(Webhook::checked).collect::<Result<_, _>>().map_err(wrong)?;
        let token_lasts = file.token_lasts.as_deref().map(traffic::span).transpose().map_err(wrong)?;
        let scored = file.scored;
        let lapses = std::mem::take(&mut file.controller_fault);
        let rights = (!file.rule.is_empty()).then(|| std::mem::take(&mut file.rule));
        let traffic: Vec<Load> =
            std::mem::take(&mut file.traffic).into_iter().map(traffic::Written::checked).collect::<Result<_, _>>().map_err(wrong)?;
        let objectives = std::mem::take(&mut file.objective);
        let world = world::World::of(file).map_err(wrong)?;
        if !world.has(&release) && !world.makes(&release) {
            return Err(wrong(format!("its release {}/{} is none of its workloads", release.namespace, release.name)));
        }
        let there = |load: &&Load| [ROLLOUTS, DEPLOYMENTS].iter().any(|kind| world.has(&Key::new(*kind, &*load.namespace, &*load.name)));
        if let Some(load) = traffic.iter().find(|load| !there(load)) {
            return Err(wrong(format!("[[traffic]] names {}/{}, which is none of its workloads", load.namespace, load.name)));
        }
        let scenario = Self {
            name: name.to_owned(),
            description,
            release,
            faults,
            prometheus_faults,
            rights,
            scored,
            admission,
            token_lasts,
            lapses,
            world,
            traffic,
            objectives,
        };
        if scored && scenario.scored().is_none() {
            return Err(wrong("`scored = true` needs a [[traffic]] of its release with a [[traffic.fault]]".into()));
        }
        Ok(scenario)
    }

    /// A cluster that has lived this scenario up to `origin`, and goes on with it. The same seed and origin give the same cluster.
    pub fn build(&self, seed: u64, origin: DateTime<Utc>) -> Result<Sim, String> {
        let (deeds, born) = self.world.deeds(origin);
        let mut controllers = base(self.world.table());
        controllers.extend(match self.lapses.as_slice() {
            [] => argo::controllers(),
            lapses => argo::lapsing(Schedule::new(origin, lapses.to_vec())),
        });
        controllers.push(Box::new(Calendar::new(deeds, self.world.reactions(origin))));
        if !self.traffic.is_empty() {
            controllers.push(Box::new(Traffic::new(self.traffic.clone(), seed, origin, calendar::OPENS)));
        }
        if let Some((load, fault)) = self.scored() {
            controllers.push(Box::new(Lookout::new(load.clone(), fault.clone())));
        }
        let has_flagger = self.world.creates(CANARIES);
        if has_flagger {
            controllers.push(Box::new(flagger::Flagger::new(self.world.gates(origin))));
        }
        let has_sloth = self.world.creates(SERVICELEVELS);
        if has_sloth {
            controllers.push(Box::<super::sloth::Sloth>::default());
        }
        let mut sim = Sim::new(seed, born, controllers);
        super::crds::install_argo(&mut sim);
        if has_sloth {
            super::crds::install_sloth(&mut sim);
        }
        if has_flagger {
            super::crds::install_flagger(&mut sim);
        }
        self.world.found(&mut sim)?;
        while sim.next_due().is_some_and(|due| due <= origin) {
            for _ in 0..PAST_PER_COMPACTION {
                if sim.next_due().is_none_or(|due| due > origin) {
                    break;
                }
                sim.step();
            }
            sim.store.compact();
        }
        sim.run_until(origin);
        sim.store.compact();
        if !self.traffic.is_empty() {
            super::prometheus::install(&mut sim.store, born);
        }
        Ok(sim)
    }

    /// The requests of its release and what is wrong with them, where it is scored.
    pub fn scored(&self) -> Option<(&Load, &traffic::Fault)> {
        let own = |load: &&Load| load.namespace == self.release.namespace && load.name == self.release.name;
        let load = self.traffic.iter().find(own).filter(|_| self.scored)?;
        Some((load, load.faults.first()?))
    }

    /// What is promised about its requests, in the order of the file.
    pub fn objectives(&self) -> &[Objective] {
        &self.objectives
    }

    /// The same as `[[objective]]` tables of the cockpit's config.
    pub fn objectives_toml(&self) -> String {
        let table = |objective: &Objective| toml::to_string(objective).map(|text| format!("[[objective]]\n{text}")).unwrap_or_default();
        self.objectives.iter().map(table).collect::<Vec<_>>().join("\n")
    }

    /// The requests that come.
    pub fn traffic(&self) -> &[Load] {
        &self.traffic
    }

    /// How the cluster's server behaves in this scenario, with 0 at `origin`.
    pub fn options(&self, origin: DateTime<Utc>) -> Options {
        Options {
            faults: self.faults.clone(),
            prometheus_faults: self.prometheus_faults.clone(),
            faults_from: Some(origin),
            admission: self.admission.clone(),
            token_lasts: self.token_lasts,
            restricted: self.rights.clone(),
            ..Options::default()
        }
    }
}

fn release(text: &str) -> Result<Key, String> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts[..] {
        ["rollout", namespace, name] => Ok(Key::new(ROLLOUTS, namespace, name)),
        ["deployment", namespace, name] => Ok(Key::new(DEPLOYMENTS, namespace, name)),
        ["canary", namespace, name] => Ok(Key::new(CANARIES, namespace, name)),
        _ => Err(format!(
            "`release = \"{text}\"` is not of the form rollout/NAMESPACE/NAME, deployment/NAMESPACE/NAME or canary/NAMESPACE/NAME"
        )),
    }
}

/// A moment relative to 0 as it stands in files: `-2h10m`, `30s`, `0s`.
fn moment(text: &str) -> Result<TimeDelta, String> {
    let (sign, span) = match text.strip_prefix('-') {
        Some(span) => (-1, span),
        None => (1, text),
    };
    let span = humantime::parse_duration(span.trim()).map_err(|_| format!("`{text}` is no moment such as \"-2h10m\" or \"30s\""))?;
    let span = TimeDelta::from_std(span).map_err(|_| format!("`{text}` is too far away"))?;
    Ok(span * sign)
}
