//! The cockpit's own state: which panel has the keys, how far each is scrolled, and whether one has the whole screen.

use crate::release::Release;

/// A panel of the cockpit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Panel {
    /// The ladder.
    #[default]
    Steps,
    /// Blast radius.
    Gets,
    /// Error budgets.
    Budget,
    /// Versions and their pods.
    Versions,
    /// New against old, and the controller's own analysis and experiments.
    Watched,
    /// The timeline.
    Timeline,
}

impl Panel {
    /// Every panel, in reading order.
    pub const ALL: [Self; 6] = [Self::Steps, Self::Gets, Self::Budget, Self::Versions, Self::Watched, Self::Timeline];
}

/// What the person did to the cockpit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cockpit {
    /// Has the keys.
    pub focus: Panel,
    /// Lines scrolled away from where a panel begins by itself (the ladder begins near its current step), by panel.
    pub scroll: [isize; 6],
    /// Whether the focused panel has the whole screen.
    pub expanded: bool,
}

impl Cockpit {
    /// The next panel, or the one before.
    pub fn turn(&mut self, forward: bool) {
        let at = self.focus as usize;
        let to = if forward { at + 1 } else { at + Panel::ALL.len() - 1 };
        self.focus = Panel::ALL[to % Panel::ALL.len()];
    }

    /// Scrolls the focused panel, at most to about its last line (the drawing stops exactly there).
    pub fn scroll(&mut self, by: isize, release: &Release) {
        let most = match self.focus {
            Panel::Steps => release.steps.len() + release.countdowns.len() + 4,
            Panel::Gets => 18 + 3 * release.alarms.len(),
            Panel::Budget => 12 + release.telemetry.as_ref().map_or(0, |t| 4 * t.budgets.len()),
            Panel::Watched => {
                8 + release.analyses.iter().map(|a| 1 + 2 * (a.metrics.len() + a.dry_run.len())).sum::<usize>()
                    + 4 * release.experiments.len()
            }
            Panel::Versions => release.versions.len() + release.pods.len() + 2,
            Panel::Timeline => release.timeline.len(),
        };
        let most = isize::try_from(most.saturating_sub(1)).unwrap_or(isize::MAX);
        let least = if self.focus == Panel::Steps { -most } else { 0 };
        let at = &mut self.scroll[self.focus as usize];
        *at = at.saturating_add(by).clamp(least, most);
    }
}
