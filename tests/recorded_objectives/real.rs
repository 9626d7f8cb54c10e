//! A real Prometheus: first over an hour of history alone, then with the ratios its rules would have recorded in that hour, scraping and
//! evaluating. Gone when the test is; asked by plain HTTP, so that nothing of the program under test stands in between.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Child;

use super::prometheus::{blocks, promtool, speak, started};
use super::rules::{self, EVERY};
use super::world::SCRAPE;

/// A running Prometheus and its folder.
pub struct Prometheus {
    pub address: SocketAddr,
    _process: Child,
    _folder: TempDir,
}

impl Prometheus {
    /// Holds `history` (OpenMetrics text from `began_s` to `now_s`, seconds since 1970) and what the rules make of it, and scrapes `target`.
    pub async fn after(history: &str, began_s: i64, now_s: i64, target: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut files = vec![("sloth.yml".to_owned(), rules::sloth())];
        files.extend(rules::PYRRA.iter().map(|one| (format!("{}.yml", one.name), one.groups())));
        for (name, text) in &files {
            std::fs::write(at(name), text).unwrap();
        }
        let files: Vec<PathBuf> = files.iter().map(|(name, _)| at(name)).collect();
        std::fs::write(at("history.yml"), "{}\n").unwrap();
        let config = format!(
            "global: {{ scrape_interval: {SCRAPE}s, evaluation_interval: {EVERY}s }}\nrule_files: [{}]\nscrape_configs:\n- job_name: pods\n  honor_labels: true\n  static_configs: [{{ targets: ['{target}'] }}]\n",
            files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
        );
        std::fs::write(at("prometheus.yml"), config).unwrap();
        promtool(&["check".as_ref(), "config".as_ref(), at("prometheus.yml").as_ref()]).await;
        blocks(folder.path(), history).await;
        let (mut first, address) = started(folder.path(), "history.yml", &[]).await;
        let said = [
            "tsdb".to_owned(),
            "create-blocks-from".to_owned(),
            "rules".to_owned(),
            format!("--url=http://{address}"),
            // Over nothing there is no ratio.
            format!("--start={}", began_s + 60),
            format!("--end={now_s}"),
            format!("--eval-interval={EVERY}s"),
            format!("--output-dir={}", at("data").display()),
        ];
        let said: Vec<&Path> = said.iter().map(Path::new).chain(files.iter().map(PathBuf::as_path)).collect();
        promtool(&said).await;
        // A server notices new blocks when it starts.
        first.kill().await.unwrap();
        let (process, address) = started(folder.path(), "prometheus.yml", &[]).await;
        Self { address, _process: process, _folder: folder }
    }

    /// The address, as `--prometheus` takes it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The series of an expression at a moment: labels, then value.
    pub async fn vector(&self, expression: &str, at_ms: i64) -> Vec<(Value, f64)> {
        let all = self.result(expression, at_ms).await;
        all.iter().map(|one| (one["metric"].clone(), one["value"][1].as_str().unwrap().parse().unwrap())).collect()
    }

    /// The samples of the only series that a selector with a range finds: milliseconds since 1970, then value.
    pub async fn samples(&self, selector: &str, at_ms: i64) -> Vec<(i64, f64)> {
        let all = self.result(selector, at_ms).await;
        let [one] = all.as_slice() else { panic!("{selector}: {all:?}") };
        let sample = |pair: &Value| ((pair[0].as_f64().unwrap() * 1000.0).round() as i64, pair[1].as_str().unwrap().parse().unwrap());
        one["values"].as_array().unwrap().iter().map(sample).collect()
    }

    async fn result(&self, expression: &str, at_ms: i64) -> Vec<Value> {
        let path = format!("/api/v1/query?query={}&time={}.{:03}", speak::escaped(expression), at_ms / 1000, at_ms % 1000);
        let reply = speak::get(self.address, &path).await;
        assert_eq!(reply.status, 200, "{expression}: {}", reply.body);
        serde_json::from_str::<Value>(&reply.body).unwrap()["data"]["result"].as_array().unwrap().clone()
    }
}
