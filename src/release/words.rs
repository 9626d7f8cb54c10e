//! A release in sentences: why it stands where it stands on the board, the verdict of the cockpit, and what it rests on.
//! Says only what needs no statistics: failing pods, deadlines, aborts, the controllers' own analysis. What was not read is said to be unread.

use chrono::TimeDelta;

use super::{
    Alarm, AnalysisRole, Countdown, CountdownKind, Engine, Label, Phase, PodState, Release, Role, StepKind, StepState, Strategy, Time,
    Trouble, Version,
};
use crate::objects::AnalysisPhase;
use crate::text::Clean;

/// How much a release needs a person: the order of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Stands still until somebody decides.
    Waiting,
    /// Fails, was aborted, or is stuck.
    Failing,
    /// Moves.
    Progressing,
    /// Done.
    Idle,
}

/// Why a release stands where it stands on the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// How much it needs a person.
    pub rank: Rank,
    /// A sentence, as short as a column.
    pub why: String,
}

/// How the verdict is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nothing is being released, and all is well.
    Calm,
    /// On its way, nothing wrong seen.
    Moving,
    /// Somebody has to decide.
    Waiting,
    /// Something is wrong.
    Bad,
}

/// The verdict: a word, what is true, and what comes if nobody acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How it is marked.
    pub mark: Mark,
    /// One or two words.
    pub word: &'static str,
    /// First what is true with its counts, then what comes.
    pub lines: [String; 2],
}

/// Why it stands where it stands. `now` is the server's time.
pub fn attention(release: &Release, now: Time) -> Attention {
    let say = |rank, why: String| Attention { rank, why };
    if let Some(Alarm::PodsFailing { reason, .. }) = release.alarms.iter().find(|a| matches!(a, Alarm::PodsFailing { .. }))
        && release.under_way
    {
        let stuck = if release.phase == Phase::Degraded { "stuck" } else { "new pods fail" };
        // The kubelet's own word stands on the other screens: a column has no room for it.
        let plain = reason.split(" (").next().unwrap_or(reason);
        return say(Rank::Failing, format!("{stuck}: {plain}"));
    }
    match release.phase {
        Phase::Degraded => say(Rank::Failing, degraded(release)),
        Phase::Paused => paused(release, now),
        Phase::Progressing => say(Rank::Progressing, progressing(release, now)),
        Phase::Healthy => match failing_pods(release) {
            Some(reason) => say(Rank::Failing, reason),
            None => say(Rank::Idle, format!("healthy{}", release.since.map(|at| for_so_long(now - at)).unwrap_or_default())),
        },
    }
}

fn failing_pods(release: &Release) -> Option<String> {
    let failing: Vec<&Trouble> =
        release.pods.iter().filter_map(|p| if let PodState::Failing(t) = &p.state { Some(t) } else { None }).collect();
    let first = failing.first()?;
    Some(format!("{} of {} pods fail: {}", failing.len(), release.pods.len(), trouble(first)))
}

fn degraded(release: &Release) -> String {
    let message = release.message.as_ref().map(Clean::as_str).unwrap_or_default();
    if release.abort.is_some() || message.starts_with("RolloutAborted") {
        return match message.split_once("Metric \"").and_then(|(_, rest)| rest.split_once('"')) {
            Some((metric, _)) => format!("aborted: {metric} failed"),
            None if message.contains("nalysis") => "aborted by analysis".to_owned(),
            None => "aborted".to_owned(),
        };
    }
    if message.starts_with("ProgressDeadlineExceeded") {
        return "stuck: no progress before the deadline".to_owned();
    }
    match message.split_once(": ") {
        Some(("InvalidSpec", rest)) => format!("invalid spec: {rest}"),
        _ if message.is_empty() => "degraded".to_owned(),
        _ => message.to_owned(),
    }
}

