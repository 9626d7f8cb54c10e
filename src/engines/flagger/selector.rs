//! Which pods belong to a Canary: those of its target and those of its primary, in one query.
//! Never one that finds every pod there is, for want of a label both have.

use crate::objects::{Deployment, Labels, Requirement, Selector};
use crate::text::Clean;

/// Labels of which Flagger changes the first for the primary (its flag `-selector-labels`).
const MARKS: [&str; 3] = ["app", "name", "app.kubernetes.io/name"];

/// Finds the pods of both. Before the primary is there, what Flagger will call its pods is found too.
pub fn of(target: Option<&Deployment>, primary: Option<&Deployment>) -> Selector {
    let Some(target) = target else { return primary.map(|primary| primary.spec.selector.clone()).unwrap_or_default() };
    let own = &target.spec.selector;
    let mark = MARKS.into_iter().find(|mark| own.match_labels.get(mark).is_some());
    let other = |key: &Clean, value: &Clean| -> Option<Clean> {
        match primary {
            Some(primary) => primary.spec.selector.match_labels.get(key).cloned(),
            None if mark.is_some_and(|mark| *key == mark) => Some(Clean::from(format!("{value}-primary"))),
            None => Some(value.clone()),
        }
    };
    let mut equal = Vec::new();
    let mut further = Vec::new();
    for (key, value) in own.match_labels.iter() {
        match other(key, value) {
            Some(same) if same == *value => equal.push((key.clone(), value.clone())),
            Some(other) => {
                further.push(Requirement { key: key.clone(), operator: "In".into(), values: vec![value.clone(), other] });
            }
            None => {}
        }
    }
    let shared = |one: &&Requirement| primary.is_none_or(|primary| primary.spec.selector.match_expressions.contains(one));
    further.extend(own.match_expressions.iter().filter(shared).cloned());
    if equal.is_empty() && further.is_empty() {
        return own.clone();
    }
    Selector { match_labels: equal.into_iter().collect::<Labels>(), match_expressions: further }
}
