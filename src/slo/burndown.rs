//! How an error budget went over a stretch of time: what was left at each moment, read from a record or added up from counts.
//! It refuses to bridge a gap: what was not known at a moment is `None` there, and what was spent before the stretch is nobody's guess.

use super::{Objective, Outcome, Reading};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// A moment of the curve: what was left of the whole then; 1 untouched, 0 gone, negative overspent. `None` where it is not known.
pub type Point = (DateTime<Utc>, Option<f64>);

/// What was left over a stretch.
#[derive(Debug, Clone, PartialEq)]
pub struct BurnDown {
    /// Where the stretch begins.
    pub from: DateTime<Utc>,
    /// Where it ends.
    pub to: DateTime<Utc>,
    /// Oldest first; a gap stands as `None` between what is known on both its sides.
    pub points: Vec<Point>,
    /// Whether the stretch is the objective's whole window; else what went before it is not known.
    pub is_whole: bool,
    /// Whether it was added up from counts: at most this was left, since what was spent before the stretch and in gaps is not known.
    pub is_at_most: bool,
}

/// Moments of a record, evenly apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record<'a> {
    /// Oldest first; a moment without a value is not in it.
    pub points: &'a [(DateTime<Utc>, f64)],
    /// From one to the next.
    pub step: Duration,
}

impl BurnDown {
    /// From what a rule recorded as left: coarse over the whole window, fine over its end. `None` where neither has anything of the
    /// window.
    pub fn recorded(coarse: Record<'_>, fine: Record<'_>, objective: &Objective, to: DateTime<Utc>) -> Option<Self> {
        let window = delta(objective.window());
        let begin = to.checked_sub_signed(window)?;
        let fine_from = fine.points.first().map_or(to, |(at, _)| *at);
        let mut points = Vec::new();
        for (record, until) in [(coarse, fine_from), (fine, to + TimeDelta::seconds(1))] {
            // From the one to the other it may be as far as the coarser steps.
            let mut step = record.step.max(coarse.step);
            for (at, left) in record.points.iter().filter(|(at, left)| *at >= begin && *at < until && left.is_finite()) {
                gap(&mut points, *at, step);
                points.push((*at, Some(*left)));
                step = record.step;
            }
        }
        let (first, _) = *points.first()?;
        let is_whole = first - begin <= delta(coarse.step) * 2;
        Some(Self { from: if is_whole { begin } else { first }, to, points, is_whole, is_at_most: false })
    }

    /// From what was counted in stretches of `step`, each told by its end. The traffic of the known ones, taken for that of the whole
    /// window, says how many errors the window allows. A stretch without traffic spends nothing; of one without data nothing is known,
    /// and the curve goes on behind it from where it stood. `None` without traffic, or where nothing is known.
    pub fn counted(buckets: &[(DateTime<Utc>, Reading<Outcome>)], step: Duration, objective: &Objective) -> Option<Self> {
        let known = || buckets.iter().filter(|(_, seen)| !matches!(seen, Reading::NoData(_)));
        let (first, to) = (known().next()?.0, buckets.last()?.0);
        let total: f64 = known().filter_map(|(_, seen)| seen.value()).map(|seen| seen.total).sum();
        let covers = known().count() as f64 * step.as_secs_f64();
        let allowed = objective.allowed(total * objective.window_secs() / covers);
        if !(allowed > 0.0 && allowed.is_finite()) {
            return None;
        }
        let from = first - delta(step);
        let mut points = vec![(from, Some(1.0))];
        let mut bad = 0.0;
        for (at, seen) in buckets.iter().filter(|(at, _)| *at >= first) {
            // A bucket that is not there at all is as unknown as one that says so.
            if points.last().is_some_and(|(last, _)| *at - *last > delta(step) * 3 / 2) {
                points.push((*at - delta(step), None));
                points.push((*at - delta(step), Some(1.0 - bad / allowed)));
            }
            match seen {
                Reading::NoData(_) => points.push((*at, None)),
                seen => {
                    // Behind a gap the curve begins where its first known stretch does.
                    if points.last().is_some_and(|(_, left)| left.is_none()) {
                        points.push((*at - delta(step), Some(1.0 - bad / allowed)));
                    }
                    bad += seen.value().map_or(0.0, |seen| seen.bad);
                    points.push((*at, Some(1.0 - bad / allowed)));
                }
            }
        }
        let is_whole = to - from >= delta(objective.window());
        Some(Self { from, to, points, is_whole, is_at_most: true })
    }

