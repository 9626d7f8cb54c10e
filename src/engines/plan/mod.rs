//! The other side of the engines: an intent turned into a [`Change`], or refused. Pure, like the readers beside it.
//! Never weakens a guard: every write rests on named premises and goes out with the newest version in which they held.

mod argo;
mod deployment;
mod image;
mod rollback;
mod template;
mod wake;

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
        _ if release.key.kind == Kind::Rollout => argo::plan(world, release, intent),
        _ => deployment::plan(world, release, intent),
    }
}
