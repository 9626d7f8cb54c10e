//! The selected revision in words: whether `roll back` would choose it and why, how it ended and how that is known, and what it would change.
//! Never shows a value whose name looks like a secret's.

use ratatui::text::Line;

use super::Shown;
use super::table::{ended, number, role, why};
use crate::keys::Action;
use crate::release::acting::{Difference, Revision};
use crate::theme::Role;
use crate::view::format;
use crate::view::plan::{Sheet, difference_words, sentence};

/// What it is.
pub fn title(shown: &Shown<'_>, one: &Revision) -> String {
    let role = role(shown, one);
    let now = if role.is_empty() { String::new() } else { format!(", {role}") };
    format!("{}{now}", number(one))
}

/// The lines, `room` columns wide.
pub fn lines(shown: &Shown<'_>, one: &Revision, room: usize) -> Vec<Line<'static>> {
    let mut sheet = Sheet::new(shown.paint, room);
    let key = shown.state.key_of(Action::RollBack);
    if let Some((number, why)) = shown.history.chosen.as_ref().filter(|(number, _)| *number == one.number) {
        sheet.sentence(Role::Strong, &format!("Roll back would choose r{number}: {why}."));
    } else if one.current {
        sheet.sentence(Role::Strong, "This is what its spec asks for now.");
    }
    let (_, look, word) = ended(one);
    sheet.fact("Ended", look, &format!("{word}: {}", why(&one.outcome)));
    if let Some(created) = one.created {
        sheet.fact("Made", Role::Text, &format!("{} ago, {}", format::age(format::seconds(created, shown.paint.now)), one.replica_set));
    }
    if let Some(cause) = &one.change_cause {
        sheet.fact("Made because", Role::Text, cause);
    }
    if one.current {
        return sheet.lines();
    }
    sheet.gap();
    differences(&one.diff, &mut sheet);
    if shown.history.chosen.as_ref().is_none_or(|(number, _)| *number != one.number) {
        sheet.gap();
        sheet.sentence(Role::Dim, &sentence(&format!("{key} plans going to {}", number(one))));
    }
    sheet.lines()
}

fn differences(all: &[Difference], sheet: &mut Sheet<'_>) {
    if all.is_empty() {
        sheet.fact("Changes", Role::Text, "nothing: its pod template is the one in force");
    }
    for (n, difference) in all.iter().enumerate() {
        sheet.fact(if n == 0 { "Changes" } else { "" }, Role::Text, &difference_words(difference));
    }
}
