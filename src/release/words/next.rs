//! What comes if nobody acts, and when; and what each step of the ladder is called.
//! Refuses to promise: a moment is only named where the controller has written it down.

use super::names::called;
use super::standing::{Preview, Standing, preview, switches};
use crate::objects::AnalysisPhase;
use crate::release::figures::{age, duration, plural, seconds_left, told};
use crate::release::{CountdownKind, Engine, Phase, Release, Step, StepKind, StepState, Strategy, Time};

/// A step in a few words, as the ladder shows it: `weight 20`, `pause 10m`, `analysis success-rate`.
#[must_use]
pub fn step(step: &Step) -> String {
    let names = |names: &[crate::text::Clean]| names.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(", ");
    match &step.kind {
        StepKind::SetWeight(weight) => format!("weight {weight}"),
        StepKind::Pause(Some(seconds)) => format!("pause {}", duration(*seconds)),
        StepKind::Pause(None) => "pause until you go on".to_owned(),
        StepKind::SetCanaryScale(scale) => format!("canary scale {scale}"),
        StepKind::Analysis(templates) => format!("analysis {}", names(templates)).trim_end().to_owned(),
        StepKind::Experiment(arms) => format!("experiment {}", names(arms)).trim_end().to_owned(),
        StepKind::SetHeaderRoute(headers) if headers.is_empty() => "header route off".to_owned(),
        StepKind::SetHeaderRoute(headers) => format!("header route {}", names(headers)),
        StepKind::SetMirrorRoute(0) => "mirror off".to_owned(),
        StepKind::SetMirrorRoute(percent) => format!("mirror {percent} %"),
        StepKind::Plugin(name) => format!("plugin {name}"),
        StepKind::Round(at, of) => format!("round {at} of {of}"),
        StepKind::Promote => "promote".to_owned(),
        StepKind::Unknown(word) => format!("{word} (not known here)"),
    }
}

/// The rung one stands on, counted from 1, of how many: Argo's index counts the steps done. `None` without a ladder.
#[must_use]
pub fn rung(release: &Release) -> Option<(usize, usize)> {
    let position = release.position.filter(|p| p.total > 0 && release.abort.is_none())?;
    // What stands at a gate before its first pods is not under way, and not done.
    let done = position.index >= position.total || !release.under_way && release.phase != Phase::Paused;
    Some((if done { position.index.min(position.total) } else { position.index + 1 }, position.total))
}

/// Where a release stands in a few letters, as a column has it: the rung it is on, `done` where nothing is left to do.
#[must_use]
pub fn place(release: &Release) -> String {
    match (rung(release), release.strategy) {
        _ if release.abort.is_some() => "aborted".to_owned(),
        (Some((at, of)), _) if release.under_way || at < of => format!("{at}/{of}"),
        (Some(_), _) => "done".to_owned(),
        (None, Strategy::BlueGreen) if release.under_way => "preview".to_owned(),
        (None, Strategy::Rolling | Strategy::Recreate) if release.under_way => {
            format!("{} of {}", release.replicas.updated, release.replicas.desired)
        }
        _ => "done".to_owned(),
    }
}

/// What the current step's end would bring: `weight 50, 20 % → 50 %`. `None` where nothing follows.
fn after(release: &Release) -> Option<String> {
    let at = release.steps.iter().position(|s| s.state == StepState::Current)?;
    let following = release.steps.get(at + 1);
    let change = share_change(release);
    Some(match (following, change) {
        (Some(next), Some(change)) if next.share_after.is_some() => format!("{}, {change}", step(next)),
        (Some(next), _) => step(next),
        (None, Some(change)) => format!("all of it, {change}"),
        (None, None) => "that was the last step".to_owned(),
    })
}

/// What the next change makes of the share: `20 % → 50 %`.
pub(super) fn share_change(release: &Release) -> Option<String> {
    let to = release.exposure.next?;
    let from = release.exposure.headline.as_ref()?.value;
    // Rounded alike, "20 % → 20 %" would say nothing.
    let (from, to) = (told(from), told(to));
    (from != to).then(|| format!("{from} → {to}"))
}

