//! The reasons behind what is said of a release, in full: everything known, with its source and age, one sentence a line.
//! Refuses to leave out what was not read.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::charts;
use super::format;
use super::paint::{Paint, scrolled};
use crate::app::State;
use crate::release::Release;
use crate::release::words::why;
use crate::theme::Role;

/// Draws it, and returns how far it can be scrolled.
pub fn draw(state: &State, release: &Release, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let room = usize::from(inner.width);
    let mut out = lines(release, paint, room);
    let said = out.iter().skip(1).position(|line| line.spans.len() == 1).map_or(out.len(), |at| at + 1);
    out.splice(said..said, drawn(release, paint, room));
    out.push(Line::from(paint.span(Role::Title, "Sources")));
    for (interest, source) in state.sources().filter(|(i, _)| i.release.is_none() || i.release.as_ref() == Some(&release.key)) {
        use crate::ports::SourceState as S;
        let text = match source {
            S::Live => "live".to_owned(),
            S::Listing => "being listed".to_owned(),
            S::Retrying { reason, .. } => format!("trying again: {}", paint.hide(reason)),
            S::Denied(what) => format!("you may not {}", paint.hide(what)),
            S::Absent => "not served by this cluster".to_owned(),
        };
        let text = paint.hide(&format!("{}: {text}", interest.kind.resource()));
        sentence(paint, Role::Text, &text, room, &mut out);
    }
    let remarks = state.metrics().remarks();
    if !remarks.is_empty() {
        out.push(Line::from(paint.span(Role::Title, "Where objectives were looked for")));
    }
    for remark in remarks {
        sentence(paint, Role::Text, &paint.hide(&remark), room, &mut out);
    }
    scrolled(&out, state.scrolled(), paint, inner, buf)
}

/// As high as a chart is here, its heading included.
const HIGH: usize = 10;
/// A chart that is wider says no more.
const WIDE: usize = 100;

/// The budgets, the ranges and the course of the release as pictures: below what is said on top, above what it rests on.
fn drawn(release: &Release, paint: &Paint<'_>, room: usize) -> Vec<Line<'static>> {
    let room = room.saturating_sub(2).min(WIDE);
    let telemetry = release.telemetry.as_deref();
    let budgets = telemetry.map_or(&[][..], |telemetry| &telemetry.budgets);
    let both = telemetry.and_then(|telemetry| telemetry.comparison.as_ref()).filter(|_| release.under_way);
    let mut all: Vec<(String, Vec<Line<'static>>)> = budgets
        .iter()
        .map(|one| (paint.hide(&format!("Error budget of {}", one.objective.name())), charts::burn_down(release, one, paint, room, HIGH)))
        .collect();
    all.push(("New against old".to_owned(), both.map(|both| charts::intervals(both, paint, room)).unwrap_or_default()));
    all.push(("Who gets it, and what it costs".to_owned(), {
        let mut lines = charts::share(release, paint, room, HIGH - 2);
        lines.extend(charts::failed(release, paint, room, HIGH - 2));
        lines
    }));
    let mut out = Vec::new();
    for (title, lines) in all.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        out.push(Line::from(paint.span(Role::Title, title)));
        out.extend(lines.into_iter().map(|mut line| {
            line.spans.insert(0, Span::raw("  "));
            line
        }));
    }
    out
}

/// The reasons under their headings.
fn lines(release: &Release, paint: &Paint<'_>, room: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let mut heading = "";
    for reason in why(release, paint.now) {
        if reason.about != heading {
            heading = reason.about;
            out.push(Line::from(paint.span(Role::Title, heading)));
        }
        let role = match heading {
            "What no phase tells" | "Not read" => Role::Warning,
            "Said on top" => Role::Strong,
            _ => Role::Text,
        };
        sentence(paint, role, &paint.hide(&reason.text), room, &mut out);
    }
    out
}

fn sentence(paint: &Paint<'_>, role: Role, text: &str, room: usize, out: &mut Vec<Line<'static>>) {
    for (n, line) in format::fold_to(text, room.saturating_sub(4), 8).into_iter().enumerate() {
        let line = paint.twins(&line).into_owned();
        out.push(Line::from(vec![Span::raw(if n == 0 { "  " } else { "    " }), paint.span(role, line)]));
    }
}
