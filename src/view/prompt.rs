//! The key line at the bottom, and what lies over a screen while something is typed: the filter, the palette, the choice of a namespace.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::format;
use super::paint::{Paint, frame, lines, selected as chosen};
use crate::app::{Asks, OpenPlan, Prompt, PromptKind, State, matches, namespaces};
use crate::keys::{Action, Hint, hints};
use crate::objects::Time;
use crate::theme::{Glyph, Role};

/// The key line: a notice where there is one, else the keys of this mode that fit, help always among them.
pub fn key_line(state: &State, now: Time, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width);
    if let Some(line) = super::guard::elsewhere(state, now, paint, width) {
        buf.set_line(area.x, area.y, &line, area.width);
        return;
    }
    if let Some(notice) = state.notice() {
        let line = Line::from(vec![
            Span::raw(" "),
            paint.span(Role::Notice, format::cut(&paint.hide(notice), width.saturating_sub(2), paint.ellipsis())),
        ]);
        buf.set_line(area.x, area.y, &line, area.width);
        return;
    }
    if !state.pending().is_empty() {
        let pressed: Vec<String> = state.pending().iter().map(ToString::to_string).collect();
        buf.set_line(
            area.x,
            area.y,
            &Line::from(paint.span(Role::Key, format!(" {} {}", pressed.join(" "), paint.ellipsis()))),
            area.width,
        );
        return;
    }
    let all: Vec<Offer> = hints(state.keymap(), state.mode()).into_iter().map(|hint| Offer::of(state, hint, now, width)).collect();
    let last = all.last().map_or(0, Offer::width);
    let mut used = 1;
    let mut spans = vec![Span::raw(" ")];
    for (n, offer) in all.iter().enumerate() {
        let is_last = n + 1 == all.len();
        let reserve = if is_last { 0 } else { last };
        if used + offer.width() + reserve > width && !is_last {
            continue;
        }
        used += offer.width();
        offer.put(&mut spans, paint);
    }
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
}

/// One key with its word, and whether it would do anything now.
struct Offer {
    keys: String,
    word: String,
    /// Pressing it opens a plan that says why not.
    barred: bool,
}

impl Offer {
    fn of(state: &State, hint: Hint, now: Time, room: usize) -> Self {
        // A note is taken whatever is in the way of sending: enter goes on to the next question.
        let asks = state.plan().filter(|open| hint.action == Action::Confirm && open.takes_text()).map(OpenPlan::asks);
        let notes = matches!(asks, Some(Asks::Note(_)));
        let barred = match hint.action {
            Action::Confirm => !notes && state.obstacle(now).is_some(),
            action => state.verdict_on(action, now).is_some(),
        };
        let mut word = if notes { "next question" } else { hint.word }.to_owned();
        // It says what it would do now, where there is room to say it.
        if hint.action == Action::Advance && !barred && room >= 150 {
            let outlook = state.outlook_of(hint.action, now);
            word.extend(outlook.map(|name| format!(" ({})", super::plan::lower(&name))));
        }
        Self { keys: hint.keys, word, barred }
    }

    fn width(&self) -> usize {
        format::width(&self.keys) + 1 + format::width(&self.word) + if self.barred { 3 } else { 2 }
    }

    /// What can't be used is dim, and stands in brackets: not every terminal shows what is dim.
    fn put(&self, spans: &mut Vec<Span<'static>>, paint: &Paint<'_>) {
        if self.barred {
            spans.push(paint.span(Role::Dim, format!("({} {}) ", self.keys, self.word)));
        } else {
            spans.push(paint.span(Role::Key, self.keys.clone()));
            spans.push(paint.span(Role::Hint, format!(" {}  ", self.word)));
        }
    }
}

/// What can be written for a guard.
const GUARD: &str = "enter arms it; also: burn over 14.4 for 5m, harmed over 500, joined by or";

