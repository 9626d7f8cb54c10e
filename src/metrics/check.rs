//! Answers the query of a check with the server that the session asks, by the same way and with the same login.
//! Never rounds, never drops a series, and hands on whatever speaks against the answer.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::client::Client;
use super::discovery::Finder;
use super::failure::Failure;
use super::reply::{Data, Labels, Reply};
use crate::objects::Time;
use crate::ports::Clock;
use crate::ports::checks::AskMetrics;
use crate::ports::write::Later;
use crate::release::acting::check::Values;
use crate::text::Clean;

/// More series than anybody reads: a check with so many answers asks for something else than was meant.
const MOST: usize = 10_000;

/// Whoever has a client to ask with.
pub trait Ways: Clone + Send + Sync + 'static {
    /// The client; looked for near `namespace` where there is none yet.
    fn client(&self, namespace: Clean, now: Time) -> BoxFuture<'static, Result<Client, Failure>>;
}

impl Ways for Client {
    fn client(&self, _: Clean, _: Time) -> BoxFuture<'static, Result<Client, Failure>> {
        let client = self.clone();
        Box::pin(async move { Ok(client) })
    }
}

impl Ways for Finder {
    fn client(&self, namespace: Clean, now: Time) -> BoxFuture<'static, Result<Client, Failure>> {
        let finder = self.clone();
        Box::pin(async move { Finder::client(&finder, &[namespace], now).await })
    }
}

/// The queries of checks.
pub struct Queries<W> {
    ways: W,
    clock: Arc<dyn Clock>,
}

impl<W: Ways> Queries<W> {
    /// By these ways; `clock` tells the server's time.
    pub fn new(ways: W, clock: Arc<dyn Clock>) -> Self {
        Self { ways, clock }
    }
}

impl<W: Ways> AskMetrics for Queries<W> {
    fn values(&self, promql: String, namespace: Clean) -> Later<Result<Values, Clean>> {
        let (ways, clock) = (self.ways.clone(), self.clock.clone());
        Box::pin(async move {
            let client = ways.client(namespace, clock.now()).await.map_err(|failure| clause(&failure))?.whole();
            // What a server keeps back it would answer with older figures stamped as of now.
            let lag = chrono::TimeDelta::from_std(client.backend().lag()).unwrap_or_default();
            let reply = client.instant(&promql, clock.now() - lag).await.map_err(|failure| clause(&failure))?;
            values(&reply)
        })
    }
}

fn values(reply: &Reply) -> Result<Values, Clean> {
    let doubt = reply.doubt();
    let series = match &reply.data {
        Data::Vector(samples) if samples.len() > MOST => return Err(Clean::from(format!("its query finds more than {MOST} series"))),
        Data::Vector(samples) => samples.iter().map(|sample| (named(&sample.labels), sample.point.value)).collect(),
        Data::Scalar(point) => vec![(Clean::default(), point.value)],
        _ => return Err("its query brings neither a number nor series of one".into()),
    };
    Ok(Values { series, doubt })
}

/// `up{job="web"}`, as PromQL writes it, for the eye.
fn named(labels: &Labels) -> Clean {
    let pairs: Vec<String> =
        labels.iter().filter(|(name, _)| name.as_str() != "__name__").map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    let name = labels.get("__name__");
    Clean::from(if pairs.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", pairs.join(", ")) })
}

/// What went wrong, without what is done about it where questions are asked again and again: a check is asked once.
fn clause(failure: &Failure) -> Clean {
    let words = failure.to_string();
    Clean::from(words.split(". ").next().unwrap_or_default().trim_end_matches('.'))
}
