//! A real Prometheus over given samples, on a free loopback port, gone when the test is.

use std::net::SocketAddr;

use tempfile::TempDir;
use tokio::process::Child;

use super::prometheus::{blocks, started};

/// A running Prometheus and its folder.
pub struct Prometheus {
    pub address: SocketAddr,
    _process: Child,
    _folder: TempDir,
}

impl Prometheus {
    /// Turns the text into blocks, starts over them and waits until it is ready.
    pub async fn holding(open_metrics: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("prometheus.yml"), "{}\n").unwrap();
        blocks(folder.path(), open_metrics).await;
        let more = ["--storage.tsdb.retention.time=100y", "--web.enable-remote-write-receiver"];
        let (process, address) = started(folder.path(), "prometheus.yml", &more).await;
        Self { address, _process: process, _folder: folder }
    }
}
