//! Plans for Argo Rollouts: canary with and without routing or steps, blue-green, and with a `workloadRef`.
//! Refuses what the field's own tool sends in the wrong moment: one verb never does the work of another.

mod abort;
mod advance;
mod ahead;
mod gates;
mod ground;
mod patience;
mod pause;
mod promote;
mod restart;
mod resume;
mod retry;
mod say;
mod skip;
mod switch;
mod terminate;

use self::ground::Ground;
use crate::objects::World;
use crate::release::Release;
use crate::release::acting::{Change, Intent, Refusal};

/// Plans `intent` on the Rollout of `release`.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(world: &World, release: &Release, intent: &Intent) -> Result<Change, Refusal> {
    let Some(rollout) = world.rollout(&release.key.namespace, &release.key.name) else {
        return Err(Refusal {
            asked: intent.verb(),
            why: "The Rollout is no longer there.".into(),
            instead: "Go back to the board: what is there now is on it.".into(),
            offers: Vec::new(),
        });
    };
    let ground = Ground { world, rollout, release, intent };
    match intent {
        Intent::Advance => advance::plan(&ground),
        Intent::Resume => resume::plan(&ground),
        Intent::Skip => skip::plan(&ground),
        Intent::PromoteFull => promote::plan(&ground),
        Intent::Pause => pause::plan(&ground),
        Intent::Abort => abort::plan(&ground),
        Intent::Retry => retry::plan(&ground),
        Intent::Restart(at) => restart::plan(&ground, *at),
        Intent::Terminate(run) => terminate::plan(&ground, run.as_ref()),
        Intent::Switch => switch::plan(&ground),
        Intent::Note => Ok(ground.change("Nothing is sent to the cluster: the note goes into the journal.", Vec::new())),
        Intent::RollBack(target) => super::rollback::plan(world, release, *target),
        Intent::SetImage(images) => super::image::plan(world, release, images),
    }
}
