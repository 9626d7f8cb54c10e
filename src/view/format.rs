//! Text in columns: fitted, clipped, wrapped and aligned by the room it takes on a terminal, not by bytes or letters.
//! Refuses to cut a number from its unit, a letter from its accents, or the end off a name.

use chrono::{Datelike, FixedOffset, Timelike};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub use crate::release::figures::{
    COUNTDOWN_WIDTH, SHARE_WIDTH, age, burn, count, countdown, duration, error_ratio, exact, latency, left as budget_left, pair, percent,
    plural, rounded, seconds, seconds_left, share, share_column, tag, target, times, told, window,
};
use crate::release::{Label, Time};

const ELLIPSIS: &str = "…";

/// How many columns `text` takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The beginning of `text` that fits into `room` columns.
#[must_use]
pub fn head(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, letter) in text.grapheme_indices(true) {
        used += letter.width();
        if used > room {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}

/// The end of `text` that fits into `room` columns.
fn ending(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, letter) in text.grapheme_indices(true).rev() {
        used += letter.width();
        if used > room {
            return text.get(at + letter.len()..).unwrap_or(text);
        }
    }
    text
}

/// A name in `room` columns: too long a one loses its middle and keeps its end, `payments/check…-worker-v2`.
#[must_use]
pub fn fit(text: &str, room: usize, ellipsis: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let Some(kept) = room.checked_sub(ellipsis.width()) else { return String::new() };
    let end = (kept * 2).div_ceil(5);
    format!("{}{ellipsis}{}", head(text, kept - end), ending(text, end))
}

/// As [`fit`], with the ellipsis that [`super::paint::Paint::twins`] turns into its ASCII twin where it has to.
#[must_use]
pub fn shorten(text: &str, room: usize) -> String {
    fit(text, room, ELLIPSIS)
}

/// `text` in `room` columns: what does not fit loses its beginning. For what is being typed.
#[must_use]
pub fn tail(text: &str, room: usize, ellipsis: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    room.checked_sub(ellipsis.width()).map_or_else(String::new, |kept| format!("{ellipsis}{}", ending(text, kept)))
}

/// Prose in `room` columns: too long a sentence ends after a whole word, with an ellipsis.
#[must_use]
pub fn cut(text: &str, room: usize, ellipsis: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let Some(kept) = room.checked_sub(ellipsis.width()) else { return String::new() };
    let short = head(text, kept);
    let whole = if text.get(short.len()..).is_some_and(|rest| rest.starts_with(' ')) {
        short
    } else {
        // A word too long for the line is cut inside; anything else ends before the word that does not fit.
        let mut ends = short.match_indices(' ').map(|(at, _)| at).rev();
        ends.find(|&at| at * 2 >= short.len() && !glued(short, at)).and_then(|at| short.get(..at)).unwrap_or(short)
    };
    let whole = whole.trim_end_matches([' ', ',', ':', ';', '.']);
    format!("{whole}{ellipsis}")
}

/// As [`cut`], with the ellipsis that [`super::paint::Paint::twins`] turns into its ASCII twin where it has to.
#[must_use]
pub fn clip(text: &str, room: usize) -> String {
    cut(text, room, ELLIPSIS)
}

/// `text` filled up with blanks to `room` columns; longer text is left as it is.
#[must_use]
pub fn pad(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(text.width())))
}

/// `text` moved to the right end of `room` columns; longer text is left as it is.
#[must_use]
pub fn right(text: &str, room: usize) -> String {
    format!("{}{text}", " ".repeat(room.saturating_sub(text.width())))
}

/// A name in exactly `room` columns, on the left.
#[must_use]
pub fn left(text: &str, room: usize) -> String {
    pad(&shorten(text, room), room)
}

/// Prose in lines of at most `room` columns, broken between words; a number keeps its unit, a word wider than a line is cut.
#[must_use]
pub fn fold(text: &str, room: usize) -> Vec<String> {
    if room == 0 {
        return Vec::new();
    }
    let mut lines = vec![String::new()];
    for word in words(text) {
        let line = lines.last_mut().map_or(0, |line| line.width());
        let gap = usize::from(line > 0);
        if line + gap + word.width() <= room {
            if let Some(last) = lines.last_mut() {
                if gap > 0 {
                    last.push(' ');
                }
                last.push_str(word);
            }
            continue;
        }
        let mut rest = word;
        if line > 0 {
            lines.push(String::new());
        }
        while rest.width() > room {
            let part = head(rest, room);
            if part.is_empty() {
                break;
            }
            if let Some(last) = lines.last_mut() {
                last.push_str(part);
            }
            lines.push(String::new());
            rest = rest.get(part.len()..).unwrap_or_default();
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(rest);
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// As [`fold`], in at most `most` lines: what is left over is cut into the last one.
#[must_use]
pub fn wrap(text: &str, room: usize, most: usize, ellipsis: &str) -> Vec<String> {
    let mut lines = fold(text, room);
    if lines.len() > most {
        let rest = lines.split_off(most.saturating_sub(1)).join(" ");
        lines.extend((most > 0).then(|| cut(&rest, room, ellipsis)));
    }
    lines
}

/// As [`wrap`], with the ellipsis that [`super::paint::Paint::twins`] turns into its ASCII twin where it has to.
#[must_use]
pub fn fold_to(text: &str, room: usize, most: usize) -> Vec<String> {
    wrap(text, room, most, ELLIPSIS)
}

/// The words of a text, those that belong to one figure (`5 %`, `2 h 10 m`, `3 of 11`) taken as one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let ends: Vec<usize> =
        text.match_indices(' ').map(|(at, _)| at).filter(|&at| !glued(text, at)).chain(std::iter::once(text.len())).collect();
    ends.into_iter()
        .map(move |end| {
            let word = text.get(from..end).unwrap_or_default();
            from = end + 1;
            word.trim()
        })
        .filter(|word| !word.is_empty())
}

/// Whether the space at `at` stands inside a figure.
fn glued(text: &str, at: usize) -> bool {
    let (Some(before), Some(after)) = (text.get(..at), text.get(at + 1..)) else { return false };
    let last = before.rsplit(' ').next().unwrap_or_default();
    let next = after.split(' ').next().unwrap_or_default();
    let unit = next.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '%');
    let number = last.ends_with(|c: char| c.is_ascii_digit()) && last.starts_with(|c: char| c.is_ascii_digit() || "<>-".contains(c));
    let figure = next.starts_with(|c: char| c.is_ascii_digit());
    (number && matches!(unit, "%" | "s" | "m" | "h" | "d" | "of"))
        || (unit == "ago" && matches!(last, "s" | "m" | "h" | "d"))
        || (matches!(last, "h" | "d") && figure && before.ends_with(last))
        || (last == "of" && figure && before.trim_end_matches("of").trim_end().ends_with(|c: char| c.is_ascii_digit()))
}

/// A moment on the clock of the person at the keys: `02:47:02`, or the day when it was not within the last half day. Eight columns either way.
#[must_use]
pub fn moment(at: Time, now: Time, zone: FixedOffset) -> String {
    let local = at.with_timezone(&zone);
    if (now - at).num_hours().abs() < 12 || local.date_naive() == now.with_timezone(&zone).date_naive() {
        return format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second());
    }
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.get(local.month0() as usize).copied().unwrap_or("?");
    format!("{:>8}", format!("{} {month}", local.day()))
}

