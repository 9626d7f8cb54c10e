//! Placeholders in the texts of a check: `$namespace`, `$name`, `$revision`, `$hash`.
//! Never puts into a query or an address what could end the part it stands in: only letters, digits, dots and dashes go in.

use super::judge::newest;
use crate::release::Release;
use crate::text::Clean;

const KNOWN: [&str; 4] = ["namespace", "name", "revision", "hash"];

/// The pieces of a text: what stands in it, and the names of placeholders. A `$` before anything but a letter is a `$`.
fn pieces(text: &str) -> Vec<Result<&str, &str>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, behind) = rest.split_at(at);
        let behind = behind.get(1..).unwrap_or_default();
        let end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let (name, after) = behind.split_at(end);
        out.push(Ok(before));
        out.push(if name.is_empty() { Ok("$") } else { Err(name) });
        rest = after;
    }
    out.push(Ok(rest));
    out
}

/// The first word after a `$` that is no placeholder.
pub fn unknown_placeholder(text: &str) -> Option<&str> {
    pieces(text).into_iter().find_map(|piece| piece.err().filter(|name| !KNOWN.contains(name)))
}

/// The text for this release.
pub(super) fn filled(text: &str, release: &Release) -> Result<String, Clean> {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Ok(text) => out.push_str(text),
            Err(name) => out.push_str(&value(name, release)?),
        }
    }
    Ok(out)
}

fn value(name: &str, release: &Release) -> Result<String, Clean> {
    let new = || newest(release);
    let found = match name {
        "namespace" => Some(release.key.namespace.to_string()),
        "name" => Some(release.key.name.to_string()),
        "revision" => new().filter(|new| new.revision > 0).map(|new| new.revision.to_string()),
        "hash" => new().map(|new| new.hash.to_string()),
        _ => None,
    };
    found.filter(|text| sound(text)).ok_or_else(|| Clean::from(format!("what ${name} stands for is not known of this release")))
}

/// Whether a value can end nothing that it stands in.
fn sound(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_is_a_placeholder_only_before_a_name() {
        assert_eq!(unknown_placeholder(r#"up{pod=~"$name-.*$", job=~"a$|b"} $"#), None);
        assert_eq!(unknown_placeholder("$namespace/$names"), Some("names"));
        assert_eq!(pieces("$name-$hash"), [Ok(""), Err("name"), Ok("-"), Err("hash"), Ok("")]);
        assert_eq!(pieces("5 $ é$é"), [Ok("5 "), Ok("$"), Ok(" é"), Ok("$"), Ok("é")]);
    }

    #[test]
    fn nothing_goes_in_that_could_end_what_it_stands_in() {
        for text in ["", "a\"} or up{a=\"", "a/../b", "a?b", "a#b", "a b", "a@b", "é", "a\n"] {
            assert!(!sound(text), "{text:?}");
        }
        assert!(sound("web-6f7c9.example") && sound("3"));
    }
}
