//! Another image for one container, several, or all (`*`), init containers too: like any other change of the template, a new release.
//! Refuses containers that are not there by naming those that are, and to send what changes nothing.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::flagger;
use super::template::{TAKEN_IN, change_cause, holder, premises, refuse, undone_by, write};
use crate::objects::{Container, Kind, PodTemplate, World};
use crate::release::acting::{Change, Confirm, Difference, Exposed, Goal, Holder, Intent, Masked, Refusal, Stage, Verb};
use crate::release::{Release, Strategy, Version};
use crate::text::Clean;

/// One image that changes.
struct Swap<'a> {
    list: &'static str,
    at: usize,
    container: &'a Container,
    image: &'a Clean,
}

impl Swap<'_> {
    fn name(&self) -> String {
        let init = if self.list == "initContainers" { "init " } else { "" };
        format!("{init}{}", self.container.name)
    }
}

/// Plans new images: pairs of a container's name, or `*` for all, and an image.
///
/// # Errors
/// Where a container is not there, where an image is none, or where nothing would change.
pub fn plan(world: &World, release: &Release, images: &[(Clean, Clean)]) -> Result<Change, Refusal> {
    let holder = holder(release, Verb::SetImage)?;
    let Some(template) = template(world, release, holder) else {
        return Err(refuse(Verb::SetImage, "The object that holds the pod template is no longer there.", "Look at the board again.", &[]));
    };
    let swaps = swaps(template, images)?;
    let wanted = wanted(template, &swaps);
    let flagger = release.key.kind == Kind::Canary;
    if flagger {
        flagger::may_change(world, release, &wanted)?;
    }
    let raw = world.history(&release.key).map(|history| &*history.holder);
    let mut operations: Vec<Value> = swaps.iter().flat_map(operations).collect();
    let listed: Vec<String> = swaps.iter().map(|swap| format!("{}={}", swap.container.name, swap.image)).collect();
    let cause = format!("flightdeck: set image {}", listed.join(" "));
    operations.extend(change_cause(world, release, holder, raw, &cause));
    let first = Stage {
        name: "write the image".into(),
        write: Some(write(release, holder, operations)),
        premises: premises(release, holder),
        goal: Goal::ReleasingOther(release.control.new_hash.clone()),
        patience: TAKEN_IN,
    };
    let undone = undone_by(release);
    let warm = is_warm(release, &wanted);
    let change = Change {
        intent: Intent::SetImage(images.to_vec()),
        release: release.key.clone(),
        effect: Clean::from(if warm { WARM.to_owned() } else { effect(release) }),
        notes: notes(release),
        exposed: Exposed { before: Some(0.0), after: first_share(release).filter(|_| !warm) },
        stages: vec![first],
        risks: risks(release, &swaps),
        undone_by: undone,
        confirm: Confirm::Key,
        diff: swaps.iter().map(difference).collect(),
    };
    Ok(if flagger { flagger::with_image(world, release, change, &wanted) } else { change })
}

/// The images of its containers once the swaps are done.
fn wanted(template: &PodTemplate, swaps: &[Swap<'_>]) -> Vec<Clean> {
    let image = |(at, container): (usize, &Container)| {
        let swap = swaps.iter().find(|swap| swap.list == "containers" && swap.at == at);
        swap.map_or_else(|| container.image.clone(), |swap| swap.image.clone())
    };
    template.spec.containers.iter().enumerate().map(image).collect()
}

/// The template as it is watched.
fn template<'a>(world: &'a World, release: &Release, holder: &Holder) -> Option<&'a PodTemplate> {
    let namespace = &release.key.namespace;
    match holder.kind {
        Kind::Rollout => world.rollout(namespace, &holder.name).map(|r| &r.spec.template),
        _ => world.deployment(namespace, &holder.name).map(|d| &d.spec.template),
    }
}

fn swaps<'a>(template: &'a PodTemplate, images: &'a [(Clean, Clean)]) -> Result<Vec<Swap<'a>>, Refusal> {
    let spec = &template.spec;
    let all = || [("containers", &spec.containers), ("initContainers", &spec.init_containers)].into_iter();
    let names: Vec<String> = all().flat_map(|(_, list)| list.iter().map(|c| c.name.to_string())).collect();
    let there = format!("Containers: {}.", names.join(", "));
    if images.is_empty() {
        return Err(refuse(Verb::SetImage, "No container and no image is named.", there, &[Verb::SetImage]));
    }
    for (name, image) in images {
        if name != "*" && !names.iter().any(|other| name == other.as_str()) {
            return Err(refuse(Verb::SetImage, format!("There is no container {name}."), there, &[Verb::SetImage]));
        }
        if image.is_empty() || image.contains(char::is_whitespace) {
            return Err(refuse(Verb::SetImage, format!("\"{image}\" is no image."), "Name one as registry/name:tag.", &[Verb::SetImage]));
        }
    }
    // Of two that mean the same container the later one holds, and a name says more than `*`.
    let image = |container: &Container| {
        let named = images.iter().rev().find(|(name, _)| *name == container.name);
        named.or_else(|| images.iter().rev().find(|(name, _)| name == "*")).map(|(_, image)| image)
    };
    let mut swaps = Vec::new();
    for (list, containers) in all() {
        for (at, container) in containers.iter().enumerate() {
            if let Some(image) = image(container).filter(|image| **image != container.image) {
                swaps.push(Swap { list, at, container, image });
            }
        }
    }
    if swaps.is_empty() {
        return Err(refuse(
            Verb::SetImage,
            "It asks for that image already.",
            "Restart replaces its pods; where the tag was pushed anew, that pulls it again if the pull policy allows.",
            &[Verb::Restart],
        ));
    }
    Ok(swaps)
}

