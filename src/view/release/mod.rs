//! The cockpit of one release: which panels a size keeps, and where they stand.
//! Never decides what is true: every word comes from the release.

mod gets;
mod steps;
mod timeline;
mod versions;
mod watched;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format;
use super::paint::{Paint, frame, lines, scrolled};
use crate::app::{Cockpit, Panel};
use crate::objects::Kind;
use crate::release::words::{self, Mark};
use crate::release::{Release, Strategy};
use crate::theme::{Glyph, Role};

pub use gets::missing;
pub use versions::cell;

/// Draws the cockpit into `area`, below the band. `unread` names kinds that could not be read, and why.
pub fn draw(release: &Release, ui: &Cockpit, unread: &[(Kind, String)], paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let head = head(release, paint, area.width);
    let head_rows = u16::try_from(head.len()).unwrap_or(2).min(area.height);
    lines(&head, Rect { height: head_rows, ..area }, buf);
    let body = Rect { y: area.y + head_rows, height: area.height.saturating_sub(head_rows), ..area };
    if ui.expanded && body.height >= 3 {
        panel(ui.focus, release, ui, unread, paint, body, buf);
    } else if body.height < 14 || body.width < 70 {
        essentials(release, unread, paint, body, buf);
    } else {
        for (which, place) in arrange(body, release, unread, paint) {
            panel(which, release, ui, unread, paint, place, buf);
        }
    }
}

/// The verdict: its word and what is true, then what comes; each of the two wrapped where the screen is narrow.
fn head(release: &Release, paint: &Paint<'_>, width: u16) -> Vec<Line<'static>> {
    let verdict = words::verdict(release, paint.now);
    let (role, glyph) = match verdict.mark {
        Mark::Calm => (Role::PhaseHealthy, Glyph::Done),
        Mark::Moving => (Role::PhaseProgressing, Glyph::Now),
        Mark::Waiting => (Role::PhasePaused, Glyph::Paused),
        Mark::Bad => (Role::PhaseDegraded, Glyph::Failed),
    };
    let sign = format!(" {} {:<8} ", paint.glyph(glyph), verdict.word);
    let indent = format::width(&sign);
    let width = usize::from(width);
    let room = width.saturating_sub(indent + 1);
    let per = if width >= 100 { 1 } else { 2 };
    let mut out = Vec::new();
    let first = hidden(&verdict.lines[0], release, paint);
    for (n, text) in format::wrap(&first, room, 2, paint.ellipsis()).into_iter().enumerate() {
        let lead = if n == 0 { paint.span(role, sign.clone()) } else { Span::raw(" ".repeat(indent)) };
        out.push(Line::from(vec![lead, paint.span(if n == 0 { Role::Strong } else { Role::Text }, text)]));
    }
    let room = if width >= 80 { room } else { width.saturating_sub(2) };
    let lead = if width >= 80 { indent } else { 1 };
    for text in format::wrap(&verdict.lines[1], room, per, paint.ellipsis()) {
        out.push(Line::from(vec![Span::raw(" ".repeat(lead)), paint.span(Role::Text, text)]));
    }
    out
}

/// On a shared screen image tags stay (they say what is being released); registries never stand in sentences.
fn hidden(text: &str, release: &Release, paint: &Paint<'_>) -> String {
    if paint.redact { text.replace(release.key.namespace.as_str(), &paint.namespace(&release.key.namespace)) } else { text.to_owned() }
}

/// Which panel stands where. Panels get the height of what they have to say; what is left goes to the timeline.
fn arrange(area: Rect, release: &Release, unread: &[(Kind, String)], paint: &Paint<'_>) -> Vec<(Panel, Rect)> {
    let wide = area.width >= 170;
    let (main, column) = if wide {
        let right = area.width * 2 / 5;
        (Rect { width: area.width - right, ..area }, Some(Rect { x: area.x + area.width - right, width: right, ..area }))
    } else {
        (area, None)
    };
    let steps = (main.width * 28 / 100).max(29).min(main.width / 2);
    let gets = (main.width - steps) * 52 / 100;
    let widths = [(Panel::Steps, steps), (Panel::Gets, gets), (Panel::Watched, main.width - steps - gets)];
    let rows = |which: Panel, width: u16| content(which, release, paint, unread, usize::from(width.saturating_sub(4))).len() + 2;
    let needs = widths.iter().map(|(which, width)| rows(*which, *width)).max().unwrap_or(8);
    let top = clamped(needs, 7, if main.height < 24 { 8 } else { main.height / 2 });
    let rest = main.height.saturating_sub(top);
    let middle = match column {
        Some(_) => rest,
        None => clamped(rows(Panel::Versions, main.width), 4, rest.saturating_sub(5).max(4)).min(rest),
    };
    let mut x = main.x;
    let mut places = Vec::new();
    for (which, width) in widths {
        places.push((which, Rect { x, y: main.y, width, height: top }));
        x += width;
    }
    places.push((Panel::Versions, Rect { y: main.y + top, height: middle, ..main }));
    let below = Rect { y: main.y + top + middle, height: rest - middle, ..main };
    places.push((Panel::Timeline, column.unwrap_or(below)));
    places
}

fn clamped(rows: usize, least: u16, most: u16) -> u16 {
    u16::try_from(rows).unwrap_or(u16::MAX).clamp(least, most.max(least))
}

fn title(which: Panel, release: &Release) -> String {
    match which {
        Panel::Steps => match release.position {
            Some(p) => format!("Steps  {} of {} done", p.index, p.total),
            None => "Steps".to_owned(),
        },
        Panel::Gets => "Who gets it".to_owned(),
        Panel::Watched if !release.experiments.is_empty() => "Analysis and experiment".to_owned(),
        Panel::Watched => "Analysis".to_owned(),
        Panel::Versions => match release.strategy {
            Strategy::Recreate => "Versions  (recreate: all old pods go first)".to_owned(),
            _ => "Versions".to_owned(),
        },
        Panel::Timeline => "What happened".to_owned(),
    }
}

fn content(which: Panel, release: &Release, paint: &Paint<'_>, unread: &[(Kind, String)], width: usize) -> Vec<Line<'static>> {
    match which {
        Panel::Steps => steps::content(release, paint, width),
        Panel::Gets => gets::content(release, paint, unread, width),
        Panel::Watched => watched::content(release, paint, unread, width),
        Panel::Versions => versions::content(release, paint, unread, width),
        Panel::Timeline => timeline::content(release, paint, unread, width),
    }
}

fn panel(which: Panel, release: &Release, ui: &Cockpit, unread: &[(Kind, String)], paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    if area.height < 3 || area.width < 10 {
        return;
    }
    let inner = frame(&title(which, release), ui.focus == which, paint, area, buf);
    let all = content(which, release, paint, unread, usize::from(inner.width));
    let from = ui.scroll[which as usize];
    let from = if which == Panel::Steps && from == 0 { steps::in_view(release, usize::from(inner.height)) } else { from };
    scrolled(&all, from, paint, inner, buf);
}

/// What 40x12 keeps: exposure with its label, the step with its countdown, the versions.
fn essentials(release: &Release, unread: &[(Kind, String)], paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(2));
    let mut out = vec![gets::headline(release, paint, width), steps::strip(release, paint, width)];
    out.extend(versions::bars(release, paint, width));
    if out.len() < usize::from(area.height) {
        out.extend(timeline::content(release, paint, unread, width).into_iter().take(3));
    }
    lines(&out, Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }, buf);
}
