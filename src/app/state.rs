//! [`State`]: everything the screens show and everything the person did to them.

mod read;
mod watched;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::FixedOffset;

use super::acting::Acting;
use super::board::Board;
use super::journal::JournalView;
use super::link::Connection;
use super::metrics::Metrics;
use super::pods::Pods;
use super::prompt::Prompt;
use super::release::Cockpit;
use crate::config::{InForce, Mistake, Shelf, Text};
use crate::keys::Resolver;
use crate::objects::{Kind, Time, Touched, World};
use crate::ports::{Generation, Interest, Scope};
use crate::release::{Peak, Release, ReleaseRef};
use crate::text::Clean;
use crate::theme::{Glyphs, Theme};

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Every release in scope.
    Board,
    /// The cockpit of the open release.
    Release,
    /// Its pods.
    Pods,
    /// What its verdict rests on.
    Why,
    /// Its revisions.
    Revisions,
    /// A plan to change it.
    Plan,
    /// What was done.
    Journal,
    /// The keys of the screen below.
    Help,
}

/// A release named from outside, before it is known whether it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Which kind, where one is said.
    pub kind: Option<Kind>,
    /// Namespace.
    pub namespace: Clean,
    /// Name.
    pub name: Clean,
}

impl Named {
    /// Whether `release` is meant.
    pub fn means(&self, release: &Release) -> bool {
        release.is_named(self.kind, &self.namespace, &self.name)
    }
}

/// What a state begins with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which namespaces; the context's own, once it is known, when absent.
    pub scope: Option<Scope>,
    /// The release to open and the screen to show of it, once it is there.
    pub open: Option<(Named, Screen)>,
    /// Keymap, theme and the mistakes in the person's files.
    pub force: InForce,
    /// Draw with ASCII only.
    pub ascii: bool,
    /// Nothing may be written in this session.
    pub read_only: bool,
    /// Names are hidden.
    pub redact: bool,
    /// Columns and rows.
    pub size: (u16, u16),
    /// For wall clocks.
    pub zone: FixedOffset,
    /// Our clock at the start.
    pub now: Time,
    /// Names this process in the journal.
    pub session: Clean,
}

/// The picture held still.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// The releases as they were.
    pub releases: BTreeMap<ReleaseRef, Release>,
    /// The server's time then.
    pub at: Time,
}

/// Everything the screens show and everything the person did to them. Changes only in [`super::update`].
pub struct State {
    pub(super) generation: Generation,
    pub(super) scope: Option<Scope>,
    pub(super) wanted: Option<(Named, Screen)>,
    pub(super) world: World,
    pub(super) touched: Touched,
    pub(super) releases: BTreeMap<ReleaseRef, Release>,
    /// Those whose pods have to tell why they are in trouble, or whether they are.
    pub(super) troubled: std::collections::BTreeSet<ReleaseRef>,
    /// Whether rows may have come, gone or moved since the selection was last looked at.
    pub(super) rows_moved: bool,
    pub(super) peaks: BTreeMap<ReleaseRef, (Clean, Peak)>,
    pub(super) interests: Vec<Interest>,
    pub(super) next_source: u64,
    pub(super) lingering: Option<(ReleaseRef, Time)>,
    pub(super) connection: Connection,
    pub(super) metrics: Metrics,
    pub(super) acting: Acting,
    pub(super) journal: JournalView,
    pub(super) screens: Vec<Screen>,
    pub(super) open: Option<ReleaseRef>,
    pub(super) board: Board,
    pub(super) cockpit: Cockpit,
    pub(super) pods: Pods,
    pub(super) why_scroll: usize,
    pub(super) help_scroll: usize,
    pub(super) help_filter: String,
    pub(super) prompt: Option<Prompt>,
    pub(super) notice: Option<(Clean, Time)>,
    pub(super) frozen: Option<Frozen>,
    pub(super) resolver: Resolver,
    pub(super) theme: Theme,
    pub(super) themes: Shelf,
    pub(super) own_theme: Option<Text>,
    pub(super) banners: Vec<Mistake>,
    pub(super) glyphs: Glyphs,
    pub(super) redact: bool,
    pub(super) size: (u16, u16),
    pub(super) zone: FixedOffset,
    pub(super) revision: u64,
}

impl State {
    /// A state that knows nothing of the cluster yet.
    pub fn new(options: Options) -> Self {
        let force = options.force;
        Self {
            generation: Generation(0),
            scope: options.scope,
            wanted: options.open,
            world: World::default(),
            touched: Touched::new(),
            releases: BTreeMap::new(),
            troubled: std::collections::BTreeSet::new(),
            rows_moved: true,
            peaks: BTreeMap::new(),
            interests: Vec::new(),
            next_source: 0,
            lingering: None,
            connection: Connection::new(options.now),
            metrics: Metrics::new(force.config.objectives.clone(), force.found),
            acting: Acting {
                session: options.session,
                policies: force.config.policies.clone(),
                read_only: read_only_reason(options.read_only, force.read_only.as_deref()),
                ..Acting::default()
            },
            journal: JournalView::default(),
            screens: vec![Screen::Board],
            open: None,
            board: Board::default(),
            cockpit: Cockpit::default(),
            pods: Pods::default(),
            why_scroll: 0,
            help_scroll: 0,
            help_filter: String::new(),
            prompt: None,
            notice: None,
            frozen: None,
            resolver: Resolver::new(Arc::new(force.keymap)),
            theme: force.theme,
            themes: force.themes,
            own_theme: force.own_theme,
            banners: force.banners,
            glyphs: Glyphs { ascii: options.ascii },
            redact: options.redact,
            size: options.size,
            zone: options.zone,
            revision: 0,
        }
    }

    /// A frame was drawn on which a screen of text could be scrolled at most `furthest` lines: no key press beyond that counts.
    pub fn drawn(&mut self, furthest: usize) {
        match self.screen() {
            Screen::Why => self.why_scroll = self.why_scroll.min(furthest),
            Screen::Help => self.help_scroll = self.help_scroll.min(furthest),
            Screen::Journal => self.journal.scroll = self.journal.scroll.min(furthest),
            Screen::Plan => {
                if let Some(open) = &mut self.acting.open {
                    open.drawn = true;
                    open.scroll = open.scroll.min(furthest);
                }
            }
            Screen::Board | Screen::Release | Screen::Pods | Screen::Revisions => {}
        }
    }
}

/// Why nothing may be written: the person asked for that, or their safety settings could not be read.
fn read_only_reason(asked: bool, unread: Option<&str>) -> Option<Clean> {
    unread.map(Clean::from).or_else(|| asked.then(|| Clean::from("it was started with --read-only")))
}
