//! Reads the switches of a workload into [`Control`]: what its spec asks and what its controller has taken in.

use super::versions;
use crate::objects::{Deployment, Kind, Meta, Rollout, World};
use crate::release::acting::{Control, Gate, Holder};
use crate::text::Clean;

/// The annotation that declares a roll back of a workload unsafe; its value is the reason, for the person at the keys.
pub const ROLLBACK_UNSAFE: &str = "flightdeck.dev/rollback-unsafe";

/// Of a Rollout.
pub fn of_rollout(world: &World, rollout: &Rollout) -> Control {
    let (meta, spec, status) = (&rollout.metadata, &rollout.spec, &rollout.status);
    let wanted = meta.annotation("rollout.argoproj.io/workload-generation");
    let workload_seen = spec.workload_ref.is_none() || wanted.is_none_or(|wanted| status.workload_observed_generation == *wanted);
    let own_seen = status.observed_generation.parse::<i64>().is_ok_and(|seen| seen >= meta.generation);
    let referenced = spec.workload_ref.as_ref().filter(|workload| workload.kind == "Deployment");
    let referenced = referenced.and_then(|workload| world.deployment(&meta.namespace, &workload.name)).map(|d| &d.metadata);
    let template = match (&spec.workload_ref, referenced) {
        (None, _) => Some(holder(Kind::Rollout, meta)),
        (Some(_), referenced) => referenced.map(|referenced| holder(Kind::Deployment, referenced)),
    };
    let holder_behind = template
        .as_ref()
        .filter(|t| t.kind == Kind::Deployment)
        .is_some_and(|t| status.workload_observed_generation.parse::<i64>().is_ok_and(|seen| seen < t.generation));
    Control {
        generation: meta.generation,
        observed: own_seen && workload_seen && !holder_behind,
        gates: status.pause_conditions.iter().map(|p| Gate { reason: p.reason.clone(), since: p.start_time }).collect(),
        controller_pause: status.controller_pause,
        promote_full: status.promote_full,
        aborted: status.abort,
        abort_asked: status.abort,
        ready_threshold: None,
        new_hash: status.current_pod_hash.clone(),
        stable_hash: status.stable_rs.clone(),
        released_as: Clean::default(),
        restart_asked: spec.restart_at,
        restarted: status.restarted_at,
        template,
        owner: owner(meta).or_else(|| referenced.and_then(owner)),
        // Whichever of the two objects carries the warning, it is meant.
        rollback_unsafe: meta.annotation(ROLLBACK_UNSAFE).or_else(|| referenced.and_then(|m| m.annotation(ROLLBACK_UNSAFE))).cloned(),
    }
}

/// Of a Deployment. It knows no stable version: its newest stands for both.
pub fn of_deployment(world: &World, deployment: &Deployment) -> Control {
    let meta = &deployment.metadata;
    let newest =
        versions::newest_set(world, deployment).and_then(|set| set.metadata.label("pod-template-hash").cloned()).unwrap_or_default();
    Control {
        generation: meta.generation,
        observed: deployment.status.observed_generation >= meta.generation,
        new_hash: newest.clone(),
        stable_hash: newest,
        template: Some(holder(Kind::Deployment, meta)),
        owner: owner(meta),
        rollback_unsafe: meta.annotation(ROLLBACK_UNSAFE).cloned(),
        ..Control::default()
    }
}

/// An object that holds a pod template.
pub(super) fn holder(kind: Kind, meta: &Meta) -> Holder {
    Holder {
        kind,
        name: meta.name.clone(),
        uid: meta.uid.clone(),
        resource_version: meta.resource_version.clone(),
        generation: meta.generation,
    }
}

/// Who writes the spec from elsewhere, where labels or annotations of the usual tools tell.
pub(super) fn owner(meta: &Meta) -> Option<Clean> {
    let labelled = |key: &str| meta.label(key).filter(|name| !name.is_empty());
    let flux = |kind: &str| labelled(&format!("{kind}.toolkit.fluxcd.io/name"));
    if let Some(tracking) = meta.annotation("argocd.argoproj.io/tracking-id") {
        let application = tracking.split(':').next().unwrap_or_default();
        return Some(Clean::from(format!("Argo CD application {application}")));
    }
    if let Some(name) = flux("kustomize") {
        return Some(Clean::from(format!("Flux kustomization {name}")));
    }
    flux("helm").map(|name| Clean::from(format!("Flux Helm release {name}")))
}
