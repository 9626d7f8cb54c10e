//! Makes a scenario file into what a cluster is given: nodes, namespaces, Services, workloads, and the writes of their lives.
//! Sets no status but that of nodes and namespaces, which here have no controller.

mod render;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::calendar::{Deed, OPENS, Reaction};
use super::file::{File, Kind, Nodes, Version, Workload, Write};
use super::moment;
use crate::demo::controllers::behaviour::{Behaviour, Table};
use crate::demo::controllers::flagger::{Gate, Gates};
use crate::demo::controllers::managed;
use crate::demo::sim::Sim;
use crate::demo::store::{DEPLOYMENTS, INGRESSES, Key, NAMESPACES, NODES, Part, RESOURCES, ROLLOUTS, Resource, SERVICES};
use crate::demo::traffic::span;

/// How long before the first write the cluster itself was set up.
const SET_UP: TimeDelta = TimeDelta::hours(2);

/// A checked scenario: who is there, and what is done when, relative to 0.
#[derive(Debug, Clone)]
pub(super) struct World {
    nodes: Vec<Nodes>,
    namespaces: BTreeSet<String>,
    keys: BTreeSet<Key>,
    deeds: Vec<(TimeDelta, Deed)>,
    reactions: Vec<(TimeDelta, Reaction)>,
    table: Table,
    managed: bool,
    gates: Vec<(TimeDelta, String, bool)>,
}

impl World {
    /// Checks a file and works out every write in it.
    pub(super) fn of(file: File) -> Result<Self, String> {
        let default = match &file.pace {
            Some(pace) => Behaviour::parse(pace, &Behaviour::default())?,
            None => Behaviour::default(),
        };
        let mut world = Self {
            nodes: file.node,
            namespaces: BTreeSet::from(["default".to_owned()]),
            keys: BTreeSet::new(),
            deeds: Vec::new(),
            reactions: Vec::new(),
            table: Table { default, images: Vec::new() },
            managed: file.managed_fields,
            gates: Vec::new(),
        };
        for gate in file.gate {
            world.gates.push((moment(&gate.at)?, gate.url, gate.open));
        }
        if world.nodes.iter().map(|pool| pool.count).sum::<usize>() == 0 {
            return Err("it has no [[node]], so no pod could run".into());
        }
        if let Some(pool) = world.nodes.iter().find(|pool| pool.zones.is_empty()) {
            return Err(format!("node pool `{}` names no zones", pool.pool));
        }
        for workload in &file.workload {
            for number in 1..=workload.count {
                world.add(&numbered(workload, number))?;
            }
        }
        for write in file.write {
            match reaction(&write)? {
                Some(reaction) => world.reactions.push((moment(&write.at)?, reaction)),
                None => world.deeds.push((moment(&write.at)?, deed(&write)?)),
            }
        }
        world.deeds.sort_by_key(|(at, _)| *at);
        Ok(world)
    }

    /// Whether this workload is there.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// Whether it ever makes an object of this kind by itself.
    pub(super) fn creates(&self, wanted: Resource) -> bool {
        self.deeds.iter().any(|(_, deed)| matches!(deed, Deed::Create(resource, _) if *resource == wanted))
    }

    /// Whether it makes this object by itself, as `[[write]]` says.
    pub(super) fn makes(&self, key: &Key) -> bool {
        self.deeds.iter().any(|(_, deed)| matches!(deed, Deed::Create(resource, object) if Key::of(*resource, object) == *key))
    }

    /// What the services behind Canaries' webhooks answer.
    pub(super) fn gates(&self, origin: DateTime<Utc>) -> Gates {
        let gate = |(at, url, open): &(TimeDelta, String, bool)| Gate { from: origin + *at, url: url.clone(), open: *open };
        Gates::new(self.gates.iter().map(gate).collect())
    }

    /// What the containers do.
    pub(super) fn table(&self) -> Table {
        self.table.clone()
    }

    /// All writes with their moments, and when the cluster was set up.
    pub(super) fn deeds(&self, origin: DateTime<Utc>) -> (Vec<(DateTime<Utc>, Deed)>, DateTime<Utc>) {
        let first = self.deeds.first().map_or(TimeDelta::zero(), |(at, _)| *at).min(TimeDelta::zero());
        let deeds = self.deeds.iter().map(|(at, deed)| (origin + *at, deed.clone())).collect();
        (deeds, origin + first - SET_UP)
    }

    /// What others write after people did something.
    pub(super) fn reactions(&self, origin: DateTime<Utc>) -> Vec<Reaction> {
        self.reactions.iter().map(|(at, reaction)| Reaction { from: origin + *at, ..reaction.clone() }).collect()
    }

    /// Creates what stands before anything is released: nodes and namespaces. The last one opens the calendar.
    pub(super) fn found(&self, sim: &mut Sim) -> Result<(), String> {
        if self.managed {
            sim.store.write_managed(managed::of);
        }
        let refused = |error| format!("The embedded cluster refused its own node or namespace: {error:?}");
        for pool in &self.nodes {
            for number in 0..pool.count {
                let zone = &pool.zones[number % pool.zones.len()];
                sim.create(NODES, render::node(pool, number, zone)).map_err(refused)?;
            }
        }
        for name in self.namespaces.iter().map(String::as_str).chain([OPENS]) {
            let labels = json!({ "kubernetes.io/metadata.name": name });
            let namespace = json!({ "metadata": { "name": name, "labels": labels }, "spec": { "finalizers": ["kubernetes"] }, "status": { "phase": "Active" } });
            sim.create(NAMESPACES, namespace).map_err(refused)?;
        }
        Ok(())
    }

