//! The services behind a Canary's webhooks: which of them say yes, and when.
//! Never asks a network: what a URL answers at a moment stands in a schedule; where it says nothing, nobody answers.

use chrono::{DateTime, Utc};

/// From one moment on, what one URL answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// From when.
    pub from: DateTime<Utc>,
    /// The webhook's `url`.
    pub url: String,
    /// Whether it answers with yes (200); with no (403) otherwise.
    pub open: bool,
}

/// Every gate there is.
#[derive(Debug, Clone, Default)]
pub struct Gates(Vec<Gate>);

impl Gates {
    /// Gates that answer as this says; of two lines for one URL the later one counts.
    pub fn new(mut lines: Vec<Gate>) -> Self {
        lines.sort_by_key(|line| line.from);
        Self(lines)
    }

    /// Whether a URL answers with yes, or what comes back instead.
    pub(super) fn ask(&self, url: &str, now: DateTime<Utc>) -> Result<(), String> {
        // The test service's two fixed answers.
        if url.ends_with("/gate/approve") {
            return Ok(());
        }
        match self.0.iter().rev().find(|line| line.url == url && line.from <= now) {
            Some(line) if line.open => Ok(()),
            Some(_) => Err("Forbidden".into()),
            None if url.ends_with("/gate/halt") => Err("Forbidden".into()),
            None => Err(format!("Post \"{url}\": connect: connection refused")),
        }
    }
}
