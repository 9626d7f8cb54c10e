//! Restart: replaces every pod older than a moment, of the same versions.
//! Refuses while an earlier restart is not done: asking again would begin it anew.

use chrono::{SecondsFormat, SubsecRound, TimeDelta};
use serde_json::json;

use super::ground::{Ground, stage};
use super::{patience, say};
use crate::release::Time;
use crate::release::acting::{Change, Goal, Refusal, Verb};

/// Plans it. `moment`: pods made before it are replaced.
///
/// # Errors
/// A refusal that names what works instead.
pub fn plan(ground: &Ground<'_>, moment: Time) -> Result<Change, Refusal> {
    let control = ground.control();
    if let Some(asked) = control.restart_asked.filter(|asked| control.restarted.is_none_or(|done| done < *asked)) {
        return Err(ground.refuse(
            format!("A restart asked for at {} is not done yet: asking again would begin it anew.", say::at(asked)),
            "Wait until every older pod is replaced. If none is, a disruption budget may forbid it; pause does not stop it, roll back replaces pods its own way.",
            &[Verb::RollBack],
        ));
    }
    let count = ground.release.versions.iter().map(|version| version.current).sum::<i64>();
    let missing = ground.release.limits.map_or(1, |limits| limits.unavailable.max(1));
    // Moments are whole seconds: the one of a restart that is done already would change nothing.
    let after = control.restart_asked.and_then(|asked| asked.checked_add_signed(TimeDelta::seconds(1)));
    let moment = after.map_or(moment, |after| moment.max(after)).trunc_subsecs(0);
    let stamp = moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    let premises = ground.same();
    let write = ground.spec(json!({"spec": {"restartAt": stamp}}));
    let mut restart = stage("Restart", Some(write), premises, Goal::Restarted(moment));
    // Pods go a few at a time, each round as long as a pod takes to become available.
    restart.patience = patience::replaces(ground, count, missing);
    let effect = format!("Replaces {}, at most {} missing at a time; the share of each version stays.", all(count), say::pods(missing));
    let mut change = ground.change(effect, vec![restart]);
    change.notes.push(
        format!("Every pod made before {} goes, of all versions. It is no release: no step and no analysis watches it.", say::at(moment))
            .into(),
    );
    change.notes.push("Pods are evicted: a disruption budget that forbids it makes it wait.".into());
    if count <= 1 {
        change.risks.push("There is one pod: while it is replaced, nothing answers.".into());
    }
    if ground.changing() {
        change.risks.push("A release is under way: what it measures is disturbed.".into());
    }
    Ok(change)
}

fn all(count: i64) -> String {
    if count == 1 { "its only pod".to_owned() } else { format!("all {count} pods") }
}
