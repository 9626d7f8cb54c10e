//! What is copied: names, images, commands and summaries of what is selected or marked.
//! Reads only; the terminal's clipboard is somebody else's.

use super::super::effect::Effect;
use super::super::state::{Screen, State};
use crate::keys::Action;
use crate::objects::Time;
use crate::release::words::{kubectl, kubectl_pod, summary};
use crate::release::{PodView, Release};
use crate::text::Clean;

/// Sends what is asked for of what is selected; of all that is marked where something is, in the order of the screen.
pub(super) fn copy(state: &State, action: Action, now: Time) -> Vec<Effect> {
    let at = state.moment(now);
    let release = |release: &Release| match action {
        Action::CopyName => release.key.name.to_string(),
        Action::CopyValue => {
            release.versions.first().map(|v| v.images.iter().map(Clean::as_str).collect::<Vec<_>>().join(" ")).unwrap_or_default()
        }
        Action::CopyKubectl => kubectl(release, &state.connection.identity.context),
        Action::CopySummary => summary(release, at),
        _ => String::new(),
    };
    let texts: Vec<String> = match (state.screen(), state.open_release()) {
        (Screen::Board, _) => {
            let marks = &state.board.marks;
            let wanted = |key| if marks.is_empty() { state.board.selected.as_ref() == Some(key) } else { marks.contains(key) };
            state.board.order(state.shown(), at).into_iter().filter(|(r, _)| wanted(&r.key)).map(|(r, _)| release(r)).collect()
        }
        (Screen::Pods, Some(open)) if action != Action::CopySummary => {
            let pod = |pod: &PodView| match action {
                Action::CopyName => pod.name.to_string(),
                Action::CopyValue => pod.node.to_string(),
                _ => kubectl_pod(open, pod, &state.connection.identity.context),
            };
            let marks = &state.pods.marks;
            let marked = state.pods.rows(open).into_iter().filter(|p| marks.contains(&p.uid));
            if marks.is_empty() { state.pods.current(open).into_iter().map(pod).collect() } else { marked.map(pod).collect() }
        }
        (_, Some(open)) => vec![release(open)],
        (_, None) => Vec::new(),
    };
    let between = if action == Action::CopyKubectl { "; " } else { " " };
    let text = texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(between);
    if text.is_empty() { Vec::new() } else { vec![Effect::Copy(Clean::from(text))] }
}
