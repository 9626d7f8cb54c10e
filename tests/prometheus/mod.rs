//! Starts a real Prometheus (Debian's) on a free loopback port, gone when its handle is; makes its blocks with promtool.
//! Knows no samples and no rules: whoever starts one has written its folder.

#![allow(dead_code, reason = "each binary of tests needs a part")]

pub mod speak;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

/// Runs over `folder`, by its file `config`, with its samples in `data`; back when it is ready.
pub async fn started(folder: &Path, config: &str, more: &[&str]) -> (Child, SocketAddr) {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let process = Command::new("prometheus")
        .arg(format!("--config.file={}", folder.join(config).display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .arg("--log.level=error")
        .args(more)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("prometheus is installed");
    for _ in 0..300 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if tokio::net::TcpStream::connect(address).await.is_ok() && speak::get(address, "/-/ready").await.status == 200 {
            return (process, address);
        }
    }
    panic!("prometheus was not ready within 30 s");
}

/// As [`started`], scraping `target` every 5 s.
pub async fn scraping(folder: &Path, target: &str) -> (Child, String) {
    let config = format!(
        "global: {{ scrape_interval: 5s }}\nscrape_configs:\n- job_name: pods\n  honor_labels: true\n  static_configs: [{{ targets: ['{target}'] }}]\n"
    );
    std::fs::write(folder.join("prometheus.yml"), config).unwrap();
    let (process, address) = started(folder, "prometheus.yml", &[]).await;
    (process, format!("http://{address}"))
}

/// Runs promtool; what it complains of ends the test.
pub async fn promtool(arguments: &[&Path]) {
    let output = Command::new("promtool").args(arguments).output().await.expect("promtool is installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

/// Turns OpenMetrics text into blocks in `data`.
pub async fn blocks(folder: &Path, open_metrics: &str) {
    let (text, data) = (folder.join("samples.om"), folder.join("data"));
    std::fs::write(&text, open_metrics).unwrap();
    promtool(&["tsdb".as_ref(), "create-blocks-from".as_ref(), "openmetrics".as_ref(), text.as_ref(), data.as_ref()]).await;
}
