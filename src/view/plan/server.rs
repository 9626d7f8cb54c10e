//! What the server says to a plan before it is sent: that it is being tried out, its warnings and refusals in its own words, or why it can't say.
//! Never shortens what the server said.

use chrono::TimeDelta;

use super::sheet::Sheet;
use crate::app::{DRY_RUN_PATIENCE, DryRun, OpenPlan};
use crate::objects::Time;
use crate::release::acting::{Change, Direction};
use crate::theme::Role;
use crate::view::format;

/// Adds it. `now` is our clock.
pub fn server(open: &OpenPlan, change: &Change, now: Time, sheet: &mut Sheet<'_>) {
    let about = if change.stages.iter().filter(|stage| stage.write.is_some()).count() > 1 { " of the first write" } else { "" };
    let safety = open.intent.verb().direction() == Direction::Safety;
    match &open.dry_run {
        DryRun::NotNeeded => {}
        DryRun::Asking { since } if now - *since < DRY_RUN_PATIENCE => {
            sheet.fact("Server", Role::Dim, &format!("dry run{about} is being tried out"));
        }
        DryRun::Asking { since } => {
            let since = format::duration((now - *since).max(TimeDelta::zero()).num_seconds());
            let then = if safety { "It can be sent without." } else { "It can't be sent before." };
            sheet.fact("Server", Role::Warning, &format!("no answer to the dry run{about} for {since}. {then}"));
        }
        DryRun::Accepted(warnings) if warnings.is_empty() => {
            sheet.fact("Server", Role::Text, &format!("dry run{about} accepted, no warnings"));
        }
        DryRun::Accepted(warnings) => {
            let n = i64::try_from(warnings.len()).unwrap_or(i64::MAX);
            sheet.fact("Server", Role::Warning, &format!("dry run{about} accepted, with {}:", format::plural(n, "warning")));
            warnings.iter().for_each(|warning| sheet.more(Role::Warning, warning));
        }
        DryRun::Denied { code, reason, warnings } => {
            sheet.fact("Server", Role::Danger, &format!("would refuse it ({code}): {reason}"));
            warnings.iter().for_each(|warning| sheet.more(Role::Warning, warning));
        }
        DryRun::Unavailable(why) => sheet.fact("Server", Role::Warning, &format!("could not try it out: {why}")),
    }
}
