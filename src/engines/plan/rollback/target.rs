//! Which revision a roll back goes to, or why it can't go anywhere.
//! Refuses numbers that are not there by naming those that are.

use serde_json::Value;

use crate::engines::history::same_but_restarted;
use crate::engines::plan::template::refuse;
use crate::objects::Kind;
use crate::release::Release;
use crate::release::acting::{History, Outcome, Refusal, Revision, Verb};

/// The revisions are not there yet, or are older than the newest spec.
pub fn unread(release: &Release) -> Refusal {
    let (instead, offers) = nearest(release);
    refuse(Verb::RollBack, "The revisions are being read.", format!("Ask again in a moment. {instead}"), &offers)
}

/// The revision meant: the one of that number, or the newest that was healthy.
pub fn find<'a>(release: &Release, raw: &Value, history: &'a History, wanted: Option<i64>) -> Result<&'a Revision, Refusal> {
    let number = match wanted {
        Some(number) => number,
        None => match &history.chosen {
            Some((number, _)) => *number,
            None => return Err(none(release, raw, history)),
        },
    };
    let Some(revision) = history.revisions.iter().find(|r| r.number == number && number > 0) else {
        let others: Vec<String> =
            history.revisions.iter().filter(|r| !r.current && r.number > 0).map(|r| format!("r{}", r.number)).collect();
        if others.is_empty() {
            return Err(none(release, raw, history));
        }
        return Err(refuse(
            Verb::RollBack,
            format!("There is no revision {number}."),
            format!("Revisions to go back to: {}.", others.join(", ")),
            &[Verb::RollBack],
        ));
    };
    if revision.current || same_but_restarted(&revision.template, &raw["spec"]["template"]) {
        let why = if revision.current {
            format!("The pod template of r{number} is in force already.")
        } else {
            format!("r{number} has the pod template that is in force: its pods were only restarted since.")
        };
        return Err(refuse(
            Verb::RollBack,
            why,
            "Restart replaces its pods; another revision can be chosen from the list.",
            &[Verb::Restart],
        ));
    }
    Ok(revision)
}

/// None to go back to, and why.
fn none(release: &Release, raw: &Value, history: &History) -> Refusal {
    let others: Vec<&Revision> = history.revisions.iter().filter(|r| !r.current && r.number > 0).collect();
    let (nearest, offers) = nearest(release);
    let bad: Vec<String> = others.iter().filter(|r| matches!(r.outcome, Outcome::Bad(_))).map(|r| format!("r{}", r.number)).collect();
    if !bad.is_empty() {
        return refuse(
            Verb::RollBack,
            "Every older revision that is left is known to be bad.",
            format!("One of them can be chosen all the same: {}. {nearest}", bad.join(", ")),
            &offers,
        );
    }
    let why = match (&others[..], raw["spec"]["revisionHistoryLimit"].as_i64()) {
        ([], Some(0)) => "No older revision is kept: its revisionHistoryLimit is 0.",
        ([], _) => "There is no older revision.",
        _ => "Every older revision that is left has the pod template that is in force.",
    };
    refuse(
        Verb::RollBack,
        why,
        format!("Set the image of the version that is wanted. {nearest}"),
        &[&[Verb::SetImage], &offers[..]].concat(),
    )
}

/// What works without any revision.
fn nearest(release: &Release) -> (&'static str, Vec<Verb>) {
    match release.key.kind {
        Kind::Rollout if release.under_way && !release.control.aborted => ("Abort takes traffic off the new version.", vec![Verb::Abort]),
        Kind::Rollout => ("Pause stops it where it is.", vec![Verb::Pause]),
        Kind::Canary => ("The primary goes on serving meanwhile.", Vec::new()),
        _ if release.paused_by_hand => ("It stays paused meanwhile.", Vec::new()),
        _ => ("Pause stops it where it is.", vec![Verb::Pause]),
    }
}
