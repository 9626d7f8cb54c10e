//! One cell a pod, by version or by zone, and the pods that fail by name and reason.
//! Refuses to drop a failing pod for lack of room without saying how many are left out.

use std::collections::BTreeMap;

use ratatui::text::Line;

use super::row::Row;
use super::scene::Scene;
use crate::objects::Kind;
use crate::release::words::{brief, capital, reason, side};
use crate::release::{PodState, PodView};
use crate::theme::{Glyph, Role};
use crate::view::format::{clip, fold, left, width};

/// From this width on, in a place more than two rows high, pods are told apart by zone.
const BY_ZONE: usize = 50;

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

/// One cell a pod in at most `height` rows; by zone where there is room.
pub fn cells(scene: &Scene, room: usize, height: usize) -> Vec<Line<'static>> {
    if scene.release.pods.is_empty() {
        let unread = scene.release.versions.iter().any(|v| v.mix.is_none() && v.current > 0);
        let words = scene.missing(Kind::Pod).or_else(|| unread.then(|| "its pods are not read yet".to_owned()));
        let words = words.map(|w| capital(&w)).unwrap_or_default();
        return fold(&words, room).into_iter().map(|l| Row::new(scene.paint).put(Role::Warning, l).line()).collect();
    }
    if room >= BY_ZONE && height > 2 && zones(scene).len() > 1 {
        by_zone(scene, room)
    } else {
        rows(scene, &ordered(scene), room, 0, height.max(1))
    }
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
        let mut rows = rows(scene, &pods, room - wide - 8, wide + 7, 2).into_iter();
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
fn rows(scene: &Scene, pods: &[&PodView], room: usize, indent: usize, most: usize) -> Vec<Line<'static>> {
    let room = room.max(1);
    let shown = if pods.len().div_ceil(room) > most { room * most - 8.min(room * most) } else { pods.len() };
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

/// The pods that fail, one line each with its reason.
pub fn reasons(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let failing = failing(scene);
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
                .put(Role::PodFailing, clip(&words, left_over))
                .line()
        })
        .collect()
}

/// Why the first pod fails and how many more do, for a place with one line only.
pub fn first_reason(scene: &Scene, room: usize) -> Option<Line<'static>> {
    let failing = failing(scene);
    let pod = failing.first()?;
    let PodState::Failing(why) = &pod.state else { return None };
    let again = if pod.restarts > 0 { format!(", {}x", pod.restarts) } else { String::new() };
    let more = if failing.len() > 1 { format!("  +{} more", failing.len() - 1) } else { String::new() };
    let words = clip(&scene.veiled(&brief(why)), room.saturating_sub(2 + width(&again) + width(&more)));
    let row = Row::new(scene.paint).put(Role::PodFailing, scene.paint.glyph(Glyph::Failed)).text(" ");
    Some(row.put(Role::PodFailing, format!("{words}{again}")).dim(more).line())
}
