//! The pods of a release: those in trouble first, one line each, the reason in words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format;
use super::paint::{Paint, lines, selected as chosen};
use super::release::{cell, missing};
use crate::app::Pods;
use crate::objects::Kind;
use crate::release::words;
use crate::release::{PodState, PodView, Release};
use crate::theme::Role;

/// Draws the list and, where asked for, the selected pod's details below it.
pub fn draw(release: &Release, ui: &Pods, unread: &[(Kind, String)], paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width);
    let rows = ui.rows(release);
    let mut head = vec![Line::from(vec![
        Span::raw(" "),
        paint.span(Role::Strong, format::cut(&summary(release, rows.len(), ui), width.saturating_sub(2), paint.ellipsis())),
    ])];
    for (kind, why) in unread.iter().filter(|(kind, _)| *kind == Kind::Pod) {
        head.extend(missing(*kind, why, paint, width.saturating_sub(2)).into_iter().map(|l| l.style(paint.style(Role::Warning))));
    }
    let tags = release.versions.iter().map(|v| format::width(&paint.tag(&v.images))).max().unwrap_or(0);
    let columns = Columns::of(width, tags);
    head.push(columns.heading(paint));
    let top = u16::try_from(head.len()).unwrap_or(2);
    lines(&head, Rect { height: top.min(area.height), ..area }, buf);
    let detail = ui.current(release).filter(|_| ui.detail);
    let below = detail.map_or(0, |_| (area.height / 2).max(4));
    let list = Rect { y: area.y + top, height: area.height.saturating_sub(top + below), ..area };
    let selected = ui.current(release);
    let at = rows.iter().position(|p| Some(*p) == selected).unwrap_or(0);
    let height = usize::from(list.height);
    let from = (at + 2).saturating_sub(height).min(rows.len().saturating_sub(height));
    let all: Vec<Line<'_>> = rows
        .iter()
        .skip(from)
        .take(height)
        .map(|pod| columns.line(pod, release, (Some(*pod) == selected, ui.marks.contains(&pod.uid)), paint))
        .collect();
    lines(&all, list, buf);
    if let Some(pod) = detail {
        let place = Rect { y: area.bottom().saturating_sub(below), height: below, ..area };
        let inner = super::paint::frame(&format!("pod {}", pod.name), true, paint, place, buf);
        lines(&details(pod, release, paint, usize::from(inner.width)), inner, buf);
    }
}

fn summary(release: &Release, shown: usize, ui: &Pods) -> String {
    let failing = release.pods.iter().filter(|p| matches!(p.state, PodState::Failing(_))).count();
    let ready = release.pods.iter().filter(|p| p.state == PodState::Ready).count();
    let mut text = format!("{} of {} ready", ready, format::things(release.pods.len() as i64, "pod", "pods"));
    if failing > 0 {
        text.push_str(&format!(", {failing} failing"));
    }
    if !ui.marks.is_empty() {
        text.push_str(&format!("   {} marked", ui.marks.len()));
    }
    if !ui.filter.is_empty() {
        text.push_str(&format!("   filter: {} ({shown} shown, esc shows all)", ui.filter));
    }
    text.push_str(&format!("   sorted by {}{}", ui.sort.word(), if ui.reversed { ", reversed" } else { "" }));
    text
}

struct Columns {
    name: usize,
    version: usize,
    ready: usize,
    restarts: usize,
    reason: usize,
    node: usize,
    zone: usize,
}

impl Columns {
    /// The columns for a width; `tags` is the longest version there is.
    fn of(width: usize, tags: usize) -> Self {
        let (version, node, zone) = match width {
            ..60 => (0, 0, 0),
            60..112 => (tags.clamp(7, 10), 0, 0),
            112..140 => (tags.clamp(7, 12), 10, 0),
            _ => (tags.clamp(7, 24), 18, 12),
        };
        // The reason says how often it was restarted and a state whether it is ready: the columns that repeat it go first.
        let (ready, restarts) = (if width >= 112 { 5 } else { 0 }, if width >= 60 { 8 } else { 0 });
        let columns = [version, ready, restarts, node, zone, 5];
        let gaps = 2 * columns.iter().filter(|w| **w > 0).count() + 2;
        let rest = width.saturating_sub(3 + gaps + columns.iter().sum::<usize>());
        let share = if width < 60 { 40 } else { 48 };
        let name = (rest * share / 100).clamp(10, 46);
        Self { name, version, ready, restarts, reason: rest.saturating_sub(name).min(60), node, zone }
    }

