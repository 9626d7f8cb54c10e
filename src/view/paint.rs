//! What every panel needs in order to draw: looks, signs, the time, and what must not be shown.
//! Refuses to hold any of the state that is drawn.

use std::borrow::Cow;

use chrono::FixedOffset;
use ratatui::style::Style;

use crate::release::Time;
use crate::theme::{Glyph, Glyphs, Role, Theme};

/// The hand that draws one frame.
#[derive(Debug, Clone, Copy)]
pub struct Paint<'a> {
    /// The theme in force.
    pub theme: &'a Theme,
    /// UTF-8 or ASCII.
    pub glyphs: Glyphs,
    /// Now, in the cluster's time.
    pub now: Time,
    /// The zone of the person at the keys.
    pub zone: FixedOffset,
    /// Whether names of clusters, namespaces and images are hidden.
    pub redact: bool,
    /// The moment of the last fresh picture, when this one is not fresh.
    pub stale: Option<Time>,
}

impl Paint<'_> {
    /// The look of a role; dimmed when the picture is not fresh.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        let style = self.theme.style(role);
        if self.stale.is_some() { style.patch(self.theme.style(Role::Dim)) } else { style }
    }

    /// The sign for a meaning.
    #[must_use]
    pub fn glyph(&self, glyph: Glyph) -> &'static str {
        self.glyphs.get(glyph)
    }

    /// `text` with every sign replaced by its twin where only ASCII can be trusted; names keep their letters.
    #[must_use]
    pub fn twins<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.glyphs.ascii || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        let mut letter = [0; 4];
        let twin = |c: char| {
            let c = &*c.encode_utf8(&mut letter);
            Glyph::ALL.iter().find(|g| g.utf8() == c).map(|g| g.ascii())
        };
        let mut twin = twin;
        Cow::Owned(text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
            match twin(c) {
                Some(ascii) => out.push_str(ascii),
                None => out.push(c),
            }
            out
        }))
    }
}
