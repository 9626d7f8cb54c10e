//! What stands above the board's rows: counts, sources that are not live, and why there is nothing to show.

use ratatui::text::{Line, Span};

use super::super::format;
use super::super::paint::Paint;
use crate::app::{Elsewhere, Screen, State, group};
use crate::keys::Action;
use crate::objects::{Kind, Time};
use crate::ports::metrics::MetricsLink;
use crate::ports::{LinkState, Scope, SourceState};
use crate::release::words::attention;
use crate::theme::{Glyph, Role};

/// How many need a person, move and rest; nothing before anything was read, for nothing is not "none".
pub fn counts(state: &State, at: Time, paint: &Paint<'_>, width: usize) -> Option<String> {
    let own = |kind: Kind| state.sources().find(|(i, _)| i.release.is_none() && i.kind == kind);
    let read = |kind: Kind| own(kind).is_some_and(|(i, s)| *s == SourceState::Absent || state.has_listed(i.source));
    let is_read = [Kind::Rollout, Kind::Canary, Kind::Deployment].into_iter().all(read);
    if state.shown().is_empty() && !is_read {
        return None;
    }
    let mut by = [0_i64; 3];
    for release in state.shown().values() {
        by[group(attention(release, at).rank) as usize] += 1;
    }
    let sep = paint.glyph(Glyph::Separator);
    let need = if by[0] == 1 { "needs you" } else { "need you" };
    let mut parts = vec![format!("{} {need} {sep} {} moving {sep} {} steady", by[0], by[1], by[2])];
    if !is_read {
        parts[0].push_str(", of what could be read");
    }
    let board = state.board();
    if !board.marks.is_empty() {
        parts.push(format!("{} marked", board.marks.len()));
    }
    if board.sort != crate::app::Sort::Need || board.reversed {
        parts.push(format!("sorted by {}{}", board.sort.word(), if board.reversed { ", reversed" } else { "" }));
    }
    if own(Kind::Rollout).is_some_and(|(_, s)| *s == SourceState::Absent) {
        parts.push("no Argo Rollouts in this cluster".to_owned());
    }
    match state.metrics().link() {
        MetricsLink::Live { way, .. } if !way.is_empty() => parts.push(format!("measured via {}", paint.hide(way))),
        MetricsLink::Unfound(_) => parts.push("not measured: no Prometheus found".to_owned()),
        _ => {}
    }
    // What does not fit whole is left out: half a sentence about counts would be a wrong count.
    let mut text = String::new();
    for part in parts {
        let longer = if text.is_empty() { part } else { format!("{text}   {part}") };
        if !text.is_empty() && format::width(&longer) + 2 > width {
            break;
        }
        text = longer;
    }
    Some(format::cut(&text, width.saturating_sub(2), paint.ellipsis()))
}

/// Sources of the board that are not live, each in words.
pub fn sources(state: &State, width: usize, paint: &Paint<'_>) -> Vec<Line<'static>> {
    if state.screen() != Screen::Board || !state.connection().is_live() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (interest, source) in state.sources().filter(|(i, _)| i.release.is_none()) {
        let name = interest.kind.resource();
        let (role, text) = match source {
            SourceState::Live => continue,
            SourceState::Absent if matches!(interest.kind, Kind::Rollout | Kind::Canary) => continue,
            SourceState::Absent => (Role::Dim, format!("{name}: not served by this cluster")),
            SourceState::Listing => (Role::Dim, format!("{name}: being listed")),
            SourceState::Denied(what) => (
                Role::Warning,
                format!(
                    "You may not {}: left out here, the rest works. `flightdeck check` tells which rights are missing.",
                    paint.hide(what)
                ),
            ),
            SourceState::Retrying { reason, .. } => (Role::Warning, format!("{name}: {}, trying again", paint.hide(reason))),
        };
        let wrapped = format::wrap(&text, width.saturating_sub(2), 2, paint.ellipsis());
        out.extend(wrapped.into_iter().map(|l| Line::from(vec![Span::raw(" "), paint.span(role, l)])));
    }
    out
}

/// Why there is nothing to show.
pub fn empty(state: &State, width: usize, paint: &Paint<'_>) -> Vec<Line<'static>> {
    let connection = state.connection();
    let identity = state.identity();
    let place = match state.scope() {
        None | Some(Scope::All) => "any namespace".to_owned(),
        Some(Scope::Namespace(name)) => paint.namespace(name),
    };
    let listing = state.sources().any(|(i, s)| i.release.is_none() && *s == SourceState::Listing);
    let denied = state.sources().any(|(i, s)| i.release.is_none() && matches!(s, SourceState::Denied(_)));
    let text = match &connection.state {
        LinkState::Unusable(_) => "Nothing to watch. `flightdeck demo` opens the cockpit on a cluster of its own.".to_owned(),
        LinkState::Connecting(_) if identity.server.is_empty() => "Nothing has been read yet.".to_owned(),
        LinkState::Connecting(_) => {
            let user = if identity.user.is_empty() { String::new() } else { format!(" as {}", identity.user) };
            format!("Connecting to {} at {}{user}.", identity.context, identity.server)
        }
        LinkState::Lost { .. } if connection.heard.is_none() => format!("{} has not answered yet.", identity.server),
        _ if !state.board().filter.is_empty() && !state.shown().is_empty() => "No release matches the filter.".to_owned(),
        _ if listing => "Reading what there is.".to_owned(),
        _ if denied && state.scope() == Some(&Scope::All) => {
            format!("Nothing else to show. {} chooses one namespace, where you may be allowed more.", state.key_of(Action::Namespace))
        }
        _ if denied => "Nothing else to show.".to_owned(),
        _ => {
            let (all, choose) = (state.key_of(Action::AllNamespaces), state.key_of(Action::Namespace));
            let elsewhere = match connection.elsewhere {
                Elsewhere::Counted(0) => "None in any other namespace.".to_owned(),
                Elsewhere::Counted(n) => format!("{n} in other namespaces: {all} shows all, {choose} chooses one."),
                Elsewhere::Unasked | Elsewhere::Asked => format!("{all} shows all namespaces, {choose} chooses one."),
            };
            match state.scope() {
                Some(Scope::Namespace(_)) => format!("No releases in {place}. {elsewhere}"),
                _ => "No releases in any namespace: no Deployment and no Rollout.".to_owned(),
            }
        }
    };
    let text = paint.hide(&text);
    let room = width.saturating_sub(2);
    let mut out = vec![Line::default()];
    out.extend(
        format::wrap(&text, room, 4, paint.ellipsis()).into_iter().map(|l| Line::from(vec![Span::raw(" "), paint.span(Role::Text, l)])),
    );
    out
}
