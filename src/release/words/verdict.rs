//! The two lines a cockpit opens with: what is true with its counts, then what comes if nobody acts.
//! Refuses to be green on anything that was not read.

use super::alerts::pages;
use super::clause::{Clause, line, line_of_two};
use super::judged::{found, opponents};
use super::measured::{burns, compared, promoted, worst};
use super::names::{called, capital, exposed, new_version, old_version};
use super::next::{next, rung, since};
use super::opening::{Judged, opening};
use super::opinions::disagreement;
use super::standing::{Failures, Preview, Standing, preview, standing, switches};
use super::trouble::EVICTED;
use crate::release::figures::{age, plural, seconds, told};
use crate::release::telemetry::{Alert, Metering};
use crate::release::{Engine, Label, Release, Role, StepKind, StepState, Time, Version};
use crate::slo::tier::Severity;
use crate::slo::verdict::{Judgement, Rule, Word, overall};

/// What kind of news it is: a shape and a colour beside the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Well, as far as was read.
    Good,
    /// Wrong.
    Bad,
    /// Stands still.
    Paused,
    /// On its way.
    Moving,
    /// Not to be told.
    Unknown,
}

/// What a person should know first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What kind of news.
    pub mark: Mark,
    /// The news in one word, in capitals, at most eight columns.
    pub word: &'static str,
    /// What is true, the most important first.
    pub says: Vec<Clause>,
    /// What comes if nobody acts, the most important first.
    pub then: Vec<Clause>,
}

impl Verdict {
    /// Both lines in full.
    #[must_use]
    pub fn lines(&self) -> [String; 2] {
        self.fit(usize::MAX, usize::MAX)
    }

    /// Both lines in so many letters each: what fits is said as fully as it can be, the first sentence of what is true and the first two
    /// of what comes before all others. What still does not fit is for the caller to wrap or to clip.
    #[must_use]
    pub fn fit(&self, first: usize, second: usize) -> [String; 2] {
        let then = line_of_two(&self.then, second);
        // What comes and when holds without what it would change.
        let bare = then.split_once(": ").filter(|_| then.chars().count() > second).map(|(bare, _)| format!("{bare}."));
        [line(&self.says, first), bare.unwrap_or(then)]
    }
}

/// What a person should know first.
#[must_use]
pub fn sentence(release: &Release, now: Time) -> Verdict {
    let at = standing(release);
    let plain = headline(release, &at);
    let (mark, word) = judged_headline(release, plain, now);
    let says = says(release, &at, now);
    let mut then = next(release, &at, now);
    then.splice(0..0, burns(release, now));
    then.extend(promoted(release, now).filter(|_| release.under_way));
    let judged = decisive(release, now);
    let counted = match &judged {
        Some(judged) => Some(opening(judged, word)),
        None => compared(release, now).map(Clause::from).or_else(|| unmeasured(release)),
    };
    let mut says: Vec<Clause> = says.into_iter().map(Clause::from).collect();
    if let Some(counted) = counted {
        // What pods and controllers do comes first where it is wrong, or where there is nothing to count; else what the requests tell does.
        let asked = release.telemetry.as_ref().is_some_and(|telemetry| telemetry.comparison.is_some());
        let gets_none = judged.as_ref().is_some_and(|judged| judged.judgement.rule == Rule::NoRequests && !judged.is_meant);
        let warns = |judged: &Judged<'_>| matches!(judged.judgement.word, Word::Fail | Word::Suspect | Word::ServiceWide);
        let is_news = !release.under_way && judged.as_ref().is_some_and(warns);
        let later = plain.0 == Mark::Bad || !(asked || is_news) || gets_none;
        says.insert(usize::from(later).min(says.len()), counted);
    }
    says.extend(disagreement(release).map(Clause::from));
    says.extend(pages(release, now).map(Clause::from));
    let mut then: Vec<Clause> = then.into_iter().map(Clause::from).collect();
    then.extend(judged.and_then(|judged| judged.found.then));
    Verdict { mark, word, says, then }
}

