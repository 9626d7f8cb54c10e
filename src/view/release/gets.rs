//! Blast radius: the headline share with its label, the other figures beside it, what comes next. Nothing here is measured.

use ratatui::text::{Line, Span};

use super::super::format;
use super::super::paint::Paint;
use super::steps::two_ends;
use crate::objects::Kind;
use crate::release::{Label, Release, Spread, words};
use crate::theme::{Glyph, Role};

/// Everything the cluster tells about who gets the new version.
pub fn content(release: &Release, paint: &Paint<'_>, unread: &[(Kind, String)], width: usize) -> Vec<Line<'static>> {
    let exposure = &release.exposure;
    let mut out = vec![headline(release, paint, width)];
    if let Some(share) = &exposure.headline {
        let bar = paint.glyphs.bar(share.value, width);
        out.push(Line::from(paint.span(Role::VersionNew, bar)));
        out.extend(format::wrap(&share.source, width, 2, paint.ellipsis()).into_iter().map(|l| Line::from(paint.span(Role::Dim, l))));
        if let (Some(_), Some(other)) = (&exposure.configured, &exposure.inferred) {
            let text = format!("{} % {}", format::percent(other.value, other.label), format::label(other.label));
            out.push(two_ends(paint, Role::Dim, "endpoints say", Role::Text, &text, width));
        }
    }
    if let Some(weight) = release.weight.filter(|_| release.under_way) {
        let unit = if weight.max == 100 { " %".to_owned() } else { format!(" of {}", weight.max) };
        let text = format!("{}{unit} / {}{unit}", weight.set, weight.actual);
        out.push(two_ends(paint, Role::Dim, "set / actual", Role::Text, &text, width));
    }
    let spreads = [("pods", exposure.pods), ("zones", exposure.zones), ("nodes", exposure.nodes)];
    let said: Vec<String> = spreads.iter().filter_map(|(name, s)| s.map(|Spread { new, all }| format!("{name} {new} of {all}"))).collect();
    if !said.is_empty() && exposure.headline.is_some() {
        let wide = said.join("   ");
        let text = if format::width(&wide) <= width { wide } else { said.join("  ").replace(" of ", "/") };
        out.push(Line::from(paint.span(Role::Text, format::cut(&text, width, paint.ellipsis()))));
    }
    if let Some(peak) = exposure.peak {
        let text = format!("{} % {}", format::percent(peak.value, peak.label), format::label(peak.label));
        out.push(two_ends(paint, Role::Dim, "most so far", Role::Text, &text, width));
    }
    if let Some(next) = exposure.next.filter(|_| exposure.headline.is_some()) {
        let text = format!("{} {} %", paint.arrow(), format::percent(next, Label::Inferred));
        out.push(two_ends(paint, Role::Dim, "next step", Role::Strong, &text, width));
    }
    for beside in &exposure.beside {
        out.extend(
            format::wrap(&format!("beside it: {beside}"), width, 2, paint.ellipsis())
                .into_iter()
                .map(|l| Line::from(paint.span(Role::Warning, l))),
        );
    }
    for alarm in &release.alarms {
        let text = format!("{} {}", paint.glyph(Glyph::Warning), words::alarm_words(alarm, paint.now));
        out.extend(format::wrap(&text, width, 3, paint.ellipsis()).into_iter().map(|l| Line::from(paint.span(Role::Warning, l))));
    }
    for (kind, why) in unread.iter().filter(|(kind, _)| matches!(kind, Kind::Service | Kind::EndpointSlice)) {
        out.extend(missing(*kind, why, paint, width));
    }
    out
}

/// The headline: `20 %  of requests  configured`.
pub fn headline(release: &Release, paint: &Paint<'_>, width: usize) -> Line<'static> {
    match &release.exposure.headline {
        Some(share) if share.label == Label::Unknown => Line::from(paint.span(Role::VerdictUnknown, "unknown: nothing is served")),
        Some(share) => {
            let of = match share.label {
                // The label is never what gives way.
                _ if width < 38 => "",
                Label::Configured => "of requests  ",
                _ => "of ready endpoints  ",
            };
            Line::from(vec![
                paint.span(Role::Strong, format!("{} %", format::percent(share.value, share.label))),
                Span::raw("  "),
                paint.span(Role::Text, of),
                paint.span(Role::Dim, format::label(share.label)),
            ])
        }
        None if release.under_way => Line::from(paint.span(Role::VerdictUnknown, "unknown: not to be told from what was read")),
        None => Line::from(paint.span(Role::Dim, "nothing is being released")),
    }
}

/// A kind that could not be read, and why.
pub fn missing(kind: Kind, why: &str, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let text = format!("{} not read: {why}", kind.plural());
    format::wrap(&text, width, 2, paint.ellipsis()).into_iter().map(|l| Line::from(paint.span(Role::VerdictUnknown, l))).collect()
}
