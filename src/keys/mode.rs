//! The places a key can be pressed in, by the names keymap files use.
//! Refuses to know what a screen looks like, or which one is open.

/// Where a key is pressed. `Global` is the fallback of every other mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// Bindings that hold in every mode that does not say otherwise.
    Global,
    /// The list of releases.
    Board,
    /// The cockpit of one release.
    Release,
    /// The pods of one release.
    Pods,
    /// The reasons behind a verdict or a state, in full.
    Why,
    /// The revisions of one release.
    Revisions,
    /// A plan that one different key confirms, or nothing does.
    Plan,
    /// A plan that a typed line confirms.
    Confirm,
    /// What was done.
    Journal,
    /// The list of keys.
    Help,
    /// The prompt that finds and runs any action.
    Palette,
    /// The prompt a filter is typed into.
    Filter,
    /// The prompt that picks one of several, such as a namespace.
    Choose,
}

impl Mode {
    /// Every mode, `Global` first.
    pub const ALL: [Self; 13] = [
        Self::Global,
        Self::Board,
        Self::Release,
        Self::Pods,
        Self::Why,
        Self::Revisions,
        Self::Plan,
        Self::Confirm,
        Self::Journal,
        Self::Help,
        Self::Palette,
        Self::Filter,
        Self::Choose,
    ];

    /// The name a keymap file uses: `[mode.board]`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Board => "board",
            Self::Release => "release",
            Self::Pods => "pods",
            Self::Why => "why",
            Self::Revisions => "revisions",
            Self::Plan => "plan",
            Self::Confirm => "confirm",
            Self::Journal => "journal",
            Self::Help => "help",
            Self::Palette => "palette",
            Self::Filter => "filter",
            Self::Choose => "choose",
        }
    }

    /// The mode of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Whether letters pressed here are text. There, keys that type something are never bindings.
    #[must_use]
    pub const fn takes_text(self) -> bool {
        matches!(self, Self::Palette | Self::Filter | Self::Choose | Self::Confirm)
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
