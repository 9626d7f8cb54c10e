//! Looks for this cluster's own Prometheus when none is named, and keeps asking the one it found.
//! Never begins before something is to be measured, never asks what the person may not, and takes no server that knows none of its pods.

mod finder;
mod known;
mod words;

pub use finder::Finder;
pub use known::{Guess, SELECTORS, guess};

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use super::backend::Backend;
use super::client::Client;
use super::failure::Failure;
use super::promql::{Matcher, selector};
use super::settings::Settings;
use crate::objects::Time;
use crate::ports::route::{Listed, Place, Route, Routes};
use crate::text::Clean;
use words::Notes;

/// Where a Prometheus mostly lives, for who may not list Services everywhere.
const USUAL: [&str; 6] = ["monitoring", "prometheus", "observability", "metrics", "kube-prometheus-stack", "openshift-monitoring"];
/// So many Services are tried at most.
const MOST: usize = 6;
/// So many pods of so many namespaces are looked for in what is found: one of them is enough.
const PODS: usize = 5;
const NAMESPACES: usize = 6;
/// How long the whole search may take.
const ENOUGH: Duration = Duration::from_secs(40);
const TOO_LONG: &str = "looking for this cluster's Prometheus took longer than 40 s and was given up for now. Name one with --prometheus URL, or in \
     [prometheus] of config.toml.";
/// How long one question of the search may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pods that are there, to be looked for in what is found.
#[derive(Debug, Default)]
struct Known {
    namespaces: Vec<Clean>,
    pods: Vec<Clean>,
}

/// Finds a Prometheus that knows pods of one of the namespaces `near`, and the best way to it; of the one that is `named`, the way alone. Of `settings` timeout, headers and login are used.
///
/// # Errors
/// [`Failure::Unfound`], with the sentence that says what is missing.
pub async fn find(
    ways: &Arc<dyn Routes>,
    named: Option<&Guess>,
    near: &[Clean],
    settings: &Settings,
    now: Time,
) -> Result<Client, Failure> {
    let searched = tokio::time::timeout(ENOUGH, searched(ways, named, near, settings, now)).await;
    searched.unwrap_or_else(|_| Err(Failure::Unfound(Clean::from(TOO_LONG))))
}

async fn searched(
    ways: &Arc<dyn Routes>,
    named: Option<&Guess>,
    near: &[Clean],
    settings: &Settings,
    now: Time,
) -> Result<Client, Failure> {
    let mut notes = Notes::default();
    let guesses = match named {
        Some(guess) => vec![guess.clone()],
        None => {
            let listed = listed(ways, near, &mut notes).await;
            let mut guesses: Vec<Guess> = listed.iter().filter_map(guess).collect();
            guesses.sort_by(|a, b| (a.rank, a.place.words()).cmp(&(b.rank, b.place.words())));
            guesses.dedup_by(|a, b| a.place == b.place);
            guesses
        }
    };
    // What a person named is taken at their word.
    let near = if named.is_some() { &[] } else { near };
    let pods = pods(ways, near).await;
    for guess in guesses.into_iter().take(MOST) {
        if let Some(client) = tried(ways, &guess, (&pods, now), settings, &mut notes).await {
            return Ok(client);
        }
    }
    Err(Failure::Unfound(notes.sentence()))
}

/// The Services with the usual labels: in the whole cluster, or where that may not be listed, in the namespaces where one mostly lives.
async fn listed(ways: &Arc<dyn Routes>, near: &[Clean], notes: &mut Notes) -> Vec<Listed> {
    let everywhere = join_all(SELECTORS.map(|labels| ways.services(None, labels))).await;
    if everywhere.iter().any(Result::is_ok) {
        return everywhere.into_iter().flatten().flatten().collect();
    }
    if let Some(Err(why)) = everywhere.into_iter().next() {
        notes.denied(why);
    }
    let mut namespaces: Vec<Clean> = USUAL.map(Clean::from).to_vec();
    namespaces.extend(near.iter().cloned().chain([ways.home().await]).filter(|name| !name.is_empty()));
    namespaces.sort();
    namespaces.dedup();
    notes.looked_in(&namespaces);
    let each = join_all(namespaces.into_iter().map(|namespace| ways.services(Some(namespace), ""))).await;
    each.into_iter().flatten().flatten().collect()
}

