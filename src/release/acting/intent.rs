//! [`Verb`]: the words of `flightdeck act`, policies and the journal. [`Intent`]: a verb with what it needs.

use crate::text::Clean;

/// What can be asked of a release, by its stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// The next step, exactly one.
    Advance,
    /// End a pause and nothing else.
    Resume,
    /// Leave the current step or gate before it is done.
    Skip,
    /// All the way.
    PromoteFull,
    /// Stop where it is.
    Pause,
    /// Take traffic off the candidate.
    Abort,
    /// Start the same revision again.
    Retry,
    /// Replace pods, same revision.
    Restart,
    /// To a revision that was healthy, or a chosen one.
    RollBack,
    /// Another image.
    SetImage,
    /// End an analysis run early.
    Terminate,
    /// Blue-green cut-over.
    Switch,
    /// A dated note into the journal.
    Note,
}

/// Where an action leads (PRODUCT law 5 asks for more the further it leads towards exposure).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Less of the new version, or no more of it.
    Safety,
    /// One step towards more of it, or a change of pods that is no step at all.
    Step,
    /// Past a gate, or all at once.
    Exposure,
    /// Nothing is sent to the cluster.
    None,
}

impl Verb {
    /// Every verb, in the order in which `flightdeck act` lists them.
    pub const ALL: [Self; 13] = [
        Self::Advance,
        Self::Resume,
        Self::Skip,
        Self::PromoteFull,
        Self::Pause,
        Self::Abort,
        Self::Retry,
        Self::Restart,
        Self::RollBack,
        Self::SetImage,
        Self::Terminate,
        Self::Switch,
        Self::Note,
    ];

    /// The stable name: `promote-full`, `rollback`, …
    pub const fn name(self) -> &'static str {
        match self {
            Self::Advance => "advance",
            Self::Resume => "resume",
            Self::Skip => "skip",
            Self::PromoteFull => "promote-full",
            Self::Pause => "pause",
            Self::Abort => "abort",
            Self::Retry => "retry",
            Self::Restart => "restart",
            Self::RollBack => "rollback",
            Self::SetImage => "set-image",
            Self::Terminate => "terminate",
            Self::Switch => "switch",
            Self::Note => "note",
        }
    }

    /// As a sentence says it: `promote fully`, `roll back`, …
    pub const fn words(self) -> &'static str {
        match self {
            Self::PromoteFull => "promote fully",
            Self::RollBack => "roll back",
            Self::SetImage => "set the image",
            Self::Terminate => "end the analysis",
            Self::Advance => "go on",
            other => other.name(),
        }
    }

    /// The verb of that stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }

    /// Where it leads.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Pause | Self::Abort | Self::RollBack => Direction::Safety,
            Self::Advance | Self::Resume | Self::Retry | Self::Restart | Self::SetImage => Direction::Step,
            Self::Skip | Self::PromoteFull | Self::Terminate | Self::Switch => Direction::Exposure,
            Self::Note => Direction::None,
        }
    }
}

impl std::fmt::Display for Verb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// Where a roll back goes, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RollBack {
    /// The revision chosen; `None` for the newest one that was healthy.
    pub to: Option<i64>,
    /// The emergency form: all the way at once once the controller has taken in the template, without steps (Argo Rollouts).
    pub at_once: bool,
}

/// What is asked of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// See [`Verb::Advance`].
    Advance,
    /// See [`Verb::Resume`].
    Resume,
    /// See [`Verb::Skip`].
    Skip,
    /// See [`Verb::PromoteFull`].
    PromoteFull,
    /// See [`Verb::Pause`].
    Pause,
    /// See [`Verb::Abort`].
    Abort,
    /// See [`Verb::Retry`].
    Retry,
    /// See [`Verb::Restart`]; pods older than this moment are replaced.
    Restart(crate::objects::Time),
    /// See [`Verb::RollBack`].
    RollBack(RollBack),
    /// Container name (`*`: all) and image, see [`Verb::SetImage`].
    SetImage(Vec<(Clean, Clean)>),
    /// See [`Verb::Terminate`]; the run's name where one was chosen.
    Terminate(Option<Clean>),
    /// See [`Verb::Switch`].
    Switch,
    /// See [`Verb::Note`].
    Note,
}

impl Intent {
    /// Its verb.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Advance => Verb::Advance,
            Self::Resume => Verb::Resume,
            Self::Skip => Verb::Skip,
            Self::PromoteFull => Verb::PromoteFull,
            Self::Pause => Verb::Pause,
            Self::Abort => Verb::Abort,
            Self::Retry => Verb::Retry,
            Self::Restart(_) => Verb::Restart,
            Self::RollBack(_) => Verb::RollBack,
            Self::SetImage(_) => Verb::SetImage,
            Self::Terminate(_) => Verb::Terminate,
            Self::Switch => Verb::Switch,
            Self::Note => Verb::Note,
        }
    }
}
