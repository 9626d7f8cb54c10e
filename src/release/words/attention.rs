//! Whether a release needs a person, and why, in the few words a row of the board has room for.
//! Refuses to give a phase as a reason.

use super::measured::worst;
use super::names::{Side, side};
use super::next::since;
use super::standing::{Failures, Standing, analysis_failed, standing, switches};
use super::verdict::Mark;
use crate::objects::AnalysisPhase;
use crate::release::figures::{burn, duration, seconds_left, told};
use crate::release::telemetry::{Metering, Telemetry};
use crate::release::{Engine, Release, Strategy, Time};
use crate::slo::tier::Severity;
use crate::slo::verdict::{Word, overall};

/// How much a release needs a person, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Stands still until a person decides.
    Waiting,
    /// Something is wrong.
    Failing,
    /// Its error budget goes so fast that somebody would be woken.
    Burning,
    /// On its way, and well as far as can be seen.
    Progressing,
    /// Nothing is being released.
    Idle,
}

impl Rank {
    /// Whether a person is needed now.
    #[must_use]
    pub const fn needs_a_person(self) -> bool {
        matches!(self, Self::Waiting | Self::Failing | Self::Burning)
    }
}

/// What a release needs, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// How much.
    pub rank: Rank,
    /// Why, in a few words: `waits for you  2 h 10 m`, `stuck: image can't be pulled`, `6 of 10 updated`.
    pub why: String,
}

/// What the release needs, and why.
#[must_use]
pub fn attention(release: &Release, now: Time) -> Attention {
    let at = standing(release);
    let rank = match &at {
        Standing::WaitsForPerson | Standing::Held | Standing::Inconclusive => Rank::Waiting,
        Standing::AbortedStillExposed(_) | Standing::Aborted | Standing::Invalid | Standing::TimedOut(_) | Standing::Degraded => {
            Rank::Failing
        }
        Standing::Failing(_) => Rank::Failing,
        Standing::Steady => Rank::Idle,
        _ => Rank::Progressing,
    };
    if let (Rank::Progressing | Rank::Idle, Some(words)) = (rank, paged(release)) {
        return Attention { rank: Rank::Burning, why: words };
    }
    Attention { rank, why: why(release, &at, now) }
}

/// `burning 16x, pages`, where an alert tier that wakes people fires.
fn paged(release: &Release) -> Option<String> {
    let one = worst(&release.telemetry.as_ref()?.budgets)?;
    let (_, rate) = one.fastest().filter(|_| one.fires == Some(Severity::Page))?;
    Some(format!("burning {}x, pages", burn(rate.get())))
}

fn why(release: &Release, at: &Standing, now: Time) -> String {
    let for_how_long = |words: &str| format!("{words}  {}", since(release, now)).trim_end().to_owned();
    match at {
        Standing::AbortedStillExposed(share) => format!("aborted, still gets {}", told(*share)),
        Standing::Aborted => cause(release),
        Standing::Invalid => "the spec is not valid".to_owned(),
        Standing::NotObserved => "change not seen yet".to_owned(),
        Standing::TimedOut(Some(failures)) => format!("stuck: {}", failures.reason.replace(": ", ", ")),
        Standing::TimedOut(None) => for_how_long("stuck: no progress"),
        Standing::Failing(failures) => failing(failures),
        Standing::Inconclusive => for_how_long("analysis undecided"),
        Standing::WaitsForPerson => for_how_long("waits for you"),
        Standing::Held => for_how_long("paused by hand"),
        Standing::TimedPause(until) => {
            let left = duration(seconds_left(now, *until));
            release.weight.map_or_else(|| format!("pauses, {left} left"), |w| format!("weight {}, {left} left", w.set))
        }
        Standing::TimedSwitch(until) => format!("switches in {}", duration(seconds_left(now, *until))),
        Standing::Analysing => measuring(release),
        Standing::Experimenting => "experiment runs".to_owned(),
        Standing::Moving => moving(release),
        Standing::Degraded => release.message.as_deref().map_or_else(|| "degraded, no reason given".to_owned(), str::to_owned),
        Standing::Steady => {
            let r = release.replicas;
            match () {
                () if r.desired == 0 => for_how_long("scaled to none"),
                () if r.ready < r.desired => format!("{} of {} ready", r.ready, r.desired),
                () => for_how_long("healthy"),
            }
        }
    }
}

fn failing(failures: &Failures) -> String {
    let Failures { failing, of, reason, .. } = failures;
    if of > failing { format!("{failing} of {of} {reason}") } else { reason.clone() }
}

