//! What every plan that changes a pod template needs: the object that holds it, the change cause, and what of the picture it rests on.
//! Refuses to replace annotations as a whole: those of others are not a plan's to drop.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::objects::{Kind, Uid, World};
use crate::release::acting::{Holder, PatchKind, Premise, Refusal, Verb, Write};
use crate::release::{Release, figures};
use crate::text::Clean;

/// How long a controller may take to take in a new spec before an alarm is due. It usually does within a second.
pub const TAKEN_IN: TimeDelta = TimeDelta::seconds(15);

/// How long pods may take: what the workload itself allows between two signs of progress, and a little more.
pub fn pods_turned(world: &World, release: &Release) -> TimeDelta {
    let (namespace, name) = (&release.key.namespace, &release.key.name);
    let seconds = match release.key.kind {
        Kind::Rollout => world.rollout(namespace, name).and_then(|r| r.spec.progress_deadline_seconds),
        Kind::Canary => world.canary(namespace, name).and_then(|c| c.spec.progress_deadline_seconds),
        _ => world.deployment(namespace, name).and_then(|d| d.spec.progress_deadline_seconds),
    };
    // The API server writes the int32 maximum for "no deadline".
    TimeDelta::seconds(seconds.filter(|s| (1..i64::from(i32::MAX)).contains(s)).unwrap_or(600)) + TimeDelta::seconds(30)
}

/// A refusal in one line.
pub fn refuse(asked: Verb, why: impl Into<String>, instead: impl Into<String>, offers: &[Verb]) -> Refusal {
    Refusal { asked, why: Clean::from(why.into()), instead: Clean::from(instead.into()), offers: offers.to_vec() }
}

/// The object that holds the pod template.
///
/// # Errors
/// Where it is not among what is read: a `workloadRef` to something else than a Deployment, or to one that is not there.
pub fn holder(release: &Release, asked: Verb) -> Result<&Holder, Refusal> {
    release.control.template.as_ref().ok_or_else(|| {
        refuse(
            asked,
            "The object that its workloadRef names and that holds the pod template is not among what is read.",
            "Change the template where it is kept; an update under way can still be aborted.",
            &[Verb::Abort],
        )
    })
}

/// A JSON patch of the object that holds the pod template.
pub fn write(release: &Release, holder: &Holder, operations: Vec<Value>) -> Write {
    Write {
        kind: holder.kind,
        namespace: release.key.namespace.clone(),
        name: holder.name.clone(),
        uid: holder.uid.clone(),
        subresource: "",
        patch: PatchKind::Json,
        body: Value::Array(operations),
    }
}

/// A merge patch of the workload itself.
pub fn merge(release: &Release, subresource: &'static str, body: Value) -> Write {
    Write {
        kind: release.key.kind,
        namespace: release.key.namespace.clone(),
        name: release.key.name.clone(),
        uid: release.uid.clone(),
        subresource,
        patch: PatchKind::Merge,
        body,
    }
}

/// The operation that writes the change cause; `raw` is the holder whole, where it was read. `None` where nothing tells whether there are
/// annotations: then adding a map could take away others', and adding a key to no map would be refused.
pub fn change_cause(world: &World, release: &Release, holder: &Holder, raw: Option<&Value>, cause: &str) -> Option<Value> {
    let (namespace, name) = (&release.key.namespace, &holder.name);
    let watched = match holder.kind {
        Kind::Rollout => world.rollout(namespace, name).is_some_and(|r| !r.metadata.annotations.is_empty()),
        _ => world.deployment(namespace, name).is_some_and(|d| !d.metadata.annotations.is_empty()),
    };
    let annotations = raw.map(|raw| &raw["metadata"]["annotations"]);
    if watched || annotations.is_some_and(Value::is_object) {
        return Some(json!({"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": cause}));
    }
    annotations?;
    Some(json!({"op": "add", "path": "/metadata/annotations", "value": {"kubernetes.io/change-cause": cause}}))
}

/// What a change of the template rests on: the same object, the same template, the same versions.
pub fn premises(release: &Release, holder: &Holder) -> Vec<Premise> {
    let control = &release.control;
    let mut premises = vec![Premise::Uid(release.uid.clone()), Premise::Template(Uid::clone(&holder.uid), holder.generation)];
    // Before the controller has taken in the newest spec its hashes are about to change without anybody's doing.
    if control.observed && !control.new_hash.is_empty() {
        premises.push(Premise::Releasing(control.new_hash.clone()));
    }
    if control.stable_hash != control.new_hash && !control.stable_hash.is_empty() {
        premises.push(Premise::Stable(control.stable_hash.clone()));
    }
    premises.push(Premise::PausedByHand(release.paused_by_hand));
    premises
}

/// Who will put it back, in a sentence, where somebody else writes the spec.
pub fn undone_by(release: &Release) -> Option<Clean> {
    let owner = release.control.owner.as_ref()?;
    Some(Clean::from(format!("{owner} writes this spec from Git and will put it back: change it there too.")))
}

/// A revision in a sentence: `r41 (1.4.2)`.
pub fn called(number: i64, images: &[Clean]) -> String {
    images.first().map_or_else(|| format!("r{number}"), |image| format!("r{number} ({})", figures::tag(image)))
}

/// Other writers that a later run will let write the template again, read off the holder's annotations.
pub fn later_writers(raw: &Value) -> Option<Clean> {
    let annotation = |key: &str| raw["metadata"]["annotations"][key].as_str();
    if let Some(release) = annotation("meta.helm.sh/release-name") {
        return Some(Clean::from(format!("The next upgrade of Helm release {release} writes its own template again.")));
    }
    annotation("kubectl.kubernetes.io/last-applied-configuration")
        .map(|_| "It was applied from a file: the next kubectl apply writes that file's template again.".into())
}
