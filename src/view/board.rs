//! The board: every release in scope, those that need a person first. Columns that fit the width; a cell never shows half a number.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format;
use super::paint::{Paint, lines, selected as chosen};
use crate::app::{Group, Row, Screen, State, group};
use crate::keys::Action;
use crate::objects::{Kind, Time};
use crate::ports::{LinkState, Scope, SourceState};
use crate::release::words::{Rank, attention, rung, version_pair};
use crate::release::{Label, Release, ReleaseRef, Strategy};
use crate::theme::{Glyph, Role};

/// Below this width a release takes two lines: its name and share, and why below.
const NARROW: usize = 60;

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
    /// `names` is the longest name there is: figures change, names do not, so that nothing moves while they do.
    fn of(width: usize, names: usize) -> Self {
        let mut c = Self { why: 0, release: 0, step: 0, versions: 0, exposed: 8, ready: 0, age: 0 };
        if width >= 72 {
            c.step = 9;
        }
        if width >= 100 {
            c.versions = if width >= 160 { 32 } else { 20 };
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
        c.release = names.clamp(12, (rest * 48 / 100).max(12));
        c.why = rest.saturating_sub(c.release).min(64);
        c
    }
}

/// Draws the board.
pub fn draw(state: &State, now: Time, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width);
    let at = state.moment(now);
    let rows = state.board().rows(state.shown(), at);
    let mut head = Vec::new();
    if let Some(counts) = counts(state, at, paint, width) {
        head.push(Line::from(vec![Span::raw(" "), paint.span(Role::Text, counts)]));
    }
    if !state.board().filter.is_empty() {
        let text = format!(" filter: {}   {} shows all", state.board().filter, state.key_of(Action::Back));
        head.push(Line::from(paint.span(Role::Warning, format::cut(&text, width, paint.ellipsis()))));
    }
    head.extend(sources(state, width, paint));
    if rows.is_empty() {
        head.extend(empty(state, width, paint));
        lines(&head, area, buf);
        return;
    }
    let columns = Columns::of(width, longest_name(state, paint));
    if width >= NARROW {
        let spread = Line::from(
            paint.span(Role::Header, format!("    RELEASE AND WHY{}", format::right("VERSIONS  STEP  EXPOSED", width.saturating_sub(20)))),
        );
        head.push(if state.board().spread { spread } else { heading(&columns, paint) });
    }
    let top = u16::try_from(head.len()).unwrap_or(2).min(area.height);
    lines(&head, Rect { height: top, ..area }, buf);
    let list = Rect { y: area.y + top, height: area.height.saturating_sub(top), ..area };
    let heights: Vec<usize> = rows.iter().map(|row| height(row, state, width)).collect();
    let selected =
        rows.iter().position(|row| matches!(row, Row::Release(key) if Some(key) == state.board().selected.as_ref())).unwrap_or(0);
    let window = Window::around(selected, &heights, usize::from(list.height));
    let mut y = list.y;
    for (n, row) in rows.iter().enumerate().take(window.last).skip(window.first) {
        let hidden = if n == window.first { window.skip } else { 0 };
        let room = usize::from(list.bottom().saturating_sub(y));
        for line in line(row, state, at, &columns, paint, width).iter().skip(hidden).take(room) {
            buf.set_line(list.x, y, line, list.width);
            y += 1;
        }
    }
    more(&rows, &window, paint, list, buf);
}

/// Which rows are in view, of rows of different heights.
struct Window {
    /// The first row in view, and how many of its lines are not.
    first: usize,
    skip: usize,
    /// One past the last row in view.
    last: usize,
    /// Whether something is out of view: then the last line says how much.
    cut: bool,
    /// How many rows at the end are not whole.
    whole: usize,
}

impl Window {
    /// The selection keeps two lines of company below where there are any.
    fn around(selected: usize, heights: &[usize], room: usize) -> Self {
        let total: usize = heights.iter().sum();
        let end: usize = heights.iter().take(selected + 1).sum();
        let from = (end + 3).saturating_sub(room).min(total.saturating_sub(room));
        let cut = total > room;
        let until = from + room - usize::from(cut && room > 0);
        let (mut begin, mut first, mut skip, mut last, mut whole) = (0, None, 0, 0, 0);
        for (n, height) in heights.iter().enumerate() {
            if begin + height > from && first.is_none() {
                first = Some(n);
                skip = from - begin;
            }
            if begin < until {
                last = n + 1;
            }
            if begin + height <= until {
                whole = n + 1;
            }
            begin += height;
        }
        Self { first: first.unwrap_or(0), skip, last, cut, whole }
    }
}