fn paused(release: &Release, now: Time) -> Attention {
    // Coarse: waiting is not a countdown, and must not cost a draw a second.
    let waited = release.since.map(|at| for_so_long(now - at)).unwrap_or_default();
    if release.paused_by_hand {
        return Attention { rank: Rank::Waiting, why: format!("paused by hand{waited}") };
    }
    if let Some(countdown) = release.countdowns.iter().find(|c| matches!(c.kind, CountdownKind::Pause | CountdownKind::AutoPromotion)) {
        let what = match release.weight {
            Some(w) => format!("weight {}", w.set),
            None => "preview".to_owned(),
        };
        return Attention { rank: Rank::Progressing, why: format!("{what}, {} left", left(countdown, now)) };
    }
    let why = match release.message.as_ref().map(Clean::as_str) {
        Some("InconclusiveAnalysisRun") => format!("analysis inconclusive{waited}"),
        Some("InconclusiveExperiment") => format!("experiment inconclusive{waited}"),
        _ => format!("waits for you{waited}"),
    };
    Attention { rank: Rank::Waiting, why }
}

fn progressing(release: &Release, now: Time) -> String {
    if release.alarms.contains(&Alarm::NotObserved) {
        return "change not seen by its controller yet".to_owned();
    }
    match release.engine {
        Engine::Deployment => format!("{} of {} updated", release.replicas.updated.min(release.replicas.desired), release.replicas.desired),
        Engine::ArgoRollouts => match current_step(release) {
            Some(StepKind::SetWeight(weight)) => format!("to weight {weight}: {} of the new ready", new_ready(release)),
            Some(StepKind::Analysis(_)) => "analysis runs".to_owned(),
            Some(StepKind::Experiment(_)) => match release.countdowns.iter().find(|c| c.kind == CountdownKind::Experiment) {
                Some(countdown) => format!("experiment runs, {} left", left(countdown, now)),
                None => "experiment runs".to_owned(),
            },
            Some(StepKind::Pause(_)) => "going on".to_owned(),
            _ if release.strategy == Strategy::BlueGreen => {
                release.message.as_ref().map_or_else(|| "preview is made ready".to_owned(), |m| plain(m).to_owned())
            }
            _ => release.message.as_ref().map_or_else(|| "moving".to_owned(), |m| plain(m).to_owned()),
        },
    }
}

/// The controller's messages in plainer words where they are unclear.
fn plain(message: &str) -> &str {
    match message {
        "more replicas need to be updated" => "new pods are being started",
        "updated replicas are still becoming available" => "new pods are becoming available",
        "old replicas are pending termination" => "old pods are going",
        "active service cutover pending" => "preview is made ready",
        "waiting for analysis to complete" => "analysis after the switch runs",
        "waiting for all steps to complete" => "steps under way",
        other => other,
    }
}

fn current_step(release: &Release) -> Option<&StepKind> {
    release.steps.iter().find(|s| s.state == StepState::Current).map(|s| &s.kind)
}

fn new_version(release: &Release) -> Option<&Version> {
    release.versions.iter().find(|v| v.runs_new && v.role != Role::Experiment).or_else(|| release.versions.iter().find(|v| v.runs_new))
}

fn old_version(release: &Release) -> Option<&Version> {
    release
        .versions
        .iter()
        .find(|v| !v.runs_new && matches!(v.role, Role::Stable | Role::Active | Role::Old))
        .or_else(|| release.versions.iter().find(|v| !v.runs_new))
}

fn new_ready(release: &Release) -> String {
    new_version(release).map_or_else(|| "0".to_owned(), |v| format!("{} of {}", v.ready, v.desired))
}

/// The tag of the version being released, and of the one it replaces; the same twice when nothing is being released.
pub fn tags(release: &Release) -> (String, String) {
    let tag = |v: Option<&Version>| v.map(|v| v.images.iter().map(|i| image_tag(i)).collect::<Vec<_>>().join("+")).unwrap_or_default();
    let (old, new) = (old_version(release), new_version(release));
    match (old, new) {
        (Some(_), Some(_)) => (tag(old), tag(new)),
        (Some(_), None) => (tag(old), tag(old)),
        (None, _) => (tag(new), tag(new)),
    }
}

