//! Asks one Prometheus one question at a time: instant, range, series, labels, who it is.
//! Never decides when to ask (that is the pacer's), and never puts a header or credential into an error.

mod body;
mod door;
mod verdict;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::envelope::{self, Envelope, Found};
use super::failure::Failure;
use super::reply::{Labels, Reply};
use super::settings::{Fault, Settings};
use crate::text::Clean;

use door::Door;

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
    door: Arc<Mutex<Door>>,
}

/// What a server says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildInfo {
    /// The version it speaks as; VictoriaMetrics and Mimir name the Prometheus they imitate.
    pub version: Clean,
    /// The name of what it really is, where it says so (Mimir does).
    pub application: Clean,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.settings.address).finish_non_exhaustive()
    }
}

impl Client {
    /// Reads the files that `settings` name and gets ready. Connects to nothing yet. Blocks for as long as reading those files takes.
    ///
    /// # Errors
    /// A file is missing or not what it should be, a header is not sendable, or TLS can't be set up; a sentence that says which.
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        let door = Door::open(settings, settings.load()?)?;
        Ok(Self { settings: Arc::new(settings.clone()), door: Arc::new(Mutex::new(door)) })
    }

    /// Its address, without credentials.
    pub fn address(&self) -> Clean {
        Clean::from(self.settings.address.to_string())
    }

    /// The value of `promql` at one moment.
    ///
    /// # Errors
    /// Any [`Failure`].
    pub async fn instant(&self, promql: &str, at: DateTime<Utc>) -> Result<Reply, Failure> {
        self.timed(async {
            let door = self.door().await?;
            let mut query = door.prometheus.query(promql).timeout(self.timeout_ms()).query("time", seconds(at));
            for (name, value) in &door.headers {
                query = query.header(name.clone(), value.clone());
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
            let door = self.door().await?;
            let step = step.as_secs_f64().max(1.0);
            let mut query = door.prometheus.query_range(promql, start.timestamp(), end.timestamp(), step).timeout(self.timeout_ms());
            for (name, value) in &door.headers {
                query = query.header(name.clone(), value.clone());
            }
            let asked = Instant::now();
            let response = if promql.len() > LONG_QUERY { query.post_raw().await } else { query.get_raw().await };
            found(response.map_err(|error| verdict::unsent(&error))?, asked).await
        })
        .await
    }

    /// The label sets that match `selector` and had a sample between `start` and `end`.
    ///
    /// # Errors
    /// Any [`Failure`].
    pub async fn series(&self, selector: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Vec<Labels>, Failure> {
        type Raw = std::collections::BTreeMap<String, String>;
        let raw: Vec<Raw> = self.metadata("api/v1/series", &window(selector, start, end)).await?;
        Ok(raw.into_iter().map(|set| set.into_iter().map(|(name, value)| (Clean::from(name), Clean::from(value))).collect()).collect())
    }

    /// The names of the labels of what matches `selector` between `start` and `end`.
    ///
    /// # Errors
    /// Any [`Failure`].
    pub async fn label_names(&self, selector: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Vec<Clean>, Failure> {
        let raw: Vec<String> = self.metadata("api/v1/labels", &window(selector, start, end)).await?;
        Ok(raw.into_iter().map(Clean::from).collect())
    }

    /// What the server says about itself.
    ///
    /// # Errors
    /// Any [`Failure`]; [`Failure::Gone`] where this endpoint is not served, which says nothing about queries.
    pub async fn buildinfo(&self) -> Result<BuildInfo, Failure> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(default)]
            version: String,
            #[serde(default)]
            application: String,
        }
        let raw: Raw = self.metadata("api/v1/status/buildinfo", &[]).await?;
        Ok(BuildInfo { version: Clean::from(raw.version), application: Clean::from(raw.application) })
    }

    /// The objectives in the recording and alerting rules it runs.
    ///
    /// # Errors
    /// Any [`Failure`]; [`Failure::Gone`] where rules are not served, which says nothing about queries.
    pub async fn rules(&self) -> Result<Reply, Failure> {
        let asked = Instant::now();
        let raw: serde_json::Value = self.metadata("api/v1/rules", &[]).await?;
        // Every rule's expression is parsed: not where anything waits.
        let read = tokio::task::spawn_blocking(move || crate::objectives::rules::answer(&raw)).await;
        let read = read.map_err(|_| Failure::Broken(Clean::from("reading its rules was cut off")))?;
        Ok(Reply::of_rules(read, asked.elapsed()))
    }

    /// The client library knows these endpoints too, but wants fields that imitations of Prometheus leave out.
    async fn metadata<T: DeserializeOwned>(&self, path: &str, params: &[(&str, String)]) -> Result<T, Failure> {
        self.timed(async {
            let door = self.door().await?;
            let request = door.prometheus.inner().get(self.settings.address.join(path)).query(params).headers(door.headers.clone());
            let response = request.send().await.map_err(|error| verdict::broken_link(&error))?;
            let (envelope, _) = opened::<T>(response).await?;
            envelope.data.ok_or_else(|| Failure::Broken(Clean::from("it says success and brings no data")))
        })
        .await
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
    async fn door(&self) -> Result<Door, Failure> {
        if !self.settings.names_files() {
            return Ok(self.door.lock().unwrap_or_else(PoisonError::into_inner).clone());
        }
        let settings = self.settings.clone();
        let loaded = tokio::task::spawn_blocking(move || settings.load()).await;
        let loaded = loaded.map_err(|_| Failure::Settings(Fault::new("reading the files of the Prometheus settings was cut off.")))?;
        let loaded = loaded.map_err(Failure::Settings)?;
        let mut door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
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

fn window(selector: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> [(&'static str, String); 3] {
    [("match[]", selector.to_owned()), ("start", seconds(start)), ("end", seconds(end))]
}

async fn found(response: Response, asked: Instant) -> Result<Reply, Failure> {
    let (mut envelope, bytes) = opened::<Found>(response).await?;
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
