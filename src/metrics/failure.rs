//! Why a question got no answer: one variant for each reason a person acts on differently.
//! Never holds a header, a credential or an address with one in it.

use std::fmt;
use std::time::Duration;

use super::settings::Fault;
use crate::ports::route::Lost;
use crate::text::Clean;

/// Why a question to Prometheus was not answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// A file or setting is not usable (any more): nothing was sent.
    Settings(Fault),
    /// No connection, or it broke before an answer began; the reason in words.
    NotReached(Clean),
    /// No whole answer in time; who gave up and when, in words.
    Timeout(Clean),
    /// 401; the server's words.
    Unauthorized(Clean),
    /// 403; the server's words.
    Forbidden(Clean),
    /// 404 on the API's path; the server's words.
    Gone(Clean),
    /// A redirect that leaves the configured server: not followed, since credentials would travel with it.
    Moved {
        /// 3xx.
        status: u16,
        /// Where to: scheme, host and path only.
        to: Clean,
    },
    /// Something else answered: a login page, a proxy's error page.
    NotPrometheus {
        /// The HTTP status.
        status: u16,
        /// How its text begins, markup left out.
        beginning: Clean,
    },
    /// 400: Prometheus could not read the question; its own words.
    BadQuery(Clean),
    /// 422: it read the question and could not work it out; its own words.
    Execution(Clean),
    /// 429.
    TooMany {
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
        /// Its words.
        words: Clean,
    },
    /// 503: starting, shutting down or overloaded.
    Unavailable {
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
        /// Its words.
        words: Clean,
    },
    /// Any other refusal in Prometheus's (or plain) words.
    Server {
        /// The HTTP status.
        status: u16,
        /// Its words.
        words: Clean,
    },
    /// The answer is larger than is read; the bound in bytes. Reading stopped there.
    TooLarge(usize),
    /// The way to it failed, not the server.
    Route {
        /// Where it leads, and how.
        place: Clean,
        /// Why nothing came.
        lost: Lost,
    },
    /// 401 over a way that drops every login; where it leads, and how.
    LoginStripped(Clean),
    /// None is named and none was found in the cluster: why, and what would help, in a sentence.
    Unfound(Clean),
    /// JSON that is no answer of this API, or an answer that broke off; what is wrong with it.
    Broken(Clean),
}

