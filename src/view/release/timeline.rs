//! What happened, newest first.

use ratatui::text::{Line, Span};

use super::super::format;
use super::super::paint::Paint;
use super::gets::missing;
use crate::objects::Kind;
use crate::release::{HappeningKind, Release};
use crate::theme::Role;

/// One line a happening.
pub fn content(release: &Release, paint: &Paint<'_>, unread: &[(Kind, String)], width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    for (kind, why) in unread.iter().filter(|(kind, _)| *kind == Kind::Event) {
        out.extend(missing(*kind, why, paint, width));
    }
    let routine = release.timeline.iter().filter(|h| h.kind == HappeningKind::Routine).count();
    for happening in release.timeline.iter().filter(|h| h.kind != HappeningKind::Routine) {
        let kind = match happening.kind {
            HappeningKind::Pod => "pod",
            HappeningKind::Step => "step",
            HappeningKind::Analysis => "analysis",
            HappeningKind::Scale => "scale",
            HappeningKind::Routine => "routine",
            HappeningKind::Controller => "control",
        };
        let again =
            if happening.count > 1 { format!("  {}{}", happening.count, paint.glyph(crate::theme::Glyph::Times)) } else { String::new() };
        let old = (paint.now - happening.at).num_hours() >= 24;
        let at = if old {
            happening.at.with_timezone(&paint.zone).format("%d %b  ").to_string()
        } else {
            format::clock(happening.at, paint.zone)
        };
        let room = width.saturating_sub(format::width(&at) + 12 + format::width(&again));
        let role = if happening.warning { Role::Warning } else { Role::Text };
        out.push(Line::from(vec![
            paint.span(Role::Dim, at),
            Span::raw("  "),
            paint.span(Role::Dim, format!("{kind:<9} ")),
            paint.span(role, format::cut(&happening.text, room, paint.ellipsis())),
            paint.span(Role::Dim, again),
        ]));
    }
    if routine > 0 {
        let text = format!(
            "{} of pods being started and stopped: the pods screen has them",
            format::things(routine as i64, "routine event", "routine events")
        );
        out.push(Line::from(paint.span(Role::Dim, format::cut(&text, width, paint.ellipsis()))));
    }
    if out.is_empty() {
        let text = if unread.is_empty() { "No events: clusters keep them for an hour or so." } else { "No events read yet." };
        out.push(Line::from(paint.span(Role::Dim, text)));
    }
    out
}
