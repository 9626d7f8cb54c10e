//! One scraped pod: its process, what that counted, and the series it is written to.
//! A process that ends takes its counters with it; the next one begins at 0 under the same names.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::meter::Meter;
use super::route::hash;
use super::shape::{self, Codes, Target};
use super::table::Load;
use crate::demo::controllers::meta;
use crate::demo::prometheus::{Labels, SeriesId, Store};

/// A pod as its object shows it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub target: Target,
    pub hash: String,
    /// The tag of its image.
    pub tag: String,
    /// The running process: what tells it from the one before, and since when it runs.
    pub run: Option<(String, DateTime<Utc>)>,
    pub ready_since: Option<DateTime<Utc>>,
}

impl Seen {
    /// A pod that discovery would find: one with an address.
    pub(super) fn read(pod: &Value) -> Option<Self> {
        let status = &pod["status"];
        let ip = status["podIP"].as_str().filter(|_| status["phase"] == "Running")?;
        let container = &status["containerStatuses"][0];
        let started = meta::time(&container["state"]["running"]["startedAt"]);
        let image = meta::text(&pod["spec"]["containers"][0]["image"]);
        let labels = &pod["metadata"]["labels"];
        let version = labels["version"].as_str().or_else(|| labels["app.kubernetes.io/version"].as_str()).unwrap_or("unknown");
        let target = Target {
            namespace: meta::text(&pod["metadata"]["namespace"]).to_owned(),
            pod: meta::text(&pod["metadata"]["name"]).to_owned(),
            instance: format!("{ip}:8080"),
            version: version.to_owned(),
            service: String::new(),
        };
        let ready = meta::condition(status, "Ready").filter(|ready| ready["status"] == "True");
        Some(Self {
            target,
            hash: hash(pod).to_owned(),
            tag: image.rsplit_once(':').map_or("", |(_, tag)| tag).to_owned(),
            run: started.map(|at| (meta::text(&container["containerID"]).to_owned(), at)),
            ready_since: ready.and_then(|ready| meta::time(&ready["lastTransitionTime"])),
        })
    }
}

/// A pod that is scraped.
pub(super) struct Pod {
    /// The workload it was found for, NAMESPACE/NAME.
    pub workload: String,
    codes: Codes,
    shape: super::table::Shape,
    target: Target,
    run: Option<String>,
    up: SeriesId,
    lines: Vec<(Labels, SeriesId)>,
    /// How many codes `lines` are for.
    named: usize,
}

impl Pod {
    /// A pod seen for the first time.
    pub(super) fn new(load: &Load, target: Target, series: &mut Store) -> Self {
        let workload = format!("{}/{}", load.namespace, load.name);
        let up = [&[("__name__", "up")][..], &shape::scraped(&target, &workload)].concat();
        let up = series.series(Labels::of(&up));
        let codes = shape::fresh(load.shape);
        Self { workload, codes, shape: load.shape, target, run: None, up, lines: Vec::new(), named: usize::MAX }
    }

    /// Takes note of which process runs in it; another one than before begins at 0.
    pub(super) fn runs(&mut self, seen: &Seen, series: &mut Store, at_ms: i64) {
        let run = seen.run.as_ref().map(|(run, _)| run);
        if run.is_none() {
            // The scrape fails, and what it would have brought ends.
            self.end_lines(series, at_ms);
        }
        if run != self.run.as_ref() {
            self.codes = shape::fresh(self.shape);
            self.run = run.cloned();
        }
    }

    /// The counters of one status code.
    pub(super) fn meter(&mut self, code: u16) -> &mut Meter {
        self.codes.entry(code).or_insert_with(|| Meter::new(shape::bounds(self.shape).len()))
    }

    /// Writes one scrape.
    pub(super) fn scrape(&mut self, load: &Load, series: &mut Store, at_ms: i64) {
        series.append(self.up, at_ms, f64::from(u8::from(self.run.is_some())));
        if self.run.is_none() {
            return;
        }
        if self.named != self.codes.len() {
            let names = shape::names(load, &self.target, &self.codes);
            self.lines = names.into_iter().map(|labels| (labels.clone(), series.series(labels))).collect();
            self.named = self.codes.len();
        }
        for ((_, id), value) in self.lines.iter().zip(shape::values(self.shape, &self.codes)) {
            series.append(*id, at_ms, value);
        }
    }

    /// The pod is gone: the target with all its series ends.
    pub(super) fn end(&mut self, series: &mut Store, at_ms: i64) {
        self.end_lines(series, at_ms);
        series.stale(self.up, at_ms);
    }

    fn end_lines(&mut self, series: &mut Store, at_ms: i64) {
        for (_, id) in self.lines.drain(..) {
            series.stale(id, at_ms);
        }
        self.named = usize::MAX;
    }

    /// Names and present values of its request series.
    pub(super) fn current(&self) -> impl Iterator<Item = (Labels, f64)> + '_ {
        self.lines.iter().map(|(labels, _)| labels.clone()).zip(shape::values(self.shape, &self.codes))
    }
}
