//! Alert tiers over paired windows, worked out from what a spec says: a part of the budget and the windows it may go in.
//! Refuses to know a threshold by heart: each is fraction × objective window / long window, and what can't fire is said.

use std::time::Duration;

use super::{AlertTier, span};
use crate::slo::Objective;
use crate::slo::burn::Burn;
use crate::slo::tier::{Dead, Severity, Tier};
use crate::text::Clean;

const HOUR: Duration = Duration::from_secs(3600);

/// A pair of windows and the part of the budget that may go within the long one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// What its alert asks for.
    pub severity: Severity,
    /// The window that has to hold enough of it.
    pub long: Duration,
    /// The window that says it is still going on.
    pub short: Duration,
    /// The part of the budget, 0..=1.
    pub spends: f64,
    /// How long it has to be so.
    pub wait: Duration,
}

/// Pairs of windows, written for objectives over `written_for`.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The window of an objective that the pairs were chosen for.
    pub written_for: Duration,
    /// The pairs.
    pub pairs: Vec<Pair>,
}

impl Schedule {
    /// The pairs of the SRE workbook (alerting on SLOs), which Sloth takes too: 2 % in 1 h and 5 % in 6 h page, 10 % in 1 d and in 3 d
    /// make tickets.
    pub fn workbook() -> Self {
        let pair = |severity, hours: u32, twelfths_of_hour: u32, spends| Pair {
            severity,
            long: HOUR * hours,
            short: HOUR / 12 * twelfths_of_hour,
            spends,
            wait: Duration::ZERO,
        };
        Self {
            written_for: HOUR * 720,
            pairs: vec![
                pair(Severity::Page, 1, 1, 0.02),
                pair(Severity::Page, 6, 6, 0.05),
                pair(Severity::Ticket, 24, 24, 0.10),
                pair(Severity::Ticket, 72, 72, 0.10),
            ],
        }
    }

    /// Pyrra's pairs: written for 28 days with factors of 14, 7, 2 and 1, which is what part of the budget goes in the long window.
    pub fn pyrra() -> Self {
        let month = HOUR * 672;
        let pair = |severity, hours: u32, minutes: u32, factor: f64, wait: u32| {
            let long = HOUR * hours;
            let spends = factor * long.as_secs_f64() / month.as_secs_f64();
            Pair { severity, long, short: HOUR / 60 * minutes, spends, wait: HOUR / 60 * wait }
        };
        Self {
            written_for: month,
            pairs: vec![
                pair(Severity::Page, 1, 5, 14.0, 2),
                pair(Severity::Page, 6, 30, 7.0, 15),
                pair(Severity::Ticket, 24, 120, 2.0, 60),
                pair(Severity::Ticket, 96, 360, 1.0, 180),
            ],
        }
    }

    /// Every window shortened or lengthened as an objective over `window` is to the one this was written for, to the nearest minute and at
    /// least one: the thresholds stay what they are. Pyrra does so; its waits scale with the windows.
    #[must_use]
    pub fn scaled_to(&self, window: Duration) -> Self {
        let part = window.as_secs_f64() / self.written_for.as_secs_f64();
        let minutes = |length: Duration| {
            let scaled = (length.as_secs_f64() * part / 60.0).round().clamp(1.0, 1e7);
            Duration::from_secs_f64(scaled * 60.0)
        };
        let pairs = self.pairs.iter().map(|pair| Pair {
            long: minutes(pair.long),
            short: minutes(pair.short),
            wait: if pair.wait.is_zero() { Duration::ZERO } else { minutes(pair.wait) },
            ..*pair
        });
        Self { written_for: window, pairs: pairs.collect() }
    }

    /// The tiers for an objective, the windows kept: its own window and the part of the budget make the thresholds. Sloth does so.
    pub fn tiers(&self, objective: &Objective) -> Vec<AlertTier> {
        let tier = |pair: &Pair| AlertTier {
            tier: Tier::spending(pair.severity, pair.long, pair.short, pair.spends, objective),
            wait: pair.wait,
            state: None,
        };
        self.pairs.iter().map(tier).collect()
    }
}

/// What is wrong with each tier at this objective, in sentences: those that can't fire, and those that fire although the budget would last.
pub fn doubts(tiers: &[AlertTier], objective: &Objective) -> Vec<Clean> {
    tiers.iter().filter_map(|alert| doubt(&alert.tier, objective)).collect()
}

