//! Lengths of time as Prometheus, Go and OpenSLO write them, and as Prometheus wants them written.
//! Refuses what it can't read for certain: a wrong window makes every figure wrong.

use std::time::Duration;

/// The longest length of time that means anything here: ten years.
const LONGEST: u64 = 10 * 365 * DAY;
const DAY: u64 = 86_400;

/// `30d`, `4w`, `1h30m`, `2m0s`, `500ms`: Prometheus' and Go's way, in any order of units. A month or a quarter has no fixed length and is
/// not read. `None` for nothing, zero, or more than ten years.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: u32 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let unit = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let one = match rest.get(..unit)? {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_secs(60),
            "h" => Duration::from_secs(3600),
            "d" => Duration::from_secs(DAY),
            "w" => Duration::from_secs(7 * DAY),
            "y" => Duration::from_secs(365 * DAY),
            _ => return None,
        };
        rest = rest.get(unit..)?;
        sum = sum.checked_add(one.checked_mul(count)?)?;
    }
    (!sum.is_zero() && sum.as_secs() <= LONGEST).then_some(sum)
}

/// As Prometheus' own tools name it in series and labels: whole years, weeks or days only, else the units down to milliseconds: `30d`,
/// `4w`, `1h30m`.
pub(super) fn written(length: Duration) -> String {
    let mut left = length.as_millis();
    let mut text = String::new();
    for (unit, milliseconds, is_exact) in [
        ("y", u128::from(365 * DAY * 1000), true),
        ("w", u128::from(7 * DAY * 1000), true),
        ("d", u128::from(DAY * 1000), false),
        ("h", 3_600_000, false),
        ("m", 60_000, false),
        ("s", 1000, false),
        ("ms", 1, false),
    ] {
        if left >= milliseconds && (!is_exact || left.is_multiple_of(milliseconds)) {
            text.push_str(&format!("{}{unit}", left / milliseconds));
            left %= milliseconds;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// The window at the end of a series name: `slo:sli_error:ratio_rate30m`, `http_requests:burnrate4d`, `job:errors:rate5m`.
pub(super) fn at_end_of(name: &str) -> Option<(&str, Duration)> {
    let unit = name.len() - name.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    let mut start = unit;
    // `1h30m` has two parts.
    loop {
        let head = name.get(..start)?;
        let digits = head.bytes().rev().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            break;
        }
        start -= digits;
        let before = name.get(..start)?;
        let letters = before.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
        let Some(word) = before.get(before.len() - letters..) else { break };
        let has_number_before = before.get(..before.len() - letters)?.bytes().next_back().is_some_and(|byte| byte.is_ascii_digit());
        if !has_number_before || !matches!(word, "ms" | "s" | "m" | "h" | "d" | "w" | "y") {
            break;
        }
        start -= letters;
    }
    let base = name.get(..start).filter(|base| !base.is_empty())?;
    Some((base, parse(name.get(start..)?)?))
}

/// In words for a sentence: `30 days`, `6 h`, `5 min`.
pub(super) fn words(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        DAY => "1 day".to_owned(),
        s if s >= DAY && s.is_multiple_of(DAY) => format!("{} days", s / DAY),
        s if s >= 3600 && s.is_multiple_of(3600) => format!("{} h", s / 3600),
        s if s >= 60 && s.is_multiple_of(60) => format!("{} min", s / 60),
        _ => written(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_units_of_prometheus_and_go_are_read() {
        let seconds = |text| parse(text).map(|length| length.as_secs());
        assert_eq!(
            [seconds("30d"), seconds("4w"), seconds("1h30m"), seconds("2m0s")],
            [Some(2_592_000), Some(2_419_200), Some(5400), Some(120)]
        );
        for wrong in ["", "0s", "30", "d", "1M", "1.5h", "-5m", "99999999999d", "30d!", "9999999y"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn written_is_what_series_are_named_by() {
        let text = |seconds| written(Duration::from_secs(seconds));
        assert_eq!([text(300), text(5400), text(2_592_000), text(2_419_200), text(86_400)], ["5m", "1h30m", "30d", "4w", "1d"]);
    }

    #[test]
    fn a_window_is_read_off_the_end_of_a_name() {
        let minutes = |name| at_end_of(name).map(|(base, window)| (base, window.as_secs() / 60));
        assert_eq!(minutes("slo:sli_error:ratio_rate30m"), Some(("slo:sli_error:ratio_rate", 30)));
        assert_eq!(minutes("http_requests:burnrate4d"), Some(("http_requests:burnrate", 5760)));
        assert_eq!(minutes("apiserver:burnrate1h30m"), Some(("apiserver:burnrate", 90)));
        assert_eq!(minutes("pyrra_objective"), None);
        assert_eq!(minutes("5m"), None);
        assert_eq!(minutes("http_2xx"), None);
    }
}