    fn add(&mut self, workload: &Workload) -> Result<(), String> {
        let whose = format!("{}/{}", workload.namespace, workload.name);
        let resource = match workload.kind {
            Kind::Rollout => ROLLOUTS,
            Kind::Deployment => DEPLOYMENTS,
        };
        let key = Key::new(resource, workload.namespace.as_str(), workload.name.as_str());
        self.namespaces.insert(workload.namespace.clone());
        if !self.keys.insert(key.clone()) {
            return Err(format!("workload {whose} is there twice"));
        }
        let Some((first, later)) = workload.version.split_first() else {
            return Err(format!("workload {whose} has no [[workload.version]]"));
        };
        let born = moment(&first.at)?;
        for service in render::services(workload) {
            self.deeds.push((born, Deed::Create(SERVICES, Box::new(service))));
        }
        if let Some(ingress) = render::ingress(workload) {
            self.deeds.push((born, Deed::Create(INGRESSES, Box::new(ingress))));
        }
        self.deeds.push((born, Deed::Create(resource, Box::new(render::workload(workload, first)))));
        let mut last = born;
        for version in later {
            let at = moment(&version.at)?;
            if at <= last {
                return Err(format!("version {} of {whose} is not later than the one before it", version.tag));
            }
            last = at;
            let template = Box::new(render::template(workload, version));
            self.deeds.push((at, Deed::Apply { key: key.clone(), template, cause: version.cause.clone() }));
        }
        workload.version.iter().try_for_each(|version| self.learn(workload, version))
    }

    /// Notes what the pods of a version do, by their image.
    fn learn(&mut self, workload: &Workload, version: &Version) -> Result<(), String> {
        if let Some(words) = &version.behaviour {
            let behaviour = Behaviour::parse(words, &self.table.default)?;
            self.table.images.push((render::image(workload, version), behaviour));
        }
        Ok(())
    }
}

/// One of several alike workloads.
fn numbered(workload: &Workload, number: usize) -> Workload {
    let put = |text: &str| text.replace("{n}", &format!("{number:03}")).replace("{g}", &format!("{:02}", number % workload.groups.max(1)));
    let services = workload.services.as_ref().map(|names| names.iter().map(|name| put(name)).collect());
    Workload { namespace: put(&workload.namespace), name: put(&workload.name), services, ..workload.clone() }
}

/// What a write that waits for somebody waits for; `None` for one that has its moment.
fn reaction(write: &Write) -> Result<Option<Reaction>, String> {
    let Some(after) = write.after else {
        let stray = write.on.is_some() || write.delay.is_some() || write.times.is_some();
        let why = || format!("the write at {} has `on`, `delay` or `times`, which belong to `after`", write.at);
        return if stray { Err(why()) } else { Ok(None) };
    };
    let on = write.on.as_ref().or(write.object.as_ref()).ok_or_else(|| format!("the write at {} has `after` and no `on`", write.at))?;
    let delay = write.delay.as_deref().map_or(Ok(TimeDelta::zero()), span)?;
    let times = write.times.unwrap_or(1);
    Ok(Some(Reaction { from: DateTime::UNIX_EPOCH, after, on: key(on)?, delay, times, deed: deed(write)? }))
}

fn deed(write: &Write) -> Result<Deed, String> {
    let json = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| format!("the write at {} is no JSON: {error}", write.at));
    match (&write.create, &write.patch, write.delete, &write.object) {
        (Some(manifest), None, false, None) => {
            let object = json(manifest)?;
            let api = object["apiVersion"].as_str().unwrap_or_default();
            let group = api.rsplit_once('/').map_or("", |(group, _)| group);
            let resource = RESOURCES.iter().find(|resource| object["kind"] == resource.kind && resource.group == group);
            let resource = resource
                .ok_or_else(|| format!("the write at {} creates a {} of {api}, which is not served here", write.at, object["kind"]))?;
            Ok(Deed::Create(*resource, Box::new(object)))
        }
        (None, Some(patch), false, Some(object)) => {
            let part = if write.status { Part::Status } else { Part::Main };
            Ok(Deed::Patch { key: key(object)?, part, patch: json(patch)?, manager: write.manager.clone() })
        }
        (None, None, true, Some(object)) => Ok(Deed::Delete(key(object)?)),
        _ => Err(format!("the write at {} needs either `create`, or `object` with one of `patch` and `delete = true`", write.at)),
    }
}

fn key(text: &str) -> Result<Key, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let [plural, namespace, name] = parts[..] else { return Err(format!("`{text}` is not of the form PLURAL/NAMESPACE/NAME")) };
    let resource = RESOURCES.iter().find(|resource| resource.plural == plural);
    resource.map(|resource| Key::new(*resource, namespace, name)).ok_or_else(|| format!("`{plural}` is no plural served here"))
}
