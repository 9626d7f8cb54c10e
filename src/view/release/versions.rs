//! Every version that holds pods as a bar with its numbers, one cell a pod, and what is wrong with those that fail.
//! Refuses to show a pod that is not ready as anything that looks healthy.

use ratatui::text::{Line, Span};

use super::grid;
use super::row::Row;
use super::scene::Scene;
use crate::objects::Kind;
use crate::release::words::{capital, role, side, version_name};
use crate::release::{PodMix, Version};
use crate::theme::{Glyph, Role};
use crate::view::format::{duration, fold, left, plural, seconds_left, shorten, width};
use crate::view::pods;

/// From this width on bars and pods stand side by side.
const SIDE_BY_SIDE: usize = 100;

/// With so many lines left over, all pods are listed by name.
const LIST: usize = 12;

/// Title and what stands behind it.
pub fn title(scene: &Scene) -> (String, String) {
    let held = scene.release.versions.iter().filter(|v| v.current > 0 || v.desired > 0).count();
    let pods = if scene.release.pods.is_empty() { String::new() } else { plural(super::scene::as_count(scene.release.pods.len()), "pod") };
    ("Versions".to_owned(), if held > 2 { format!("{held} hold pods, {pods}").trim_end_matches(", ").to_owned() } else { pods })
}

/// The panel's lines.
pub fn lines(scene: &Scene, room: usize, height: usize) -> Vec<Line<'static>> {
    if room >= SIDE_BY_SIDE {
        let half = (room - 3) * 11 / 20;
        let reasons = grid::reasons(scene, room);
        let (bars, cells) = (bars(scene, half, false), grid::cells(scene, room - half - 3, height.saturating_sub(reasons.len().min(3))));
        let mut lines = beside(scene, bars, cells, half);
        if height > lines.len() + LIST && !scene.release.pods.is_empty() {
            lines.push(Line::default());
            lines.extend(pods::list(scene, room));
        } else {
            lines.extend(reasons);
        }
        return lines;
    }
    let mut lines = bars(scene, room, height <= 4);
    let reasons = grid::reasons(scene, room);
    let left = height.saturating_sub(lines.len());
    if left <= reasons.len().min(1) {
        // One line only: why a pod fails says more than how many there are, which the bars have said.
        lines.extend(reasons);
        lines.extend(grid::cells(scene, room, 2));
    } else {
        lines.extend(grid::cells(scene, room, left.saturating_sub(reasons.len().min(3)).max(1)));
        lines.extend(reasons);
    }
    lines
}

/// Only the bars: for a place with no room for pods.
pub fn bars(scene: &Scene, room: usize, tight: bool) -> Vec<Line<'static>> {
    let shown: Vec<&Version> = scene.release.versions.iter().filter(|v| v.current > 0 || v.desired > 0 || total(v) > 0).collect();
    let most = shown.iter().map(|v| total(v).max(v.desired)).max().unwrap_or(0);
    let columns = Columns::of(scene, &shown, room);
    // Old above new, as time goes; what is neither comes last.
    let mut shown = shown;
    shown.sort_by_key(|v| side(scene.release, v));
    let mut lines: Vec<Line<'static>> = shown.iter().map(|v| line(scene, v, &columns, most, room, tight)).collect();
    if lines.is_empty() {
        let words = scene.missing(Kind::ReplicaSet).map_or_else(|| "No version holds any pods.".to_owned(), |why| capital(&why));
        lines.extend(fold(&words, room).into_iter().map(|l| Row::new(scene.paint).put(Role::Warning, l).line()));
    }
    lines
}

/// Widths that all versions share, so that their bars begin in one column.
struct Columns {
    role: usize,
    tag: usize,
    revision: usize,
    bar: usize,
    /// Whether numbers stand with signs, for lack of room for words.
    short: bool,
}

impl Columns {
    fn of(scene: &Scene, versions: &[&Version], room: usize) -> Self {
        let widest = |f: &dyn Fn(&Version) -> usize| versions.iter().map(|v| f(v)).max().unwrap_or(0);
        let role = widest(&|v| width(role(scene.release, v)));
        let tag = widest(&|v| width(&version_name(scene.release, v))).min((room / 4).max(6));
        let revision = if room >= 44 { widest(&|v| width(&revision(v))) } else { 0 };
        let taken = 2 + role + 1 + tag + 1 + if revision > 0 { revision + 1 } else { 0 };
        let width_of = |said: Vec<(Role, String)>| said.iter().map(|(_, w)| width(w) + 1).sum::<usize>();
        let words = widest(&|v| v.mix.map_or(width(&unread(v)), |mix| width_of(numbers(mix))));
        let short = taken + words + 6 > room;
        let words = if short { widest(&|v| v.mix.map_or(16, |mix| width_of(signs(scene, mix)))) } else { words };
        Self { role, tag, revision, short, bar: room.saturating_sub(taken + words + 2).clamp(4, 40) }
    }
}

