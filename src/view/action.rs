//! The line that says what became of the newest action on a release: sent, watched for, overdue, done, or over without effect.
//! Never says done before it was seen, and never stays when it is old news.

use chrono::TimeDelta;
use ratatui::text::{Line, Span};

use super::format;
use super::paint::Paint;
use super::plan::lower;
use crate::app::{Progress, Running, State};
use crate::keys::{Action, Mode};
use crate::objects::{ReleaseRef, Time};
use crate::theme::{Glyph, Role};

/// The line, at most `room` columns wide; `None` where there is nothing to say any more. `now` is our clock.
pub fn line(state: &State, key: &ReleaseRef, now: Time, paint: &Paint<'_>, room: usize) -> Option<Line<'static>> {
    let running = state.told_of(key, now)?;
    let (glyph, role) = look(&running.progress);
    let room = room.saturating_sub(4);
    let told = told(running, &wake(state), now);
    // The longest that fits is said; a sentence is only cut where even the shortest is too long.
    let shown: Vec<String> = told.iter().map(|text| paint.twins(&paint.hide(text)).into_owned()).collect();
    let fits = shown.iter().find(|text| format::width(text) <= room);
    let text = fits.or(shown.last()).map_or_else(String::new, |text| format::cut(text, room, paint.ellipsis()));
    Some(Line::from(vec![Span::raw(" "), paint.sign(role, glyph), Span::raw(" "), paint.span(role, text)]))
}

/// The key that wakes, as it is pressed on the release itself, also while a plan lies over it.
fn wake(state: &State) -> String {
    let chord = state.keymap().shortest_chord(Action::Wake, Mode::Release);
    chord.map_or_else(|| state.key_of(Action::Wake), ToString::to_string)
}

fn look(progress: &Progress) -> (Glyph, Role) {
    match progress {
        Progress::Sending { .. } | Progress::Checking { .. } | Progress::Watching { .. } => (Glyph::Now, Role::PhaseProgressing),
        Progress::Unknown { .. } => (Glyph::Unknown, Role::Warning),
        Progress::Alarm { .. } => (Glyph::Worse, Role::Danger),
        Progress::Done { .. } => (Glyph::Done, Role::PhaseHealthy),
        Progress::Ended { .. } => (Glyph::Failed, Role::Warning),
    }
}

/// What is said, from the longest to the shortest.
fn told(running: &Running, wake: &str, now: Time) -> Vec<String> {
    let deed = running.change.intent.verb().words();
    let total = running.change.stages.len();
    let (name, goal) = running.stage().map_or_else(Default::default, |stage| (lower(&stage.name), stage.goal.words().to_string()));
    let (deed, short) = if total > 1 {
        (format!("{deed}: stage {} of {total}, {name}", running.stage + 1), format!("{deed} {}/{total}", running.stage + 1))
    } else {
        (deed.to_owned(), deed.to_owned())
    };
    let lasts = |since: Time| format::duration(format::seconds(since, now));
    let ago = |since: Time| if format::seconds(since, now) < 1 { "just now".to_owned() } else { format!("{} ago", lasts(since)) };
    let stays = running.stage().is_some_and(|stage| stage.write.is_none());
    match &running.progress {
        Progress::Sending { .. } => vec![format!("{deed}: sending…"), format!("{short}: sending…")],
        Progress::Checking { .. } => vec![
            format!("{deed}: it had changed in between; read again to see whether the plan still holds"),
            format!("{short}: changed in between, checking"),
        ],
        Progress::Watching { since } if stays => {
            vec![
                format!("{deed}: watching for {goal} since {}", lasts(*since)),
                format!("{deed}, {}", lasts(*since)),
                format!("{short}: waiting {}", lasts(*since)),
            ]
        }
        Progress::Watching { since } => vec![
            format!("{deed} sent {}, watching for {goal}", ago(*since)),
            format!("{deed} sent {}, watching", ago(*since)),
            format!("{short} sent {}", ago(*since)),
        ],
        Progress::Unknown { why, .. } => vec![
            format!("{deed}: no answer came ({why}): watching what happens; nothing is sent twice"),
            format!("{deed}: no answer came: watching; nothing is sent twice"),
            format!("{short}: no answer, watching"),
        ],
        Progress::Alarm { .. } => vec![
            format!("{deed}: the controller has not reacted for {}, watched for {goal}: {wake} wakes it", lasts(running.began)),
            format!("{deed}: the controller has not reacted for {}: {wake} wakes it", lasts(running.began)),
            format!("{short}: no reaction {}: {wake} wakes it", lasts(running.began)),
        ],
        Progress::Done { took, .. } => {
            let verb = running.change.intent.verb().words();
            vec![format!("{verb} took effect after {}", exact(*took)), format!("{verb} done after {}", exact(*took))]
        }
        Progress::Ended { why, .. } => vec![format!("{deed}: {why}"), format!("{short}: {why}")],
    }
}

/// To the tenth below a minute.
fn exact(took: TimeDelta) -> String {
    let millis = took.num_milliseconds().max(0);
    if millis < 60_000 { format!("{}.{} s", millis / 1_000, millis % 1_000 / 100) } else { format::duration(millis / 1_000) }
}
