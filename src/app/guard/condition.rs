//! What a guard waits for: `verdict fail`, `burn over 14.4 for 5m`, `pods failing`, `harmed over 500`; and whether it is so.
//! Refuses to say that it is so, or that it is not, by figures that are old or only half of what there is.

use chrono::TimeDelta;

use crate::measure::trouble;
use crate::release::figures::{burn, duration, exact, plural, rounded};
use crate::release::telemetry::{Metering, Telemetry, Unusable};
use crate::release::words::{Side, brief, called, found, overall_found, side};
use crate::release::{PodState, Release, Time, Trouble as PodTrouble};
use crate::slo::verdict::{Judgement, Trouble, Word, overall};
use crate::text::Clean;

/// Counters older than this say nothing of now.
pub const FRESH: TimeDelta = TimeDelta::seconds(90);

/// What a guard waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The verdict is FAIL.
    Fails,
    /// Some objective burns over so many times its budget, and has for so long without a break.
    Burns {
        /// Times the budget.
        over: f64,
        /// For how long.
        lasts: TimeDelta,
    },
    /// Pods of the new version fail: crash, or can't be made.
    PodsFail,
    /// More requests than this failed at the new version since its first pod.
    Harmed(f64),
}

/// Whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// It does; the cause in words.
    Yes(Clean),
    /// It does not.
    No,
    /// That can't be told now, and why.
    Unknown(Clean),
    /// That could be told once, and what told it is old or does not answer any more; why.
    Stale(Clean),
}

impl Condition {
    /// Reads `verdict fail`, `burn over 14.4 for 5m` (or `burn>14.4 for 5m`), `pods failing`, `harmed over 500`.
    ///
    /// # Errors
    /// A sentence that shows how to write it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let spaced = text.to_lowercase().replace('>', " over ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let number = |word: &str| word.trim_end_matches('x').parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
        let lasts = |word: &str| humantime::parse_duration(word).ok().and_then(|lasts| TimeDelta::from_std(lasts).ok());
        let read = match words[..] {
            ["verdict", "fail"] | ["fail"] => Some(Self::Fails),
            ["pods", "failing" | "fail"] => Some(Self::PodsFail),
            ["harmed", "over", most] => number(most).map(Self::Harmed),
            ["burn", "over", over, "for", time] => number(over).zip(lasts(time)).map(|(over, lasts)| Self::Burns { over, lasts }),
            _ => None,
        };
        read.ok_or_else(|| {
            format!("`{text}` is no condition; write `verdict fail`, `burn over 14.4 for 5m`, `pods failing` or `harmed over 500`")
        })
    }

    /// As a sentence says it: `the verdict is FAIL`.
    pub fn words(&self) -> String {
        match self {
            Self::Fails => "the verdict is FAIL".to_owned(),
            Self::Burns { over, lasts } => format!("it burns over {}x for {}", exact(*over), duration(lasts.num_seconds())),
            Self::PodsFail => "new pods fail".to_owned(),
            Self::Harmed(most) => format!("over {} requests are harmed", rounded(*most)),
        }
    }

    /// Whether it holds in this picture at `now` by the cluster's clock. For a burn: whether it burns so at this moment.
    pub fn holds(&self, release: &Release, now: Time) -> Holds {
        match self {
            Self::PodsFail => pods_fail(release),
            Self::Fails => fails(release, now),
            Self::Burns { over, .. } => counted(release).map_or_else(|unseen| unseen, |telemetry| burns(telemetry, *over, now)),
            Self::Harmed(most) => counted(release).map_or_else(|unseen| unseen, |telemetry| harmed(telemetry, *most, now)),
        }
    }
}

fn unknown(why: impl Into<Clean>) -> Holds {
    Holds::Unknown(why.into())
}

/// What is counted, where somebody counts now.
fn counted(release: &Release) -> Result<&Telemetry, Holds> {
    let telemetry = release.telemetry.as_deref().ok_or_else(|| unknown("no Prometheus is named"))?;
    match &telemetry.metering {
        Metering::Live(_) => Ok(telemetry),
        Metering::Unnamed => Err(unknown("no Prometheus is named")),
        Metering::Unfound(_) => Err(unknown("no Prometheus was found")),
        Metering::Waiting(_) => Err(unknown("Prometheus has not answered yet")),
        Metering::NoMetrics(_) => Err(unknown("Prometheus knows no request metric of it")),
        Metering::Failing { word, .. } => Err(Holds::Stale(Clean::from(format!("Prometheus does not answer: {word}")))),
    }
}

fn is_fresh(at: Option<Time>, now: Time) -> Result<(), Holds> {
    match at {
        Some(at) if now - at <= FRESH => Ok(()),
        Some(at) => Err(Holds::Stale(Clean::from(format!("the newest counters are {} old", duration((now - at).num_seconds()))))),
        None => Err(unknown("nothing was counted yet")),
    }
}

