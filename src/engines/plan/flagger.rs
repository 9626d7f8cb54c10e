//! Plans for Flagger. It looks at its Canary every interval and at nothing in between: every lever takes effect at its next look.
//! Refuses what the field does by hand and regrets: to set the image back in the middle, to edit the primary, to delete the Canary.

mod abort;
mod gates;
mod ground;
mod image;
mod look;
mod pause;
mod promote;
mod ready;
mod refusals;
mod restart;
mod resume;
mod retry;
mod stands;
#[cfg(test)]
mod tests;

pub use image::{begun, is_promoted, may_change, with_image};
pub use look::{again, looks};
pub use promote::rolls;
pub use refusals::{going_back, is_beyond_going_back};
pub use retry::RETRIED;
pub use stands::Stands;

use self::ground::Ground;
use super::template::refuse;
use crate::objects::World;
use crate::release::Release;
use crate::release::acting::{Change, Intent, Refusal};

/// Plans `intent` on the Canary of `release`.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(world: &World, release: &Release, intent: &Intent) -> Result<Change, Refusal> {
    let Some(canary) = world.canary(&release.key.namespace, &release.key.name) else {
        return Err(refuse(intent.verb(), "The Canary is no longer there.", "Go back to the board: what is there now is on it.", &[]));
    };
    let ground = Ground { world, canary, release, intent };
    match intent {
        Intent::Pause => pause::plan(&ground),
        Intent::Resume => resume::plan(&ground),
        Intent::PromoteFull => promote::plan(&ground),
        Intent::Abort => abort::plan(&ground),
        Intent::Retry => retry::plan(&ground),
        Intent::Restart(at) => restart::plan(&ground, *at),
        Intent::Note => Ok(ground.change("Nothing is sent to the cluster: the note goes into the journal.", Vec::new())),
        Intent::RollBack(target) => super::rollback::plan(world, release, *target),
        Intent::SetImage(images) => super::image::plan(world, release, images),
        Intent::Advance | Intent::Skip | Intent::Switch | Intent::Terminate(_) => Err(refusals::refused(&ground)),
    }
}
