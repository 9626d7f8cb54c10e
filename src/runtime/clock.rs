//! The real clock: the one place where the machine's time is read.

use chrono::Utc;

use crate::objects::Time;
use crate::ports::Clock;

/// This machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Utc::now()
    }
}
