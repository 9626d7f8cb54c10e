//! Looks for this cluster's own Prometheus when none is named, and keeps asking the one it found.
//! Never begins before something is to be measured, never asks what the person may not, and takes no server that knows none of its pods.

mod finder;
mod known;
mod templates;
mod trial;
mod words;

pub use finder::Finder;
pub use known::{Guess, SELECTORS, guess};

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use super::client::Client;
use super::failure::Failure;
use super::settings::Settings;
use crate::objects::Time;
use crate::ports::route::{Listed, Routes};
use crate::text::Clean;
use templates::At;
use trial::{Candidate, Trial};
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
    let candidates = match named {
        Some(guess) => vec![Candidate::from(guess.clone())],
        None => candidates(ways, near, &mut notes).await,
    };
    // What a person named is taken at their word.
    let pods = pods(ways, if named.is_some() { &[] } else { near }).await;
    let trial = Trial { ways, pods: &pods, settings, now };
    for candidate in candidates.into_iter().take(MOST) {
        if let Some(client) = trial.of(&candidate, &mut notes).await {
            return Ok(client);
        }
    }
    Err(Failure::Unfound(notes.sentence()))
}

/// What may be asked, most promising first: what a team trusts its analyses to, then what carries the usual labels.
async fn candidates(ways: &Arc<dyn Routes>, near: &[Clean], notes: &mut Notes) -> Vec<Candidate> {
    let (templates, listed) = futures::future::join(ways.templates(near.to_vec()), listed(ways, near, notes)).await;
    let mut guesses: Vec<Guess> = listed.iter().filter_map(guess).collect();
    guesses.sort_by_key(|guess| (guess.rank, guess.place.words()));
    guesses.dedup_by(|a, b| a.place == b.place);
    let mut all: Vec<Candidate> = templates::named(&templates, near).into_iter().map(Candidate::from).collect();
    for guess in guesses {
        let known = all.iter_mut().find_map(|one| match &mut one.at {
            At::Service(known) if known.place == guess.place => Some((known, &mut one.by)),
            _ => None,
        });
        match known {
            // Found both ways: the template's path first, and no need to say who named it.
            Some((known, by)) => {
                known.prefixes.extend(guess.prefixes.into_iter().filter(|prefix| !known.prefixes.contains(prefix)).collect::<Vec<_>>());
                *by = Clean::default();
            }
            None => all.push(Candidate::from(guess)),
        }
    }
    all
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
