//! The ladder: what is behind, where it stands, what comes and what each rung makes of the share.

use ratatui::text::{Line, Span};

use super::super::format;
use super::super::paint::Paint;
use crate::release::words;
use crate::release::{CountdownKind, Label, Phase, Release, Step, StepKind, StepState, Strategy};
use crate::theme::{Glyph, Role};

/// The ladder, one line a rung, with the countdowns at the end.
pub fn content(release: &Release, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let mut out: Vec<Line<'static>> = release.steps.iter().map(|step| rung(step, release, paint, width)).collect();
    if release.steps.is_empty() {
        out.extend(without_ladder(release, paint, width));
    }
    for countdown in release.countdowns.iter().filter(|c| c.kind != CountdownKind::Pause) {
        let left = words::left(countdown, paint.now);
        out.push(two_ends(paint, Role::Dim, words::countdown(countdown.kind), Role::Text, &format!("in {left}"), width));
    }
    out
}

/// How far to scroll so that the current rung is in view, with one behind it.
pub fn in_view(release: &Release, height: usize) -> usize {
    let at = release.steps.iter().position(|s| s.state == StepState::Current).unwrap_or(0);
    if release.steps.len() <= height { 0 } else { at.saturating_sub(1) }
}

/// The ladder as one line: `step 4/9  pause 10m  5m48s left`.
pub fn strip(release: &Release, paint: &Paint<'_>, width: usize) -> Line<'static> {
    let mut text = match release.rung() {
        Some(p) => format!("step {}/{}", p.index, p.total),
        None => match release.strategy {
            Strategy::BlueGreen => "blue-green".to_owned(),
            _ => format!("{} of {} updated", release.replicas.updated, release.replicas.desired),
        },
    };
    if let Some(step) = release.steps.iter().find(|s| s.state == StepState::Current) {
        text.push_str(&format!("  {}", words::step(&step.kind)));
    }
    if let Some(countdown) = release.countdowns.first() {
        text.push_str(&format!("  {} {}", words::countdown(countdown.kind), words::left(countdown, paint.now)));
    }
    Line::from(paint.span(Role::Text, format::cut(&text, width, paint.ellipsis())))
}

fn rung(step: &Step, release: &Release, paint: &Paint<'_>, width: usize) -> Line<'static> {
    let (sign, role) = match step.state {
        StepState::Done => (paint.sign(Role::PhaseHealthy, Glyph::Done), Role::Dim),
        StepState::Current => (paint.sign(current_role(release), Glyph::Now), Role::Strong),
        StepState::Ahead => (paint.sign(Role::Dim, Glyph::Next), Role::Text),
    };
    let end = match (step.state, &step.kind) {
        (StepState::Current, StepKind::Pause(_)) => match release.countdowns.iter().find(|c| c.kind == CountdownKind::Pause) {
            Some(countdown) => format!("{} left", words::left(countdown, paint.now)),
            None if release.paused_by_hand => "held".to_owned(),
            None => release.since.map(|at| format!("for {}", format::duration(paint.now - at))).unwrap_or_default(),
        },
        (StepState::Ahead, StepKind::SetWeight(weight)) => match (release.weight, step.share_after) {
            (Some(w), Some(share)) if (share - *weight as f64 / w.max as f64).abs() > 0.02 => {
                format!("{} {} % of pods", paint.arrow(), format::percent(share, Label::Inferred))
            }
            _ => String::new(),
        },
        _ => String::new(),
    };
    let room = width.saturating_sub(2 + if end.is_empty() { 0 } else { format::width(&end) + 1 });
    let what = format::cut(&words::step(&step.kind), room, paint.ellipsis());
    let gap = width.saturating_sub(2 + format::width(&what) + format::width(&end));
    Line::from(vec![sign, Span::raw(" "), paint.span(role, what), Span::raw(" ".repeat(gap)), paint.span(Role::Strong, end)])
}

fn current_role(release: &Release) -> Role {
    match release.phase {
        Phase::Degraded => Role::PhaseDegraded,
        Phase::Paused => Role::PhasePaused,
        Phase::Healthy | Phase::Progressing => Role::PhaseProgressing,
    }
}

/// What strategies without steps go through, as a ladder in words.
fn without_ladder(release: &Release, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    match release.strategy {
        Strategy::BlueGreen => {
            let switched = release.exposure.headline.as_ref().is_some_and(|s| s.value >= 1.0) || !release.under_way;
            let ready = release.versions.iter().find(|v| v.runs_new).is_none_or(|v| v.desired > 0 && v.available >= v.desired);
            let waiting = release.phase == Phase::Paused;
            let rungs = [
                ("preview made ready", switched || ready),
                ("pause before the switch", switched || (ready && !waiting && release.phase == Phase::Healthy)),
                ("active Service switched", switched),
                ("old version scaled down", !release.under_way && release.countdowns.is_empty() && release.phase == Phase::Healthy),
            ];
            let current = rungs.iter().position(|(_, done)| !done);
            for (n, (what, done)) in rungs.iter().enumerate() {
                let (sign, role) = match (done, current == Some(n)) {
                    (true, _) => (paint.sign(Role::PhaseHealthy, Glyph::Done), Role::Dim),
                    (false, true) => (paint.sign(current_role(release), Glyph::Now), Role::Strong),
                    (false, false) => (paint.sign(Role::Dim, Glyph::Next), Role::Text),
                };
                out.push(Line::from(vec![
                    sign,
                    Span::raw(" "),
                    paint.span(role, format::cut(what, width.saturating_sub(2), paint.ellipsis())),
                ]));
            }
        }
        _ => {
            let r = release.replicas;
            out.push(two_ends(paint, Role::Dim, "updated", Role::Strong, &format!("{} of {}", r.updated, r.desired), width));
            out.push(two_ends(paint, Role::Dim, "available", Role::Text, &format!("{} of {}", r.available, r.desired), width));
            let old = (r.current - r.updated).max(0);
            if old > 0 {
                out.push(two_ends(paint, Role::Dim, "old pods left", Role::Text, &old.to_string(), width));
            }
            if let Some(limits) = release.limits {
                let text = format!("{} more, {} fewer", limits.surge, limits.unavailable);
                out.push(two_ends(paint, Role::Dim, "at a time", Role::Text, &text, width));
            }
        }
    }
    if release.paused_by_hand {
        out.push(Line::from(paint.span(Role::PhasePaused, "paused by hand")));
    }
    if let Some(cause) = &release.change_cause {
        out.push(Line::from(paint.span(Role::Dim, format::cut(&format!("cause: {cause}"), width, paint.ellipsis()))));
    }
    out
}

/// A label at the left end and a figure at the right.
pub fn two_ends(paint: &Paint<'_>, left_role: Role, left: &str, right_role: Role, right: &str, width: usize) -> Line<'static> {
    let room = width.saturating_sub(format::width(right) + 1);
    let left = format::cut(left, room, paint.ellipsis());
    let gap = width.saturating_sub(format::width(&left) + format::width(right));
    Line::from(vec![paint.span(left_role, left), Span::raw(" ".repeat(gap)), paint.span(right_role, right.to_owned())])
}
