//! What going back does to an Argo Rollout: at once where the target is stable or within reach, through every step again where it is not.
//! Refuses to call it quick where steps and analyses run again, and promotes nothing before the controller has taken in the template.

use serde_json::json;

use super::{Back, Course};
use crate::engines::plan::template::{TAKEN_IN, called, merge, pods_turned};
use crate::release::acting::{Exposed, Goal, Premise, Revision, Stage};
use crate::release::{Release, Strategy, Version, figures};

/// Why no steps are run.
enum Reach {
    /// It is the stable version.
    Stable,
    /// Within `rollbackWindow`.
    Window(i64),
    /// Blue-green: its pods are kept for a while.
    Warm,
    /// None of these: steps and analyses run again.
    Steps,
}

/// What an engine makes of it.
pub fn course(back: &Back<'_>) -> Course {
    let release = back.release;
    let reach = reach(back);
    let stable = matches!(reach, Reach::Stable);
    let promotes = back.at_once && !stable;
    let mut stages = vec![back.first(TAKEN_IN)];
    let mut notes = pauses(back, &mut stages);
    if promotes {
        stages.push(promote(back));
    } else if !matches!(reach, Reach::Steps) || no_gates(release) {
        stages.push(turned(back));
    }
    if back.at_once && stable {
        notes.push("Going back to the stable version takes no steps: there is nothing to promote.".to_owned());
    }
    if release.control.aborted {
        notes.push("The new template takes the abort back.".to_owned());
    }
    let mut risks = Vec::new();
    if promotes {
        risks.push(format!(
            "{} gets everything at once: no step, pause or analysis looks at it first.",
            called(back.to.number, &back.to.images)
        ));
    }
    if matches!(reach, Reach::Warm) {
        risks.push("Its pods may go before this is sent: then pauses and analyses run again.".to_owned());
    }
    if stable && dynamic(back) {
        risks.push("Its stable pods were scaled down as the new ones came: the share falls only as they come back.".to_owned());
    }
    let exposed = Exposed { before: before(release), after: after(back, &reach) };
    Course { effect: effect(back, &reach), notes, risks, exposed, stages }
}

fn effect(back: &Back<'_>, reach: &Reach) -> String {
    let (to, from, release) = (called(back.to.number, &back.to.images), back.in_force(), back.release);
    let serving = || back.revisions.iter().find(|r| is_stable(release, r)).map_or_else(|| from.clone(), |r| called(r.number, &r.images));
    match reach {
        Reach::Stable if release.control.aborted => {
            format!("The spec no longer asks for {from}: {to}, the stable version, serves everything, without steps or analyses.")
        }
        Reach::Stable => {
            let share =
                release.exposure.headline.as_ref().map_or_else(String::new, |s| format!(" from {}", figures::share(s.value, s.label)));
            format!(
                "Ends the update: {from} goes{share} to 0 %, and {to}, the stable version, serves everything, without steps or analyses."
            )
        }
        _ if back.at_once => format!("Puts {to} back and promotes it fully: 100 % in one move, without steps or analyses."),
        Reach::Window(revisions) => format!(
            "{to} goes to 100 % without steps or analyses: it lies within the rollback window of {revisions} {}.",
            if *revisions == 1 { "revision" } else { "revisions" }
        ),
        Reach::Warm => format!("Switches back to {to} at once, without pauses or analyses: its pods are still there."),
        Reach::Steps if release.strategy == Strategy::BlueGreen => {
            format!(
                "Starts {to} like a new release, behind the preview first: every pause and analysis runs again while {} serves.",
                serving()
            )
        }
        Reach::Steps if release.steps.is_empty() => format!("Replaces {from} by {to} pod by pod: this Rollout has no steps."),
        Reach::Steps => format!(
            "Starts {to} like a new release: all {} steps and their analyses run again while {} serves the rest.",
            release.steps.len(),
            serving()
        ),
    }
}

fn is_stable(release: &Release, revision: &Revision) -> bool {
    !revision.hash.is_empty() && revision.hash == release.control.stable_hash
}

