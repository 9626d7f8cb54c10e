//! The board: every release in scope, those that need a person first. Columns that fit the width; a cell never shows half a number.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format;
use super::paint::{Paint, lines, selected as chosen};
use crate::app::{Group, Row, Screen, State, group};
use crate::objects::{Kind, Time};
use crate::ports::{LinkState, Scope, SourceState};
use crate::release::words::{Rank, attention, version_pair};
use crate::release::{Label, Release, Strategy};
use crate::theme::{Glyph, Role};

/// Widths of the columns for a screen's width; 0 leaves one out.
struct Columns {
    why: usize,
    release: usize,
    step: usize,
    versions: usize,
    exposed: usize,
    ready: usize,
    age: usize,
}

impl Columns {
    fn of(width: usize) -> Self {
        let mut c = Self { why: 0, release: 0, step: 0, versions: 0, exposed: 8, ready: 0, age: 0 };
        if width >= 72 {
            c.step = 9;
        }
        if width >= 100 {
            c.versions = 20;
        }
        if width >= 116 {
            c.ready = 9;
        }
        if width >= 92 {
            c.age = 8;
        }
        let gaps = 2 * [c.step, c.versions, c.exposed, c.ready, c.age].iter().filter(|w| **w > 0).count() + 2;
        let fixed = 4 + c.step + c.versions + c.exposed + c.ready + c.age + gaps;
        let rest = width.saturating_sub(fixed);
        c.release = (rest * 42 / 100).clamp(12, 40);
        c.why = rest.saturating_sub(c.release);
        c
    }
}

/// Draws the board.
pub fn draw(state: &State, now: Time, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width);
    let at = state.moment(now);
    let rows = state.board().rows(state.shown(), at);
    let counts = counts(state, at, paint);
    let mut head =
        vec![Line::from(vec![Span::raw(" "), paint.span(Role::Text, format::cut(&counts, width.saturating_sub(2), paint.ellipsis()))])];
    if !state.board().filter.is_empty() {
        let text = format!(" filter: {}   esc shows all", state.board().filter);
        head.push(Line::from(paint.span(Role::Warning, format::cut(&text, width, paint.ellipsis()))));
    }
    head.extend(sources(state, width, paint));
    if rows.is_empty() {
        head.extend(empty(state, width, paint));
        lines(&head, area, buf);
        return;
    }
    let columns = Columns::of(width);
    head.push(heading(&columns, paint));
    let top = u16::try_from(head.len()).unwrap_or(2).min(area.height);
    lines(&head, Rect { height: top, ..area }, buf);
    let list = Rect { y: area.y + top, height: area.height.saturating_sub(top), ..area };
    let all: Vec<Line<'_>> = rows.iter().map(|row| line(row, state, at, &columns, paint, width)).collect();
    let selected =
        rows.iter().position(|row| matches!(row, Row::Release(key) if Some(key) == state.board().selected.as_ref())).unwrap_or(0);
    let height = usize::from(list.height);
    // The selection keeps two rows of company where there are any.
    let from = (selected + 3).saturating_sub(height).min(all.len().saturating_sub(height));
    lines(&all[from..], list, buf);
    let below = all.len().saturating_sub(from + height);
    if below > 0 {
        let text = format!(" +{} more", below + 1);
        let x = area.right().saturating_sub(u16::try_from(text.len()).unwrap_or(0));
        buf.set_line(area.x, area.bottom().saturating_sub(1), &Line::from(" ".repeat(width)), area.width);
        buf.set_line(x, area.bottom().saturating_sub(1), &Line::from(paint.span(Role::Dim, text)), area.width);
    }
}

fn counts(state: &State, at: Time, paint: &Paint<'_>) -> String {
    let mut by = [0_i64; 3];
    for release in state.shown().values() {
        by[group(attention(release, at).rank) as usize] += 1;
    }
    let sep = paint.glyph(Glyph::Separator);
    let need = if by[0] == 1 { "needs you" } else { "need you" };
    let mut text = format!("{} {need} {sep} {} moving {sep} {} steady", by[0], by[1], by[2]);
    let board = state.board();
    if board.sort != crate::app::Sort::Need || board.reversed {
        text.push_str(&format!("   sorted by {}{}", board.sort.word(), if board.reversed { ", reversed" } else { "" }));
    }
    if !board.marks.is_empty() {
        text.push_str(&format!("   {} marked", board.marks.len()));
    }
    text
}

