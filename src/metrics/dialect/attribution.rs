//! Which version a series of an answer belongs to.
//! Never gives a series to a version on a label that two versions share.

use super::super::reply::Labels;
use super::super::subject::{Part, Subject};
use super::{Dialect, Source};

impl Source {
    /// The place in `subject.versions` of the version that `labels` belong to; `None` where they don't say.
    pub fn version_of(&self, subject: &Subject, labels: &Labels) -> Option<usize> {
        let only = |fits: &dyn Fn(usize) -> bool| {
            let mut fitting = (0..subject.versions.len()).filter(|at| fits(*at));
            let first = fitting.next()?;
            fitting.next().is_none().then_some(first)
        };
        let version = |at: usize| subject.versions.get(at);
        if self.dialect == Dialect::IngressNginx {
            let role = if labels.get("canary").is_empty() { Part::Old } else { Part::New };
            return only(&|at| version(at).is_some_and(|version| version.part == role));
        }
        let pod = self.pod_label.map_or("", |label| labels.get(label));
        if let Some(found) = (!pod.is_empty()).then(|| only(&|at| version(at).is_some_and(|version| version.owns(pod)))).flatten() {
            return Some(found);
        }
        match self.dialect {
            Dialect::Istio => {
                let (workload, label) = (labels.get("destination_workload"), labels.get("destination_version"));
                only(&|at| version(at).is_some_and(|version| !workload.is_empty() && subject.is_alone_in(version) == Some(workload)))
                    .or_else(|| {
                        only(&|at| version(at).is_some_and(|version| !label.is_empty() && subject.label_of(version) == Some(label)))
                    })
            }
            Dialect::Linkerd => {
                let hash = labels.get("pod_template_hash");
                only(&|at| version(at).is_some_and(|version| !hash.is_empty() && version.hash.as_str() == hash))
            }
            _ => None,
        }
    }
}
