//! How a budget is counted. The methods disagree on the same data, so the name stands beside every figure.
//! It refuses to let a slice without traffic count as good or bad.

use super::{Outcome, Ratio, Reading};
use std::fmt;

/// A budgeting method, named as OpenSLO names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Bad events of all events. What this program counts itself, and Pyrra.
    Occurrences,
    /// The mean of the ratios of equal slices of time, whatever their traffic. Sloth's default over 30 days.
    RatioTimeslices,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Occurrences => "by requests",
            Method::RatioTimeslices => "by time slices, whatever their traffic",
        })
    }
}

impl Method {
    /// The error ratio of a window, given what its slices held. No traffic when no slice had any.
    pub fn error_ratio(self, slices: &[Outcome]) -> Ratio {
        match self {
            Method::Occurrences => slices.iter().fold(Outcome { bad: 0.0, total: 0.0 }, |sum, slice| sum.plus(slice)).error_ratio(),
            Method::RatioTimeslices => {
                let ratios: Vec<f64> = slices.iter().filter_map(|slice| slice.error_ratio().value()).collect();
                if ratios.is_empty() { Reading::NoTraffic } else { Reading::Value(ratios.iter().sum::<f64>() / ratios.len() as f64) }
            }
        }
    }
}
