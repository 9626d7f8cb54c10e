//! The last lines of a plan: what confirms it, with the keys of the keymap in force, or why it can't be sent now and what can be done.
//! Never offers a key that would not send.

use ratatui::text::{Line, Span};

use super::words;
use crate::app::{Asks, DRY_RUN_PATIENCE, DryRun, Moved, OpenPlan, State, Who, verb_of};
use crate::keys::{Action, Mode};
use crate::objects::Time;
use crate::release::acting::{Direction, Refusal};
use crate::text::Clean;
use crate::theme::{Glyph, Role};
use crate::view::format;
use crate::view::paint::Paint;
use crate::view::prompt::typed;

/// The lines, in `room` columns. `now` is our clock.
pub fn lines(state: &State, open: &OpenPlan, now: Time, paint: &Paint<'_>, room: usize) -> Vec<Line<'static>> {
    let build = Build { state, open, paint, room };
    match (&open.planned, &open.moved) {
        (Err(refusal), _) => build.refused(refusal),
        (_, Some(moved)) => build.moved(moved, now),
        _ => match state.obstacle(now) {
            Some(why) => awaits(open, &why, now).map_or_else(|| build.held_back(&why), |once| build.asks(Some(once))),
            None => build.asks(None),
        },
    }
}

/// What is missing but the person, where it may still come in time: the server's answer to the dry run, or that to a check.
fn awaits(open: &OpenPlan, why: &Clean, now: Time) -> Option<&'static str> {
    let safety = open.intent.verb().direction() == Direction::Safety;
    if matches!(open.dry_run, DryRun::Asking { since } if !safety && now - since < DRY_RUN_PATIENCE) {
        return Some("once the server has tried it out");
    }
    (open.awaits_a_check().as_ref() == Some(why)).then_some("once its checks have answered")
}

/// That it is asked for, and why: said once where the reason says it already.
fn asked_for(what: &str, why: &str) -> String {
    if why.contains("is asked for by") { words::sentence(why) } else { words::sentence(&format!("{what} is asked for: {why}")) }
}

/// What lines are built from.
struct Build<'a> {
    state: &'a State,
    open: &'a OpenPlan,
    paint: &'a Paint<'a>,
    room: usize,
}

