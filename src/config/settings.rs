//! `config.toml` as values: what the person chose, where metrics are, what is promised and what is forbidden.
//! Refuses to act on any of it, and to let a mistake in a policy pass as no policy.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeTable;

use super::document::{Document, Item, Text, Word, entries};
use super::mistake::{Mistake, nearest, quote};
use super::policy::{Policy, join_checks, read_check, read_policy};
use super::value;
use crate::slo::calendar::Calendar;

const PROMETHEUS: [&str; 9] =
    ["url", "bearer_token_file", "user", "password_file", "client_cert", "client_key", "ca", "headers", "timeout"];
const KEYS: [&str; 8] = ["format", "theme", "keymap", "prometheus", "objective", "openslo", "check", "policy"];

/// A name chosen in a file, with its line for the message that it does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The name.
    pub name: String,
    /// The line that says so.
    pub line: usize,
}

/// Where the metrics of some contexts are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prometheus {
    /// The contexts, as a pattern with `*`.
    pub contexts: String,
    /// Its address.
    pub url: String,
    /// The file that holds its token; read when it is needed, never kept.
    pub bearer_token_file: Option<PathBuf>,
    /// A user for basic authentication.
    pub user: Option<String>,
    /// The file that holds that user's password.
    pub password_file: Option<PathBuf>,
    /// PEM file of our own certificate.
    pub client_cert: Option<PathBuf>,
    /// PEM file of its key.
    pub client_key: Option<PathBuf>,
    /// PEM file of the authorities that may vouch for the server.
    pub ca: Option<PathBuf>,
    /// Sent with every question, e.g. `X-Scope-OrgID`.
    pub headers: Vec<(String, String)>,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
}

/// A promise about releases for which none is found in the cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// What is promised.
    pub name: String,
    /// The releases it is promised of, as namespace/release with `*`.
    pub matches: String,
    /// The share of requests that must be good, between 0 and 1.
    pub target: f64,
    /// The time over which it is reckoned; about that, by a calendar.
    pub window: Duration,
    /// The calendar whose periods it is reckoned over; `None` where it is over the last `window`.
    pub calendar: Option<Calendar>,
    /// How many requests one user makes during a release, for the upper bound of users that met the new version.
    pub requests_per_user: Option<f64>,
    /// The queries for bad requests and for all, where they are not to be built.
    pub queries: Option<(String, String)>,
    /// A request is good if it is no slower than this; `None` where one that does not fail is.
    pub slower_than: Option<Duration>,
}

/// What `config.toml` says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// The theme, where one is chosen.
    pub theme: Option<Chosen>,
    /// The keymap, where one is chosen.
    pub keymap: Option<Chosen>,
    /// Where metrics are, in the order of the file.
    pub prometheus: Vec<Prometheus>,
    /// What is promised, in the order of the file.
    pub objectives: Vec<Objective>,
    /// OpenSLO files, in the order of the file, and the line they stand in.
    pub openslo: Vec<(String, usize)>,
    /// What needs more than a key, in the order of the file.
    pub policies: Vec<Policy>,
}

/// A config with what was wrong in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// What was wrong, by line.
    pub banners: Vec<Mistake>,
    /// Why nothing may be changed, where safety settings could not be read for certain.
    pub read_only: Option<String>,
}

/// Reads a config. No text is a config that says nothing.
#[must_use]
pub fn load(text: Option<(&Path, &str)>) -> Loaded {
    let Some((path, text)) = text else { return Loaded::default() };
    load_text(&Text { name: "config".to_owned(), file: path.display().to_string(), text: text.to_owned() })
}

