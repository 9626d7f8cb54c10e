//! What screens and commands read of the state.
//! Changes nothing.

use std::collections::BTreeMap;

use chrono::FixedOffset;

use super::super::acting::OpenPlan;
use super::super::board::Board;
use super::super::link::Connection;
use super::super::pods::Pods;
use super::super::prompt::{Prompt, PromptKind};
use super::super::release::Cockpit;
use super::{Frozen, Screen, State};
use crate::config::Mistake;
use crate::keys::{Action, Chord, Keymap, Mode};
use crate::objects::Time;
use crate::ports::{Identity, Scope};
use crate::release::{Release, ReleaseRef};
use crate::text::Clean;
use crate::theme::{Background, Glyphs, Theme};

impl State {
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