impl Failure {
    /// The reason in a word or two, for a screen.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Settings(_) => "settings",
            Self::NotReached(_) => "not reached",
            Self::Timeout(_) => "too slow",
            Self::Unauthorized(_) => "login needed",
            Self::Forbidden(_) => "forbidden",
            Self::Gone(_) => "no API here",
            Self::Moved { .. } => "redirected",
            Self::NotPrometheus { .. } => "not Prometheus",
            Self::BadQuery(_) => "bad query",
            Self::Execution(_) => "query failed",
            Self::TooMany { .. } => "rate limited",
            Self::Unavailable { .. } => "unavailable",
            Self::Server { .. } => "server error",
            Self::TooLarge(_) => "too large",
            Self::Route { lost: Lost::Denied(_), .. } => "no right",
            Self::Route { lost: Lost::TooLong(_), .. } => "query too long",
            Self::Route { lost: Lost::Away(_), .. } => "gone",
            Self::Route { .. } => "not reached",
            Self::LoginStripped(_) => "login needed",
            Self::Unfound(_) => "none found",
            Self::Broken(_) => "broken answer",
        }
    }

    /// Whether the server asked for fewer questions: the only reasons to back off rather than to ask again at the usual pace.
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::TooMany { .. } | Self::Unavailable { .. })
    }

    /// Whether the server itself read the question and answered: what failed is the question, not the way to the server.
    pub fn is_about_question(&self) -> bool {
        matches!(self, Self::BadQuery(_) | Self::Execution(_) | Self::TooLarge(_) | Self::Route { lost: Lost::TooLong(_), .. })
    }

    /// Whether nothing was heard of the server at all.
    pub fn is_unheard(&self) -> bool {
        matches!(self, Self::Settings(_) | Self::NotReached(_) | Self::Timeout(_)) || self.is_overload()
    }

    /// Whether it may be the question's fault or the server's: only another question's fate tells.
    pub fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Timeout(_) | Self::Server { .. } | Self::Broken(_))
    }

    /// How long the server asks to be left alone, where it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after, .. } | Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether asking the same again can't help before a person changes something.
    pub fn is_lasting(&self) -> bool {
        use Failure as F;
        matches!(
            self,
            F::Settings(_)
                | F::Unauthorized(_)
                | F::Forbidden(_)
                | F::Gone(_)
                | F::Moved { .. }
                | F::BadQuery(_)
                | F::TooLarge(_)
                | F::LoginStripped(_)
                | F::Unfound(_)
                | F::Route { lost: Lost::TooLong(_), .. }
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(fault) => fault.fmt(f),
            Self::NotReached(reason) => {
                write!(f, "Prometheus was not reached: {reason}. It is tried again; check the address and the network.")
            }
            Self::Timeout(who) => write!(f, "Prometheus was too slow: {who}. It is asked less often now; a longer `timeout` may help."),
            Self::Unauthorized(words) if words.as_str().contains("no org id") => f.write_str(
                "the server keeps tenants apart and was not told which one (401: no org id). Name it as the header X-Scope-OrgID in [prometheus] of \
                 config.toml.",
            ),
            Self::Unauthorized(words) => {
                write!(f, "Prometheus wants a login (401{}). Give a bearer token, a user or a header in its settings.", said(words))
            }
            Self::Forbidden(words) => {
                write!(f, "Prometheus refuses these credentials (403{}). Ask for the right to query it.", said(words))
            }
            Self::Gone(words) => {
                write!(
                    f,
                    "there is no Prometheus API at this address (404{}). Its URL may need a sub-path, such as /prometheus.",
                    said(words)
                )
            }
            Self::Moved { status, to } => write!(
                f,
                "Prometheus redirects to {to} ({status}). That was not followed, so that no credentials go there; if it is meant, make it the URL."
            ),
            Self::NotPrometheus { status, beginning } if beginning.is_empty() => {
                write!(f, "what answered is not Prometheus: status {status} and an empty body. Check the URL, and any proxy in between.")
            }
            Self::NotPrometheus { status, beginning } => {
                write!(f, "what answered is not Prometheus: status {status}, “{beginning}”. Check the URL, and any proxy in between.")
            }
            Self::BadQuery(words) => write!(f, "Prometheus can't read the query: {words}. It is not asked again until it changes."),
            Self::Execution(words) => write!(f, "Prometheus could not work the query out: {words}. It is asked again at the usual pace."),
            Self::TooMany { retry_after, words } => {
                write!(f, "Prometheus limits how often it may be asked (429{}). {}", said(words), Backing(*retry_after))
            }
            Self::Unavailable { retry_after, words } => {
                write!(f, "Prometheus is not available now (503{}). {}", said(words), Backing(*retry_after))
            }
            Self::Server { status, words } => {
                write!(f, "Prometheus answered with an error ({status}{}). It is asked again at the usual pace.", said(words))
            }
            Self::TooLarge(bound) => write!(
                f,
                "the answer is larger than {} MiB and was not read to its end. Narrow the query or the namespace.",
                bound / (1024 * 1024)
            ),
            Self::Route { place, lost } => way(f, place, lost),
            Self::LoginStripped(place) => write!(
                f,
                "Prometheus wants a login (401) at {place}, which drops the header that would carry one. `create` on pods/portforward, or \
                 --prometheus URL, would get it there."
            ),
            Self::Unfound(sentence) => sentence.fmt(f),
            Self::Broken(what) => write!(f, "the answer can't be read: {what}. It is asked again; a proxy may be cutting answers short."),
        }
    }
}

impl std::error::Error for Failure {}

/// What went wrong between here and a server inside the cluster.
fn way(f: &mut fmt::Formatter<'_>, place: &Clean, lost: &Lost) -> fmt::Result {
    match lost {
        Lost::Broken(why) => write!(f, "Prometheus was not reached at {place}: {why}. It is tried again."),
        Lost::Denied(why) => write!(f, "you may not ask Prometheus at {place}: {why}. It is looked for again, another way too."),
        Lost::Away(why) => write!(f, "Prometheus is no longer at {place}: {why}. It is looked for again."),
        Lost::Unreached(why) => {
            write!(f, "the API server did not reach Prometheus at {place}: {why}. It is tried again; check that its pods are ready.")
        }
        Lost::TooLong(bytes) => write!(
            f,
            "a query of {bytes} bytes is too long for {place}, which takes no forms. Fewer releases in scope, `create` on pods/portforward, or \
             --prometheus URL would make it fit."
        ),
    }
}

fn said(words: &Clean) -> String {
    if words.is_empty() { String::new() } else { format!(": {words}") }
}

/// The half of a sentence that says when the next try comes.
struct Backing(Option<Duration>);

impl fmt::Display for Backing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(wait) => write!(f, "It is left alone for {} s, as it asks.", wait.as_secs()),
            None => f.write_str("It is asked less often until it answers again."),
        }
    }
}
