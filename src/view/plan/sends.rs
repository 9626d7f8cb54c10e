//! What would be sent, stage by stage: the place, the kind of patch, and the body exactly as it would go out now.
//! Never shows the value of a secret-looking name.

use serde_json::Value;

use super::json;
use super::sheet::Sheet;
use crate::app::State;
use crate::release::Release;
use crate::release::acting::{Change, Stage, masked};
use crate::theme::Role;
use crate::view::format;

/// Adds every stage under `head`.
pub fn sends(state: &State, change: &Change, release: Option<&Release>, head: &str, sheet: &mut Sheet<'_>) {
    if change.stages.is_empty() {
        sheet.fact(head, Role::Text, "nothing: it is written into the journal");
        return;
    }
    let total = change.stages.len();
    for (n, stage) in change.stages.iter().enumerate() {
        let label = if n == 0 { head } else { "" };
        if total > 1 {
            sheet.fact(label, Role::Strong, &format!("{} of {total}: {}", n + 1, lower(&stage.name)));
        }
        write(state, stage, release, if total > 1 { "" } else { label }, sheet);
        if total > 1 {
            sheet.more(Role::Text, &then(stage));
        }
    }
    if total > 1 {
        sheet.more(Role::Dim, "Each stage is sent once the one before it is seen to work, with the newest resourceVersion then.");
    }
}

fn write(state: &State, stage: &Stage, release: Option<&Release>, label: &str, sheet: &mut Sheet<'_>) {
    let Some(write) = &stage.write else {
        if !label.is_empty() {
            sheet.fact(label, Role::Text, "nothing");
        }
        return;
    };
    sheet.fact(label, Role::Strong, &format!("PATCH {} · {} patch", write.place(), write.patch.word()));
    let request = release.and_then(|release| state.request(stage, release, false));
    if request.is_none() {
        sheet.more(Role::Warning, "without the resourceVersion it is sent with, which is not known now");
    }
    let body = masked(request.as_ref().map_or(&write.body, |request| &request.body));
    let lines = json::lines(&veiled(&body, sheet), sheet.beside());
    sheet.labelled("", Role::Text, lines);
}

/// What is waited for after a stage.
pub fn then(stage: &Stage) -> String {
    let patience = format::duration(stage.patience.num_seconds());
    format!("watches for {}; alarms after {patience}", stage.goal.words())
}

/// A stage's name inside a line.
pub fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Hidden names are hidden in bodies too.
fn veiled(value: &Value, sheet: &Sheet<'_>) -> Value {
    match value {
        Value::String(text) => Value::String(sheet.paint.hide(text)),
        Value::Array(items) => Value::Array(items.iter().map(|item| veiled(item, sheet)).collect()),
        Value::Object(map) => Value::Object(map.iter().map(|(key, inner)| (key.clone(), veiled(inner, sheet))).collect()),
        other => other.clone(),
    }
}
