//! A request's body as it is sent: on one line where it fits, else on as many as it takes.
//! Never leaves a part of it out; what must not be shown was left out before, by name.

use serde_json::Value;

use crate::text::Clean;
use crate::view::format;

/// `value` in lines of at most `room` columns.
pub fn lines(value: &Value, room: usize) -> Vec<String> {
    let mut out = Vec::new();
    put(value, 0, "", "", room.max(16), &mut out);
    out
}

/// Adds `value` between `lead` and `trail`, beginning a line `indent` columns in.
fn put(value: &Value, indent: usize, lead: &str, trail: &str, room: usize, out: &mut Vec<String>) {
    // Very deep in, what is left of the room counts more than the level.
    let indent = indent.min(room / 2);
    let whole = format!("{}{lead}{value}{trail}", " ".repeat(indent));
    let (open, close, children) = match value {
        _ if format::width(&whole) <= room => return out.push(clean(&whole)),
        Value::Object(map) if !map.is_empty() => {
            ("{", "}", map.iter().map(|(key, inner)| (format!("{}:", Value::from(key.as_str())), inner)).collect::<Vec<_>>())
        }
        Value::Array(items) if !items.is_empty() => ("[", "]", items.iter().map(|inner| (String::new(), inner)).collect()),
        _ => return broken(&clean(&whole), indent, room, out),
    };
    // Small members share lines; what holds others begins a line of its own.
    let inner = indent + if lead.is_empty() { 1 } else { 2 };
    let mut line = format!("{}{lead}{open}", " ".repeat(indent));
    let mut holds_one = false;
    let last = children.len() - 1;
    for (n, (key, child)) in children.into_iter().enumerate() {
        let trail = if n == last { format!("{close}{trail}") } else { ",".to_owned() };
        let piece = format!("{key}{child}{trail}");
        let apart = value.is_array() && child.is_object();
        if !(apart && holds_one) && format::width(&line) + 1 + format::width(&piece) <= room {
            line.push_str(&piece);
            holds_one = true;
            continue;
        }
        let mut below = Vec::new();
        put(child, inner, &key, &trail, room, &mut below);
        // An opening bracket goes before what it opens, where that begins right behind it.
        if !holds_one && format::width(&line) == inner.min(room / 2) {
            if let Some(first) = below.first_mut() {
                *first = format!("{line}{}", first.trim_start());
            }
        } else {
            out.push(clean(&line));
        }
        line = below.pop().unwrap_or_default();
        out.extend(below);
        holds_one = true;
    }
    out.push(clean(&line));
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
    fn what_does_not_fit_goes_on_below_and_nothing_is_lost() {
        let body = json!([
            {"op": "test", "path": "/metadata/uid", "value": "7c1e"},
            {"op": "replace", "path": "/spec/template", "value": {"a": "x".repeat(60), "b": [], "c": "\u{1b}[2J"}},
        ]);
        let shown = lines(&body, 48);
        assert_eq!(shown[0], r#"[{"op":"test","path":"/metadata/uid","#);
        assert!(shown.contains(&r#" {"op":"replace","path":"/spec/template","#.to_owned()), "{shown:#?}");
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
