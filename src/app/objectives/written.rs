//! What a person wrote into the config file as an objective like those that were found.
//! Refuses to weigh it against them: that it wins where it speaks is settled with all the others.

use crate::config::Objective;
use crate::objectives::{Found, Origin, Period, Query, Sli};
use crate::text::Clean;

/// One of the config file. It wins for the releases that its pattern matches, by name.
pub fn of_config(objective: &Objective) -> Found {
    let words = format!("the config file, for {}", objective.matches);
    let mut found = Found::empty(objective.name.as_str(), Origin::Config, words);
    found.target = Some(objective.target);
    found.period = Some(match objective.calendar {
        None => Period::Rolling(objective.window),
        Some(calendar) => {
            let (length, zone) = (Clean::from(calendar.unit_name()), Clean::from(calendar.zone_name()));
            Period::Calendar { length, about: objective.window, start: Clean::default(), zone, calendar: Some(calendar) }
        }
    });
    found.sli = match (&objective.queries, objective.slower_than) {
        (Some((bad, total)), _) => Sli::Events { bad: Query::new(bad), total: Query::new(total) },
        (None, Some(threshold)) => Sli::Within(threshold),
        (None, None) => Sli::Unread(Clean::from("the built-in measure is used")),
    };
    found
}
