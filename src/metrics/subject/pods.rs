//! Regular expressions for the pods of a release.
//! Never lists pods where their ReplicaSet says it: pods that died within the window still count, and the query stays the same as pods come and go.

use super::super::promql::literally;
use crate::ports::metrics::{Subject, VersionNames};
use crate::text::Clean;

/// So many pods are listed by name; beyond, the names' common shape is used and the answer is sorted out by name afterwards.
const MOST_NAMES: usize = 100;
/// Kubernetes cuts what it puts before the random end of a pod's name (with the dash) at 58 characters: longer ReplicaSet names can't be read back.
const LONGEST_PREFIX: usize = 57;
/// The random end of a generated name.
const RANDOM: &str = "[a-z0-9]{5}";

/// The name of what made `pod`: all but its last part. Right for ReplicaSets, StatefulSets and DaemonSets whose names were not cut.
pub(in super::super) fn controller_of(pod: &str) -> Option<&str> {
    let (name, end) = pod.rsplit_once('-')?;
    (!end.is_empty() && end.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())).then_some(name)
}

/// Matches the pods of one version; `None` where none is known and none can be foretold.
pub(in super::super) fn pods_of_version(version: &VersionNames) -> Option<String> {
    regex(&[version], &[], None)
}

/// Matches the pods of all versions of the release, those that are gone too.
pub(in super::super) fn pods_of(subject: &Subject) -> String {
    let versions: Vec<&VersionNames> = subject.versions.iter().collect();
    regex(&versions, &subject.earlier, Some(subject.workload.as_str())).unwrap_or_else(|| {
        // Nothing is known of its pods yet: `web-0`, `web-x7k2p` and `web-6b8f7d9c5-x7k2p`, but not those of `web-api-…-…`.
        format!("{}(-[a-z0-9]+)?-[a-z0-9]+", literally(subject.workload.as_str()))
    })
}

/// `workload` is what the shape of too many names is made from; without it their controllers' names are.
fn regex(versions: &[&VersionNames], earlier: &[Clean], workload: Option<&str>) -> Option<String> {
    let named = versions.iter().map(|version| version.replica_set.as_str());
    let mut sets: Vec<&str> = named.chain(earlier.iter().map(|name| name.as_str())).collect();
    sets.retain(|set| (1..=LONGEST_PREFIX).contains(&set.len()));
    sets.sort_unstable();
    sets.dedup();
    let mut names: Vec<&str> = versions.iter().flat_map(|version| &version.pods).map(|pod| pod.as_str()).collect();
    let is_foretold = |pod: &str| controller_of(pod).is_some_and(|set| sets.binary_search(&set).is_ok() && pod.len() == set.len() + 6);
    names.retain(|pod| !pod.is_empty() && !is_foretold(pod));
    names.sort_unstable();
    names.dedup();
    let mut parts = Vec::new();
    if let Some(sets) = alternatives(&sets) {
        parts.push(format!("{sets}-{RANDOM}"));
    }
    if names.len() > MOST_NAMES {
        // One version of many pods without ReplicaSets can't be told from another by the shape of names.
        parts.push(format!("{}-[a-z0-9]+", literally(workload?)));
    } else {
        parts.extend(by_controller(&names));
    }
    (!parts.is_empty()).then(|| parts.join("|"))
}

/// `web-0`, `web-1` as `web-(0|1)`: shorter, and read faster by people and by Prometheus.
fn by_controller(names: &[&str]) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut alone = Vec::new();
    for name in names {
        let Some((controller, end)) = name.rsplit_once('-') else {
            alone.push(literally(name));
            continue;
        };
        match groups.last_mut() {
            Some((last, ends)) if *last == controller => ends.push(end),
            _ => groups.push((controller, vec![end])),
        }
    }
    let grouped = groups.iter().filter_map(|(controller, ends)| Some(format!("{}-{}", literally(controller), alternatives(ends)?)));
    grouped.chain(alone).collect()
}

fn alternatives(texts: &[&str]) -> Option<String> {
    match texts {
        [] => None,
        [one] => Some(literally(one)),
        many => Some(format!("({})", many.iter().map(|text| literally(text)).collect::<Vec<_>>().join("|"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::metrics::Part;

    fn version(hash: &str, replica_set: &str, pods: &[&str]) -> VersionNames {
        VersionNames {
            hash: Clean::from(hash),
            replica_set: Clean::from(replica_set),
            pods: pods.iter().map(|pod| Clean::from(*pod)).collect(),
            part: Part::New,
            label: Clean::default(),
        }
    }

    #[test]
    fn a_replica_set_foretells_its_pods_dead_and_unborn() {
        let new = version("6b8f7", "web-6b8f7", &["web-6b8f7-abcde", "odd"]);
        assert_eq!(pods_of_version(&new).as_deref(), Some("web-6b8f7-[a-z0-9]{5}|odd"));
        assert!(new.owns("web-6b8f7-zzzzz") && new.owns("odd") && !new.owns("web-6b8f8-zzzzz"));
        let old = version("5c4d", "web-primary-5c4d", &[]);
        let subject = Subject { workload: Clean::from("web"), versions: vec![new, old], ..Subject::default() };
        assert_eq!(pods_of(&subject), "(web-6b8f7|web-primary-5c4d)-[a-z0-9]{5}|odd");
        assert_eq!(subject.workloads(), ["web", "web-primary"]);
        // What is gone is asked for as before.
        let mut later = subject.clone();
        let gone = later.versions.remove(1);
        later.earlier = vec![gone.replica_set];
        assert_eq!(pods_of(&later), pods_of(&subject));
    }

    #[test]
    fn names_that_were_cut_and_stateful_pods_are_listed() {
        let long = "x".repeat(60);
        let cut = version("h", &long, &["xx-abcde"]);
        assert_eq!(pods_of_version(&cut).as_deref(), Some("xx-abcde"));
        let set = version("rev", "", &["web-0", "web-10", "web-2"]);
        assert_eq!(pods_of_version(&set).as_deref(), Some("web-(0|10|2)"));
        assert_eq!(pods_of_version(&version("h", "", &[])), None);
    }

    #[test]
    fn too_many_names_become_their_shape() {
        let names: Vec<String> = (0..=MOST_NAMES).map(|at| format!("web.x-{at}")).collect();
        let set = version("rev", "", &names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(pods_of_version(&set), None);
        let subject = Subject { workload: Clean::from("web.x"), versions: vec![set], ..Subject::default() };
        assert_eq!(pods_of(&subject), r"web\.x-[a-z0-9]+");
    }

    #[test]
    fn what_made_a_pod_is_read_from_its_name() {
        assert_eq!(controller_of("web-6b8f7-abcde"), Some("web-6b8f7"));
        assert_eq!(controller_of("web-0"), Some("web"));
        assert_eq!((controller_of("web"), controller_of("web-")), (None, None));
    }
}
