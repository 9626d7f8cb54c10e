//! [`State`]: everything the screens show and everything the person did to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::FixedOffset;

use super::acting::{Acting, OpenPlan};
use super::board::Board;
use super::journal::JournalView;
use super::link::Connection;
use super::metrics::Metrics;
use super::pods::Pods;
use super::prompt::{Prompt, PromptKind};
use super::release::Cockpit;
use crate::config::{InForce, Mistake, Shelf, Text};
use crate::keys::{Action, Chord, Keymap, Mode, Resolver};
use crate::objects::{Kind, SourceId, Time, Touched, World};
use crate::ports::{Generation, Identity, Interest, Scope, SourceState};
use crate::release::{Peak, Release, ReleaseRef};
use crate::text::Clean;
use crate::theme::{Background, Glyphs, Theme};

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

    /// Grows whenever something visible changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The server's time when our clock shows `now`.
    pub fn server_now(&self, now: Time) -> Time {
        now + self.connection.offset
    }

    /// The screen on top.
    pub fn screen(&self) -> Screen {
        self.screens.last().copied().unwrap_or(Screen::Board)
    }

    /// The screen below help.
    pub fn screen_below(&self) -> Screen {
        self.screens.iter().rev().find(|s| **s != Screen::Help).copied().unwrap_or(Screen::Board)
    }

    /// Where keys are pressed.
    pub fn mode(&self) -> Mode {
        match &self.prompt {
            Some(Prompt { kind: PromptKind::Filter, .. }) => Mode::Filter,
            Some(Prompt { kind: PromptKind::Palette, .. }) => Mode::Palette,
            Some(Prompt {
                kind: PromptKind::Namespace | PromptKind::Image | PromptKind::Note | PromptKind::Guard | PromptKind::Confirm,
                ..
            }) => Mode::Choose,
            None if self.screen() == Screen::Plan && self.acting.open.as_ref().is_some_and(OpenPlan::takes_text) => Mode::Confirm,
            None => Self::mode_of(self.screen()),
        }
    }

    /// The mode of a screen.
    pub fn mode_of(screen: Screen) -> Mode {
        match screen {
            Screen::Board => Mode::Board,
            Screen::Release => Mode::Release,
            Screen::Pods => Mode::Pods,
            Screen::Why => Mode::Why,
            Screen::Revisions => Mode::Revisions,
            Screen::Plan => Mode::Plan,
            Screen::Journal => Mode::Journal,
            Screen::Help => Mode::Help,
        }
    }

    /// The releases shown: frozen ones where the picture is held.
    pub fn shown(&self) -> &BTreeMap<ReleaseRef, Release> {
        self.frozen.as_ref().map_or(&self.releases, |f| &f.releases)
    }

    /// The moment shown, in the server's time.
    pub fn moment(&self, now: Time) -> Time {
        self.frozen.as_ref().map_or_else(|| self.server_now(now), |f| f.at)
    }

    /// The releases in board order, filter and folds left aside.
    pub fn in_order(&self, now: Time) -> Vec<&Release> {
        Board::default().order(&self.releases, self.server_now(now)).into_iter().map(|(r, _)| r).collect()
    }

    /// The open release, where there is one and it still exists.
    pub fn open_release(&self) -> Option<&Release> {
        self.shown().get(self.open.as_ref()?)
    }

    /// The name of the open release, also when it is gone.
    pub fn open_key(&self) -> Option<&ReleaseRef> {
        self.open.as_ref()
    }

    /// What is watched, and how each source is doing.
    pub fn sources(&self) -> impl Iterator<Item = (&Interest, &SourceState)> {
        self.interests.iter().filter_map(|i| Some((i, &self.connection.sources.get(&i.source)?.0)))
    }

    /// Kinds that could not be read for what is shown, and why, in words.
    pub fn unread(&self, release: Option<&ReleaseRef>) -> Vec<(Kind, String)> {
        let wanted = |i: &&Interest| i.release.as_ref() == release || i.release.is_none();
        self.interests
            .iter()
            .filter(wanted)
            .filter_map(|i| match &self.connection.sources.get(&i.source).map(|(state, _)| state) {
                Some(SourceState::Denied(what)) => Some((i.kind, format!("you may not {what}"))),
                Some(SourceState::Retrying { reason, .. }) if !self.has_listed(i.source) => Some((i.kind, reason.to_string())),
                None | Some(SourceState::Listing) => Some((i.kind, "being listed".to_owned())),
                _ => None,
            })
            .collect()
    }

    /// Whether something of what is shown has yet to be listed, or will be tried again; what is denied stays so.
    pub fn awaits(&self, release: Option<&ReleaseRef>) -> bool {
        let wanted = |i: &&Interest| i.release.as_ref() == release || i.release.is_none();
        self.interests.iter().filter(wanted).any(|i| match self.connection.sources.get(&i.source).map(|(state, _)| state) {
            None | Some(SourceState::Listing) => true,
            Some(SourceState::Retrying { .. }) => !self.has_listed(i.source),
            _ => false,
        })
    }

    /// What is watched.
    pub fn interests(&self) -> &[Interest] {
        &self.interests
    }

    /// Whether a source has been listed whole once.
    pub fn has_listed(&self, source: SourceId) -> bool {
        self.world.is_complete(source)
    }

    /// Who and where.
    pub fn identity(&self) -> &Identity {
        &self.connection.identity
    }

    /// The link.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Which namespaces are looked at, once that is known.
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The board's own state.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// The cockpit's own state.
    pub fn cockpit(&self) -> &Cockpit {
        &self.cockpit
    }

    /// The pods list's own state.
    pub fn pods(&self) -> &Pods {
        &self.pods
    }

    /// Lines scrolled on the Why and Help screens.
    pub fn scrolled(&self) -> usize {
        match self.screen() {
            Screen::Help => self.help_scroll,
            Screen::Journal => self.journal.scroll,
            Screen::Plan => self.acting.open.as_ref().map_or(0, |open| open.scroll),
            _ => self.why_scroll,
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

    /// What help is filtered by.
    pub fn help_filter(&self) -> &str {
        &self.help_filter
    }

    /// The line being typed.
    pub fn prompt(&self) -> Option<&Prompt> {
        self.prompt.as_ref()
    }

    /// Namespaces known, for choosing one.
    pub fn namespaces(&self) -> Vec<Clean> {
        let known: std::collections::BTreeSet<Clean> = self.releases.keys().map(|k| k.namespace.clone()).collect();
        known.into_iter().collect()
    }

    /// What just happened, in words.
    pub fn notice(&self) -> Option<&Clean> {
        self.notice.as_ref().map(|(text, _)| text)
    }

    /// The held picture.
    pub fn frozen(&self) -> Option<&Frozen> {
        self.frozen.as_ref()
    }

    /// The key that does `action` on this screen, as sentences name it; the palette's where it has none of its own.
    pub fn key_of(&self, action: Action) -> String {
        let mode = Self::mode_of(self.screen());
        let keymap = self.keymap();
        match (keymap.shortest_chord(action, mode), keymap.shortest_chord(Action::Palette, mode)) {
            (Some(chord), _) => chord.to_string(),
            (None, Some(palette)) => format!("{palette} {action}"),
            (None, None) => action.to_string(),
        }
    }

    /// The keymap in force.
    pub fn keymap(&self) -> &Keymap {
        self.resolver.keymap()
    }

    /// Chords pressed that are not a whole binding yet.
    pub fn pending(&self) -> &[Chord] {
        self.resolver.pending()
    }

    /// The theme in force.
    pub fn theme(&self) -> &Theme {
        &self.theme
    }

    /// The signs in force.
    pub fn glyphs(&self) -> Glyphs {
        self.glyphs
    }

    /// Mistakes in the person's files.
    pub fn banners(&self) -> &[Mistake] {
        &self.banners
    }

    /// Whether names are hidden.
    pub fn is_redacted(&self) -> bool {
        self.redact
    }

    /// Whether nothing may be written.
    pub fn is_read_only(&self) -> bool {
        self.acting.read_only.is_some()
    }

    /// For wall clocks.
    pub fn zone(&self) -> FixedOffset {
        self.zone
    }

    /// Whether the theme is made for a light background.
    pub fn is_light(&self) -> bool {
        self.theme.background() == Background::Light
    }
}

/// Why nothing may be written: the person asked for that, or their safety settings could not be read.
fn read_only_reason(asked: bool, unread: Option<&str>) -> Option<Clean> {
    unread.map(Clean::from).or_else(|| asked.then(|| Clean::from("it was started with --read-only")))
}
