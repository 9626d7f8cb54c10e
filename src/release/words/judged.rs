//! A statistical verdict in sentences: what is true with its counts, which rule that meets, and how long until more is known.
//! Refuses to say "fine" of anything but a pass, and to give a probability where evidence was weighed.

use super::clause::Clause;
use super::names::{called, version_name};
use super::opening::{aged, both_over, briefly};
use super::verdict::Mark;
use crate::release::Release;
use crate::release::figures::{burn, duration, error_ratio, rounded};
use crate::slo::Outcome;
use crate::slo::interval::Interval;
use crate::slo::verdict::{Arm, Bad, Counting, Evidence, Judgement, Overall, Rule, Trouble, Word};
use std::time::Duration;

/// What takes longer is not worth waiting for: no release is watched so long for its verdict.
const IN_SIGHT: Duration = Duration::from_secs(24 * 3600);

/// A verdict in three parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What kind of news it is.
    pub mark: Mark,
    /// What was counted: versions, counts, the time.
    pub says: Clause,
    /// The rule that gave the word.
    pub rule: Clause,
    /// What would change it, and how long until then. `None` where nothing is in sight.
    pub then: Option<Clause>,
}

impl Found {
    /// Two lines: what is true and by which rule; what comes.
    #[must_use]
    pub fn lines(&self) -> [String; 2] {
        let then = self.then.as_ref().map(|then| format!("{}.", then.long)).unwrap_or_default();
        [format!("{}. {}.", self.says.long, self.rule.long), then]
    }
}

/// The verdict on `new` beside `old`, which are names as a person knows them, e.g. tags.
#[must_use]
pub fn found(judgement: &Judgement, new: &str, old: &str) -> Found {
    let Judgement { evidence, .. } = judgement;
    let bad = evidence.bad;
    let mark = match judgement.word {
        Word::Fail => Mark::Bad,
        Word::Suspect | Word::ServiceWide => Mark::Paused,
        Word::Pass => Mark::Good,
        Word::NoData | Word::NoTraffic | Word::Warming | Word::Inconclusive => Mark::Unknown,
    };
    Found { mark, says: says(evidence, new, old, bad), rule: rule(judgement, new, old, bad), then: then(judgement, bad) }
}

/// What the judged version and the old one are called.
#[must_use]
pub fn opponents(release: &Release, judgement: &Judgement) -> [String; 2] {
    let judged = release.versions.iter().find(|version| version.hash == judgement.evidence.version);
    let new = judged.map_or_else(|| "the new version".to_owned(), |version| version_name(release, version));
    [new, called(release).old.unwrap_or_else(|| "the old one".to_owned())]
}

fn clause(long: String, short: String) -> Clause {
    Clause::from((long, short))
}

fn three(long: String, between: String, short: String) -> Clause {
    Clause { long, between: vec![between], short }
}

pub(super) fn times(evidence: f64) -> String {
    if evidence > 10_000.0 { "over 10,000:1".to_owned() } else { format!("{}:1", burn(evidence)) }
}

pub(super) fn of(seen: Outcome) -> String {
    format!("{} of {}", rounded(seen.bad), rounded(seen.total))
}

pub(super) fn whole(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

pub(super) fn span(time: Duration) -> String {
    duration(whole(time))
}

fn verb(bad: Bad) -> &'static str {
    match bad {
        Bad::Failed => "failed",
        Bad::Slow => "were too slow",
    }
}

/// `1.5.0: 3 of 200 failed; 1.4.2: 10 of 20,000, in 4m`.
fn says(evidence: &Evidence, new: &str, old: &str, bad: Bad) -> Clause {
    let Evidence { compared, window, missed, .. } = evidence;
    if evidence.new.total <= 0.0 {
        return clause(format!("No request of {new} was counted"), format!("{new}: no request counted"));
    }
    let time = if window.is_zero() { String::new() } else { format!(" in {}{}", span(*window), aged(evidence)) };
    // Between two bounds of the histogram nobody can tell: only those over the upper one are counted.
    let least = if evidence.counting == Counting::AtLeast { "at least " } else { "" };
    let which = if evidence.is_apart { format!(" ({})", evidence.indicator) } else { String::new() };
    let own = format!("{new}: {least}{} {}{which}", of(evidence.new), verb(bad));
    let beside = match evidence.control() {
        Some(before) if evidence.before == Some(before) && compared.before > 0.0 => {
            let why = compared.why.map(|why| format!(", for {why}")).unwrap_or_default();
            format!("; {old} before the release: {}{why}", of(before))
        }
        Some(control) => format!("; {old}: {}", of(control)),
        None => "; nothing to compare it with".to_owned(),
    };
    let holes = if missed.is_zero() { String::new() } else { format!(", {} of it not seen", duration(whole(*missed))) };
    clause(format!("{own}{time}{beside}{holes}"), own)
}

