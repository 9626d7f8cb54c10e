//! Time zones by name, and moments on their clocks as moments in time.
//! Refuses to let a change of clocks shorten a freeze: of two moments of one name, it begins at the first and ends at the second.

use chrono::{LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::{GapInfo, TZ_VARIANTS, Tz};

use super::super::mistake::{nearest, quote};
use crate::objects::Time;

/// Which of two moments of one name is meant, when clocks are set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twice {
    First,
    Second,
}

/// The time zone of that name in the tz database.
///
/// # Errors
/// A clause that says what to write instead.
pub fn zone_named(name: &str) -> Result<Tz, String> {
    if let Ok(zone) = name.parse() {
        return Ok(zone);
    }
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let city = |zone: &&str| zone.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(name));
    let same = names().find(|zone| zone.eq_ignore_ascii_case(name));
    // A bare city, as people say it, before a name that merely looks alike.
    let meant = same.or_else(|| names().filter(|zone| zone.contains('/')).find(city)).or_else(|| nearest(name, names()));
    Err(match meant {
        Some(meant) => format!("{} is no time zone; did you mean {meant}?", quote(name)),
        None => format!("{} is no time zone; write UTC or one such as Europe/Berlin", quote(name)),
    })
}

/// The moment at which the zone's clocks show this. A time that they skip is the moment at which they jump over it.
pub(super) fn moment(zone: Tz, shown: NaiveDateTime, twice: Twice) -> Time {
    match (zone.from_local_datetime(&shown), twice) {
        (LocalResult::Single(moment), _)
        | (LocalResult::Ambiguous(moment, _), Twice::First)
        | (LocalResult::Ambiguous(_, moment), Twice::Second) => moment.with_timezone(&Utc),
        (LocalResult::None, _) => {
            let jump = GapInfo::new(&shown, &zone).and_then(|gap| gap.end);
            // Every gap of the tz database ends; without one the clocks could only be taken for UTC's.
            jump.map_or_else(|| Utc.from_utc_datetime(&shown), |jump| jump.with_timezone(&Utc))
        }
    }
}
