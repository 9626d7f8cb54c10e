//! An objective that somebody said of one release: a Rollout that runs it as an analysis, a Canary that checks its target by it.
//! Refuses to hold a release to what only other pods do.

use super::{Coverage, Fit, Ground, Workload, best, names};
use crate::objectives::Found;
use crate::objects::{Kind, ReleaseRef};
use crate::text::Clean;

/// Its claim to that release, and what is doubtful of it, as a sentence.
pub(super) fn fits(found: &Found, release: &ReleaseRef, coverage: Option<&Coverage>, workloads: &[Workload]) -> (Vec<Fit>, Option<Clean>) {
    let Some(workload) = workloads.iter().find(|workload| workload.is_meant(release)) else { return (Vec::new(), None) };
    let release = &workload.release;
    let counted =
        |workload: &Workload| coverage.map(|coverage| coverage.count(workload)).is_some_and(|counted| counted.now + counted.gone > 0);
    // What Flagger releases is at rest while its copy serves; where no Canary is read, the two are two releases.
    let copy = format!("{}-primary", release.name);
    let is_copy = |other: &Workload| other.release.namespace == release.namespace && *other.release.name == *copy;
    let others = workloads.iter().filter(|other| other.release != *release && !is_copy(other)).filter(|other| counted(other)).count();
    let strangers = coverage.map_or(0, |coverage| coverage.strangers);
    let is_own = counted(workload) || workloads.iter().any(|other| is_copy(other) && counted(other));
    if !is_own && others + strangers > 0 && !names::is_edge(found) {
        return (Vec::new(), Some(Clean::from("Its query counts the requests of other pods and of none of its own.")));
    }
    let fit = best(found, coverage, workload).filter(|fit| fit.ground > Ground::Said).unwrap_or_else(|| Fit {
        release: release.clone(),
        ground: Ground::Said,
        score: 0.8,
        reason: Clean::from(match release.kind {
            Kind::Rollout => format!("{} runs it as an analysis.", release.name),
            _ => format!("{} is about {}.", first(found), release.name),
        }),
    });
    let doubt = (is_own && others + strangers > 0).then(|| {
        Clean::from(format!("It also counts requests of pods that are not {}'s: what it says of one it says of all.", release.name))
    });
    (vec![fit], doubt)
}

fn first(found: &Found) -> Clean {
    found.sources.first().map(|source| source.words.clone()).unwrap_or_default()
}
