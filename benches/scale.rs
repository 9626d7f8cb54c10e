//! Two hundred workloads and ten thousand pods of real size, served by a process of its own: how long until the board is complete, until a
//! release is, and what that takes in memory, each against a bare download of the same lists. Every measurement is a process of its own.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

#[path = "../tests/pty/mod.rs"]
mod pty;
mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{FixedOffset, Utc};
use flightdeck::app::{Event, Options, State};
use flightdeck::cluster::{self, Pace, Target};
use flightdeck::config::files::Files;
use flightdeck::config::{Asked, assemble};
use flightdeck::journal::MemoryJournal;
use flightdeck::keys::Chord;
use flightdeck::ports::{Generation, Scope, SourceState};
use flightdeck::runtime::clock::SystemClock;
use flightdeck::runtime::session::Session;
use flightdeck::theme::Depth;
use http::Request;
use support::{line, resident};

const RUNS: usize = 7;
const CHILD: &str = "FLIGHTDECK_BENCH_CHILD";
const WORKLOADS: [&str; 3] = ["/apis/apps/v1/deployments", "/apis/apps/v1/replicasets", "/apis/argoproj.io/v1alpha1/rollouts"];
const PODS: [&str; 1] = ["/api/v1/namespaces/payments/pods?labelSelector=app%3Dcheckout"];

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Ok(what) = std::env::var(CHILD) {
        let kubeconfig = std::env::var("KUBECONFIG").unwrap();
        return match what.as_str() {
            "ours" => runtime.block_on(ours(&kubeconfig)),
            "workloads" => runtime.block_on(bare(&kubeconfig, &WORKLOADS)),
            _ => runtime.block_on(bare(&kubeconfig, &PODS)),
        };
    }
    drop(runtime);
    let served = pty::Served::start("fleet");
    let at = served.kubeconfig();
    // The server writes every object out once and keeps the text: the first to ask would pay for all.
    for warm in ["workloads", "pods", "ours"] {
        child(warm, &at);
    }
    let mut seen: Vec<[Vec<f64>; 3]> = Vec::new();
    for _ in 0..RUNS {
        seen.push(["workloads", "pods", "ours"].map(|what| child(what, &at)));
    }
    let middle = |of: usize, place: usize| {
        let mut all: Vec<f64> = seen.iter().map(|run| run[of][place]).collect();
        all.sort_by(f64::total_cmp);
        all[RUNS / 2]
    };
    let time = |seconds: f64| Duration::from_secs_f64(seconds);
    let report = |what: &str, ours: f64, bare: f64| {
        line(what, &format!("{:.1?}", time(ours)), &format!("bare download {:.1?}", time(bare)), ours / bare, "at most 2");
    };
    println!("fleet: workloads {:.1} MB, one release's pods {:.1} MB", middle(0, 1) / 1e6, middle(1, 1) / 1e6);
    report("scale: board complete", middle(2, 0), middle(0, 0));
    report("scale: release opened and complete", middle(2, 1), middle(1, 0));
    println!("scale: resident with the board {:.1} MiB, with the release {:.1} MiB (budget 40)", middle(2, 2), middle(2, 3));
}

/// Runs one measurement in a process of its own and returns its figures.
fn child(what: &str, kubeconfig: &Path) -> Vec<f64> {
    let output = Command::new(std::env::current_exe().unwrap()).env(CHILD, what).env("KUBECONFIG", kubeconfig).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    text.split_whitespace().map(|figure| figure.parse().unwrap()).collect()
}

/// Downloads lists one after the other over one connection, and looks into none of them.
async fn bare(kubeconfig: &str, paths: &[&str]) {
    let begin = Instant::now();
    let config = kube::config::Kubeconfig::read_from(kubeconfig).unwrap();
    let config = kube::Config::from_custom_kubeconfig(config, &Default::default()).await.unwrap();
    let client = kube::Client::try_from(config).unwrap();
    let mut bytes = 0;
    for path in paths {
        bytes += client.request_text(Request::get(*path).body(Vec::new()).unwrap()).await.unwrap().len();
    }
    println!("{} {bytes}", begin.elapsed().as_secs_f64());
}

/// The cockpit without a terminal: its state, its adapter and its clock.
async fn ours(kubeconfig: &str) {
    let begin = Instant::now();
    let force = assemble(&Files::default(), Asked { theme: None, keymap: None }, Depth::Sixteen).unwrap();
    let zone = FixedOffset::east_opt(0).unwrap();
    let options = Options {
        session: "bench".into(),
        scope: Some(Scope::All),
        open: None,
        force,
        ascii: false,
        read_only: true,
        redact: false,
        size: (120, 40),
        zone,
        now: Utc::now(),
    };
    let target = Target { kubeconfig: Some(kubeconfig.into()), inline: None, context: None, impersonate: None, pace: Pace::default() };
    let (tx, rx) = tokio::sync::mpsc::channel(1024);
    let connection = cluster::connect(target, Generation(0), tx);
    let mut session =
        Session::new(State::new(options), Box::new(connection), rx, (None, Arc::new(MemoryJournal::default())), Arc::new(SystemClock));
    session.feed(Event::Resize(120, 40));
    complete(&mut session, |state| state.shown().len() == 200).await;
    let board = begin.elapsed();
    let with_board = resident("self");
    let begin = Instant::now();
    session.feed(Event::Key(Chord::parse("enter").unwrap()));
    complete(&mut session, |state| state.open_release().is_some_and(|release| release.pods.len() >= 50)).await;
    let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
    println!("{} {} {} {}", board.as_secs_f64(), begin.elapsed().as_secs_f64(), mib(with_board), mib(resident("self")));
}

/// Feeds the session until everything it wants has been read and `there` holds.
async fn complete(session: &mut Session, there: impl Fn(&State) -> bool) {
    loop {
        let state = &session.state;
        let read = !state.interests().is_empty()
            && state.interests().iter().all(|wanted| {
                let source = state.sources().find(|(interest, _)| interest.source == wanted.source).map(|(_, source)| source);
                source == Some(&SourceState::Absent) || source == Some(&SourceState::Live) && state.has_listed(wanted.source)
            });
        if read && there(state) {
            return;
        }
        let event = tokio::time::timeout(Duration::from_secs(60), session.events.recv()).await.unwrap().unwrap();
        session.feed(Event::Cluster(event.0, event.1));
        session.drain();
    }
}
