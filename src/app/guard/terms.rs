//! What a guard was told: when to act, what to do then, and how long it counts down before it does.
//! Refuses every intent that does not lead to safety.

use chrono::TimeDelta;

use super::Condition;
use crate::release::acting::{Intent, RollBack, Verb};

/// So long it counts down in sight of everybody.
pub const COUNTDOWN: TimeDelta = TimeDelta::seconds(10);
/// So long the link may be lost before it disarms itself.
pub const SILENCE: TimeDelta = TimeDelta::minutes(2);

/// What a guard was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Any of these is enough.
    pub when: Vec<Condition>,
    /// Pause, abort or roll back.
    pub intent: Intent,
    /// From the moment a condition holds until it acts.
    pub countdown: TimeDelta,
    /// For so long the picture may be stale.
    pub silence: TimeDelta,
}

impl Terms {
    /// With the usual times.
    ///
    /// # Errors
    /// A sentence where nothing is waited for, or the word is none of the three.
    pub fn new(when: Vec<Condition>, action: &str) -> Result<Self, String> {
        let intent = match Verb::from_name(action.trim()) {
            Some(Verb::Pause) => Intent::Pause,
            Some(Verb::Abort) => Intent::Abort,
            Some(Verb::RollBack) => Intent::RollBack(RollBack::default()),
            _ => return Err(format!("a guard can pause, abort or rollback, and `{}` is none of them", action.trim())),
        };
        if when.is_empty() {
            return Err("a guard needs something to wait for, such as `verdict fail`".to_owned());
        }
        Ok(Self { when, intent, countdown: COUNTDOWN, silence: SILENCE })
    }

    /// Reads `abort when verdict fail or burn over 14.4 for 5m`.
    ///
    /// # Errors
    /// A sentence that shows how to write it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shape = || "write for example `abort when verdict fail or pods failing`".to_owned();
        let (action, when) = text.trim().split_once(" when ").ok_or_else(shape)?;
        let when = when.split(" or ").map(Condition::parse).collect::<Result<Vec<_>, _>>()?;
        Self::new(when, action)
    }

    /// As a sentence says it: `abort when the verdict is FAIL or new pods fail`.
    pub fn words(&self) -> String {
        let when: Vec<String> = self.when.iter().map(Condition::words).collect();
        format!("{} when {}", self.intent.verb().words(), when.join(" or "))
    }
}
