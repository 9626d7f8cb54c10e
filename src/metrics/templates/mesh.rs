//! What only a mesh can tell: who calls, and which requests never arrived.
//! Never asks other families.

use super::super::dialect::{Dialect, Source};
use super::super::promql::{Matcher, marked, selector, together};
use super::super::window::Window;
use super::ARM_LABEL;
use crate::ports::metrics::{Part, Subject, VersionNames};

/// Envoy's response flags of requests that reached no pod: no healthy upstream, connection failed, overflow, no route, no cluster, failed health check.
const UNREACHED: &str = "(.*,)?(UH|UF|UO|NR|NC|LH)(,.*)?";

impl Source {
    /// Requests a second by caller, to the new versions (`arm="new"`) and to all (`arm="all"`). Callers are named by
    /// `source_workload` and `source_workload_namespace` (Istio) or `deployment` and `namespace` (Linkerd). `arm="new"` is missing where it can't be told.
    pub fn callers(&self, subject: &Subject, window: Window) -> Option<String> {
        let by = match self.dialect {
            Dialect::Istio => "source_workload, source_workload_namespace",
            Dialect::Linkerd => "deployment, namespace",
            _ => return None,
        };
        let called = |scope: &[Matcher]| format!("sum by ({by}) (rate({}[{window}])) > 0", selector(self.metric(), scope));
        let (all, new) = if self.dialect == Dialect::Istio { self.called_in_istio(subject)? } else { called_in_linkerd(subject)? };
        let new = new.into_iter().map(|scope| called(&scope)).collect::<Vec<_>>().join("\nor\n");
        let new = (!new.is_empty()).then(|| marked(&format!("({new})"), ARM_LABEL, "new"));
        together(new.into_iter().chain([marked(&format!("({})", called(&all)), ARM_LABEL, "all")]))
    }

    /// Requests a second that reached no pod, as their callers saw it; 0 only where callers are measured at all. Istio alone tells.
    pub fn unreached(&self, subject: &Subject, window: Window) -> Option<String> {
        if self.dialect != Dialect::Istio {
            return None;
        }
        let all = vec![
            Matcher::equal("reporter", "source"),
            Matcher::equal("destination_service_namespace", subject.namespace.as_str()),
            Matcher::among("destination_service_name", subject.service_names())?,
        ];
        let flagged: Vec<Matcher> = all.iter().cloned().chain([Matcher::regex("response_flags", UNREACHED)]).collect();
        let sum = |scope: &[Matcher]| format!("sum(rate({}[{window}]))", selector(self.metric(), scope));
        Some(format!("{} or 0 * {}", sum(&flagged), sum(&all)))
    }

    fn called_in_istio(&self, subject: &Subject) -> Option<(Vec<Matcher>, Vec<Vec<Matcher>>)> {
        Some((self.scope(subject)?, news(subject).filter_map(|version| self.scope_of(subject, version)).collect()))
    }
}

fn news(subject: &Subject) -> impl Iterator<Item = &VersionNames> {
    subject.versions.iter().filter(|version| version.part == Part::New)
}

/// The callers' own proxies tell, each from its pod: the labels of the called begin with `dst_`.
fn called_in_linkerd(subject: &Subject) -> Option<(Vec<Matcher>, Vec<Vec<Matcher>>)> {
    let mut all = vec![Matcher::equal("direction", "outbound"), Matcher::equal("dst_namespace", subject.namespace.as_str())];
    all.push(match Matcher::among("dst_service", subject.service_names()) {
        Some(service) => service,
        None => Matcher::among("dst_deployment", subject.workloads())?,
    });
    let hashes = news(subject).map(|version| version.hash.as_str()).filter(|hash| !hash.is_empty());
    let new = Matcher::among("dst_pod_template_hash", hashes).map(|hash| all.iter().cloned().chain([hash]).collect());
    Some((all, new.into_iter().collect()))
}
