//! Who gets the new version, as far as the cluster tells: what a router was told, and what stands behind the Services.
//! Never measured: that takes counters. Every share says where it comes from.

use std::collections::{BTreeMap, BTreeSet};

use super::argo::{max_weight, ratio, set_weight_at};
use crate::objects::{Deployment, Kind, Labels, Rollout, Service, Uid, World};
pub use crate::release::Exposure;
use crate::release::{Label, Release, Role, Share, Spread, StepKind, StepState, Strategy, Version};
use crate::text::Clean;

/// Exposure of a Rollout. `release` is complete but for exposure and alarms.
pub fn of_rollout(world: &World, rollout: &Rollout, release: &Release) -> Exposure {
    let status = &rollout.status;
    if status.stable_rs.is_empty() || status.stable_rs == status.current_pod_hash {
        return Exposure { services: services(world, release, &template_labels(world, rollout), None), ..Exposure::default() };
    }
    let services = rollout.spec.strategy.blue_green.as_ref().map(|blue_green| vec![blue_green.active_service.clone()]);
    let labels = template_labels(world, rollout);
    let mut exposure = behind_services(world, release, &labels, services.as_deref());
    exposure.configured = configured(rollout, release);
    exposure.headline = exposure.configured.clone().or_else(|| exposure.inferred.clone());
    exposure
}

/// Exposure of a Deployment: its newest version against the others.
pub fn of_deployment(world: &World, deployment: &Deployment, release: &Release) -> Exposure {
    if !release.versions.iter().any(|v| v.role == Role::New) {
        return Exposure { services: services(world, release, deployment.spec.template.labels(), None), ..Exposure::default() };
    }
    let mut exposure = behind_services(world, release, deployment.spec.template.labels(), None);
    exposure.headline = exposure.inferred.clone();
    exposure
}

/// Fills in what each version of a running experiment gets: its own weight where a router holds one, else its part of the ready endpoints.
pub fn share_of_arms(world: &World, rollout: &Rollout, release: &mut Release) {
    if release.experiments.is_empty() {
        return;
    }
    let known = world.knows(Kind::Service, &release.key) && world.knows(Kind::EndpointSlice, &release.key);
    let (services, places) =
        if known { endpoints(world, release, &template_labels(world, rollout), None) } else { (Vec::new(), Vec::new()) };
    let weights = rollout.status.canary.weights.as_ref().map_or(&[][..], |weights| &weights.additional);
    for experiment in &mut release.experiments {
        for arm in &mut experiment.arms {
            let set = format!("{}-{}", experiment.name, arm.name);
            let Some(version) = release.versions.iter().find(|v| v.replica_set == set.as_str()) else { continue };
            let weight = weights.iter().find(|w| w.pod_template_hash == version.hash);
            let here = places.iter().filter(|p| p.set == version.uid).count();
            arm.share = match weight {
                Some(weight) => {
                    let value = ratio(weight.weight, max_weight(rollout));
                    Some(Share { value, label: Label::Configured, source: "weight written to the router".into(), as_of: None })
                }
                None if places.is_empty() => None,
                None => {
                    let source = format!("{here} of {} ready endpoints of {}", places.len(), listed(&services));
                    let value = here as f64 / places.len() as f64;
                    Some(Share { value, label: Label::Inferred, source: source.into(), as_of: None })
                }
            };
        }
    }
}

/// Fills in what each step makes of the share, and what the next one that changes it does.
pub fn share_after_steps(rollout: &Rollout, release: &mut Release) {
    let max = max_weight(rollout);
    let routed = rollout.spec.strategy.canary.as_ref().is_some_and(|c| c.traffic_routing.is_some());
    let (desired, surge) = (release.replicas.desired, release.limits.map_or(0, |l| l.surge));
    for step in &mut release.steps {
        if let StepKind::SetWeight(weight) = step.kind {
            step.share_after = Some(if routed { ratio(weight, max) } else { by_pods(desired, weight, max, surge) });
        }
    }
    // Once aborted, nothing comes next.
    if release.exposure.headline.is_none() || rollout.status.abort {
        return;
    }
    let ahead = release.steps.iter().filter(|s| s.state != StepState::Done);
    let current_set = release.position.map(|p| set_weight_at(rollout, p.index));
    let next = ahead.filter(|s| {
        s.state == StepState::Ahead || release.exposure.headline.as_ref().is_some_and(|h| s.share_after.is_some_and(|a| a > h.value))
    });
    release.exposure.next =
        next.filter_map(|s| s.share_after).next().or_else(|| current_set.filter(|_| !rollout.status.abort).map(|_| 1.0));
    if release.strategy == Strategy::BlueGreen && !rollout.status.abort {
        release.exposure.next = Some(1.0);
    }
    if !rollout.status.abort {
        for step in release.steps.iter().filter(|s| s.state == StepState::Done) {
            match &step.kind {
                StepKind::SetHeaderRoute(headers) if !headers.is_empty() => {
                    let names: Vec<&str> = headers.iter().map(Clean::as_str).collect();
                    release.exposure.beside.push(format!("all requests with header {}", names.join(", ")).into());
                }
                StepKind::SetMirrorRoute(percent) if *percent > 0 => {
                    release.exposure.beside.push(format!("a copy of {percent} % of matching requests").into())
                }
                _ => {}
            }
        }
    }
}

