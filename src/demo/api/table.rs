//! Tables: the rows kubectl prints, made by the server as printers/internalversion does.
//! Never hides an object: a kind without columns of its own shows its name and age.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::columns::{self, Column};
use super::respond;
use crate::demo::store::Resource;

/// A Table of `objects`; `with_columns` is false for all but the first event of a watch.
pub(super) fn table<'a>(
    resource: Resource,
    objects: impl Iterator<Item = &'a Value>,
    include: &str,
    now: DateTime<Utc>,
    meta: Value,
    with_columns: bool,
) -> Value {
    let columns = columns::of(resource);
    let rows: Vec<Value> = objects
        .map(|object| {
            let cells: Vec<Value> = columns.iter().map(|column| (column.cell)(object, now)).collect();
            let shown = match include {
                "None" => Value::Null,
                "Object" => object.clone(),
                _ => respond::partial(object),
            };
            json!({ "cells": cells, "object": shown })
        })
        .collect();
    let definitions: Vec<Value> = if with_columns { columns.iter().map(definition).collect() } else { Vec::new() };
    let definitions = if with_columns { json!(definitions) } else { Value::Null };
    json!({ "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "columnDefinitions": definitions, "rows": rows })
}

fn definition(column: &Column) -> Value {
    let format = if column.name == "Name" { "name" } else { "" };
    json!({ "name": column.name, "type": column.kind, "format": format, "description": column.name, "priority": column.priority })
}

/// Time since a timestamp as kubectl writes it.
pub(super) fn since(stamp: &Value, now: DateTime<Utc>) -> String {
    match stamp.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok()) {
        Some(at) => human(now - at.with_timezone(&Utc)),
        None => "<unknown>".to_owned(),
    }
}

/// apimachinery duration.HumanDuration: two units while the larger is small.
pub(super) fn human(age: TimeDelta) -> String {
    let seconds = age.num_seconds();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    let two = |large: i64, unit: &str, small: i64, small_unit: &str| match small {
        0 => format!("{large}{unit}"),
        small => format!("{large}{unit}{small}{small_unit}"),
    };
    match seconds {
        ..-1 => "<invalid>".to_owned(),
        -1..0 => "0s".to_owned(),
        0..120 => format!("{seconds}s"),
        120..600 => two(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(days, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => two(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_as_kubectl_writes_them() {
        for (seconds, text) in [
            (-5, "<invalid>"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (150, "2m30s"),
            (700, "11m"),
            (3 * 3600 + 60, "3h1m"),
            (9 * 3600, "9h"),
            (2 * 86400 + 3600, "2d1h"),
            (9 * 86400, "9d"),
            (800 * 86400, "2y70d"),
        ] {
            assert_eq!(human(TimeDelta::seconds(seconds)), text);
        }
    }
}
