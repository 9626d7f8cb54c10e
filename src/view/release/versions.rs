//! Versions: a bar each of ready, not ready and failing pods, the pods one cell each, and the reasons. Shape says what colour repeats.

use std::collections::BTreeMap;

use ratatui::text::{Line, Span};

use super::super::format;
use super::super::paint::Paint;
use super::gets::missing;
use crate::objects::Kind;
use crate::release::{PodState, PodView, Release, Version, words};
use crate::theme::{Glyph, Role};

/// Bars, then a grid of pods, then the pods in trouble with their reasons.
pub fn content(release: &Release, paint: &Paint<'_>, unread: &[(Kind, String)], width: usize) -> Vec<Line<'static>> {
    let mut out = bars(release, paint, width);
    for (kind, why) in unread.iter().filter(|(kind, _)| *kind == Kind::Pod) {
        out.extend(missing(*kind, why, paint, width));
    }
    if !release.pods.is_empty() {
        out.push(Line::default());
        out.extend(grid(release, paint, width));
    }
    let mut reasons: BTreeMap<String, Vec<&PodView>> = BTreeMap::new();
    for pod in &release.pods {
        if let PodState::Failing(trouble) = &pod.state {
            reasons.entry(words::trouble(trouble)).or_default().push(pod);
        }
    }
    for (reason, pods) in reasons {
        let first = pods.first().map(|p| p.name.to_string()).unwrap_or_default();
        let restarts: i64 = pods.iter().map(|p| p.restarts).sum();
        let again = if restarts > 0 { format!("  {}", format::things(restarts, "restart", "restarts")) } else { String::new() };
        let last = pods
            .iter()
            .filter_map(|p| p.last_end)
            .max()
            .map(|at| format!(", last {} ago", format::duration(paint.now - at)))
            .unwrap_or_default();
        let others = if pods.len() > 1 { format!(" and {} more", pods.len() - 1) } else { String::new() };
        let text = format!("{}{others}  {reason}{again}{last}", paint.fit(&first, 40));
        out.push(Line::from(vec![
            paint.sign(Role::PodFailing, Glyph::Failed),
            Span::raw(" "),
            paint.span(Role::Text, format::cut(&text, width.saturating_sub(2), paint.ellipsis())),
        ]));
    }
    out
}

/// One line a version: shape, tag, revision, bar, counts.
pub fn bars(release: &Release, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let tags: Vec<String> = release.versions.iter().map(|v| paint.fit(&paint.tag(&v.images), 18)).collect();
    let widest = tags.iter().map(|t| format::width(t)).max().unwrap_or(0);
    let most = release.versions.iter().map(|v| v.desired.max(v.current)).max().unwrap_or(1).max(1);
    release.versions.iter().zip(tags).map(|(version, tag)| bar(version, &tag, widest, most, paint, width)).collect()
}

fn bar(version: &Version, tag: &str, widest: usize, most: i64, paint: &Paint<'_>, width: usize) -> Line<'static> {
    let (role, glyph) = shape(version);
    let label = format!("{:<10} {}  r{:<3}", words::role(version.role), format::pad(tag, widest), version.revision);
    let counts = if width < 60 { short_counts(version) } else { counts(version, paint) };
    let label = if width < 60 { label.trim_end().to_owned() } else { label };
    let room = width.saturating_sub(2 + format::width(&label) + 2 + format::width(&counts) + 2);
    let length = usize::try_from(most).unwrap_or(1).min(room).min(40);
    let cells = |n: i64| usize::try_from(n.max(0)).unwrap_or(0) * length / usize::try_from(most).unwrap_or(1).max(1);
    let (ready, failing) = version.mix.map_or((version.ready, 0), |m| (m.ready, m.failing));
    let full = cells(ready);
    let bad = cells(failing);
    let half = cells(version.current.max(version.desired)).saturating_sub(full + bad);
    let rest = length.saturating_sub(full + bad + half);
    Line::from(vec![
        paint.sign(role, glyph),
        Span::raw(" "),
        paint.span(Role::Text, label),
        Span::raw("  "),
        paint.span(role, paint.glyph(Glyph::BarFull).repeat(full)),
        paint.span(Role::PodStarting, paint.glyph(Glyph::BarHalf).repeat(half)),
        paint.span(Role::PodFailing, paint.glyph(Glyph::Failed).repeat(bad)),
        Span::raw(" ".repeat(rest + 2)),
        paint.span(Role::Text, counts),
    ])
}

fn counts(version: &Version, paint: &Paint<'_>) -> String {
    let mut said = match version.mix {
        None => vec![format!("{} of {} ready, pods not read", version.ready, version.desired)],
        Some(mix) => {
            let mut said = vec![format!("{} of {} ready", mix.ready, version.desired)];
            let more = [(mix.starting, "starting"), (mix.failing, "failing"), (mix.terminating, "going")];
            said.extend(more.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
            if mix.restarts > 0 {
                said.push(format::things(mix.restarts, "restart", "restarts"));
            }
            said
        }
    };
    if let Some(at) = version.scale_down_at.filter(|at| *at > paint.now && version.desired > 0) {
        said.push(format!("goes in {}", format::duration(at - paint.now)));
    }
    said.join("  ")
}

/// The counts where there is room for little: ready of wanted, and the failing ones.
fn short_counts(version: &Version) -> String {
    let (ready, failing) = version.mix.map_or((version.ready, 0), |m| (m.ready, m.failing));
    let bad = if failing > 0 { format!(" {failing} bad") } else { String::new() };
    format!("{ready}/{}{bad}", version.desired)
}

/// The shape and role of a version: old, new, or another.
pub fn shape(version: &Version) -> (Role, Glyph) {
    use crate::release::Role as Part;
    match version.role {
        _ if version.runs_new => (Role::VersionNew, Glyph::New),
        Part::Stable | Part::Active | Part::Old => (Role::VersionOld, Glyph::Old),
        _ => (Role::VersionOther, Glyph::Other),
    }
}

/// The sign of a pod: its version's shape while ready, the state's otherwise.
pub fn cell(pod: &PodView, release: &Release) -> (Role, Glyph) {
    match pod.state {
        PodState::Failing(_) => (Role::PodFailing, Glyph::Failed),
        PodState::Starting => (Role::PodStarting, Glyph::Starting),
        PodState::Terminating => (Role::PodTerminating, Glyph::Terminating),
        PodState::Ready => release.versions.iter().find(|v| v.uid == pod.version).map_or((Role::PodReady, Glyph::Ready), shape),
    }
}

/// One cell a pod; by zone where there is room and zones are known.
fn grid(release: &Release, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let mut zones: BTreeMap<&str, Vec<&PodView>> = BTreeMap::new();
    let by_zone = width >= 100 && release.pods.iter().any(|p| !p.zone.is_empty());
    for pod in &release.pods {
        zones.entry(if by_zone { pod.zone.as_str() } else { "" }).or_default().push(pod);
    }
    let mut out = Vec::new();
    let named = |zone: &str| if zone.is_empty() { "no zone yet".to_owned() } else { paint.fit(zone, 24) };
    let indent = if by_zone { zones.keys().map(|zone| format::width(&named(zone)) + 2).max().unwrap_or(0) } else { 0 };
    for (zone, pods) in zones {
        let room = width.saturating_sub(indent).max(1);
        for (n, row) in pods.chunks(room).enumerate() {
            let lead = if n == 0 && by_zone { format::pad(&named(zone), indent) } else { " ".repeat(indent) };
            let mut spans = vec![paint.span(Role::Dim, lead)];
            spans.extend(row.iter().map(|pod| {
                let (role, glyph) = cell(pod, release);
                paint.sign(role, glyph)
            }));
            out.push(Line::from(spans));
        }
    }
    out
}