    /// From what a period of the calendar held from `from` on, in stretches of `step`, each told by its end: what is left at a moment is of what
    /// the traffic until then allows. Where nothing is known the curve has a gap; one that is known only from later on is not whole.
    pub fn so_far(
        buckets: &[(DateTime<Utc>, Reading<Outcome>)],
        step: Duration,
        objective: &Objective,
        from: DateTime<Utc>,
    ) -> Option<Self> {
        let known = || buckets.iter().filter(|(_, seen)| !matches!(seen, Reading::NoData(_)));
        let (first, to) = (known().next()?.0 - delta(step), known().next_back()?.0);
        let is_whole = first - from <= delta(step) * 2;
        let mut points: Vec<Point> = if is_whole { vec![(from, Some(1.0))] } else { Vec::new() };
        let mut sum = Outcome { bad: 0.0, total: 0.0 };
        for (at, seen) in known() {
            gap(&mut points, *at, step);
            sum = seen.value().map_or(sum, |seen| sum.plus(&seen));
            let spent = if sum.total > 0.0 { sum.bad / objective.allowed(sum.total) } else { 0.0 };
            points.push((*at, Some(1.0 - spent)));
        }
        Some(Self { from: if is_whole { from } else { first }, to, points, is_whole, is_at_most: false })
    }

    /// With what is left at `at`, where that is newer than all it has.
    #[must_use]
    pub fn until(mut self, at: DateTime<Utc>, left: f64) -> Self {
        if left.is_finite() && self.points.last().is_none_or(|(last, _)| *last < at) {
            self.points.push((at, Some(left)));
            self.to = self.to.max(at);
        }
        self
    }

    /// The least that was left, 0 where it was never less.
    pub fn lowest(&self) -> f64 {
        self.points.iter().filter_map(|(_, left)| *left).fold(0.0, f64::min)
    }

    /// The stretches between gaps: two points or more each, or a single one that stands alone.
    pub fn runs(&self) -> impl Iterator<Item = Vec<(DateTime<Utc>, f64)>> + '_ {
        let known = self.points.split(|(_, left)| left.is_none());
        known.map(|run| run.iter().filter_map(|(at, left)| left.map(|left| (*at, left))).collect::<Vec<_>>()).filter(|run| !run.is_empty())
    }
}

/// Marks a gap before `at`, where the last point is farther away than one step and what a late sample explains.
fn gap(points: &mut Vec<Point>, at: DateTime<Utc>, step: Duration) {
    if let Some((last, Some(_))) = points.last()
        && at - *last > delta(step) * 3 / 2
    {
        let middle = *last + (at - *last) / 2;
        points.push((middle, None));
    }
}