/// Seconds after which a controller that has not taken traffic off an aborted version is called out.
const REACTS_WITHIN: i64 = 30;

/// What comes if nobody acts, as sentences without their full stops, the most important first.
#[must_use]
pub fn next(release: &Release, standing: &Standing, now: Time) -> Vec<(String, String)> {
    if release.engine == Engine::Flagger {
        return super::flagger::next(release, standing, now, after(release).as_deref());
    }
    let mut said = Vec::new();
    let mut say = |long: String, short: &str| said.push((long, short.to_owned()));
    let new = called(release).new.unwrap_or_else(|| "the new version".to_owned());
    let ends = |kind| release.countdowns.iter().filter(|c| c.kind == kind).map(|c| c.at).min();
    let left = |at| duration(seconds_left(now, at));
    let follow = after(release);
    let then = || follow.as_ref().map_or_else(String::new, |then| format!(": {then}"));
    let shorter = || share_change(release).map_or_else(String::new, |change| format!(": {change}"));
    match standing {
        Standing::Steady => say("Nothing moves until the spec changes".to_owned(), "Nothing moves"),
        Standing::NotObserved => say(
            "It moves once the controller has seen the change; if it does not, look at the controller".to_owned(),
            "Waits for the controller",
        ),
        Standing::Invalid => say("Nothing moves until the spec is mended".to_owned(), "Nothing moves until it is mended"),
        Standing::AbortedStillExposed(_) | Standing::Aborted => {
            let at = release.abort.as_ref().and_then(|abort| abort.at);
            if let Standing::AbortedStillExposed(_) = standing
                && at.is_some_and(|at| crate::release::figures::seconds(at, now) < REACTS_WITHIN)
            {
                say("Its share should fall within seconds".to_owned(), "Its share should fall now");
            } else if let Standing::AbortedStillExposed(_) = standing {
                say(
                    "The controller should have taken its traffic away: look at the controller and the router".to_owned(),
                    "Look at controller and router",
                );
            }
            say(format!("The spec still names {new}: retry, or any edit, sends it out again"), &format!("The spec still names {new}"));
        }
        Standing::TimedOut(_) if release.engine == Engine::Deployment => {
            say("It goes on trying; nothing is rolled back by itself".to_owned(), "Nobody rolls it back");
        }
        Standing::TimedOut(_) => say("It is not aborted: it goes on trying until someone acts".to_owned(), "It goes on until someone acts"),
        Standing::WaitsForPerson if switches(release) => {
            say("Nothing moves by itself".to_owned(), "Nothing moves by itself");
            say(format!("Promoting switches all traffic to {new} at once"), "Promoting switches all at once");
        }
        Standing::WaitsForPerson => {
            say("Nothing moves by itself".to_owned(), "Nothing moves by itself");
            if let Some(then) = &follow {
                say(format!("If you go on: {then}"), &format!("Then {then}"));
            }
        }
        Standing::Inconclusive => {
            say(format!("Nothing moves by itself: the analysis could not decide. If you go on{}", then()), "Nothing moves by itself")
        }
        Standing::Held => say("Nothing moves until it is resumed".to_owned(), "Nothing moves until resumed"),
        Standing::TimedPause(at) => {
            say(format!("Goes on by itself in {}{}", left(*at), then()), &format!("Goes on in {}{}", left(*at), shorter()));
        }
        Standing::TimedSwitch(at) => say(
            format!("Switches by itself in {}: all traffic to {new} at once", left(*at)),
            &format!("Switches by itself in {}", left(*at)),
        ),
        Standing::Failing(_) => {
            if let Some(at) = ends(CountdownKind::Pause) {
                say(format!("Goes on by itself in {} all the same{}", left(at), then()), &format!("Goes on in {}{}", left(at), shorter()));
            } else if release.phase == Phase::Paused {
                say("Nothing moves by itself, and the pods go on failing".to_owned(), "Nothing moves by itself");
            } else if release.under_way {
                say("It does not go on while they fail, nor back by itself".to_owned(), "It goes neither on nor back");
            } else {
                say("Nothing is being released: this is not a rollout's doing alone".to_owned(), "Nothing is being released");
            }
        }
        Standing::Experimenting if ends(CountdownKind::Experiment).is_some() => {
            let left = ends(CountdownKind::Experiment).map(left).unwrap_or_default();
            say(format!("Its experiment ends in {left}{}", then()), &format!("Its experiment ends in {left}"));
        }
        Standing::Analysing | Standing::Experimenting => {
            let gate = deciding(release).unwrap_or_else(|| "the measurements are in".to_owned());
            say(format!("Goes on once {gate}{}", then()), &format!("Goes on once {gate}"));
        }
        Standing::Moving if switches(release) => match preview(release) {
            Preview::Starts => say("The switch comes once the preview is ready".to_owned(), "Then comes the switch"),
            Preview::Ready => say("The switch comes next, unless a pause or an analysis comes first".to_owned(), "The switch comes next"),
            Preview::Switches => say(format!("All traffic goes to {new} within seconds"), "All traffic switches now"),
        },
        Standing::Moving if !release.steps.is_empty() => match follow {
            Some(then) => say(format!("Once its pods are available: {then}"), &format!("Then {then}")),
            None => say("Goes on by itself, step by step".to_owned(), "Goes on by itself"),
        },
        Standing::Moving => say("Goes on by itself until all pods are replaced".to_owned(), "Goes on by itself"),
        Standing::Degraded => {}
    }
    if let Some(at) = ends(CountdownKind::Experiment).filter(|_| *standing != Standing::Experimenting) {
        say(format!("Its experiment ends in {}", left(at)), &format!("Experiment ends in {}", left(at)));
    }
    let moving = !matches!(standing, Standing::TimedOut(_) | Standing::Aborted | Standing::AbortedStillExposed(_) | Standing::Steady);
    if let Some(at) = ends(CountdownKind::ProgressDeadline).filter(|at| moving && *at > now) {
        say(format!("Called stuck in {} if nothing moves", left(at)), &format!("Called stuck in {}", left(at)));
    }
    if let Some(kept) = release.countdowns.iter().filter(|c| c.kind == CountdownKind::ScaleDown).min_by_key(|c| c.at) {
        let pods = release.versions.iter().find(|v| v.hash == kept.about).map(|v| plural(v.current, "pod"));
        let which = if matches!(standing, Standing::Aborted) { "Its" } else { "The old version's" };
        let pods = pods.unwrap_or_else(|| "pods".to_owned());
        say(format!("{which} {pods} go in {}", left(kept.at)), &format!("{pods} go in {}", left(kept.at)));
    }
    said
}

/// What the running analysis still lacks: `success-rate has 5 measurements (3 so far)`.
fn deciding(release: &Release) -> Option<String> {
    let running = release.analyses.iter().find(|a| a.phase == AnalysisPhase::Running)?;
    let metric = running.metrics.iter().find(|m| m.phase == AnalysisPhase::Running).or_else(|| running.metrics.first())?;
    let taken: i64 = metric.counts.iter().sum();
    Some(match metric.wanted {
        Some(wanted) => format!("{} has {} ({taken} so far)", metric.name, plural(wanted, "measurement")),
        None => format!("{} passes", metric.name),
    })
}

/// Since when the release is in its phase, as a word: `2 h 10 m`; empty in the first minute, and where the objects don't tell.
pub(super) fn since(release: &Release, now: Time) -> String {
    let long = release.since.map(|at| crate::release::figures::seconds(at, now)).filter(|long| *long >= 60);
    long.map(age).unwrap_or_default()
}
