//! Blast radius: who gets the new version, each figure with its label. A configured or inferred figure is never passed off as measured.

use super::Time;
use crate::text::Clean;

/// How sure a share is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// Counted requests of both versions.
    Measured,
    /// The weight a router was told.
    Configured,
    /// Ready endpoints or ready replicas, assuming that connections spread evenly.
    Inferred,
    /// Not to be known from what can be read.
    Unknown,
}

/// A share of requests with where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// 0..=1.
    pub value: f64,
    /// How sure it is.
    pub label: Label,
    /// Where it comes from, e.g. `weight written to nginx` or `3 of 11 ready endpoints of checkout`.
    pub source: Clean,
    /// When what it rests on was last written, in the cluster's time, where known; otherwise it is as old as the watch.
    pub as_of: Option<Time>,
}

/// Where the new version's ready pods are: how many of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spread {
    /// With the new version.
    pub new: usize,
    /// In all.
    pub all: usize,
}

/// The largest share seen so far during this release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// 0..=1.
    pub value: f64,
    /// How sure it was.
    pub label: Label,
    /// When it was first reached, in the cluster's time.
    pub at: Time,
}

/// Who gets the new version.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exposure {
    /// The headline: measured where both versions are counted, unless the router was told something else since that minute began; else configured where a router holds a weight, else inferred. `None` when nothing is being released or it can't be known.
    pub headline: Option<Share>,
    /// What counters of both versions say; laid over by whoever asks (the app), not by the engine.
    pub measured: Option<Share>,
    /// What the router was told, where there is one.
    pub configured: Option<Share>,
    /// What ready endpoints (or ready replicas) say.
    pub inferred: Option<Share>,
    /// Ready pods behind the Service that run the new version; `None` where endpoints and pods were not read.
    pub pods: Option<Spread>,
    /// Zones with such a pod.
    pub zones: Option<Spread>,
    /// Nodes with such a pod.
    pub nodes: Option<Spread>,
    /// Largest so far; filled in by whoever watched (the app), not by the engine.
    pub peak: Option<Peak>,
    /// When what the router was told was last seen to change, or it was aborted, in the cluster's time; filled in by whoever watched (the app).
    pub turned: Option<Time>,
    /// What the next step that changes it makes of it, 0..=1.
    pub next: Option<f64>,
    /// The Services whose selectors mean its pods, where Services were read.
    pub services: Vec<Clean>,
    /// The Ingresses its traffic comes through, where its spec names them.
    pub ingresses: Vec<Clean>,
    /// Requests outside the weight: header routes and mirrors in force, in words.
    pub beside: Vec<Clean>,
}
