//! The checks that gates ask for, as far as they are not closed gates: those that hold, with what was found and when, and those that are asked.
//! Never calls a check good that has not answered.

use super::sheet::Sheet;
use crate::app::{CheckStand, OpenPlan};
use crate::objects::Time;
use crate::theme::Role;
use crate::view::format;

/// Adds them. `now` is our clock.
pub fn checks(open: &OpenPlan, now: Time, sheet: &mut Sheet<'_>) {
    let mut label = "Checks";
    for one in &open.checks {
        let name = &one.check.name;
        let (role, words) = match &one.stand {
            CheckStand::Closed(_) => continue,
            CheckStand::Unasked => (Role::Dim, format!("{name}: not asked, since nothing can be sent now")),
            CheckStand::Asking => (Role::Dim, format!("{name}: checking")),
            CheckStand::Holds(found, at) => (Role::Text, format!("{name} holds: {found}; {}", seen(format::seconds(*at, now)))),
        };
        sheet.fact(std::mem::take(&mut label), role, &words);
    }
}

fn seen(seconds: i64) -> String {
    if seconds < 1 { "seen just now".to_owned() } else { format!("seen {} ago", format::duration(seconds)) }
}
