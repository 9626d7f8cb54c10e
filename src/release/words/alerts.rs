//! What fires on a release, in words.
//! Refuses to say what an alert means: only its rule knows that.

use crate::release::figures::{age, plural, seconds};
use crate::release::telemetry::Alert;
use crate::release::{Release, Time};
use crate::text::Clean;

/// `CheckoutAvailability fires (page)`.
#[must_use]
pub fn alert(alert: &Alert) -> Clean {
    let severity = if alert.severity.is_empty() { String::new() } else { format!(" ({})", alert.severity) };
    Clean::from(format!("{} fires{severity}", alert.name))
}

/// In full and in few words, where something pages: the sentence has room for nothing less.
pub(super) fn pages(release: &Release, now: Time) -> Option<(String, String)> {
    let telemetry = release.telemetry.as_deref()?;
    let mut pages = telemetry.alerts.iter().filter(|alert| alert.pages());
    let newest = pages.next()?;
    let more = match pages.count() {
        0 => String::new(),
        more => format!(" and {}", plural(i64::try_from(more).unwrap_or(i64::MAX), "other alert")),
    };
    let since = age(seconds(newest.since, now));
    Some((format!("{}{more} pages since {since}", newest.name), format!("Pages since {since}")))
}

/// One line for each.
pub(super) fn firing(release: &Release, now: Time) -> Vec<String> {
    let alerts = release.telemetry.iter().flat_map(|telemetry| &telemetry.alerts);
    alerts.map(|one| format!("{} since {}", alert(one), age(seconds(one.since, now)))).collect()
}
