//! `[[check]]`: a query with a condition, a page, or a Job, by a name that the gates of policies ask for.
//! Refuses a check that could never hold, one that sends a login, and one that no gate asks for.

use std::ops::Range;
use std::time::Duration;

use toml::de::DeTable;

use super::super::document::{Document, Item, entries};
use super::super::mistake::{quote, unknown};
use super::super::settings::required;
use super::super::value;
use super::Policy;
use crate::objectives::Query;
use crate::release::acting::check::{Check, Holds, Looks, unknown_placeholder};
use crate::text::Clean;

const KEYS: [&str; 9] = ["name", "query", "holds", "url", "status", "contains", "timeout", "job", "namespace"];
/// What is looked at: exactly one of them.
const LOOKS: [&str; 3] = ["query", "url", "job"];
/// Parts that only make sense beside another.
const BESIDE: [(&str, &str); 5] = [("holds", "query"), ("status", "url"), ("contains", "url"), ("timeout", "url"), ("namespace", "job")];
/// How long a page may take where nothing is said, and at most: somebody waits at the keys.
const TIMEOUT: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);

/// A check, and where it stands.
pub(in super::super) struct Written {
    check: Check,
    span: Range<usize>,
}

/// The name of a check where a gate asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Wanted {
    pub name: String,
    pub span: Range<usize>,
}

pub(in super::super) fn read_check(document: &mut Document<'_>, item: &Item<'_>) -> Option<Written> {
    let table: &DeTable<'_> = item.get_ref().as_table()?;
    let before = document.mistakes.len();
    let (mut name, mut query, mut holds, mut url, mut status, mut contains, mut job, mut namespace) =
        (None, None, None, None, None, None, None, None);
    let mut timeout = TIMEOUT;
    for (key, item) in entries(table) {
        match key.get_ref().as_ref() {
            "name" => name = value::filled(document, "name", item),
            "query" => query = filled(document, "query", item).filter(|text| sound(document, item, promql(text))),
            "holds" => holds = value::filled(document, "holds", item).and_then(|text| said(document, item, Holds::parse(&text))),
            "url" => url = filled(document, "url", item).filter(|text| sound(document, item, address(text))),
            "status" => status = read_status(document, item),
            "contains" => contains = filled(document, "contains", item),
            "timeout" => timeout = read_timeout(document, item).unwrap_or(timeout),
            "job" => job = filled(document, "job", item).filter(|text| sound(document, item, object_name(text))),
            "namespace" => namespace = filled(document, "namespace", item).filter(|text| sound(document, item, object_name(text))),
            _ => document.unknown_key(key, "of [[check]]", KEYS),
        }
    }
    required(document, item, table, &["name"]);
    let looks: Vec<&str> = LOOKS.into_iter().filter(|key| table.contains_key(*key)).collect();
    match looks.as_slice() {
        [] => document.mistake(&item.span(), "it looks at nothing; write one of query, url and job"),
        [_] => {}
        several => document.mistake(&item.span(), format!("a check looks at one thing, and here are {}", several.join(" and "))),
    }
    for (part, of) in BESIDE.into_iter().filter(|(part, of)| table.contains_key(*part) && !table.contains_key(*of)) {
        document.mistake(&item.span(), format!("{part} belongs to {of}, and there is none here"));
    }
    if table.contains_key("query") && !table.contains_key("holds") {
        document.mistake(&item.span(), "holds is missing here: what every series has to be, such as \"< 0.01\"");
    }
    if document.mistakes.len() > before {
        return None;
    }
    let looks = match (query.zip(holds), url, job) {
        (Some((promql, holds)), ..) => Looks::Query(promql, holds),
        (_, Some(url), _) => Looks::Page { url, status, contains, timeout },
        (_, _, Some(name)) => Looks::Job { name, namespace },
        _ => return None,
    };
    Some(Written { check: Check { name: Clean::from(name?), looks }, span: item.span() })
}

/// The names in `checks = ["smoke", "edge"]`.
pub(super) fn read_wanted(document: &mut Document<'_>, item: &Item<'_>) -> Vec<Wanted> {
    let Some(list) = item.get_ref().as_array() else {
        document.wrong_type("'checks'", item, "a list of names such as [\"smoke\"]");
        return Vec::new();
    };
    let one = |item: &Item<'_>| Some(Wanted { name: value::filled(document, "checks", item)?, span: item.span() });
    list.iter().filter_map(one).collect()
}

