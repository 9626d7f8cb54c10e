//! Who gets the new version: the headline share with its label, what stands beside it, and where it does not hold.
//! Refuses to pass a configured or inferred figure off as measured.

use ratatui::text::Line;

use super::row::Row;
use super::scene::Scene;
use crate::objects::Kind;
use crate::release::telemetry::Metering;
use crate::release::words::{aged, alarm, called, capital};
use crate::release::{Alarm, Label, Release, Share, Spread};
use crate::slo::reach::{Routing, users_at_most};
use crate::theme::{Glyph, Role};
use crate::view::format::{age, fold, fold_to, label, moment, rounded, seconds, share, times, told, width};

/// What a share counts.
fn counted(share: &Share) -> &'static str {
    match share.label {
        Label::Inferred if share.source.contains("ready endpoint") => "of ready endpoints",
        Label::Inferred => "of ready pods",
        _ => "of requests",
    }
}

/// Title and what stands behind it.
pub fn title(scene: &Scene) -> (String, String) {
    ("Who gets it".to_owned(), if scene.paint.stale { "not fresh".to_owned() } else { String::new() })
}

/// The panel's lines.
pub fn lines(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let exposure = &scene.release.exposure;
    let mut lines = Vec::new();
    match &exposure.headline {
        Some(one) if one.label == Label::Unknown => lines.push(Row::new(scene.paint).put(Role::Warning, "Not known").line()),
        Some(one) => {
            lines.push(headline(scene, one, room));
            lines.push(bar(scene, one, room));
        }
        None => lines.extend(unknown(scene, room)),
    }
    lines.extend(alarms(scene, room));
    lines.extend(so_far(scene, room));
    if scene.release.under_way {
        let all = [("router", &exposure.configured), ("last minute, mixed", &exposure.measured), ("endpoints", &exposure.inferred)];
        for (word, share) in all {
            let Some(share) = share.as_ref().filter(|s| Some(*s) != exposure.headline.as_ref()) else { continue };
            let word = if word == "endpoints" && counted(share) == "of ready pods" { "ready pods" } else { word };
            lines.push(Row::new(scene.paint).text(format!("{word} {}", said(share))).until(room, Role::Dim, label(share.label)).line());
        }
    }
    // Where a router was told and requests are counted, the tool's own numbers only matter when they differ.
    let counted_too = exposure.configured.is_some() && exposure.measured.is_some();
    if let Some(weight) = scene.release.weight.filter(|w| scene.release.under_way && (!counted_too || w.set != w.actual)) {
        let unit = if weight.max == 100 { " %".to_owned() } else { format!(" of {}", weight.max) };
        let words = format!("{}{unit} / {}{unit}", weight.set, weight.actual);
        lines.push(Row::new(scene.paint).text("weight set / actual").until(room, Role::Text, words).line());
    }
    lines.extend(measured(scene, room));
    lines.extend(spread(scene, room));
    if let Some(to) = exposure.next {
        let from = exposure.headline.as_ref().map_or(0.0, |share| share.value);
        let factor = times(from, to).map_or_else(String::new, |factor| format!("  {factor}"));
        lines.push(Row::new(scene.paint).text("next step ").put(Role::Strong, format!("→ {}", told(to))).text(factor).line());
    }
    if let Some(peak) = exposure.peak.filter(|peak| peak.value > 0.0) {
        let at = moment(peak.at, scene.paint.now, scene.paint.zone);
        let most = share(peak.value, peak.label);
        lines.push(
            Row::new(scene.paint).text(format!("most so far {most}")).until(room, Role::Dim, format!("{} {at}", label(peak.label))).line(),
        );
    }
    if let Some((most, requests)) = users(scene.release) {
        lines.push(
            Row::new(scene.paint).text(format!("users at most {most}")).until(room, Role::Dim, format!("{requests} requests each")).line(),
        );
    }
    for beside in &exposure.beside {
        for line in fold(&format!("apart from the weight: {}", scene.veiled(beside)), room) {
            lines.push(Row::new(scene.paint).put(Role::Warning, line).line());
        }
    }
    if let Some(share) = &exposure.headline {
        let when = share.as_of.map(|at| format!(", {} ago", age(seconds(at, scene.paint.now)))).unwrap_or_default();
        for line in fold(&format!("{}{when}", capital(&scene.veiled(&share.source))), room) {
            lines.push(Row::new(scene.paint).dim(line).line());
        }
    }
    if let Some(why) = scene.missing(Kind::EndpointSlice).filter(|_| exposure.headline.is_some()) {
        lines.extend(fold(&capital(&why), room).into_iter().map(|line| Row::new(scene.paint).put(Role::Warning, line).line()));
    }
    lines
}

/// `19.6 %  of requests    measured`.
pub fn headline(scene: &Scene, one: &Share, room: usize) -> Line<'static> {
    let row = Row::new(scene.paint).put(Role::Strong, said(one)).text("  ");
    // The label is never what gives way.
    let of = room.saturating_sub(row.used() + width(label(one.label)) + 1);
    row.text(if width(counted(one)) <= of { counted(one) } else { "" }).until(room, label_role(one.label), label(one.label)).line()
}

/// The upper bound of users that met the new version, where the person's file says how many requests one makes.
fn users(release: &Release) -> Option<(String, String)> {
    let telemetry = release.telemetry.as_deref().filter(|_| release.under_way)?;
    let (requests, measured) = (telemetry.requests_per_user?, telemetry.share.ok()?);
    let most = users_at_most(measured.share, Routing::PerRequest(requests));
    Some((share(most, Label::Measured), requests.to_string()))
}

