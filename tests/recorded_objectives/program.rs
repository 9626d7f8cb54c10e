//! The program itself, as a person or a script runs it against the cluster and the real Prometheus.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::real::Prometheus;

/// How to run it.
pub struct Program {
    prometheus: String,
    kubeconfig: PathBuf,
    _folder: TempDir,
}

impl Program {
    pub fn new(prometheus: &Prometheus, kubeconfig: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, kubeconfig).unwrap();
        Self { prometheus: prometheus.url(), kubeconfig: path, _folder: folder }
    }

    /// `status NAME -o json`, its one release.
    pub async fn status(&self, name: &str) -> Value {
        let text = self.run(&["status", name, "-o", "json", "--timeout", "20s"]).await;
        let all: Value = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{why}: {text}"));
        assert_eq!(all.as_array().unwrap().len(), 1, "{text}");
        all[0].clone()
    }

    /// `snapshot` of one of its screens, with room for everything.
    pub async fn snapshot(&self, name: &str, screen: &str) -> String {
        let size = if screen == "why" { "200x150" } else { "200x50" };
        self.run(&["snapshot", "-A", "--screen", screen, "--release", name, "--size", size]).await
    }

    async fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
            .args(arguments)
            .args(["--prometheus", &self.prometheus, "--kubeconfig"])
            .arg(&self.kubeconfig)
            .env("TZ", "UTC")
            .env("XDG_CONFIG_HOME", self._folder.path())
            .env("XDG_STATE_HOME", self._folder.path())
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
