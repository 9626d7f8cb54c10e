//! What the state wants done outside, as plain data.

use crate::ports::metrics::MetricInterest;
use crate::ports::{Generation, Interest};
use crate::text::Clean;

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Watch these and no others; answers carry this generation.
    Watch(Generation, Vec<Interest>),
    /// Count the releases of all namespaces: this one holds none.
    CountElsewhere,
    /// Measure this and nothing else.
    Measure(MetricInterest),
    /// Begin every watch anew, and ask every metric again.
    Refresh,
    /// Hand this text to the terminal's clipboard.
    Copy(Clean),
    /// Draw the whole screen anew.
    Redraw,
    /// Hand the terminal back to the shell until the program is continued.
    Suspend,
    /// Leave.
    Quit,
}
