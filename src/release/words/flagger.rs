//! What comes next with Flagger, and why it took a version back, where its ways are not the other engines'.
//! Refuses to promise the moment of its next look: nothing it writes down tells.

use super::standing::Standing;
use crate::objects::AnalysisPhase;
use crate::release::figures::{duration, seconds_left};
use crate::release::{CountdownKind, Release, StepKind, StepState, Time};

/// What comes if nobody acts. It looks once an interval: when it looks next is not known.
pub(super) fn next(release: &Release, standing: &Standing, now: Time, follow: Option<&str>) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let mut say = |long: String, short: &str| said.push((long, short.to_owned()));
    let then = |words: &str| follow.map_or_else(String::new, |follow| format!("{words}{follow}"));
    let gate = release.control.gates.first().map_or("its gate", |gate| gate.reason.as_str());
    let deadline = release.countdowns.iter().filter(|c| c.kind == CountdownKind::ProgressDeadline).map(|c| c.at).min();
    let all = release.exposure.headline.as_ref().is_some_and(|share| share.value >= 1.0);
    match standing {
        Standing::Steady => say("Nothing moves until the target's template changes".to_owned(), "Nothing moves"),
        Standing::NotObserved => say("Flagger has not looked at it yet; if it does not, look at Flagger".to_owned(), "Waits for Flagger"),
        Standing::AbortedStillExposed(_) if all => {
            say(
                "Flagger sends all requests to it on purpose: the primary did not come up with it".to_owned(),
                "The primary did not come up",
            );
            say("Nothing moves until the target's template changes".to_owned(), "Nothing moves by itself");
        }
        Standing::AbortedStillExposed(_) => {
            say("Flagger should have taken its traffic away: look at Flagger and the router".to_owned(), "Look at Flagger and the router");
        }
        Standing::Aborted => say("The same template is not tried again: any change of it is".to_owned(), "Not tried again as it is"),
        Standing::Held => {
            let done = "While it is suspended nothing is checked, nothing moves, and nothing is taken back";
            say(done.to_owned(), "Suspended: nothing is checked or taken back");
        }
        Standing::WaitsForPerson if gate == "confirm-rollout" => {
            say(format!("Its first pods start once {gate} is opened; nothing is taken back before"), "Starts once its gate is opened");
        }
        Standing::WaitsForPerson => {
            say(format!("It is promoted once {gate} is opened; its checks go on meanwhile"), "Promoted once its gate is opened");
        }
        Standing::Failing(_) | Standing::TimedOut(_) if release.paused_by_hand => {
            say("Suspended: nothing is checked, and nothing is taken back".to_owned(), "Suspended: nobody takes it back");
        }
        Standing::Failing(failures) if failures.new && release.under_way => match deadline {
            Some(at) if at > now => {
                let left = duration(seconds_left(now, at));
                say(format!("It keeps its share while they fail; taken back in {left} if none comes up"), &format!("Taken back in {left}"));
            }
            _ => say("It keeps its share while they fail: Flagger waits for them".to_owned(), "It keeps its share meanwhile"),
        },
        Standing::Failing(_) => say("Flagger does nothing about pods outside of a release".to_owned(), "Flagger leaves them"),
        Standing::Moving if release.steps.iter().any(|s| s.state == StepState::Current && s.kind == StepKind::Promote) => {
            say("Done once the primary has replaced its pods".to_owned(), "Done once the primary is");
        }
        Standing::Moving | Standing::Analysing if !release.under_way => say("Goes on by itself".to_owned(), "Goes on by itself"),
        Standing::Moving | Standing::Analysing => match deadline {
            Some(at) if at > now => {
                let left = duration(seconds_left(now, at));
                say(
                    format!("Once its pods are ready{}; taken back in {left} if they are not", then(": ")),
                    &format!("Taken back in {left}"),
                );
            }
            _ => say(format!("Once its checks pass{}", then(": ")), &format!("Once its checks pass{}", then(": "))),
        },
        _ => say("Goes on by itself".to_owned(), "Goes on by itself"),
    }
    said
}

/// Flagger says the same whatever it failed by: what events told stands behind it in the chain.
pub(super) fn cause(release: &Release) -> String {
    let failed = release.analyses.iter().flat_map(|one| &one.metrics).find(|metric| metric.phase == AnalysisPhase::Failed);
    let told = |words: &str| release.abort.iter().flat_map(|abort| &abort.chain).any(|link| link.starts_with(words));
    match failed {
        Some(metric) => format!("taken back: check {}", metric.name),
        None if told("its pods were not ready") => "taken back: pods not ready".to_owned(),
        None if told("a rollback webhook") => "taken back by a webhook".to_owned(),
        None if told("the primary did not") => "promotion failed".to_owned(),
        None => "taken back by Flagger".to_owned(),
    }
}