/// Says how many releases stand above and below, in the last line.
fn more(rows: &[Row], window: &Window, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let releases = |rows: &[Row]| rows.iter().filter(|row| matches!(row, Row::Release(_))).count();
    let above = releases(&rows[..(window.first + usize::from(window.skip > 0)).min(rows.len())]);
    let below = releases(&rows[window.whole.min(rows.len())..]);
    if !window.cut || area.height == 0 {
        return;
    }
    let said = [(above, "above"), (below, if above > 0 { "below" } else { "more" })];
    let text: Vec<String> = said.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("+{n} {word}")).collect();
    let (y, width) = (area.bottom().saturating_sub(1), usize::from(area.width));
    let line = Line::from(paint.span(Role::Dim, format::right(&text.join("  "), width)));
    buf.set_line(area.x, y, &line, area.width);
}

/// The longest name on the board, in columns.
fn longest_name(state: &State, paint: &Paint<'_>) -> usize {
    let of = |key: &ReleaseRef| format::width(&paint.namespace(&key.namespace)) + 1 + format::width(&key.name);
    state.shown().keys().map(of).max().unwrap_or(0)
}

/// How many need a person, move and rest; nothing before anything was read, for nothing is not "none".
fn counts(state: &State, at: Time, paint: &Paint<'_>, width: usize) -> Option<String> {
    let own = |kind: Kind| state.sources().find(|(i, _)| i.release.is_none() && i.kind == kind);
    let read = |kind: Kind| own(kind).is_some_and(|(i, s)| *s == SourceState::Absent || state.has_listed(i.source));
    let (rollouts, deployments) = (read(Kind::Rollout), read(Kind::Deployment));
    if state.shown().is_empty() && !(rollouts && deployments) {
        return None;
    }
    let mut by = [0_i64; 3];
    for release in state.shown().values() {
        by[group(attention(release, at).rank) as usize] += 1;
    }
    let sep = paint.glyph(Glyph::Separator);
    let need = if by[0] == 1 { "needs you" } else { "need you" };
    let mut parts = vec![format!("{} {need} {sep} {} moving {sep} {} steady", by[0], by[1], by[2])];
    if !(rollouts && deployments) {
        parts[0].push_str(", of what could be read");
    }
    let board = state.board();
    if !board.marks.is_empty() {
        parts.push(format!("{} marked", board.marks.len()));
    }
    if board.sort != crate::app::Sort::Need || board.reversed {
        parts.push(format!("sorted by {}{}", board.sort.word(), if board.reversed { ", reversed" } else { "" }));
    }
    if own(Kind::Rollout).is_some_and(|(_, s)| *s == SourceState::Absent) {
        parts.push("no Argo Rollouts in this cluster".to_owned());
    }
    // What does not fit whole is left out: half a sentence about counts would be a wrong count.
    let mut text = String::new();
    for part in parts {
        let longer = if text.is_empty() { part } else { format!("{text}   {part}") };
        if !text.is_empty() && format::width(&longer) + 2 > width {
            break;
        }
        text = longer;
    }
    Some(format::cut(&text, width.saturating_sub(2), paint.ellipsis()))
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
            SourceState::Denied(what) => (
                Role::Warning,
                format!(
                    "You may not {}: left out here, the rest works. `flightdeck check` tells which rights are missing.",
                    paint.hide(what)
                ),
            ),
            SourceState::Retrying { reason, .. } => (Role::Warning, format!("{name}: {}, trying again", paint.hide(reason))),
        };
        let wrapped = format::wrap(&text, width.saturating_sub(2), 2, paint.ellipsis());
        out.extend(wrapped.into_iter().map(|l| Line::from(vec![Span::raw(" "), paint.span(role, l)])));
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
        LinkState::Connecting(_) if identity.server.is_empty() => "Nothing has been read yet.".to_owned(),
        LinkState::Connecting(_) => {
            let user = if identity.user.is_empty() { String::new() } else { format!(" as {}", identity.user) };
            format!("Connecting to {} at {}{user}.", identity.context, identity.server)
        }
        LinkState::Lost { .. } if connection.heard.is_none() => format!("{} has not answered yet.", identity.server),
        _ if !state.board().filter.is_empty() && !state.shown().is_empty() => "No release matches the filter.".to_owned(),
        _ if listing => "Reading what there is.".to_owned(),
        _ if denied && state.scope() == Some(&Scope::All) => {
            format!("Nothing else to show. {} chooses one namespace, where you may be allowed more.", state.key_of(Action::Namespace))
        }
        _ if denied => "Nothing else to show.".to_owned(),
        _ => {
            let (all, choose) = (state.key_of(Action::AllNamespaces), state.key_of(Action::Namespace));
            let elsewhere = connection.elsewhere.filter(|n| *n > 0);
            let elsewhere = elsewhere.map_or_else(
                || format!("{all} shows all namespaces, {choose} chooses one."),
                |n| format!("{n} in all namespaces: {all} shows them, {choose} chooses a namespace."),
            );
            match state.scope() {
                Some(Scope::Namespace(_)) => format!("No releases in {place}. {elsewhere}"),
                _ => "No releases in any namespace: no Deployment and no Rollout.".to_owned(),
            }
        }
    };
    let text = paint.hide(&text);
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