/// The share that replica counts make of a weight (utils/replicaset/canary.go): canary is the floor or ceiling of the exact number, the total
/// may be one larger where surge allows; the nearest to the weight wins, ties go to the larger canary, and never none for a weight above 0.
pub fn by_pods(replicas: i64, weight: i64, max: i64, surge: i64) -> f64 {
    let wanted = ratio(weight, max);
    if weight <= 0 || replicas <= 0 {
        return 0.0;
    }
    if weight >= max {
        return 1.0;
    }
    let exact = replicas as f64 * wanted;
    let least = if replicas == 1 && surge == 0 { 0.0 } else { 1.0 };
    let mut best = (f64::MAX, 0.0, 0.0);
    for canary in [exact.ceil(), exact.floor()] {
        let canary = canary.max(least);
        for total in [replicas as f64, replicas as f64 + if surge > 0 { 1.0 } else { 0.0 }] {
            let share = (canary / total).min(1.0);
            let distance = (share - wanted).abs();
            if distance + 1e-9 < best.0 || (distance - best.0).abs() < 1e-9 && canary > best.1 {
                best = (distance, canary, share);
            }
        }
    }
    best.2
}

fn configured(rollout: &Rollout, release: &Release) -> Option<Share> {
    if rollout.spec.strategy.blue_green.is_some() {
        let active = &rollout.status.blue_green.active_selector;
        let switched = !active.is_empty() && *active == rollout.status.current_pod_hash;
        let service = rollout.spec.strategy.blue_green.as_ref().map(|b| b.active_service.clone()).unwrap_or_default();
        let source = Clean::from(format!("selector of Service {service}"));
        return (!active.is_empty()).then(|| Share { value: f64::from(u8::from(switched)), label: Label::Configured, source, as_of: None });
    }
    let routing = rollout.spec.strategy.canary.as_ref()?.traffic_routing.as_ref()?;
    let weights = rollout.status.canary.weights.as_ref()?;
    let max = max_weight(rollout);
    let images_new: BTreeSet<&Clean> = release.versions.iter().filter(|v| v.runs_new).map(|v| &v.hash).collect();
    let beside: i64 =
        weights.additional.iter().filter(|w| images_new.contains(&w.pod_template_hash)).map(|w| w.weight).fold(0, i64::saturating_add);
    let value = ratio(weights.canary.weight.saturating_add(beside), max);
    let routers: Vec<&str> = routing.routers.iter().map(Clean::as_str).collect();
    let source =
        Clean::from(format!("weight written to {}", if routers.is_empty() { "the router".to_owned() } else { routers.join(", ") }));
    Some(Share { value, label: Label::Configured, source, as_of: None })
}

fn template_labels(world: &World, rollout: &Rollout) -> Labels {
    if rollout.spec.template.labels().is_empty()
        && let Some(target) = &rollout.spec.workload_ref
        && let Some(deployment) = world.deployment(&rollout.metadata.namespace, &target.name)
    {
        return deployment.spec.template.labels().clone();
    }
    if rollout.spec.template.labels().is_empty() {
        rollout.spec.selector.match_labels.clone()
    } else {
        rollout.spec.template.labels().clone()
    }
}

/// One ready endpoint: the version behind it, its node and its zone.
struct Place {
    new: bool,
    set: Uid,
    node: Clean,
    zone: Clean,
}

