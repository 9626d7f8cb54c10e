//! The link: reads the kubeconfig, logs in, and asks the server for its version again and again to know that it is there.
//! Never gives up, never blocks the sources, and never takes a quiet socket for a live one.
//!
//! Sources look at the [`Gate`]: while it is up they work with its session; when it goes down their requests are cut, and taken up again from
//! where they were once it is up. Bytes that arrive anywhere count as a sign of life, so that a long download over a thin line is not
//! mistaken for a hang because the heartbeat waits behind it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::access;
use super::backoff::Backoff;
use super::kubeconfig::{self, Chosen, Surroundings};
use super::login::{self, Failed, Login};
use super::session::{self, Session, Version};
use super::shared::{Gate, Shared};
use super::trouble::Trouble;
use super::voice::Voice;
use super::words;
use crate::ports::{ClusterEvent, Identity, LinkState};
use crate::text::Clean;

/// The task that holds the link.
pub(super) struct Link {
    shared: Arc<Shared>,
    voice: Voice,
    gate: watch::Sender<Gate>,
    refreshed: watch::Receiver<u64>,
    backoff: Backoff,
    login: Option<Login>,
    identity: Option<Identity>,
    said: Option<LinkState>,
    line: u64,
    epoch: u64,
}

/// Why there is no session.
enum NoSession {
    Unusable(String),
    Lost(String),
    NotLoggedIn(String),
}

/// Why a session ended.
enum Ended {
    /// The login has to be fetched again; watches may go on meanwhile.
    Refused,
    Refresh,
    Lost(String),
}

impl Link {
    pub fn new(shared: Arc<Shared>, voice: Voice, refreshed: watch::Receiver<u64>) -> (Self, watch::Receiver<Gate>) {
        let (gate, reader) = watch::channel(Gate::Down);
        let backoff = Backoff::new(shared.pace().backoff_min, shared.pace().link_max);
        let link = Self { shared, voice, gate, refreshed, backoff, login: None, identity: None, said: None, line: 1, epoch: 0 };
        (link, reader)
    }

    pub async fn run(mut self) {
        loop {
            match self.attempt().await {
                Ok((session, version, chosen)) => {
                    self.backoff.reset();
                    match self.hold(session, version, &chosen).await {
                        Ended::Refused => {
                            self.login = None;
                            let why = "the server no longer accepts the login (401 Unauthorized): logging in again";
                            self.say(LinkState::Connecting(Clean::from(why))).await;
                        }
                        // The sources begin again by themselves; the old session serves them until the new one is there.
                        Ended::Refresh => {}
                        Ended::Lost(reason) => self.lost(reason, Duration::ZERO).await,
                    }
                }
                Err(NoSession::Lost(reason)) => self.lost(reason, Duration::ZERO).await,
                // A helper may open a browser each time it runs.
                Err(NoSession::NotLoggedIn(reason)) => self.lost(reason, self.shared.pace().login_limit / 2).await,
                Err(NoSession::Unusable(words)) => {
                    self.down();
                    self.say(LinkState::Unusable(Clean::from(words))).await;
                    let wait = self.shared.pace().link_max;
                    self.pause(wait).await;
                }
            }
        }
    }

    async fn lost(&mut self, reason: String, at_least: Duration) {
        self.down();
        let retry_after = self.backoff.next().max(at_least);
        self.said = None;
        self.say(LinkState::Lost { reason: Clean::from(reason), retry_after }).await;
        self.pause(retry_after).await;
    }

    /// Cuts all requests.
    fn down(&mut self) {
        self.line += 1;
        self.gate.send_replace(Gate::Down);
    }