/// The name at that place is tested: containers may have changed places since.
fn operations(swap: &Swap<'_>) -> [Value; 2] {
    let place = format!("/spec/template/spec/{}/{}", swap.list, swap.at);
    [
        json!({"op": "test", "path": format!("{place}/name"), "value": swap.container.name.as_str()}),
        json!({"op": if swap.container.image.is_empty() { "add" } else { "replace" }, "path": format!("{place}/image"), "value": swap.image.as_str()}),
    ]
}

fn difference(swap: &Swap<'_>) -> Difference {
    let from = if swap.container.image.is_empty() { Masked::Absent } else { Masked::Shown(swap.container.image.clone()) };
    Difference { place: Clean::from(format!("{} image", swap.name())), from, to: Masked::Shown(swap.image.clone()) }
}

fn effect(release: &Release) -> String {
    match (release.strategy, first_share(release)) {
        (Strategy::BlueGreen, _) if release.paused_by_hand => "Starts a new version behind the preview once it is resumed.".to_owned(),
        _ if release.paused_by_hand => "Starts a new release, which gets nothing before it is resumed.".to_owned(),
        (Strategy::Recreate, _) => "Stops every pod, then starts the new version: nothing is served in between.".to_owned(),
        (Strategy::Rolling, _) => "Replaces every pod by one of the new version, one after another.".to_owned(),
        (Strategy::BlueGreen, _) => "Starts a new version behind the preview; nobody gets it before the switch.".to_owned(),
        (Strategy::Canary, Some(share)) => {
            format!("Starts a new release at step 1; the first share it gets is {}.", crate::release::figures::told(share))
        }
        (Strategy::Canary, None) => "Replaces every pod by one of the new version: this Rollout gives it no share first.".to_owned(),
    }
}

/// Where the template is the same as that of a version kept warm the controller switches back to it, and nothing is tried first.
const WARM: &str = "These images are those of a version still kept warm: if nothing else differs it is switched to at once, without pauses or analyses; \
                    else a new version starts behind the preview.";

/// Whether a version with these images is still there whole, with the time until it goes (Argo, blue-green).
fn is_warm(release: &Release, wanted: &[Clean]) -> bool {
    let is_one = |version: &Version| version.scale_down_at.is_some() && version.available > 0 && version.images == wanted;
    release.strategy == Strategy::BlueGreen && !release.paused_by_hand && release.versions.iter().any(is_one)
}

/// What the new version gets first, where steps tell: nothing while it is paused by hand.
fn first_share(release: &Release) -> Option<f64> {
    match release.strategy {
        _ if release.paused_by_hand => Some(0.0),
        Strategy::Rolling | Strategy::Recreate => Some(1.0),
        Strategy::BlueGreen => Some(0.0),
        Strategy::Canary => release.steps.iter().find_map(|step| step.share_after),
    }
}

fn notes(release: &Release) -> Vec<Clean> {
    let mut notes = Vec::new();
    if release.control.aborted {
        notes.push("The new template takes the abort back.".into());
    }
    if release.paused_by_hand {
        notes.push("It is paused by hand: no pod of the new version starts before it is resumed.".into());
    }
    notes
}

fn risks(release: &Release, swaps: &[Swap<'_>]) -> Vec<Clean> {
    let mut risks = Vec::new();
    if release.under_way && release.strategy != Strategy::Rolling && !release.control.aborted {
        risks.push("An update is under way: its version is given up and the new one begins at the first step.".into());
    } else if release.under_way && release.strategy == Strategy::Rolling {
        risks.push("An update is under way: its version is given up half way.".into());
    }
    if swaps.len() > 1 {
        let names: Vec<String> = swaps.iter().map(Swap::name).collect();
        risks.push(Clean::from(format!("{} containers change: {}.", swaps.len(), names.join(", "))));
    }
    risks.push("Whether the image exists is seen only when a node pulls it.".into());
    risks
}