/// A moment as a wall clock shows it: `02:47:02`.
#[must_use]
pub fn clock(at: Time, zone: FixedOffset) -> String {
    at.with_timezone(&zone).format("%H:%M:%S").to_string()
}

/// The letter behind a share in a column: measured, configured, inferred, unknown.
#[must_use]
pub fn letter(label: Label) -> &'static str {
    match label {
        Label::Measured => "m",
        Label::Configured => "c",
        Label::Inferred => "i",
        Label::Unknown => "?",
    }
}

/// The word behind a share.
#[must_use]
pub fn label(label: Label) -> &'static str {
    match label {
        Label::Measured => "measured",
        Label::Configured => "configured",
        Label::Inferred => "inferred",
        Label::Unknown => "unknown",
    }
}

/// A number of things: `1 pod`, `3 pods`.
#[must_use]
pub fn things(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Two tags as one change, the second without what both begin with up to a dot: `2026.11.1 → .2`.
#[must_use]
pub fn change(old: &str, new: &str, arrow: &str) -> String {
    if old == new {
        return format!("{old} {arrow} same tag");
    }
    let (old, new) = pair(old, new);
    format!("{old} {arrow} {new}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    #[test]
    fn a_name_loses_its_middle_and_keeps_its_end() {
        assert_eq!(shorten("payments/checkout-billing-worker-v2", 25), "payments/check…-worker-v2");
        assert_eq!(shorten("web", 3), "web");
        assert_eq!(shorten("website", 1), "…");
        assert_eq!(shorten("website", 0), "");
    }

    #[test]
    fn no_text_takes_more_room_than_it_was_given() {
        let texts =
            ["payments/checkout", "支払い/注文-ワーカー-v2", "e\u{301}e\u{301}e\u{301}e\u{301}", "👩‍👩‍👧‍👦 family of four", "a b c d e f g", ""];
        for text in texts {
            for room in 0..30 {
                assert!(shorten(text, room).width() <= room, "fit {text} {room}");
                assert!(clip(text, room).width() <= room, "clip {text} {room}");
                assert_eq!(left(text, room).width(), room, "left {text} {room}");
                assert!(fold(text, room).iter().all(|line| room < 2 || line.width() <= room), "wrap {text} {room}");
            }
        }
    }

    #[test]
    fn prose_ends_after_a_whole_word_and_never_inside_a_figure() {
        assert_eq!(clip("weight 30 reached, goes on", 20), "weight 30 reached…");
        assert_eq!(clip("only pods get 20 % of it all", 16), "only pods get…");
        assert_eq!(clip("antidisestablishmentarianism", 10), "antidises…");
    }

    #[test]
    fn lines_break_between_words_and_never_inside_a_figure() {
        assert_eq!(fold("it gets 20 % for 2 h 10 m", 11), ["it gets", "20 % for", "2 h 10 m"]);
        assert_eq!(fold("and 3 of 11 endpoints", 6), ["and", "3 of 1", "1", "endpoi", "nts"]);
        assert_eq!(fold("2 failed, 4 m ago", 13), ["2 failed,", "4 m ago"]);
        assert_eq!(fold("one two", 20), ["one two"]);
        assert!(fold("", 5).is_empty());
    }

    #[test]
    fn too_many_lines_end_in_an_ellipsis() {
        assert_eq!(fold_to("one two three four five six", 9, 2), ["one two", "three…"]);
    }

    #[test]
    fn a_moment_of_another_day_says_the_day() {
        let zone = FixedOffset::east_opt(3600).unwrap();
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 1, 47, 2).unwrap();
        assert_eq!(moment(now, now, zone), "02:47:02");
        assert_eq!(moment(Utc.with_ymd_and_hms(2026, 11, 3, 4, 0, 0).unwrap(), now, zone), "   3 Nov");
        assert_eq!(clock(now, zone), "02:47:02");
    }
}
