//! Tries what may be this cluster's Prometheus: the ways to it that are open, then what it says it is, then whether it knows pods from here.
//! Takes nothing on the word of a label or a template, and sends the person's own login to no address that a template named.

use std::sync::Arc;
use std::time::Duration;

use super::super::backend::Backend;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::promql::{Matcher, selector};
use super::super::settings::{Secret, Settings};
use super::templates::{At, Named};
use super::words::{Notes, Way};
use super::{Guess, Known};
use crate::objects::Time;
use crate::ports::route::{Place, Route, Routes};
use crate::text::Clean;

/// How long one question of the search may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What may be this cluster's Prometheus.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub at: At,
    /// Sent along, where the settings do not say otherwise.
    pub headers: Vec<(String, Secret)>,
    /// The template that named it; empty where its labels did.
    pub by: Clean,
    /// What its login stands in, unread.
    pub withheld: Clean,
}

impl From<Guess> for Candidate {
    fn from(guess: Guess) -> Self {
        Self { at: At::Service(guess), headers: Vec::new(), by: Clean::default(), withheld: Clean::default() }
    }
}

impl From<Named> for Candidate {
    fn from(named: Named) -> Self {
        Self { at: named.at, headers: named.headers, by: named.by, withheld: named.withheld }
    }
}

impl Candidate {
    /// What it is called in a sentence.
    fn words(&self) -> String {
        let place = match &self.at {
            At::Service(guess) => guess.place.words(),
            At::Address(url) => url.clone(),
        };
        if self.by.is_empty() { place } else { format!("{place} (named by {})", self.by) }
    }

    /// What it is asked with.
    fn with_headers(&self, settings: Settings) -> Settings {
        let own = settings.headers;
        let more = self.headers.iter().filter(|(name, _)| !own.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))).cloned();
        let headers = more.collect::<Vec<_>>().into_iter().chain(own.iter().cloned()).collect();
        Settings { headers, ..settings }
    }

    fn named(&self, client: Client) -> Client {
        if self.by.is_empty() { client } else { client.named_by(self.by.clone()) }
    }
}

/// What every candidate is tried with.
pub(super) struct Trial<'a> {
    pub ways: &'a Arc<dyn Routes>,
    pub pods: &'a Known,
    pub settings: &'a Settings,
    pub now: Time,
}

/// What became of a try.
enum Outcome {
    Taken(Box<Client>),
    /// It answers and knows no pod from here.
    Stranger,
    /// It answers, and not as Prometheus does.
    NoApi,
    /// It was asked without TLS and wants it.
    WantsTls,
    Failed(Failure),
}

