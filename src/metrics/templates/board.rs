//! One question for many releases.
//! Never brings a series a pod: pods are added up by what made them before the answer is sent.

use super::super::dialect::{CODE_LABELS, Dialect, POD_LABELS, Source};
use super::super::promql::{Matcher, marked, quoted, together};
use super::super::window::Window;
use super::{BAD_LABEL, OWNER_LABEL, WINDOW_LABEL};

/// Requests a second in `namespaces` over each of `windows`, marked [`WINDOW_LABEL`] and, errors from others, [`BAD_LABEL`]; by the labels that
/// [`Source::version_of`] reads. `None` for no namespaces.
pub fn board<'a>(source: &Source, namespaces: impl IntoIterator<Item = &'a str>, windows: &[Window]) -> Option<String> {
    let mut scope = source.family();
    scope.push(Matcher::among(source.namespace_label, namespaces)?);
    together(windows.iter().map(|window| marked(&source.by_release(&source.rate(&scope, *window)), WINDOW_LABEL, &window.to_string())))
}

impl Source {
    /// The labels that name releases here; those that are absent stay empty.
    fn release_labels(&self) -> Vec<&'static str> {
        let mut labels = vec![self.namespace_label];
        labels.extend(match self.dialect {
            Dialect::Istio => &["destination_workload", "destination_version"][..],
            Dialect::Linkerd => &["pod_template_hash"],
            Dialect::IngressNginx => &["ingress", "service", "canary"],
            Dialect::Generic { .. } | Dialect::Otel => &[],
        });
        labels
    }

    /// Different applications name their labels differently; one pass over them all reads each in its own way.
    fn by_release(&self, rate: &str) -> String {
        let codes: Vec<&str> = match self.dialect {
            Dialect::Generic { .. } => CODE_LABELS.to_vec(),
            _ => self.code_label().into_iter().collect(),
        };
        let pods: &[&str] = if self.dialect == Dialect::IngressNginx { &[] } else { &POD_LABELS };
        let release = self.release_labels();
        let all = release.iter().chain(pods).chain(&codes).copied().collect::<Vec<_>>().join(", ");
        let mut text = format!("sum by ({all}) ({rate})");
        for pod in pods {
            text = relabelled(&text, OWNER_LABEL, "$1", pod, "(.+)-[a-z0-9]+");
        }
        for code in &codes {
            text = relabelled(&text, BAD_LABEL, "0", code, ".+");
        }
        for code in &codes {
            text = relabelled(&text, BAD_LABEL, "1", code, self.bad_codes());
        }
        let mut kept = release;
        if !pods.is_empty() {
            kept.push(OWNER_LABEL);
        }
        kept.push(BAD_LABEL);
        format!("sum by ({}) ({text})", kept.join(", "))
    }
}

fn relabelled(expression: &str, label: &str, value: &str, from: &str, regex: &str) -> String {
    format!("label_replace({expression}, \"{label}\", \"{value}\", \"{from}\", {})", quoted(regex))
}
