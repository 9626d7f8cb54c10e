//! The rules, in order: the first that matches gives the word.
//! It refuses to pass what was not read or not asked, and to fail what one burst of one caller could have done.

use super::{Against, Arm, Counting, Evidence, Outlook, Rule, Word, chance};
use crate::slo::Outcome;
use crate::slo::interval::{Interval, newcombe, wilson};

/// Evidence to one at which the new version is called worse: one healthy release of twenty reaches it at most, however often one looks.
pub const FAILS: f64 = 20.0;
/// Evidence to one at which a version that was fine is called worse: one healthy release of a hundred, beside the one of twenty.
pub const TURNS: f64 = 100.0;
/// Evidence to one at which a rollout should hold.
pub const SUSPECTS: f64 = 5.0;
/// Evidence to one at which it is called not much worse.
pub const PASSES: f64 = 20.0;
/// The probability of being worse, by the counts of now, at which a rollout should hold.
pub const LIKELY: f64 = 0.975;

/// Errors that each side must have before both are called over the objective: one or two of few requests are any service's bad luck.
pub const BOTH_BAD: f64 = 3.0;

/// A verdict with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The word.
    pub word: Word,
    /// The rule that gave it.
    pub rule: Rule,
    /// Everything it rests on: counts of both versions, the time, the baseline.
    pub evidence: Evidence,
    /// What would change it, and how long that takes.
    pub outlook: Outlook,
}

impl Judgement {
    /// Evidence to one that the version is worse than the old one.
    pub fn worse(&self) -> f64 {
        self.evidence.weight.worse()
    }

    /// Evidence to one that it is not twice as bad or more.
    pub fn not_much_worse(&self) -> f64 {
        self.evidence.weight.not_much_worse()
    }

    /// The part of the requests that the version got over the time counted, 0..=1.
    pub fn share(&self) -> Option<f64> {
        let all = self.evidence.new.total + self.evidence.stable.total;
        (all > 0.0).then(|| self.evidence.new.total / all)
    }

    /// The version's own error ratio with its interval: description, not evidence.
    pub fn own(&self) -> Option<Interval> {
        wilson(self.evidence.new)
    }

    /// Its error ratio minus that of what it was compared with.
    pub fn difference(&self) -> Option<Interval> {
        newcombe(self.evidence.new, self.evidence.control()?)
    }

    /// The probability (0..=1) that it is worse, by the counts of now: description, not evidence.
    pub fn chance(&self) -> Option<f64> {
        chance::worse(self.evidence.new, self.evidence.control()?)
    }
}

/// The word on this evidence.
pub fn judge(evidence: &Evidence) -> Judgement {
    let (word, rule) = rule(evidence);
    Judgement { word, rule, evidence: evidence.clone(), outlook: Outlook::of(evidence, word) }
}

fn rule(evidence: &Evidence) -> (Word, Rule) {
    let Evidence { limits, new, weight, .. } = evidence;
    if let Some(trouble) = evidence.trouble {
        return (Word::Fail, Rule::Trouble(trouble));
    }
    if let Some((arm, why)) = evidence.gap {
        return (Word::NoData, Rule::NotRead(arm, why));
    }
    if new.total <= 0.0 {
        return (Word::NoTraffic, Rule::NoRequests);
    }
    let control = evidence.control();
    let (worse, harms) = (weight.worse(), limits.harms(*new));
    let over = control.is_none() && limits.against(*new) == Against::Page;
    if (worse >= FAILS && harms) || over {
        return match (evidence.spread.is_wide(), over) {
            (false, _) => (Word::Suspect, Rule::OneBurst),
            (true, true) => (Word::Fail, Rule::OverObjective),
            (true, false) => (Word::Fail, Rule::Worse),
        };
    }
    // Errors by pod are not counted since a moment: only their minutes tell a burst here.
    let turned = evidence.lately.filter(|lately| lately.worse >= TURNS && limits.harms(lately.new));
    if let Some(lately) = turned {
        return if lately.minutes >= 2 { (Word::Fail, Rule::TurnedWorse(lately.window)) } else { (Word::Suspect, Rule::OneBurst) };
    }
    let many = |seen: &Outcome| seen.bad >= BOTH_BAD;
    if harms && worse < SUSPECTS && many(new) && control.is_some_and(|control| many(&control) && limits.harms(control)) {
        return (Word::ServiceWide, Rule::BothOver);
    }
    if worse >= FAILS {
        return (Word::Suspect, Rule::WorseWithinBudget);
    }
    if worse >= SUSPECTS {
        return (Word::Suspect, Rule::Leaning);
    }
    if let Some(lately) = evidence.lately.filter(|lately| lately.worse >= SUSPECTS) {
        return (Word::Suspect, Rule::LeaningLately(lately.window));
    }
    if is_likely(evidence) {
        return (Word::Suspect, Rule::Likely);
    }
    if let Some(quiet) = evidence.quiet {
        return (Word::NoTraffic, Rule::Quiet(quiet));
    }
    if new.total < limits.fewest() {
        return (Word::Warming, Rule::FewRequests);
    }
    passes(evidence).map_or((Word::Inconclusive, Rule::Undecided), |rule| (Word::Pass, rule))
}

/// Whether the counts of now make it likely to be worse. The cheap questions come first.
fn is_likely(evidence: &Evidence) -> bool {
    let Some(control) = evidence.control() else { return false };
    let new = evidence.new;
    new.bad > 0.0 && new.bad * control.total > control.bad * new.total && chance::worse(new, control).is_some_and(|p| p >= LIKELY)
}

/// The rule by which it passes, if it does. Page-level burn has to be ruled out for either.
pub(super) fn passes(evidence: &Evidence) -> Option<Rule> {
    let limits = evidence.limits;
    if limits.against(evidence.new) != Against::NoPage {
        return None;
    }
    if evidence.weight.not_much_worse() >= PASSES && evidence.compared.has_control() {
        return Some(Rule::NotMuchWorse);
    }
    (evidence.counting == Counting::Exact && limits.keeps(evidence.new)).then_some(Rule::WithinBudget)
}

/// Which version a rule speaks of, for a screen that marks the arm.
impl Rule {
    /// The version that could not be read, where that is what the rule says.
    pub fn unread(&self) -> Option<Arm> {
        match self {
            Rule::NotRead(arm, _) => Some(*arm),
            _ => None,
        }
    }
}
