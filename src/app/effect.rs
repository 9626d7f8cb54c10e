//! What the state wants done outside, as plain data.

use super::acting::Look;
use crate::objects::{Kind, ReleaseRef};
use crate::ports::journal::Entry;
use crate::ports::metrics::MetricInterest;
use crate::ports::rights::Right;
use crate::ports::write::Request;
use crate::ports::{Generation, Interest, Scope};
use crate::release::acting::check::Question;
use crate::text::Clean;

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Watch these and no others; answers carry this generation.
    Watch(Generation, Vec<Interest>),
    /// Count the releases of all namespaces: this one holds none.
    CountElsewhere,
    /// Measure this and nothing else.
    Measure(MetricInterest),
    /// Ask what may be done.
    AskRights(Vec<Right>),
    /// List what declares objectives, in all namespaces or at least here.
    ListObjectives(Scope),
    /// Read the revisions of a release: from which object, and which ReplicaSets.
    ReadHistory(ReleaseRef, (Kind, Clean), String),
    /// Ask the server what it would do with this, for the plan of that ticket.
    DryRun(u64, Request),
    /// Put `entry` on disk; only then, send `request` for the action of that id, once.
    Send {
        /// The action.
        id: u64,
        /// The line that says that it is about to be sent.
        entry: Box<Entry>,
        /// What is sent.
        request: Request,
    },
    /// Read one object again.
    LookAgain(Look, Kind, Clean, Clean),
    /// Ask what a check asks, and answer with this number.
    RunCheck(u64, Question),
    /// Append a line to the journal.
    Record(Entry),
    /// Read the journal for its screen.
    ReadJournal,
    /// Begin every watch anew, and ask every metric again.
    Refresh,
    /// Hand this text to the terminal's clipboard.
    Copy(Clean),
    /// Draw the whole screen anew.
    Redraw,
    /// Hand the terminal back to the shell until the program is continued.
    Suspend,
    /// Leave.
    Quit,
}
