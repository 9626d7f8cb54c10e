//! Figures and names as they are shown: durations, shares, counts, clock times, and text fitted to a width.
//! Never cuts a number in its middle and never shows nothing for something.

use chrono::{FixedOffset, TimeDelta};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::objects::Time;
use crate::release::Label;

/// How long, in at most two units: `48s`, `5m48s`, `2 h 10 m`, `3 d`.
pub fn duration(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How old, coarser: seconds only below a minute, so that a column of ages does not tick.
pub fn age(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    match seconds {
        0..60 => format!("{} s", seconds / 10 * 10),
        60..3_600 => format!("{} m", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A share of 0..=1 in per cent, without its sign: one decimal where it was measured or is small, and never 0 for something nor 100 for less than all.
pub fn percent(share: f64, label: Label) -> String {
    let percent = share.clamp(0.0, 1.0) * 100.0;
    let fine = label == Label::Measured || percent > 0.0 && percent < 1.0;
    if share <= 0.0 {
        "0".to_owned()
    } else if share >= 1.0 {
        "100".to_owned()
    } else if fine {
        let text = format!("{percent:.1}");
        match text.as_str() {
            "0.0" => "<0.1".to_owned(),
            "100.0" => ">99.9".to_owned(),
            _ => text,
        }
    } else {
        match format!("{percent:.0}").as_str() {
            "0" => "<1".to_owned(),
            "100" => ">99".to_owned(),
            text => text.to_owned(),
        }
    }
}

/// The letter behind a share: measured, configured, inferred, unknown.
pub fn letter(label: Label) -> &'static str {
    match label {
        Label::Measured => "m",
        Label::Configured => "c",
        Label::Inferred => "i",
        Label::Unknown => "?",
    }
}

/// The word behind a share.
pub fn label(label: Label) -> &'static str {
    match label {
        Label::Measured => "measured",
        Label::Configured => "configured",
        Label::Inferred => "inferred",
        Label::Unknown => "unknown",
    }
}

/// A count with thousands marks.
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// A number of things: `1 pod`, `3 pods`.
pub fn things(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A moment as a wall clock shows it.
pub fn clock(at: Time, zone: FixedOffset) -> String {
    at.with_timezone(&zone).format("%H:%M:%S").to_string()
}

/// Columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `room` columns: what does not fit loses its middle, never its end.
pub fn fit(text: &str, room: usize, ellipsis: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mark = ellipsis.width();
    if room <= mark {
        return take(text.graphemes(true), room);
    }
    let left = (room - mark).div_ceil(2);
    let head = take(text.graphemes(true), left);
    let tail: String = take(text.graphemes(true).rev(), room - mark - head.width());
    let tail: String = tail.graphemes(true).rev().collect();
    format!("{head}{ellipsis}{tail}")
}

/// `text` in at most `room` columns: what does not fit loses its end. For sentences, cut at a blank where one is near.
pub fn cut(text: &str, room: usize, ellipsis: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let kept = take(text.graphemes(true), room.saturating_sub(ellipsis.width()));
    let at_word = kept.rfind(' ').filter(|at| kept.len() - at < 16 && *at > 0).map_or(kept.as_str(), |at| &kept[..at]);
    format!("{}{ellipsis}", at_word.trim_end_matches([',', ';', ' ']))
}

/// `text` in at most `room` columns: what does not fit loses its beginning. For what is being typed.
pub fn tail(text: &str, room: usize, ellipsis: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let kept = take(text.graphemes(true).rev(), room.saturating_sub(ellipsis.width()));
    let kept: String = kept.graphemes(true).rev().collect();
    if room < ellipsis.width() { String::new() } else { format!("{ellipsis}{kept}") }
}

/// `text` filled up with blanks to `room` columns.
pub fn pad(text: &str, room: usize) -> String {
    let gap = room.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(gap))
}

/// `text` moved to the right end of `room` columns.
pub fn right(text: &str, room: usize) -> String {
    let gap = room.saturating_sub(text.width());
    format!("{}{text}", " ".repeat(gap))
}

/// Words broken into lines of at most `room` columns, at most `lines` of them; the last one says that there is more.
pub fn wrap(text: &str, room: usize, lines: usize, ellipsis: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && out.len() < lines {
        if out.len() + 1 == lines || rest.width() <= room {
            out.push(cut(rest, room, ellipsis));
            break;
        }
        let head = take(rest.graphemes(true), room);
        let whole_words = rest[head.len()..].starts_with(' ');
        let end = if whole_words { head.len() } else { head.rfind(' ').filter(|at| *at > 0).unwrap_or(head.len()) };
        if end == 0 {
            break;
        }
        out.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    out
}

fn take<'a>(graphemes: impl Iterator<Item = &'a str>, room: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for grapheme in graphemes {
        used += grapheme.width();
        if used > room {
            break;
        }
        out.push_str(grapheme);
    }
    out
}

/// The tag or short digest of an image reference: `1.4.2`, `sha256:5f70bf18`; `latest` where none is said.
pub fn tag(image: &str) -> String {
    if let Some((_, digest)) = image.split_once('@') {
        return digest.chars().take(15).collect();
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').map_or_else(|| "latest".to_owned(), |(_, tag)| tag.to_owned())
}

/// Two tags as one change, the second without what both begin with up to a dot: `2026.11.1 → .2`.
pub fn change(old: &str, new: &str, arrow: &str) -> String {
    if old == new {
        return format!("{old} {arrow} same tag");
    }
    let common = old.char_indices().zip(new.chars()).take_while(|((_, a), b)| a == b).map(|((i, _), _)| i).collect::<Vec<_>>();
    let dot = common.iter().rev().find(|i| old[**i..].starts_with('.'));
    match dot {
        Some(at) if *at >= 5 && old.len() > 8 => format!("{old} {arrow} {}", &new[*at..]),
        _ => format!("{old} {arrow} {new}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_at_most_two_units() {
        let said = |s| duration(TimeDelta::seconds(s));
        assert_eq!([said(48), said(348), said(7_800), said(270_000)], ["48s", "5m48s", "2 h 10 m", "3 d"]);
    }

    #[test]
    fn a_share_is_never_nothing_for_something() {
        assert_eq!(percent(0.0004, Label::Inferred), "<0.1");
        assert_eq!(percent(0.9996, Label::Inferred), ">99");
        assert_eq!(percent(0.196, Label::Measured), "19.6");
        assert_eq!(percent(0.196, Label::Inferred), "20");
        assert_eq!(percent(0.005, Label::Configured), "0.5");
    }

    #[test]
    fn a_name_loses_its_middle() {
        assert_eq!(fit("payments/checkout-worker-v2", 23, "…"), "payments/ch…t-worker-v2");
        assert_eq!(fit("支払い支払い支払い", 9, "…").width(), 9);
        assert_eq!(fit("abc", 0, "…"), "");
    }

    #[test]
    fn counts_carry_marks() {
        assert_eq!([count(8_630), count(-1_234_567), count(12)], ["8,630", "-1,234,567", "12"]);
    }

    #[test]
    fn tags_share_what_they_begin_with() {
        assert_eq!(change("2026.11.1", "2026.11.2", "→"), "2026.11.1 → .2");
        assert_eq!(change("1.4.2", "1.5.0", "→"), "1.4.2 → 1.5.0");
        assert_eq!(tag("registry.example:5000/team/web:1.4.2"), "1.4.2");
        assert_eq!(tag("web@sha256:5f70bf18a086007016e948b04aed3b82103a36be"), "sha256:5f70bf18");
        assert_eq!(tag("registry.example:5000/web"), "latest");
    }

    #[test]
    fn sentences_wrap_at_words() {
        assert_eq!(wrap("one two three four", 9, 3, "…"), ["one two", "three", "four"]);
        assert_eq!(wrap("one two three four", 9, 1, "…"), ["one two…"]);
    }
}
