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
    found.period = Some(Period::Rolling(objective.window));
    found.sli = match (&objective.queries, objective.slower_than) {
        (Some((bad, total)), _) => Sli::Events { bad: Query::new(bad), total: Query::new(total) },
        (None, Some(threshold)) => Sli::Within(threshold),
        (None, None) => Sli::Unread(Clean::from("the built-in measure is used")),
    };
    found
}