/// Counts what runs behind the Services that carry the release's traffic; falls back to ready replicas where there is none or they can't be read.
pub(super) fn behind_services(world: &World, release: &Release, labels: &Labels, only: Option<&[Clean]>) -> Exposure {
    let mut exposure = Exposure::default();
    let known = world.knows(Kind::Service, &release.key) && world.knows(Kind::EndpointSlice, &release.key);
    if known {
        let (services, places) = endpoints(world, release, labels, only);
        if !services.is_empty() {
            let new = places.iter().filter(|p| p.new).count();
            let names = listed(&services);
            exposure.services = services;
            exposure.pods = Some(Spread { new, all: places.len() });
            exposure.zones = spread(&places, |p| &p.zone);
            exposure.nodes = spread(&places, |p| &p.node);
            let source = Clean::from(format!("{new} of {} ready endpoints of {names}", places.len()));
            exposure.inferred = Some(match places.len() {
                0 => Share { value: 0.0, label: Label::Unknown, source: format!("no ready endpoint behind {names}").into(), as_of: None },
                all => Share { value: new as f64 / all as f64, label: Label::Inferred, source, as_of: None },
            });
            return exposure;
        }
    }
    // An experiment's pods belong to none of the workload's ReplicaSets: without endpoints nothing tells how many of all they are.
    let tries = |step: &crate::release::Step| step.state == StepState::Current && matches!(step.kind, StepKind::Experiment(_));
    if !known && release.steps.iter().any(tries) {
        let source = "an experiment runs beside it, and endpoints are not read".into();
        exposure.inferred = Some(Share { value: 0.0, label: Label::Unknown, source, as_of: None });
        return exposure;
    }
    let ready =
        |wanted: bool| release.versions.iter().filter(|v| v.runs_new == wanted).map(|v| v.ready.max(0)).fold(0, i64::saturating_add);
    let (new, old) = (ready(true), ready(false));
    let all = new.saturating_add(old);
    let why = if known { "no Service selects these pods" } else { "endpoints not read" };
    exposure.inferred = (all > 0).then(|| Share {
        value: new as f64 / all as f64,
        label: Label::Inferred,
        source: format!("{new} of {all} ready replicas; {why}").into(),
        as_of: None,
    });
    exposure
}

/// The Services whose selectors mean pods with these labels, or those named.
pub(super) fn services(world: &World, release: &Release, labels: &Labels, only: Option<&[Clean]>) -> Vec<Clean> {
    let selects = |service: &Service| {
        !service.spec.selector.is_empty()
            && service.spec.selector.iter().all(|(k, v)| k == super::versions::ARGO_HASH || labels.get(k) == Some(v))
    };
    let all = world.services_in(&release.key.namespace);
    all.filter(|service| only.map_or_else(|| selects(service), |only| only.contains(&service.metadata.name)))
        .map(|service| service.metadata.name.clone())
        .collect()
}

fn endpoints(world: &World, release: &Release, labels: &Labels, only: Option<&[Clean]>) -> (Vec<Clean>, Vec<Place>) {
    let by_uid: BTreeMap<&Uid, &Version> = release.versions.iter().map(|v| (&v.uid, v)).collect();
    let by_name: BTreeMap<&str, &Version> = release.versions.iter().map(|v| (v.replica_set.as_str(), v)).collect();
    let names = services(world, release, labels, only);
    let mut seen = BTreeMap::new();
    for name in &names {
        for endpoint in world.slices_of(&release.key.namespace, name).flat_map(|slice| &slice.endpoints) {
            let conditions = &endpoint.conditions;
            if conditions.ready == Some(false) || conditions.terminating == Some(true) {
                continue;
            }
            let Some(target) = &endpoint.target_ref else { continue };
            let pod = world.pod(&target.uid);
            let owner = pod.and_then(|p| p.metadata.owner.as_ref()).and_then(|o| by_uid.get(&o.uid));
            let stem = target.name.rsplit_once('-').and_then(|(stem, _)| by_name.get(stem));
            let Some(version) = owner.or(stem) else { continue };
            seen.insert(
                target.uid.clone(),
                Place { new: version.runs_new, set: version.uid.clone(), node: endpoint.node_name.clone(), zone: endpoint.zone.clone() },
            );
        }
    }
    (names, seen.into_values().collect())
}

fn listed(names: &[Clean]) -> String {
    names.iter().map(Clean::as_str).collect::<Vec<_>>().join(", ")
}

fn spread(places: &[Place], of: impl Fn(&Place) -> &Clean) -> Option<Spread> {
    let distinct = |new: bool| places.iter().filter(|p| p.new || !new).map(&of).filter(|v| !v.is_empty()).collect::<BTreeSet<_>>().len();
    let all = distinct(false);
    (all > 0).then(|| Spread { new: distinct(true), all })
}
