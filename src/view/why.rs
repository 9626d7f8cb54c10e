//! Why: everything the verdict rests on, with its source and age, one sentence a line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format;
use super::paint::{Paint, scrolled};
use crate::app::State;
use crate::release::words;
use crate::release::{PodState, Release};
use crate::theme::Role;

/// Draws it.
pub fn draw(state: &State, release: &Release, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(2));
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let mut out = Vec::new();
    let mut say = |role: Role, text: &str| {
        for (n, line) in format::wrap(text, width.saturating_sub(2), 6, paint.ellipsis()).into_iter().enumerate() {
            out.push(Line::from(vec![Span::raw(if n == 0 { "" } else { "  " }), paint.span(role, line)]));
        }
    };
    let verdict = words::verdict(release, paint.now);
    say(Role::Strong, &format!("{}: {}", verdict.word, verdict.lines[0]));
    say(Role::Text, &verdict.lines[1]);
    say(Role::Text, "");
    say(Role::Title, "What its controller says");
    let message = release.message.as_ref().map_or_else(|| "no message".to_owned(), |m| m.to_string());
    say(Role::Text, &format!("phase {:?}: {message}", release.phase));
    if let Some(abort) = &release.abort {
        say(Role::Title, "Why it was aborted, from the outcome to the cause");
        for link in &abort.chain {
            say(Role::Text, &format!("- {link}"));
        }
    }
    say(Role::Title, "Who gets it");
    match &release.exposure.headline {
        Some(share) => {
            say(Role::Text, &format!("{} %, {}: {}", format::percent(share.value, share.label), format::label(share.label), share.source))
        }
        None => say(Role::Text, "nothing is being released, or it can't be told"),
    }
    if let (Some(_), Some(other)) = (&release.exposure.configured, &release.exposure.inferred) {
        say(Role::Text, &format!("{} %, {}: {}", format::percent(other.value, other.label), format::label(other.label), other.source));
    }
    if let Some(weight) = release.weight {
        say(Role::Text, &format!("its own tool prints set weight {}, actual weight {}, of {}", weight.set, weight.actual, weight.max));
    }
    if !release.alarms.is_empty() {
        say(Role::Title, "What no phase tells");
        for alarm in &release.alarms {
            say(Role::Warning, &words::alarm_words(alarm, paint.now));
        }
    }
    say(Role::Title, "Pods");
    let failing: Vec<String> = release
        .pods
        .iter()
        .filter_map(|p| if let PodState::Failing(t) = &p.state { Some(format!("{}: {}", p.name, words::trouble(t))) } else { None })
        .collect();
    match (release.versions.iter().any(|v| v.mix.is_some()), failing.is_empty()) {
        (false, _) => say(Role::VerdictUnknown, "not read: nothing is known of why a pod is not ready"),
        (true, true) => say(Role::Text, &format!("{} read, none fails", format::things(release.pods.len() as i64, "pod", "pods"))),
        (true, false) => failing.iter().for_each(|text| say(Role::PodFailing, text)),
    }
    if !release.countdowns.is_empty() {
        say(Role::Title, "What happens by itself");
        for countdown in &release.countdowns {
            say(
                Role::Text,
                &format!(
                    "{} in {} (at {})",
                    words::countdown(countdown.kind),
                    words::left(countdown, paint.now),
                    format::clock(countdown.at, paint.zone)
                ),
            );
        }
    }
    say(Role::Title, "Sources");
    for (interest, source) in state.sources().filter(|(i, _)| i.release.is_none() || i.release.as_ref() == Some(&release.key)) {
        use crate::ports::SourceState as S;
        let text = match source {
            S::Live => "live".to_owned(),
            S::Listing => "being listed".to_owned(),
            S::Retrying { reason, .. } => format!("trying again: {}", paint.hide(reason)),
            S::Denied(what) => format!("you may not {}", paint.hide(what)),
            S::Absent => "not served by this cluster".to_owned(),
        };
        say(Role::Text, &format!("{}: {text}", interest.kind.resource()));
    }
    scrolled(&out, state.scrolled(), paint, inner, buf);
}
