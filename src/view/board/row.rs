//! One release as a row of the board, or as two where there is little room or the whole sentence was asked for.

use ratatui::text::{Line, Span};

use super::super::format;
use super::super::paint::{Paint, selected as chosen};
use super::NARROW;
use super::columns::Columns;
use crate::app::State;
use crate::objects::Time;
use crate::release::words::{Mark, Rank, attention, columns, judged, place, version_pair};
use crate::release::{Label, Release};
use crate::theme::{Glyph, Role};

/// The look of a rank: never colour alone.
fn look(rank: Rank) -> (Role, Glyph) {
    match rank {
        Rank::Waiting => (Role::PhasePaused, Glyph::Paused),
        Rank::Failing => (Role::PhaseDegraded, Glyph::Failed),
        Rank::Burning => (Role::Danger, Glyph::Worse),
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
pub fn two_lines(release: &Release, state: &State, at: Time, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let attention = attention(release, at);
    let exposed = exposed(release, paint);
    let (step, room) = (place(release), width.saturating_sub(4 + 1));
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

pub fn release_line(release: &Release, state: &State, at: Time, c: &Columns, paint: &Paint<'_>) -> Line<'static> {
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
    cell(c.step, Role::Text, place(release), false);
    cell(c.versions, Role::Text, paint.twins(&version_pair(release)).into_owned(), false);
    cell(c.exposed, Role::Text, exposed(release, paint), true);
    let (budget, burn) = columns(release);
    let none = || if release.telemetry.is_some() { paint.glyph(Glyph::Dash).to_owned() } else { String::new() };
    cell(c.budget, Role::Text, budget.unwrap_or_else(none), true);
    cell(c.burn, Role::Text, burn.unwrap_or_else(none), true);
    let (role, word) = verdict(release, paint);
    cell(c.verdict, role, word, false);
    cell(c.age, Role::Dim, release.since.map(|since| format::age((at - since).num_seconds())).unwrap_or_default(), true);
    let line = Line::from(spans);
    if selected { chosen(line, paint) } else { line }
}

/// The verdict as a word with its sign, and its look; nothing where nothing is being released.
fn verdict(release: &Release, paint: &Paint<'_>) -> (Role, String) {
    match judged(release) {
        Some((Mark::Bad, word)) => (Role::VerdictFail, format!("{} {word}", paint.glyph(Glyph::Failed))),
        Some((Mark::Good, word)) => (Role::VerdictPass, format!("{} {word}", paint.glyph(Glyph::Done))),
        Some((Mark::Paused, word)) => (Role::Warning, format!("{} {word}", paint.glyph(Glyph::Worse))),
        Some((_, word)) => (Role::VerdictUnknown, format!("  {word}")),
        None => (Role::Dim, String::new()),
    }
}

fn exposed(release: &Release, paint: &Paint<'_>) -> String {
    match &release.exposure.headline {
        None => paint.glyph(Glyph::Dash).to_owned(),
        Some(share) if share.label == Label::Unknown => "?".to_owned(),
        Some(share) => format!("{} % {}", format::percent(share.value, share.label), format::letter(share.label)),
    }
}
