//! One file per way of releasing: reads objects into a [`Release`]. Pure: no clock, no network, no screen.
//!
//! Two-sided by design: the other side turns an intent into a change and lives beside each reader.

use crate::objects::World;
use crate::release::{Release, ReleaseRef};

/// Reads one release from the world. `None` when its workload is not there.
pub fn read(_world: &World, _key: &ReleaseRef) -> Option<Release> {
    None
}
