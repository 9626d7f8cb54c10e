//! Which counters each objective is judged by, and what a page on the service makes of its verdict.
//! Refuses to leave failed requests unjudged because nobody promised anything of them.

use super::counters::Counters;
use super::verdicts::Indicator;
use super::{COMPARED, JudgedBy, Meter, Promised, Sides};
use crate::release::telemetry::{INSTEAD, fresh_for};
use crate::release::{Release, Time};
use crate::slo::verdict::{Bad, Counting, Evidence, Judgement, Trouble, Word, judge};
use crate::slo::{Objective, Outcome};
use crate::text::Clean;

impl Meter {
    /// The counters of an objective's own events, once there are some.
    pub(super) fn own(&self, promised: &Promised) -> Option<&Counters> {
        let is_own = matches!(promised.judged_by, JudgedBy::Events(_));
        self.events.get(promised.objective.name()).filter(|_| is_own).map(|events| &events.counters)
    }

    /// What verdicts are given on, and by which counters; those that nothing has come of yet have none. Where no objective is about failed
    /// requests they are judged all the same.
    pub(super) fn judged(&self, promised: &[Promised]) -> Vec<(Option<&Counters>, Indicator)> {
        let one = |promised: &Promised| {
            let failed = Indicator::failed(promised.objective.clone(), &promised.tiers);
            let name = promised.objective.name();
            Some(match promised.judged_by {
                JudgedBy::Requests => (Some(&self.counters), failed),
                JudgedBy::Instead => {
                    let name = format!("{name}{INSTEAD}");
                    let objective = Objective::new(name, failed.objective.target(), failed.objective.window()).ok()?;
                    (Some(&self.counters), Indicator { objective, ..failed })
                }
                JudgedBy::Events(bad) => {
                    let at_least = self.events.get(name).is_some_and(|events| events.at_least);
                    let counting = if at_least { Counting::AtLeast } else { Counting::Exact };
                    (self.own(promised), Indicator { bad, counting, is_apart: true, ..failed })
                }
                JudgedBy::Nothing => return None,
            })
        };
        let mut all: Vec<(Option<&Counters>, Indicator)> = promised.iter().filter_map(one).collect();
        if !promised.iter().any(|one| one.judged_by.counts_errors()) {
            all.extend(Indicator::assumed(promised.is_empty()).map(|assumed| (Some(&self.counters), assumed)));
        }
        all
    }

    /// The verdicts, where a page has begun to fire on the service since the version came: that needs no statistics, unless those tell already
    /// that it is not this version's doing, or nothing is counted of it, so that nobody can tell whether it was asked for anything.
    pub(super) fn paged(&self, release: &Release, mut verdicts: Vec<Judgement>, now: Time) -> Vec<Judgement> {
        let alerts = self.alerts.iter().filter(|(at, _)| now - at <= fresh_for(COMPARED)).flat_map(|(_, alerts)| alerts);
        let Some(newest) = alerts.filter(|alert| alert.pages()).map(|alert| alert.since).max() else { return verdicts };
        for judgement in &mut verdicts {
            let created =
                release.versions.iter().find(|version| version.hash == judgement.evidence.version).and_then(|version| version.created);
            if created.is_some_and(|created| newest >= created)
                && matches!(judgement.word, Word::Warming | Word::Inconclusive | Word::Suspect)
            {
                *judgement = judge(&Evidence { trouble: Some(Trouble::Page), ..judgement.evidence.clone() });
            }
        }
        verdicts
    }

    /// What the board's counts alone say, where nobody follows each pod.
    pub(super) fn glance(
        &self,
        release: &Release,
        sides: &Sides,
        judged: &[(Option<&Counters>, Indicator)],
        now: Time,
    ) -> Option<Judgement> {
        let (window, (at, versions)) = self.rows.first_key_value().filter(|_| release.under_way && self.counters.newest().is_none())?;
        let (_, indicator) = judged.iter().find(|(_, indicator)| !indicator.is_apart && indicator.bad == Bad::Failed)?;
        let sum = |hashes: &[Clean]| {
            let mine = versions.iter().filter(|(hash, ..)| hashes.contains(hash));
            mine.fold(Outcome { bad: 0.0, total: 0.0 }, |sum, (_, all, bad)| sum.plus(&Outcome { bad: *bad, total: *all }))
        };
        let hash = sides.new.first().filter(|_| now - *at <= fresh_for(*window))?.clone();
        let seen = Evidence::of(hash, indicator.objective.name().clone(), indicator.limits, sum(&sides.new), sum(&sides.old));
        Some(judge(&Evidence { window: *window, ..seen }))
    }
}
