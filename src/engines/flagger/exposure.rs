//! Who gets the new version of a Canary: what the router sends to the target, and while the primary rolls what its new pods take of the rest.
//! Never a share from the status where a router was read, and never 0 for what is not known.

use super::parts::{Parts, holds};
use super::route::{Routed, Told};
use super::stage::{Stage, is_plain};
use crate::engines::exposure::behind_services;
use crate::objects::{Canary, Kind, Labels, Uid, World};
use crate::release::{Exposure, Label, Release, Share, StepState};
use crate::text::Clean;

/// Exposure of a Canary. `release` is complete but for exposure and alarms.
pub fn of(world: &World, canary: &Canary, release: &Release, parts: &Parts<'_>, routed: &Routed, stage: Stage) -> Exposure {
    let services = services(world, canary, release);
    if !release.under_way {
        return Exposure { services, ..Exposure::default() };
    }
    let apex = canary.service();
    let backends = if is_plain(canary) {
        vec![apex.clone()]
    } else {
        ["primary", "canary"].map(|part| Clean::from(format!("{apex}-{part}"))).to_vec()
    };
    let mut exposure = behind_services(world, release, &Labels::default(), Some(&backends));
    exposure.services = services;
    exposure.beside = routed.beside.clone();
    let rolling = rolling(world, canary, parts);
    let told = match &routed.told {
        Told::Share { value, source } => Share { value: *value, label: Label::Configured, source: source.clone(), as_of: None },
        Told::Unknown(why) => Share { value: 0.0, label: Label::Unknown, source: why.clone(), as_of: None },
    };
    // Where nothing is routed, what the primary's pods say is all there is.
    let by_pods = is_plain(canary) && rolling.is_some();
    exposure.configured = Some(told.clone()).filter(|told| told.label == Label::Configured && !by_pods);
    exposure.headline = Some(match rolling {
        Some((new, all, service)) if told.label == Label::Configured => together(&told, new, all, &service, by_pods),
        _ => told,
    });
    if stage != Stage::Failed {
        let ahead = release.steps.iter().filter(|step| step.state == StepState::Ahead);
        exposure.next = ahead.filter_map(|step| step.share_after).find(|share| *share > 0.0).or(Some(1.0));
    }
    exposure
}

/// The three Services by their names, as far as they are there.
fn services(world: &World, canary: &Canary, release: &Release) -> Vec<Clean> {
    if !world.knows(Kind::Service, &release.key) {
        return Vec::new();
    }
    let apex = canary.service();
    let names = [apex.clone(), Clean::from(format!("{apex}-canary")), Clean::from(format!("{apex}-primary"))];
    let there = world.services_in(&release.key.namespace).map(|service| service.metadata.name.clone());
    there.filter(|name| names.contains(name)).collect()
}

/// Ready places of the primary that run what is being promoted, of all of its ready places, and where they were counted. `None` while none does.
fn rolling(world: &World, canary: &Canary, parts: &Parts<'_>) -> Option<(usize, usize, String)> {
    let promoted = parts.promoted.filter(|set| holds(set))?;
    let service = Clean::from(if is_plain(canary) { canary.service().to_string() } else { format!("{}-primary", canary.service()) });
    let own: Vec<&Uid> = parts.of_primary.iter().map(|set| &set.metadata.uid).collect();
    let mut seen = std::collections::BTreeMap::new();
    for endpoint in world.slices_of(&canary.metadata.namespace, &service).flat_map(|slice| &slice.endpoints) {
        let conditions = &endpoint.conditions;
        if conditions.ready == Some(false) || conditions.terminating == Some(true) {
            continue;
        }
        let Some(target) = &endpoint.target_ref else { continue };
        let owner = world.pod(&target.uid).and_then(|pod| pod.metadata.owner.as_ref()).map(|owner| &owner.uid);
        let named = || {
            let stem = target.name.rsplit_once('-').map(|(stem, _)| stem)?;
            parts.of_primary.iter().find(|set| set.metadata.name == *stem).map(|set| &set.metadata.uid)
        };
        if let Some(set) = owner.filter(|uid| own.contains(uid)).or_else(named) {
            seen.insert(&target.uid, *set == promoted.metadata.uid);
        }
    }
    if !seen.is_empty() {
        return Some((seen.values().filter(|new| **new).count(), seen.len(), format!("ready endpoints of {service}")));
    }
    let ready = |new: bool| {
        let sets = parts.of_primary.iter().filter(|set| (set.metadata.uid == promoted.metadata.uid) == new);
        sets.map(|set| usize::try_from(set.status.ready_replicas).unwrap_or(0)).fold(0, usize::saturating_add)
    };
    let (new, all) = (ready(true), ready(true).saturating_add(ready(false)));
    (all > 0).then(|| (new, all, "ready replicas of the primary; endpoints not read".to_owned()))
}

/// What the router sends to the target, and what the primary's new pods take of the rest.
fn together(told: &Share, new: usize, all: usize, place: &str, by_pods: bool) -> Share {
    let part = if all == 0 { 0.0 } else { new as f64 / all as f64 };
    if by_pods {
        return Share { value: part, label: Label::Inferred, source: Clean::from(format!("{new} of {all} {place}")), as_of: None };
    }
    if new == 0 {
        return told.clone();
    }
    let value = (told.value + (1.0 - told.value) * part).clamp(0.0, 1.0);
    let by = crate::release::figures::told(told.value);
    let source = format!("{by} by {}; of the rest {new} of {all} {place}", told.source);
    Share { value, label: Label::Inferred, source: Clean::from(source), as_of: None }
}
