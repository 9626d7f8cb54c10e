//! The journal screen: what was done, by whom, and what came of it; newest first, the lines of one action together.
//! Refuses to pass over lines it could not read: they are counted.

mod entry;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::format;
use super::paint::{Paint, lines, scrolled};
use crate::app::{SHOWN, State};
use crate::keys::Action;
use crate::ports::journal::Entry;
use crate::theme::Role;

/// Draws it, and returns how far it can be scrolled.
pub fn draw(state: &State, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let room = usize::from(inner.width);
    let entries = state.journal().shown();
    let actions = grouped(&entries);
    let head = head(state, &entries, actions.len(), paint, room);
    let above = u16::try_from(head.len()).unwrap_or(u16::MAX).min(inner.height);
    lines(&head, Rect { height: above, ..inner }, buf);
    let columns = entry::Columns::of(&entries, paint, room);
    let mut all: Vec<Line<'_>> = Vec::new();
    if !entries.is_empty() {
        all.extend(columns.heading(paint));
    }
    for action in &actions {
        for (n, one) in action.iter().enumerate() {
            all.extend(columns.lines(one, n == 0, n + 1 == action.len(), paint));
        }
    }
    scrolled(&all, state.scrolled(), paint, Rect { y: inner.y + above, height: inner.height - above, ..inner }, buf)
}

/// The entries by action, the newest action first, and its newest line first.
fn grouped<'a>(entries: &[&'a Entry]) -> Vec<Vec<&'a Entry>> {
    let mut groups: Vec<Vec<&Entry>> = Vec::new();
    for entry in entries {
        let known = groups.iter_mut().find(|group| !entry.action.is_empty() && group.first().is_some_and(|one| one.action == entry.action));
        match known {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups
}

/// How much there is, what is filtered, and what could not be read.
fn head(state: &State, entries: &[&Entry], actions: usize, paint: &Paint<'_>, room: usize) -> Vec<Line<'static>> {
    let say = |role, text: &str| -> Vec<Line<'static>> {
        let text = paint.hide(text);
        format::fold(&paint.twins(&text), room).into_iter().map(|line| Line::from(paint.span(role, line))).collect()
    };
    let filter = &state.journal().filter;
    let n = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut out = match &state.journal().read {
        None => say(Role::Text, "The journal is being read."),
        Some(Err(why)) => say(Role::Danger, &format!("The journal can't be read: {why}.")),
        Some(Ok((all, _))) if all.is_empty() => {
            say(Role::Text, "Nothing was done yet: every action leaves its lines here before it is sent.")
        }
        Some(Ok(_)) if entries.is_empty() => {
            say(Role::Text, &format!("No line holds \"{filter}\". {} shows all.", state.key_of(Action::Back)))
        }
        Some(Ok((all, _))) => {
            let mut words = format!("{}, {}", format::plural(n(actions), "action"), format::plural(n(entries.len()), "line"));
            if !filter.is_empty() {
                words.push_str(&format!(" with \"{filter}\" of {}", n(all.len())));
            }
            if all.len() >= SHOWN {
                words.push_str(", the newest");
            }
            say(Role::Strong, &format!("{words}."))
        }
    };
    if let Some(Ok((_, unread @ 1..))) = &state.journal().read {
        let was = if *unread == 1 {
            "1 line could not be read and is left out".to_owned()
        } else {
            format!("{} lines could not be read and are left out", format::count(n(*unread)))
        };
        out.extend(say(Role::Warning, &format!("{was}; they stay in the file.")));
    }
    if let Some(why) = state.journal_problem() {
        out.extend(say(Role::Danger, &format!("The newest line could not be written, so nothing is sent until one can: {why}.")));
    }
    out
}
