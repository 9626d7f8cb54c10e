//! `flightdeck demo`: the cockpit on the embedded cluster, or that cluster alone for any client.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{Local, Offset, TimeDelta, Utc};

use super::metering::Metering;
use super::opening::{self, Opening};
use super::printed::out;
use crate::cli::{Demo, Global};
use crate::cluster::{Pace, Target};
use crate::config::{InForce, Objective};
use crate::demo::api::{Server, serve};
use crate::demo::clock::ClockMode;
use crate::demo::cluster::Cluster;
use crate::demo::kubeconfig;
use crate::demo::prometheus;
use crate::demo::scenario::Scenario;
use crate::demo::score;
use crate::objects::Time;
use crate::ports::{Clock, Scope};
use crate::runtime::log;
use crate::runtime::run::{Place, run as run_loop};
use crate::runtime::signals::Signals;
use crate::slo::calendar::Calendar;

/// The embedded cluster's clock as the cockpit's: in a demo both live in the same time.
pub struct DemoClock {
    /// Whose time it is.
    pub cluster: Arc<Cluster>,
    /// Virtual seconds in a real one.
    pub speed: f64,
}

impl Clock for DemoClock {
    fn now(&self) -> Time {
        self.cluster.now()
    }

    fn until(&self, at: Time) -> Duration {
        let ahead = (at - self.now()).to_std().unwrap_or(Duration::ZERO);
        if self.speed > 0.0 { ahead.div_f64(self.speed) } else { ahead }
    }
}

/// Runs it.
pub async fn run(global: Global, asked: Demo) -> Result<u8, String> {
    check_speed(asked.speed)?;
    let scenario = Scenario::named(&asked.scenario)?;
    match &asked.write_kubeconfig {
        Some(path) if asked.serve => alone(&scenario, &asked, path).await,
        _ => cockpit(global, &scenario, &asked).await,
    }
}

/// Whether an embedded cluster can live so fast.
///
/// # Errors
/// A sentence.
pub fn check_speed(speed: f64) -> Result<(), String> {
    if speed > 0.0 && speed <= 1000.0 {
        return Ok(());
    }
    Err(format!("--speed {speed} is no speed; write a number above 0 and up to 1000"))
}

async fn cockpit(global: Global, scenario: &Scenario, asked: &Demo) -> Result<u8, String> {
    let force = opening::drawing(&global)?;
    let _ = log::start();
    let (cluster, server) = start(scenario, asked.at, asked.seed, ClockMode::Running { speed: asked.speed }).await?;
    let prometheus = open_prometheus(&cluster, asked).await?;
    let zone = Local::now().offset().fix();
    let opening = on(&global, force, scenario, &cluster, &server, asked.speed, zone);
    let session = opening.begin().session;
    let code = run_loop(session, Place::from_env(global.mouse)).await.map_err(opening::no_terminal);
    drop((server, prometheus));
    say_score(scenario, &cluster);
    code
}

/// What was made of a scored scenario, on standard output once the screen is the shell's again. A terminal that hung up reads no score, and
/// that changes nothing about how the program ends.
fn say_score(scenario: &Scenario, cluster: &Cluster) {
    if let Some(score) = cluster.read(|sim| score::of(sim, scenario)) {
        let _ = out(&score.to_string());
    }
}

/// Between two heartbeats at least.
const QUICKEST: Duration = Duration::from_millis(20);

/// The opening of a cockpit on an embedded cluster: everything in it, unless a namespace is asked for.
pub fn on(
    global: &Global,
    force: InForce,
    scenario: &Scenario,
    cluster: &Arc<Cluster>,
    server: &Server,
    speed: f64,
    zone: chrono::FixedOffset,
) -> Opening {
    let clock = Arc::new(DemoClock { cluster: cluster.clone(), speed });
    let mut force = force;
    force.config.objectives = scenario.objectives().iter().filter_map(promised).collect();
    let mut options = opening::options(global, force, zone, clock.now());
    options.scope = options.scope.or(Some(Scope::All));
    let target = Target {
        kubeconfig: None,
        inline: Some(server.kubeconfig()),
        context: global.context.clone(),
        impersonate: None,
        // A link is silent by the clock that is shown: where that runs faster, so does the heart.
        pace: Pace { heartbeat: Pace::default().heartbeat.div_f64(speed.max(1.0)).max(QUICKEST), ..Pace::default() },
    };
    let metering = Metering::with_token(&server.prometheus.url, server.prometheus.token.as_deref());
    Opening { target, options, clock, metering, journal: opening::on_disk() }
}

