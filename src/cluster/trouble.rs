//! What can go wrong with one request, sorted by what has to be done about it, each with its words.
//! Decides nothing: `source` and `link` do.

use std::time::Duration;

use serde::Deserialize;

/// A request that did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// 410: the server does not, or no longer, have the changes since that revision.
    Gone,
    /// 401: the login is not, or no longer, accepted.
    Unauthorized(String),
    /// 403: the rights do not suffice.
    Forbidden(String),
    /// 404: not served.
    NotFound,
    /// 429: later, if the server said so after this long.
    Busy(Option<Duration>, String),
    /// 400, 405, 406, 415, 422: the server does not take the request as it was put.
    Invalid(String),
    /// 5xx and everything else the server says.
    Server(String),
    /// The connection did not carry it.
    Broken(String),
}

/// A Kubernetes `Status`, as errors come, both as bodies and inside watches.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub message: String,
    pub reason: String,
    pub code: u16,
    details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Details {
    retry_after_seconds: Option<u64>,
}

impl Trouble {
    /// Sorts an error answer. `code` is the HTTP one; inside a watch, where there is none, the status carries it.
    pub fn answered(code: u16, status: &Status, retry_after: Option<Duration>) -> Self {
        let code = if code == 200 || code == 0 { status.code } else { code };
        let retry_after = retry_after.or(status.details.as_ref().and_then(|d| d.retry_after_seconds).map(Duration::from_secs));
        let message = status.message.trim();
        match code {
            410 => Self::Gone,
            _ if matches!(status.reason.as_str(), "Expired" | "Gone") => Self::Gone,
            // The storage was restored from before that revision: waiting for it to come may take for ever.
            _ if message.contains("Too large resource version") => Self::Gone,
            401 => Self::Unauthorized(message.to_owned()),
            403 => Self::Forbidden(message.to_owned()),
            404 => Self::NotFound,
            429 => Self::Busy(retry_after, "the server asks to come back later (429 Too Many Requests)".to_owned()),
            400 | 405 | 406 | 415 | 422 => Self::Invalid(said(code, message)),
            _ => Self::Server(said(code, message)),
        }
    }

    /// Its words.
    pub fn words(&self) -> String {
        match self {
            Self::Gone => "the server does not have the changes since then (410 Gone)".to_owned(),
            Self::Unauthorized(_) => "the server does not accept the login (401 Unauthorized)".to_owned(),
            Self::Forbidden(message) if message.is_empty() => "not allowed (403 Forbidden)".to_owned(),
            Self::Forbidden(message) => message.clone(),
            Self::NotFound => "the server does not serve it (404 Not Found)".to_owned(),
            Self::Busy(_, words) | Self::Invalid(words) | Self::Server(words) | Self::Broken(words) => words.clone(),
        }
    }
}

/// What the server said, in one line.
fn said(code: u16, message: &str) -> String {
    let name = http::StatusCode::from_u16(code).ok().and_then(|s| s.canonical_reason());
    let answer = match (code, name) {
        (0, _) => "the server reports an error".to_owned(),
        (code, Some(name)) => format!("the server answers {code} {name}"),
        (code, None) => format!("the server answers {code}"),
    };
    // A conversion webhook that fails makes every read of its CRD fail: it is somebody's broken Service, not this one's.
    let hint = if message.contains("conversion webhook") { "its conversion webhook does not work; " } else { "" };
    if message.is_empty() { answer } else { format!("{answer}: {hint}{message}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(json: &str) -> Status {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn inside_a_watch_the_status_carries_the_code() {
        assert_eq!(
            Trouble::answered(0, &status(r#"{"code":410,"reason":"Expired","message":"too old resource version"}"#), None),
            Trouble::Gone
        );
        let refused = Trouble::answered(0, &status(r#"{"code":500,"message":"RequestWatchProgress is disabled"}"#), None);
        assert_eq!(refused.words(), "the server answers 500 Internal Server Error: RequestWatchProgress is disabled");
    }

    #[test]
    fn a_revision_from_the_future_is_forgotten_like_one_from_the_past() {
        let restored = status(r#"{"code":504,"reason":"Timeout","message":"Too large resource version: 99, current: 5"}"#);
        assert_eq!(Trouble::answered(504, &restored, None), Trouble::Gone);
    }

    #[test]
    fn the_wait_asked_for_is_found_in_either_place() {
        let body = status(r#"{"code":429,"details":{"retryAfterSeconds":3}}"#);
        assert!(matches!(Trouble::answered(429, &body, None), Trouble::Busy(Some(wait), _) if wait == Duration::from_secs(3)));
        let header = Some(Duration::from_secs(1));
        assert!(matches!(Trouble::answered(429, &body, header), Trouble::Busy(after, _) if after == header));
    }

    #[test]
    fn a_conversion_webhook_is_named() {
        let broken =
            status(r#"{"code":500,"message":"conversion webhook for argoproj.io/v1alpha1, Kind=Rollout failed: Post \"https://x\": EOF"}"#);
        assert!(
            Trouble::answered(500, &broken, None)
                .words()
                .contains("its conversion webhook does not work; conversion webhook for argoproj.io")
        );
    }
}