/// Some pods of these namespaces, with the namespaces that have any to show.
async fn pods(ways: &Arc<dyn Routes>, near: &[Clean]) -> Known {
    let near = near.iter().take(NAMESPACES);
    let each = join_all(near.map(|namespace| async move { (namespace.clone(), ways.pods(namespace.clone(), PODS).await) })).await;
    let mut known = Known::default();
    for (namespace, names) in each {
        if let Ok(names) = names
            && !names.is_empty()
        {
            known.namespaces.push(namespace);
            known.pods.extend(names);
        }
    }
    known
}

/// The ways to a place that this person may take, best first.
async fn allowed(ways: &Arc<dyn Routes>, place: &Place, notes: &mut Notes) -> Vec<Arc<dyn Route>> {
    let (proxy, forward) = futures::future::join(ways.may_proxy(place.clone()), ways.may_forward(place.namespace.clone())).await;
    let mut routes = Vec::new();
    if proxy == Ok(true) {
        routes.push(ways.proxy(place.clone()));
    }
    if forward == Ok(true) {
        routes.extend(ways.forward(place.clone()));
    }
    if routes.is_empty() {
        notes.needs_right(place);
    }
    routes
}

/// A client for one guess, where it answers and holds this cluster's pods.
async fn tried(
    ways: &Arc<dyn Routes>,
    guess: &Guess,
    (pods, now): (&Known, Time),
    settings: &Settings,
    notes: &mut Notes,
) -> Option<Client> {
    let routes = allowed(ways, &guess.place, notes).await;
    for (at, route) in routes.iter().enumerate() {
        let for_long = routes.iter().skip(at + 1).find(|other| other.takes_post()).cloned();
        for prefix in &guess.prefixes {
            let client = Client::over(route.clone(), for_long.clone(), prefix, settings);
            let known = match within(client.buildinfo()).await {
                Ok(info) => Ok(client.known_as(Backend::of(&info))),
                // Older servers, and some proxies in front of them, do not serve it; a question tells.
                Err(Failure::Gone(_)) => within(client.instant("vector(1)", now)).await.map(|_| client),
                Err(failure) => Err(failure),
            };
            match known {
                Ok(client) => match holds(&client, pods, now).await {
                    Ok(true) => return Some(client),
                    Ok(false) => {
                        notes.stranger(&guess.place, &pods.namespaces);
                        return None;
                    }
                    Err(failure) => {
                        notes.failed(&guess.place, &failure);
                        break;
                    }
                },
                Err(Failure::Gone(_) | Failure::NotPrometheus { .. }) => notes.no_api(&guess.place),
                Err(failure) => {
                    notes.failed(&guess.place, &failure);
                    break;
                }
            }
        }
    }
    None
}

/// Whether a server has scraped any of these pods; where none could be listed there is nothing to hold against it.
async fn holds(client: &Client, known: &Known, now: Time) -> Result<bool, Failure> {
    let among = |label, names: &[Clean]| Matcher::among(label, names.iter().map(Clean::as_str));
    let (Some(namespace), Some(pod)) = (among("namespace", &known.namespaces), among("pod", &known.pods)) else { return Ok(true) };
    let query = format!("count(group by (namespace, pod) ({}))", selector("", &[namespace, pod]));
    let lag = chrono::TimeDelta::from_std(client.backend().lag()).unwrap_or_default();
    let reply = within(client.instant(&query, now - lag)).await?;
    Ok(reply.data.samples().iter().any(|sample| sample.point.value > 0.0))
}

async fn within<T>(asked: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer,
        Err(_) => Err(Failure::Timeout(Clean::from(format!("no answer within {} s", PATIENCE.as_secs())))),
    }
}
