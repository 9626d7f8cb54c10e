//! Everything the verdict rests on, in full: facts with their sources and ages, the chain of an abort, what no phase says.
//! Refuses to leave out what was not read.

use super::names::{called, capital, exposed, role};
use super::next::{rung, step};
use super::verdict::sentence;
use crate::objects::AnalysisPhase;
use crate::release::figures::{age, duration, plural, seconds, seconds_left, share, told};
use crate::release::{Alarm, Analysis, CountdownKind, Measured, Release, Share, StepState, Time, Version};

/// One reason: what kind, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The heading it stands under.
    pub about: &'static str,
    /// The sentence.
    pub text: String,
}

/// Everything the verdict rests on, the heaviest first.
#[must_use]
pub fn why(release: &Release, now: Time) -> Vec<Reason> {
    let mut all = Vec::new();
    let mut give = |about: &'static str, text: String| all.push(Reason { about, text });
    let verdict = sentence(release, now);
    for clause in verdict.says.iter().chain(&verdict.then) {
        give("Said on top", clause.long.clone());
    }
    for alarm in &release.alarms {
        give("What no phase tells", capital(&self::alarm(alarm)));
    }
    for link in release.abort.iter().flat_map(|abort| &abort.chain) {
        give("Why it was aborted, from the outcome to the cause", link.to_string());
    }
    if let Some(message) = &release.message {
        give("What its controller says", format!("{:?}{}: {message}", release.phase, since(release.since, now)));
    } else {
        give("What its controller says", format!("{:?}{}", release.phase, since(release.since, now)));
    }
    let exposure = &release.exposure;
    for (said, share) in [
        ("headline", &exposure.headline),
        ("measured", &exposure.measured),
        ("configured", &exposure.configured),
        ("inferred", &exposure.inferred),
    ] {
        let same = said != "headline" && release.exposure.headline.as_ref() == share.as_ref();
        if let Some(share) = share.as_ref().filter(|_| !same) {
            give("Who gets it", format!("{} ({said}): {}", exposed(share), source(share, now)));
        }
    }
    if release.under_way && release.exposure.headline.is_none() {
        give("Not read", "What the new version gets is not known: neither a router's weight nor ready endpoints were read".to_owned());
    }
    for beside in &release.exposure.beside {
        give("Who gets it", format!("Apart from the weight: {beside}"));
    }
    if let (Some((n, of)), Some(current)) = (rung(release), release.steps.iter().find(|s| s.state == StepState::Current)) {
        give("Where it stands, and what happens by itself", format!("Step {n} of {of}: {}", step(current)));
    }
    for countdown in &release.countdowns {
        give(
            "Where it stands, and what happens by itself",
            format!("{} in {}", capital(countdown_name(countdown.kind)), duration(seconds_left(now, countdown.at))),
        );
    }
    for one in super::reckoned::reckoned(release, now) {
        give(one.about, one.text);
    }
    for analysis in &release.analyses {
        give("What the controller measures", run(analysis));
        for metric in analysis.metrics.iter() {
            give("What the controller measures", measured(metric, now));
        }
        for metric in analysis.dry_run.iter() {
            give("What the controller measures", format!("{} (dry run, decides nothing)", measured(metric, now)));
        }
    }
    for version in &release.versions {
        give("Versions", held(release, version, now));
    }
    if release.versions.iter().any(|v| v.mix.is_none() && v.current > 0) {
        give("Not read", "Pods are not read: numbers of pods are the controller's own".to_owned());
    }
    all
}

/// A paragraph that sums the release up, to copy.
#[must_use]
pub fn summary(release: &Release, now: Time) -> String {
    let verdict = sentence(release, now);
    let [says, then] = verdict.lines();
    let names = called(release);
    let versions = match (names.old, names.new) {
        (Some(old), Some(new)) => format!("{old} → {new}"),
        (old, new) => old.or(new).unwrap_or_default(),
    };
    let name = format!("{}/{}", release.key.namespace, release.key.name);
    let alarms: String = release.alarms.iter().map(|a| format!(" {}.", capital(&alarm(a)))).collect();
    let at = now.format("%Y-%m-%d %H:%M:%S UTC");
    format!("{name} ({versions}), {at}: {}. {says}{alarms} {then}", verdict.word).trim_end().to_owned()
}

