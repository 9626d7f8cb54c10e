//! What is judged, in the sentence a cockpit opens with: who does how much worse, by which counts, over which time and by which rule.
//! Refuses to leave out the counts, the time or the rule where there is little room: other words go first.

use super::clause::Clause;
use super::judged::{Found, of, span, times, whole};
use crate::release::figures::{self, age, error_ratio};
use crate::slo::Outcome;
use crate::slo::interval::newcombe;
use crate::slo::verdict::{Arm, Bad, Counting, Evidence, Judgement, Rule, Word};

/// How a sentence about both versions begins: what they did is counted behind it.
const BOTH: [&str; 3] = ["Both fail", "Both are too slow", "Both are over the objective"];

/// A judgement with what it is called in words.
pub(super) struct Judged<'a> {
    /// In sentences.
    pub found: Found,
    /// The judgement.
    pub judgement: &'a Judgement,
    /// What the judged version is called.
    pub new: String,
    /// What the old one is called.
    pub old: String,
    /// Whether a router was told to give the judged version requests.
    pub is_meant: bool,
}

/// The sentence; `headline` is the word that stands before it. A verdict that is not that word is named in the sentence.
pub(super) fn opening(judged: &Judged<'_>, headline: &str) -> Clause {
    let Judged { found, judgement, .. } = judged;
    let word = judgement.word.to_string();
    match (judgement.word, judgement.rule) {
        (Word::Fail | Word::Suspect, rule) => {
            let repeats = matches!(rule, Rule::TurnedWorse(_) | Rule::LeaningLately(_));
            let said = harm(judged).followed_by(&if repeats { brief(&found.rule) } else { found.rule.clone() });
            if headline == word { said } else { said.after(&word) }
        }
        (Word::ServiceWide, _) => both(judged),
        (Word::Pass | Word::Inconclusive, _) => plain(judged).followed_by(&found.rule).after(&word),
        (Word::Warming, _) => Clause::of(found.rule.forms().map(|form| form.replacen("It takes", "it takes", 1)).collect()).after(&word),
        (Word::NoTraffic, _) => unasked(judged).after(&word),
        (Word::NoData, _) => unread(judged),
    }
}

/// `Both fail, 58 of 3,630 and 201 of 30,639 in 4m45s: 3.1.4 did not before, so it may harm both`.
fn both(judged: &Judged<'_>) -> Clause {
    let Counts { new, old, long, .. } = counts(judged.judgement);
    let beside = old.map_or_else(String::new, |old| format!(" and {}", of(old)));
    let with = |words: &str| {
        let counted = |form: &String| {
            let begins = BOTH.iter().find(|begins| form.starts_with(**begins))?;
            Some(format!("{begins}{words}{}", &form[begins.len()..]))
        };
        judged.found.rule.forms().filter_map(counted).collect::<Vec<_>>()
    };
    let mut forms = with(&format!(", {}{beside}{long}", of(new)));
    forms.extend(with(&aged(&judged.judgement.evidence)));
    Clause::of(forms)
}

/// `Both fail: 3.1.4 did not before this release, so it may harm both`.
pub(super) fn both_over(judgement: &Judgement, new: &str, old: &str) -> Clause {
    let evidence = &judgement.evidence;
    let (both, did) = match evidence.bad {
        Bad::Failed => (BOTH[0], "did"),
        Bad::Slow => (BOTH[1], "was"),
    };
    Clause::of(match evidence.was_well() {
        Some(before) => vec![
            format!("{both}: {old} {did} not before this release ({}), so it may harm both", error_ratio(before)),
            format!("{both}: {old} {did} not before this release, so it may harm both"),
            format!("{both}: {old} {did} not before; it may harm both"),
        ],
        None => {
            let worse = times(judgement.worse());
            vec![
                format!("{} and {new} is not shown to be worse ({worse}): look beyond this release", BOTH[2]),
                format!("{both}, {new} no worse ({worse}): look beyond this release"),
                format!("{both}: look beyond this release"),
            ]
        }
    })
}

/// `1.5.0 gets no requests, whatever the router was told`.
fn unasked(judged: &Judged<'_>) -> Clause {
    let Judged { judgement, new, is_meant, .. } = judged;
    let none = format!("{new} gets no requests");
    Clause::of(match judgement.rule {
        Rule::Quiet(quiet) => {
            let time = span(quiet);
            vec![format!("{new} has had no request for {time}"), format!("no request for {time}")]
        }
        _ if *is_meant => vec![format!("{none}, whatever the router was told"), none],
        _ => vec![none],
    })
}

/// `NO DATA on 1.5.0: the answer was partial. 1.5.0 fails 2 of 653 in 1m30s, 5 m ago`.
fn unread(judged: &Judged<'_>) -> Clause {
    let Judged { judgement, new, old, .. } = judged;
    let (who, why) = match judgement.evidence.gap {
        Some((Arm::Stable, why)) => (old, why.to_string()),
        Some((Arm::New, why)) => (new, why.to_string()),
        None => (new, "nothing was counted".to_owned()),
    };
    let said = Clause::of(vec![format!("NO DATA on {who}: {why}"), format!("NO DATA: {why}")]);
    if judgement.evidence.new.total <= 0.0 {
        return said;
    }
    let mut forms: Vec<String> = said.followed_by(&plain(judged)).forms().cloned().collect();
    forms.push(said.short);
    Clause::of(forms)
}

