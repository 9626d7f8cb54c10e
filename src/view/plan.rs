//! The plan screen: what would be sent, what that does, what the server says to it, and what it takes to send it.
//! Never lets the sentence that says what happens, or the line that confirms it, out of sight.

mod checks;
mod confirm;
mod json;
mod sends;
mod server;
mod sheet;
mod words;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Clear, Widget};

use super::format;
use super::paint::{Paint, lines, placeholder, scrolled};
use crate::app::{OpenPlan, State};
use crate::objects::Time;
use crate::release::acting::{Change, Difference, Masked};
use crate::release::{Label, Release, words as said};
use crate::theme::{Glyph, Role};
pub(super) use sends::lower;
pub(super) use sheet::Sheet;
pub(super) use words::sentence;

/// The least body in which the picture behind stays visible.
const BEHIND: (u16, u16) = (110, 28);
/// Rows of the picture behind that stay where the plan is a long one.
const KEPT: u16 = 12;
/// A plan is never wider: lines longer than this are hard to read.
const WIDEST: u16 = 124;

/// What is sent stands last where it takes more lines.
const LONG: usize = 12;

/// Whether there is room for the picture behind.
pub fn shows_behind(area: Rect) -> bool {
    area.width >= BEHIND.0 && area.height >= BEHIND.1
}

/// Draws it, and returns how far it can be scrolled. `now` is our clock.
pub fn draw(state: &State, now: Time, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let Some(open) = state.plan() else { return 0 };
    // What is not fresh is said of it, never by making a plan hard to read.
    let paint = &Paint { stale: false, ..*paint };
    let behind = shows_behind(area);
    let bare = area.width < 60 || area.height < 14;
    let width = if behind { area.width.min(WIDEST) } else { area.width };
    let room = usize::from(width.saturating_sub(if bare { 2 } else { 4 }));
    let release = state.shown().get(&open.key);
    let bottom = confirm::lines(state, open, now, paint, room);
    // Below the title, above what confirms it, and with a line left for the rest.
    let most = usize::from(area.height).saturating_sub(bottom.len() + if bare { 2 } else { 3 }).max(1);
    let (top, cut) = top(open, paint, room, most);
    let mut middle = middle(state, open, release, now, paint, room);
    if cut {
        middle.splice(0..0, self::top(open, paint, room, usize::MAX).0);
    }
    let gaps = if bare { 0 } else { 2 };
    let wanted = top.len() + middle.len() + bottom.len() + gaps + 2;
    let most = if behind { area.height.saturating_sub(KEPT) } else { area.height };
    let height = u16::try_from(wanted).unwrap_or(u16::MAX).min(most);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        // At the bottom, beside the keys: what is hurting stays visible above it.
        y: if behind { area.bottom().saturating_sub(height) } else { area.y },
        width,
        height: if behind { height } else { area.height },
    };
    // Over its whole height: a column or two of the picture behind tell nobody anything.
    Clear.render(Rect { x: area.x, width: area.width, ..place }, buf);
    let inner = frame(&title(state, open, release, paint, room), bare, paint, place, buf);
    stand(&top, &middle, &bottom, (open.scroll, gaps), paint, inner, buf)
}

