//! One pod in full: why it is as it is, what it runs and where, and what was said about it.
//! Refuses to guess at events that do not name the pod.

use ratatui::text::Line;

use crate::objects::Kind;
use crate::release::PodView;
use crate::release::words::{capital, reason, version_name};
use crate::theme::Role;
use crate::view::format::{age, clip, count, fold_to, moment, plural, seconds};
use crate::view::release::{Row, Scene, cell};

/// The pane's lines.
pub fn lines(scene: &Scene, pod: &PodView, room: usize) -> Vec<Line<'static>> {
    let paint = scene.paint;
    let (glyph, look) = cell(scene, pod);
    let mut out = Vec::new();
    for (i, line) in fold_to(&scene.veiled(&capital(&reason(pod, paint.now))), room.saturating_sub(2), 3).into_iter().enumerate() {
        let sign = if i == 0 { paint.glyph(glyph) } else { " " };
        out.push(Row::new(paint).put(look, sign).text(" ").put(Role::Strong, line).line());
    }
    let (ready, all) = pod.containers;
    let containers = plural(i64::try_from(all).unwrap_or(i64::MAX), "container");
    let mut facts = vec![format!("{ready} of {containers} ready"), plural(pod.restarts, "restart")];
    if let Some(at) = pod.created {
        facts.push(format!("made {} ago", age(seconds(at, paint.now))));
    }
    facts.push(match (pod.node.is_empty(), pod.zone.is_empty()) {
        (true, _) => "on no node yet".to_owned(),
        (false, true) => format!("on {}", pod.node),
        (false, false) => format!("on {} in {}", pod.node, pod.zone),
    });
    out.extend(fold_to(&facts.join(", "), room, 2).into_iter().map(|l| Row::new(paint).text(l).line()));
    let version = scene.release.versions.iter().find(|v| v.uid == pod.version);
    let images = version.map(|v| v.images.as_slice()).unwrap_or_default();
    let name = version.map(|v| version_name(scene.release, v)).unwrap_or_default();
    let runs = images.iter().map(|image| scene.veiled(image)).collect::<Vec<_>>().join(", ");
    out.extend(fold_to(&format!("version {name}: {runs}"), room, 2).into_iter().map(|l| Row::new(paint).dim(l).line()));
    let said: Vec<_> = scene.release.timeline.iter().filter(|h| h.text.contains(pod.name.as_str())).collect();
    if said.is_empty() {
        let words = scene.missing(Kind::Event).map_or_else(|| "No events name this pod.".to_owned(), |why| format!("{}.", capital(&why)));
        out.push(Row::new(paint).dim(clip(&words, room)).line());
    }
    for one in said {
        let times = if one.count > 1 { format!("  {}x", count(one.count)) } else { String::new() };
        // The name stands in the title already; inside a sentence it stays.
        let text = one.text.strip_prefix(pod.name.as_str()).map_or(one.text.as_str(), |rest| rest.trim_start_matches([':', ' ']));
        let row = Row::new(paint).dim(moment(one.at, paint.now, paint.zone)).text("  ");
        let left = room.saturating_sub(row.used() + times.len());
        let look = if one.warning { Role::Warning } else { Role::Text };
        out.push(row.put(look, clip(&scene.veiled(&capital(text)), left)).dim(times).line());
    }
    out
}
