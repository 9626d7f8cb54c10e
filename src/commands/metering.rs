//! Which Prometheus a session asks: the one on the command line, else the one that the configuration names for the context, else the cluster's own.
//! Never sends credentials of one address to another.

use std::sync::Arc;

use tokio::sync::mpsc::{self, Receiver};

use crate::cli::Global;
use crate::cluster;
use crate::config::{Config, Prometheus};
use crate::metrics::check::Queries;
use crate::metrics::client::Client;
use crate::metrics::discovery::{Finder, Guess};
use crate::metrics::poller::{Busy, Poller};
use crate::metrics::settings::{Basic, Fault, Secret, Settings};
use crate::ports::Clock;
use crate::ports::checks::AskMetrics;
use crate::ports::metrics::{MetricsEvent, MetricsLink};
use crate::ports::route::Routes;
use crate::text::Clean;

/// Where metrics come from, once that is decided.
#[derive(Debug, Clone, Default)]
pub enum Metering {
    /// Nowhere.
    #[default]
    None,
    /// From here.
    From(Box<Settings>),
    /// From what is found in the cluster, or from this Service in it.
    Inside(Box<Settings>, Option<Guess>),
    /// From here, under this name: its address is one that the program chose by itself.
    Own(Box<Settings>, Clean),
    /// From something that can't be used, and why.
    Unusable(Fault),
}

/// The asking side, what it says, and what it is busy with.
pub struct Begun {
    /// Says what is wanted; `None` where nothing can be asked.
    pub poller: Option<Poller>,
    /// Answers the queries of checks, by the same way.
    pub queries: Option<Arc<dyn AskMetrics>>,
    /// What comes.
    pub events: Receiver<MetricsEvent>,
    /// What is under way.
    pub busy: Busy,
}

impl Metering {
    /// What the flags and the configuration say for the context in use.
    pub fn of(global: &Global, config: &Config) -> Self {
        let named = || {
            let context = context(global)?;
            let fits = |one: &&Prometheus| wildmatch::WildMatch::new(&one.contexts).matches(&context);
            config.prometheus.iter().find(fits)
        };
        let named = match &global.prometheus {
            Some(url) => config.prometheus.iter().find(|one| one.url.trim_end_matches('/') == url.trim_end_matches('/')),
            None => named(),
        };
        let url = global.prometheus.as_deref().or(named.map(|one| one.url.as_str())).unwrap_or("discover");
        let made = match url {
            "none" => return Self::None,
            "discover" => inside(named).map(|settings| Self::Inside(Box::new(settings), None)),
            url if url.starts_with("service") => {
                Guess::written(url).and_then(|guess| Ok(Self::Inside(Box::new(inside(named)?), Some(guess))))
            }
            url => match named {
                Some(one) => of_config(one),
                None => Settings::new(url),
            }
            .map(|settings| Self::From(Box::new(settings))),
        };
        made.unwrap_or_else(Self::Unusable)
    }

    /// The embedded cluster's own server, which wants this token.
    pub fn with_token(url: &str, token: Option<&str>) -> Self {
        match Settings::new(url) {
            Ok(settings) => {
                let settings = Settings { bearer_token: token.map(Secret::new), ..settings };
                Self::Own(Box::new(settings), Clean::from("the embedded Prometheus"))
            }
            Err(fault) => Self::Unusable(fault),
        }
    }

    /// Begins to ask, where there is somebody to ask; `ways` lead to what is inside the cluster. Must be called inside a Tokio runtime.
    pub fn begin(self, clock: Arc<dyn Clock>, ways: impl FnOnce() -> Arc<dyn Routes>) -> Option<Begun> {
        let (address, client) = match self {
            Self::None => return None,
            Self::Inside(settings, named) => {
                let finder = finder(ways(), *settings, named);
                let queries: Arc<dyn AskMetrics> = Arc::new(Queries::new(finder.clone(), clock.clone()));
                let (poller, events) = Poller::start(finder, clock);
                let busy = poller.busy();
                return Some(Begun { poller: Some(poller), queries: Some(queries), events, busy });
            }
            Self::From(settings) => (Clean::from(settings.address.to_string()), Client::new(&settings)),
            Self::Own(settings, name) => (name.clone(), Client::new(&settings).map(|client| client.shown_as(name))),
            Self::Unusable(fault) => (Clean::default(), Err(fault)),
        };
        Some(match client {
            Ok(client) => {
                let queries: Arc<dyn AskMetrics> = Arc::new(Queries::new(client.clone(), clock.clone()));
                let (poller, events) = Poller::start(client, clock);
                let busy = poller.busy();
                Begun { poller: Some(poller), queries: Some(queries), events, busy }
            }
            Err(fault) => {
                let (tx, events) = mpsc::channel(1);
                let day = std::time::Duration::from_secs(86_400);
                let link = MetricsLink::Failing { address, word: Clean::from("settings"), sentence: fault.0, retry_after: day };
                // The channel has room for one.
                let _ = tx.try_send(MetricsEvent::Link(link));
                Begun { poller: None, queries: None, events, busy: Busy::default() }
            }
        })
    }
}

/// What looks for a Prometheus in the cluster, or for the way to this one.
pub fn finder(ways: Arc<dyn Routes>, settings: Settings, named: Option<Guess>) -> Finder {
    let finder = Finder::new(ways, settings);
    match named {
        Some(guess) => finder.of(guess),
        None => finder,
    }
}

/// Settings for what is reached through the cluster, with what the configuration says beside the address.
fn inside(named: Option<&Prometheus>) -> Result<Settings, Fault> {
    named.map_or_else(Settings::routed, |one| with_config(one, Settings::routed()?))
}

fn of_config(one: &Prometheus) -> Result<Settings, Fault> {
    with_config(one, Settings::new(&one.url)?)
}

fn with_config(one: &Prometheus, settings: Settings) -> Result<Settings, Fault> {
    let basic = one.user.as_ref().map(|user| Basic { user: user.clone(), password: None, password_file: one.password_file.clone() });
    Ok(Settings {
        bearer_token_file: one.bearer_token_file.clone(),
        basic: basic.or_else(|| settings.basic.clone()),
        client_cert: one.client_cert.clone(),
        client_key: one.client_key.clone(),
        ca: one.ca.clone(),
        headers: one.headers.iter().map(|(name, value)| (name.clone(), Secret::new(value.as_str()))).collect(),
        timeout: one.timeout.unwrap_or(settings.timeout),
        ..settings
    })
}

/// The context in use, as far as a kubeconfig says.
fn context(global: &Global) -> Option<String> {
    global.context.clone().or_else(|| cluster::contexts(global.kubeconfig.as_deref()).ok()?.current.map(|name| name.to_string()))
}
