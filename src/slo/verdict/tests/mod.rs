//! The verdict over time, story by story: what is fed at every look, and the word that comes of it.
//! It holds no reference vector: those stand with the others.

mod holes;
mod outage;
mod rules;
mod streams;

use super::*;
use crate::slo::{Objective, Outcome, Reading};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

pub(super) fn objective() -> Objective {
    Objective::new("availability", 0.999, Duration::from_secs(30 * 86_400)).unwrap()
}

pub(super) fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

/// Two versions whose counters run, and the judge that looks at them.
pub(super) struct Watched {
    pub second: i64,
    pub new: Outcome,
    pub stable: Outcome,
    pub judge: Judge,
}

impl Watched {
    pub fn start() -> Watched {
        Watched::with(Judge::new("6f4d8c9b7", &objective()))
    }

    pub fn with(judge: Judge) -> Watched {
        let zero = Outcome { bad: 0.0, total: 0.0 };
        let mut watched = Watched { second: 0, new: zero, stable: zero, judge };
        watched.look();
        watched
    }

    /// So many seconds with (bad, all) requests each ten seconds, looked at each ten seconds.
    pub fn runs(&mut self, seconds: i64, new: (f64, f64), stable: (f64, f64)) -> Judgement {
        for _ in 0..seconds / 10 {
            self.passes(10, new, stable);
            self.look();
        }
        self.now()
    }

    /// Time passes and counters run; nobody looks.
    pub fn passes(&mut self, seconds: i64, new: (f64, f64), stable: (f64, f64)) {
        self.second += seconds;
        self.new = self.new.plus(&Outcome { bad: new.0, total: new.1 });
        self.stable = self.stable.plus(&Outcome { bad: stable.0, total: stable.1 });
    }

    pub fn look(&mut self) {
        self.sees(Reading::Value(self.new), Reading::Value(self.stable));
    }

    pub fn sees(&mut self, new: Reading<Outcome>, stable: Reading<Outcome>) {
        self.judge.look(&Look { at: at(self.second), new, stable, failing_pods: 0 });
    }

    pub fn now(&self) -> Judgement {
        judge(&self.judge.evidence(at(self.second), None))
    }
}