/// The judgement that decides, in sentences, unless another sentence says it all.
fn decisive(release: &Release, now: Time) -> Option<Judged<'_>> {
    let judgement = overall(told_of(release, now)).decides?;
    let silent = match judgement.rule {
        // What is out and not counted any more is no news.
        Rule::NotRead(..) | Rule::NoRequests | Rule::Quiet(_) | Rule::FewRequests if !release.under_way => true,
        // Where nothing counts it, what keeps it from being counted says more.
        Rule::NotRead(..) => judgement.evidence.new.total <= 0.0 && unmeasured(release).is_some(),
        Rule::Trouble(_) => true,
        _ => false,
    };
    let [new, old] = opponents(release, judgement);
    // Once it is out, it is the only one with a name.
    let old = if old == new { "the old one".to_owned() } else { old };
    let is_meant = release.exposure.configured.as_ref().is_some_and(|share| share.value > 0.0);
    (!silent).then(|| Judged { found: found(judgement, &new, &old), judgement, new, old, is_meant })
}

/// So long after a release is out, what was judged of it is news.
const JUST_OUT: i64 = 3600;

/// The judgements that tell of now: of what is being released, and for a while of what was.
fn told_of(release: &Release, now: Time) -> &[Judgement] {
    let Some(telemetry) = release.telemetry.as_deref() else { return &[] };
    let is_just_out = || release.since.is_some_and(|at| seconds(at, now) <= JUST_OUT) && standing(release) == Standing::Steady;
    match release.under_way {
        true => &telemetry.verdicts,
        false if is_just_out() => &telemetry.released,
        false => &[],
    }
}

/// What keeps a release from being measured, in a word and why. `None` where it is measured, or nobody asked for it.
fn unmeasured(release: &Release) -> Option<Clause> {
    let telemetry = release.telemetry.as_deref().filter(|_| release.under_way)?;
    let (long, short) = match &telemetry.metering {
        Metering::NoMetrics(_) => ("no metric counts its requests".to_owned(), "nothing counts its requests"),
        Metering::Unfound(_) => ("no Prometheus was found".to_owned(), "no Prometheus found"),
        Metering::Failing { word, .. } => (format!("Prometheus {word}"), "Prometheus does not answer"),
        Metering::Live(_) | Metering::Waiting(_) | Metering::Unnamed => return None,
    };
    Some(Clause::from((long, short.to_owned())).after("NO DATA"))
}

