//! A session without a screen that lives on: on a cluster in its own time, or on the embedded one, whose time runs as fast as it can be
//! reckoned. Never decides when it has lived long enough, and never outlives a signal.

use std::sync::Arc;

use chrono::{FixedOffset, TimeDelta};

use super::facts::Named;
use super::opening::{self, Begun, Opening};
use super::quiet::Held;
use super::{demo, setup};
use crate::app::{self, Screen};
use crate::cli::{Global, OnDemo};
use crate::demo::api::{Server, serve};
use crate::demo::clock::{ClockMode, origin};
use crate::demo::cluster::Cluster;
use crate::demo::scenario::Scenario;
use crate::ports::journal::Journal;
use crate::runtime::session::Session;
use crate::runtime::signals::{Asked, Signals};
use crate::theme::Depth;

/// How far it lives between two looks at what has become of it.
const STRIDE: TimeDelta = TimeDelta::seconds(1);

/// A session that lives on.
pub struct Life {
    kind: Kind,
    signals: Signals,
}

enum Kind {
    /// On a cluster, or on an embedded one whose time passes; its server ends with it.
    Real { session: Box<Session>, _server: Option<Server> },
    /// On the embedded one; its server ends with it.
    Held { held: Box<Held>, _server: Server },
}

impl Life {
    /// On the cluster the flags name, with this release open. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// A sentence.
    pub fn on_cluster(mut global: Global, named: &Named) -> Result<Self, String> {
        global.namespace = Some(named.namespace.clone());
        global.all_namespaces = false;
        let force = opening::printing(&global)?;
        let Begun { session, .. } = Opening::of_cluster(&global, force).opening(wanted(named), Screen::Release).begin();
        Ok(Self { kind: Kind::Real { session: Box::new(session), _server: None }, signals: signals()? })
    }

    /// On the embedded cluster, with this release open. Must be called on a standing clock.
    ///
    /// # Errors
    /// A sentence.
    pub async fn on_demo(mut global: Global, on: &OnDemo, named: &Named, journal: Arc<dyn Journal>) -> Result<Self, String> {
        // A scenario takes a moment to be lived up to where it begins, and may be ended in it.
        let signals = signals()?;
        fastrand::seed(on.seed);
        global.namespace = Some(named.namespace.clone());
        global.all_namespaces = false;
        let scenario = Scenario::named(on.demo.as_deref().unwrap_or_default())?;
        let lived = TimeDelta::from_std(on.at).map_err(|_| "--at is too long".to_owned())?;
        let mut sim = scenario.build(on.seed, origin())?;
        sim.run_until(origin() + lived);
        let cluster = Cluster::new(sim, ClockMode::Manual, scenario.options(origin()));
        let server = serve(cluster.clone())
            .await
            .map_err(|e| format!("the embedded cluster can't listen on loopback ({e}), so nothing was started"))?;
        let force = setup::shipped(&global, Depth::Mono)?;
        let utc = FixedOffset::east_opt(0).ok_or("UTC is unknown here")?;
        let mut opening = demo::on(&global, force, &scenario, &cluster, &server, 1.0, utc).opening(wanted(named), Screen::Release);
        opening.journal = journal;
        let Begun { session, progress, effort, busy } = opening.begin();
        let mut held = Held { session, cluster, progress, effort, busy };
        held.hear().await;
        Ok(Self { kind: Kind::Held { held: Box::new(held), _server: server }, signals })
    }

    /// On the embedded cluster, so many of its seconds in a real one. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// A sentence.
    pub async fn on_passing_demo(
        mut global: Global,
        on: &OnDemo,
        speed: f64,
        named: &Named,
        journal: Arc<dyn Journal>,
    ) -> Result<Self, String> {
        let signals = signals()?;
        demo::check_speed(speed)?;
        global.namespace = Some(named.namespace.clone());
        global.all_namespaces = false;
        let scenario = Scenario::named(on.demo.as_deref().unwrap_or_default())?;
        let (cluster, server) = demo::start(&scenario, on.at, on.seed, ClockMode::Running { speed }).await?;
        let force = setup::shipped(&global, Depth::Mono)?;
        let utc = FixedOffset::east_opt(0).ok_or("UTC is unknown here")?;
        let mut opening = demo::on(&global, force, &scenario, &cluster, &server, speed, utc).opening(wanted(named), Screen::Release);
        opening.journal = journal;
        let session = Box::new(opening.begin().session);
        Ok(Self { kind: Kind::Real { session, _server: Some(server) }, signals })
    }

    /// The session.
    pub fn session(&mut self) -> &mut Session {
        match &mut self.kind {
            Kind::Real { session, .. } => session,
            Kind::Held { held, .. } => &mut held.session,
        }
    }

    /// Lives on for a moment. The exit code of a signal that asks to end.
    pub async fn go_on(&mut self) -> Option<u8> {
        loop {
            let asked = tokio::select! {
                biased;
                asked = self.signals.next() => asked,
                () = stride(&mut self.kind) => return None,
            };
            match asked {
                Asked::End(code) => return Some(code),
                Asked::Suspend => crate::runtime::signals::stop_self(),
                Asked::Resumed => {}
            }
        }
    }
}

async fn stride(kind: &mut Kind) {
    match kind {
        Kind::Real { session, .. } => {
            session.step(tokio::time::Instant::now() + STRIDE.to_std().unwrap_or_default()).await;
        }
        Kind::Held { held, .. } => {
            let until = held.cluster.now() + STRIDE;
            held.live_until(until).await;
        }
    }
}

fn wanted(named: &Named) -> app::Named {
    app::Named { kind: named.kind, namespace: named.namespace.as_str().into(), name: named.name.as_str().into() }
}

fn signals() -> Result<Signals, String> {
    Signals::listen().map_err(|e| format!("signals can't be listened to ({e}), so nothing was started"))
}
