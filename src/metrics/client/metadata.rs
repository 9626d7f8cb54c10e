//! What a server knows beside figures: which series and labels there are, and what it is itself.
//! Never asks for a figure, and never takes an endpoint that is not served for a server that does not answer.

use std::sync::atomic::Ordering;
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::backend::Backend;
use super::super::failure::Failure;
use super::super::reply::{Labels, Reply};
use super::{Client, Way, opened, seconds, verdict};
use crate::text::Clean;

/// What a server says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildInfo {
    /// The version it speaks as; VictoriaMetrics and Mimir name the Prometheus they imitate.
    pub version: Clean,
    /// The name of what it really is, where it says so (Mimir does).
    pub application: Clean,
    /// The commit it was built from; VictoriaMetrics and Mimir leave it out.
    pub revision: Clean,
    /// What it was built with.
    pub go: Clean,
}

impl Client {
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
            #[serde(default)]
            revision: String,
            #[serde(default, rename = "goVersion")]
            go: String,
        }
        let raw: Raw = self.metadata("api/v1/status/buildinfo", &[]).await?;
        Ok(BuildInfo {
            version: Clean::from(raw.version),
            application: Clean::from(raw.application),
            revision: Clean::from(raw.revision),
            go: Clean::from(raw.go),
        })
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
            let door = match &self.way {
                Way::Url(door) => self.door(door).await?,
                Way::Route(routed) => {
                    let (head, body) = routed.ask(&self.settings, path, params).await?;
                    let envelope = verdict::judged::<T>(&head, &body)?;
                    return envelope.data.ok_or_else(|| Failure::Broken(Clean::from("it says success and brings no data")));
                }
            };
            let request = door.prometheus.inner().get(self.settings.address.join(path)).query(params).headers(door.headers.clone());
            let response = request.send().await.map_err(|error| verdict::broken_link(&error))?;
            let (envelope, _) = opened::<T>(response).await?;
            envelope.data.ok_or_else(|| Failure::Broken(Clean::from("it says success and brings no data")))
        })
        .await
    }

    /// Asks the server beside everything else what it is, where nobody knows yet and nobody is asking. Must be called inside a Tokio runtime.
    pub(in crate::metrics) fn learn(&self) {
        if self.backend.get().is_some() || self.is_asking.swap(true, Ordering::AcqRel) {
            return;
        }
        let client = self.clone();
        tokio::spawn(async move {
            let told = match client.buildinfo().await {
                Ok(info) => Some(Backend::of(&info)),
                Err(Failure::Gone(_)) => Some(Backend::default()),
                Err(_) => None,
            };
            if let Some(backend) = told {
                let _ = client.backend.set(backend);
            }
            client.is_asking.store(false, Ordering::Release);
        });
    }
}

fn window(selector: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> [(&'static str, String); 3] {
    [("match[]", selector.to_owned()), ("start", seconds(start)), ("end", seconds(end))]
}
