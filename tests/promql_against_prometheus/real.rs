//! A real Prometheus over given samples, on a free loopback port, gone when the test is.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::speak;

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
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("samples.om"), open_metrics).unwrap();
        std::fs::write(at("prometheus.yml"), "{}\n").unwrap();
        let blocks = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics"])
            .args([at("samples.om"), at("data")])
            .output()
            .await
            .expect("promtool is installed");
        assert!(blocks.status.success(), "{}", String::from_utf8_lossy(&blocks.stderr));
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", at("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", at("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--storage.tsdb.retention.time=100y", "--web.enable-remote-write-receiver", "--log.level=error"])
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("prometheus is installed");
        for _ in 0..300 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if tokio::net::TcpStream::connect(address).await.is_ok() && speak::get(address, "/-/ready").await.status == 200 {
                return Self { address, _process: process, _folder: folder };
            }
        }
        panic!("prometheus was not ready within 30 s");
    }
}
