//! Figures in words: durations, ages, countdowns, shares and counts, each with one way to be written.
//! Refuses to round something to nothing or to everything, and to know how wide a screen is.

use chrono::TimeDelta;

use super::{Label, Time};

/// Whole seconds from one moment to a later one; 0 when it is not later (clocks may disagree by a second).
#[must_use]
pub fn seconds(from: Time, to: Time) -> i64 {
    (to - from).max(TimeDelta::zero()).num_seconds()
}

/// Whole seconds until a moment, rounded up, so that a countdown stands at 1 until it is over.
#[must_use]
pub fn seconds_left(now: Time, at: Time) -> i64 {
    let left = (at - now).max(TimeDelta::zero());
    left.num_seconds() + i64::from(left.subsec_nanos() > 0)
}

/// A duration as exact as it is useful: `41 s`, `10m`, `5m48s`, `2 h 10 m`, `2 d 11 h`, `12 d`.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let (m, s) = (seconds / 60, seconds % 60);
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3600 if s == 0 => format!("{m}m"),
        60..3600 => format!("{m}m{s:02}s"),
        _ => coarse(m),
    }
}

/// How old something is, in steps that do not make the screen restless: tens of seconds for one minute, then minutes, hours, days.
#[must_use]
pub fn age(seconds: i64) -> String {
    match seconds {
        ..10 => "<10 s".to_owned(),
        10..60 => format!("{} s", seconds / 10 * 10),
        60..3600 => format!("{} m", seconds / 60),
        _ => coarse(seconds / 60),
    }
}

fn coarse(minutes: i64) -> String {
    let (h, m) = (minutes / 60, minutes % 60);
    match (h, m) {
        (..24, 0) => format!("{h} h"),
        (..24, _) => format!("{h} h {m} m"),
        (24..72, _) if h % 24 > 0 => format!("{} d {} h", h / 24, h % 24),
        _ => format!("{} d", h / 24),
    }
}

/// How wide [`countdown`] is.
pub const COUNTDOWN_WIDTH: usize = 6;

/// A countdown that keeps its width while it runs: ` 0m41s`, ` 5m48s`, ` 2h10m`, ` 3d04h`.
#[must_use]
pub fn countdown(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (m, h) = (seconds / 60, seconds / 3600);
    let text = match seconds {
        ..3600 => format!("{m}m{:02}s", seconds % 60),
        3600..86_400 => format!("{h}h{:02}m", m % 60),
        _ if h / 24 < 100 => format!("{}d{:02}h", h / 24, h % 24),
        _ => format!("{}d", h / 24),
    };
    format!("{text:>COUNTDOWN_WIDTH$}")
}

/// The number of a share in per cent, without the sign: one decimal where it was measured or is below 1, none otherwise.
/// Something is never `0`, and less than everything is never `100`.
#[must_use]
pub fn percent(value: f64, label: Label) -> String {
    if value.is_nan() {
        return "?".to_owned();
    }
    let percent = value.clamp(0.0, 1.0) * 100.0;
    let whole = percent == 0.0 || percent == 100.0;
    if whole {
        return format!("{percent:.0}");
    }
    if percent < 0.1 {
        return "<0.1".to_owned();
    }
    if percent > 99.9 {
        return ">99.9".to_owned();
    }
    let decimals = usize::from(label == Label::Measured || !(0.95..=99.0).contains(&percent));
    format!("{percent:.decimals$}")
}

/// A share in words: `19.6 %`, `20 %`, `0.5 %`, `<0.1 %`.
#[must_use]
pub fn share(value: f64, label: Label) -> String {
    format!("{} %", percent(value, label))
}

/// A share as the spec writes it or a router holds it: no more decimals than it has.
#[must_use]
pub fn told(value: f64) -> String {
    share(value, Label::Configured)
}

/// How wide [`share_column`] is.
pub const SHARE_WIDTH: usize = 7;

/// A share in a column: units under units, decimals under decimals, e.g. ` 19.6 %` above `  0   %`.
#[must_use]
pub fn share_column(value: f64, label: Label) -> String {
    let number = percent(value, label);
    let (whole, tail) = number.split_once('.').map_or((number.as_str(), "  ".to_owned()), |(whole, tail)| (whole, format!(".{tail}")));
    format!("{:>3}{tail} %", whole)
}

/// What a change of share means for the traffic the new version gets: `2.5x`, `all of it`, `none`. `None` where nothing got it before.
#[must_use]
pub fn times(from: f64, to: f64) -> Option<String> {
    if from <= 0.0 || from.is_nan() || to.is_nan() || (to - from).abs() < 1e-9 {
        return None;
    }
    let ratio = to / from;
    Some(if ratio >= 10.0 { format!("{ratio:.0}x") } else { trim(&format!("{ratio:.1}")) + "x" })
}

fn trim(number: &str) -> String {
    number.strip_suffix(".0").unwrap_or(number).to_owned()
}

