//! One question for many releases.
//! Never brings a series a pod: pods are added up by what made them before the answer is sent.

use super::super::dialect::{Dialect, Source};
use super::super::promql::{Matcher, marked, together};
use super::super::window::Window;
use super::{SLI_LABEL, WINDOW_LABEL};

/// The label of a board's answer that holds what made the pods: a ReplicaSet, StatefulSet or DaemonSet.
pub const OWNER_LABEL: &str = "owner";

impl Source {
    /// Total and bad requests a second in `namespaces` (none: all of them), marked as by [`Source::service`], by the labels of [`Self::board_labels`].
    /// Ask the longer windows less often than the shortest.
    pub fn board(&self, namespaces: &[&str], windows: &[Window]) -> Option<String> {
        let mut scope = self.family();
        scope.extend(Matcher::among(self.namespace_label, namespaces.iter().copied()));
        if let Some(pod) = self.pod_label.filter(|_| self.owns_pods()) {
            scope.push(Matcher::unequal(pod, ""));
        }
        let bad = self.bad().map(|bad| scope.iter().cloned().chain([bad]).collect::<Vec<_>>());
        together(windows.iter().flat_map(|window| {
            [("total", Some(&scope)), ("bad", bad.as_ref())].into_iter().filter_map(|(sli, matchers)| {
                let query = format!("sum by ({}) ({})", self.board_labels().join(", "), self.owned(&self.rate(matchers?, *window)));
                Some(marked(&marked(&query, SLI_LABEL, sli), WINDOW_LABEL, &window.to_string()))
            })
        }))
    }

    /// The labels by which a board's answer names releases: the namespace, then the workload, its ReplicaSet (as [`OWNER_LABEL`]) or the Ingress.
    pub fn board_labels(&self) -> Vec<&'static str> {
        match self.dialect {
            _ if self.pod_label.is_some() => vec![self.namespace_label, OWNER_LABEL],
            Dialect::Istio => vec![self.namespace_label, "destination_workload", "destination_version"],
            Dialect::IngressNginx => vec![self.namespace_label, "ingress", "canary"],
            Dialect::Linkerd => vec![self.namespace_label, "deployment", "pod_template_hash"],
            _ => vec![self.namespace_label, OWNER_LABEL],
        }
    }

    fn owns_pods(&self) -> bool {
        self.board_labels().contains(&OWNER_LABEL)
    }

    /// With the pod's maker beside the pod: its name without its last part.
    fn owned(&self, rate: &str) -> String {
        match self.pod_label.filter(|_| self.owns_pods()) {
            Some(pod) => format!("label_replace({rate}, \"{OWNER_LABEL}\", \"$1\", \"{pod}\", \"(.+)-[a-z0-9]+\")"),
            None => rate.to_owned(),
        }
    }
}
