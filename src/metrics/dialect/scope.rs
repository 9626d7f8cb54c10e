//! The conditions under which a family's series belong to a release, or to one of its versions.
//! Never falls back on a wider condition: where none fits there is no question.

use super::super::promql::Matcher;
use super::super::subject::{pods_of, pods_of_version};
use super::{Dialect, Source};
use crate::ports::metrics::{Part, Subject, VersionNames};

impl Source {
    /// Matches the requests to `subject`; `None` where this family can't tell them (an ingress without a name).
    pub(in super::super) fn scope(&self, subject: &Subject) -> Option<Vec<Matcher>> {
        let mut matchers = self.base(subject);
        match (&self.dialect, self.pod_label) {
            (Dialect::IngressNginx, _) => {
                let ingress = Matcher::among("ingress", subject.ingress.iter().map(|name| name.as_str()));
                matchers.push(ingress.or_else(|| Matcher::among("service", subject.service_names()))?);
            }
            (_, Some(pod)) => matchers.push(Matcher::regex(pod, pods_of(subject))),
            (Dialect::Istio, None) => matchers.push(Matcher::among("destination_workload", subject.workloads())?),
            (Dialect::Linkerd, None) => matchers.push(Matcher::among("deployment", subject.workloads())?),
            (Dialect::Generic { .. } | Dialect::Otel, None) => return None,
        }
        Some(matchers)
    }

    /// Matches the requests to one version of `subject`; `None` where this family can't tell it from the others.
    pub(in super::super) fn scope_of(&self, subject: &Subject, version: &VersionNames) -> Option<Vec<Matcher>> {
        if self.dialect == Dialect::IngressNginx {
            let mut matchers = self.scope(subject)?;
            matchers.push(match version.part {
                Part::New => Matcher::unequal("canary", ""),
                Part::Old => Matcher::equal("canary", ""),
                Part::Other => return None,
            });
            return Some(matchers);
        }
        let mut matchers = self.base(subject);
        if let Some(pod) = self.pod_label {
            matchers.push(Matcher::regex(pod, pods_of_version(version)?));
            return Some(matchers);
        }
        match self.dialect {
            Dialect::Istio => match (subject.is_alone_in(version), subject.label_of(version)) {
                (Some(workload), _) => matchers.push(Matcher::equal("destination_workload", workload)),
                (None, Some(label)) => {
                    matchers.push(Matcher::among("destination_workload", subject.workloads())?);
                    matchers.push(Matcher::equal("destination_version", label));
                }
                (None, None) => return None,
            },
            Dialect::Linkerd if !version.hash.is_empty() => {
                matchers.push(Matcher::among("deployment", subject.workloads())?);
                matchers.push(Matcher::equal("pod_template_hash", version.hash.as_str()));
            }
            _ => return None,
        }
        Some(matchers)
    }

    fn base(&self, subject: &Subject) -> Vec<Matcher> {
        let mut matchers = self.family();
        matchers.push(Matcher::equal(self.namespace_label, subject.namespace.as_str()));
        matchers
    }

    /// What every question to this family is limited by: the receiving side, so that nothing is counted twice.
    pub(in super::super) fn family(&self) -> Vec<Matcher> {
        match self.dialect {
            Dialect::Istio => vec![Matcher::equal("reporter", "destination")],
            Dialect::Linkerd => vec![Matcher::equal("direction", "inbound")],
            _ => Vec::new(),
        }
    }

    /// Matches errors; `None` where this family can't tell them.
    pub(in super::super) fn bad(&self) -> Option<Matcher> {
        self.code_label().map(|label| Matcher::regex(label, self.bad_codes()))
    }
}
