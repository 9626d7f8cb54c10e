//! What every panel of one release is drawn from, gathered once a frame; and the veil over names that must not be shown.
//! Refuses to place anything.

use crate::app::Cockpit;
use crate::objects::Kind;
use crate::release::words::{Side, side};
use crate::release::{Release, Version};
use crate::theme::{Glyph, Role};
use crate::view::paint::Paint;

/// One release, ready to be drawn.
pub struct Scene<'a> {
    /// What is shown.
    pub release: &'a Release,
    /// Which panel has the keys, and how far each is scrolled.
    pub ui: &'a Cockpit,
    /// Kinds that are not there, and why.
    unread: &'a [(Kind, String)],
    /// The hand that draws.
    pub paint: &'a Paint<'a>,
    veil: Veil,
}

impl<'a> Scene<'a> {
    /// Gathers what the panels need.
    pub fn new(release: &'a Release, ui: &'a Cockpit, unread: &'a [(Kind, String)], paint: &'a Paint<'a>) -> Self {
        Self { release, ui, unread, paint, veil: Veil::over(release, paint.redact) }
    }

    /// `text` without the names that must not be shown.
    pub fn veiled(&self, text: &str) -> String {
        self.veil.hide(text)
    }

    /// Why a kind of object is not there, in words; `None` when it was read.
    pub fn missing(&self, kind: Kind) -> Option<String> {
        let why = self.unread.iter().find(|(missing, _)| *missing == kind).map(|(_, why)| self.veiled(why))?;
        Some(match why.as_str() {
            // The first list of an opened release is under way for a moment.
            "being listed" => format!("{} are being listed", kind.plural()),
            why if why.starts_with("you may not") => why.to_owned(),
            why => format!("{} can't be read: {why}", kind.plural()),
        })
    }

    /// The shape and the look of a version.
    pub fn shape(&self, version: &Version) -> (Glyph, Role) {
        shape(side(self.release, version))
    }
}

/// The shape and the look of a side: the same on every screen.
pub fn shape(side: Side) -> (Glyph, Role) {
    match side {
        Side::Old => (Glyph::Old, Role::VersionOld),
        Side::New => (Glyph::New, Role::VersionNew),
        Side::Other => (Glyph::Other, Role::VersionOther),
    }
}

/// Names that must not be shown, and what stands in their place.
#[derive(Debug, Clone, Default)]
pub struct Veil {
    names: Vec<String>,
}

const HIDDEN: &str = "(hidden)";

impl Veil {
    /// Covers the namespace and the repositories of all images of a release, or nothing.
    pub fn over(release: &Release, redact: bool) -> Self {
        if !redact {
            return Self::default();
        }
        let images = release
            .versions
            .iter()
            .flat_map(|v| &v.images)
            .chain(release.experiments.iter().flat_map(|e| e.arms.iter().flat_map(|a| &a.images)));
        let mut names: Vec<String> = images.map(|image| repository(image).to_owned()).collect();
        names.push(release.key.namespace.to_string());
        names.retain(|name| !name.is_empty());
        // Longer names first, or a part of one would be hidden and the rest stand there.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.dedup();
        Self { names }
    }

    /// `text` with each such name hidden where it stands as a name of its own, not inside a longer one.
    pub fn hide(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, name| hide(&text, name))
    }
}

fn hide(text: &str, name: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, found) = rest.split_at(at);
        let after = found.get(name.len()..).unwrap_or_default();
        let alone = !before.ends_with(part) && !after.starts_with(part);
        out.push_str(before);
        out.push_str(if alone { HIDDEN } else { name });
        rest = after;
    }
    out + rest
}

fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let name = image.rfind('/').map_or(0, |at| at + 1);
    match image.get(name..).and_then(|last| last.find(':')) {
        Some(colon) => image.get(..name + colon).unwrap_or(image),
        None => image,
    }
}

/// A length as a count.
pub fn as_count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