/// Draws what is being typed, if anything is.
pub fn draw(state: &State, paint: &Paint<'_>, body: Rect, bottom: Rect, buf: &mut Buffer) {
    let Some(prompt) = state.prompt() else { return };
    match prompt.kind {
        PromptKind::Filter => {
            Clear.render(bottom, buf);
            let mut spans = vec![paint.span(Role::Key, " / ")];
            let keys = hints(state.keymap(), state.mode());
            let said: Vec<String> = keys
                .iter()
                .filter_map(|h| match h.action {
                    Action::Accept => Some(format!("{} keeps it", h.keys)),
                    Action::Back => Some(format!("{} drops it", h.keys)),
                    _ => None,
                })
                .collect();
            let said = format!("   {}", said.join("  "));
            let room = usize::from(bottom.width).saturating_sub(3 + format::width(&said) + 1);
            spans.extend(typed(prompt, room, paint));
            spans.push(paint.span(Role::Hint, said));
            buf.set_line(bottom.x, bottom.y, &Line::from(spans), bottom.width);
        }
        PromptKind::Confirm => {}
        PromptKind::Image => list("Set image: container=image, * for all", prompt, &[], "enter plans it", paint, body, buf),
        PromptKind::Note => list("A note for the journal", prompt, &[], "enter writes it", paint, body, buf),
        PromptKind::Guard => list("Guard: pause, abort or rollback when …", prompt, &[], GUARD, paint, body, buf),
        PromptKind::Palette => {
            let mode = State::mode_of(state.screen());
            let found = matches(state.keymap(), mode, &prompt.text);
            let rows: Vec<(String, String, String)> =
                found.iter().map(|e| (e.action.name().to_owned(), e.action.about().to_owned(), e.keys.join("  "))).collect();
            list("All actions", prompt, &rows, "no action matches", paint, body, buf);
        }
        PromptKind::Namespace => {
            let rows: Vec<(String, String, String)> =
                namespaces(state, &prompt.text).into_iter().map(|n| (paint.namespace(&n), String::new(), String::new())).collect();
            list("Namespace", prompt, &rows, "not seen yet; enter looks there", paint, body, buf);
        }
    }
}

/// What is typed, with the place the next character goes to; where it does not fit, what is nearest to that place stays.
pub(super) fn typed(prompt: &Prompt, room: usize, paint: &Paint<'_>) -> Vec<Span<'static>> {
    let (before, after) = prompt.halves();
    let before = format::tail(before, room.saturating_sub(1), paint.ellipsis());
    let rest = room.saturating_sub(1 + format::width(&before));
    vec![
        paint.span(Role::Strong, before),
        paint.span(Role::Strong, paint.glyph(Glyph::Input)),
        paint.span(Role::Strong, if rest == 0 { String::new() } else { format::cut(after, rest, paint.ellipsis()) }),
    ]
}

fn list(title: &str, prompt: &Prompt, rows: &[(String, String, String)], none: &str, paint: &Paint<'_>, body: Rect, buf: &mut Buffer) {
    let width = body.width.saturating_sub(4).min(92);
    // Why it was not taken, in full, right under what was typed.
    let refusal = prompt.refusal.as_ref().map(|why| format::fold(&paint.twins(&paint.hide(why)), usize::from(width.saturating_sub(4))));
    let refusal = refusal.unwrap_or_default();
    let wanted = u16::try_from(rows.len().max(1) + refusal.len()).unwrap_or(u16::MAX).saturating_add(3);
    let height = body.height.saturating_sub(2).min(wanted).max(4);
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + 1, width, height };
    Clear.render(area, buf);
    let inner = frame(title, true, paint, area, buf);
    let room = usize::from(inner.width);
    let selected = prompt.selected;
    let mut first = vec![paint.span(Role::Key, ": ")];
    first.extend(typed(prompt, room.saturating_sub(2), paint));
    let mut out = vec![Line::from(first)];
    out.extend(refusal.into_iter().map(|line| Line::from(paint.span(Role::Warning, line))));
    if rows.is_empty() {
        out.push(Line::from(paint.span(Role::Dim, none.to_owned())));
    }
    let visible = usize::from(inner.height).saturating_sub(out.len()).max(1);
    let from = (selected + 1).saturating_sub(visible);
    for (n, (name, about, keys)) in rows.iter().enumerate().skip(from).take(visible) {
        let here = n == selected;
        let cursor = if here { paint.glyph(Glyph::Cursor) } else { " " };
        let keys = format::cut(keys, 16, paint.ellipsis());
        // Names and keys are what is looked for; the sentence takes what is left, or nothing where that is too little for one.
        let left = room.saturating_sub(2 + 18 + 2 + format::width(&keys) + 1);
        let about = if left < 12 { String::new() } else { format::cut(about, left, paint.ellipsis()) };
        let about = format::pad(&about, left);
        let line = Line::from(vec![
            paint.span(Role::Strong, format!("{cursor} ")),
            paint.span(if here { Role::Strong } else { Role::Text }, format::pad(&format::fit(name, 18, paint.ellipsis()), 20)),
            paint.span(Role::Dim, about),
            Span::raw(" "),
            paint.span(Role::Key, keys),
        ]);
        out.push(if here { chosen(line, paint) } else { line });
    }
    lines(&out, inner, buf);
}
