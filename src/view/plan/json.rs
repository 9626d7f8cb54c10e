//! A request's body as it is sent: on one line where it fits, else opened up level by level.
//! Never leaves a part of it out; what must not be shown was left out before, by name.

use serde_json::Value;

use crate::text::Clean;
use crate::view::format;

/// `value` in lines of at most `room` columns.
pub fn lines(value: &Value, room: usize) -> Vec<String> {
    let mut out = Vec::new();
    put(value, 0, "", "", room.max(8), &mut out);
    out
}

fn put(value: &Value, indent: usize, lead: &str, trail: &str, room: usize, out: &mut Vec<String>) {
    let whole = format!("{}{lead}{value}{trail}", " ".repeat(indent));
    let opened = match value {
        Value::Object(map) if !map.is_empty() => {
            Some(("{", "}", map.iter().map(|(key, inner)| (format!("{}: ", Value::from(key.as_str())), inner)).collect::<Vec<_>>()))
        }
        Value::Array(items) if !items.is_empty() => Some(("[", "]", items.iter().map(|inner| (String::new(), inner)).collect())),
        _ => None,
    };
    match opened {
        Some((open, close, children)) if format::width(&whole) > room => {
            out.push(clean(&format!("{}{lead}{open}", " ".repeat(indent))));
            let last = children.len().saturating_sub(1);
            for (n, (lead, inner)) in children.into_iter().enumerate() {
                put(inner, (indent + 2).min(room / 2), &lead, if n == last { "" } else { "," }, room, out);
            }
            out.push(format!("{}{close}{trail}", " ".repeat(indent)));
        }
        _ => broken(&clean(&whole), indent, room, out),
    }
}

/// A value too long for a line goes on below, two columns further in.
fn broken(text: &str, indent: usize, room: usize, out: &mut Vec<String>) {
    let mut rest = text;
    let mut begin = String::new();
    loop {
        let part = format::head(rest, room.saturating_sub(begin.len()));
        if part.is_empty() {
            return;
        }
        out.push(format!("{begin}{part}"));
        rest = rest.get(part.len()..).unwrap_or_default();
        begin = " ".repeat((indent + 2).min(room / 2));
    }
}

/// Strings in a body come from outside.
fn clean(line: &str) -> String {
    // In pieces: a cleaned text has an end, and a body has to be shown to its own.
    line.chars()
        .collect::<Vec<_>>()
        .chunks(crate::text::LONGEST / 2)
        .map(|part| Clean::from(part.iter().collect::<String>()).to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_fits_stays_on_one_line() {
        assert_eq!(lines(&json!({"status": {"abort": true}}), 40), [r#"{"status":{"abort":true}}"#]);
    }

    #[test]
    fn what_does_not_fit_is_opened_level_by_level_and_nothing_is_lost() {
        let body = json!([
            {"op": "test", "path": "/metadata/uid", "value": "7c1e"},
            {"op": "replace", "path": "/spec/template", "value": {"a": "x".repeat(60), "b": [], "c": "\u{1b}[2J"}},
        ]);
        let shown = lines(&body, 48);
        assert_eq!(shown[0], "[");
        assert!(shown.contains(&r#"    "op": "replace","#.to_owned()), "{shown:#?}");
        assert!(shown.iter().all(|line| format::width(line) <= 48), "{shown:#?}");
        let flat: String = shown.concat().split_whitespace().collect();
        let whole: String = body.to_string().split_whitespace().collect();
        assert_eq!(flat, whole);
    }

    #[test]
    fn no_room_is_too_little_to_end() {
        for room in 0..20 {
            assert!(!lines(&json!({"a": {"b": {"c": "dddddddddddddddddddddd"}}}), room).is_empty());
        }
    }
}
