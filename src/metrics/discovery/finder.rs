//! Answers questions with a Prometheus that it first looks for: whoever asks waits for the search, once.
//! Never searches while nothing is asked, and not again within two minutes of a search in vain.

use std::sync::{Arc, Mutex as Quick, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::poller::Answers;
use super::super::questions::{About, Question};
use super::super::reply::Reply;
use super::super::settings::Settings;
use super::{Guess, find};
use crate::objects::Time;
use crate::ports::route::{Lost, Routes};
use crate::text::Clean;

/// A search in vain holds for so long: a burst of questions is one search, and a cluster without a Prometheus is not combed every minute.
const HOLDS: Duration = Duration::from_secs(120);

/// Finds this cluster's Prometheus and asks it. Clones share what was found.
#[derive(Clone)]
pub struct Finder {
    ways: Arc<dyn Routes>,
    named: Option<Arc<Guess>>,
    settings: Arc<Settings>,
    state: Arc<Mutex<State>>,
    /// Where questions go now, and by which way in short; readable without waiting for a search.
    address: Arc<Quick<(Clean, Clean)>>,
}

#[derive(Default)]
enum State {
    #[default]
    New,
    Found(Client),
    InVain(Failure, Instant),
}

impl Finder {
    /// Gets ready; looks for nothing yet. Of `settings` timeout, headers and login are used.
    pub fn new(ways: Arc<dyn Routes>, settings: Settings) -> Self {
        let address = Arc::new(Quick::new((Clean::from("this cluster's Prometheus"), Clean::default())));
        Self { ways, named: None, settings: Arc::new(settings), state: Arc::default(), address }
    }

    /// Asks this one and looks for no other; only the way to it is chosen.
    #[must_use]
    pub fn of(mut self, named: Guess) -> Self {
        self.address = Arc::new(Quick::new((Clean::from(named.place.words()), Clean::default())));
        self.named = Some(Arc::new(named));
        self
    }

    /// The client of what was found, after a search for one that knows pods of a namespace of `near`, where there was none yet.
    ///
    /// # Errors
    /// [`Failure::Unfound`].
    pub async fn client(&self, near: &[Clean], now: Time) -> Result<Client, Failure> {
        let mut state = self.state.lock().await;
        match &*state {
            State::Found(client) => return Ok(client.clone()),
            State::InVain(failure, at) if at.elapsed() < HOLDS => return Err(failure.clone()),
            _ => {}
        }
        let found = find(&self.ways, self.named.as_deref(), near, &self.settings, now).await;
        if let Ok(client) = &found {
            *self.address.lock().unwrap_or_else(PoisonError::into_inner) = (client.address(), client.way());
        }
        *state = match &found {
            Ok(client) => State::Found(client.clone()),
            Err(failure) => State::InVain(failure.clone(), Instant::now()),
        };
        found
    }

    /// What was found is not there any more: the next question looks again.
    async fn forget(&self) {
        *self.state.lock().await = State::New;
    }
}

impl Answers for Finder {
    fn address(&self) -> Clean {
        self.address.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    fn way(&self) -> Clean {
        self.address.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    fn answer(&self, question: Arc<Question>, now: Time) -> BoxFuture<'static, (Time, Result<Reply, Failure>)> {
        let finder = self.clone();
        Box::pin(async move {
            let client = match finder.client(&near(&question.about), now).await {
                Ok(client) => client,
                Err(failure) => return (now, Err(failure)),
            };
            let (at, answer) = client.answer(question, now).await;
            if let Err(Failure::Route { lost: Lost::Away(_) | Lost::Denied(_), .. }) = &answer {
                finder.forget().await;
            }
            (at, answer)
        })
    }
}

/// The namespaces a question is about.
fn near(about: &About) -> Vec<Clean> {
    let mut namespaces = match about {
        About::Namespaces(names) => names.clone(),
        other => other.releases().into_iter().map(|release| release.namespace).collect(),
    };
    namespaces.sort();
    namespaces.dedup();
    namespaces
}
