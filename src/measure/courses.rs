//! How each objective's budget went over its window, as far back as somebody recorded it or as it may be counted.
//! Keeps what was answered last: the past does not change because the server is silent now.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ports::metrics::Found;
use crate::release::Time;
use crate::slo::budget::Budget;
use crate::slo::burndown::{BurnDown, Record};
use crate::slo::{Objective, Outcome, Reading};
use crate::text::Clean;

/// What each stretch held, by its end.
type Buckets = Vec<(Time, Reading<Outcome>)>;

/// What somebody recorded.
#[derive(Debug, Clone)]
struct Recorded {
    step: Duration,
    /// Whether the values are what was left, else error ratios over the window.
    is_remaining: bool,
    points: Vec<(Time, f64)>,
}

/// The newest answers of every objective.
#[derive(Debug, Clone, Default)]
pub(super) struct Courses {
    /// By whether it is the whole window.
    recorded: BTreeMap<(Clean, bool), Recorded>,
    counted: BTreeMap<Clean, (Duration, Buckets)>,
}

impl Courses {
    /// Takes what is a course; the rest is others' business.
    pub fn take(&mut self, partial: bool, found: Found) {
        match found {
            // A part of the series is another course.
            Found::Course { promise, step, is_whole, is_remaining, points } if !partial && !points.is_empty() => {
                self.recorded.insert((promise, is_whole), Recorded { step, is_remaining, points });
            }
            Found::Buckets { promise, step, buckets } if !partial => {
                let read = buckets.into_iter().map(|(at, errors, total)| (at, Outcome::read(errors, total))).collect();
                self.counted.insert(promise, (step, read));
            }
            _ => {}
        }
    }

    /// The curve until `now`, ending in what is left (`left`, as of then); recorded where somebody does, else counted.
    pub fn read(&self, objective: &Objective, left: Option<(Time, f64)>, now: Time) -> Option<BurnDown> {
        let of = |is_whole: bool| {
            let one = self.recorded.get(&(objective.name().clone(), is_whole));
            let points = one.into_iter().flat_map(|one| one.points.iter().map(|(at, value)| (*at, one.left(*value, objective)))).collect();
            (points, one.map_or(Duration::ZERO, |one| one.step))
        };
        let ((coarse, coarse_step), (fine, fine_step)): ((Vec<_>, _), (Vec<_>, _)) = (of(true), of(false));
        let (coarse, fine) = (Record { points: &coarse, step: coarse_step }, Record { points: &fine, step: fine_step });
        if let Some(one) = BurnDown::recorded(coarse, fine, objective, now) {
            return Some(left.into_iter().fold(one, |one, (at, left)| one.until(at, left)));
        }
        let (step, buckets) = self.counted.get(objective.name())?;
        BurnDown::counted(buckets, *step, objective)
    }
}

impl Recorded {
    fn left(&self, value: f64, objective: &Objective) -> f64 {
        if self.is_remaining { value } else { Budget::of_ratio(value, objective).remaining }
    }
}