fn revision(version: &Version) -> String {
    if version.revision > 0 { format!("r{}", version.revision) } else { String::new() }
}

fn total(version: &Version) -> i64 {
    version.mix.map_or(version.current, |m| m.ready + m.starting + m.failing + m.terminating)
}

fn unread(version: &Version) -> String {
    format!("{} of {} ready, pods not read", version.ready, version.desired)
}

/// The numbers of a mix in words, each with its look.
fn numbers(mix: PodMix) -> Vec<(Role, String)> {
    let all = [
        (Role::PodReady, mix.ready, "ready"),
        (Role::PodStarting, mix.starting, "starting"),
        (Role::PodFailing, mix.failing, "failing"),
        (Role::PodTerminating, mix.terminating, "ending"),
    ];
    let said: Vec<_> = all.into_iter().filter(|(_, n, _)| *n > 0).map(|(role, n, word)| (role, format!("{n} {word}"))).collect();
    if said.is_empty() { vec![(Role::Dim, "no pods".to_owned())] } else { said }
}

/// The numbers of a mix with signs: `9 ready`, and what is not as `✖ 1`.
fn signs(scene: &Scene, mix: PodMix) -> Vec<(Role, String)> {
    let all = [(Role::PodFailing, mix.failing, Glyph::Failed), (Role::PodStarting, mix.starting, Glyph::Starting)];
    let mut said = vec![(Role::PodReady, format!("{} ready", mix.ready))];
    said.extend(all.into_iter().filter(|(_, n, _)| *n > 0).map(|(role, n, glyph)| (role, format!("{}{n}", scene.paint.glyph(glyph)))));
    said
}

fn line(scene: &Scene, v: &Version, columns: &Columns, most: i64, room: usize, tight: bool) -> Line<'static> {
    let (glyph, look) = scene.shape(v);
    let mut row = Row::new(scene.paint)
        .put(look, scene.paint.glyph(glyph))
        .text(" ")
        .text(left(role(scene.release, v), columns.role))
        .text(" ")
        .put(look, left(&version_name(scene.release, v), columns.tag))
        .text(" ");
    if columns.revision > 0 {
        row = row.dim(left(&revision(v), columns.revision)).text(" ");
    }
    let end = row.used() + columns.bar;
    for (role, glyph, cells) in segments(v, most, columns.bar) {
        let role = if role == Role::PodReady { look } else { role };
        row = row.put(role, scene.paint.glyph(glyph).repeat(cells));
    }
    row = row.to(end + 2);
    match v.mix {
        Some(mix) => {
            for (role, words) in if columns.short { signs(scene, mix) } else { numbers(mix) } {
                row = row.put(role, words).text(" ");
            }
        }
        None => {
            let words = if columns.short { format!("{} of {}, unread", v.ready, v.desired) } else { unread(v) };
            let left_over = room.saturating_sub(row.used());
            row = row.put(Role::Warning, shorten(&words, left_over));
        }
    }
    if let Some(at) = v.scale_down_at.filter(|at| *at > scene.paint.now && !tight) {
        let words = format!("goes in {}", duration(seconds_left(scene.paint.now, at)));
        if row.used() + width(&words) < room {
            row = row.dim(words);
        }
    }
    row.line()
}

/// The bar in pieces: ready, starting, failing, ending; what is there always has a cell of its own.
fn segments(v: &Version, most: i64, room: usize) -> Vec<(Role, Glyph, usize)> {
    let mix = v.mix.unwrap_or(PodMix { ready: v.ready, starting: (v.current - v.ready).max(0), ..PodMix::default() });
    let parts = [
        (Role::PodReady, Glyph::BarFull, mix.ready),
        (Role::PodStarting, Glyph::BarHalf, mix.starting),
        (Role::PodFailing, Glyph::Failed, mix.failing),
        (Role::PodTerminating, Glyph::Terminating, mix.terminating),
    ];
    let mut left = room;
    parts
        .into_iter()
        .map(|(role, glyph, n)| {
            let n = usize::try_from(n).unwrap_or(0);
            let most = usize::try_from(most).unwrap_or(0).max(1);
            // A bar of few pods gives each pod the same number of cells.
            let each = if most <= room { n * (room / most) } else { (n * room).div_ceil(most) };
            let cells = each.min(left);
            left -= cells;
            (role, glyph, cells)
        })
        .collect()
}

fn beside(scene: &Scene, a: Vec<Line<'static>>, b: Vec<Line<'static>>, at: usize) -> Vec<Line<'static>> {
    let height = a.len().max(b.len());
    let (mut a, mut b) = (a.into_iter(), b.into_iter());
    (0..height)
        .map(|_| {
            let mut line = a.next().unwrap_or_default();
            let gap = (at + 3).saturating_sub(line.width());
            line.push_span(Span::styled(" ".repeat(gap), scene.paint.style(Role::Text)));
            line.spans.extend(b.next().unwrap_or_default().spans);
            line
        })
        .collect()
}