/// A crash needs no metrics; evidence has to be of now and whole.
fn fails(release: &Release, now: Time) -> Holds {
    match trouble(release) {
        Some(Trouble::CrashLoop) => return Holds::Yes("FAIL: its pods crash again and again".into()),
        Some(Trouble::Deadline) => return Holds::Yes("FAIL: it was not ready by its deadline".into()),
        _ => {}
    }
    let telemetry = match counted(release) {
        Ok(telemetry) => telemetry,
        Err(unseen) => return unseen,
    };
    let failed: Vec<Judgement> = telemetry.verdicts.iter().filter(|one| one.word == Word::Fail).cloned().collect();
    if failed.is_empty() {
        return fails_not(telemetry, now);
    }
    // One that is old takes nothing from another that is of now.
    let of_now: Vec<Judgement> = failed.into_iter().filter(|one| telemetry.is_of_now(one, FRESH, now)).collect();
    let all = overall(&of_now);
    let Some(decides) = all.decides else { return Holds::Stale("what it was judged by is old".into()) };
    let names = called(release);
    let new = names.new.unwrap_or_else(|| "the new version".to_owned());
    let says = found(decides, &new, &names.old.unwrap_or_else(|| "the old one".to_owned())).says;
    Holds::Yes(Clean::from(format!("{}: {}", overall_found(&all), says.short)))
}

/// None of them is a FAIL: that says something where they are of now.
fn fails_not(telemetry: &Telemetry, now: Time) -> Holds {
    let all = overall(&telemetry.verdicts);
    let Some(decides) = all.decides else { return unknown("nothing is judged yet") };
    if all.word == Word::NoData {
        return unknown(overall_found(&all));
    }
    if telemetry.is_of_now(decides, FRESH, now) {
        return Holds::No;
    }
    let at = if decides.evidence.is_apart { age_of(decides).map(|age| now - age) } else { telemetry.counted_at };
    is_fresh(at, now).err().unwrap_or_else(|| Holds::Stale("what it was judged by is old".into()))
}

fn age_of(judgement: &Judgement) -> Option<TimeDelta> {
    judgement.evidence.age.and_then(|age| TimeDelta::from_std(age).ok())
}

/// What several workloads burn together is not held against one of them, where it has an objective of its own.
fn burns(telemetry: &Telemetry, over: f64, now: Time) -> Holds {
    if telemetry.budgets.is_empty() {
        return unknown("no objective is known");
    }
    let mut missing = None;
    let (shared, own): (Vec<_>, Vec<_>) = telemetry.budgets.iter().partition(|one| one.provenance.is_shared);
    if let (Some(first), []) = (shared.first(), &own[..]) {
        let name = first.objective.name();
        return unknown(format!("{name} counts the requests of other workloads too: how fast it burns is not this release's doing alone"));
    }
    for one in own {
        let name = one.objective.name();
        match one.burns_over(over, now) {
            Ok(Some(fastest)) => return Holds::Yes(Clean::from(format!("{name} burns {}x", burn(fastest)))),
            Ok(None) => {}
            Err(Unusable::Unknown) => {
                missing.get_or_insert_with(|| Holds::Unknown(Clean::from(format!("the burn of {name} is not known"))));
            }
            Err(Unusable::Old(age)) => {
                let why = format!("the burn of {name} was worked out {} ago", duration(age.num_seconds()));
                missing = Some(Holds::Stale(Clean::from(why)));
            }
        }
    }
    missing.unwrap_or(Holds::No)
}

/// A lower bound over the limit is over it too.
fn harmed(telemetry: &Telemetry, most: f64, now: Time) -> Holds {
    match (is_fresh(telemetry.counted_at, now), telemetry.failed) {
        (Err(unseen), _) => unseen,
        (Ok(()), None) => unknown("the new version's requests are not counted"),
        (Ok(()), Some(failed)) if failed > most => {
            Holds::Yes(Clean::from(format!("{} requests failed at the new version", rounded(failed))))
        }
        (Ok(()), Some(_)) => Holds::No,
    }
}

/// Pods that a probe finds slow for a moment are not failing pods.
fn pods_fail(release: &Release) -> Holds {
    let new: Vec<_> = release.versions.iter().filter(|version| side(release, version) == Side::New).collect();
    if new.iter().any(|version| version.mix.is_none()) {
        return unknown("its pods are not read");
    }
    let mut failing = release.pods.iter().filter(|pod| new.iter().any(|version| version.uid == pod.version)).filter_map(|pod| {
        let PodState::Failing(why) = &pod.state else { return None };
        (!matches!(why, PodTrouble::NotReady(_) | PodTrouble::Unschedulable(_) | PodTrouble::Evicted(_))).then(|| brief(why))
    });
    let Some(first) = failing.next() else { return Holds::No };
    let count = i64::try_from(failing.count() + 1).unwrap_or(i64::MAX);
    Holds::Yes(Clean::from(format!("{} of the new version {}: {first}", plural(count, "pod"), if count == 1 { "fails" } else { "fail" })))
}

#[cfg(test)]
mod tests;
