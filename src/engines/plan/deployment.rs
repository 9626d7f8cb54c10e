//! Plans for this engine.

use crate::objects::World;
use crate::release::Release;
use crate::release::acting::{Change, Intent, Refusal};

pub fn plan(_world: &World, _release: &Release, intent: &Intent) -> Result<Change, Refusal> {
    Err(Refusal { asked: intent.verb(), why: "not built yet".into(), instead: String::new().into(), offers: Vec::new() })
}