fn cause(release: &Release) -> String {
    if release.engine == Engine::Flagger {
        return super::flagger::cause(release);
    }
    let failed = release.analyses.iter().find(|a| matches!(a.phase, AnalysisPhase::Failed | AnalysisPhase::Error));
    let metric = failed.and_then(|a| a.metrics.iter().find(|m| matches!(m.phase, AnalysisPhase::Failed | AnalysisPhase::Error)));
    match (metric, failed) {
        (Some(metric), _) => format!("aborted by analysis {}", metric.name),
        (None, Some(_)) => "aborted by its analysis".to_owned(),
        (None, None) if release.message.as_deref().is_some_and(|m| m.contains("ProgressDeadline")) => "aborted: no progress".to_owned(),
        (None, None) => "aborted".to_owned(),
    }
}

fn measuring(release: &Release) -> String {
    let running = release.analyses.iter().find(|a| a.phase == AnalysisPhase::Running);
    let Some(metric) = running.and_then(|a| a.metrics.first()) else { return "analysis runs".to_owned() };
    let taken: i64 = metric.counts.iter().sum();
    match metric.wanted {
        Some(wanted) => format!("analysis {} {taken} of {wanted}", metric.name),
        None => format!("analysis {}", metric.name),
    }
}

fn moving(release: &Release) -> String {
    let r = release.replicas;
    if switches(release) {
        let preview = release.versions.iter().find(|v| side(release, v) == Side::New);
        return preview.map_or_else(|| "on its way".to_owned(), |v| format!("preview {} of {} ready", v.ready, v.desired));
    }
    if release.strategy == Strategy::Canary && !release.steps.is_empty() {
        let new: Vec<_> = release.versions.iter().filter(|v| side(release, v) == Side::New).collect();
        let (ready, wanted) = new.iter().fold((0, 0), |(r, d), v| (r + v.ready, d + v.desired));
        return match release.weight {
            Some(w) if wanted > 0 => format!("to weight {}, {ready} of {wanted} ready", w.set),
            Some(w) => format!("to weight {}", w.set),
            None => "on its way".to_owned(),
        };
    }
    match () {
        () if r.updated < r.desired => format!("{} of {} updated", r.updated, r.desired),
        () if r.current > r.updated => format!("{} old to go", r.current - r.updated),
        () if r.available < r.updated => format!("{} of {} available", r.available, r.updated),
        () => "on its way".to_owned(),
    }
}

/// The verdict in a word: what needs no statistics first (failing pods, deadlines, aborts, the controller's own analysis), then the evidence.
/// `None` when nothing is being released.
#[must_use]
pub fn judged(release: &Release) -> Option<(Mark, &'static str)> {
    let at = standing(release);
    match at {
        Standing::Aborted | Standing::AbortedStillExposed(_) | Standing::TimedOut(_) | Standing::Failing(_) | Standing::Invalid => {
            Some((Mark::Bad, "FAIL"))
        }
        _ if !release.under_way => None,
        _ if analysis_failed(release) => Some((Mark::Bad, "FAIL")),
        Standing::Inconclusive => Some((Mark::Unknown, "UNDECIDED")),
        _ => Some(release.telemetry.as_deref().map_or((Mark::Unknown, "NO DATA"), of_evidence)),
    }
}

/// Evidence is gathered of the release that is open; of the others the board knows the last minutes, which hint and judge nothing.
fn of_evidence(telemetry: &Telemetry) -> (Mark, &'static str) {
    let told = word(overall(&telemetry.verdicts).word);
    let counts = matches!(telemetry.metering, Metering::Live(_)) && telemetry.share.is_ok() && telemetry.comparison.is_none();
    match telemetry.glance.as_ref().map(|judgement| judgement.word) {
        _ if told.1 != "NO DATA" || !counts => told,
        // The last minutes alone, looked at again and again, call nothing failed; they are enough to look closer.
        Some(Word::Fail | Word::Suspect) => word(Word::Suspect),
        _ => (Mark::Unknown, "open to see"),
    }
}

/// What kind of news a verdict is.
fn word(word: Word) -> (Mark, &'static str) {
    match word {
        Word::Fail => (Mark::Bad, "FAIL"),
        Word::Suspect => (Mark::Paused, "SUSPECT"),
        Word::ServiceWide => (Mark::Paused, "SERVICE-WIDE"),
        Word::NoData => (Mark::Unknown, "NO DATA"),
        Word::NoTraffic => (Mark::Unknown, "NO TRAFFIC"),
        Word::Warming => (Mark::Unknown, "WARMING"),
        Word::Inconclusive => (Mark::Unknown, "INCONCLUSIVE"),
        Word::Pass => (Mark::Good, "PASS"),
    }
}
