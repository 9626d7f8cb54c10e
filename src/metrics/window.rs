//! The stretch of time a rate is taken over.
//! Never longer than a day: what needs more is read from a recorded series, since a raw query over it can bring a server down.

use std::fmt;
use std::time::Duration;

/// The longest window a raw query is built for.
pub const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// A range in PromQL, in whole seconds, from one second to [`LONGEST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window(u32);

impl Window {
    /// For the share of requests and the trends.
    pub const MINUTE: Self = Self(60);
    /// For shares on the board.
    pub const TWO: Self = Self(120);
    /// As long as a raw query may reach back.
    pub const DAY: Self = Self(86_400);
    /// The four windows of the paired burn-rate alerts, shortest first.
    pub const BURN: [Self; 4] = [Self(300), Self(1800), Self(3600), Self(21_600)];

    /// `None` for less than a second or more than [`LONGEST`].
    pub fn new(length: Duration) -> Option<Self> {
        let seconds = u32::try_from(length.as_secs()).ok()?;
        (seconds > 0 && length <= LONGEST).then_some(Self(seconds))
    }

    /// Its length in seconds.
    pub fn seconds(self) -> u32 {
        self.0
    }
}

/// As PromQL writes it, in the largest unit that is exact: `5m`, `90s`, `6h`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            s if s.is_multiple_of(86_400) => write!(f, "{}d", s / 86_400),
            s if s.is_multiple_of(3600) => write!(f, "{}h", s / 3600),
            s if s.is_multiple_of(60) => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_written_shortly_and_bounded() {
        let text = |seconds| Window::new(Duration::from_secs(seconds)).map(|window| window.to_string());
        let written = [300, 90, 21_600, 86_400].map(|seconds| text(seconds).unwrap_or_default());
        assert_eq!(written, ["5m", "90s", "6h", "1d"]);
        assert_eq!((text(0), text(30 * 86_400)), (None, None));
    }
}
