//! Restart: for Flagger another pod template, and so a release of its own: analysed, and then the primary's pods are replaced.
//! Refuses in the middle of a release, where it would begin the analysis anew.

use chrono::SecondsFormat;

use super::ground::Ground;
use super::retry::annotate;
use super::{image, stands::Stands};
use crate::engines::history::RESTARTED_AT;
use crate::engines::plan::template::holder;
use crate::release::Time;
use crate::release::acting::{Change, Refusal, Verb};

/// Plans it. `moment` is what is written.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>, moment: Time) -> Result<Change, Refusal> {
    ground.alive()?;
    match ground.stands() {
        Stands::Idle => {}
        Stands::Failed => {
            return Err(ground.refuse(
                "It has failed: the target's template holds the version that failed, and a restart would release that one again.",
                "Retry says so and does it; roll back takes it out of the template.",
                &[Verb::Retry, Verb::RollBack],
            ));
        }
        stands => {
            let offers: &[Verb] = if stands.is_checked() { &[Verb::Abort] } else { &[] };
            return Err(ground.refuse(
                "A release is under way: to Flagger a restart is another template, and the analysis would begin anew from weight 0.",
                "Wait until it is done, or abort it first.",
                offers,
            ));
        }
    }
    let held = holder(ground.release, Verb::Restart)?;
    let stamp = moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    let stage = annotate(ground, held, RESTARTED_AT, &stamp, "flightdeck: restart");
    let begun = image::begun(ground.world, ground.release);
    let mut change = ground.change(format!("Releases the same images once more: {}", begun.effect), vec![stage]);
    change.exposed.before = Some(0.0);
    change.exposed.after = begun.share;
    change.notes.push("To Flagger a restart is a release: the primary's pods are replaced only when it is promoted.".into());
    change.notes.extend(begun.notes);
    Ok(change)
}
