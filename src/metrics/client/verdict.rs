//! What an answer means: status and body to an envelope, or to the failure they stand for.
//! Never trusts a content type, and never shows markup.

use std::error::Error as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Response;
use reqwest::header::{LOCATION, RETRY_AFTER};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::super::envelope::{Envelope, Status};
use super::super::failure::Failure;
use crate::ports::route::Told;
use crate::text::Clean;

/// So much of a foreign page is shown, in characters.
const BEGINNING: usize = 120;

/// What is kept of a response beside its body.
pub(super) struct Head {
    status: u16,
    retry_after: Option<Duration>,
    location: Clean,
}

impl Head {
    pub fn of(response: &Response) -> Self {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let location = header(LOCATION).and_then(|to| response.url().join(to).ok());
        Self {
            status: response.status().as_u16(),
            retry_after: header(RETRY_AFTER).and_then(|text| waiting(text, Utc::now())),
            // A login page's address carries tokens in its query; only where it is matters.
            location: location.map_or_else(
                || Clean::from("an address it does not name"),
                |to| Clean::from(format!("{}{}", to.origin().ascii_serialization(), to.path())),
            ),
        }
    }

    /// What came over a route. Where it redirects to means nothing on this side.
    pub fn told(told: &Told) -> Self {
        Self {
            status: told.status,
            retry_after: told.retry_after.as_deref().and_then(|text| waiting(text, Utc::now())),
            location: Clean::from("an address inside the cluster"),
        }
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// `Retry-After` as seconds or as a date (RFC 9110 §10.2.3).
fn waiting(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    Some((at - now).to_std().unwrap_or(Duration::ZERO))
}

/// The envelope of a success.
pub(super) fn judged<T: DeserializeOwned>(head: &Head, body: &[u8]) -> Result<Envelope<T>, Failure> {
    if head.is_success() {
        return match serde_json::from_slice::<Envelope<T>>(body) {
            Ok(envelope) if envelope.status == Status::Success => Ok(envelope),
            Ok(envelope) => Err(refused(head.status, envelope.error_type.as_deref(), words(envelope.error.as_deref()))),
            Err(error) => Err(unread(head.status, body, &error)),
        };
    }
    let said = serde_json::from_slice::<Envelope<IgnoredAny>>(body).ok();
    let kind = said.as_ref().and_then(|envelope| envelope.error_type.as_deref());
    let spoken = said.as_ref().and_then(|envelope| envelope.error.as_deref());
    let words = || spoken.map_or_else(|| beginning(body), |text| words(Some(text)));
    let retry_after = head.retry_after;
    Err(match head.status {
        300..=399 => Failure::Moved { status: head.status, to: head.location.clone() },
        401 => Failure::Unauthorized(words()),
        403 => Failure::Forbidden(words()),
        404 => Failure::Gone(words()),
        429 => Failure::TooMany { retry_after, words: words() },
        503 if matches!(kind, Some("timeout" | "canceled")) => Failure::Timeout(words()),
        503 => Failure::Unavailable { retry_after, words: words() },
        status if said.is_some() => refused(status, kind, words()),
        status if status >= 500 && !is_markup(body) && !body.is_empty() => Failure::Server { status, words: words() },
        status => Failure::NotPrometheus { status, beginning: beginning(body) },
    })
}

/// A refusal in Prometheus's own envelope.
fn refused(status: u16, kind: Option<&str>, words: Clean) -> Failure {
    match (status, kind) {
        (_, Some("bad_data")) | (400, _) => Failure::BadQuery(words),
        (_, Some("execution")) | (422, _) => Failure::Execution(words),
        (_, Some("timeout" | "canceled")) => Failure::Timeout(words),
        (_, Some("unavailable")) => Failure::Unavailable { retry_after: None, words },
        _ => Failure::Server { status, words },
    }
}

fn words(said: Option<&str>) -> Clean {
    Clean::from(said.unwrap_or("no reason given"))
}

/// A success whose body is no envelope.
fn unread(status: u16, body: &[u8], error: &serde_json::Error) -> Failure {
    if !body.trim_ascii_start().starts_with(b"{") {
        return Failure::NotPrometheus { status, beginning: beginning(body) };
    }
    if error.is_eof() {
        return Failure::Broken(Clean::from(format!("its JSON breaks off after {} bytes", body.len())));
    }
    if error.is_syntax() {
        return Failure::Broken(Clean::from(format!("its JSON is wrong at line {}, column {}", error.line(), error.column())));
    }
    Failure::Broken(Clean::from(format!("its JSON is no answer of the Prometheus API ({error})")))
}

fn is_markup(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// How a body begins, as text: markup, scripts and styles left out, white space folded.
fn beginning(body: &[u8]) -> Clean {
    let text = String::from_utf8_lossy(body.get(..body.len().min(16 * 1024)).unwrap_or_default());
    let text = if is_markup(body) { bare(&text) } else { text.into_owned() };
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = folded.chars().take(BEGINNING).collect();
    if folded.chars().nth(BEGINNING).is_some() {
        short.push('…');
    }
    Clean::from(short)
}

/// What stands between the tags.
fn bare(page: &str) -> String {
    let mut text = String::new();
    let mut hidden = None;
    for piece in page.split('<') {
        let (tag, after) = piece.split_once('>').unwrap_or((piece, ""));
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect::<String>().to_ascii_lowercase();
        match hidden {
            Some(end) if name == end => hidden = None,
            Some(_) => continue,
            None if name == "script" => hidden = Some("/script"),
            None if name == "style" => hidden = Some("/style"),
            None => {}
        }
        if hidden.is_none() {
            text.push(' ');
            text.push_str(after);
        }
    }
    text
}

/// A question that the client library could not send.
pub(super) fn unsent(error: &prometheus_http_query::Error) -> Failure {
    match error {
        prometheus_http_query::Error::Client(error) => match error.source().and_then(|source| source.downcast_ref::<reqwest::Error>()) {
            Some(source) => broken_link(source),
            None => Failure::NotReached(Clean::from("the question could not be sent")),
        },
        other => Failure::NotReached(Clean::from(other.to_string())),
    }
}

/// A connection that could not be made or broke, by its innermost reason: the outer ones name the address with the whole query.
pub(super) fn broken_link(error: &reqwest::Error) -> Failure {
    let mut innermost: Option<&dyn std::error::Error> = error.source();
    while let Some(deeper) = innermost.and_then(std::error::Error::source) {
        innermost = Some(deeper);
    }
    let reason = innermost.map_or_else(|| "the connection broke".to_owned(), ToString::to_string);
    // The words of the TLS library, in the order they are looked for, and what to do about each.
    let known = [
        ("UnknownIssuer", "its certificate is signed by an authority that is not trusted here (name its file with `ca`)"),
        ("BadSignature", "its certificate is not signed by the authority it names (`ca` may be an older one of that name)"),
        ("not valid for name", "its certificate is for another name than the one in the URL"),
        ("certificate expired", "its certificate has expired"),
        ("CertificateRequired", "it asks for a client certificate (set `client_cert` and `client_key`)"),
        ("InvalidContentType", "it does not speak TLS (try http:// in the URL)"),
    ];
    let reason = known.iter().find(|(word, _)| reason.contains(word)).map_or(reason.as_str(), |(_, plain)| plain);
    Failure::NotReached(Clean::from(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        assert_eq!(waiting("17", now), Some(Duration::from_secs(17)));
        assert_eq!(waiting("Tue, 14 Nov 2023 22:13:50 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(waiting("Tue, 14 Nov 2023 22:13:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(waiting("soon", now), None);
    }

    #[test]
    fn a_page_is_shown_as_its_words() {
        let page = b"<html><head><title>502 Bad Gateway</title><style>p{color:red}</style><script>if (a<b) steal()</script></head>\n<body><p>nginx</p>";
        assert_eq!(beginning(page).as_str(), "502 Bad Gateway nginx");
        assert!(beginning("é".repeat(500).as_bytes()).as_str().ends_with('…'));
    }
}