/// A scenario's objective as a configuration file would have it; its own windows are sound, or it is left out.
fn promised(one: &crate::demo::scenario::Objective) -> Option<Objective> {
    let calendar = one.window.strip_prefix("calendar ").and_then(|word| Calendar::named(word, chrono_tz::Tz::UTC));
    Some(Objective {
        name: one.name.clone(),
        matches: one.matches.clone(),
        target: one.target,
        window: calendar.map(|calendar| calendar.about()).or_else(|| humantime::parse_duration(&one.window).ok())?,
        calendar,
        requests_per_user: None,
        queries: one.errors.clone().zip(one.total.clone()),
        slower_than: one.slower_than.as_deref().and_then(|text| humantime::parse_duration(text).ok()),
    })
}

/// Builds the scenario with `at` already lived and serves it.
pub async fn start(scenario: &Scenario, at: Duration, seed: u64, mode: ClockMode) -> Result<(Arc<Cluster>, Server), String> {
    let lived = TimeDelta::from_std(at).map_err(|_| "--at is too long".to_owned())?;
    let origin = Utc::now() - lived;
    let mut sim = scenario.build(seed, origin)?;
    sim.run_until(Utc::now());
    let cluster = Cluster::new(sim, mode, scenario.options(origin));
    let server =
        serve(cluster.clone()).await.map_err(|e| format!("the embedded cluster can't listen on loopback ({e}), so nothing was started"))?;
    Ok((cluster, server))
}

/// The Prometheus API for any client of this machine, where a port is asked for.
async fn open_prometheus(cluster: &Arc<Cluster>, asked: &Demo) -> Result<Option<prometheus::Served>, String> {
    let Some(port) = asked.prometheus_port else { return Ok(None) };
    let why = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("port {port} of 127.0.0.1 is taken by another program, so nothing was started; name another with --prometheus-port")
        }
        _ => format!("port {port} of 127.0.0.1 can't be opened ({e}), so nothing was started; name another with --prometheus-port"),
    };
    prometheus::serve::serve(cluster.clone(), port, None).await.map(Some).map_err(why)
}

/// Serves the cluster alone until a signal ends it.
async fn alone(scenario: &Scenario, asked: &Demo, path: &Path) -> Result<u8, String> {
    if let Ok(text) = std::fs::read_to_string(path)
        && !text.contains("name: flightdeck-demo")
    {
        return Err(format!("{} is there and was not written by this command, so it was left alone; name another path", path.display()));
    }
    let mut signals = Signals::listen().map_err(|e| format!("signals can't be listened to ({e}), so nothing was started"))?;
    let (cluster, server) = start(scenario, asked.at, asked.seed, ClockMode::Real).await?;
    let prometheus = open_prometheus(&cluster, asked).await?;
    kubeconfig::write(path, &server.kubeconfig())
        .map_err(|e| format!("{} can't be written ({e}), so nothing is served", path.display()))?;
    let metrics = prometheus.as_ref().map_or(String::new(), |served| format!(" Its Prometheus answers at {}.", served.url));
    let said = format!(
        "{}\nThe API answers at {}; its kubeconfig is {}.{metrics}\n  kubectl --kubeconfig {} get rollouts,deployments -A\nctrl-c ends it.\n",
        scenario.description,
        server.url,
        path.display(),
        path.display()
    );
    out(&said).map_err(|e| e.to_string())?;
    loop {
        if let crate::runtime::signals::Asked::End(code) = signals.next().await {
            say_score(scenario, &cluster);
            return Ok(if code == 130 || code == 143 { 0 } else { code });
        }
    }
}
