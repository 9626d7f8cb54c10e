//! Finds out which families a namespace has, with one query, and then which labels.
//! Never takes a metric for requests because its name looks like one: only names of this list are.

use super::super::promql::{Matcher, literally, marked, selector, together};
use super::super::reply::Reply;
use super::super::subject::Subject;
use super::{Dialect, Latency, Shape, Source};
use crate::text::Clean;

/// The labels a status code is looked for in, best first.
pub const CODE_LABELS: [&str; 5] = ["code", "status", "status_code", "http_status_code", "response_code"];
/// The labels a pod's name is looked for in, best first: one that the scrape had to rename is the application's own word.
const POD_LABELS: [&str; 3] = ["pod", "kubernetes_pod_name", "exported_pod"];
/// Counters of requests that applications keep themselves, best first, with their histograms.
const GENERIC: [(&str, &str); 5] = [
    ("http_requests_total", "http_request_duration_seconds"),
    ("http_server_requests_total", "http_server_request_latency_seconds"),
    ("http_server_requests_seconds_count", "http_server_requests_seconds"),
    ("http_requests_received_total", "http_request_duration_seconds"),
    ("http_request_duration_seconds_count", "http_request_duration_seconds"),
];
/// The histograms of the other families and the length of their unit in seconds.
const OTEL: (&str, f64) = ("http_server_request_duration_seconds", 1.0);
const ISTIO: (&str, f64) = ("istio_request_duration_milliseconds", 0.001);
const LINKERD: (&str, f64) = ("response_latency_ms", 0.001);
const NGINX: (&str, f64) = ("nginx_ingress_controller_request_duration_seconds", 1.0);
/// Where the namespace of a pod may stand.
const NAMESPACE_LABELS: [&str; 3] = ["namespace", "exported_namespace", "destination_workload_namespace"];

/// One query that brings the names of all request metrics in `namespace`; its answer goes to [`Source::choose`].
pub fn probe_query(namespace: &str) -> String {
    let names = names().join("|");
    let arms = NAMESPACE_LABELS.iter().map(|label| {
        let found = selector("", &[Matcher::regex("__name__", names.clone()), Matcher::equal(label, namespace)]);
        marked(&format!("count by (__name__) ({found})"), "found_by", label)
    });
    together(arms).unwrap_or_default()
}

/// Every name that is looked for, once.
fn names() -> Vec<String> {
    let mut names: Vec<String> =
        ["istio_requests_total", "response_total", "nginx_ingress_controller_requests", "http_server_request_duration_seconds_count"]
            .map(str::to_owned)
            .into();
    names.extend(GENERIC.map(|(counter, _)| counter.to_owned()));
    for histogram in GENERIC.map(|(_, histogram)| histogram).into_iter().chain([OTEL.0, ISTIO.0, LINKERD.0, NGINX.0]) {
        // With its buckets, and bare where it is native.
        names.extend([histogram.to_owned(), format!("{histogram}_bucket")]);
    }
    names.sort();
    names.dedup();
    names.iter().map(|name| literally(name)).collect()
}

impl Source {
    /// The families in an answer to [`probe_query`], best first: what tells versions apart most surely and sees every request.
    pub fn choose(reply: &Reply) -> Vec<Self> {
        let has = |name: &str, label: &str| {
            reply.data.samples().iter().any(|sample| sample.labels.get("__name__") == name && sample.labels.get("found_by") == label)
        };
        let place = |name: &str| NAMESPACE_LABELS.into_iter().find(|label| has(name, label));
        let latency = |(name, unit): (&str, f64)| {
            let classic = place(&format!("{name}_bucket")).is_some();
            let shape = if classic { Shape::Classic } else { Shape::Native };
            (classic || place(name).is_some()).then(|| Latency { metric: Clean::from(name), shape, unit })
        };
        let source = |dialect, namespace_label, pod_label, latency| Self { dialect, namespace_label, pod_label, latency };
        let mut found = Vec::new();
        if place("istio_requests_total").is_some() {
            // Its own label is right however it is scraped.
            found.push(source(Dialect::Istio, "destination_workload_namespace", None, latency(ISTIO)));
        }
        if let Some(at) = place("response_total") {
            found.push(source(Dialect::Linkerd, at, Some("pod"), latency(LINKERD)));
        }
        let otel = latency(OTEL);
        let otel_at = place("http_server_request_duration_seconds_count").or_else(|| place(OTEL.0));
        if let Some(at) = otel_at {
            found.push(source(Dialect::Otel, at, Some("pod"), otel));
        }
        if let Some((at, (metric, histogram))) = GENERIC.iter().find_map(|pair| Some((place(pair.0)?, pair))) {
            let dialect = Dialect::Generic { metric: Clean::from(*metric), code_label: Some(CODE_LABELS[0]) };
            found.push(source(dialect, at, Some("pod"), latency((histogram, 1.0))));
        }
        if has("nginx_ingress_controller_requests", "exported_namespace") {
            found.push(source(Dialect::IngressNginx, "exported_namespace", None, latency(NGINX)));
        } else if let Some(at) = place("nginx_ingress_controller_requests") {
            found.push(source(Dialect::IngressNginx, at, None, latency(NGINX)));
        }
        found
    }

    /// What to ask the label names of, so that [`Self::with_labels`] can correct what was assumed.
    pub fn label_selector(&self, subject: &Subject) -> String {
        selector(self.metric(), &[Matcher::equal(self.namespace_label, subject.namespace.as_str())])
    }

    /// The same with the labels it has here, from the answer to a question for the label names of [`Self::label_selector`].
    #[must_use]
    pub fn with_labels(mut self, names: &[Clean]) -> Self {
        let first = |known: &[&'static str]| known.iter().copied().find(|label| names.iter().any(|name| name.as_str() == *label));
        if let Dialect::Generic { code_label, .. } = &mut self.dialect {
            *code_label = first(&CODE_LABELS);
        }
        if self.dialect != Dialect::IngressNginx {
            // ingress-nginx's pods are the controller's, not the release's.
            self.pod_label = first(&POD_LABELS);
            if self.namespace_label == "exported_namespace" && first(&["exported_pod"]).is_some() {
                self.pod_label = Some("exported_pod");
            }
        }
        self
    }
}