/// The tag of an image reference; its digest's beginning where there is none.
pub fn image_tag(image: &str) -> String {
    if let Some((_, digest)) = image.split_once('@') {
        return digest.chars().take(15).collect();
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').map_or_else(|| "latest".to_owned(), |(_, tag)| tag.to_owned())
}

/// The verdict's two lines.
pub fn verdict(release: &Release, now: Time) -> Verdict {
    let (mark, word) = match attention(release, now).rank {
        Rank::Failing => (Mark::Bad, if release.abort.is_some() { "ABORTED" } else { "FAILING" }),
        Rank::Waiting => (Mark::Waiting, if release.paused_by_hand { "HELD" } else { "WAITING" }),
        Rank::Progressing => (Mark::Moving, "MOVING"),
        Rank::Idle => (Mark::Calm, "STEADY"),
    };
    Verdict { mark, word, lines: [now_true(release, now), comes_next(release, now)] }
}

fn now_true(release: &Release, now: Time) -> String {
    let mut said = Vec::new();
    let (old, new) = tags(release);
    for alarm in &release.alarms {
        said.push(alarm_words(alarm, now));
    }
    if let Some(abort) = &release.abort {
        let cause = abort.chain.get(1).or(abort.chain.first()).map_or("no reason is given".to_owned(), |c| c.to_string());
        said.push(format!("Aborted{}: {cause}.", abort.at.map(|at| format!(" {} ago", duration(now - at))).unwrap_or_default()));
    } else if release.phase == Phase::Degraded {
        said.push(format!("{}.", sentence_case(&degraded(release))));
    }
    if let Some(run) = release.analyses.iter().find(|a| a.phase == AnalysisPhase::Running && a.metrics.iter().any(|m| m.counts[1] > 0)) {
        let failed: i64 = run.metrics.iter().map(|m| m.counts[1]).sum();
        said.push(format!("The controller's analysis has {failed} failed measurements so far."));
    }
    match &release.exposure.headline {
        Some(share) if share.label == Label::Unknown => said.push(format!("Nobody is served: {}.", share.source)),
        Some(share) if release.under_way => {
            let who = match (share.value > 0.0, share.label) {
                (false, Label::Configured) => format!("No request is sent to {new}"),
                (false, _) => format!("No ready endpoint runs {new}"),
                (true, Label::Configured) => format!("{} % of requests are sent to {new}", percent(share.value)),
                (true, _) => format!("{} % of what is ready runs {new}", percent(share.value)),
            };
            said.push(format!("{who}; {}.", ready_words(release)));
        }
        _ if release.under_way => said.push(format!("{old} to {new}: {}.", ready_words(release))),
        _ => said.push(format!("Everybody gets {old}: {} of {} pods ready.", release.replicas.ready, release.replicas.desired)),
    }
    said.join(" ")
}

fn ready_words(release: &Release) -> String {
    let part = |v: Option<&Version>, name: &str| v.map(|v| format!("{name} {} of {} ready", v.mix.map_or(v.ready, |m| m.ready), v.desired));
    let parts: Vec<String> = [part(new_version(release), "new"), part(old_version(release), "old")].into_iter().flatten().collect();
    parts.join(", ")
}

fn comes_next(release: &Release, now: Time) -> String {
    if release.phase == Phase::Healthy {
        let warm = release.countdowns.iter().find(|c| c.kind == CountdownKind::ScaleDown);
        let since = release.since.map(|at| format!("Healthy {}. ", lasting(now - at))).unwrap_or_default();
        return match warm {
            Some(countdown) => format!("{since}The old version stays warm for {} more.", left(countdown, now)),
            None => format!("{since}Nothing is being released."),
        };
    }
    if release.abort.is_some() {
        return "The spec still names the new version: retry, or any edit, sends it out again.".to_owned();
    }
    if release.paused_by_hand {
        return "Stays so until somebody resumes it; nothing moves by itself.".to_owned();
    }
    let next = release.exposure.next.map(|share| format!("{} %", percent(share)));
    let from = release.exposure.headline.as_ref().map_or_else(|| "0 %".to_owned(), |s| format!("{} %", percent(s.value)));
    if let Some(countdown) = release.countdowns.iter().find(|c| matches!(c.kind, CountdownKind::Pause | CountdownKind::AutoPromotion)) {
        let what = next.map_or_else(|| "it goes on".to_owned(), |next| format!("{from} becomes {next}"));
        return format!("Next: {what} in {}.", left(countdown, now));
    }
    if release.phase == Phase::Paused {
        let what = next.map_or_else(String::new, |next| format!(" Then {from} becomes {next}."));
        return format!("Waits until a person goes on; nothing happens by itself.{what}");
    }
    if let Some(countdown) = release.countdowns.iter().find(|c| c.kind == CountdownKind::ProgressDeadline) {
        let what = next.map_or_else(String::new, |next| format!("Next: {from} becomes {next}. "));
        return format!("{what}Without progress it is called stuck in {}.", left(countdown, now));
    }
    if release.phase == Phase::Degraded {
        return match release.engine {
            Engine::Deployment => "Nothing rolls back by itself: its pods go on failing until somebody acts.".to_owned(),
            Engine::ArgoRollouts => "It is not aborted: its pods stay until somebody acts.".to_owned(),
        };
    }
    next.map_or_else(|| "Goes on by itself.".to_owned(), |next| format!("Next: {from} becomes {next}."))
}

/// An alarm as a sentence.
pub fn alarm_words(alarm: &Alarm, now: Time) -> String {
    match alarm {
        Alarm::AbortedStillExposed { share, since } => {
            let length = since.map(|at| format!(" {} after the abort", duration(now - at))).unwrap_or_default();
            format!("Aborted, and {} % still get the new version{length}.", percent(*share))
        }
        Alarm::WeightNotKept { weight, pods } => {
            format!("The weight says {} %, the pods say {} %: too few replicas to keep it.", percent(*weight), percent(*pods))
        }
        Alarm::ExposedBesideWeight { weight, pods } => {
            format!(
                "The weight says {} %, and {} % of the endpoints run the new version: the experiment's pods are behind the Service.",
                percent(*weight),
                percent(*pods)
            )
        }
        Alarm::WeightOutOfRange(weight) => format!("The controller wrote a weight of {weight}, which no router can keep."),
        Alarm::PodsFailing { failing, of, reason } => format!("{failing} of {of} new pods fail: {reason}."),
        Alarm::NotObserved => "The last change of the spec has not been seen by its controller yet.".to_owned(),
    }
}

/// A pod's trouble in words.
pub fn trouble(trouble: &Trouble) -> String {
    match trouble {
        Trouble::CrashLoop { out_of_memory: true, .. } => "crashing: out of memory".to_owned(),
        Trouble::CrashLoop { exit_code: Some(code), .. } => format!("crashing: exit {code}"),
        Trouble::CrashLoop { exit_code: None, .. } => "crashing".to_owned(),
        Trouble::ImagePull(reason) => format!("image can't be pulled ({reason})"),
        Trouble::NotReady(reason) if reason.is_empty() => "running, not ready".to_owned(),
        Trouble::NotReady(reason) => format!("not ready: {reason}"),
        Trouble::Unschedulable(reason) => format!("no node takes it: {reason}"),
        Trouble::Evicted(reason) if reason.is_empty() => "evicted".to_owned(),
        Trouble::Evicted(reason) => format!("evicted: {reason}"),
        Trouble::Create(reason) => format!("can't be created ({reason})"),
        Trouble::Ended(code) => format!("ended: exit {code}"),
        Trouble::Other(reason) => reason.to_string(),
    }
}

/// A step in words, with `max` as what all weights add up to.
pub fn step(kind: &StepKind) -> String {
    let list = |names: &[Clean]| names.iter().map(Clean::as_str).collect::<Vec<_>>().join(", ");
    match kind {
        StepKind::SetWeight(weight) => format!("weight {weight}"),
        StepKind::Pause(Some(seconds)) => format!("pause {}", short(*seconds)),
        StepKind::Pause(None) => "pause for you".to_owned(),
        StepKind::SetCanaryScale(what) => format!("scale: {what}"),
        StepKind::Analysis(templates) => format!("analysis {}", list(templates)),
        StepKind::Experiment(arms) => format!("experiment {}", list(arms)),
        StepKind::SetHeaderRoute(headers) if headers.is_empty() => "header route off".to_owned(),
        StepKind::SetHeaderRoute(headers) => format!("header route {}", list(headers)),
        StepKind::SetMirrorRoute(percent) => format!("mirror {percent} %"),
        StepKind::Plugin(name) => format!("plugin {name}"),
        StepKind::Unknown(word) => word.to_string(),
    }
}

/// What an analysis gates, in words.
pub fn gate(role: AnalysisRole) -> &'static str {
    match role {
        AnalysisRole::Step => "step",
        AnalysisRole::Background => "background",
        AnalysisRole::PrePromotion => "before the switch",
        AnalysisRole::PostPromotion => "after the switch",
        AnalysisRole::Experiment => "experiment",
    }
}