/// The evidence comes before what the controller is doing, and after what is plainly wrong.
fn judged_headline(release: &Release, told: (Mark, &'static str), now: Time) -> (Mark, &'static str) {
    let of_now = if told.0 == Mark::Bad { &[] } else { told_of(release, now) };
    match overall(of_now).decides.map(|judgement| judgement.word) {
        Some(Word::Fail) => (Mark::Bad, "FAIL"),
        Some(Word::Suspect) => (Mark::Paused, "SUSPECT"),
        Some(Word::ServiceWide) => (Mark::Paused, "SERVICE"),
        _ if told.0 == Mark::Good => paged(release).unwrap_or(told),
        _ => told,
    }
}

/// What wakes somebody is not well, whatever stands still.
fn paged(release: &Release) -> Option<(Mark, &'static str)> {
    let telemetry = release.telemetry.as_deref()?;
    if worst(&telemetry.budgets).is_some_and(|one| one.fires == Some(Severity::Page)) {
        return Some((Mark::Bad, "BURNING"));
    }
    telemetry.alerts.iter().any(Alert::pages).then_some((Mark::Bad, "PAGES"))
}

fn headline(release: &Release, at: &Standing) -> (Mark, &'static str) {
    match at {
        Standing::AbortedStillExposed(_) | Standing::Aborted => (Mark::Bad, "ABORTED"),
        Standing::Invalid => (Mark::Bad, "INVALID"),
        Standing::TimedOut(_) => (Mark::Bad, "STUCK"),
        Standing::Failing(_) => (Mark::Bad, "FAIL"),
        Standing::Degraded => (Mark::Bad, "DEGRADED"),
        Standing::NotObserved => (Mark::Unknown, "UNSEEN"),
        Standing::Inconclusive => (Mark::Paused, "UNDECIDED"),
        Standing::WaitsForPerson => (Mark::Paused, "WAITS"),
        Standing::Held | Standing::TimedPause(_) => (Mark::Paused, "PAUSED"),
        Standing::TimedSwitch(_) | Standing::Analysing | Standing::Experimenting | Standing::Moving => (Mark::Moving, "MOVING"),
        Standing::Steady if release.replicas.ready < release.replicas.desired => (Mark::Unknown, "UNREADY"),
        Standing::Steady => (Mark::Good, "STEADY"),
    }
}

fn says(release: &Release, at: &Standing, now: Time) -> Vec<(String, String)> {
    let names = called(release);
    let new = names.new.clone().unwrap_or_else(|| "the new version".to_owned());
    let position = rung(release).map(|(n, of)| format!("step {n} of {of}"));
    let ago =
        release.abort.as_ref().and_then(|a| a.at).or(release.since).map(|at| format!(" {} ago", age(seconds(at, now)))).unwrap_or_default();
    let for_how_long = since(release, now);
    let mut said: Vec<(String, String)> = Vec::new();
    let mut say = |long: String, short: String| said.push((long, short));
    match at {
        Standing::AbortedStillExposed(share) => {
            say(
                format!("Aborted{ago}, yet {new} still gets {}", release.exposure.headline.as_ref().map_or_else(|| told(*share), exposed)),
                format!("Aborted, yet {new} still gets {}", told(*share)),
            );
            cause(release, &mut say);
        }
        Standing::Aborted => {
            say(format!("{new} was aborted{ago}"), format!("{new} aborted{ago}"));
            cause(release, &mut say);
            if let Some(share) = &release.exposure.headline {
                say(format!("It gets {}", exposed(share)), format!("It gets {}", told(share.value)));
            }
        }
        Standing::Invalid => {
            let why = release.message.as_deref().unwrap_or("no reason given");
            say(format!("The controller can't carry out the spec: {}", after_colon(why)), "The spec is not valid".to_owned());
        }
        Standing::NotObserved => {
            say("The controller has not reacted to the last change of the spec".to_owned(), "The last change is not seen yet".to_owned());
        }
        Standing::TimedOut(failures) => {
            let why = failures.as_ref().map_or_else(|| readiness(release), fails);
            say(format!("No progress within the deadline: {why}"), capital(&why));
            gets(release, &new, &mut say);
        }
        Standing::Failing(failures) => {
            say(capital(&fails(failures)), capital(&fails_shortly(failures)));
            gets(release, &new, &mut say);
            if let Some(position) = position {
                say(capital(&position), capital(&position));
            }
        }
        Standing::Inconclusive | Standing::WaitsForPerson | Standing::Held => {
            let (what, brief) = match at {
                Standing::Inconclusive => ("The analysis could not decide; waits for a person", "Undecided, waits"),
                Standing::Held => ("Paused by hand", "Paused by hand"),
                _ => ("Waits for a person", "Waits for a person"),
            };
            let since = if for_how_long.is_empty() { String::new() } else { format!(" for {for_how_long}") };
            let place = position.map_or_else(String::new, |p| format!(", {p}"));
            say(format!("{what}{since}{place}"), format!("{brief}{since}"));
            gets(release, &new, &mut say);
            say(capital(&readiness(release)), capital(&readiness(release)));
        }
        Standing::TimedPause(_) => {
            let place = position.map_or_else(String::new, |p| format!(" at {p}"));
            say(format!("Pauses{place}"), format!("Pauses{place}"));
            gets(release, &new, &mut say);
            say(capital(&readiness(release)), capital(&readiness(release)));
        }
        Standing::TimedSwitch(_) | Standing::Analysing | Standing::Experimenting | Standing::Moving => {
            say(moving(release, at), moving_short(release, at, &new));
            gets(release, &new, &mut say);
            if let Some(position) = position {
                say(capital(&position), capital(&position));
            }
        }
        Standing::Degraded => {
            let why = release.message.as_deref().unwrap_or("the controller gives no reason");
            say(format!("Degraded: {why}"), "Degraded".to_owned());
        }
        Standing::Steady => {
            let old = names.old.or(names.new).unwrap_or_else(|| "The only version".to_owned());
            let r = release.replicas;
            if r.desired == 0 {
                say(format!("{old} is scaled to no pods at all"), format!("{old}: no pods wanted"));
            } else {
                let alone = if for_how_long.is_empty() { "alone".to_owned() } else { format!("alone for {for_how_long}") };
                say(
                    format!("{old} runs {alone}: {} of {} ready", r.ready, plural(r.desired, "pod")),
                    format!("{old}: {} of {} ready", r.ready, plural(r.desired, "pod")),
                );
            }
        }
    }
    if release.versions.iter().any(|v| v.current > 0) && release.versions.iter().all(|v| v.mix.is_none()) {
        said.push(("Counted by the controller; its pods are not read".to_owned(), "Pods not read".to_owned()));
    }
    said
}

fn gets(release: &Release, new: &str, say: &mut impl FnMut(String, String)) {
    match &release.exposure.headline {
        Some(share) if share.label == Label::Unknown => {
            say(format!("What {new} gets is not known: {}", share.source), "Its share is not known".to_owned());
        }
        Some(share) => say(format!("{} gets {}", start(new), exposed(share)), format!("It gets {}", told(share.value))),
        None if release.under_way => say(format!("What {new} gets is not known"), "Its share is not known".to_owned()),
        None => {}
    }
}

fn fails(failures: &Failures) -> String {
    let Failures { failing, of, reason, others, new } = failures;
    let reason = match others {
        0 => reason.clone(),
        1 => format!("{reason} and another reason"),
        n => format!("{reason} and {n} other reasons"),
    };
    let pods = if *new {
        if *of == 1 { "new pod" } else { "new pods" }
    } else if *of == 1 {
        "pod"
    } else {
        "pods"
    };
    if reason == EVICTED {
        // What an eviction left behind may have been replaced: no more is known than that it was evicted.
        let were = if *failing == 1 { "was" } else { "were" };
        return if failing == of && *of == 1 {
            format!("the only {pods} was evicted")
        } else {
            format!("{failing} of {of} {pods} {were} evicted")
        };
    }
    let verb = if *failing == 1 { "fails" } else { "fail" };
    if failing == of && *of == 1 {
        format!("the only {pods} fails, {reason}")
    } else {
        format!("{failing} of {of} {pods} {verb}, {reason}")
    }
}

/// As [`fails`], with the number of reasons where there are several.
fn fails_shortly(failures: &Failures) -> String {
    match failures.others {
        0 => fails(failures),
        n => fails(&Failures { reason: format!("for {} reasons", n + 1), others: 0, ..failures.clone() }),
    }
}

/// `2 of 2 new pods ready`, by the pods where they were read, else by the ReplicaSet.
fn readiness(release: &Release) -> String {
    let ready = |v: &Version| (v.mix.map_or(v.ready, |m| m.ready), v.desired.max(v.current));
    match new_version(release).or_else(|| old_version(release)).map(ready) {
        Some((_, 0)) => "no new pods yet".to_owned(),
        Some((ready, of)) => format!("{ready} of {of} new {} ready", if of == 1 { "pod" } else { "pods" }),
        None => "no pods are known".to_owned(),
    }
}

fn moving(release: &Release, at: &Standing) -> String {
    let names = called(release);
    let (old, new) = (names.old.unwrap_or_else(|| "the old version".to_owned()), names.new.unwrap_or_else(|| "the new version".to_owned()));
    let r = release.replicas;
    let of = release.versions.iter().find(|version| release.engine == Engine::Flagger && version.role == Role::New);
    if of.is_some() || release.steps.iter().any(|step| step.state == StepState::Current && step.kind == StepKind::Promote) {
        let pods =
            of.map_or_else(String::new, |v| format!(": {} of {} ready", v.mix.map_or(v.ready, |m| m.ready), plural(v.desired, "pod")));
        return format!("The primary takes {new} over from {old}{pods}");
    }
    // Before the first release, and while it is deleted, there is no new version.
    if let Some(message) = release.message.as_deref().filter(|_| release.engine == Engine::Flagger && !release.under_way) {
        return capital(message.trim_end_matches('.'));
    }
    match at {
        Standing::TimedSwitch(_) => format!("{} stands ready behind the preview, {}", start(&new), readiness(release)),
        Standing::Analysing => format!("An analysis decides about {new}, {}", readiness(release)),
        Standing::Experimenting => format!("An experiment tries {new}"),
        _ if switches(release) => match preview(release) {
            Preview::Starts => format!("{new} starts beside {old}, {}", readiness(release)),
            Preview::Ready => format!("{new} stands ready beside {old}, {}", readiness(release)),
            Preview::Switches => format!("{} is being switched to now, {}", start(&new), readiness(release)),
        },
        _ if release.weight.is_some() && !release.steps.is_empty() => {
            format!("{new} is brought to weight {}, {}", release.weight.map_or(0, |w| w.set), readiness(release))
        }
        _ if r.updated < r.desired => {
            format!("{new} replaces {old}: {} of {} updated, {} available", r.updated, plural(r.desired, "pod"), r.available)
        }
        _ if r.current > r.updated => format!("{new} is on all {}; {} old to go", plural(r.desired, "pod"), r.current - r.updated),
        _ => format!("{new} is on all {}: {} available", plural(r.desired, "pod"), r.available),
    }
}

fn moving_short(release: &Release, at: &Standing, new: &str) -> String {
    match at {
        Standing::TimedSwitch(_) => format!("{new} stands ready"),
        Standing::Analysing => format!("An analysis decides about {new}"),
        Standing::Experimenting => format!("An experiment tries {new}"),
        _ if release.weight.is_some() && !release.steps.is_empty() => {
            format!("{new} goes to weight {}", release.weight.map_or(0, |w| w.set))
        }
        _ => format!("{new}: {} of {} updated", release.replicas.updated, release.replicas.desired),
    }
}

fn cause(release: &Release, say: &mut impl FnMut(String, String)) {
    if let Some(cause) = first_cause(release) {
        say(format!("Cause: {cause}"), format!("Cause: {cause}"));
    }
}

/// A name as the first word of a sentence: a version's own name keeps its letters.
fn start(name: &str) -> String {
    if name.starts_with("the ") { capital(name) } else { name.to_owned() }
}

/// The first cause of an abort: the last link of the chain, without the words in which the controller only repeats that it aborted,
/// and without the name of the run, which nobody chose.
fn first_cause(release: &Release) -> Option<String> {
    let cause = release.abort.as_ref()?.chain.last()?.as_str();
    // argo-rollouts writes "RolloutAborted: Rollout aborted update to revision N", then ": " and a reason where it has one.
    let cause = cause.strip_prefix("RolloutAborted: ").unwrap_or(cause);
    let cause = match cause.strip_prefix("Rollout aborted update to revision ") {
        Some(rest) => rest.split_once(": ")?.1,
        None => cause,
    };
    let run = release.analyses.iter().find_map(|a| cause.strip_prefix(a.name.as_str())?.strip_prefix(": "));
    Some(run.unwrap_or(cause).trim_end_matches('.').to_owned())
}

fn after_colon(message: &str) -> &str {
    message.split_once(": ").map_or(message, |(_, rest)| rest)
}
