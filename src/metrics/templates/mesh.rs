//! What only a mesh can tell: who calls, and which requests never arrived.
//! Never asks other families.

use super::super::dialect::{Dialect, Source};
use super::super::promql::{Matcher, marked, selector, together};
use super::super::subject::{Part, Subject};
use super::super::window::Window;
use super::ARM_LABEL;

impl Source {
    /// Requests a second by caller, to the new versions (`arm="new"`) and to all (`arm="all"`). Callers are named by
    /// `source_workload` and `source_workload_namespace` (Istio) or `deployment` and `namespace` (Linkerd). `arm="new"` is missing where it can't be told.
    pub fn callers(&self, subject: &Subject, window: Window) -> Option<String> {
        let (by, metric) = match self.dialect {
            Dialect::Istio => ("source_workload, source_workload_namespace", self.metric()),
            Dialect::Linkerd => ("deployment, namespace", self.metric()),
            _ => return None,
        };
        let called = |scope: &[Matcher]| format!("sum by ({by}) (rate({}[{window}])) > 0", selector(metric, scope));
        let (all, new) = if self.dialect == Dialect::Istio { self.called_in_istio(subject)? } else { called_in_linkerd(subject)? };
        let parts = new.map(|scope| marked(&called(&scope), ARM_LABEL, "new")).into_iter();
        together(parts.chain([marked(&called(&all), ARM_LABEL, "all")]))
    }

    /// Requests a second that failed as their callers saw it, by response flag: those that never reached a pod are only here. Istio alone tells.
    pub fn source_errors(&self, subject: &Subject, window: Window) -> Option<String> {
        if self.dialect != Dialect::Istio {
            return None;
        }
        let scope = [
            Matcher::equal("reporter", "source"),
            Matcher::equal("destination_service_namespace", subject.namespace.as_str()),
            Matcher::among("destination_service_name", subject.services.iter().map(|name| name.as_str()))?,
            self.bad()?,
        ];
        let by = "response_flags, destination_workload, destination_version";
        Some(format!("sum by ({by}) (rate({}[{window}]))", selector(self.metric(), &scope)))
    }

    fn called_in_istio(&self, subject: &Subject) -> Option<(Vec<Matcher>, Option<Vec<Matcher>>)> {
        let new = subject.versions.iter().find(|version| version.part == Part::New);
        Some((self.scope(subject)?, new.and_then(|version| self.scope_of(subject, version))))
    }
}

/// The callers' own proxies tell, each from its pod: the labels of the called begin with `dst_`.
fn called_in_linkerd(subject: &Subject) -> Option<(Vec<Matcher>, Option<Vec<Matcher>>)> {
    let mut all = vec![Matcher::equal("direction", "outbound"), Matcher::equal("dst_namespace", subject.namespace.as_str())];
    let service = Matcher::among("dst_service", subject.services.iter().map(|name| name.as_str()));
    all.push(match service {
        Some(service) => service,
        None => Matcher::among("dst_deployment", subject.workloads())?,
    });
    let hashes = subject.versions.iter().filter(|version| version.part == Part::New && !version.hash.is_empty());
    let new = Matcher::among("dst_pod_template_hash", hashes.map(|version| version.hash.as_str()));
    let new = new.map(|hash| all.iter().cloned().chain([hash]).collect());
    Some((all, new))
}