    fn heading(&self, paint: &Paint<'_>) -> Line<'static> {
        let mut text = format!("   {}", format::pad("POD", self.name));
        let mut cell = |width: usize, name: &str, right: bool| {
            if width > 0 {
                text.push_str("  ");
                text.push_str(&if right { format::right(name, width) } else { format::pad(name, width) });
            }
        };
        cell(self.version, "VERSION", false);
        cell(self.ready, "READY", true);
        cell(self.reason, "STATE", false);
        cell(self.restarts, "RESTARTS", true);
        cell(self.node, "NODE", false);
        cell(self.zone, "ZONE", false);
        cell(5, "AGE", true);
        Line::from(paint.span(Role::Header, text))
    }

    fn line(&self, pod: &PodView, release: &Release, (selected, marked): (bool, bool), paint: &Paint<'_>) -> Line<'static> {
        let (role, glyph) = cell(pod, release);
        let version = release.versions.iter().find(|v| v.uid == pod.version);
        let tag = version.map(|v| paint.tag(&v.images)).unwrap_or_default();
        let (reason_role, reason) = reason(pod, paint);
        let name = paint.fit(&pod.name, self.name);
        let (stem, hash) = name.rsplit_once('-').map_or((name.as_str(), ""), |(a, b)| (a, b));
        let hash = if hash.is_empty() { String::new() } else { format!("-{hash}") };
        let gap = self.name.saturating_sub(format::width(&name));
        let cursor = if selected { paint.glyph(crate::theme::Glyph::Cursor) } else { " " };
        let mut spans = vec![
            paint.span(Role::Strong, cursor),
            paint.sign(role, glyph),
            if marked { paint.sign(Role::Marked, crate::theme::Glyph::Marked) } else { Span::raw(" ") },
            paint.span(Role::Text, stem.to_owned()),
            paint.span(Role::Strong, hash),
            Span::raw(" ".repeat(gap)),
        ];
        let age = pod.created.map(|at| format::age(paint.now - at)).unwrap_or_default();
        let mut cell = |width: usize, role: Role, text: String, right: bool| {
            if width > 0 {
                spans.push(Span::raw("  "));
                spans.push(paint.span(role, if right { format::right(&text, width) } else { format::pad(&text, width) }));
            }
        };
        cell(self.version, Role::Text, paint.fit(&tag, self.version), false);
        cell(self.ready, Role::Text, format!("{}/{}", pod.containers.0, pod.containers.1), true);
        cell(self.reason, reason_role, format::cut(&reason, self.reason, paint.ellipsis()), false);
        cell(self.restarts, Role::Text, format::count(pod.restarts), true);
        cell(self.node, Role::Dim, paint.fit(&pod.node, self.node), false);
        cell(self.zone, Role::Dim, paint.fit(&pod.zone, self.zone), false);
        cell(5, Role::Dim, age, true);
        let line = Line::from(spans);
        if selected { chosen(line, paint) } else { line }
    }
}

fn reason(pod: &PodView, paint: &Paint<'_>) -> (Role, String) {
    let last = pod.last_end.map(|at| format!(", last {} ago", format::duration(paint.now - at))).unwrap_or_default();
    let again =
        if pod.restarts > 0 { format!(", {}{}{last}", pod.restarts, paint.glyph(crate::theme::Glyph::Times)) } else { String::new() };
    match &pod.state {
        PodState::Failing(trouble) => (Role::PodFailing, format!("{}{again}", words::trouble(trouble))),
        PodState::Starting => (Role::PodStarting, "starting".to_owned()),
        PodState::Terminating => (Role::PodTerminating, "going".to_owned()),
        PodState::Ready if pod.restarts > 0 => (Role::Text, format!("ready, restarted{again}")),
        PodState::Ready => (Role::Text, "ready".to_owned()),
    }
}

fn details(pod: &PodView, release: &Release, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let version = release.versions.iter().find(|v| v.uid == pod.version);
    let images: Vec<String> =
        version.map(|v| v.images.iter().map(|i| if paint.redact { format::tag(i) } else { i.to_string() }).collect()).unwrap_or_default();
    let mut out = vec![
        Line::from(paint.span(Role::Strong, format::cut(&reason(pod, paint).1, width, paint.ellipsis()))),
        Line::from(paint.span(Role::Text, format::cut(&format!("runs {}", images.join(", ")), width, paint.ellipsis()))),
    ];
    let zone = if pod.zone.is_empty() { String::new() } else { format!(" in {}", pod.zone) };
    let node = if pod.node.is_empty() { "not on a node yet".to_owned() } else { format!("on {}{zone}", pod.node) };
    out.push(Line::from(paint.span(Role::Text, format::cut(&node, width, paint.ellipsis()))));
    let about = format!("{}:", pod.name);
    let mut any = false;
    for happening in release.timeline.iter().filter(|h| h.text.starts_with(&about)) {
        any = true;
        let text = happening.text.trim_start_matches(&about).trim();
        let again =
            if happening.count > 1 { format!("  {}{}", happening.count, paint.glyph(crate::theme::Glyph::Times)) } else { String::new() };
        let room = width.saturating_sub(10 + format::width(&again));
        let role = if happening.warning { Role::Warning } else { Role::Text };
        out.push(Line::from(vec![
            paint.span(Role::Dim, format!("{}  ", format::clock(happening.at, paint.zone))),
            paint.span(role, format::cut(text, room, paint.ellipsis())),
            paint.span(Role::Dim, again),
        ]));
    }
    if !any {
        out.push(Line::from(paint.span(Role::Dim, "no events about it")));
    }
    out
}
