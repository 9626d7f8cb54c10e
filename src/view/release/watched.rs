//! The controller's own analysis and experiments; where there are none, what would make the release measurable.

use ratatui::text::{Line, Span};

use super::super::format;
use super::super::paint::Paint;
use super::gets::missing;
use crate::objects::{AnalysisPhase, Kind};
use crate::release::{Analysis, Measured, Release, words};
use crate::theme::{Glyph, Role};

/// Analyses with their metrics, dry-run ones apart, then experiments.
pub fn content(release: &Release, paint: &Paint<'_>, unread: &[(Kind, String)], width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    for experiment in &release.experiments {
        out.push(head(experiment.phase, "experiment", &experiment.name, paint, width));
        for arm in &experiment.arms {
            let text = format!("  {}  {}  {}", arm.name, paint.tag(&arm.images), format::things(arm.available, "pod", "pods"));
            out.push(Line::from(paint.span(Role::Text, format::cut(&text, width, paint.ellipsis()))));
        }
    }
    for analysis in &release.analyses {
        out.extend(run(analysis, paint, width));
    }
    for (kind, why) in unread.iter().filter(|(kind, _)| matches!(kind, Kind::AnalysisRun | Kind::Experiment)) {
        out.extend(missing(*kind, why, paint, width));
    }
    if out.is_empty() {
        let text = "The controller runs no analysis of this release. Errors, latency and budget are not measured.";
        out.extend(format::wrap(text, width, 4, paint.ellipsis()).into_iter().map(|l| Line::from(paint.span(Role::Dim, l))));
    }
    out
}

fn run(analysis: &Analysis, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let mut out = vec![head(analysis.phase, words::gate(analysis.role), &analysis.name, paint, width)];
    for metric in &analysis.metrics {
        out.extend(measured(metric, "", paint, width));
    }
    for metric in &analysis.dry_run {
        out.extend(measured(metric, "dry run ", paint, width));
    }
    out
}

fn head(phase: AnalysisPhase, what: &str, name: &str, paint: &Paint<'_>, width: usize) -> Line<'static> {
    let (role, glyph) = look(phase);
    let text = format!("{} {what} ", words::analysis_phase(phase));
    let room = width.saturating_sub(2 + format::width(&text));
    Line::from(vec![paint.sign(role, glyph), Span::raw(" "), paint.span(Role::Strong, text), paint.span(Role::Dim, paint.fit(name, room))])
}

fn measured(metric: &Measured, kind: &str, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let (role, glyph) = look(metric.phase);
    let value = metric.last.as_ref().map_or_else(|| "no value yet".to_owned(), |v| v.to_string());
    let condition = if metric.condition.is_empty() { String::new() } else { format!("  wants {}", metric.condition) };
    let first = format!("{kind}{}  {value}{condition}", metric.name);
    let [passed, failed, inconclusive, error] = metric.counts;
    let taken = passed + failed + inconclusive + error;
    let of = metric.wanted.map_or_else(String::new, |n| format!(" of {n}"));
    let mut counts = format!("{taken}{of} measured, {failed} failed");
    if inconclusive > 0 {
        counts.push_str(&format!(", {inconclusive} inconclusive"));
    }
    if error > 0 {
        counts.push_str(&format!(", {error} errors"));
    }
    let room = width.saturating_sub(4);
    vec![
        Line::from(vec![
            Span::raw("  "),
            paint.sign(role, glyph),
            Span::raw(" "),
            paint.span(Role::Text, format::cut(&first, room, paint.ellipsis())),
        ]),
        Line::from(vec![Span::raw("    "), paint.span(Role::Dim, format::cut(&counts, room, paint.ellipsis()))]),
    ]
}

fn look(phase: AnalysisPhase) -> (Role, Glyph) {
    match phase {
        AnalysisPhase::Successful => (Role::VerdictPass, Glyph::Done),
        AnalysisPhase::Failed | AnalysisPhase::Error => (Role::VerdictFail, Glyph::Failed),
        AnalysisPhase::Running => (Role::PhaseProgressing, Glyph::Now),
        AnalysisPhase::Pending | AnalysisPhase::Inconclusive | AnalysisPhase::Unknown => (Role::VerdictUnknown, Glyph::Unknown),
    }
}