/// A burn rate without its x: `7.4`, `33`, `0.3`, `0`. Something is never `0`.
#[must_use]
pub fn burn(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        // A share that is a little less than nothing is none that could be told.
        ..0.05 => if value < 0.0 { "about 0" } else { "<0.1" }.to_owned(),
        ..9.95 => format!("{value:.1}"),
        _ => count(value.round() as i64),
    }
}

/// A threshold as it was derived, to one decimal: `14.4`, `6`.
#[must_use]
pub fn exact(value: f64) -> String {
    trim(&format!("{value:.1}"))
}

/// What is left of a budget: `61 %`, `99.8 %`, `-12 %`. Less than all is never `100 %`, something is never `0 %`.
#[must_use]
pub fn left(remaining: f64) -> String {
    let percent = remaining * 100.0;
    match percent {
        _ if percent.is_nan() => "? %".to_owned(),
        100.0.. => "100 %".to_owned(),
        99.95.. => ">99.9 %".to_owned(),
        99.0.. => format!("{percent:.1} %"),
        0.95.. => format!("{percent:.0} %"),
        0.05.. => format!("{percent:.1} %"),
        0.0 => "0 %".to_owned(),
        0.0.. => "<0.1 %".to_owned(),
        -0.95.. => format!("{percent:.1} %"),
        _ => format!("{} %", count(percent.round() as i64)),
    }
}

/// An error ratio: `3.30 %`, `0.11 %`, `12.4 %`. Some errors are never `0 %`.
#[must_use]
pub fn error_ratio(ratio: f64) -> String {
    let percent = ratio * 100.0;
    match percent {
        0.0 => "0 %".to_owned(),
        ..0.005 => "<0.01 %".to_owned(),
        ..9.995 => format!("{percent:.2} %"),
        _ => format!("{percent:.1} %"),
    }
}

/// A latency given in seconds: `180 ms`, `1.2 s`, `0.8 ms`.
#[must_use]
pub fn latency(seconds: f64) -> String {
    match seconds * 1000.0 {
        ..0.095 => "<0.1 ms".to_owned(),
        ms @ ..9.95 => format!("{ms:.1} ms"),
        ms @ ..999.5 => format!("{ms:.0} ms"),
        _ => format!("{seconds:.1} s"),
    }
}