/// An analysis phase in words.
pub fn analysis_phase(phase: AnalysisPhase) -> &'static str {
    match phase {
        AnalysisPhase::Pending => "not begun",
        AnalysisPhase::Running => "running",
        AnalysisPhase::Successful => "passed",
        AnalysisPhase::Failed => "failed",
        AnalysisPhase::Error => "could not measure",
        AnalysisPhase::Inconclusive => "inconclusive",
        AnalysisPhase::Unknown => "unknown",
    }
}

/// A version's part, in the engine's own words.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Stable => "stable",
        Role::Canary => "canary",
        Role::Active => "active",
        Role::Preview => "preview",
        Role::Experiment => "experiment",
        Role::New => "new",
        Role::Old => "old",
        Role::Other => "other",
    }
}

/// What a countdown counts to, in words.
pub fn countdown(kind: CountdownKind) -> &'static str {
    match kind {
        CountdownKind::Pause => "pause ends",
        CountdownKind::AutoPromotion => "auto switch",
        CountdownKind::ProgressDeadline => "deadline",
        CountdownKind::ScaleDown => "old one goes",
        CountdownKind::Experiment => "experiment",
    }
}

/// The command that shows the same with the engine's own tool.
pub fn kubectl(release: &Release) -> String {
    let (name, namespace) = (&release.key.name, &release.key.namespace);
    match release.engine {
        Engine::ArgoRollouts => format!("kubectl argo rollouts get rollout {name} -n {namespace}"),
        Engine::Deployment => format!("kubectl rollout status deployment/{name} -n {namespace}"),
    }
}

