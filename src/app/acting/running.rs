//! One confirmed action: which stage it is at, what became of it so far, and how long that took.

use super::open::DryRun;
use crate::objects::{ReleaseRef, Time};
use crate::release::acting::{Change, Stage};
use crate::text::Clean;
use chrono::TimeDelta;

/// How long a finished action is still told of on the release's screen.
const TOLD: TimeDelta = TimeDelta::seconds(60);

/// How far a stage has got. Moments are our clock's.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Journalled and on its way.
    Sending {
        /// Since when.
        since: Time,
    },
    /// The object had changed; it is read again to see whether the plan still holds.
    Checking {
        /// Since when.
        since: Time,
    },
    /// Accepted; its effect is waited for.
    Watching {
        /// Since when.
        since: Time,
    },
    /// Sent, and no answer came: what is watched will tell. It is not sent again.
    Unknown {
        /// Since when.
        since: Time,
        /// What happened to the answer.
        why: Clean,
    },
    /// The controller has not reacted in the time it should.
    Alarm {
        /// Since when.
        since: Time,
    },
    /// It took effect.
    Done {
        /// When.
        at: Time,
        /// How long after it was confirmed.
        took: TimeDelta,
    },
    /// It ended without effect.
    Ended {
        /// When.
        at: Time,
        /// What happened, and that nothing more is sent.
        why: Clean,
        /// Whether it may have been done all the same.
        unknown: bool,
    },
}

/// One confirmed action.
#[derive(Debug, Clone)]
pub struct Running {
    /// Its number in this session.
    pub id: u64,
    /// Its id in the journal.
    pub action: Clean,
    /// On which release.
    pub key: ReleaseRef,
    /// What it does.
    pub change: Change,
    /// Which of its stages it is at.
    pub stage: usize,
    /// How far that has got.
    pub progress: Progress,
    /// When it was confirmed, by our clock.
    pub began: Time,
    /// Times this stage was sent.
    pub attempts: u32,
    /// What the person wrote.
    pub note: Clean,
    /// What the dry-run said, in words.
    pub dry_run: Clean,
    /// The server's warnings.
    pub warnings: Vec<Clean>,
    /// What was sent last, for the journal.
    pub(super) sent: Option<crate::ports::write::Request>,
}

impl Running {
    pub(super) fn new(id: u64, action: Clean, key: ReleaseRef, change: Change, note: String, dry_run: &DryRun, now: Time) -> Self {
        let dry_run = match dry_run {
            DryRun::NotNeeded => String::new(),
            DryRun::Asking { .. } => "no answer in time".to_owned(),
            DryRun::Accepted(warnings) if warnings.is_empty() => "accepted".to_owned(),
            DryRun::Accepted(warnings) => {
                format!("accepted, with warnings: {}", warnings.iter().map(Clean::as_str).collect::<Vec<_>>().join("; "))
            }
            DryRun::Denied { code, reason, .. } => format!("refused ({code}): {reason}"),
            DryRun::Unavailable(why) => format!("not possible: {why}"),
        };
        Self {
            id,
            action,
            key,
            change,
            stage: 0,
            progress: Progress::Sending { since: now },
            began: now,
            attempts: 0,
            note: Clean::from(note),
            dry_run: Clean::from(dry_run),
            warnings: Vec::new(),
            sent: None,
        }
    }

    /// The stage it is at.
    pub fn stage(&self) -> Option<&Stage> {
        self.change.stages.get(self.stage)
    }

    /// Whether nothing more happens.
    pub fn is_finished(&self) -> bool {
        matches!(self.progress, Progress::Done { .. } | Progress::Ended { .. })
    }

    /// Whether the controller has not reacted in time.
    pub fn is_alarmed(&self) -> bool {
        matches!(self.progress, Progress::Alarm { .. })
    }

    /// How far it has got, in words: `abort took effect after 3.1 s`.
    pub fn words(&self) -> String {
        let verb = self.change.intent.verb().words();
        let stages = self.change.stages.len();
        let stage = self.stage().filter(|_| stages > 1).map(|stage| format!(", stage {} of {stages}: {}", self.stage + 1, stage.name));
        let stage = stage.unwrap_or_default();
        let goal = self.stage().map(|stage| stage.goal.words().to_string()).unwrap_or_default();
        match &self.progress {
            Progress::Sending { .. } => format!("{verb} is being sent{stage}"),
            Progress::Checking { .. } => format!("{verb}{stage}: the object had changed, so it is read again before anything is sent"),
            Progress::Watching { .. } if self.stage().is_some_and(|stage| stage.write.is_none()) => {
                format!("{verb}{stage}: waits for {goal}")
            }
            Progress::Watching { .. } => format!("{verb} was accepted{stage}; watching for {goal}"),
            Progress::Unknown { why, .. } => {
                format!("{verb}{stage}: no answer came ({why}); nothing is sent twice, what happens is watched")
            }
            Progress::Alarm { .. } => format!("{verb}{stage}: sent, and the controller has not reacted; waiting for {goal}"),
            Progress::Done { took, .. } => {
                let tenths = took.num_milliseconds() / 100;
                format!("{verb} took effect after {}.{} s", tenths / 10, tenths % 10)
            }
            Progress::Ended { why, unknown: true, .. } if self.is_taken_in() => {
                format!("{verb} was taken in; {why}: {goal} takes its time")
            }
            Progress::Ended { why, .. } => format!("{verb}{stage}: {why}"),
        }
    }

    /// Ends it without knowing what came of it.
    pub(super) fn leave(&mut self, now: Time, why: String) {
        let unknown = self.attempts > 0;
        self.progress = Progress::Ended { at: now, why: Clean::from(why), unknown };
    }

    /// Whether nothing is left to send, and all that was sent was seen to be taken in: what remains only takes its time.
    pub fn is_taken_in(&self) -> bool {
        let left = self.change.stages.get(self.stage..).unwrap_or_default();
        self.stage > 0 && left.iter().all(|stage| stage.write.is_none())
    }

    /// Until when it is told of on the release's screen; `None` while it is not finished.
    pub fn told_until(&self) -> Option<Time> {
        match self.progress {
            Progress::Done { at, .. } | Progress::Ended { at, .. } => Some(at + TOLD),
            _ => None,
        }
    }

    pub(super) fn end(&mut self, now: Time, why: String) {
        self.progress = Progress::Ended { at: now, why: Clean::from(why), unknown: false };
    }
}