/// Sources of the board that are not live, each in words.
fn sources(state: &State, width: usize, paint: &Paint<'_>) -> Vec<Line<'static>> {
    if state.screen() != Screen::Board || !state.connection().is_live() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (interest, source) in state.sources().filter(|(i, _)| i.release.is_none()) {
        let name = interest.kind.resource();
        let (role, text) = match source {
            SourceState::Live => continue,
            SourceState::Absent if interest.kind == Kind::Rollout => continue,
            SourceState::Absent => (Role::Dim, format!("{name}: not served by this cluster")),
            SourceState::Listing => (Role::Dim, format!("{name}: being listed")),
            SourceState::Denied(what) => (Role::Warning, format!("you may not {what}: left out here, the rest works")),
            SourceState::Retrying { reason, .. } => (Role::Warning, format!("{name}: {reason}, trying again")),
        };
        out.push(Line::from(vec![Span::raw(" "), paint.span(role, format::cut(&text, width.saturating_sub(2), paint.ellipsis()))]));
    }
    out
}

/// Why there is nothing to show.
fn empty(state: &State, width: usize, paint: &Paint<'_>) -> Vec<Line<'static>> {
    let connection = state.connection();
    let identity = state.identity();
    let place = match state.scope() {
        None | Some(Scope::All) => "any namespace".to_owned(),
        Some(Scope::Namespace(name)) => paint.namespace(name),
    };
    let listing = state.sources().any(|(i, s)| i.release.is_none() && *s == SourceState::Listing);
    let denied = state.sources().any(|(i, s)| i.release.is_none() && matches!(s, SourceState::Denied(_)));
    let text = match &connection.state {
        LinkState::Unusable(_) => "Nothing to watch. `flightdeck demo` opens the cockpit on a cluster of its own.".to_owned(),
        LinkState::Connecting(_) => {
            let user = if identity.user.is_empty() { String::new() } else { format!(" as {}", identity.user) };
            format!("Connecting to {} at {}{user}.", identity.context, identity.server)
        }
        LinkState::Lost { .. } if connection.heard.is_none() => format!("{} has not answered yet.", identity.server),
        _ if !state.board().filter.is_empty() => "No release matches the filter.".to_owned(),
        _ if listing => "Reading what there is.".to_owned(),
        _ if denied => "Nothing else to show. `flightdeck check` tells which rights are missing.".to_owned(),
        _ => {
            let elsewhere = connection.elsewhere.map(|n| format!(" {n} in all namespaces.")).unwrap_or_default();
            format!("No releases in {place}.{elsewhere} A shows all namespaces, n chooses one.")
        }
    };
    let room = width.saturating_sub(2);
    let mut out = vec![Line::default()];
    out.extend(
        format::wrap(&text, room, 4, paint.ellipsis()).into_iter().map(|l| Line::from(vec![Span::raw(" "), paint.span(Role::Text, l)])),
    );
    out
}

fn heading(c: &Columns, paint: &Paint<'_>) -> Line<'static> {
    let mut text = format!("    {}  {}", format::pad("WHY", c.why), format::pad("RELEASE", c.release));
    for (width, name) in [(c.step, "STEP"), (c.versions, "VERSIONS"), (c.exposed, "EXPOSED"), (c.ready, "READY"), (c.age, "AGE")] {
        if width > 0 {
            text.push_str("  ");
            text.push_str(&if matches!(name, "EXPOSED" | "READY" | "AGE") { format::right(name, width) } else { format::pad(name, width) });
        }
    }
    Line::from(paint.span(Role::Header, text))
}

fn line(row: &Row, state: &State, at: Time, c: &Columns, paint: &Paint<'_>, width: usize) -> Line<'static> {
    match row {
        Row::Heading(group, members, folded) => {
            let name = match group {
                Group::NeedsYou => "needs you",
                Group::Moving => "moving",
                Group::Steady => "steady",
            };
            let rule = paint.glyph(Glyph::Rule);
            let fold = if *folded { format!("  {members} folded") } else { String::new() };
            let text = format!(" {rule}{rule} {name}{fold} ");
            let rest = width.saturating_sub(format::width(&text) + 1);
            Line::from(paint.span(Role::Border, format!("{text}{}", rule.repeat(rest))))
        }
        Row::Release(key) => match state.shown().get(key) {
            Some(release) => release_line(release, state, at, c, paint),
            None => Line::default(),
        },
    }
}

fn release_line(release: &Release, state: &State, at: Time, c: &Columns, paint: &Paint<'_>) -> Line<'static> {
    let attention = attention(release, at);
    let selected = state.board().selected.as_ref() == Some(&release.key);
    let marked = state.board().marks.contains(&release.key);
    let (role, glyph) = match attention.rank {
        Rank::Waiting => (Role::PhasePaused, Glyph::Paused),
        Rank::Failing => (Role::PhaseDegraded, Glyph::Failed),
        Rank::Progressing => (Role::PhaseProgressing, Glyph::Now),
        Rank::Idle => (Role::PhaseHealthy, Glyph::Done),
    };
    // Where there is little room the namespace goes first: the name is what is said aloud.
    let name = if c.step == 0 {
        release.key.name.to_string()
    } else {
        format!("{}/{}", paint.namespace(&release.key.namespace), release.key.name)
    };
    let cursor = if selected { paint.glyph(Glyph::Cursor) } else { " " };
    let mark = if marked { paint.glyph(Glyph::Marked) } else { " " };
    let strong = if selected { Role::Strong } else { Role::Text };
    let mut spans = vec![
        paint.span(Role::Strong, cursor),
        paint.span(Role::Marked, mark),
        paint.sign(role, glyph),
        Span::raw(" "),
        paint.span(
            if attention.rank == Rank::Idle { Role::Dim } else { role },
            format::pad(&format::cut(&attention.why, c.why, paint.ellipsis()), c.why),
        ),
        Span::raw("  "),
        paint.span(strong, format::pad(&paint.fit(&name, c.release), c.release)),
    ];
    let mut cell = |width: usize, role: Role, text: String, right: bool| {
        if width > 0 {
            let text = paint.fit(&text, width);
            spans.push(Span::raw("  "));
            spans.push(paint.span(role, if right { format::right(&text, width) } else { format::pad(&text, width) }));
        }
    };
    cell(c.step, Role::Text, step(release), false);
    cell(c.versions, Role::Text, paint.twins(&version_pair(release)).into_owned(), false);
    cell(c.exposed, Role::Text, exposed(release, paint), true);
    cell(c.ready, Role::Text, format!("{}/{}", release.replicas.ready, release.replicas.desired), true);
    cell(c.age, Role::Dim, release.since.map(|since| format::age((at - since).num_seconds())).unwrap_or_default(), true);
    let line = Line::from(spans);
    if selected { chosen(line, paint) } else { line }
}

fn step(release: &Release) -> String {
    match (release.position, release.strategy) {
        (Some(p), _) if release.under_way || p.index < p.total => format!("{}/{}", p.index, p.total),
        (Some(_), _) => "done".to_owned(),
        (None, Strategy::BlueGreen) if release.under_way => "preview".to_owned(),
        (None, Strategy::Rolling | Strategy::Recreate) if release.under_way => {
            format!("{} of {}", release.replicas.updated, release.replicas.desired)
        }
        _ => "done".to_owned(),
    }
}

fn exposed(release: &Release, paint: &Paint<'_>) -> String {
    match &release.exposure.headline {
        None => paint.glyph(Glyph::Dash).to_owned(),
        Some(share) if share.label == Label::Unknown => "?".to_owned(),
        Some(share) => format!("{} % {}", format::percent(share.value, share.label), format::letter(share.label)),
    }
}