/// Lines that a row takes.
fn height(row: &Row, state: &State, width: usize) -> usize {
    match row {
        Row::Release(_) if width < NARROW || state.board().spread => 2,
        _ => 1,
    }
}

fn line(row: &Row, state: &State, at: Time, c: &Columns, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
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
            vec![Line::from(paint.span(Role::Border, format!("{text}{}", rule.repeat(rest))))]
        }
        Row::Release(key) => match state.shown().get(key) {
            Some(release) if width < NARROW || state.board().spread => two_lines(release, state, at, paint, width),
            Some(release) => vec![release_line(release, state, at, c, paint)],
            // Rows come from what is shown: this one went between the two.
            None => vec![Line::default(); height(row, state, width)],
        },
    }
}

/// The look of a rank: never colour alone.
fn look(rank: Rank) -> (Role, Glyph) {
    match rank {
        Rank::Waiting => (Role::PhasePaused, Glyph::Paused),
        Rank::Failing => (Role::PhaseDegraded, Glyph::Failed),
        Rank::Progressing => (Role::PhaseProgressing, Glyph::Now),
        Rank::Idle => (Role::PhaseHealthy, Glyph::Done),
    }
}

/// What every release begins with: cursor, mark and sign.
fn lead(release: &Release, rank: Rank, state: &State, paint: &Paint<'_>) -> Vec<Span<'static>> {
    let selected = state.board().selected.as_ref() == Some(&release.key);
    let (role, glyph) = look(rank);
    let cursor = if selected { paint.glyph(Glyph::Cursor) } else { " " };
    let mark = if state.board().marks.contains(&release.key) { paint.glyph(Glyph::Marked) } else { " " };
    vec![paint.span(Role::Strong, cursor), paint.span(Role::Marked, mark), paint.sign(role, glyph), Span::raw(" ")]
}

/// A release on two lines: where there is little room, and where the whole sentence was asked for.
/// On a narrow screen the namespace is left out: the name is what is said aloud.
fn two_lines(release: &Release, state: &State, at: Time, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let attention = attention(release, at);
    let exposed = exposed(release, paint);
    let (step, room) = (step(release), width.saturating_sub(4 + 1));
    let figures = if format::width(&step) + format::width(&exposed) + 16 <= room {
        format!("{}  {}", format::right(&step, 7), format::right(&exposed, 8))
    } else {
        exposed
    };
    let mut figures = figures;
    let mut name = release.key.name.to_string();
    if width >= NARROW {
        figures = format!("{}  {figures}", paint.fit(&paint.twins(&version_pair(release)), 32));
        name = format!("{}/{name}", paint.namespace(&release.key.namespace));
    }
    let name = paint.fit(&name, room.saturating_sub(format::width(&figures) + 1));
    let gap = room.saturating_sub(format::width(&name) + format::width(&figures));
    let mut first = lead(release, attention.rank, state, paint);
    first.extend([paint.span(Role::Strong, name), Span::raw(" ".repeat(gap)), paint.span(Role::Text, figures)]);
    let (role, _) = look(attention.rank);
    let why = format::cut(&paint.hide(&attention.why), room, paint.ellipsis());
    let second = Line::from(vec![Span::raw("    "), paint.span(if attention.rank == Rank::Idle { Role::Dim } else { role }, why)]);
    let first = Line::from(first);
    let selected = state.board().selected.as_ref() == Some(&release.key);
    vec![if selected { chosen(first, paint) } else { first }, second]
}

fn release_line(release: &Release, state: &State, at: Time, c: &Columns, paint: &Paint<'_>) -> Line<'static> {
    let attention = attention(release, at);
    let selected = state.board().selected.as_ref() == Some(&release.key);
    let (role, _) = look(attention.rank);
    let name = format!("{}/{}", paint.namespace(&release.key.namespace), release.key.name);
    let strong = if selected { Role::Strong } else { Role::Text };
    let mut spans = lead(release, attention.rank, state, paint);
    spans.extend([
        paint.span(
            if attention.rank == Rank::Idle { Role::Dim } else { role },
            format::pad(&format::cut(&paint.hide(&attention.why), c.why, paint.ellipsis()), c.why),
        ),
        Span::raw("  "),
        paint.span(strong, format::pad(&paint.fit(&name, c.release), c.release)),
    ]);
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

/// The rung it stands on; `done` where nothing is left to do.
fn step(release: &Release) -> String {
    match (rung(release), release.strategy) {
        _ if release.abort.is_some() => "aborted".to_owned(),
        (Some((at, of)), _) if release.under_way || at < of => format!("{at}/{of}"),
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
