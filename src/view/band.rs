//! The band on top: where one is, in words first, and how the link is doing. Always there, on every screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format;
use super::paint::{Paint, lines, placeholder};
use crate::app::{Screen, State};
use crate::objects::Time;
use crate::ports::{LinkState, Scope};
use crate::release::{Engine, Strategy};
use crate::theme::{Glyph, Role};

/// Draws the band and, where something is wrong with the link or the files, a line for it below. Returns the rows taken.
pub fn draw(state: &State, now: Time, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> u16 {
    let width = usize::from(area.width);
    let link = link(state, now, paint, width);
    let clock = state.server_now(now).with_timezone(&state.zone()).format("%H:%M").to_string();
    let mut right = Vec::new();
    if let Some(frozen) = state.frozen() {
        let age = state.server_now(now) - frozen.at;
        // A held picture with an age: nobody may take it for the cluster's present.
        let text = if width >= 60 { format!("FROZEN for {}   ", format::age(age.num_seconds())) } else { "FROZEN ".to_owned() };
        right.push(paint.span(Role::Warning, text));
    }
    right.push(link);
    if width >= 60 {
        right.push(paint.span(Role::Dim, if state.is_read_only() { "   read-only" } else { "" }.to_owned()));
        right.push(paint.span(Role::Band, format!("   {clock}")));
    }
    let right_width: usize = right.iter().map(Span::width).sum();
    let room = width.saturating_sub(right_width + 3);
    let place = place(state, paint, room);
    let gap = width.saturating_sub(format::width(&place) + right_width + 2);
    let mut spans = vec![Span::raw(" "), paint.span(Role::Band, place), Span::raw(" ".repeat(gap))];
    spans.extend(right);
    spans.push(Span::raw(" "));
    let mut all = vec![Line::from(spans)];
    let notes = notes(state, now, width, paint);
    let most = if area.height < 20 { 1 } else { 3 };
    all.extend(notes.into_iter().take(most).map(|(role, text)| {
        Line::from(vec![Span::raw(" "), paint.span(role, format::cut(&paint.hide(&text), width.saturating_sub(2), paint.ellipsis()))])
    }));
    let rows = u16::try_from(all.len()).unwrap_or(1);
    lines(&all, Rect { height: rows, ..area }, buf);
    rows
}

fn place(state: &State, paint: &Paint<'_>, room: usize) -> String {
    let identity = state.identity();
    let crumb = format!(" {} ", paint.glyph(Glyph::Crumb));
    let context = match identity.context.as_str() {
        "" => "no context".to_owned(),
        name if paint.redact => placeholder("cluster", name),
        name => name.to_owned(),
    };
    let mut parts = vec![context];
    match (state.screen_below(), state.open_key()) {
        (Screen::Board, _) | (_, None) => {
            parts.push(match state.scope() {
                None => "namespace not known yet".to_owned(),
                Some(Scope::All) => "all namespaces".to_owned(),
                Some(Scope::Namespace(name)) => paint.namespace(name),
            });
            if state.screen_below() == Screen::Journal {
                parts.push("journal".to_owned());
            }
        }
        (screen, Some(key)) => {
            parts.push(paint.namespace(&key.namespace));
            parts.push(key.name.to_string());
            match screen {
                Screen::Pods => parts.push("pods".to_owned()),
                Screen::Why => parts.push("why".to_owned()),
                Screen::Revisions => parts.push("revisions".to_owned()),
                Screen::Plan => parts.push("plan".to_owned()),
                Screen::Journal => parts.push("journal".to_owned()),
                _ => {}
            }
        }
    }
    if state.screen() == Screen::Help {
        parts.push("help".to_owned());
    }
    let mut text = parts.join(&crumb);
    if let (Screen::Release, Some(release)) = (state.screen(), state.open_release()) {
        let engine = match release.engine {
            Engine::ArgoRollouts => "Argo Rollouts",
            Engine::Deployment => "Deployment",
            Engine::Flagger => "Flagger",
        };
        let strategy = match release.strategy {
            Strategy::Canary => "canary",
            Strategy::BlueGreen => "blue-green",
            Strategy::Rolling => "rolling",
            Strategy::Recreate => "recreate",
        };
        let kind = format!("    {engine} {} {strategy}", paint.glyph(Glyph::Separator));
        if format::width(&text) + format::width(&kind) <= room {
            text.push_str(&kind);
        }
    }
    // Where it does not fit, the end says more than the beginning.
    while format::width(&text) > room && parts.len() > 1 {
        parts.remove(0);
        text = parts.join(&crumb);
    }
    paint.fit(&text, room)
}

fn link(state: &State, now: Time, paint: &Paint<'_>, width: usize) -> Span<'static> {
    let connection = state.connection();
    match &connection.state {
        LinkState::Live => {
            let silent = connection.heard.map_or(0, |at| (now - at).num_seconds());
            let text = if silent > 10 { format!("live {silent} s ago") } else { "live".to_owned() };
            let (role, glyph) = if silent > 10 { (Role::LinkStale, Glyph::LinkStale) } else { (Role::LinkLive, Glyph::LinkLive) };
            paint.span(role, format!("{} {text}", paint.glyph(glyph)))
        }
        LinkState::Connecting(_) => paint.span(Role::LinkStale, format!("{} connecting", paint.glyph(Glyph::LinkStale))),
        LinkState::Lost { .. } => {
            let length = format::duration((now - connection.since).num_seconds());
            let text = if width >= 60 { format!("LINK LOST {length}") } else { format!("LOST {length}") };
            paint.span(Role::LinkLost, format!("{} {text}", paint.glyph(Glyph::LinkLost)))
        }
        LinkState::Unusable(_) => paint.span(Role::LinkLost, format!("{} no cluster", paint.glyph(Glyph::LinkLost))),
    }
}

/// What has to be said about the link, the sources, the clock and the files.
fn notes(state: &State, now: Time, width: usize, paint: &Paint<'_>) -> Vec<(Role, String)> {
    let connection = state.connection();
    let mut out = Vec::new();
    match &connection.state {
        LinkState::Lost { reason, .. } => {
            let retry = connection.retry_at.map_or_else(
                || "trying again now".to_owned(),
                |at| {
                    let left = (at - now).num_seconds();
                    // An attempt that hangs is told of by how long it does.
                    match left {
                        1.. => format!("trying again in {left} s"),
                        -2..=0 => "trying again now".to_owned(),
                        _ => format!("trying for {} s, no answer yet", -left),
                    }
                },
            );
            let picture = connection.heard.map(|at| format!("picture of {}", format::clock(state.server_now(at), state.zone())));
            let said: Vec<String> = if width < 60 {
                // Whole sentences or none: what comes next is said first.
                let whole = [retry].into_iter().chain(picture);
                let mut used = 2;
                whole
                    .take_while(|part| {
                        used += format::width(part) + 3;
                        used <= width + 3
                    })
                    .collect()
            } else {
                picture.into_iter().chain([retry, reason.to_string()]).collect()
            };
            out.push((Role::LinkLost, said.join(&format!(" {} ", paint.glyph(Glyph::Separator)))));
        }
        LinkState::Connecting(what) if connection.heard.is_none() && !what.is_empty() => out.push((Role::LinkStale, what.to_string())),
        LinkState::Unusable(what) => out.push((Role::LinkLost, what.to_string())),
        _ => {}
    }
    if let Some(seconds) = connection.skew() {
        let word = if seconds > 0 { "behind" } else { "ahead of" };
        out.push((
            Role::Warning,
            format!("This machine's clock is {} s {word} the server's; ages are reckoned in the server's time.", seconds.abs()),
        ));
    }
    let told: u64 = connection.unreadable.values().map(|(n, _)| n).sum();
    if let Some((_, why)) = connection.unreadable.values().next() {
        out.push((Role::Warning, format!("{told} objects can't be read and are left out: {why}")));
    }
    for mistake in state.banners() {
        out.push((Role::Notice, format!("{mistake}")));
    }
    out
}
