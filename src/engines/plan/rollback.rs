//! Roll back.

use crate::objects::World;
use crate::release::Release;
use crate::release::acting::{Change, Refusal, RollBack, Verb};

pub fn plan(_world: &World, _release: &Release, _target: RollBack) -> Result<Change, Refusal> {
    Err(Refusal { asked: Verb::RollBack, why: "not built yet".into(), instead: String::new().into(), offers: Vec::new() })
}