/// What a countdown counts to.
#[must_use]
pub fn countdown_name(kind: CountdownKind) -> &'static str {
    match kind {
        CountdownKind::Pause => "goes on",
        CountdownKind::AutoPromotion => "switches",
        CountdownKind::ProgressDeadline => "called stuck",
        CountdownKind::ScaleDown => "pods go",
        CountdownKind::Experiment => "experiment ends",
    }
}

/// An alarm as a sentence.
#[must_use]
pub fn alarm(alarm: &Alarm) -> String {
    match alarm {
        Alarm::AbortedStillExposed { share, .. } => format!("aborted, but the new version still gets {}", told(*share)),
        Alarm::WeightNotKept { weight, pods } => format!("the weight says {}, the pods say {}", told(*weight), told(*pods)),
        Alarm::ExposedBesideWeight { weight, pods } => {
            format!("its own tool says {}, but {} of endpoints run the new version", told(*weight), told(*pods))
        }
        Alarm::WeightOutOfRange(weight) => format!("weight {weight} is out of range"),
        Alarm::PodsFailing { failing, of, reason } => format!("{failing} of {of} new pods fail: {reason}"),
        Alarm::NotObserved => "the controller has not reacted to the last change".to_owned(),
    }
}

/// A run in a sentence.
#[must_use]
pub fn run(analysis: &Analysis) -> String {
    let message = if analysis.message.is_empty() { String::new() } else { format!(": {}", analysis.message) };
    format!("{} {}{message}", analysis.name, outcome(analysis.phase))
}

/// A phase of an analysis in a word.
#[must_use]
pub fn outcome(phase: AnalysisPhase) -> &'static str {
    match phase {
        AnalysisPhase::Pending => "pending",
        AnalysisPhase::Running => "running",
        AnalysisPhase::Successful => "passed",
        AnalysisPhase::Failed => "failed",
        AnalysisPhase::Error => "error",
        AnalysisPhase::Inconclusive => "undecided",
        AnalysisPhase::Unknown => "in a phase not known here",
    }
}

fn measured(metric: &Measured, now: Time) -> String {
    let [passed, failed, undecided, errors] = metric.counts;
    let value = metric.last.as_ref().map_or_else(|| metric.without_value().to_owned(), |v| format!("last {v}"));
    let when = metric.at.map(|at| format!(", {} ago", age(seconds(at, now)))).unwrap_or_default();
    let condition = if metric.condition.is_empty() { String::new() } else { format!(" against {}", metric.condition) };
    let message = if metric.message.is_empty() { String::new() } else { format!(" ({})", metric.message) };
    format!("{}: {value}{condition}{when}; {passed} passed, {failed} failed, {undecided} undecided, {errors} errors{message}", metric.name)
}

fn held(release: &Release, v: &Version, now: Time) -> String {
    let pods = match v.mix {
        Some(m) => format!(
            "{} ready, {} starting, {} failing, {} ending, {}",
            m.ready,
            m.starting,
            m.failing,
            m.terminating,
            plural(m.restarts, "restart")
        ),
        None => format!("{} of {} ready by its ReplicaSet", v.ready, v.desired),
    };
    let images = v.images.iter().map(|i| i.as_str()).collect::<Vec<_>>().join(", ");
    let made = v.created.map(|at| format!(", made {} ago", age(seconds(at, now)))).unwrap_or_default();
    format!("{} r{} {images}: {pods}{made}", role(release, v), v.revision)
}

fn source(share: &Share, now: Time) -> String {
    let when = share.as_of.map(|at| format!(", written {} ago", age(seconds(at, now)))).unwrap_or_default();
    format!("{}{when}", share.source)
}

fn since(at: Option<Time>, now: Time) -> String {
    at.map_or_else(String::new, |at| format!(" for {}", age(seconds(at, now))))
}

/// The peak in words: `20.3 % measured`.
#[must_use]
pub fn peak(release: &Release) -> Option<String> {
    release.exposure.peak.map(|p| share(p.value, p.label))
}