/// A paragraph that sums the release up, to be pasted into a ticket.
pub fn summary(release: &Release, now: Time) -> String {
    let verdict = verdict(release, now);
    let position = release.rung().map(|p| format!(", step {} of {}", p.index, p.total)).unwrap_or_default();
    format!(
        "{}/{} at {}: {}{position}. {} {}",
        release.key.namespace,
        release.key.name,
        now.format("%Y-%m-%d %H:%M:%SZ"),
        verdict.word.to_lowercase(),
        verdict.lines[0],
        verdict.lines[1]
    )
}

/// Time left to a countdown.
pub fn left(countdown: &Countdown, now: Time) -> String {
    duration(countdown.at - now)
}

fn short(seconds: i64) -> String {
    match seconds {
        s if s >= 3_600 && s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s >= 60 && s % 60 == 0 => format!("{}m", s / 60),
        s => duration(TimeDelta::try_seconds(s).unwrap_or_default()),
    }
}

/// How long, in at most two units: `48s`, `5m48s`, `2 h 10 m`, `3 d`.
pub fn duration(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How old, coarser, so that a column of ages does not tick.
fn age(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    match seconds {
        0..60 => "now".to_owned(),
        60..3_600 => format!("{} m", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How long behind a word of the board; nothing in the first minute.
fn for_so_long(length: TimeDelta) -> String {
    if length < TimeDelta::minutes(1) { String::new() } else { format!("  {}", age(length)) }
}

/// Since when, coarse, in a sentence.
fn lasting(length: TimeDelta) -> String {
    if length < TimeDelta::minutes(1) { "since just now".to_owned() } else { format!("for {}", age(length)) }
}

/// A share of 0..=1 in whole per cent, never 0 for something nor 100 for less than all.
fn percent(share: f64) -> String {
    let percent = share.clamp(0.0, 1.0) * 100.0;
    match percent {
        p if p <= 0.0 => "0".to_owned(),
        p if p < 1.0 => "<1".to_owned(),
        p if p > 99.0 && p < 100.0 => ">99".to_owned(),
        p => format!("{p:.0}"),
    }
}

fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