    async fn pause(&mut self, wait: Duration) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = self.refreshed.changed() => {}
        }
    }

    async fn say(&mut self, state: LinkState) {
        if self.said.as_ref() != Some(&state) {
            self.said = Some(state.clone());
            self.voice.say(ClusterEvent::Link(state)).await;
        }
    }

    async fn identify(&mut self, identity: Identity) {
        if self.identity.as_ref() != Some(&identity) {
            self.identity = Some(identity.clone());
            self.voice.say(ClusterEvent::Identity(identity)).await;
        }
    }

    /// From the kubeconfig to the first answer.
    async fn attempt(&mut self) -> Result<(Session, Version, Chosen), NoSession> {
        let target = self.shared.target.clone();
        let here = self.shared.effort.here();
        let read = tokio::task::spawn_blocking(move || Surroundings::real(|around| kubeconfig::choose(&target, around))).await;
        let chosen = match read {
            Ok(chosen) => chosen.map_err(NoSession::Unusable)?,
            Err(error) => return Err(NoSession::Lost(format!("reading the kubeconfig failed: {error}"))),
        };
        drop(here);
        self.greet(&chosen).await;
        let fresh = self.log_in(&chosen).await?;
        if self.said.is_none() {
            self.say(LinkState::Connecting(Clean::from(format!("connecting to {}", chosen.identity.server)))).await;
        }
        let answer = match self.first_answer(&chosen).await {
            // The login was kept from before: it may just be old.
            Err(Trouble::Unauthorized(_)) if !fresh => {
                self.login = None;
                self.log_in(&chosen).await?;
                self.first_answer(&chosen).await
            }
            other => other,
        };
        match answer {
            Ok((session, version)) => Ok((session, version, chosen)),
            Err(trouble) => Err(no_session(&trouble, &chosen)),
        }
    }

    /// Says who and where, keeping what the server itself told as long as it is the same one.
    async fn greet(&mut self, chosen: &Chosen) {
        let mut identity = chosen.identity.clone();
        if let Some(before) = self.identity.as_ref().filter(|b| b.context == identity.context && b.server == identity.server) {
            identity.version = before.version.clone();
            identity.user = before.user.clone();
        }
        self.identify(identity).await;
    }

    /// Sees to it that there is a login that is still good. Whether it is a fresh one.
    async fn log_in(&mut self, chosen: &Chosen) -> Result<bool, NoSession> {
        let now = Utc::now();
        if self.login.as_ref().is_some_and(|login| login.renew_at.is_none_or(|at| now < at)) {
            return Ok(false);
        }
        if let Some(helper) = login::helper(&chosen.auth) {
            self.say(LinkState::Connecting(Clean::from(format!("waiting for the login helper {helper}")))).await;
        }
        let _here = self.shared.effort.here();
        let login = login::login(&chosen.auth, self.shared.pace().login_limit, now).await.map_err(|failed| match failed {
            Failed::ForNow(words) => NoSession::Unusable(words),
            Failed::ThisTime(words) => NoSession::NotLoggedIn(words),
        })?;
        self.login = Some(login);
        Ok(true)
    }

    /// A session under the present login.
    async fn open(&mut self, chosen: &Chosen) -> Result<Session, Trouble> {
        let Some(login) = self.login.clone() else { return Err(Trouble::Broken("there is no login".to_owned())) };
        // The heartbeat's own limit comes first: it covers connecting and answering alike.
        let connect = self.shared.pace().heartbeat_limit + Duration::from_secs(1);
        let chosen = chosen.clone();
        // Reads certificates from disk, the system's too where the kubeconfig names none.
        let _here = self.shared.effort.here();
        let opened = tokio::task::spawn_blocking(move || Session::open(&chosen, &login, connect)).await;
        let opened = opened.unwrap_or_else(|error| Err(format!("preparing the connection failed: {error}")));
        self.epoch += 1;
        let mut session = opened.map_err(Trouble::Invalid)?;
        session.epoch = self.epoch;
        session.line = self.line;
        Ok(session)
    }

    async fn first_answer(&mut self, chosen: &Chosen) -> Result<(Session, Version), Trouble> {
        let mut session = self.open(chosen).await?;
        let version = self.beat(&session).await?;
        session.minor = version.minor();
        Ok((session, version))
    }

    /// One heartbeat. An answer of any kind that is not about the login or the server's own failure is a sign of life.
    async fn beat(&self, session: &Session) -> Result<Version, Trouble> {
        let limit = self.shared.pace().heartbeat_limit;
        let _there = self.shared.effort.there();
        let beat = async {
            let answer = session.get("/version", false, limit).await?;
            let heard = session::date(&answer);
            Ok((heard, session.read::<Version>(answer, limit).await?))
        };
        let beaten = tokio::time::timeout(limit, beat).await;
        let beaten =
            beaten.unwrap_or_else(|_| Err(Trouble::Broken(format!("{} did not answer within {}", session.server, words::seconds(limit)))));
        match beaten {
            Ok((heard, version)) => {
                self.shared.heard();
                if let Some(server_time) = heard {
                    self.voice.say(ClusterEvent::Heard { server_time }).await;
                }
                Ok(version)
            }
            Err(trouble @ (Trouble::Broken(_) | Trouble::Server(_) | Trouble::Unauthorized(_))) => Err(trouble),
            Err(_) => {
                self.shared.heard();
                Ok(Version::default())
            }
        }
    }

    /// Keeps the link until something ends it.
    async fn hold(&mut self, mut session: Session, version: Version, chosen: &Chosen) -> Ended {
        self.gate.send_replace(Gate::Up(session.clone()));
        if !version.git_version.is_empty()
            && let Some(identity) = self.identity.clone()
        {
            self.identify(Identity { version: Clean::from(version.git_version), ..identity }).await;
        }
        self.say(LinkState::Live).await;
        let pace = self.shared.pace().clone();
        let mut asked = Some(access::ask_who(&session, &self.shared.effort, pace.heartbeat_limit));
        let mut renewing: Option<JoinHandle<Option<Login>>> = None;
        let mut strikes = 0;
        loop {
            let renew_in = self.login.as_ref().and_then(|login| login.renew_at).filter(|_| renewing.is_none());
            let renew_in = renew_in.map(|at| (at - Utc::now()).to_std().unwrap_or_default());
            tokio::select! {
                () = tokio::time::sleep(pace.heartbeat) => {}
                () = self.shared.poke.notified() => {}
                _ = self.refreshed.changed() => return Ended::Refresh,
                () = tokio::time::sleep(renew_in.unwrap_or_default()), if renew_in.is_some() => {
                    let (auth, limit) = (chosen.auth.clone(), pace.login_limit);
                    renewing = Some(tokio::spawn(async move { login::login(&auth, limit, Utc::now()).await.ok() }));
                    continue;
                }
                login = done(&mut renewing), if renewing.is_some() => {
                    renewing = None;
                    if self.renewed(login, chosen) && let Ok(mut next) = self.open(chosen).await {
                        next.minor = session.minor;
                        session = next;
                        self.gate.send_replace(Gate::Up(session.clone()));
                    }
                    continue;
                }
                user = done(&mut asked), if asked.is_some() => {
                    asked = None;
                    if let (Some((user, groups)), Some(identity)) = (user, self.identity.clone()) {
                        self.identify(Identity { user, groups, ..identity }).await;
                    }
                    continue;
                }
            }
            if self.shared.refused(session.epoch) {
                return Ended::Refused;
            }
            match self.beat(&session).await {
                Ok(_) => {
                    strikes = 0;
                    self.say(LinkState::Live).await;
                }
                Err(Trouble::Unauthorized(_)) => return Ended::Refused,
                Err(Trouble::Server(words)) => {
                    strikes += 1;
                    if strikes >= 2 {
                        return Ended::Lost(words);
                    }
                }
                Err(_) if self.shared.silent_for() < pace.heartbeat_limit => {}
                Err(trouble) => return Ended::Lost(trouble.words()),
            }
        }
    }

    /// Takes in a login that was fetched ahead of its time, while the old one still works. Whether it differs from the old one. When it could
    /// not be fetched the old one is kept: the server's refusal, if it comes, has the words.
    fn renewed(&mut self, fetched: Option<Login>, chosen: &Chosen) -> bool {
        let Some(old) = &mut self.login else { return false };
        let Some(new) = fetched else {
            tracing::warn!(context = %chosen.identity.context, "the login could not be renewed ahead of its time");
            old.renew_at = Some(Utc::now() + TimeDelta::seconds(30));
            return false;
        };
        let differs = new.differs(old);
        self.login = Some(new);
        differs
    }
}

fn no_session(trouble: &Trouble, chosen: &Chosen) -> NoSession {
    match trouble {
        Trouble::Unauthorized(_) => {
            let user = &chosen.identity.user;
            let user = if user.is_empty() { "anybody unnamed".to_owned() } else { user.to_string() };
            NoSession::Lost(format!("{} does not accept the login of {user} (401 Unauthorized): log in again", chosen.identity.server))
        }
        Trouble::Invalid(words) => NoSession::Unusable(words.clone()),
        other => NoSession::Lost(other.words()),
    }
}

/// What a task found, once it is done.
async fn done<T>(task: &mut Option<JoinHandle<Option<T>>>) -> Option<T> {
    match task {
        Some(task) => task.await.ok().flatten(),
        None => None,
    }
}
