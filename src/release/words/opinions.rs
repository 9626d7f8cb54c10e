//! What the controller's own checks say beside the verdict on the counts, and where the two disagree.
//! Refuses to side with either: which one is right is the person's to decide, with both in front of them.

use super::why::outcome;
use crate::objects::AnalysisPhase;
use crate::release::figures::{age, seconds};
use crate::release::{Analysis, Engine, Release, Time};
use crate::slo::verdict::{Word, overall};

/// One line for each of the controller's checks, and one where they contradict the counts.
pub(super) fn second_opinions(release: &Release, now: Time) -> Vec<String> {
    let say = |analysis| if release.engine == Engine::Flagger { of_flagger(analysis, now) } else { line(analysis) };
    let checks = release.analyses.iter().filter(|_| release.under_way).map(say);
    checks.chain(disagreement(release).map(|(long, _)| long)).collect()
}

fn line(analysis: &Analysis) -> String {
    let measured: Vec<String> = analysis
        .metrics
        .iter()
        .map(|metric| {
            let [passed, failed, undecided, errors] = metric.counts;
            let rest = [(failed, "failed"), (undecided, "undecided"), (errors, "errors")];
            let rest: String = rest.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}")).collect();
            format!("{} {passed} passed{rest}", metric.name)
        })
        .collect();
    let measured = if measured.is_empty() { String::new() } else { format!(" ({})", measured.join("; ")) };
    format!("Its controller by {}: {}{measured}", analysis.name, outcome(analysis.phase))
}

/// What Flagger has counted so far, and the last value of each metric that failed: it tells no others.
fn of_flagger(analysis: &Analysis, now: Time) -> String {
    let said = if analysis.message.is_empty() { outcome(analysis.phase).to_owned() } else { analysis.message.to_string() };
    let metrics = analysis.metrics.iter().filter_map(|metric| {
        let ago = metric.at.map(|at| format!(" {} ago", age(seconds(at, now)))).unwrap_or_default();
        let condition = if metric.condition.is_empty() { String::new() } else { format!(" ({})", metric.condition) };
        match &metric.last {
            Some(value) => Some(format!("; {} {value}{condition}{ago}", metric.name)),
            None if !metric.message.is_empty() => Some(format!("; {} {}{ago}", metric.name, metric.message)),
            None => None,
        }
    });
    format!("{}: {said}{}", analysis.name, metrics.collect::<String>())
}

/// In full and in few words, where the checks and the counts say opposite things.
pub(super) fn disagreement(release: &Release) -> Option<(String, String)> {
    let telemetry = release.telemetry.as_deref().filter(|_| release.under_way)?;
    // A suspended Flagger checks nothing: what it found before is no opinion on now.
    if release.engine == Engine::Flagger && release.paused_by_hand {
        return None;
    }
    let word = overall(&telemetry.verdicts).word;
    let find = |says: fn(&Analysis) -> bool| release.analyses.iter().find(|analysis| says(analysis));
    let (analysis, says) = match word {
        Word::Fail | Word::Suspect => (find(approves)?, ["finds nothing wrong", "find nothing wrong"]),
        Word::Pass => (find(objects)?, ["does not pass it", "do not pass it"]),
        _ => return None,
    };
    // Flagger has no runs with names of their own: its checks are many.
    let says = says[usize::from(release.engine == Engine::Flagger)];
    let name = &analysis.name;
    Some((format!("The controller disagrees: {name} {says}, the counts say {word}"), format!("{name} {says}, the counts say {word}")))
}

/// Nothing that decides has failed, and something was measured: without a measurement it has not spoken yet.
fn approves(analysis: &Analysis) -> bool {
    let clean = analysis.metrics.iter().all(|metric| metric.counts[1..].iter().all(|count| *count == 0));
    let spoken = analysis.metrics.iter().any(|metric| metric.counts[0] > 0);
    clean && spoken && matches!(analysis.phase, AnalysisPhase::Running | AnalysisPhase::Successful)
}

fn objects(analysis: &Analysis) -> bool {
    let failed = analysis.metrics.iter().any(|metric| metric.counts[1] > 0);
    failed || matches!(analysis.phase, AnalysisPhase::Failed | AnalysisPhase::Error | AnalysisPhase::Inconclusive)
}
