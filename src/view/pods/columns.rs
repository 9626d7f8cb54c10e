//! The columns of the pods list: as wide as what stands in them, dropped from the least asked for when room is short.
//! Refuses to cut the end off a pod's name: it is what tells pods apart.

use ratatui::text::Line;

use crate::release::words::{reason, version_name};
use crate::release::{PodState, PodView};
use crate::theme::{Glyph, Role};
use crate::view::format::{age, clip, count, left, pad, right, seconds, shorten, width};
use crate::view::paint::selected as chosen;
use crate::view::release::{Row, Scene, cell};

/// Cursor, sign and the blanks around them.
const LEAD: usize = 4;

/// How wide each column is; 0 where it is left out.
pub struct Columns {
    name: usize,
    version: usize,
    ready: usize,
    reason: usize,
    restarts: usize,
    node: usize,
    zone: usize,
    age: usize,
}

impl Columns {
    /// The widths for these rows in `room` columns.
    pub fn of(scene: &Scene, rows: &[&PodView], room: usize) -> Self {
        let widest = |heading: &str, of: &dyn Fn(&PodView) -> usize| rows.iter().map(|p| of(p)).max().unwrap_or(0).max(width(heading));
        let mut columns = Self {
            name: widest("POD", &|p| width(&p.name)).min((room * 2 / 5).max(14)),
            version: widest("VERSION", &|p| width(&version(scene, p))).min(14),
            ready: widest("READY", &|p| width(&ready(p))),
            reason: 0,
            restarts: widest("RESTARTS", &|p| width(&count(p.restarts))),
            node: widest("NODE", &|p| width(&p.node)).min(24),
            zone: widest("ZONE", &|p| width(&p.zone)).min(16),
            age: widest("AGE", &|p| width(&old(scene, p))),
        };
        if rows.iter().all(|p| p.zone.is_empty()) {
            columns.zone = 0;
        }
        // The reason is what people came for: others leave until it has room to be read.
        let wanted = rows.iter().map(|p| width(&reason(p, scene.paint.now))).max().unwrap_or(0).clamp(12, (room * 3 / 8).max(12));
        let droppable: [fn(&mut Self) -> &mut usize; 6] =
            [|c| &mut c.zone, |c| &mut c.restarts, |c| &mut c.node, |c| &mut c.age, |c| &mut c.ready, |c| &mut c.version];
        for column in droppable {
            if columns.fixed() + wanted > room {
                *column(&mut columns) = 0;
            }
        }
        columns.reason = room.saturating_sub(columns.fixed() + 1);
        columns
    }

    /// What all columns but the reason take.
    fn fixed(&self) -> usize {
        let others = [self.version, self.ready, self.restarts, self.node, self.zone, self.age];
        LEAD + self.name + 2 + others.iter().filter(|w| **w > 0).map(|w| w + 2).sum::<usize>()
    }

    /// The headings.
    pub fn heading(&self, scene: &Scene) -> Line<'static> {
        let mut row = Row::new(scene.paint).text(" ".repeat(LEAD)).put(Role::Header, pad("POD", self.name)).text("  ");
        for (width, word) in [(self.version, "VERSION"), (self.ready, "READY"), (self.reason, "STATE")] {
            if width > 0 {
                row = row.put(Role::Header, pad(&clip(word, width), width)).text("  ");
            }
        }
        for (width, word) in [(self.restarts, "RESTARTS"), (self.node, "NODE"), (self.zone, "ZONE"), (self.age, "AGE")] {
            let word = if matches!(word, "RESTARTS" | "AGE") { right(word, width) } else { pad(word, width) };
            if width > 0 {
                row = row.put(Role::Header, word).text("  ");
            }
        }
        row.line()
    }

    /// One pod.
    pub fn line(&self, scene: &Scene, pod: &PodView, selected: bool, marked: bool) -> Line<'static> {
        let paint = scene.paint;
        let (glyph, look) = cell(scene, pod);
        let cursor = if selected { paint.glyph(Glyph::Cursor) } else { " " };
        let mark = if marked { paint.glyph(Glyph::Marked) } else { " " };
        let name = shorten(&pod.name, self.name);
        let (stem, hash) = name.rfind('-').map_or((name.as_str(), ""), |at| name.split_at(at + 1));
        let mut row = Row::new(paint).put(Role::Strong, cursor).put(Role::Marked, mark).put(look, paint.glyph(glyph)).text(" ").text(stem);
        row = row.put(Role::Strong, hash).text(" ".repeat(self.name.saturating_sub(width(&name)) + 2));
        if self.version > 0 {
            row = row.text(left(&version(scene, pod), self.version)).text("  ");
        }
        if self.ready > 0 {
            row = row.text(right(&ready(pod), self.ready)).text("  ");
        }
        let state = match pod.state {
            PodState::Failing(_) => Role::PodFailing,
            PodState::Starting => Role::PodStarting,
            PodState::Ready => Role::PodReady,
            PodState::Terminating => Role::PodTerminating,
        };
        row = row.put(state, pad(&clip(&scene.veiled(&reason(pod, paint.now)), self.reason), self.reason)).text("  ");
        if self.restarts > 0 {
            row = row.text(right(&count(pod.restarts), self.restarts)).text("  ");
        }
        for (width, text) in [(self.node, &pod.node), (self.zone, &pod.zone)] {
            if width > 0 {
                let dash = if text.is_empty() { paint.glyph(Glyph::Dash) } else { text.as_str() };
                row = row.dim(left(dash, width)).text("  ");
            }
        }
        if self.age > 0 {
            row = row.dim(right(&old(scene, pod), self.age));
        }
        let line = row.line();
        if selected { chosen(line, paint) } else { line }
    }
}

fn old(scene: &Scene, pod: &PodView) -> String {
    pod.created.map(|at| age(seconds(at, scene.paint.now))).unwrap_or_default()
}

fn ready(pod: &PodView) -> String {
    format!("{}/{}", pod.containers.0, pod.containers.1)
}

/// What the pod's version is called in sentences.
fn version(scene: &Scene, pod: &PodView) -> String {
    let version = scene.release.versions.iter().find(|v| v.uid == pod.version);
    version.map(|v| version_name(scene.release, v)).unwrap_or_default()
}