pub(super) fn load_text(text: &Text) -> Loaded {
    let mut document = Document::parse(&text.file, &text.text);
    let root = document.take_root();
    let mut config = Config::default();
    let mut unsafe_lines = Vec::new();
    let (mut checks, mut wanted, mut checks_broken) = (Vec::new(), Vec::new(), false);
    // A policy may be hidden in what could not be parsed, or mean something else in another format.
    if document.is_broken() && mentions_policy(&text.text) {
        unsafe_lines.extend(document.mistakes.first().map(|mistake| mistake.line));
    }
    if let Some(item) = root.get("format") {
        let before = document.mistakes.len();
        document.format(item);
        if document.mistakes.len() > before {
            let read_only = mentions_policy(&text.text).then(|| reason(&text.file, document.line(&item.span())));
            return Loaded { config, banners: document.finish(), read_only };
        }
    }
    for (key, item) in entries(&root) {
        match key.get_ref().as_ref() {
            "format" => {}
            "theme" => config.theme = chosen(&mut document, key, item),
            "keymap" => config.keymap = chosen(&mut document, key, item),
            "prometheus" => config.prometheus = read_prometheus(&mut document, item),
            "objective" => {
                config.objectives =
                    tables(&mut document, key, item).into_iter().filter_map(|item| read_objective(&mut document, item)).collect();
            }
            "openslo" => config.openslo = value::paths(&mut document, item),
            "check" => {
                let before = document.mistakes.len();
                checks = tables(&mut document, key, item).into_iter().filter_map(|item| read_check(&mut document, item)).collect();
                checks_broken = document.mistakes.len() > before;
                unsafe_lines.extend(document.mistakes[before..].iter().map(|mistake| mistake.line));
            }
            "policy" => {
                let before = document.mistakes.len();
                (config.policies, wanted) =
                    tables(&mut document, key, item).into_iter().filter_map(|item| read_policy(&mut document, item)).unzip();
                unsafe_lines.extend(document.mistakes[before..].iter().map(|mistake| mistake.line));
            }
            other => {
                document.unknown_key(key, "of the config", KEYS);
                if matches!(nearest(other, KEYS), Some("policy" | "check")) {
                    unsafe_lines.push(document.line(&key.span()));
                }
            }
        }
    }
    let before = document.mistakes.len();
    join_checks(&mut document, &checks, &mut config.policies, &wanted, checks_broken);
    unsafe_lines.extend(document.mistakes[before..].iter().map(|mistake| mistake.line));
    let read_only = unsafe_lines.iter().min().map(|line| reason(&text.file, *line));
    Loaded { config, banners: document.finish(), read_only }
}

fn mentions_policy(text: &str) -> bool {
    text.to_lowercase().contains("polic")
}

fn reason(file: &str, line: usize) -> String {
    format!("a policy could not be read for certain ({file}:{line}), so flightdeck started read-only; mend that line and start again")
}

fn chosen(document: &mut Document<'_>, key: &Word<'_>, item: &Item<'_>) -> Option<Chosen> {
    let line = document.line(&item.span());
    Some(Chosen { name: document.string(key.get_ref(), item)?.to_owned(), line })
}

/// The tables of `[[key]]`.
fn tables<'i, 't>(document: &mut Document<'_>, key: &Word<'_>, item: &'i Item<'t>) -> Vec<&'i Item<'t>> {
    let Some(list) = item.get_ref().as_array() else {
        let what = format!("write [[{}]] with two brackets: there can be several", key.get_ref());
        document.mistake(&key.span(), what);
        return Vec::new();
    };
    let (good, bad): (Vec<_>, Vec<_>) = list.iter().partition(|item| item.get_ref().is_table());
    for item in bad {
        document.wrong_type(&quote(key.get_ref()), item, "a table");
    }
    good
}

