//! How a release's names become conditions on labels: which pods are its own, which workload made which version.
//! Never looks at a cluster: it is told which pods, Services and Ingresses there are.

mod pods;

use crate::ports::metrics::{Subject, VersionNames};

pub(super) use pods::{controller_of, pods_of, pods_of_version};

impl VersionNames {
    /// The name of the workload that made its ReplicaSet: with Flagger, `web-primary` beside `web`.
    pub(super) fn maker(&self) -> Option<&str> {
        let hash = self.hash.as_str();
        let maker = self.replica_set.as_str().strip_suffix(hash)?.strip_suffix('-')?;
        (!hash.is_empty() && !maker.is_empty()).then_some(maker)
    }

    /// Whether `pod` runs this version: seen before, or named by its ReplicaSet.
    pub(super) fn owns(&self, pod: &str) -> bool {
        self.pods.iter().any(|known| known.as_str() == pod)
            || (!self.replica_set.is_empty() && controller_of(pod) == Some(self.replica_set.as_str()))
    }
}

impl Subject {
    /// The names of all workloads that run its versions; its own first.
    pub(super) fn workloads(&self) -> Vec<&str> {
        let mut names = vec![self.workload.as_str()];
        for maker in self.versions.iter().filter_map(VersionNames::maker) {
            if !names.contains(&maker) {
                names.push(maker);
            }
        }
        names
    }

    /// Its workload's name where this version alone comes from it, so that the name tells it from the others.
    pub(super) fn is_alone_in<'a>(&self, version: &'a VersionNames) -> Option<&'a str> {
        let maker = version.maker()?;
        let count = self.versions.iter().filter(|other| other.maker().is_none_or(|name| name == maker)).count();
        (count == 1).then_some(maker)
    }

    /// The `version` label, where it tells this version from all others (a chart may not raise it with each release).
    pub(super) fn label_of<'a>(&self, version: &'a VersionNames) -> Option<&'a str> {
        let same = self.versions.iter().filter(|other| other.label == version.label || other.label.is_empty()).count();
        (same == 1 && !version.label.is_empty()).then_some(version.label.as_str())
    }

    /// The names under which its Services are known.
    pub(super) fn service_names(&self) -> impl Iterator<Item = &str> {
        self.services.iter().map(|name| name.as_str())
    }
}
