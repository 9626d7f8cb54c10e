//! Finds out which families some namespaces have, with one query, and then which labels tell one release's requests there.
//! Never takes a metric for requests because its name looks like one: only names of this list are.

use super::super::promql::{Matcher, literally, marked, selector, together};
use super::super::reply::Reply;
use super::{Dialect, Latency, Shape, Source};
use crate::ports::metrics::Subject;
use crate::text::Clean;

/// The labels a status code is looked for in, best first.
pub const CODE_LABELS: [&str; 5] = ["code", "status", "status_code", "http_status_code", "response_code"];
/// The labels a pod's name is looked for in, best first. One that the scrape had to rename is the application's own word.
pub const POD_LABELS: [&str; 3] = ["pod", "kubernetes_pod_name", "exported_pod"];
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
/// Marks by which label a namespace was found.
const FOUND_BY: &str = "found_by";
/// Marks which candidate a count is of.
const CANDIDATE: &str = "candidate";

/// One query that brings the names of all request metrics in `namespaces`; its answer goes to [`Source::choose`].
pub fn families_query<'a>(namespaces: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    let names = names().iter().map(|name| literally(name)).collect::<Vec<_>>().join("|");
    let arms = NAMESPACE_LABELS.iter().filter_map(|label| {
        let found = selector("", &[Matcher::regex("__name__", names.clone()), Matcher::among(label, namespaces.clone())?]);
        Some(marked(&format!("count by (__name__, {label}) ({found})"), FOUND_BY, label))
    });
    together(arms)
}

/// What is looked for, in words for a screen that has to say that nothing was found.
pub fn looked_for() -> Clean {
    Clean::from("Istio, Linkerd, OpenTelemetry, http_requests_total and its like, ingress-nginx")
}

/// Every name that is looked for, once.
fn names() -> Vec<String> {
    let mut names = ["istio_requests_total", "response_total", "nginx_ingress_controller_requests"].map(str::to_owned).to_vec();
    names.push(format!("{}_count", OTEL.0));
    names.extend(GENERIC.map(|(counter, _)| counter.to_owned()));
    for histogram in GENERIC.map(|(_, histogram)| histogram).into_iter().chain([OTEL.0, ISTIO.0, LINKERD.0, NGINX.0]) {
        // With its buckets, and bare where it is native.
        names.extend([histogram.to_owned(), format!("{histogram}_bucket")]);
    }
    names.sort();
    names.dedup();
    names
}

impl Source {
    /// The families of `namespace` in an answer to [`families_query`], best first: what tells versions apart most surely and sees every request.
    pub fn choose(reply: &Reply, namespace: &str) -> Vec<Self> {
        let found_by = |name: &str, label: &str| {
            reply
                .data
                .samples()
                .iter()
                .map(|sample| &sample.labels)
                .any(|labels| labels.get("__name__") == name && labels.get(FOUND_BY) == label && labels.get(label) == namespace)
        };
        let place = |name: &str| NAMESPACE_LABELS.into_iter().find(|label| found_by(name, label));
        let latency = |(name, unit): (&str, f64)| {
            let classic = place(&format!("{name}_bucket")).is_some();
            let shape = if classic { Shape::Classic } else { Shape::Native };
            (classic || place(name).is_some()).then(|| Latency { metric: Clean::from(name), shape, unit })
        };
        let source = |dialect, namespace_label, pod_label, latency| Self { dialect, namespace_label, pod_label, latency };
        let mut found = Vec::new();
        if found_by("istio_requests_total", "destination_workload_namespace") {
            // Its own label is right however it is scraped.
            found.push(source(Dialect::Istio, "destination_workload_namespace", Some("pod"), latency(ISTIO)));
        }
        if let Some(at) = place("response_total") {
            found.push(source(Dialect::Linkerd, at, Some("pod"), latency(LINKERD)));
        }
        if let Some(at) = place(&format!("{}_count", OTEL.0)).or_else(|| place(OTEL.0)) {
            found.push(source(Dialect::Otel, at, Some("pod"), latency(OTEL)));
        }
        for (metric, histogram) in GENERIC {
            if let Some(at) = place(metric) {
                let dialect = Dialect::Generic { metric: Clean::from(metric), code_label: Some("code") };
                found.push(source(dialect, at, Some("pod"), latency((histogram, 1.0))));
            }
        }
        let nginx = "nginx_ingress_controller_requests";
        // Where the scrape renamed labels, `namespace` is the controller's own.
        if let Some(at) = ["exported_namespace", "namespace"].into_iter().find(|label| found_by(nginx, label)) {
            found.push(source(Dialect::IngressNginx, at, None, latency(NGINX)));
        }
        found
    }

    /// Itself with every way its labels may be named, best first.
    fn variants(&self) -> Vec<Self> {
        let pods: Vec<Option<&'static str>> = match self.dialect {
            Dialect::IngressNginx => vec![None],
            // A mesh names workloads where its proxies stand apart from the pods.
            Dialect::Istio | Dialect::Linkerd => POD_LABELS.into_iter().map(Some).chain([None]).collect(),
            Dialect::Generic { .. } | Dialect::Otel => POD_LABELS.into_iter().map(Some).collect(),
        };
        let codes: Vec<Option<&'static str>> = match self.dialect {
            Dialect::Generic { .. } => CODE_LABELS.into_iter().map(Some).chain([None]).collect(),
            _ => vec![self.code_label()],
        };
        let with = |pod_label, code_label| {
            let mut variant = Self { pod_label, ..self.clone() };
            if let Dialect::Generic { code_label: code, .. } = &mut variant.dialect {
                *code = code_label;
            }
            variant
        };
        codes.iter().flat_map(|code| pods.iter().map(|pod| with(*pod, *code)).collect::<Vec<_>>()).collect()
    }
}

/// One query that tells which of `families`, with which labels, hold requests to `subject`; its answer goes to [`fitting`].
/// `None` where none of them could.
pub fn fitting_query(families: &[Source], subject: &Subject) -> Option<String> {
    let candidates = families.iter().flat_map(Source::variants).enumerate();
    together(candidates.filter_map(|(at, candidate)| {
        let mut scope = candidate.scope(subject)?;
        if let (Dialect::Generic { .. }, Some(code)) = (&candidate.dialect, candidate.code_label()) {
            scope.push(Matcher::unequal(code, ""));
        }
        Some(marked(&format!("count({})", selector(candidate.metric(), &scope)), CANDIDATE, &at.to_string()))
    }))
}

/// The families that hold requests to the subject of a [`fitting_query`] of the same `families`, each with the labels it has here, best first.
/// Those whose errors can't be told come last.
pub fn fitting(families: &[Source], reply: &Reply) -> Vec<Source> {
    let holds = |at: usize| {
        let place = at.to_string();
        reply.data.samples().iter().any(|sample| sample.labels.get(CANDIDATE) == place && sample.point.value > 0.0)
    };
    let mut found: Vec<Source> = Vec::new();
    for (at, candidate) in families.iter().flat_map(Source::variants).enumerate() {
        if holds(at) && !found.iter().any(|known| known.metric() == candidate.metric()) {
            found.push(candidate);
        }
    }
    found.sort_by_key(|source| source.code_label().is_none());
    found
}