fn rule(judgement: &Judgement, new: &str, old: &str, bad: Bad) -> Clause {
    let limits = judgement.evidence.limits;
    let (evidence, short) = (times(judgement.worse()), briefly(judgement.worse()));
    let page = burn(limits.page_burn());
    let range = judgement.own().map(|own| burns(&own, limits.budget)).unwrap_or_default();
    match judgement.rule {
        Rule::Trouble(trouble) => {
            let what = match trouble {
                Trouble::CrashLoop => "its pods crash again and again",
                Trouble::Deadline => "it was not ready by its deadline",
                Trouble::Aborted => "its controller aborted it",
                Trouble::Page => "a page fires on the service since it came",
            };
            clause(format!("It fails without statistics: {what}"), format!("Fails: {what}"))
        }
        Rule::NotRead(arm, why) => {
            let who = if arm == Arm::New { new } else { old };
            clause(format!("No verdict without data on {who}: {why}"), format!("No data on {who}: {why}"))
        }
        Rule::NoRequests => clause(format!("No verdict without traffic: {new} gets no requests"), "It gets no requests".to_owned()),
        Rule::Quiet(quiet) => {
            let time = duration(whole(quiet));
            clause(format!("No verdict of now: {new} has had no request for {time}"), format!("No request for {time}"))
        }
        Rule::Worse => Clause::of(vec![
            format!("Evidence {evidence} that it is worse (20:1 fails), and it burns {range} by itself"),
            format!("Evidence {evidence} that it is worse (20:1 fails)"),
            format!("Evidence {evidence} (20:1 fails)"),
            format!("{short} worse"),
        ]),
        Rule::TurnedWorse(_) | Rule::LeaningLately(_) => lately(judgement, bad),
        Rule::OverObjective => clause(
            format!("With nothing to compare, its own {} speaks for a burn of {page}x: {range}", ratio(judgement)),
            format!("burns {range}"),
        ),
        Rule::BothOver => both_over(judgement, new, old),
        Rule::OneBurst => clause(
            format!("Evidence {evidence} that it is worse, all from one minute and one pod: one caller could do that"),
            format!("{short}, all in one minute"),
        ),
        Rule::WorseWithinBudget => clause(
            format!("Evidence {evidence} that it is worse, but its own burn may still be within the objective ({range})"),
            format!("{short}, maybe in budget"),
        ),
        Rule::Leaning => three(
            format!("Evidence {evidence} that it is worse: 5:1 holds, 20:1 fails"),
            format!("Evidence {evidence} (20:1 fails)"),
            format!("{short} worse"),
        ),
        Rule::Likely => clause(
            format!("By the counts of now it is likely worse; the evidence, {evidence}, is not enough to fail it"),
            format!("likely worse, {short}"),
        ),
        Rule::FewRequests => warming(judgement, bad),
        Rule::NotMuchWorse => three(
            format!("Evidence {} that it is not twice as bad, and a burn of {page}x is ruled out", times(judgement.not_much_worse())),
            format!("Evidence {} that it is not twice as bad", times(judgement.not_much_worse())),
            format!("not twice as bad, {}", briefly(judgement.not_much_worse())),
        ),
        Rule::WithinBudget => {
            clause(format!("Its own burn is within the objective ({range}), counted on every request"), "within the objective".to_owned())
        }
        Rule::Undecided => three(
            format!(
                "Neither worse ({evidence} of 20:1) nor shown to be fine ({} of 20:1); it burns {range}",
                times(judgement.not_much_worse())
            ),
            format!("Neither worse ({evidence} of 20:1) nor fine ({} of 20:1)", times(judgement.not_much_worse())),
            "not enough to tell".to_owned(),
        ),
    }
}

/// `It has turned worse in the last 6m: 31 of 1,200 failed against 4 of 10,800, evidence 210:1 (100:1 fails)`.
fn lately(judgement: &Judgement, bad: Bad) -> Clause {
    let all = &judgement.evidence;
    let Some(lately) = all.lately else { return clause(String::new(), String::new()) };
    let (evidence, time) = (times(lately.worse), duration(whole(lately.window)));
    let between = format!("Evidence {evidence} that it has turned worse (100:1 fails)");
    let short = format!("{} turned worse", briefly(lately.worse));
    let beside = match all.beside(&lately) {
        Some(control) if lately.compared.before > 0.0 && all.before == Some(control) => {
            format!(" against {} before the release", of(control))
        }
        Some(control) => format!(" against {}", of(control)),
        None => String::new(),
    };
    let counts = format!("{} {}{beside}", of(lately.new), verb(bad));
    let (begin, needs) = if judgement.word == Word::Fail {
        ("It has turned worse", "100:1 fails")
    } else {
        ("It may have turned worse", "5:1 holds, 100:1 fails")
    };
    three(format!("{begin} in the last {time}: {counts}, evidence {evidence} ({needs})"), between, short)
}

