//! One cell a pod, by version or by zone, and the pods that fail by name and reason.
//! Refuses to drop a failing pod for lack of room without saying how many are left out.

use std::collections::BTreeMap;

use ratatui::text::Line;

use super::row::Row;
use super::scene::{Scene, as_count};
use crate::objects::Kind;
use crate::release::words::{capital, reason, side};
use crate::release::{PodState, PodView};
use crate::theme::{Glyph, Role};
use crate::view::format::{shorten, left, plural, width, fold};

/// From this width on pods are told apart by zone.
const BY_ZONE: usize = 90;

/// The sign and the look of a pod: its version's shape when it is ready, its trouble's when it is not.
pub fn cell(scene: &Scene, pod: &PodView) -> (Glyph, Role) {
    match pod.state {
        PodState::Failing(_) => (Glyph::Failed, Role::PodFailing),
        PodState::Starting => (Glyph::Starting, Role::PodStarting),
        PodState::Terminating => (Glyph::Terminating, Role::PodTerminating),
        PodState::Ready => {
            scene.release.versions.iter().find(|v| v.uid == pod.version).map_or((Glyph::Other, Role::VersionOther), |v| scene.shape(v))
        }
    }
}

/// Old pods before new ones, as in the bars; inside a version the ready ones first.
fn ordered<'a>(scene: &Scene<'a>) -> Vec<&'a PodView> {
    let order = |pod: &PodView| {
        let version = scene.release.versions.iter().find(|v| v.uid == pod.version);
        let state = match pod.state {
            PodState::Ready => 0,
            PodState::Starting => 1,
            PodState::Failing(_) => 2,
            PodState::Terminating => 3,
        };
        (version.map(|v| side(scene.release, v)), version.map_or(0, |v| v.revision), state)
    };
    let mut pods: Vec<_> = scene.release.pods.iter().collect();
    pods.sort_by_key(|pod| order(pod));
    pods
}

/// The grid, then the reasons.
pub fn lines(scene: &Scene, room: usize, height: usize) -> Vec<Line<'static>> {
    if scene.release.pods.is_empty() {
        let unread = scene.release.versions.iter().any(|v| v.mix.is_none() && v.current > 0);
        let words = scene.missing(Kind::Pod).or_else(|| unread.then(|| "its pods are not read yet".to_owned()));
        let words = words.map(|w| capital(&w)).unwrap_or_default();
        return fold(&words, room).into_iter().map(|l| Row::new(scene.paint).put(Role::Warning, l).line()).collect();
    }
    let failing = failing(scene);
    let most = height.saturating_sub(failing.len().min(3)).max(1);
    let mut lines =
        if room >= BY_ZONE && zones(scene).len() > 1 { by_zone(scene, room) } else { cells(scene, &ordered(scene), room, 0, most) };
    lines.extend(reasons(scene, &failing, room));
    lines
}

fn zones<'a>(scene: &Scene<'a>) -> BTreeMap<&'a str, Vec<&'a PodView>> {
    let mut zones: BTreeMap<&str, Vec<&PodView>> = BTreeMap::new();
    for pod in ordered(scene) {
        zones.entry(pod.zone.as_str()).or_default().push(pod);
    }
    zones
}

fn by_zone(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let zones = zones(scene);
    let name = |zone: &str| if zone.is_empty() { "no zone yet".to_owned() } else { zone.to_owned() };
    let wide = zones.keys().map(|z| width(&name(z))).max().unwrap_or(0).min(20);
    let mut lines = Vec::new();
    for (zone, pods) in zones {
        let mut rows = cells(scene, &pods, room - wide - 8, wide + 7, 2).into_iter();
        let label = Row::new(scene.paint).dim(left(&name(zone), wide)).text(format!(" {:>4}  ", pods.len())).line();
        if let Some(first) = rows.next() {
            let mut line = label;
            line.spans.extend(first.spans.into_iter().skip(1));
            lines.push(line);
        }
        lines.extend(rows);
    }
    lines
}

/// Cells in rows, `indent` columns in; what does not fit into `most` rows is counted.
fn cells(scene: &Scene, pods: &[&PodView], room: usize, indent: usize, most: usize) -> Vec<Line<'static>> {
    let room = room.max(1);
    let rows = pods.len().div_ceil(room);
    let shown = if rows > most { room * most - 8.min(room * most) } else { pods.len() };
    let mut lines: Vec<Line<'static>> = Vec::new();
    let chunks = pods.get(..shown).unwrap_or(pods).chunks(room);
    for chunk in chunks {
        let mut row = Row::new(scene.paint).text(" ".repeat(indent));
        for pod in chunk {
            let (glyph, look) = cell(scene, pod);
            row = row.put(look, scene.paint.glyph(glyph));
        }
        lines.push(row.line());
    }
    if shown < pods.len()
        && let Some(last) = lines.last_mut()
    {
        last.spans.extend(Row::new(scene.paint).dim(format!(" +{} more", pods.len() - shown)).line().spans);
    }
    lines
}

fn failing<'a>(scene: &Scene<'a>) -> Vec<&'a PodView> {
    let mut failing: Vec<_> = scene.release.pods.iter().filter(|p| matches!(p.state, PodState::Failing(_))).collect();
    // New before old: the question on this screen is what the release does.
    failing.sort_by_key(|p| {
        let version = scene.release.versions.iter().find(|v| v.uid == p.version);
        (version.map(|v| std::cmp::Reverse(side(scene.release, v).min(crate::release::words::Side::New))), std::cmp::Reverse(p.restarts))
    });
    failing
}

fn reasons(scene: &Scene, failing: &[&PodView], room: usize) -> Vec<Line<'static>> {
    let names = failing.iter().map(|p| width(&p.name)).max().unwrap_or(0).min((room * 2 / 5).max(8));
    failing
        .iter()
        .map(|pod| {
            let words = scene.veiled(&reason(pod, scene.paint.now));
            let left_over = room.saturating_sub(names + 4);
            Row::new(scene.paint)
                .put(Role::PodFailing, scene.paint.glyph(Glyph::Failed))
                .text(" ")
                .text(left(&pod.name, names))
                .text("  ")
                .put(Role::PodFailing, crate::view::format::clip(&words, left_over))
                .line()
        })
        .collect()
}

/// How many pods fail, in words, for a place with one line only.
pub fn failing_words(scene: &Scene, room: usize) -> Option<Line<'static>> {
    let failing = failing(scene);
    let first = failing.first()?;
    let more = if failing.len() > 1 {
        format!(" +{}", plural(as_count(failing.len() - 1), "more").replace("mores", "more"))
    } else {
        String::new()
    };
    let why = shorten(&scene.veiled(&reason(first, scene.paint.now)), room.saturating_sub(2 + width(&more)));
    Some(
        Row::new(scene.paint).put(Role::PodFailing, scene.paint.glyph(Glyph::Failed)).text(" ").put(Role::PodFailing, why).dim(more).line(),
    )
}
