//! Reads the query parameters of lists, watches and writes.
//! Never guesses: a parameter that makes no sense is refused as the real server refuses it.

use axum::http::Uri;

use super::refusal::{Answer, Refusal};

/// The parameters this server knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Query {
    pub(super) label_selector: String,
    pub(super) field_selector: String,
    pub(super) limit: usize,
    pub(super) continue_from: String,
    pub(super) resource_version: String,
    pub(super) resource_version_match: String,
    pub(super) watch: bool,
    pub(super) bookmarks: bool,
    pub(super) send_initial_events: Option<bool>,
    pub(super) timeout_seconds: Option<u64>,
    pub(super) dry_run: bool,
    pub(super) field_manager: Option<String>,
    pub(super) include_object: String,
    pub(super) propagation: Option<String>,
    pub(super) grace_seconds: Option<i64>,
    pub(super) container: Option<String>,
}

impl Query {
    pub(super) fn of(uri: &Uri) -> Answer<Self> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| Refusal::bad_request("the query of the URL could not be read"))?;
        let mut query = Self::default();
        for (name, value) in pairs.0 {
            let flag = || matches!(value.as_str(), "true" | "1" | "");
            match name.as_str() {
                "labelSelector" => query.label_selector = value,
                "fieldSelector" => query.field_selector = value,
                "limit" => query.limit = number(&name, &value)?,
                "continue" => query.continue_from = value,
                "resourceVersion" => query.resource_version = value,
                "resourceVersionMatch" => query.resource_version_match = value,
                "watch" => query.watch = flag(),
                "allowWatchBookmarks" => query.bookmarks = flag(),
                "sendInitialEvents" => query.send_initial_events = Some(flag()),
                "timeoutSeconds" => query.timeout_seconds = Some(number(&name, &value)?),
                "dryRun" if value == "All" => query.dry_run = true,
                "dryRun" => return Err(Refusal::bad_request(format!("dryRun: Unsupported value: \"{value}\": supported values: \"All\""))),
                "fieldManager" => query.field_manager = Some(value),
                "includeObject" => query.include_object = value,
                "propagationPolicy" => query.propagation = Some(value),
                "gracePeriodSeconds" => query.grace_seconds = Some(number(&name, &value)?),
                "container" => query.container = Some(value),
                _ => {}
            }
        }
        Ok(query)
    }

    /// The revision asked for; 0 and absent are both `None`.
    pub(super) fn revision(&self) -> Answer<Option<u64>> {
        match self.resource_version.as_str() {
            "" | "0" => Ok(None),
            text => match text.parse() {
                Ok(revision) => Ok(Some(revision)),
                Err(_) => {
                    Err(Refusal::bad_request(format!("resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: invalid syntax")))
                }
            },
        }
    }
}

fn number<N: std::str::FromStr>(name: &str, value: &str) -> Answer<N> {
    value.parse().map_err(|_| Refusal::bad_request(format!("{name}: Invalid value: \"{value}\": not a number")))
}
