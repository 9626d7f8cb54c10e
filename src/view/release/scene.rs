//! What every panel of one release is drawn from, gathered once a frame.
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
}

impl<'a> Scene<'a> {
    /// Gathers what the panels need.
    pub fn new(release: &'a Release, ui: &'a Cockpit, unread: &'a [(Kind, String)], paint: &'a Paint<'a>) -> Self {
        Self { release, ui, unread, paint }
    }

    /// `text` as it may stand on this screen: without hidden names, where they are hidden.
    pub fn veiled(&self, text: &str) -> String {
        self.paint.hide(text)
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

/// A length as a count.
pub fn as_count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
