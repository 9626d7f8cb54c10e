//! What an SLI asks, made what the rest of the program asks for: bad events and all events.
//! Refuses to make events of a ratio: a share says nothing about how many there were.

use super::{Query, Sli};
use crate::text::Clean;

impl Sli {
    /// Queries for bad events and for all, with `$window`; `None` where only a ratio or a value can be asked for.
    pub fn events(&self) -> Option<(Query, Query)> {
        match self {
            Sli::Events { bad, total } => Some((bad.clone(), total.clone())),
            Sli::Good { good, total } | Sli::Latency { good, total, .. } => {
                // The line breaks end a comment that a query may end in.
                Some((Query::new(&format!("(\n{total}\n) - (\n{good}\n)")), total.clone()))
            }
            Sli::NativeLatency { threshold, histogram } => {
                let total = format!("histogram_count(\n{histogram}\n)");
                let bad = format!("{total} * (1 - histogram_fraction(0, {threshold}, \n{histogram}\n))");
                Some((Query::new(&bad), Query::new(&total)))
            }
            Sli::ErrorRatio(_) | Sli::Threshold { .. } | Sli::Within(_) | Sli::Unread(_) => None,
        }
    }

    /// The query whose series say which pods it is about: all events, or whatever it asks.
    pub fn widest(&self) -> Option<&Query> {
        match self {
            Sli::Events { total, .. } | Sli::Good { total, .. } | Sli::Latency { total, .. } => Some(total),
            Sli::NativeLatency { histogram, .. } => Some(histogram),
            Sli::ErrorRatio(query) | Sli::Threshold { query, .. } => Some(query),
            Sli::Within(_) | Sli::Unread(_) => None,
        }
    }

    /// Every query in it.
    pub fn queries(&self) -> Vec<&Query> {
        match self {
            Sli::Events { bad: one, total } | Sli::Good { good: one, total } | Sli::Latency { good: one, total, .. } => vec![one, total],
            Sli::NativeLatency { histogram: query, .. } | Sli::ErrorRatio(query) | Sli::Threshold { query, .. } => vec![query],
            Sli::Within(_) | Sli::Unread(_) => Vec::new(),
        }
    }

    /// In a few words: `bad of all requests`.
    pub fn kind(&self) -> Clean {
        match self {
            Sli::Events { .. } | Sli::Good { .. } => Clean::from("a ratio of events"),
            Sli::ErrorRatio(_) => Clean::from("an error ratio"),
            Sli::Latency { threshold, .. } | Sli::NativeLatency { threshold, .. } => Clean::from(format!("requests within {threshold} s")),
            Sli::Within(threshold) => Clean::from(format!("requests within {} s", threshold.as_secs_f64())),
            Sli::Threshold { .. } => Clean::from("a value under a limit"),
            Sli::Unread(_) => Clean::from("not to be asked for"),
        }
    }
}
