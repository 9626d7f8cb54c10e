//! One file per way of releasing: reads objects into a [`Release`]. Pure: no clock, no network, no screen.
//!
//! Two-sided by design: the other side turns an intent into a change and lives beside each reader.

mod analyses;
mod argo;
mod control;
mod deployment;
mod exposure;
mod flagger;
mod history;
mod plan;
mod pods;
#[cfg(test)]
mod tests;
mod timeline;
mod versions;

pub use control::ROLLBACK_UNSAFE;
pub use history::history;
pub use plan::{needs_revisions, plan, wake};

use crate::objects::{Kind, World};
use crate::release::{Release, ReleaseRef};

/// Reads one release from the world. `None` when its workload is not there, or stands for no release of its own.
pub fn read(world: &World, key: &ReleaseRef) -> Option<Release> {
    if !world.is_release(key) {
        return None;
    }
    let mut release = match key.kind {
        Kind::Rollout => argo::read(world, key),
        Kind::Deployment => deployment::read(world, key),
        Kind::Canary => flagger::read(world, key),
        _ => None,
    }?;
    release.earlier = versions::earlier(world, &release);
    Some(release)
}
