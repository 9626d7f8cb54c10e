//! What people do over the API, one request about one object at a time: whoever plays another person in a scenario hears of it.
//! Controllers and the scenario's own writers never come here: theirs are not visits.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::store::Key;

/// What a visitor did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    /// Read it, alone and not in a list.
    Read,
    /// Asked what a write would do; it was accepted.
    DryRun,
    /// Wrote it; it was accepted.
    Write,
}

/// One request that was answered with yes.
#[derive(Debug, Clone)]
pub struct Visit {
    /// When, in virtual time.
    pub at: DateTime<Utc>,
    /// User name.
    pub user: String,
    /// The object.
    pub key: Key,
    /// What was done.
    pub did: Did,
    /// The object before a write or dry run; `None` for one that was created, and for reads.
    pub old: Option<Arc<Value>>,
    /// The object after it, or as it was read.
    pub new: Arc<Value>,
}