/// A share as an objective writes it: `99.9 %`, `99.95 %`, `95 %`.
#[must_use]
pub fn target(ratio: f64) -> String {
    let text = format!("{:.4}", ratio * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A window as an objective names it: `30 d`, `5 m`, `1 h`, `90 s`.
#[must_use]
pub fn window(length: std::time::Duration) -> String {
    match length.as_secs() {
        s if s > 0 && s.is_multiple_of(86_400) => format!("{} d", s / 86_400),
        s if s > 0 && s.is_multiple_of(3600) => format!("{} h", s / 3600),
        s if s > 0 && s.is_multiple_of(60) => format!("{} m", s / 60),
        s => format!("{s} s"),
    }
}

/// A count that may be an estimate: rounded, with thousands marks.
#[must_use]
pub fn rounded(value: f64) -> String {
    count(value.round() as i64)
}

/// A count with thousands marks: `25,470`.
#[must_use]
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 pod`, `2 pods`.
#[must_use]
pub fn plural(n: i64, one: &str) -> String {
    let word = if n == 1 { one.to_owned() } else { format!("{one}s") };
    format!("{} {word}", count(n))
}

/// The short form of an image: its tag, or the beginning of its digest, or `latest` as Kubernetes reads it.
#[must_use]
pub fn tag(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let (name, digest) = last.split_once('@').map_or((last, None), |(name, digest)| (name, Some(digest)));
    if let Some((_, tag)) = name.split_once(':') {
        return tag.to_owned();
    }
    match digest {
        Some(digest) => digest.chars().take(15).collect(),
        None => "latest".to_owned(),
    }
}

/// Two tags side by side, the second without what it shares with the first: `2026.11.1` and `2026.11.2` give `2026.11.1`, `.2`.
/// Short tags stay whole, for a lone `.2` is only read where the rest stands beside it.
#[must_use]
pub fn pair(old: &str, new: &str) -> (String, String) {
    let shared = old.char_indices().zip(new.chars()).take_while(|((_, a), b)| a == b).last().map_or(0, |((i, c), _)| i + c.len_utf8());
    let cut = new.get(..shared).and_then(|same| same.rfind(['.', '-', '_'])).unwrap_or(0);
    let rest = new.get(cut..).unwrap_or(new);
    if cut >= 5 && rest.len() > 1 && old != new { (old.to_owned(), rest.to_owned()) } else { (old.to_owned(), new.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_measured_is_rounded_to_nothing_or_to_all() {
        assert_eq!([0.0, 0.01, 0.3, 7.44, 33.3, 1450.0].map(burn), ["0", "<0.1", "0.3", "7.4", "33", "1,450"]);
        assert_eq!(
            [1.0, 0.99999, 0.998, 0.61, 0.004, 0.0001, 0.0, -0.12].map(left),
            ["100 %", ">99.9 %", "99.8 %", "61 %", "0.4 %", "<0.1 %", "0 %", "-12 %"]
        );
        assert_eq!([0.0, 0.00001, 0.033, 0.124].map(error_ratio), ["0 %", "<0.01 %", "3.30 %", "12.4 %"]);
        assert_eq!([0.0008, 0.18, 1.25].map(latency), ["0.8 ms", "180 ms", "1.2 s"]);
        assert_eq!([0.999, 0.9995, 0.95].map(target), ["99.9 %", "99.95 %", "95 %"]);
    }

    #[test]
    fn durations_are_as_exact_as_they_are_useful() {
        let said: Vec<String> =
            [0, 41, 60, 348, 600, 3599, 3600, 7800, 86_399, 86_400, 212_400, 259_200, 1_000_000].map(duration).into_iter().collect();
        assert_eq!(said, ["0 s", "41 s", "1m", "5m48s", "10m", "59m59s", "1 h", "2 h 10 m", "23 h 59 m", "1 d", "2 d 11 h", "3 d", "11 d"]);
    }

    #[test]
    fn ages_move_by_ten_seconds_then_by_the_minute() {
        assert_eq!([0, 9, 59, 61, 119, 120].map(age), ["<10 s", "<10 s", "50 s", "1 m", "1 m", "2 m"]);
    }

    #[test]
    fn a_countdown_keeps_its_width_from_days_to_nothing() {
        for seconds in [0, 9, 41, 59, 60, 599, 3599, 3600, 86_399, 86_400, 999_999, 99_999_999] {
            assert_eq!(countdown(seconds).len(), COUNTDOWN_WIDTH, "{seconds}");
        }
        assert_eq!(countdown(348), " 5m48s");
        assert_eq!(countdown(-4), " 0m00s");
    }

    #[test]
    fn something_is_never_nothing_and_less_than_all_is_never_all() {
        for label in [Label::Measured, Label::Configured, Label::Inferred, Label::Unknown] {
            for step in 1..100_000 {
                let said = share(f64::from(step) / 100_000.0, label);
                assert!(!matches!(said.as_str(), "0 %" | "0.0 %" | "100 %" | "100.0 %"), "{step} {said}");
            }
        }
        assert_eq!(share(0.0, Label::Measured), "0 %");
        assert_eq!(share(1.0, Label::Measured), "100 %");
    }

    #[test]
    fn only_what_was_measured_has_a_decimal() {
        assert_eq!(share(0.196, Label::Measured), "19.6 %");
        assert_eq!(share(0.196, Label::Configured), "20 %");
        assert_eq!(share(0.005, Label::Inferred), "0.5 %");
        assert_eq!(share(0.00001, Label::Configured), "<0.1 %");
        assert_eq!(share(f64::NAN, Label::Measured), "? %");
    }

    #[test]
    fn shares_stand_unit_under_unit() {
        let column = [0.196, 0.0, 1.0, 0.005, 0.000_01].map(|v| share_column(v, Label::Measured));
        assert_eq!(column, [" 19.6 %", "  0   %", "100   %", "  0.5 %", " <0.1 %"]);
        assert!(column.iter().all(|c| c.len() == SHARE_WIDTH));
    }

    #[test]
    fn counts_carry_thousands_marks() {
        assert_eq!([0, 999, 1000, 25_470, -1_234_567].map(count), ["0", "999", "1,000", "25,470", "-1,234,567"]);
    }

    #[test]
    fn an_image_is_known_by_its_tag_then_by_its_digest() {
        assert_eq!(tag("registry.example:5000/team/checkout:1.4.2"), "1.4.2");
        assert_eq!(tag("registry.example:5000/team/checkout"), "latest");
        assert_eq!(tag("checkout@sha256:0123456789abcdef"), "sha256:01234567");
        assert_eq!(tag("checkout:1.5@sha256:0123456789abcdef"), "1.5");
    }

    #[test]
    fn a_second_tag_leaves_out_what_the_first_has_said() {
        assert_eq!(pair("2026.11.1", "2026.11.2"), ("2026.11.1".into(), ".2".into()));
        assert_eq!(pair("1.4.2", "1.5.0"), ("1.4.2".into(), "1.5.0".into()));
        assert_eq!(pair("1.4.2", "1.4.3"), ("1.4.2".into(), "1.4.3".into()));
        assert_eq!(pair("2026.11.1", "2026.11.1"), ("2026.11.1".into(), "2026.11.1".into()));
    }

    #[test]
    fn a_change_of_share_is_told_as_a_factor() {
        assert_eq!(times(0.2, 0.5).as_deref(), Some("2.5x"));
        assert_eq!(times(0.01, 1.0).as_deref(), Some("100x"));
        assert_eq!(times(0.0, 0.5), None);
    }
}
