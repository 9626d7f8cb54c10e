//! `events`: what controllers said they did.

use serde::Deserialize;

use super::lenient::null_as_default;
use super::meta::{Meta, Time, Uid};
use crate::text::Clean;

/// An Event.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    /// Metadata.
    pub metadata: Meta,
    /// What it is about.
    #[serde(deserialize_with = "null_as_default")]
    pub involved_object: Involved,
    /// One word.
    #[serde(deserialize_with = "null_as_default")]
    pub reason: Clean,
    /// A sentence.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// `Normal` or `Warning`.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: Clean,
    /// How often it was said.
    #[serde(deserialize_with = "null_as_default")]
    pub count: i64,
    /// First said.
    pub first_timestamp: Option<Time>,
    /// Last said.
    pub last_timestamp: Option<Time>,
    /// Said at, in the newer form.
    pub event_time: Option<Time>,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Involved {
    /// Kind.
    #[serde(deserialize_with = "null_as_default")]
    pub kind: Clean,
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Clean,
    /// UID.
    #[serde(deserialize_with = "null_as_default")]
    pub uid: Uid,
}

impl Event {
    /// When it was last said, whichever field its writer used.
    pub fn at(&self) -> Option<Time> {
        self.last_timestamp.or(self.event_time).or(self.first_timestamp).or(self.metadata.creation_timestamp)
    }
}