/// Without its fullest form, which counts again.
fn brief(rule: &Clause) -> Clause {
    Clause::of(rule.forms().skip(1).cloned().collect())
}

/// What the word rests on: both counts and how long they took.
struct Counts {
    new: Outcome,
    old: Option<Outcome>,
    /// `in 4m`, `in the last 4m`, with their age.
    long: String,
    /// `4m`.
    short: String,
    /// `at least `, where the counts are a lower bound.
    least: &'static str,
    /// ` before the release`, where the old version's are from then.
    when: &'static str,
}

fn counts(judgement: &Judgement) -> Counts {
    let evidence = &judgement.evidence;
    let Evidence { compared, counting, .. } = evidence;
    let lately = evidence.lately.filter(|_| matches!(judgement.rule, Rule::TurnedWorse(_) | Rule::LeaningLately(_)));
    let old = aged(evidence);
    let (new, control, time, last) = match lately {
        Some(lately) => (lately.new, evidence.beside(&lately), lately.window, "the last "),
        None => (evidence.new, evidence.control(), evidence.window, ""),
    };
    let compared = lately.map_or(*compared, |lately| lately.compared);
    let frozen = control.is_some() && control == evidence.before && compared.before > 0.0;
    Counts {
        new,
        old: control,
        long: format!(" in {last}{}{old}", span(time)),
        short: format!(", {}{old}", shortly(whole(time))),
        least: if *counting == Counting::AtLeast { "at least " } else { "" },
        when: if frozen { " before the release" } else { "" },
    }
}

/// `, 6 m ago` where the counts are no longer fresh.
pub(super) fn aged(evidence: &Evidence) -> String {
    let old = evidence.age.map(whole).filter(|old| *old >= 60);
    old.map_or_else(String::new, |old| format!(", {} ago", age(old)))
}

/// A time over which something was counted: from ten minutes on its seconds tell nothing.
fn shortly(seconds: i64) -> String {
    figures::duration(if seconds >= 600 { seconds / 60 * 60 } else { seconds })
}

/// `1.5.0 fails 5.1x as often as 1.4.2: 205 of 6,210 against 28 of 25,470 in 4m`.
fn harm(judged: &Judged<'_>) -> Clause {
    let Judged { judgement, new, old, .. } = judged;
    let Counts { new: is, old: was, long, short, least, when } = counts(judgement);
    let [does, briefly] = match judgement.evidence.bad {
        Bad::Failed => ["fails", "fails"],
        Bad::Slow => ["is too slow", "is slow"],
    };
    let sure = |was: Outcome| newcombe(is, was).is_some_and(|difference| difference.lower > 0.0);
    let factor = was.filter(|was| sure(*was)).and_then(|was| figures::times(was.bad / was.total, is.bad / is.total));
    let counted = format!("{least}{}", of(is));
    // Other panels count requests by their status codes; these are not the same.
    let events = if judgement.evidence.is_apart { " events by its own measure" } else { "" };
    let beside = was.map_or_else(|| ", with nothing beside it".to_owned(), |was| format!(" against {}{when}", of(was)));
    Clause::of(match factor {
        Some(factor) => vec![
            format!("{new} {does} {factor} as often as {old}: {counted}{events}{beside}{long}"),
            format!("{new} {does} {factor} as often: {counted}{beside}{short}"),
            format!("{new} {briefly} {factor} as often: {counted}{short}"),
            format!("New {briefly} {factor} as often: {counted}{short}"),
        ],
        None => vec![
            format!("{new} {does} {counted}{events}{beside}{long}"),
            format!("{new} {briefly} {counted}{beside}{short}"),
            format!("{new} {briefly} {counted}{short}"),
            format!("New {briefly} {counted}{short}"),
        ],
    })
}

/// `1.5.0 fails 3 of 6,210 against 28 of 25,470 in 4m`, which claims nothing.
fn plain(judged: &Judged<'_>) -> Clause {
    let Judged { judgement, new, .. } = judged;
    let Counts { new: is, old: was, long, short, least, when } = counts(judgement);
    let [does, did] = if judgement.evidence.bad == Bad::Slow { ["is too slow", "slow"] } else { ["fails", "failed"] };
    let beside = was.map_or_else(String::new, |was| format!(" against {}{when}", of(was)));
    Clause::of(vec![
        format!("{new} {does} {least}{}{beside}{long}", of(is)),
        format!("{new} {does} {least}{}{short}", of(is)),
        format!("{least}{} {did}{short}", of(is)),
    ])
}

/// `over 10,000:1` where there is room, `>10,000:1` where there is not.
pub(super) fn briefly(evidence: f64) -> String {
    times(evidence).replace("over ", ">")
}

#[cfg(test)]
mod tests;