/// Gives each policy the checks that its gate asks for by name. What can't be found, and what nobody asks for, is a mistake.
pub(in super::super) fn join(
    document: &mut Document<'_>,
    checks: &[Written],
    policies: &mut [Policy],
    wanted: &[Vec<Wanted>],
    broken: bool,
) {
    for (n, one) in checks.iter().enumerate() {
        let name = &one.check.name;
        if checks.iter().take(n).any(|before| before.check.name == *name) {
            document.mistake(&one.span, format!("there is a check {} already", quote(name)));
        } else if !wanted.iter().flatten().any(|wanted| wanted.name == name.as_str()) {
            let what = format!(
                "no gate asks for the check {0}; write gate = {{ checks = [\"{1}\"] }} in a policy",
                quote(name),
                name.escape_debug()
            );
            document.mistake(&one.span, what);
        }
    }
    for (policy, wanted) in policies.iter_mut().zip(wanted) {
        for wanted in wanted {
            match checks.iter().find(|one| one.check.name.as_str() == wanted.name) {
                Some(one) => policy.checks.push(one.check.clone()),
                // A check that could not be read is told of already, in its own line.
                None if broken => {}
                None => document.mistake(&wanted.span, unknown(&wanted.name, "check", checks.iter().map(|one| one.check.name.as_str()))),
            }
        }
    }
}

/// Text with something in it, and no placeholder that nothing is known of.
fn filled(document: &mut Document<'_>, key: &str, item: &Item<'_>) -> Option<String> {
    let text = value::filled(document, key, item)?;
    if let Some(name) = unknown_placeholder(&text) {
        document.mistake(
            &item.span(),
            format!("{} stands for nothing; there is $namespace, $name, $revision and $hash", quote(&format!("${name}"))),
        );
        return None;
    }
    Some(text)
}

fn sound(document: &mut Document<'_>, item: &Item<'_>, outcome: Result<(), String>) -> bool {
    said(document, item, outcome).is_some()
}

fn said<T>(document: &mut Document<'_>, item: &Item<'_>, outcome: Result<T, String>) -> Option<T> {
    outcome.map_err(|what| document.mistake(&item.span(), what)).ok()
}

/// A text as it may come to look, for whatever has to be read to be judged.
fn stand_in(text: &str) -> String {
    // The longer name first: one begins with the other.
    ["$namespace", "$name", "$revision", "$hash"].into_iter().fold(text.to_owned(), |text, name| text.replace(name, "1"))
}

fn promql(text: &str) -> Result<(), String> {
    Query::new(&stand_in(text)).check().map_err(|why| format!("this query can't be read: {why}"))
}

fn address(text: &str) -> Result<(), String> {
    let shape = || format!("{} is no address; it begins with http:// or https:// and a host", quote(text));
    let uri: http::Uri = stand_in(text).parse().map_err(|_| shape())?;
    let host = uri.host().filter(|host| !host.is_empty() && matches!(uri.scheme_str(), Some("http" | "https")));
    host.ok_or_else(shape)?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("a check sends no login: leave out what stands before the @".to_owned());
    }
    Ok(())
}

/// As the API server takes names of Jobs and namespaces (RFC 1123).
fn object_name(text: &str) -> Result<(), String> {
    let name = stand_in(text);
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let sound =
        name.len() <= 253 && name.chars().all(|c| letter(c) || c == '-' || c == '.') && name.starts_with(letter) && name.ends_with(letter);
    if sound { Ok(()) } else { Err(format!("{} is no name: small letters, digits, dots and dashes", quote(text))) }
}

fn read_status(document: &mut Document<'_>, item: &Item<'_>) -> Option<u16> {
    let number =
        item.get_ref().as_integer().and_then(|number| number.as_str().parse::<u16>().ok()).filter(|status| (100..600).contains(status));
    if number.is_none() {
        document.mistake(&item.span(), "status is one HTTP status, such as 204; without it 200 to 299 will do");
    }
    number
}

fn read_timeout(document: &mut Document<'_>, item: &Item<'_>) -> Option<Duration> {
    let span = value::span(document, "timeout", item)?;
    if span > LONGEST {
        document.mistake(&item.span(), format!("somebody waits for it: a check may take {} s at most", LONGEST.as_secs()));
        return None;
    }
    Some(span)
}
