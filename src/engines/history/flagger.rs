//! How the versions of a Flagger release ended: by what the primary runs, by Flagger's own phase, and by its events about the Canary.
//! Never by the target's pods: between releases it has none, however well a version did.

use super::evidence::{Word, events, newest, nothing_tells};
use super::set::{Set, began};
use crate::objects::World;
use crate::release::Release;
use crate::release::acting::Outcome;
use crate::text::Clean;

/// How this set's revision ended.
pub fn outcome(world: &World, release: &Release, sets: &[Set], set: &Set) -> Outcome {
    let control = &release.control;
    // What the target holds now may be something else than what was tried last: whoever puts the image back ends nothing.
    let tried = !set.hash.is_empty() && set.hash == control.new_hash && control.new_hash != control.stable_hash;
    if tried && control.aborted {
        let cause = release.abort.as_ref().and_then(|abort| abort.chain.get(1..)).and_then(|causes| causes.last());
        let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
        return Outcome::Bad(Clean::from(format!("Flagger failed it and took it back{cause}")));
    }
    if tried {
        return Outcome::Unknown("it is being analysed and has not been promoted yet".into());
    }
    if is_served(world, release, set) {
        return Outcome::Good("its images are what the primary runs".into());
    }
    newest(said(world, release, sets, set)).unwrap_or_else(|| nothing_tells(sets, set))
}

/// Whether the primary runs its images: the primary's template is a copy of the one that was promoted last.
fn is_served(world: &World, release: &Release, set: &Set) -> bool {
    let canary = world.canary(&release.key.namespace, &release.key.name);
    let primary = canary.and_then(|canary| canary.primary()).and_then(|name| world.deployment(&release.key.namespace, &name));
    primary.is_some_and(|primary| primary.spec.template.images() == set.images())
}

/// What Flagger said while it was the newest: its messages name the target, and no version.
fn said(world: &World, release: &Release, sets: &[Set], set: &Set) -> Vec<Word> {
    let Some(from) = began(sets, set.number) else { return Vec::new() };
    let until = began(sets, set.number + 1);
    let word = |message: &str| {
        let is = |words: &str| message.contains(words);
        if is("Canary failed!") || is("Rolling back ") {
            Some(Outcome::Bad("Flagger failed it, as an event tells".into()))
        } else if is("Promotion completed!") {
            Some(Outcome::Good(Clean::from("Flagger promoted it, as an event tells")))
        } else {
            None
        }
    };
    let during = events(world, release).filter_map(|event| Some((event.at()?, word(&event.message)?)));
    during
        .filter(|(at, _)| *at > from && until.is_none_or(|until| *at < until))
        .map(|(at, outcome)| Word { at: Some(at), outcome })
        .collect()
}
