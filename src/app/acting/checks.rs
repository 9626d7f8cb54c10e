//! The checks that gates ask for, beside the plan that is open: asked when it opens, asked again before an answer gets old, and judged anew with
//! every newer picture. Never takes an answer that is too old, and never keeps one for a question that has become another.

use chrono::TimeDelta;

use super::super::effect::Effect;
use super::super::state::State;
use super::gated::Shut;
use super::open::{DRY_RUN_PATIENCE, OpenPlan};
use crate::config::{Source, checks};
use crate::objects::Time;
use crate::release::Release;
use crate::release::acting::check::{Check, Found, Question, judged};
use crate::release::acting::{Closed, raises};
use crate::text::Clean;

/// Nothing is sent on an answer older than this.
const OLD: TimeDelta = TimeDelta::seconds(30);
/// From this age on the next answer is fetched, so that there is a fresh one when the key is pressed.
const AGEING: TimeDelta = TimeDelta::seconds(20);

/// One check of the plan on screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// What is asked for.
    pub check: Check,
    /// Who asks for it.
    pub source: Source,
    /// What has to be asked for this release, or why that can't be told.
    question: Result<Question, Clean>,
    /// On its way: its number, and since when.
    asked: Option<(u64, Time)>,
    /// The last answer, and when it came, by our clock.
    answer: Option<(Time, Result<Found, Clean>)>,
    /// What it comes to.
    pub stand: Stand,
}

/// What a check comes to at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    /// Nothing can be sent now, so nothing is asked either.
    Unasked,
    /// Its answer is waited for, and may still come in time.
    Asking,
    /// It is so: what was found, a clause, and when that came, by our clock.
    Holds(Clean, Time),
    /// It is not, or can't be told: why, a clause.
    Closed(Clean),
}

impl Checked {
    /// What it comes to for the release as it is now.
    fn judge(&self, release: &Release, live: bool, now: Time) -> Stand {
        let asked = match &self.question {
            Ok(_) => self.asked,
            Err(why) => return Stand::Closed(why.clone()),
        };
        let in_time = asked.is_none_or(|(_, since)| now - since < DRY_RUN_PATIENCE);
        match &self.answer {
            Some((at, found)) if now - *at <= OLD => {
                match found.as_ref().map_err(Clean::clone).and_then(|found| judged(&self.check, found, release)) {
                    Ok(words) => Stand::Holds(words, *at),
                    Err(why) => Stand::Closed(why),
                }
            }
            None if asked.is_none() && !live => Stand::Unasked,
            _ if in_time => Stand::Asking,
            None => Stand::Closed("it has not answered yet".into()),
            Some(_) => Stand::Closed("its last answer is too old, and the next has not come yet".into()),
        }
    }

    /// The closed gate it is, where it is one.
    pub(super) fn shut(&self) -> Option<Shut> {
        let Stand::Closed(why) = &self.stand else { return None };
        let why = format!("the check {} does not hold: {why}", self.check.name);
        Some(Shut { closed: Closed::new(&self.check.name, why), source: Some(self.source.clone()) })
    }

    fn is_due(&self, now: Time) -> bool {
        self.asked.is_none() && self.question.is_ok() && self.answer.as_ref().is_none_or(|(at, _)| now - *at >= AGEING)
    }
}

/// Asks what has to be asked for the plan that is open, and judges what is known.
pub fn look(state: &mut State, now: Time) -> Vec<Effect> {
    let Some(open) = &state.acting.open else { return Vec::new() };
    let mut all = wanted(state, open);
    let Some(release) = state.releases.get(&open.key) else { return Vec::new() };
    // Nothing is asked for what can't be sent anyhow.
    let live = state.no_writing().is_none() && open.ruling.refusal("asked for").is_none() && open.moved.is_none();
    let mut effects = Vec::new();
    let mut number = state.acting.next;
    for one in &mut all {
        if live
            && one.is_due(now)
            && let Ok(question) = &one.question
        {
            number += 1;
            one.asked = Some((number, now));
            effects.push(Effect::RunCheck(number, question.clone()));
        }
        one.stand = one.judge(release, live, now);
    }
    state.acting.next = number;
    if let Some(open) = &mut state.acting.open
        && open.checks != all
    {
        open.checks = all;
        state.revision += 1;
    }
    effects
}

/// The checks of a plan as they are now, with what is known of each.
fn wanted(state: &State, open: &OpenPlan) -> Vec<Checked> {
    let (Ok(change), Some(release), false) = (&open.planned, state.releases.get(&open.key), open.wakes) else { return Vec::new() };
    if !raises(release, change) {
        return Vec::new();
    }
    let one = |(check, source): (Check, Source)| {
        let question = check.question(release);
        let known = open.checks.iter().find(|known| known.check == check && known.question == question).cloned();
        known.unwrap_or(Checked { check, source, question, asked: None, answer: None, stand: Stand::Asking })
    };
    checks(&state.acting.policies, &state.connection.identity.context, &open.key).into_iter().map(one).collect()
}

/// An answer came. One to a question that nobody asks any more is dropped by its number.
pub fn answered(state: &mut State, number: u64, found: Result<Found, Clean>, now: Time) {
    let Some(open) = &mut state.acting.open else { return };
    let asked = open.checks.iter_mut().find(|one| one.asked.is_some_and(|(own, _)| own == number));
    if let Some(one) = asked {
        one.asked = None;
        one.answer = Some((now, found));
    }
}

impl OpenPlan {
    /// That a check has not been answered yet, and may still be in time, a clause.
    pub fn awaits_a_check(&self) -> Option<Clean> {
        let one = self.checks.iter().find(|one| matches!(one.stand, Stand::Asking | Stand::Unasked))?;
        Some(Clean::from(format!("the check {} is asked at this moment", one.check.name)))
    }

    /// Whether the answer to a check is waited for.
    pub(super) fn is_checking(&self) -> bool {
        self.checks.iter().any(|one| one.asked.is_some() && (one.answer.is_none() || one.stand == Stand::Asking))
    }
}
