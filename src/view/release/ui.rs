//! Which panel of the cockpit has the keys, and how far each is scrolled.
//! Refuses to scroll past the ends.

use crate::objects::Kind;

/// The panels of the cockpit, in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Panel {
    /// The ladder.
    #[default]
    Steps,
    /// Who gets it.
    Exposure,
    /// The controller's own analysis and experiments; the error budget's place.
    Analysis,
    /// Versions and pods.
    Versions,
    /// What happened.
    Timeline,
}

impl Panel {
    /// All of them, in reading order.
    pub const ALL: [Self; 5] = [Self::Steps, Self::Exposure, Self::Analysis, Self::Versions, Self::Timeline];

    /// Its title, for lists of panels.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Exposure => "who gets it",
            Self::Analysis => "analysis",
            Self::Versions => "versions",
            Self::Timeline => "what happened",
        }
    }
}

/// What the person has done to the cockpit, and what could not be read for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseUi {
    /// The panel that has the keys.
    pub focus: Panel,
    /// Lines scrolled away in each panel; `None` follows what matters (the current step, the newest line).
    pub scroll: [Option<usize>; 5],
    /// The panel that has the whole screen.
    pub expanded: Option<Panel>,
    /// Kinds that are not there, and why in words, e.g. `you may not list pods in payments` or `pods are being read`.
    pub missing: Vec<(Kind, String)>,
}

impl ReleaseUi {
    /// Gives the keys to the next panel.
    pub fn next(&mut self) {
        self.turn(1);
    }

    /// Gives the keys to the panel before.
    pub fn previous(&mut self) {
        self.turn(Panel::ALL.len() - 1);
    }

    fn turn(&mut self, by: usize) {
        let to = (self.focus as usize + by) % Panel::ALL.len();
        self.focus = Panel::ALL.get(to).copied().unwrap_or_default();
        if self.expanded.is_some() {
            self.expanded = Some(self.focus);
        }
    }

    /// Gives the focused panel the whole screen, or takes it back.
    pub fn expand(&mut self) {
        self.expanded = if self.expanded.is_some() { None } else { Some(self.focus) };
    }

    /// Scrolls the focused panel by `by` lines, never past the ends of its `rows` lines of which `room` are shown.
    pub fn scroll_by(&mut self, by: isize, rows: usize, room: usize) {
        let last = rows.saturating_sub(room);
        if let Some(place) = self.scroll.get_mut(self.focus as usize) {
            let from = place.unwrap_or(0).min(last);
            *place = Some(from.saturating_add_signed(by).min(last));
        }
    }

    /// The first line shown of `rows`, where `room` are shown and `anchor` should be in sight unless the person has scrolled.
    #[must_use]
    pub fn first(&self, panel: Panel, rows: usize, room: usize, anchor: usize) -> usize {
        let last = rows.saturating_sub(room);
        let own = self.scroll.get(panel as usize).copied().flatten();
        own.unwrap_or_else(|| if anchor < room.saturating_sub(1) { 0 } else { anchor.saturating_sub(room / 2) }).min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_stops_at_both_ends() {
        let mut ui = ReleaseUi { focus: Panel::Timeline, ..ReleaseUi::default() };
        ui.scroll_by(-3, 10, 4);
        assert_eq!(ui.first(Panel::Timeline, 10, 4, 0), 0);
        ui.scroll_by(99, 10, 4);
        assert_eq!(ui.first(Panel::Timeline, 10, 4, 0), 6);
        assert_eq!(ui.first(Panel::Timeline, 3, 4, 0), 0, "a list that shrank is not scrolled off");
    }

    #[test]
    fn the_current_step_is_in_sight_until_someone_scrolls() {
        let ui = ReleaseUi::default();
        assert_eq!(ui.first(Panel::Steps, 20, 6, 1), 0);
        assert_eq!(ui.first(Panel::Steps, 20, 6, 10), 7);
        assert_eq!(ui.first(Panel::Steps, 20, 6, 19), 14);
    }

    #[test]
    fn the_keys_go_round_and_take_the_whole_screen_along() {
        let mut ui = ReleaseUi::default();
        ui.expand();
        ui.previous();
        assert_eq!((ui.focus, ui.expanded), (Panel::Timeline, Some(Panel::Timeline)));
        ui.next();
        assert_eq!(ui.focus, Panel::Steps);
    }
}
