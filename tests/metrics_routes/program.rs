//! The program with a kubeconfig and no word about metrics.

use std::process::Command;

use flightdeck::demo::api::{Server, serve};
use flightdeck::demo::clock::ClockMode;
use flightdeck::demo::cluster::Cluster;
use flightdeck::demo::scenario::Scenario;

/// A scenario in real time, its kubeconfig on disk.
async fn served(folder: &tempfile::TempDir) -> (Server, std::path::PathBuf) {
    let scenario = Scenario::named("low-traffic").unwrap();
    let origin = chrono::Utc::now();
    let cluster = Cluster::new(scenario.build(7, origin).unwrap(), ClockMode::Real, scenario.options(origin));
    let server = serve(cluster).await.unwrap();
    let path = folder.path().join("config");
    std::fs::write(&path, server.kubeconfig()).unwrap();
    (server, path)
}

fn run(folder: &tempfile::TempDir, kubeconfig: &std::path::Path, args: &[&str]) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flightdeck"));
    command.args(args).arg("--kubeconfig").arg(kubeconfig);
    command.env("HOME", folder.path()).env("XDG_CONFIG_HOME", folder.path()).env("XDG_STATE_HOME", folder.path());
    let output = command.output().unwrap();
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_the_way_and_status_measures_over_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, path) = served(&folder).await;
    let (said, _) = tokio::task::block_in_place(|| run(&folder, &path, &["check", "-n", "web"]));
    assert!(said.contains("found     monitoring/prometheus:9090 through the API server"), "{said}");
    assert!(said.contains("answers   in "), "{said}");
    let (status, errors) = tokio::task::block_in_place(|| run(&folder, &path, &["status", "web/home", "-o", "json"]));
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status[0]["name"], "home", "{errors}");
    let (named, _) = tokio::task::block_in_place(|| {
        run(&folder, &path, &["check", "-n", "web", "--prometheus", "service://monitoring/prometheus:9090"])
    });
    assert!(named.contains("found     monitoring/prometheus:9090 through the API server"), "{named}");
    let (none, _) = tokio::task::block_in_place(|| run(&folder, &path, &["check", "-n", "web", "--prometheus", "none"]));
    assert!(none.contains("none: --prometheus or config.toml says so") && !none.contains("prometheus-operated"), "{none}");
    // The way stands where figures do.
    let shot = |screen: &'static str| {
        let args = ["snapshot", "-n", "web", "--screen", screen, "--release", "web/home", "--size", "160x50"];
        tokio::task::block_in_place(|| run(&folder, &path, &args))
    };
    let (board, errors) = shot("board");
    assert!(board.contains("measured via the API server"), "{board}{errors}");
    let (why, errors) = shot("why");
    assert!(why.contains(", from monitoring/prometheus:9090 through the API server"), "{why}{errors}");
}
