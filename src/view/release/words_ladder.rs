//! The ladder of releases that have no steps of their own: a rolling update, a blue-green switch, told in the order they go.
//! Refuses to invent a step the controller does not take.

use ratatui::text::Line;

use super::row::Row;
use super::scene::Scene;
use super::steps::look;
use crate::objects::AnalysisPhase;
use crate::release::words::{Side, outcome, side};
use crate::release::{Analysis, AnalysisRole, CountdownKind, Phase, Release, Role as VersionRole, StepState, Strategy};
use crate::theme::Role;
use crate::view::format::{countdown, plural, seconds_left, shorten, width};

/// One rung in words: what, where it stands, and a figure beside it.
struct Rung {
    what: String,
    state: StepState,
    beside: String,
}

fn rung(what: &str, done: bool, beside: String) -> Rung {
    Rung { what: what.to_owned(), state: if done { StepState::Done } else { StepState::Ahead }, beside }
}

/// The ladder in words.
pub fn lines(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    let release = scene.release;
    if !release.under_way && release.phase == Phase::Healthy {
        let mut lines = vec![Row::new(scene.paint).text(shorten("Nothing is being released.", room)).line()];
        lines.extend(limits(scene, room));
        return lines;
    }
    let rungs = rungs(scene);
    let mut lines: Vec<_> = rungs
        .iter()
        .map(|one| {
            let (glyph, mark, words) = look(one.state);
            let what = shorten(&one.what, room.saturating_sub(3 + width(&one.beside)));
            Row::new(scene.paint)
                .put(mark, scene.paint.glyph(glyph))
                .text(" ")
                .put(words, what)
                .until(room, if one.state == StepState::Current { Role::Strong } else { Role::Dim }, &one.beside)
                .line()
        })
        .collect();
    lines.extend(limits(scene, room));
    lines
}

/// The rungs, the first that is not done being where it stands.
fn rungs(scene: &Scene) -> Vec<Rung> {
    let mut rungs = if scene.release.strategy == Strategy::BlueGreen { blue_green(scene) } else { rolling(scene.release) };
    if let Some(current) = rungs.iter_mut().find(|r| r.state == StepState::Ahead) {
        current.state = StepState::Current;
    }
    rungs
}

/// The ladder in two lines: the rungs in a row, then the one it stands on with its figure and its limits.
pub fn strip(scene: &Scene, room: usize) -> Vec<Line<'static>> {
    if !scene.release.under_way && scene.release.phase == Phase::Healthy {
        return lines(scene, room);
    }
    let rungs = rungs(scene);
    let (mut row, mut now) = (Row::new(scene.paint), Row::new(scene.paint));
    let mut left_out = 0;
    for one in &rungs {
        let (glyph, mark, words) = look(one.state);
        if left_out == 0 && row.used() + width(&one.what) + 12 <= room {
            row = row.put(mark, scene.paint.glyph(glyph)).text(" ").put(words, &one.what).text("  ");
        } else {
            left_out += 1;
        }
        if one.state == StepState::Current {
            now = now.put(mark, scene.paint.glyph(glyph)).text(" ").put(Role::Strong, format!("{} {}", one.what, one.beside));
        }
    }
    if left_out > 0 {
        row = row.dim(format!("+{left_out} more"));
    }
    if let Some(at) =
        scene.release.countdowns.iter().filter(|c| c.kind == CountdownKind::ProgressDeadline && c.at > scene.paint.now).map(|c| c.at).min()
    {
        now = now.dim(format!("   called stuck in {}", countdown(seconds_left(scene.paint.now, at)).trim_start()));
    }
    if let Some(limits) = scene.release.limits.filter(|_| now.used() + 30 <= room) {
        now = now.dim(format!("   at once {} more, {} fewer", limits.surge, limits.unavailable));
    }
    vec![row.line(), now.line()]
}

fn limits(scene: &Scene, room: usize) -> Option<Line<'static>> {
    let limits = scene.release.limits?;
    let words = format!("at once {} more, {} fewer", limits.surge, limits.unavailable);
    Some(Row::new(scene.paint).text("  ").dim(shorten(&words, room.saturating_sub(2))).line())
}

/// kubectl's own ladder (polymorphichelpers rollout_status.go): updated, old ones gone, available.
fn rolling(release: &Release) -> Vec<Rung> {
    let r = release.replicas;
    let old = (r.current - r.updated).max(0);
    let what = if release.strategy == Strategy::Recreate { "new pods made" } else { "pods replaced" };
    let replaced = rung(what, r.updated >= r.desired, format!("{} of {}", r.updated, r.desired));
    let gone = rung("old pods gone", old == 0, if old == 0 { String::new() } else { format!("{old} to go") });
    let available = rung("all available", r.available >= r.desired && r.updated >= r.desired, format!("{} of {}", r.available, r.desired));
    if release.strategy == Strategy::Recreate { vec![gone, replaced, available] } else { vec![replaced, gone, available] }
}

fn blue_green(scene: &Scene) -> Vec<Rung> {
    let release = scene.release;
    let left = |kind| {
        let at = release.countdowns.iter().find(|c| c.kind == kind)?.at;
        Some(format!("{} left", countdown(seconds_left(scene.paint.now, at)).trim_start()))
    };
    let new = release.versions.iter().find(|v| side(release, v) == Side::New);
    // Once the new version is behind the active Service there is no preview any more.
    let switched = release.versions.iter().any(|v| v.role == VersionRole::Active && v.runs_new);
    let ready = switched || new.is_some_and(|v| v.desired > 0 && v.available >= v.desired);
    let gate = |role: AnalysisRole, words: &str| {
        let run: &Analysis = release.analyses.iter().find(|a| a.role == role)?;
        Some(rung(words, run.phase == AnalysisPhase::Successful, outcome(run.phase).to_owned()))
    };
    let mut rungs = vec![rung("preview ready", ready, new.map(|v| format!("{} of {}", v.ready, v.desired)).unwrap_or_default())];
    rungs.extend(gate(AnalysisRole::PrePromotion, "analysis before"));
    let auto = left(CountdownKind::AutoPromotion);
    let waits = release.phase == Phase::Paused && auto.is_none();
    rungs.push(rung("pause", switched, auto.unwrap_or_else(|| if waits { "waits for a person".to_owned() } else { String::new() })));
    rungs.push(rung("switch", switched, String::new()));
    rungs.extend(gate(AnalysisRole::PostPromotion, "analysis after"));
    let old =
        release.versions.iter().filter(|v| side(release, v) != Side::New && !v.runs_new && v.current > 0).map(|v| v.current).sum::<i64>();
    let warm = left(CountdownKind::ScaleDown).unwrap_or_else(|| if old > 0 { plural(old, "pod") } else { String::new() });
    rungs.push(rung("old version gone", switched && old == 0, warm));
    rungs
}