impl Trial<'_> {
    /// A client for one candidate, where it answers and holds this cluster's pods.
    pub async fn of(&self, candidate: &Candidate, notes: &mut Notes) -> Option<Client> {
        let words = candidate.words();
        match &candidate.at {
            At::Service(guess) => self.service(guess, candidate, &words, notes).await,
            At::Address(url) => {
                // Logins of the settings belong to what the settings name. An authority is no secret.
                let (ca, timeout, home) = (self.settings.ca.clone(), self.settings.timeout, self.settings.home.clone());
                let settings = Settings::new(url).map(|new| candidate.with_headers(Settings { ca, timeout, home, ..new }));
                let client = settings.and_then(|settings| Client::new(&settings)).map(|client| candidate.named(client));
                let outcome = match client {
                    Ok(client) => self.asked(client).await,
                    Err(fault) => Outcome::Failed(Failure::Settings(fault)),
                };
                match outcome {
                    Outcome::Taken(client) => return Some(*client),
                    Outcome::Stranger => notes.stranger(&words, &self.pods.namespaces),
                    Outcome::NoApi | Outcome::WantsTls => notes.no_api(&words),
                    Outcome::Failed(failure) => notes.failed(&words, &candidate.withheld, Way::Address, &failure),
                }
                None
            }
        }
    }

    async fn service(&self, guess: &Guess, candidate: &Candidate, words: &str, notes: &mut Notes) -> Option<Client> {
        let routes = self.open(&guess.place, words, notes).await;
        let settings = candidate.with_headers(self.settings.clone());
        for (at, (way, route)) in routes.iter().enumerate() {
            let for_long = routes.iter().skip(at + 1).map(|(_, other)| other).find(|other| other.takes_post()).cloned();
            for prefix in &guess.prefixes {
                let client = candidate.named(Client::over(route.clone(), for_long.clone(), prefix, &settings));
                match self.asked(client).await {
                    Outcome::Taken(client) => return Some(*client),
                    Outcome::Stranger => {
                        notes.stranger(words, &self.pods.namespaces);
                        return None;
                    }
                    Outcome::WantsTls if !guess.place.is_https => {
                        let place = Place { is_https: true, ..guess.place.clone() };
                        let guess = Guess { place, ..guess.clone() };
                        return Box::pin(self.service(&guess, candidate, words, notes)).await;
                    }
                    Outcome::NoApi | Outcome::WantsTls => notes.no_api(words),
                    Outcome::Failed(failure) => {
                        notes.failed(words, &candidate.withheld, *way, &failure);
                        break;
                    }
                }
            }
        }
        None
    }

    /// The ways to a place that this person may take, best first. Where the server does not say, trying tells.
    async fn open(&self, place: &Place, words: &str, notes: &mut Notes) -> Vec<(Way, Arc<dyn Route>)> {
        let asked = (self.ways.lacks_to_proxy(place.clone()), self.ways.lacks_to_forward(place.namespace.clone()));
        let (proxy, forward) = futures::future::join(asked.0, asked.1).await;
        let (proxy, forward) = (proxy.unwrap_or_default(), forward.unwrap_or_default());
        let mut routes = Vec::new();
        if proxy.is_empty() {
            routes.push((Way::Proxy, self.ways.proxy(place.clone())));
        }
        if forward.is_empty() {
            routes.push((Way::Forward, self.ways.forward(place.clone())));
        }
        notes.lacks(words, &place.namespace, proxy, forward);
        routes
    }

    async fn asked(&self, client: Client) -> Outcome {
        let known = match within(client.buildinfo()).await {
            Ok(info) => Ok(client.known_as(Backend::of(&info))),
            // Older servers, and some proxies in front of them, do not serve it; a question tells.
            Err(Failure::Gone(_)) => within(client.instant("vector(1)", self.now)).await.map(|_| client),
            Err(failure) => Err(failure),
        };
        match known {
            Ok(client) => match self.holds(&client).await {
                Ok(true) => Outcome::Taken(Box::new(client)),
                Ok(false) => Outcome::Stranger,
                Err(failure) => Outcome::Failed(failure),
            },
            Err(Failure::NotPrometheus { beginning, .. }) if wants_tls(&beginning) => Outcome::WantsTls,
            Err(Failure::Gone(_) | Failure::NotPrometheus { .. }) => Outcome::NoApi,
            Err(failure) => Outcome::Failed(failure),
        }
    }

    /// Whether a server has scraped any of the pods; where none could be listed there is nothing to hold against it.
    async fn holds(&self, client: &Client) -> Result<bool, Failure> {
        let among = |label, names: &[Clean]| Matcher::among(label, names.iter().map(Clean::as_str));
        let (namespace, pod) = (among("namespace", &self.pods.namespaces), among("pod", &self.pods.pods));
        let (Some(namespace), Some(pod)) = (namespace, pod) else { return Ok(true) };
        let query = format!("count(group by (namespace, pod) ({}))", selector("", &[namespace, pod]));
        let lag = chrono::TimeDelta::from_std(client.backend().lag()).unwrap_or_default();
        let reply = within(client.instant(&query, self.now - lag)).await?;
        Ok(reply.data.samples().iter().any(|sample| sample.point.value > 0.0))
    }
}

/// What Go's and nginx's servers say, in status 400, to who speaks without TLS to a port that wants it.
fn wants_tls(beginning: &Clean) -> bool {
    ["HTTP request to an HTTPS server", "HTTP request was sent to HTTPS port"].iter().any(|words| beginning.as_str().contains(words))
}

async fn within<T>(asked: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer,
        Err(_) => Err(Failure::Timeout(Clean::from(format!("no answer within {} s", PATIENCE.as_secs())))),
    }
}

#[cfg(test)]
mod tests;
