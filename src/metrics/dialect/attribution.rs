//! Which version a series of an answer belongs to.
//! Never gives a series to a version on a label that two versions share.

use super::super::reply::Labels;
use super::super::subject::controller_of;
use super::super::templates::OWNER_LABEL;
use super::{Dialect, Source};
use crate::ports::metrics::{Part, Subject, VersionNames};
use crate::text::Clean;

impl Source {
    /// The version that `labels` belong to; `None` where they don't say.
    pub fn version_of<'a>(&self, subject: &'a Subject, labels: &Labels) -> Option<&'a VersionNames> {
        if self.dialect == Dialect::IngressNginx {
            let part = if labels.get("canary").is_empty() { Part::Old } else { Part::New };
            return only(subject, |version| version.part == part);
        }
        let named = |label: &str| Some(labels.get(label)).filter(|value| !value.is_empty());
        let by_pod = || only(subject, |version| self.pod_label.and_then(named).is_some_and(|pod| version.owns(pod)));
        // Owned by a ReplicaSet, or (StatefulSets, DaemonSets) by the workload itself, where one version alone runs.
        let by_owner = || only(subject, |version| named(OWNER_LABEL).is_some_and(|owner| version.replica_set.as_str() == owner));
        by_pod().or_else(by_owner).or_else(|| self.by_mesh(subject, labels))
    }

    /// The ReplicaSet of pods that are gone, where `labels` name one of its pods: what it answered is the service's still.
    pub fn earlier_of(&self, subject: &Subject, labels: &Labels) -> Option<Clean> {
        let set = controller_of(labels.get(self.pod_label?))?;
        subject.earlier.iter().find(|earlier| earlier.as_str() == set).cloned()
    }

    fn by_mesh<'a>(&self, subject: &'a Subject, labels: &Labels) -> Option<&'a VersionNames> {
        match self.dialect {
            Dialect::Istio => {
                let (workload, label) = (labels.get("destination_workload"), labels.get("destination_version"));
                only(subject, |version| !workload.is_empty() && subject.is_alone_in(version) == Some(workload)).or_else(|| {
                    let is_ours = subject.workloads().contains(&workload);
                    only(subject, |version| is_ours && !label.is_empty() && subject.label_of(version) == Some(label))
                })
            }
            Dialect::Linkerd => {
                let hash = labels.get("pod_template_hash");
                only(subject, |version| !hash.is_empty() && version.hash.as_str() == hash)
            }
            _ => None,
        }
    }

    /// Whether a series of a board's answer belongs to `subject` at all, before its version is looked for.
    pub(in super::super) fn is_of(&self, subject: &Subject, labels: &Labels) -> bool {
        labels.get(self.namespace_label) == subject.namespace.as_str()
            && (self.dialect != Dialect::IngressNginx
                || subject.ingress.iter().any(|name| name.as_str() == labels.get("ingress"))
                || (subject.ingress.is_empty() && subject.service_names().any(|name| name == labels.get("service"))))
    }
}

fn only(subject: &Subject, fits: impl Fn(&VersionNames) -> bool) -> Option<&VersionNames> {
    let mut fitting = subject.versions.iter().filter(|version| fits(version));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}
