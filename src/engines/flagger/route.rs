//! What a router was told to send to the new version: the weights of the HTTPRoute that Flagger writes, which are the truth of it.
//! Never takes the status for it where the status is known to lie.

use super::stage::{Stage, has_weights, is_ab, is_plain};
use crate::objects::{Canary, HttpRouteRule, World};
use crate::text::Clean;

/// What a router was told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// So much of all requests that no rule picks out, 0..=1, and where that stands.
    Share {
        /// The share.
        value: f64,
        /// Where it was read.
        source: Clean,
    },
    /// Not to be known from what is read, and why.
    Unknown(Clean),
}

/// What was read of the routing.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// The share.
    pub told: Told,
    /// Requests that reach it for what they carry, in words.
    pub beside: Vec<Clean>,
    /// Whether the router itself was read.
    pub is_read: bool,
}

impl Routed {
    /// The share, where it is known.
    pub fn share(&self) -> Option<f64> {
        if let Told::Share { value, .. } = &self.told { Some(*value) } else { None }
    }

    /// Of a Canary.
    pub fn of(world: &World, canary: &Canary, stage: Stage) -> Self {
        if is_plain(canary) {
            let source = "the provider kubernetes routes nothing: all requests go to the primary".into();
            return Self { told: Told::Share { value: 0.0, source }, beside: Vec::new(), is_read: true };
        }
        read(world, canary).unwrap_or_else(|| Self { told: status(canary, stage), beside: Vec::new(), is_read: false })
    }
}

/// The HTTPRoute that bears the name of the Service in front.
fn read(world: &World, canary: &Canary) -> Option<Routed> {
    if !canary.is_routed_by_gateway() {
        return None;
    }
    let name = canary.service();
    let route = world.http_route(&canary.metadata.namespace, name)?;
    let backend = format!("{name}-canary");
    let (picks, general): (Vec<&HttpRouteRule>, Vec<&HttpRouteRule>) = route.spec.rules.iter().partition(|rule| is_picky(rule));
    let shares: Vec<f64> = general.iter().filter_map(|rule| share(rule, &backend)).collect();
    let value = shares.iter().copied().reduce(f64::max);
    let differ = shares.iter().any(|share| Some(*share) != value);
    let told = match value {
        Some(value) if differ => Told::Share { value, source: Clean::from(format!("the highest weight of HTTPRoute {name}")) },
        Some(value) if picks.is_empty() => Told::Share { value, source: Clean::from(format!("weights of HTTPRoute {name}")) },
        Some(value) => Told::Share { value, source: Clean::from(format!("weights of HTTPRoute {name}, for requests that no rule picks")) },
        None => Told::Unknown(Clean::from(format!("HTTPRoute {name} holds no weight that adds up"))),
    };
    let beside = picks.iter().filter_map(|rule| picked(rule, share(rule, &backend)?)).collect();
    Some(Routed { told, beside, is_read: true })
}

/// Whether each of its conditions asks for a header.
fn is_picky(rule: &HttpRouteRule) -> bool {
    !rule.matches.is_empty() && rule.matches.iter().all(|one| !one.headers.is_empty())
}

/// Weights are parts of their sum; one that is not written is 1, and one below 0 counts for nothing.
fn share(rule: &HttpRouteRule, backend: &str) -> Option<f64> {
    let weight = |refs: &mut dyn Iterator<Item = i64>| refs.fold(0_i64, |sum, weight| sum.saturating_add(weight.max(0)));
    let all = weight(&mut rule.backend_refs.iter().map(|one| one.weight.unwrap_or(1)));
    let new = weight(&mut rule.backend_refs.iter().filter(|one| one.name == *backend).map(|one| one.weight.unwrap_or(1)));
    (all > 0).then(|| (new as f64 / all as f64).clamp(0.0, 1.0))
}

fn picked(rule: &HttpRouteRule, share: f64) -> Option<Clean> {
    let mut names: Vec<&str> = rule.matches.iter().flat_map(|one| &one.headers).map(|header| header.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let requests = format!("requests with header {}", names.join(", "));
    match share {
        share if share <= 0.0 => None,
        share if share >= 1.0 => Some(Clean::from(format!("all {requests}"))),
        share => Some(Clean::from(format!("{} of {requests}", crate::release::figures::told(share)))),
    }
}

/// What the status tells, in the phases in which it tells the truth.
fn status(canary: &Canary, stage: Stage) -> Told {
    let weight = canary.status.canary_weight;
    let router = router(canary);
    let nothing = matches!(stage, Stage::Waiting | Stage::Finalising | Stage::Unseen | Stage::Initializing | Stage::Initialized);
    let early = stage == Stage::Progressing && canary.status.iterations < canary.spec.analysis.iterations;
    let why = match stage {
        _ if nothing => None,
        Stage::WaitingPromotion => Some("while it waits for promotion Flagger tells weight 0, whatever the router sends"),
        Stage::Promoting if weight == 0 => Some("while it promotes Flagger need not tell the weight"),
        Stage::Progressing if is_ab(canary) => Some("its requests are picked by what they carry, and Flagger tells no weight of them"),
        Stage::Progressing if !has_weights(canary) && !early => {
            Some("after its rounds all requests may be on it, and Flagger tells weight 0")
        }
        _ => None,
    };
    match why {
        Some(why) => Told::Unknown(Clean::from(format!("{why}; {router} is not read"))),
        None => {
            let value = if nothing { 0.0 } else { (weight as f64 / 100.0).clamp(0.0, 1.0) };
            Told::Share { value, source: Clean::from(format!("weight that Flagger says it wrote; {router} is not read")) }
        }
    }
}

fn router(canary: &Canary) -> String {
    match canary.spec.provider.as_str() {
        "" => "its router".to_owned(),
        provider if provider.starts_with("gatewayapi") => format!("HTTPRoute {}", canary.service()),
        provider => format!("the router of {provider}"),
    }
}
