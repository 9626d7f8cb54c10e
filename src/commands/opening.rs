//! How a session begins: which cluster, which namespaces, what looks and keys, and what is opened first.

use std::io;
use std::sync::Arc;

use chrono::{FixedOffset, Local, Offset};
use tokio::sync::mpsc;

use super::metering::Metering;
use super::setup;
use crate::app::{Named, Options, Screen, State};
use crate::cli::Global;
use crate::cluster::{self, Effort, Impersonate, Pace, Progress, Target};
use crate::config::InForce;
use crate::journal::{JournalFiles, action_id};
use crate::metrics::poller::Busy;
use crate::ports::journal::Journal;
use crate::ports::metrics::ReadMetrics;
use crate::ports::write::WriteCluster;
use crate::ports::{Clock, Generation, Scope};
use crate::probe::Probe;
use crate::runtime::checks::Checks;
use crate::runtime::clock::SystemClock;
use crate::runtime::log::state_dir;
use crate::runtime::session::Session;
use crate::text::Clean;
use crate::theme::{Depth, Screen as Terminal};

/// How many cluster events may wait: beyond that the adapter does, and with it the server.
const WAITING: usize = 1024;

/// Everything a session begins with.
pub struct Opening {
    /// Which cluster.
    pub target: Target,
    /// What the state begins with.
    pub options: Options,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where metrics come from.
    pub metering: Metering,
    /// Where what is done is written down.
    pub journal: Arc<dyn Journal>,
}

/// A session that has begun, and what tells how far it has got.
pub struct Begun {
    /// The session.
    pub session: Session,
    /// How far each source has been read.
    pub progress: Progress,
    /// What the cluster adapter is busy with.
    pub effort: Effort,
    /// What the metrics adapter is busy with.
    pub busy: Busy,
}

impl Opening {
    /// On the cluster the flags name.
    pub fn of_cluster(global: &Global, force: InForce) -> Self {
        let clock = Arc::new(SystemClock);
        let zone = Local::now().offset().fix();
        let metering = Metering::of(global, &force.config);
        Self { target: target(global), options: options(global, force, zone, clock.now()), clock, metering, journal: on_disk() }
    }

    /// What is opened first.
    pub fn opening(mut self, named: Named, screen: Screen) -> Self {
        self.options.open = Some((named, screen));
        self
    }

    /// Begins: from here on the cluster is read. Must be called inside a Tokio runtime.
    pub fn begin(self) -> Begun {
        let (tx, rx) = mpsc::channel(WAITING);
        let connection = cluster::connect(self.target, Generation(0), tx);
        let (progress, effort) = (connection.progress(), connection.effort());
        let asker = connection.asker();
        let jobs = Arc::new(asker.clone());
        let state = State::new(self.options);
        // Read-only is the absence of a write handle.
        let writer = (!state.is_read_only()).then(|| Arc::new(connection.writer()) as Arc<dyn WriteCluster>);
        let mut session = Session::new(state, Box::new(connection), rx, (writer, self.journal), self.clock.clone());
        let (mut busy, mut metrics) = (Busy::default(), None);
        if let Some(begun) = self.metering.begin(self.clock, || Arc::new(asker)) {
            (busy, metrics) = (begun.busy, begun.queries);
            session = session.measuring(begun.poller.map(|poller| Box::new(poller) as Box<dyn ReadMetrics>), begun.events);
        }
        let session = session.checking(Arc::new(Checks { jobs, metrics, pages: Arc::new(Probe) }));
        Begun { session, progress, effort, busy }
    }
}

/// The person's own journal.
pub fn on_disk() -> Arc<dyn Journal> {
    Arc::new(JournalFiles::below(state_dir()))
}

/// What the state begins with.
pub fn options(global: &Global, force: InForce, zone: FixedOffset, now: crate::objects::Time) -> Options {
    let scope = match (&global.namespace, global.all_namespaces) {
        (_, true) => Some(Scope::All),
        (Some(name), false) => Some(Scope::Namespace(Clean::from(name.as_str()))),
        (None, false) => None,
    };
    Options {
        scope,
        open: None,
        force,
        ascii: global.ascii,
        read_only: global.read_only,
        redact: global.redact,
        size: (80, 24),
        zone,
        now,
        session: action_id(now),
    }
}

/// Which cluster the flags name.
pub fn target(global: &Global) -> Target {
    let impersonate = global.as_user.as_ref().map(|user| Impersonate { user: user.clone(), groups: global.as_group.clone() });
    Target { kubeconfig: global.kubeconfig.clone(), inline: None, context: global.context.clone(), impersonate, pace: Pace::default() }
}

/// Keys and looks for a screen that is drawn on this terminal.
pub fn drawing(global: &Global) -> Result<InForce, String> {
    let depth = match setup::screen() {
        Terminal::Draws(depth) => depth,
        Terminal::NotATerminal => {
            return Err(
                "standard output is no terminal, so nothing was drawn; `flightdeck status` and `flightdeck snapshot` print without one"
                    .to_owned(),
            );
        }
        Terminal::Dumb => {
            return Err(
                "TERM=dumb can't place text, so nothing was drawn; `flightdeck status` prints the same facts line by line".to_owned()
            );
        }
    };
    if depth == Depth::Mono {
        // crossterm 0.29 answers NO_COLOR by dropping emphasis too; the mono theme sends no colours, so its own switch stays off.
        crossterm::style::force_color_output(true);
    }
    setup::in_force(global, depth)
}

/// So many mistakes are named before an answer that has nothing to do with them.
const NAMED: usize = 3;

/// Keys and looks where nothing is drawn.
pub fn printing(global: &Global) -> Result<InForce, String> {
    let force = setup::in_force(global, setup::print_depth())?;
    for mistake in force.banners.iter().take(NAMED) {
        eprintln!("flightdeck: {mistake}");
    }
    if let Some(more) = force.banners.len().checked_sub(NAMED).filter(|more| *more > 0) {
        eprintln!("flightdeck: and {more} more mistakes in these files; `flightdeck check` lists them");
    }
    Ok(force)
}

/// The terminal could not be taken.
pub fn no_terminal(error: io::Error) -> String {
    format!("the terminal can't be taken ({error}); `flightdeck status` and `flightdeck snapshot` print without one")
}
