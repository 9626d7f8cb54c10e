//! Which metrics tell about requests, and how each family names things.
//! Never guesses a label: what the probe did not find makes a question that is not asked.

mod attribution;
mod probe;
mod scope;

use crate::text::Clean;

pub use probe::{CODE_LABELS, POD_LABELS, families_query, fitting, fitting_query, looked_for};

/// A family of request metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialect {
    /// Istio's `istio_requests_total`, as the receiving proxy reports it.
    Istio,
    /// Linkerd's `response_total`, inbound.
    Linkerd,
    /// ingress-nginx's `nginx_ingress_controller_requests`: versions only as main and canary.
    IngressNginx,
    /// The application's own counter.
    Generic {
        /// Its name.
        metric: Clean,
        /// The label with the status code, one of [`CODE_LABELS`]; `None` where it has none, so that errors can't be told.
        code_label: Option<&'static str>,
    },
    /// OpenTelemetry's `http_server_request_duration_seconds`.
    Otel,
}

/// How latencies are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Series by `le`, in `…_bucket`.
    Classic,
    /// One native histogram a series.
    Native,
}

/// Where latencies are found.
#[derive(Debug, Clone, PartialEq)]
pub struct Latency {
    /// The histogram's name, without `_bucket`.
    pub metric: Clean,
    /// How it is stored.
    pub shape: Shape,
    /// One unit of it in seconds: 0.001 where it counts milliseconds. Bounds (`le`) and quantiles are to be multiplied by it.
    pub unit: f64,
}

/// A family that was found, with the labels it has here. Questions are built by the methods in [`templates`](super::templates).
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The family.
    pub dialect: Dialect,
    /// The label that holds the namespace of the pods (`exported_namespace` where the scrape put its own into `namespace`).
    pub namespace_label: &'static str,
    /// The label that holds the pod's name; `None` where there is none.
    pub pod_label: Option<&'static str>,
    /// Where latencies are found, if anywhere.
    pub latency: Option<Latency>,
}

impl Source {
    /// The family's name, for a screen.
    pub fn name(&self) -> &'static str {
        match self.dialect {
            Dialect::Istio => "Istio",
            Dialect::Linkerd => "Linkerd",
            Dialect::IngressNginx => "ingress-nginx",
            Dialect::Generic { .. } => "application metrics",
            Dialect::Otel => "OpenTelemetry",
        }
    }

    /// The counter of requests.
    pub fn metric(&self) -> &str {
        match &self.dialect {
            Dialect::Istio => "istio_requests_total",
            Dialect::Linkerd => "response_total",
            Dialect::IngressNginx => "nginx_ingress_controller_requests",
            Dialect::Generic { metric, .. } => metric.as_str(),
            Dialect::Otel => match &self.latency {
                // A native histogram has no `_count` of its own.
                Some(Latency { shape: Shape::Native, .. }) => "http_server_request_duration_seconds",
                _ => "http_server_request_duration_seconds_count",
            },
        }
    }

    /// Whether requests are counted by a native histogram, so that their number is taken out of it.
    pub(super) fn counts_natively(&self) -> bool {
        self.dialect == Dialect::Otel && matches!(self.latency, Some(Latency { shape: Shape::Native, .. }))
    }

    /// The label that tells good from bad.
    pub fn code_label(&self) -> Option<&'static str> {
        match self.dialect {
            Dialect::Istio => Some("response_code"),
            Dialect::Linkerd => Some("classification"),
            Dialect::IngressNginx => Some("status"),
            Dialect::Generic { code_label, .. } => code_label,
            Dialect::Otel => Some("http_response_status_code"),
        }
    }

    /// The values of [`Self::code_label`] that count as errors, as a regular expression. 4xx never does: the caller was wrong.
    pub(super) fn bad_codes(&self) -> &'static str {
        match self.dialect {
            Dialect::Linkerd => "failure",
            // 0: the connection ended before an answer began.
            Dialect::Istio => "5..|0",
            // Also `5xx`, as nginx reports with status classes.
            _ => "5..",
        }
    }

    /// Whether a value of [`Self::code_label`] counts as an error: the same rule as in the queries.
    pub fn is_bad(&self, code: &str) -> bool {
        match self.dialect {
            Dialect::Linkerd => code == "failure",
            Dialect::Istio if code == "0" => true,
            _ => code.starts_with('5') && code.chars().count() == 3,
        }
    }

    /// The labels that tell versions apart here, best first.
    pub fn version_labels(&self) -> Vec<&'static str> {
        let family: &[&str] = match self.dialect {
            Dialect::Istio => &["destination_workload", "destination_version"],
            Dialect::Linkerd => &["pod_template_hash"],
            Dialect::IngressNginx => &["canary"],
            Dialect::Generic { .. } | Dialect::Otel => &[],
        };
        self.pod_label.iter().chain(family).copied().collect()
    }
}

#[cfg(test)]
mod tests;