fn read_prometheus(document: &mut Document<'_>, item: &Item<'_>) -> Vec<Prometheus> {
    let Some(contexts) = document.table("prometheus", item) else { return Vec::new() };
    let mut all = Vec::new();
    for (context, item) in entries(contexts) {
        let Some(table) = item.get_ref().as_table() else {
            let what = format!(
                "write [prometheus.\"*\"] for all contexts, or a pattern of their names; {} is not a table",
                quote(context.get_ref())
            );
            document.mistake(&context.span(), what);
            continue;
        };
        let before = document.mistakes.len();
        let mut one = Prometheus { contexts: context.get_ref().to_string(), ..Prometheus::default() };
        for (key, item) in entries(table) {
            match key.get_ref().as_ref() {
                "url" => one.url = value::url(document, item).unwrap_or_default(),
                "bearer_token_file" => one.bearer_token_file = value::filled(document, "bearer_token_file", item).map(PathBuf::from),
                "user" => one.user = value::filled(document, "user", item),
                "password_file" => one.password_file = value::filled(document, "password_file", item).map(PathBuf::from),
                "client_cert" => one.client_cert = value::filled(document, "client_cert", item).map(PathBuf::from),
                "client_key" => one.client_key = value::filled(document, "client_key", item).map(PathBuf::from),
                "ca" => one.ca = value::filled(document, "ca", item).map(PathBuf::from),
                "headers" => one.headers = read_headers(document, item),
                "timeout" => one.timeout = value::span(document, "timeout", item),
                _ => document.unknown_key(key, "of [prometheus]", PROMETHEUS),
            }
        }
        if !table.contains_key("url") {
            document.mistake(&context.span(), "there is no url, and without one there is nothing to ask");
        }
        for (with, without) in [("client_cert", "client_key"), ("client_key", "client_cert"), ("password_file", "user")] {
            if table.contains_key(with) && !table.contains_key(without) {
                document.mistake(&context.span(), format!("{with} needs {without} beside it"));
            }
        }
        if before == document.mistakes.len() {
            all.push(one);
        }
    }
    all
}

fn read_headers(document: &mut Document<'_>, item: &Item<'_>) -> Vec<(String, String)> {
    let Some(table) = document.table("headers", item) else { return Vec::new() };
    let read = |(key, item): (&Word<'_>, &Item<'_>)| Some((key.get_ref().to_string(), document.string("headers", item)?.to_owned()));
    entries(table).into_iter().filter_map(read).collect()
}

fn read_objective(document: &mut Document<'_>, item: &Item<'_>) -> Option<Objective> {
    let table = item.get_ref().as_table()?;
    let before = document.mistakes.len();
    let (mut name, mut matches, mut target, mut window, mut errors, mut total) = (None, None, None, None, None, None);
    let (mut requests_per_user, mut slower_than) = (None, None);
    for (key, item) in entries(table) {
        match key.get_ref().as_ref() {
            "name" => name = value::filled(document, "name", item),
            "match" => matches = value::pattern(document, item, "namespace/release", 2),
            "target" => target = value::target(document, item),
            "window" => window = value::window(document, item),
            "errors" => errors = value::filled(document, "errors", item),
            "total" => total = value::filled(document, "total", item),
            "slower_than" => slower_than = value::span(document, "slower_than", item),
            "requests_per_user" => requests_per_user = value::at_least_one(document, "requests_per_user", item),
            _ => {
                let keys = ["name", "match", "target", "window", "requests_per_user", "errors", "total", "slower_than"];
                document.unknown_key(key, "of [[objective]]", keys);
            }
        }
    }
    required(document, item, table, &["name", "match", "target", "window"]);
    if table.contains_key("errors") != table.contains_key("total") {
        document.mistake(&item.span(), "errors and total go together: a share needs both");
    }
    if table.contains_key("errors") && table.contains_key("slower_than") {
        document.mistake(&item.span(), "slower_than asks the histogram that was found, so it does not go with errors and total");
    }
    if document.mistakes.len() > before {
        return None;
    }
    Some(Objective {
        name: name?,
        matches: matches?,
        target: target?,
        window: window?.0,
        calendar: window?.1,
        requests_per_user,
        queries: errors.zip(total),
        slower_than,
    })
}

/// Notes each key that is missing.
pub(super) fn required(document: &mut Document<'_>, item: &Item<'_>, table: &DeTable<'_>, keys: &[&str]) {
    for key in keys.iter().filter(|key| !table.contains_key(**key)) {
        document.mistake(&item.span(), format!("{key} is missing here"));
    }
}
