//! What going back does under Flagger: the target's template put back, which it analyses as a release of its own, or which takes out a version
//! that failed or has not begun. Refuses nothing by itself; in flight it is refused before, as it does not abort.

use serde_json::json;

use super::{Back, Course};
use crate::engines::plan::flagger::{again, begun, is_promoted, looks, rolls};
use crate::engines::plan::template::{called, merge};
use crate::objects::Canary;
use crate::release::Phase;
use crate::release::acting::{Exposed, Goal, Premise, Stage};

/// What an engine makes of it.
pub fn course(back: &Back<'_>) -> Course {
    let release = back.release;
    let Some(canary) = back.world.canary(&release.key.namespace, &release.key.name) else { return takes_out(back, None) };
    let promoted = is_promoted(back.world, canary, &back.to.images);
    if promoted && canary.status.phase != "Succeeded" && canary.status.phase != "Initialized" || promoted && release.under_way {
        return takes_out(back, Some(canary));
    }
    if back.at_once { at_once(back, canary) } else { analysed(back, canary) }
}

/// The promoted template comes back into the target: nothing is released by it.
fn takes_out(back: &Back<'_>, canary: Option<&Canary>) -> Course {
    let (to, from) = (called(back.to.number, &back.to.images), back.in_force());
    let effect =
        format!("Takes {from} out of the target's template: {to}, which the primary runs, is put back, and nothing is released by it.");
    let mut notes = vec!["Flagger begins no analysis where this is the very template it promoted last.".to_owned()];
    if canary.is_some_and(|canary| canary.status.phase == "Waiting") {
        notes.push(format!("It goes on waiting at its gate: opened, Flagger analyses {to} against itself, which changes nothing."));
    }
    if back.at_once {
        notes.push("There is no analysis to leave out.".to_owned());
    }
    let mut first = put_back(back, canary);
    first.goal = seen(back);
    Course { effect, notes, risks: Vec::new(), exposed: Exposed { before: before(back), after: Some(0.0) }, stages: vec![first] }
}

/// A release of its own.
fn analysed(back: &Back<'_>, canary: &Canary) -> Course {
    let (to, from) = (called(back.to.number, &back.to.images), back.in_force());
    let begun = begun(back.world, back.release);
    let mut notes: Vec<String> = begun.notes.iter().map(ToString::to_string).collect();
    notes.push(format!("Until it is promoted the primary goes on serving {}.", serving(back, &from)));
    let mut first = put_back(back, Some(canary));
    first.goal = if back.release.paused_by_hand { seen(back) } else { Goal::All(vec![seen(back), under_way()]) };
    Course {
        effect: format!("Puts {to} into the target's template: {}", begun.effect),
        notes,
        risks: begun.risks.iter().map(ToString::to_string).collect(),
        exposed: Exposed { before: before(back), after: None },
        stages: vec![first],
    }
}

/// The emergency form: the analysis is left out for this one, and only for this one.
fn at_once(back: &Back<'_>, canary: &Canary) -> Course {
    let (to, from) = (called(back.to.number, &back.to.images), back.in_force());
    let (release, uid) = (back.release, || Premise::Uid(back.release.uid.clone()));
    let stage = |name: &str, body, premises, goal, patience| Stage {
        name: name.into(),
        write: Some(merge(release, "", body)),
        premises,
        goal,
        patience,
    };
    let rests_on = vec![uid(), Premise::UnderWay(release.under_way), Premise::Phase(release.phase), Premise::NotPromoting];
    let on = if release.paused_by_hand {
        json!({"spec": {"skipAnalysis": true, "suspend": null}})
    } else {
        json!({"spec": {"skipAnalysis": true}})
    };
    let mut stages = Vec::new();
    if !release.control.promote_full {
        stages.push(stage("leave the analysis out", on, rests_on, Goal::PromoteAsked(true), looks(canary, 0)));
    }
    let mut put = put_back(back, Some(canary));
    if !release.control.promote_full {
        // Ours by now.
        put.premises.retain(|premise| !matches!(premise, Premise::PausedByHand(_) | Premise::Phase(_)));
        put.premises.push(Premise::PausedByHand(false));
    }
    put.goal = Goal::All(vec![seen(back), Goal::Any(vec![under_way(), Goal::ReleasingOther(release.control.new_hash.clone())])]);
    stages.push(put);
    let primary = canary.primary().and_then(|name| back.world.deployment(&release.key.namespace, &name));
    let ends = Goal::Any(vec![Goal::Promoted, Goal::Aborted]);
    // Its pods start first, and then the primary's are replaced.
    let patience = looks(canary, 2) + rolls(primary);
    stages.push(Stage { name: "wait until it is promoted".into(), write: None, premises: vec![uid()], goal: ends, patience });
    if !release.control.promote_full {
        let off = json!({"spec": {"skipAnalysis": null}});
        stages.push(stage("have later releases analysed again", off, vec![uid()], Goal::PromoteAsked(false), looks(canary, 0)));
    }
    stages.push(Stage {
        name: "wait until the primary runs it".into(),
        write: None,
        premises: vec![uid()],
        goal: Goal::Promoted,
        patience: rolls(primary),
    });
    let every = again(back.world, release);
    Course {
        effect: format!(
            "Puts {to} into the target's template with its analysis left out: Flagger looks {every}, starts it, and once it is ready promotes it, 100 % in one move."
        ),
        notes: vec![
            "skipAnalysis is set for it and taken back after it: left on, every later release would go unchecked.".to_owned(),
            format!("Until it is ready the primary goes on serving {}.", serving(back, &from)),
        ],
        risks: vec![format!("{to} gets everything at once: no check and no gate but confirm-rollout looks at it first.")],
        exposed: Exposed { before: before(back), after: Some(0.0) },
        stages,
    }
}

fn put_back(back: &Back<'_>, canary: Option<&Canary>) -> Stage {
    let mut first = back.first(canary.map_or(crate::engines::plan::template::TAKEN_IN, |canary| looks(canary, 1)));
    // In the middle of a release the template no longer decides: nothing is sent where one has begun meanwhile.
    first.premises.push(Premise::Phase(back.release.phase));
    first.premises.push(Premise::UnderWay(back.release.under_way));
    first
}

/// The Deployment controller has taken the template in: at 0 pods that is all there is to see.
fn seen(back: &Back<'_>) -> Goal {
    Goal::ObservedBeyond(back.holder.generation)
}

fn under_way() -> Goal {
    Goal::Any(vec![Goal::Phase(Phase::Progressing), Goal::Phase(Phase::Paused)])
}

/// What the primary runs, in a sentence: what is in force, unless that has failed.
fn serving(back: &Back<'_>, from: &str) -> String {
    if back.release.control.aborted { "the version promoted last".to_owned() } else { from.to_owned() }
}

/// Of what is in force in the target: everything where it was promoted, nothing where it has failed.
fn before(back: &Back<'_>) -> Option<f64> {
    match &back.release.exposure.headline {
        Some(share) if back.release.under_way => Some(share.value),
        _ => Some(if back.release.control.aborted { 0.0 } else { 1.0 }),
    }
}
