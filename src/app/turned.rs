//! Whether a counted share tells of now: a minute that began before the router was told another weight tells of both weights.
//! Never guesses when the router was told: only what was seen to change counts, and an abort that says when it was.

use crate::measure::SHARE_WINDOW;
use crate::objects::Time;
use crate::release::{Exposure, Release};

/// When the router was last seen to be told another weight: `before` is how the release was read last. An abort takes the weight away.
/// Who looks for the first time knows since when it stands as it does.
pub fn seen(before: Option<&Release>, release: &Release, at: Time) -> Option<Time> {
    let weight = |release: &Release| release.exposure.configured.as_ref().map(|share| share.value);
    let watched = before.map_or(release.since, |before| {
        let moved = weight(before).zip(weight(release)).is_some_and(|(old, new)| (old - new).abs() > f64::EPSILON);
        if moved { Some(at) } else { before.exposure.turned }
    });
    watched.max(release.abort.as_ref().and_then(|abort| abort.at))
}

/// Whether a measured minute began before the router was told its weight: it tells of both weights, and is no contradiction of one.
pub fn is_mixed(exposure: &Exposure, as_of: Option<Time>) -> bool {
    exposure.turned.zip(as_of).is_some_and(|(turned, as_of)| as_of - SHARE_WINDOW < turned)
}

/// Whether a measured share tells how it was before the router was told its weight: its minute began before that, and it is not near it.
pub fn is_of_before(exposure: &Exposure, measured: f64, as_of: Option<Time>) -> bool {
    let Some(told) = &exposure.configured else { return false };
    let near = (measured - told.value).abs() <= 0.005 + told.value / 4.0;
    !near && is_mixed(exposure, as_of)
}
