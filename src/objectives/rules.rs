//! Objectives out of the recording and alerting rules a metrics server runs (`/api/v1/rules`): Sloth's, Pyrra's, and any that pair windows.
//! Refuses to know a threshold or a window by heart: both are read off the expressions.

mod alert;
mod answer;
mod generic;
mod pyrra;
pub(super) mod ratio;
mod sloth;

use serde_json::Value;

use super::Read;
use super::remark::Remarks;

use answer::Rule;

/// The objectives in an answer: the whole envelope, or its `data`.
pub fn answer(value: &Value) -> Read {
    let mut remarks = Remarks::default();
    let rules = answer::rules(value, &mut remarks);
    let rules = rules.into_iter().map(sloth::named);
    let (sloths, rest): (Vec<Rule>, Vec<Rule>) = rules.partition(|rule| rule.label("sloth_id").is_some());
    let (pyrras, rest): (Vec<Rule>, Vec<Rule>) = rest.into_iter().partition(pyrra::is_one);
    let mut found = sloth::read(&sloths, &mut remarks);
    found.extend(pyrra::read(&pyrras, &mut remarks));
    found.extend(generic::read(&rest, &mut remarks));
    Read { found, remarks: remarks.0, ..Read::default() }
}

#[cfg(test)]
mod tests;