fn doubt(tier: &Tier, objective: &Objective) -> Option<Clean> {
    let name = format!("The {} over {} and {}", severity_word(tier.severity), span::words(tier.long), span::words(tier.short));
    let text = match tier.dead(objective) {
        Some(Dead::Unreachable(ratio)) => format!(
            "{name} can't fire at a target of {} %: it would take {} % of all requests failing.",
            percent(objective.target()),
            percent(ratio)
        ),
        Some(Dead::LongerThanWindow) => format!("{name} looks back further than the objective's own {}.", span::words(objective.window())),
        None if tier.threshold < Burn::new(1.0)? => format!(
            "{name} fires at a burn of {}, at which the budget would last the whole window.",
            crate::slo::ratio::round9(tier.threshold.get())
        ),
        None => return None,
    };
    Some(Clean::from(text))
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Page => "page",
        Severity::Ticket => "ticket",
    }
}

/// At most four digits behind the point, as few as say it.
fn percent(ratio: f64) -> String {
    let text = format!("{:.4}", ratio * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objective(target: f64, days: u64) -> Objective {
        Objective::new("a", target, Duration::from_secs(days * 86_400)).unwrap()
    }

    fn said(tiers: &[AlertTier]) -> Vec<String> {
        let text = |alert: &AlertTier| {
            let tier = alert.tier;
            format!("{}/{} {:.4}", span::written(tier.long), span::written(tier.short), tier.threshold.get())
        };
        tiers.iter().map(text).collect()
    }

    #[test]
    fn kept_windows_move_the_thresholds_as_in_sloth() {
        let month = Schedule::workbook().tiers(&objective(0.999, 30));
        assert_eq!(said(&month), ["1h/5m 14.4000", "6h/30m 6.0000", "1d/2h 3.0000", "3d/6h 1.0000"]);
        let four_weeks = Schedule::workbook().tiers(&objective(0.999, 28));
        assert_eq!(said(&four_weeks), ["1h/5m 13.4400", "6h/30m 5.6000", "1d/2h 2.8000", "3d/6h 0.9333"]);
        // The arithmetic's own pairs are the same ones.
        let own = Tier::standard(&objective(0.999, 28));
        assert_eq!(own.to_vec(), four_weeks.iter().map(|alert| alert.tier).collect::<Vec<_>>());
    }

    #[test]
    fn scaled_windows_keep_the_thresholds_as_in_pyrra() {
        let two_weeks = objective(0.99, 14);
        let tiers = Schedule::pyrra().scaled_to(two_weeks.window()).tiers(&two_weeks);
        assert_eq!(said(&tiers), ["30m/3m 14.0000", "3h/15m 7.0000", "12h/1h 2.0000", "2d/3h 1.0000"]);
        assert_eq!(tiers.iter().map(|tier| tier.wait.as_secs() / 60).collect::<Vec<_>>(), [1, 8, 30, 90]);
        let four_weeks = objective(0.99, 28);
        let tiers = Schedule::pyrra().scaled_to(four_weeks.window()).tiers(&four_weeks);
        assert_eq!(said(&tiers), ["1h/5m 14.0000", "6h/30m 7.0000", "1d/2h 2.0000", "4d/6h 1.0000"]);
    }

    #[test]
    fn what_cannot_fire_is_said_with_the_share_it_would_take() {
        let loose = objective(0.9, 30);
        let doubts = doubts(&Schedule::workbook().tiers(&loose), &loose);
        assert_eq!(doubts.len(), 1);
        assert_eq!(doubts[0], "The page over 1 h and 5 min can't fire at a target of 90 %: it would take 144 % of all requests failing.");
    }

    #[test]
    fn windows_kept_for_a_short_objective_are_doubted() {
        let week = objective(0.999, 7);
        let doubts = doubts(&Schedule::workbook().tiers(&week), &week);
        assert_eq!(
            doubts,
            [
                "The ticket over 1 day and 2 h fires at a burn of 0.7, at which the budget would last the whole window.",
                "The ticket over 3 days and 6 h fires at a burn of 0.233333333, at which the budget would last the whole window."
            ]
        );
        let day = objective(0.999, 1);
        assert!(super::doubts(&Schedule::workbook().tiers(&day), &day).iter().any(|doubt| doubt.contains("looks back further")));
    }
}
