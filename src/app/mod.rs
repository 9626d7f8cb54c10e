//! The cockpit without a terminal and without a cluster: events in, state changed, effects out.
//! Never names a network, a disk, a clock or a random number: they come in as events and leave as effects.

mod act;
mod acting;
mod board;
mod deadline;
mod effect;
mod event;
pub mod guard;
mod interests;
mod journal;
mod link;
mod metrics;
mod objectives;
mod palette;
mod pods;
mod prompt;
mod release;
mod state;
mod turned;
mod update;

pub use act::namespaces;
pub use acting::{
    ActEvent, Acting, Armed, Asks, CheckStand, Checked, DRY_RUN_PATIENCE, DryRun, Look, Moved, OpenPlan, Progress, Reading, Revisions,
    Running, Sent, Shut, Who, images, rights_for, verb_of,
};
pub use board::{Board, Group, Row, Sort, group};
pub use effect::Effect;
pub use event::{Event, MouseEvent};
pub use journal::{JournalView, SHOWN};
pub use link::{Connection, Elsewhere};
pub use metrics::Metrics;
pub use palette::matches;
pub use pods::{PodSort, Pods};
pub use prompt::{Prompt, PromptKind};
pub use release::{Cockpit, Panel};
pub use state::{Frozen, Named, Options, Screen, State};
pub use update::{settle, update};
