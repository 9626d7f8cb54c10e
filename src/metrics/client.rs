//! Asks one Prometheus one question at a time: instant, range, series, labels, who it is.
//! Never decides when to ask (that is the pacer's), and never puts a header or credential into an error.

mod body;
mod door;
mod metadata;
mod routed;
mod verdict;

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Response;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::backend::Backend;
use super::envelope::{self, Envelope, Found};
use super::failure::Failure;
use super::reply::Reply;
use super::settings::{Fault, Settings};
use crate::ports::route::Route;
use crate::text::Clean;

use door::Door;
pub use metadata::BuildInfo;
use routed::Routed;

/// Who we say we are.
pub const USER_AGENT: &str = concat!("flightdeck/", env!("CARGO_PKG_VERSION"));
/// The largest answer that is read, in bytes.
pub const LARGEST_BODY: usize = 32 * 1024 * 1024;
/// A query longer than this many bytes goes as a form: proxies cut or refuse long request lines.
pub const LONG_QUERY: usize = 2000;

/// A Prometheus, ready to be asked. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    settings: Arc<Settings>,
    way: Way,
    backend: Arc<OnceLock<Backend>>,
    is_asking: Arc<AtomicBool>,
    is_whole: bool,
    /// What a person is told of where it stands, beside the address or instead of it.
    told: Told,
}

/// What a person is told of an address.
#[derive(Debug, Clone, Default)]
enum Told {
    /// The address.
    #[default]
    Plain,
    /// The address, and what named it.
    NamedBy(Clean),
    /// This, and no address: it means nothing to anybody.
    Instead(Clean),
}

/// How questions get there.
#[derive(Clone)]
enum Way {
    /// To an address of its own.
    Url(Arc<Mutex<Door>>),
    /// Through somebody else.
    Route(Routed),
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl Client {
    /// Reads the files that `settings` name and gets ready. Connects to nothing yet. Blocks for as long as reading those files takes.
    ///
    /// # Errors
    /// A file is missing or not what it should be, a header is not sendable, or TLS can't be set up; a sentence that says which.
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        let door = Door::open(settings, settings.load()?)?;
        let way = Way::Url(Arc::new(Mutex::new(door)));
        Ok(Self::on(way, settings))
    }

    /// A server behind `route`, its API below `prefix` (empty, or beginning with `/`); `for_long` takes what is too long for `route`. Of
    /// `settings` all but the address and what belongs to its TLS is used. Connects to nothing yet.
    pub fn over(route: Arc<dyn Route>, for_long: Option<Arc<dyn Route>>, prefix: &str, settings: &Settings) -> Self {
        let prefix = prefix.trim_end_matches('/').to_owned();
        Self::on(Way::Route(Routed { route, for_long, prefix }), settings)
    }

    fn on(way: Way, settings: &Settings) -> Self {
        let settings = Arc::new(settings.clone());
        Self { settings, way, backend: Arc::default(), is_asking: Arc::default(), is_whole: false, told: Told::default() }
    }

    /// The same, with what in the cluster named its address, e.g. `AnalysisTemplate web/errors`.
    #[must_use]
    pub fn named_by(mut self, what: Clean) -> Self {
        self.told = Told::NamedBy(what);
        self
    }

    /// The same, shown under this name: its address is one that a program chose by itself.
    #[must_use]
    pub fn shown_as(mut self, name: Clean) -> Self {
        self.told = Told::Instead(name);
        self
    }

    /// The same, asked as `backend` wants to be.
    #[must_use]
    pub fn known_as(mut self, backend: Backend) -> Self {
        self.backend = Arc::new(OnceLock::from(backend));
        self
    }

