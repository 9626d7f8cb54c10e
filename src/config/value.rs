//! Values of `config.toml` that are more than text: addresses, patterns, shares and spans of time.
//! Refuses what could only be meant otherwise, with the sentence that says how to write it.

use std::time::Duration;

use super::document::{Document, Item};
use super::mistake::quote;
use super::policy::zone_named;
use crate::slo::calendar::Calendar;

/// Text with something in it.
pub(super) fn filled(document: &mut Document<'_>, key: &str, item: &Item<'_>) -> Option<String> {
    let text = document.string(key, item)?;
    if text.trim().is_empty() {
        document.mistake(&item.span(), format!("{key} is empty"));
        return None;
    }
    Some(text.to_owned())
}

/// Paths of files, whole or from the home folder on, each with its line.
pub(super) fn paths(document: &mut Document<'_>, item: &Item<'_>) -> Vec<(String, usize)> {
    let Some(all) = item.get_ref().as_array() else {
        document.wrong_type("'openslo'", item, "a list of paths such as [\"~/slos/checkout.yaml\"]");
        return Vec::new();
    };
    let mut paths = Vec::new();
    for item in all.iter() {
        let Some(path) = filled(document, "openslo", item) else { continue };
        if path.starts_with('/') || path.starts_with("~/") {
            paths.push((path, document.line(&item.span())));
        } else {
            document.mistake(&item.span(), format!("{} is no whole path; it begins with / or ~/", quote(&path)));
        }
    }
    paths
}

/// The address of a server.
pub(super) fn url(document: &mut Document<'_>, item: &Item<'_>) -> Option<String> {
    let text = document.string("url", item)?;
    if matches!(text, "none" | "discover") || text.starts_with("service://") || text.starts_with("service+https://") {
        return Some(text.to_owned());
    }
    let uri = text.parse::<http::Uri>().ok();
    let sound =
        uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty()));
    if !sound {
        document.mistake(&item.span(), format!("{} is no address; it begins with http:// or https:// and a host", quote(text)));
        return None;
    }
    Some(text.to_owned())
}

/// Names with `*`, between slashes.
pub(super) fn pattern(document: &mut Document<'_>, item: &Item<'_>, shape: &str, parts: usize) -> Option<String> {
    shaped(document, item, shape, |names| names.len() == parts)
}

/// Context, namespace and release. A context may hold slashes of its own where it holds a colon, as a cloud vendor's or OpenShift's does;
/// elsewhere one slash too many is a slip of the hand.
pub(super) fn release_pattern(document: &mut Document<'_>, item: &Item<'_>) -> Option<String> {
    let fits = |names: &[&str]| names.len() == 3 || names.len() > 3 && names[..names.len() - 2].iter().any(|part| part.contains(':'));
    shaped(document, item, "context/namespace/release", fits)
}

fn shaped(document: &mut Document<'_>, item: &Item<'_>, shape: &str, fits: impl Fn(&[&str]) -> bool) -> Option<String> {
    let text = document.string("match", item)?;
    let names: Vec<&str> = text.split('/').collect();
    if !fits(&names) || names.iter().any(|name| name.is_empty() || name.chars().any(char::is_whitespace)) {
        document.mistake(&item.span(), format!("{} does not have the shape {shape}, with * for any", quote(text)));
        return None;
    }
    Some(text.to_owned())
}

/// A share between 0 and 1, neither of them.
pub(super) fn target(document: &mut Document<'_>, item: &Item<'_>) -> Option<f64> {
    let Some(share) = number(item) else {
        document.wrong_type("'target'", item, "a share such as 0.999");
        return None;
    };
    if !(share > 0.0 && share < 1.0) {
        document.mistake(&item.span(), format!("a target is a share between 0 and 1, such as 0.999, and this is {share}"));
        return None;
    }
    Some(share)
}

/// A share from 0 to 1.
pub(super) fn share(document: &mut Document<'_>, key: &str, item: &Item<'_>) -> Option<f64> {
    let share = number(item).filter(|share| (0.0..=1.0).contains(share));
    if share.is_none() {
        document.mistake(&item.span(), format!("{key} is a share from 0 to 1, such as 0.1"));
    }
    share
}

/// A number above 0.
pub(super) fn positive(document: &mut Document<'_>, key: &str, item: &Item<'_>) -> Option<f64> {
    let value = number(item).filter(|value| value.is_finite() && *value > 0.0);
    if value.is_none() {
        document.mistake(&item.span(), format!("{key} is a number above 0, such as 10"));
    }
    value
}

fn number(item: &Item<'_>) -> Option<f64> {
    let value = item.get_ref();
    let digits = value.as_float().map(toml::de::DeFloat::as_str).or_else(|| value.as_integer().map(toml::de::DeInteger::as_str));
    digits.and_then(|digits| digits.replace('_', "").parse::<f64>().ok())
}

/// A count that makes sense from one upwards.
pub(super) fn at_least_one(document: &mut Document<'_>, key: &str, item: &Item<'_>) -> Option<f64> {
    let Some(count) = number(item) else {
        document.wrong_type(&format!("'{key}'"), item, "a number such as 20");
        return None;
    };
    if !(count.is_finite() && count >= 1.0) {
        document.mistake(&item.span(), format!("{key} is a number of at least 1, and this is {count}"));
        return None;
    }
    Some(count)
}

/// A span of time such as `30d`, or the periods of a calendar: `calendar month`, `calendar quarter Europe/Berlin`. About how long, and which.
pub(super) fn window(document: &mut Document<'_>, item: &Item<'_>) -> Option<(Duration, Option<Calendar>)> {
    let text = item.get_ref().as_str().unwrap_or_default().trim();
    let Some(rest) = text.strip_prefix("calendar").filter(|rest| rest.is_empty() || rest.starts_with(' ')) else {
        return Some((span(document, "window", item)?, None));
    };
    let mut words = rest.split_whitespace();
    let (word, zone) = (words.next().unwrap_or_default(), words.next().unwrap_or("UTC"));
    let zone = match zone_named(zone) {
        Ok(zone) => zone,
        Err(why) => {
            document.mistake(&item.span(), why);
            return None;
        }
    };
    let Some(calendar) = Calendar::named(word, zone).filter(|_| words.next().is_none()) else {
        let way =
            "write calendar week, month, quarter or year, and a time zone behind it where that is not UTC: calendar month Europe/Berlin";
        document.mistake(&item.span(), format!("{} is no window of the calendar; {way}", quote(text)));
        return None;
    };
    Some((calendar.about(), Some(calendar)))
}

/// A span of time under another name.
pub(super) fn span(document: &mut Document<'_>, key: &str, item: &Item<'_>) -> Option<Duration> {
    let text = document.string(key, item)?;
    match humantime::parse_duration(text) {
        Ok(span) if !span.is_zero() => Some(span),
        _ => {
            document.mistake(&item.span(), format!("{} is no span of time; write it as 30d, 12h or 5m", quote(text)));
            None
        }
    }
}