fn said(one: &Share) -> String {
    share(one.value, one.label)
}

fn label_role(label: Label) -> Role {
    match label {
        Label::Measured => Role::Strong,
        Label::Configured | Label::Inferred => Role::Text,
        Label::Unknown => Role::Warning,
    }
}

fn bar(scene: &Scene, share: &Share, room: usize) -> Line<'static> {
    let filled = scene.paint.glyphs.bar(share.value, room);
    let rest = room.saturating_sub(crate::view::format::width(&filled));
    Row::new(scene.paint).put(Role::VersionNew, filled).put(Role::BarTrack, scene.paint.glyph(Glyph::BarTrack).repeat(rest)).line()
}

fn unknown(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let names = called(scene.release);
    let words = if scene.release.under_way {
        let why = scene.missing(Kind::EndpointSlice).or_else(|| scene.missing(Kind::Service)).or_else(|| scene.missing(Kind::Pod));
        let why = why.unwrap_or_else(|| "no router's weight and no ready endpoints were read".to_owned());
        format!("Not known: {why}.")
    } else {
        let old = names.old.or(names.new).unwrap_or_else(|| "the only version".to_owned());
        format!("Everyone gets {old}: nothing is being released.")
    };
    let role = if scene.release.under_way { Role::Warning } else { Role::Text };
    fold_to(&words, room, 3).into_iter().map(|line| Row::new(scene.paint).put(role, line).line()).collect()
}

fn alarms(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let about = |alarm: &&Alarm| !matches!(alarm, Alarm::PodsFailing { .. } | Alarm::NotObserved);
    let mut lines = Vec::new();
    for one in scene.release.alarms.iter().filter(about) {
        let words = fold(&capital(&alarm(one)), room.saturating_sub(2));
        for (i, line) in words.into_iter().enumerate() {
            let mark = if i == 0 { scene.paint.glyph(Glyph::Worse) } else { " " };
            lines.push(Row::new(scene.paint).put(Role::Danger, mark).text(" ").put(Role::Danger, line).line());
        }
    }
    lines
}

/// What counters add: whether the split is the one that was asked for, what the release has touched so far, who calls it, and the trend.
fn measured(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let Some(telemetry) = scene.release.telemetry.as_ref().filter(|_| scene.release.under_way) else { return Vec::new() };
    let mut lines = Vec::new();
    let mut warn =
        |words: &str| lines.extend(fold(words, room).into_iter().map(|line| Row::new(scene.paint).put(Role::Warning, line).line()));
    if telemetry.disagreement.is_some() {
        warn("The split is not what the router was told");
    }
    if let Err(why) = telemetry.share
        && matches!(telemetry.metering, Metering::Live(_) | Metering::Failing { .. })
        && telemetry.as_of.is_some()
    {
        warn(&format!("Not measured: {why}"));
    }
    if let Some(unreached) = telemetry.unreached.filter(|n| *n >= 0.5) {
        let noun = if unreached.round() == 1.0 { "request" } else { "requests" };
        warn(&format!("{} {noun} reached no pod", rounded(unreached)));
    }
    if let Some((new, all)) = telemetry.callers {
        lines.push(Row::new(scene.paint).text(format!("callers {new} of {all}{}", aged(telemetry, scene.paint.now))).line());
    }
    if telemetry.trend.iter().any(Option::is_some) {
        lines.push(super::budget::trend(scene, &telemetry.trend, "last 30 min", room));
    }
    lines
}

/// How many requests the new version got so far, and how many of them failed.
fn so_far(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let Some(telemetry) = scene.release.telemetry.as_ref().filter(|_| scene.release.under_way) else { return Vec::new() };
    let (Some(affected), Some(failed)) = (telemetry.affected, telemetry.failed) else { return Vec::new() };
    let least = if telemetry.at_least { "at least " } else { "" };
    let noun = if affected.round() == 1.0 { "request" } else { "requests" };
    let old = aged(telemetry, scene.paint.now);
    let words = format!("{least}{} {noun} so far, {} failed{old}", rounded(affected), rounded(failed));
    fold(&words, room).into_iter().map(|line| Row::new(scene.paint).text(line).line()).collect()
}

fn spread(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let exposure = &scene.release.exposure;
    if !scene.release.under_way {
        return Vec::new();
    }
    let named = [("pods", exposure.pods), ("zones", exposure.zones), ("nodes", exposure.nodes)];
    let said: Vec<String> =
        named.iter().filter_map(|(word, spread)| spread.map(|Spread { new, all }| format!("{word} {new} of {all}"))).collect();
    let mut rows: Vec<String> = Vec::new();
    for one in said {
        match rows.last_mut() {
            Some(row) if width(row) + 2 + width(&one) <= room => *row = format!("{row}  {one}"),
            _ => rows.push(one),
        }
    }
    rows.into_iter().map(|row| Row::new(scene.paint).text(row).line()).collect()
}

/// The headline in one short line: `20 % of requests, configured`.
pub fn short(scene: &Scene) -> (Role, String) {
    match &scene.release.exposure.headline {
        Some(one) if one.label == Label::Unknown => (Role::Warning, format!("not known: {}", scene.veiled(&one.source))),
        Some(one) => (Role::Strong, format!("{} {}, {}", said(one), counted(one), label(one.label))),
        None if scene.release.under_way => (Role::Warning, "not known".to_owned()),
        None => (Role::Text, "nothing is being released".to_owned()),
    }
}