/// How far away the target is (argo-rollouts `rollout/canary.go`, `bluegreen.go`, `isRollbackWithinWindow`).
fn reach(back: &Back<'_>) -> Reach {
    let (release, to) = (back.release, back.to);
    if is_stable(release, to) {
        return Reach::Stable;
    }
    // The controller takes the deadline off at its first look and knows of no warmth afterwards: only what is all there then is switched to.
    let wanted = release.replicas.desired;
    let is_whole = |v: &&Version| v.uid == to.uid && v.desired == wanted && v.available == wanted;
    let warm = release.versions.iter().find(is_whole).and_then(|v| v.scale_down_at);
    if release.strategy == Strategy::BlueGreen && warm.is_some() {
        return Reach::Warm;
    }
    let window = back.world.rollout(&release.key.namespace, &release.key.name).map_or(0, |r| r.spec.rollback_window.revisions);
    let stable = back.revisions.iter().find(|r| is_stable(release, r)).and_then(|r| r.created);
    if let (Some(made), Some(stable)) = (to.created, stable)
        && made < stable
    {
        let between = back.revisions.iter().filter(|r| r.created.is_some_and(|at| made < at && at < stable)).count();
        if i64::try_from(between).is_ok_and(|between| between < window) {
            return Reach::Window(window);
        }
    }
    Reach::Steps
}

/// Whether the stable version shrinks as the new one grows: traffic then goes back no faster than its pods do.
fn dynamic(back: &Back<'_>) -> bool {
    let rollout = back.world.rollout(&back.release.key.namespace, &back.release.key.name);
    rollout.and_then(|r| r.spec.strategy.canary.as_ref()).is_some_and(|canary| canary.dynamic_stable_scale)
}

/// Whether nothing stands between the template and its last pod: a canary without steps.
fn no_gates(release: &Release) -> bool {
    release.strategy == Strategy::Canary && release.steps.is_empty()
}

/// A pause by hand would keep every pod where it is, and the roll back would change nothing: it ends in the same write, or, where another
/// object holds the template, right after it. Never before: that would let the bad version go on.
fn pauses(back: &Back<'_>, stages: &mut Vec<Stage>) -> Vec<String> {
    if !back.release.paused_by_hand {
        return Vec::new();
    }
    if back.unpauses() {
        return vec!["It is paused by hand: the same write ends that pause, as paused no pod would move.".to_owned()];
    }
    stages.push(Stage {
        name: "end the pause by hand".into(),
        write: Some(merge(back.release, "", json!({"spec": {"paused": false}}))),
        premises: vec![Premise::Uid(back.release.uid.clone()), taken_in(back), Premise::PausedByHand(true)],
        goal: Goal::PausedByHand(false),
        patience: TAKEN_IN,
    });
    vec!["It is paused by hand: once the template is back, that pause is ended, as paused no pod would move.".to_owned()]
}

fn taken_in(back: &Back<'_>) -> Premise {
    Premise::Releasing(back.to.hash.clone())
}

/// The emergency form's second write. Sent any earlier it would promote what the controller still takes for the newest version.
fn promote(back: &Back<'_>) -> Stage {
    Stage {
        name: "promote it fully".into(),
        write: Some(merge(back.release, "status", json!({"status": {"promoteFull": true}}))),
        premises: vec![
            Premise::Uid(back.release.uid.clone()),
            taken_in(back),
            Premise::Observed,
            Premise::PausedByHand(false),
            Premise::NotPromoting,
        ],
        goal: Goal::All(vec![Goal::Releasing(back.to.hash.clone()), Goal::Promoted]),
        patience: pods_turned(back.world, back.release),
    }
}

fn turned(back: &Back<'_>) -> Stage {
    Stage {
        name: "wait until it is stable".into(),
        write: None,
        premises: Vec::new(),
        goal: Goal::All(vec![Goal::Releasing(back.to.hash.clone()), Goal::Promoted]),
        patience: pods_turned(back.world, back.release),
    }
}

/// Of what is in force now: everything where no update is under way.
fn before(release: &Release) -> Option<f64> {
    match &release.exposure.headline {
        Some(share) => Some(share.value),
        None => (!release.under_way).then_some(1.0),
    }
}

/// Of what is in force now: nothing, once another version takes its place. Step by step it keeps what the steps leave it, which is not one
/// figure; but where it never was stable it gets nothing as soon as the update begins anew.
fn after(back: &Back<'_>, reach: &Reach) -> Option<f64> {
    let leaves_at_once = back.at_once || !matches!(reach, Reach::Steps) || no_gates(back.release);
    let never_stable = back.release.control.new_hash != back.release.control.stable_hash;
    (leaves_at_once || never_stable).then_some(0.0)
}