fn ratio(judgement: &Judgement) -> String {
    judgement.own().map(|own| error_ratio(own.observed)).unwrap_or_default()
}

/// `between 2.1x and 30x`.
fn burns(own: &Interval, budget: f64) -> String {
    format!("between {}x and {}x", burn(own.lower / budget), burn(own.upper / budget))
}

fn warming(judgement: &Judgement, bad: Bad) -> Clause {
    let Judgement { evidence, outlook, .. } = judgement;
    let needed = rounded(evidence.limits.fewest());
    let so_far = rounded(evidence.new.total);
    let aged = aged(evidence);
    let about = outlook.takes.map(|takes| format!(", {}", soon(takes))).unwrap_or_default();
    let kind = match bad {
        Bad::Failed => "clean",
        Bad::Slow => "quick",
    };
    let long = if evidence.new.bad > 0.0 {
        format!(
            "It takes {needed} requests to tell page-level burn; {so_far} so far, {} {}{aged}{about}",
            rounded(evidence.new.bad),
            verb(bad)
        )
    } else {
        format!("{needed} {kind} requests rule out page-level burn; {so_far} so far{aged}{about}")
    };
    let failed = if evidence.new.bad > 0.0 { format!(", {} {}", rounded(evidence.new.bad), verb(bad)) } else { String::new() };
    Clause::of(vec![
        long,
        format!("{so_far} of {needed} requests to judge by{failed}{aged}{about}"),
        format!("{so_far} of {needed} requests{failed}{aged}{about}"),
        format!("{so_far} of {needed} requests{failed}{aged}"),
    ])
}

/// `about 4 min`, never sooner than what it says.
fn soon(time: Duration) -> String {
    match time.as_secs() {
        0..60 => "less than a minute".to_owned(),
        seconds @ 60..7200 => format!("about {} min", seconds.div_ceil(60)),
        seconds => format!("about {} h", seconds.div_ceil(3600)),
    }
}

fn then(judgement: &Judgement, bad: Bad) -> Option<Clause> {
    let outlook = &judgement.outlook;
    let mut parts = Vec::new();
    // Warming has said when it is over.
    let in_sight = judgement.word != Word::Warming && outlook.takes.is_none_or(|takes| takes <= IN_SIGHT);
    let mut short = None;
    if let (Some(next), Some(requests)) = (outlook.next, outlook.requests.filter(|_| in_sight)) {
        let about = outlook.takes.map(|takes| format!(" ({})", soon(takes))).unwrap_or_default();
        let more = if requests.round() == 1.0 { "1 more request".to_owned() } else { format!("{} more requests", rounded(requests)) };
        parts.push(format!("about {more}{about} until {next} if both go on like this"));
        short = Some(outlook.takes.map_or_else(|| format!("{next} after about {more}"), |takes| format!("{next} in {}", soon(takes))));
    }
    if let Some(errors) = outlook.errors.filter(|errors| *errors <= 20 && judgement.word != Word::ServiceWide) {
        let (noun, verb) = if errors == 1 { ("one", "fails") } else { ("ones", "fail") };
        let kind = if bad == Bad::Failed { "failed" } else { "slow" };
        parts.push(format!("{errors} more {kind} {noun} now {verb} it"));
    }
    let first = parts.first()?.clone();
    let mut forms = vec![parts.join("; "), first];
    forms.extend(short);
    Some(Clause::of(forms.iter().map(|text| super::names::capital(text)).collect()))
}

/// One sentence over several indicators: the word, where it comes from, and what is not known yet:
/// `FAIL by availability; not known yet: latency (WARMING)`.
#[must_use]
pub fn overall_found(overall: &Overall<'_>) -> String {
    let Some(decides) = overall.decides else { return "NO DATA: nothing is measured that could be judged".to_owned() };
    let missing: Vec<String> = overall
        .missing
        .iter()
        .filter(|judgement| !std::ptr::eq(**judgement, decides))
        .map(|judgement| format!("{} ({})", judgement.evidence.indicator.as_str(), judgement.word))
        .collect();
    let rest = if missing.is_empty() { String::new() } else { format!("; not known yet: {}", missing.join(", ")) };
    format!("{} by {}{rest}", overall.word, decides.evidence.indicator.as_str())
}

#[cfg(test)]
mod tests;