impl Build<'_> {
    fn key(&self, action: Action, mode: Mode) -> String {
        let keymap = self.state.keymap();
        match (keymap.shortest_chord(action, mode), keymap.shortest_chord(Action::Palette, mode)) {
            (Some(chord), _) => chord.to_string(),
            (None, Some(palette)) => format!("{palette} {action}"),
            (None, None) => action.to_string(),
        }
    }

    fn mode(&self) -> Mode {
        if self.open.takes_text() { Mode::Confirm } else { Mode::Plan }
    }

    fn text(&self, role: Role, text: &str) -> Vec<Line<'static>> {
        let text = self.paint.hide(text);
        // On a very small screen what happens counts more than the whole reason, which stands above in full.
        let most = if self.room < 60 { 2 } else { 6 };
        let broken = format::wrap(&self.paint.twins(&text), self.room, most, self.paint.ellipsis());
        broken.into_iter().map(|line| Line::from(self.paint.span(role, line))).collect()
    }

    /// Keys and what each does, on as few lines as they fit on.
    fn keys(&self, keys: &[(String, String, bool)]) -> Vec<Line<'static>> {
        let wide = self.room >= 60;
        let (between, begin) = if wide { (10, 2) } else { (3, 0) };
        let mut out: Vec<Line<'static>> = Vec::new();
        let mut used = self.room;
        for (key, word, works) in keys {
            let length = format::width(key) + 2 + format::width(word);
            if used + between + length > self.room {
                out.push(Line::from(" ".repeat(begin)));
                used = begin;
            } else if let Some(last) = out.last_mut() {
                last.push_span(Span::raw(" ".repeat(between)));
                used += between;
            }
            let (sign, words) = if *works { (Role::Key, Role::Strong) } else { (Role::Dim, Role::Dim) };
            if let Some(last) = out.last_mut() {
                last.push_span(self.paint.span(sign, key.clone()));
                last.push_span(self.paint.span(words, format!("  {word}")));
            }
            used += length;
        }
        out
    }

    fn leave(&self) -> (String, String, bool) {
        (self.key(Action::Back, self.mode()), "leave it".to_owned(), true)
    }

    fn again(&self) -> (String, String, bool) {
        (self.key(Action::Replan, self.mode()), "plan again".to_owned(), true)
    }

    /// What works instead has keys of its own, on the release.
    fn refused(&self, refusal: &Refusal) -> Vec<Line<'static>> {
        let offered = refusal.offers.iter().filter_map(|verb| {
            let action = Action::ALL.iter().copied().find(|action| verb_of(*action) == Some(*verb))?;
            Some((self.key(action, Mode::Release), verb.words().to_owned(), true))
        });
        let mut keys = vec![self.leave()];
        keys.extend(offered);
        if keys.len() > 1 {
            keys[0].1 = "leave it, then".to_owned();
        }
        self.keys(&keys)
    }

    /// Somebody else was there first.
    fn moved(&self, moved: &Moved, now: Time) -> Vec<Line<'static>> {
        let ago = |seconds: i64| if seconds < 1 { "just now".to_owned() } else { format!("{} ago", format::duration(seconds)) };
        let seen = ago(format::seconds(moved.at, now));
        let who = match &moved.who {
            Who::Asking => format!("changed {seen}, by whom is being found out"),
            Who::Known(name, at) => format!("changed by {name} {}", at.map_or(seen, |at| ago(format::seconds(at, self.paint.now)))),
            Who::Unknown => format!("changed {seen}, writer unknown"),
        };
        let words = format!("{}: {}. This plan can't be sent.", crate::release::words::capital(&who), moved.what);
        let mut out = self.text(Role::Warning, &words);
        if self.room < 60 {
            // Nothing of this may be cut: it is why the plan is of no use any more.
            out = format::fold(&self.paint.twins(&self.paint.hide(&words)), self.room)
                .into_iter()
                .map(|line| Line::from(self.paint.span(Role::Warning, line)))
                .collect();
        }
        out.extend(self.keys(&[self.again(), self.leave()]));
        out
    }

    /// Something else is in the way.
    fn held_back(&self, why: &str) -> Vec<Line<'static>> {
        let mut out = self.text(Role::Warning, &words::sentence(&format!("Can't be sent: {why}")));
        out.extend(self.keys(&[self.leave(), self.again()]));
        out
    }

    /// Nothing but the person is missing; or what comes first, `once`.
    fn asks(&self, once: Option<&str>) -> Vec<Line<'static>> {
        let deed = words::deed(self.open);
        match self.open.asks() {
            Asks::Key => {
                let deed = once.map_or_else(|| deed.clone(), |once| format!("{deed}, {once}"));
                self.keys(&[(self.key(Action::Confirm, Mode::Plan), deed, once.is_none()), self.leave()])
            }
            Asks::Note(why) => {
                let mut out = self.text(Role::Warning, &asked_for("a note", &why));
                out.extend(self.line("say why: ", 24, "goes on to the next question"));
                out
            }
            Asks::Name(why) => {
                let name = self.open.key.name.as_str();
                let mut out = self.text(Role::Warning, &asked_for("the name", &why));
                let lead = format!("type {name} to {}: ", if self.open.wakes { "wake it" } else { self.open.intent.verb().words() });
                let then = once.map_or_else(|| "sends it".to_owned(), |once| format!("sends it, {once}"));
                out.extend(self.line(&lead, format::width(name), &then));
                out
            }
        }
    }

    /// The line being typed behind its question, with room for `wide` letters.
    fn line(&self, lead: &str, wide: usize, then: &str) -> Vec<Line<'static>> {
        let lead = self.paint.fit(lead, self.room);
        let keys = format!("   {} {then}", self.key(Action::Confirm, Mode::Confirm));
        let beside = self.room.saturating_sub(format::width(&lead));
        let stands_beside = beside > wide.min(20);
        let room = if stands_beside { beside } else { self.room };
        let typed = typed(&self.open.line, room, self.paint);
        let written: usize = typed.iter().map(Span::width).sum();
        let blanks = self.paint.glyph(Glyph::Input).repeat(wide.saturating_sub(written).min(room.saturating_sub(written)));
        let used = written + format::width(&blanks);
        let mut out = vec![Line::from(self.paint.span(Role::Strong, lead))];
        if !stands_beside {
            out.push(Line::default());
        }
        if let Some(last) = out.last_mut() {
            last.spans.extend(typed);
            last.push_span(self.paint.span(Role::Dim, blanks));
            if used + format::width(&keys) <= room {
                last.push_span(self.paint.span(Role::Hint, keys));
            }
        }
        out
    }
}