fn delta(length: Duration) -> TimeDelta {
    TimeDelta::from_std(length).unwrap_or(TimeDelta::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slo::Missing;

    const HOUR: Duration = Duration::from_secs(3600);

    fn objective() -> Objective {
        Objective::new("availability", 0.99, HOUR * 100).unwrap()
    }

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(hours * 3600, 0).unwrap()
    }

    fn seen(bad: f64, total: f64) -> Reading<Outcome> {
        Reading::Value(Outcome { bad, total })
    }

    fn left(one: &BurnDown) -> Vec<Option<f64>> {
        one.points.iter().map(|(_, left)| left.map(|left| (left * 1000.0).round() / 1000.0)).collect()
    }

    const NONE: Record<'static> = Record { points: &[], step: HOUR };

    #[test]
    fn counts_add_up_to_what_their_sum_spends() {
        // 1,000 requests an hour, 100 h: 1,000 errors are allowed.
        let buckets = [(at(1), seen(10.0, 1000.0)), (at(2), seen(0.0, 1000.0)), (at(3), seen(990.0, 1000.0)), (at(4), seen(100.0, 1000.0))];
        let one = BurnDown::counted(&buckets, HOUR, &objective()).unwrap();
        assert_eq!(left(&one), [Some(1.0), Some(0.99), Some(0.99), Some(0.0), Some(-0.1)]);
        assert_eq!((one.from, one.to, one.is_whole, one.is_at_most), (at(0), at(4), false, true));
        assert!((one.lowest() + 0.1).abs() < 1e-9, "overspent stays overspent");
    }

    #[test]
    fn a_gap_stays_one_and_the_curve_goes_on_behind_it() {
        let gone = Reading::NoData(Missing::TotalAbsent);
        let known = [(at(1), seen(100.0, 1000.0)), (at(2), gone), (at(3), gone), (at(4), seen(100.0, 1000.0))];
        let one = BurnDown::counted(&known, HOUR, &objective()).unwrap();
        assert_eq!(left(&one), [Some(1.0), Some(0.9), None, None, Some(0.9), Some(0.8)]);
        assert_eq!(one.runs().count(), 2);
        let absent = [(at(1), seen(100.0, 1000.0)), (at(4), seen(100.0, 1000.0))];
        let same = BurnDown::counted(&absent, HOUR, &objective()).unwrap();
        assert_eq!(same.runs().collect::<Vec<_>>(), one.runs().collect::<Vec<_>>(), "however the gap was told");
    }

    #[test]
    fn no_traffic_spends_nothing_and_no_data_is_no_curve() {
        let quiet = [(at(1), seen(100.0, 1000.0)), (at(2), Reading::NoTraffic)];
        let one = BurnDown::counted(&quiet, HOUR, &objective()).unwrap();
        // Half the hours without traffic: half the requests in the window, so each error weighs twice.
        assert_eq!(left(&one), [Some(1.0), Some(0.8), Some(0.8)]);
        assert_eq!(BurnDown::counted(&[(at(1), Reading::NoTraffic)], HOUR, &objective()), None);
        assert_eq!(BurnDown::counted(&[(at(1), Reading::NoData(Missing::Stale))], HOUR, &objective()), None);
        assert_eq!(BurnDown::counted(&[], HOUR, &objective()), None);
    }

    #[test]
    fn a_window_that_is_not_filled_says_so() {
        let young: Vec<_> = (40..=50).map(|hour| (at(hour), 0.5)).collect();
        let one = BurnDown::recorded(NONE, Record { points: &young, step: HOUR }, &objective(), at(50)).unwrap();
        assert_eq!((one.from, one.is_whole, one.points.len()), (at(40), false, 11));
        let full: Vec<_> = (0..=10).map(|n| (at(n * 10), 1.0 - n as f64 / 10.0)).collect();
        let one = BurnDown::recorded(Record { points: &full, step: HOUR * 10 }, NONE, &objective(), at(101)).unwrap();
        assert_eq!((one.from, one.is_whole), (at(1), true));
        assert_eq!(BurnDown::recorded(NONE, NONE, &objective(), at(100)), None);
    }

    #[test]
    fn the_fine_end_takes_the_place_of_the_coarse_one() {
        let coarse: Vec<_> = (0..=10).map(|n| (at(n * 10), 0.9)).collect();
        let fine: Vec<_> = (95..=100).map(|hour| (at(hour), 0.5)).collect();
        let (coarse, fine) = (Record { points: &coarse, step: HOUR * 10 }, Record { points: &fine, step: HOUR });
        let one = BurnDown::recorded(coarse, fine, &objective(), at(100)).unwrap();
        assert_eq!(one.points.len(), 10 + 6);
        assert_eq!(one.runs().count(), 1, "{:?}", one.points);
        let last = one.until(at(101), -0.25);
        assert_eq!((last.to, last.lowest()), (at(101), -0.25));
    }

    #[test]
    fn a_hole_in_a_record_is_not_drawn_over() {
        let holed = [(at(90), 0.9), (at(91), 0.8), (at(95), 0.7), (at(96), f64::NAN), (at(97), 0.6)];
        let one = BurnDown::recorded(NONE, Record { points: &holed, step: HOUR }, &objective(), at(97)).unwrap();
        assert_eq!(left(&one), [Some(0.9), Some(0.8), None, Some(0.7), None, Some(0.6)]);
        assert_eq!(one.runs().count(), 3);
    }
}
