//! The other side of the engines: an intent turned into a [`Change`], or refused. Pure, like the readers beside it.
//! Never weakens a guard: every write rests on named premises and goes out with the newest version in which they held.

mod argo;
mod deployment;
mod flagger;
mod image;
mod rollback;
mod template;
mod wake;

pub use flagger::RETRIED;
pub use wake::wake;

use crate::objects::{Kind, World};
use crate::release::Release;
use crate::release::acting::{Change, Intent, Refusal};

/// Plans `intent` on `release` as it stands in `world`.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(world: &World, release: &Release, intent: &Intent) -> Result<Change, Refusal> {
    match intent {
        Intent::RollBack(target) => rollback::plan(world, release, *target),
        Intent::SetImage(images) => image::plan(world, release, images),
        _ => match release.key.kind {
            Kind::Rollout => argo::plan(world, release, intent),
            Kind::Canary => flagger::plan(world, release, intent),
            _ => deployment::plan(world, release, intent),
        },
    }
}

/// Whether a plan of `intent` needs the revisions: not where it is refused whichever of them is meant.
pub fn needs_revisions(world: &World, release: &Release, intent: &Intent) -> bool {
    match intent {
        Intent::RollBack(_) => !(release.key.kind == Kind::Canary && flagger::is_beyond_going_back(world, release)),
        Intent::SetImage(_) => true,
        _ => false,
    }
}
