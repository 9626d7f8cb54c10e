//! Another image.

use crate::objects::World;
use crate::release::Release;
use crate::release::acting::{Change, Refusal, Verb};
use crate::text::Clean;

pub fn plan(_world: &World, _release: &Release, _images: &[(Clean, Clean)]) -> Result<Change, Refusal> {
    Err(Refusal { asked: Verb::SetImage, why: "not built yet".into(), instead: String::new().into(), offers: Vec::new() })
}