/// The three parts one below the other; what has too little room is the middle, and it scrolls.
fn stand(
    top: &[Line<'_>],
    middle: &[Line<'_>],
    bottom: &[Line<'_>],
    (scroll, gaps): (usize, usize),
    paint: &Paint<'_>,
    area: Rect,
    buf: &mut Buffer,
) -> usize {
    let rows = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let below = rows(bottom.len()).min(area.height);
    // A sentence too long for a very small screen leaves a line for the rest.
    let above = rows(top.len()).min(area.height.saturating_sub(below + 1));
    let gap = u16::from(gaps > 0 && rows(top.len() + middle.len() + bottom.len()) < area.height);
    let gap_below = u16::from(gap > 0 && rows(top.len() + middle.len() + bottom.len()) + 1 < area.height);
    let height = area.height.saturating_sub(above + below + gap + gap_below);
    lines(top, Rect { height: above, ..area }, buf);
    let furthest = scrolled(middle, scroll, paint, Rect { y: area.y + above + gap, height, ..area }, buf);
    lines(bottom, Rect { y: area.bottom() - below, height: below, ..area }, buf);
    furthest
}

/// The frame; on a very small screen only a line with the title.
fn frame(title: &str, bare: bool, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) -> Rect {
    if !bare {
        return super::paint::frame(title, true, paint, area, buf);
    }
    let title = paint.span(Role::Title, format!(" {title} "));
    let block = Block::default().borders(Borders::TOP).border_set(paint.glyphs.border(true)).border_style(paint.style(Role::BorderFocused));
    let inner = block.inner(area);
    block.title(Line::from(title)).render(area, buf);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// What it does, to what, where; the last facts leave first where there is no room for all.
fn title(state: &State, open: &OpenPlan, release: Option<&Release>, paint: &Paint<'_>, room: usize) -> String {
    let between = format!("  {}  ", paint.glyph(Glyph::Separator));
    let context = match state.identity().context.as_str() {
        name if paint.redact && !name.is_empty() => placeholder("cluster", name),
        name => name.to_owned(),
    };
    let head = format!("{} {}", words::title(open), open.key.name);
    let place = format!("{context} / {}", paint.namespace(&open.key.namespace));
    let uid = release.map(|release| format!("uid {}", words::short(&release.uid.0, paint.ellipsis())));
    let room = room.saturating_sub(2);
    let mut title = paint.fit(&head, room);
    for part in std::iter::once(place).chain(uid) {
        let longer = format!("{title}{between}{part}");
        if format::width(&longer) > room {
            break;
        }
        title = longer;
    }
    title
}

/// The sentence that says what happens, or why it does not, in at most so many lines; and whether it had to be cut.
fn top(open: &OpenPlan, paint: &Paint<'_>, room: usize, most: usize) -> (Vec<Line<'static>>, bool) {
    let sentence = match &open.planned {
        Ok(change) => words::sentence(&change.effect),
        Err(refusal) if open.waits_for_history => words::sentence(&refusal.why),
        Err(refusal) => format!("Not now. {}", words::sentence(&refusal.why)),
    };
    let sentence = Sheet::new(paint, room).shown(&sentence);
    let cut = format::fold(&sentence, room).len() > most;
    let lines = format::wrap(&sentence, room, most, paint.ellipsis());
    (lines.into_iter().map(|line| Line::from(paint.span(Role::Strong, line))).collect(), cut)
}

fn middle(state: &State, open: &OpenPlan, release: Option<&Release>, now: Time, paint: &Paint<'_>, room: usize) -> Vec<Line<'static>> {
    let mut sheet = Sheet::new(paint, room);
    match &open.planned {
        Err(refusal) if open.waits_for_history => sheet.sentence(Role::Text, &words::sentence(&refusal.instead)),
        Err(refusal) => sheet.fact("Instead", Role::Text, &words::sentence(&refusal.instead)),
        Ok(change) => {
            change.notes.iter().for_each(|note| sheet.sentence(Role::Text, &words::sentence(note)));
            for (n, gate) in open.gates.iter().enumerate() {
                sheet.fact(if n == 0 { "Gate closed" } else { "" }, Role::Warning, &words::sentence(&gate.words()));
            }
            checks::checks(open, now, &mut sheet);
            if !open.note.is_empty() {
                sheet.fact("Note", Role::Text, &open.note);
            }
            sheet.gap();
            exposed(change, release, &mut sheet);
            changes(change, &mut sheet);
            let mut sends = Sheet::new(paint, room);
            let label = if open.moved.is_some() { "Would send" } else { "Sends" };
            sends::sends(state, change, release, label, &mut sends);
            // A long body would push out of sight what is read first.
            let (early, late) = if sends.len() > LONG { (None, Some(sends)) } else { (Some(sends), None) };
            early.into_iter().for_each(|sends| sheet.append(sends));
            rests_on(open, change, release, now, &mut sheet);
            server::server(open, change, now, &mut sheet);
            for (n, risk) in change.risks.iter().enumerate() {
                sheet.fact(if n == 0 { "Could go wrong" } else { "" }, Role::Warning, &words::sentence(risk));
            }
            if let Some(who) = &change.undone_by {
                sheet.fact("Undone by", Role::Warning, who);
            }
            if let [stage] = &change.stages[..] {
                sheet.fact("Then", Role::Text, &sends::then(stage));
            }
            late.into_iter().for_each(|sends| sheet.append(sends));
        }
    }
    sheet.lines()
}

/// Exposure before and after, where either can be told.
fn exposed(change: &Change, release: Option<&Release>, sheet: &mut Sheet<'_>) {
    let (before, after) = (change.exposed.before, change.exposed.after);
    if before.is_none() && after.is_none() {
        return;
    }
    // What is so now, also where it moved since the plan was made: a figure without its label could be anything.
    let headline = release.filter(|release| release.under_way).and_then(|release| release.exposure.headline.as_ref());
    let now = match (headline.filter(|share| share.label != Label::Unknown), before) {
        (Some(share), Some(_)) => format!("{} ({})", said::exposed(share), format::label(share.label)),
        (_, Some(before)) => format::told(before),
        (_, None) => "not known".to_owned(),
    };
    let then = after.map_or_else(|| "what its steps leave it".to_owned(), format::told);
    sheet.fact("Exposed", Role::Text, &format!("{now} → {then}"));
}

/// What must be so when it is sent, and when that was last seen.
fn rests_on(open: &OpenPlan, change: &Change, release: Option<&Release>, now: Time, sheet: &mut Sheet<'_>) {
    let (Some(stage), Some(release)) = (change.stages.first(), release) else { return };
    if stage.premises.is_empty() {
        return;
    }
    let mut words: Vec<String> = stage.premises.iter().map(|premise| premise.words(release).to_string()).collect();
    let seconds = format::seconds(open.seen, now);
    if open.moved.is_none() {
        words.push(if seconds < 1 { "seen just now".to_owned() } else { format!("seen {} ago", format::duration(seconds)) });
    }
    sheet.fact("Rests on", Role::Text, &words.join(" · "));
}

/// The pod template before and after.
fn changes(change: &Change, sheet: &mut Sheet<'_>) {
    for (n, difference) in change.diff.iter().enumerate() {
        sheet.fact(if n == 0 { "Changes" } else { "" }, Role::Text, &difference_words(difference));
    }
}

/// `app image  shop:1 → shop:2`; what must not be shown is said to be hidden.
pub(super) fn difference_words(difference: &Difference) -> String {
    let word = |value: &Masked| match value {
        Masked::Shown(text) => text.to_string(),
        Masked::Hidden => "(hidden)".to_owned(),
        Masked::Absent => "(not there)".to_owned(),
    };
    format!("{}: {} → {}", difference.place, word(&difference.from), word(&difference.to))
}