    /// The same for questions whose answers decide something: what may leave data out is refused by the server, where it can tell.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.is_whole = true;
        self
    }

    /// What it is known as; Prometheus while nothing is known.
    pub fn backend(&self) -> Backend {
        self.backend.get().copied().unwrap_or_default()
    }

    /// Its address without credentials, or the way to it.
    pub fn address(&self) -> Clean {
        let place = match (&self.told, &self.way) {
            (Told::Instead(name), _) => name.clone(),
            (_, Way::Url(_)) => Clean::from(self.settings.address.to_string()),
            (_, Way::Route(routed)) => routed::shown(&routed.route.words(), &routed.prefix),
        };
        let by = if let Told::NamedBy(what) = &self.told { format!(", named by {what}") } else { String::new() };
        Clean::from(format!("{place}{by}{}", self.backend().note()))
    }

    /// The way to it in a word or two: its host, `the API server`, `a port-forward`. Empty where it is the program's own.
    pub fn way(&self) -> Clean {
        match (&self.told, &self.way) {
            (Told::Instead(_), _) => Clean::default(),
            (_, Way::Url(_)) => Clean::from(self.settings.address.host()),
            (_, Way::Route(routed)) => Clean::from(routed.route.short()),
        }
    }

    /// The value of `promql` at one moment.
    ///
    /// # Errors
    /// Any [`Failure`].
    pub async fn instant(&self, promql: &str, at: DateTime<Utc>) -> Result<Reply, Failure> {
        self.timed(async {
            let door = match &self.way {
                Way::Url(door) => self.door(door).await?,
                Way::Route(routed) => {
                    let params = self.params([("query", promql.to_owned()), ("time", seconds(at))]);
                    return self.routed(routed, "api/v1/query", &params).await;
                }
            };
            let mut query = door.prometheus.query(promql).timeout(self.timeout_ms()).query("time", seconds(at));
            for (name, value) in &door.headers {
                query = query.header(name.clone(), value.clone());
            }
            for (name, value) in self.backend().parameters(self.is_whole) {
                query = query.query(name, *value);
            }
            let asked = Instant::now();
            let response = if promql.len() > LONG_QUERY { query.post_raw().await } else { query.get_raw().await };
            found(response.map_err(|error| verdict::unsent(&error))?, asked).await
        })
        .await
    }

    /// The values of `promql` from `start` to `end`, one each `step` (at least a second; whole seconds are used, as the API's client sends them).
    ///
    /// # Errors
    /// Any [`Failure`]; more than 11,000 points a series is a [`Failure::BadQuery`].
    pub async fn range(&self, promql: &str, start: DateTime<Utc>, end: DateTime<Utc>, step: Duration) -> Result<Reply, Failure> {
        self.timed(async {
            let step = step.as_secs_f64().max(1.0);
            let door = match &self.way {
                Way::Url(door) => self.door(door).await?,
                Way::Route(routed) => {
                    let (start, end) = (start.timestamp().to_string(), end.timestamp().to_string());
                    let params = [("query", promql.to_owned()), ("start", start), ("end", end), ("step", step.to_string())];
                    return self.routed(routed, "api/v1/query_range", &self.params(params)).await;
                }
            };
            let mut query = door.prometheus.query_range(promql, start.timestamp(), end.timestamp(), step).timeout(self.timeout_ms());
            for (name, value) in &door.headers {
                query = query.header(name.clone(), value.clone());
            }
            for (name, value) in self.backend().parameters(self.is_whole) {
                query = query.query(name, *value);
            }
            let asked = Instant::now();
            let response = if promql.len() > LONG_QUERY { query.post_raw().await } else { query.get_raw().await };
            found(response.map_err(|error| verdict::unsent(&error))?, asked).await
        })
        .await
    }

    /// One question for figures over a route.
    async fn routed(&self, routed: &Routed, path: &str, params: &[(&str, String)]) -> Result<Reply, Failure> {
        let asked = Instant::now();
        let (head, body) = routed.ask(&self.settings, path, params).await?;
        figures(verdict::judged::<Found>(&head, &body)?, asked, body.len())
    }

    /// A question with what goes along with every one.
    fn params<const N: usize>(&self, own: [(&'static str, String); N]) -> Vec<(&'static str, String)> {
        let along = self.backend().parameters(self.is_whole).iter().map(|(name, value)| (*name, (*value).to_owned()));
        own.into_iter().chain([("timeout", format!("{}ms", self.timeout_ms()))]).chain(along).collect()
    }

    /// One bound around everything, since a server may also send its body a byte at a time.
    async fn timed<T>(&self, question: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let bound = self.settings.timeout;
        match tokio::time::timeout(bound, question).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::Timeout(Clean::from(format!("no whole answer within {} s", bound.as_secs_f64())))),
        }
    }

    fn timeout_ms(&self) -> i64 {
        i64::try_from(self.settings.timeout.as_millis()).unwrap_or(i64::MAX).max(1)
    }

    /// The way in, made anew where a file it was made from has changed.
    async fn door(&self, door: &Arc<Mutex<Door>>) -> Result<Door, Failure> {
        if !self.settings.names_files() {
            return Ok(door.lock().unwrap_or_else(PoisonError::into_inner).clone());
        }
        let settings = self.settings.clone();
        let loaded = tokio::task::spawn_blocking(move || settings.load()).await;
        let loaded = loaded.map_err(|_| Failure::Settings(Fault::new("reading the files of the Prometheus settings was cut off.")))?;
        let loaded = loaded.map_err(Failure::Settings)?;
        let mut door = door.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(new) = door.renewed(&self.settings, loaded).map_err(Failure::Settings)? {
            *door = new;
        }
        Ok(door.clone())
    }
}

/// A moment as the API wants it: seconds, with milliseconds.
fn seconds(at: DateTime<Utc>) -> String {
    let millis = at.timestamp_millis();
    let sign = if millis < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", millis.unsigned_abs() / 1000, millis.unsigned_abs() % 1000)
}

async fn found(response: Response, asked: Instant) -> Result<Reply, Failure> {
    let (envelope, bytes) = opened::<Found>(response).await?;
    figures(envelope, asked, bytes)
}

fn figures(mut envelope: Envelope<Found>, asked: Instant, bytes: usize) -> Result<Reply, Failure> {
    let around = envelope.around();
    match envelope.data.take() {
        Some(data) => envelope::reply(data, around, asked.elapsed(), bytes).map_err(|what| Failure::Broken(Clean::from(what))),
        None => Err(Failure::Broken(Clean::from("it says success and brings no data"))),
    }
}

/// The envelope of a success and the size of the body, or why it is none.
async fn opened<T: DeserializeOwned>(response: Response) -> Result<(Envelope<T>, usize), Failure> {
    let head = verdict::Head::of(&response);
    let body = body::read(response, LARGEST_BODY).await;
    // A status that says it all does so whether or not its body could be read.
    let body = if head.is_success() { body? } else { body.unwrap_or_default() };
    verdict::judged(&head, &body).map(|envelope| (envelope, body.len()))
}

#[cfg(test)]
mod tests;
