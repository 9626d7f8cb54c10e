//! How the revisions of a Deployment ended: by its conditions, by the pods that old ReplicaSets still hold, and by its events.
//! Never reads a condition that speaks of another ReplicaSet, and never takes a revision for complete that an older one's pods outlived.

use super::evidence::{Word, events, newest, nothing_tells};
use super::set::{Set, began};
use crate::objects::{Event, World};
use crate::release::acting::Outcome;
use crate::release::{Release, Strategy};
use crate::text::Clean;

/// How this set's revision ended.
pub fn outcome(world: &World, release: &Release, sets: &[Set], set: &Set) -> Outcome {
    if !set.hash.is_empty() && set.hash == release.control.new_hash {
        return newest_set(world, release, sets, set);
    }
    if let Some(older) = outlived(sets, set) {
        return Outcome::Unknown(Clean::from(format!("it was never complete: pods of r{older} before it are still there")));
    }
    if set.available > 0 {
        return Outcome::Good(Clean::from(format!("{} of its pods are available now", set.available)));
    }
    newest(took_over(world, release, sets, set)).unwrap_or_else(|| nothing_tells(sets, set))
}

/// The newest one: what the controller says of just this ReplicaSet. An unobserved spec makes its words old ones.
fn newest_set(world: &World, release: &Release, sets: &[Set], set: &Set) -> Outcome {
    let alone = sets.iter().all(|other| other.meta.uid == set.meta.uid || other.desired == 0 && other.available == 0);
    let deployment = world.deployment(&release.key.namespace, &release.key.name).filter(|_| release.control.observed);
    let condition = deployment.and_then(|d| d.status.conditions.iter().find(|c| c.kind == "Progressing"));
    let speaks_of_it = condition.filter(|c| c.message.contains(&format!("\"{}\"", set.meta.name)));
    match speaks_of_it.map(|c| c.reason.as_str()) {
        Some("NewReplicaSetAvailable") => {
            let now = format!("it became available; {} of its {} pods are available now", set.available, set.desired);
            Outcome::Good(Clean::from(now))
        }
        Some("ProgressDeadlineExceeded") => Outcome::Bad("its pods did not become available before the progress deadline".into()),
        // A pause hides the word of its being complete.
        _ if alone && set.desired > 0 && set.available >= set.desired => {
            Outcome::Good(Clean::from(format!("all {} of its pods are available, and no others are left", set.desired)))
        }
        _ => Outcome::Unknown("it is being rolled out and is not complete yet".into()),
    }
}

/// The oldest revision whose pods are still there, where it is older than this set that holds pods too: a complete one leaves no older pods.
fn outlived(sets: &[Set], set: &Set) -> Option<i64> {
    let holds = |set: &&Set| set.desired > 0 || set.available > 0;
    let oldest = sets.iter().filter(holds).map(|set| set.number).min()?;
    (oldest < set.number && oldest > 0).then_some(oldest)
}

/// An event that the last old pods were let go while this revision was the newest: a rolling update does that only as new pods become
/// available. Not so where its own pods were seen failing, and not for `Recreate`, which lets the old ones go first.
fn took_over(world: &World, release: &Release, sets: &[Set], set: &Set) -> Vec<Word> {
    let (Some(from), Strategy::Rolling) = (began(sets, set.number), release.strategy) else { return Vec::new() };
    let until = began(sets, set.number + 1);
    let during = |event: &&Event| event.at().is_some_and(|at| at > from && until.is_none_or(|until| at < until));
    let last_old = |event: &&Event| {
        let words = event.message.split("Scaled down replica set ").nth(1).unwrap_or_default();
        let name = words.split(' ').next().unwrap_or_default();
        event.reason == "ScalingReplicaSet" && !name.is_empty() && set.meta.name != name && words.ends_with(" to 0")
    };
    let failing = || {
        let said = world.events_of_pods(&release.key.namespace, &set.meta.name);
        said.into_iter().any(|event| event.kind == "Warning" && matches!(event.reason.as_str(), "BackOff" | "Failed" | "Unhealthy"))
    };
    let at = events(world, release).filter(last_old).filter(during).filter_map(Event::at).max();
    match at {
        Some(at) if !failing() => {
            let outcome = Outcome::Good("its pods replaced all those before, as an event tells".into());
            vec![Word { at: Some(at), outcome }]
        }
        _ => Vec::new(),
    }
}
