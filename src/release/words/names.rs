//! What versions and shares are called in sentences: old and new, by the tag that tells them apart, or by revision where tags don't.
//! Refuses to call a version new once nothing is being released.

use crate::release::figures::{self, pair, tag};
use crate::release::{Label, Release, Role, Share, Version};

/// On which side of the exchange a version stands; each has a shape of its own on every screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// What ran before, or all that runs.
    Old,
    /// What is being released.
    New,
    /// Neither.
    Other,
}

/// On which side `version` stands.
#[must_use]
pub fn side(release: &Release, version: &Version) -> Side {
    let candidate = matches!(version.role, Role::Canary | Role::Preview) || (release.under_way && version.runs_new);
    match version.role {
        _ if candidate => Side::New,
        Role::Stable | Role::Active | Role::New | Role::Old => Side::Old,
        Role::Canary | Role::Preview => Side::New,
        Role::Experiment | Role::Other => Side::Other,
    }
}

/// The version being released, where there is one. Not an experiment's, unless that is all there is.
#[must_use]
pub fn new_version(release: &Release) -> Option<&Version> {
    let new = || release.versions.iter().filter(|v| side(release, v) == Side::New);
    new().find(|v| v.role != Role::Experiment).or_else(|| new().next())
}

/// The version that is being replaced, or the only one.
#[must_use]
pub fn old_version(release: &Release) -> Option<&Version> {
    let old = || release.versions.iter().filter(|v| side(release, v) == Side::Old);
    old().find(|v| matches!(v.role, Role::Stable | Role::Active)).or_else(|| old().max_by_key(|v| (v.current, v.revision)))
}

/// What old and new are called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pair {
    /// The old version; `None` when none is known.
    pub old: Option<String>,
    /// The new version; `None` when nothing is being released.
    pub new: Option<String>,
}

/// What old and new are called: by the first image that differs, else by revision.
#[must_use]
pub fn called(release: &Release) -> Pair {
    let (old, new) = (old_version(release), new_version(release));
    if let (Some(a), Some(b)) = (old, new) {
        let differs = a.images.iter().zip(&b.images).map(|(a, b)| (tag(a), tag(b))).find(|(a, b)| a != b);
        let (a, b) = differs.unwrap_or_else(|| (revision(a), revision(b)));
        return Pair { old: Some(a), new: Some(b) };
    }
    Pair { old: old.map(alone), new: new.map(alone) }
}

/// What one version is called, beside the others of its release.
#[must_use]
pub fn version_name(release: &Release, version: &Version) -> String {
    let names = called(release);
    let is = |one: Option<&Version>| one.is_some_and(|one| one.uid == version.uid);
    let shared = if is(new_version(release)) {
        names.new
    } else if is(old_version(release)) {
        names.old
    } else {
        None
    };
    // A revision stands in a column of its own: there the tag says more, even where both have the same.
    shared.filter(|name| *name != revision(version)).unwrap_or_else(|| alone(version))
}

fn alone(version: &Version) -> String {
    version.images.first().map_or_else(|| revision(version), |image| tag(image))
}

fn revision(version: &Version) -> String {
    if version.revision > 0 { format!("r{}", version.revision) } else { version.hash.to_string() }
}

/// Both versions in one cell: `1.4.2 → 1.5.0`, `2026.11.1 → .2`, or the only one.
#[must_use]
pub fn version_pair(release: &Release) -> String {
    match called(release) {
        Pair { old: Some(old), new: Some(new) } => {
            let (old, new) = pair(&old, &new);
            format!("{old} → {new}")
        }
        Pair { old, new } => old.or(new).unwrap_or_default(),
    }
}

/// The engine's own word for a role, as panels use it.
#[must_use]
pub fn role(release: &Release, version: &Version) -> &'static str {
    match version.role {
        Role::Stable => "stable",
        Role::Canary => "canary",
        Role::Active => "active",
        Role::Preview => "preview",
        Role::Experiment => "experiment",
        Role::New if release.under_way => "new",
        Role::New => "current",
        Role::Old if release.under_way || version.current == 0 => "old",
        Role::Old => "current",
        Role::Other => "other",
    }
}

/// `20 % of requests`, or of what the figure really counts.
#[must_use]
pub fn exposed(share: &Share) -> String {
    format!("{} {}", figures::share(share.value, share.label), of(share))
}

fn of(share: &Share) -> &'static str {
    match share.label {
        Label::Inferred if share.source.contains("ready endpoint") => "of ready endpoints",
        Label::Inferred => "of ready pods",
        _ => "of requests",
    }
}

/// The sentence with its first letter as a capital.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
