//! Everything that can change the state. Nothing else does.

use super::acting::ActEvent;
use super::guard::Terms;
use crate::keys::Chord;
use crate::objects::ReleaseRef;
use crate::ports::metrics::MetricsEvent;
use crate::ports::{ClusterEvent, Generation};
use crate::release::acting::Intent;
use crate::text::Clean;

/// Something that happened outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The cluster said something, in answer to what was asked in that generation.
    Cluster(Generation, ClusterEvent),
    /// The metrics server said something.
    Metrics(MetricsEvent),
    /// The sending side said something.
    Act(ActEvent),
    /// An action is asked for from outside the screen, with a note: its plan is opened.
    Asked(Box<(ReleaseRef, Intent, String)>),
    /// The plan that is open was confirmed outside the screen.
    Confirmed,
    /// A guard is armed from outside the screen, by somebody who named the release.
    Arm(Box<(ReleaseRef, Terms)>),
    /// The guard is disarmed from outside the screen, and why.
    Disarm(Clean),
    /// Nobody watches any longer: what is unfinished is noted as such.
    Leaving,
    /// A key.
    Key(Chord),
    /// Pasted text: goes into a prompt, never acts.
    Paste(String),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// The wheel or a click, only where the mouse was asked for: column, row, and what.
    Mouse(MouseEvent),
    /// The time named by [`super::State::deadline`] has come.
    Tick,
    /// What an effect led to, to be said on screen, e.g. `sent to the terminal: checkout`.
    Notice(Clean),
    /// The program was stopped and goes on: everything has to be drawn anew.
    Resumed,
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseEvent {
    /// Pressed at column and row.
    Press(u16, u16),
    /// Wheel up.
    WheelUp,
    /// Wheel down.
    WheelDown,
}
