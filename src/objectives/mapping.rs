//! Which releases an objective speaks of: by the pods whose series its query counts, else by names, each with the reason.
//! Refuses to choose in silence: where one objective speaks of several releases, that is said.

mod coverage;
mod names;
mod said;

use std::fmt;

use crate::objects::{Kind, ReleaseRef};
use crate::text::Clean;

pub(super) use coverage::selectors;
pub use coverage::{Coverage, covering};

use super::Found;

/// A release, under the names its pods have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Which.
    pub release: ReleaseRef,
    /// The Deployment that is released, where the release is another object: a Canary's target.
    pub target: Option<Clean>,
    /// Its pods now.
    pub pods: Vec<Clean>,
    /// Its ReplicaSets, older ones too: pods that are gone are still in the metrics.
    pub replica_sets: Vec<Clean>,
    /// The Services in front of it, its `app.kubernetes.io/name` and `part-of`, and whatever else it is called.
    pub also_called: Vec<Clean>,
}

impl Workload {
    /// Whether what is said of `release` is meant for this one.
    fn is_meant(&self, release: &ReleaseRef) -> bool {
        let targets = || self.release.namespace == release.namespace && self.target.as_ref() == Some(&release.name);
        self.release == *release || release.kind == Kind::Deployment && targets()
    }
}

/// How surely an objective speaks of a release. What stands further down is surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// The service it names is called as the release is.
    Name,
    /// Its query names the release in a label.
    Label,
    /// Whoever wrote it down named the release.
    Said,
    /// Series of the release's pods that are gone.
    GonePods,
    /// Series of the release's pods.
    Pods,
}

/// What it rests on, in a word or two.
impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "a name",
            Self::Label => "a label",
            Self::Said => "what it was said of",
            Self::GonePods => "pods that are gone",
            Self::Pods => "pods",
        })
    }
}

/// An objective's claim to a release.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The release.
    pub release: ReleaseRef,
    /// What it rests on.
    pub ground: Ground,
    /// How well it fits, above 0 to 1: of pods, the part that was found.
    pub score: f64,
    /// Why, as a sentence.
    pub reason: Clean,
}

/// All that is known of whom an objective speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// The releases, the surest first.
    pub fits: Vec<Fit>,
    /// Why it is not certain which one is meant, as a sentence.
    pub doubt: Option<Clean>,
    /// Whether it surely counts the requests of others too: how fast it burns is not one release's doing alone.
    pub is_shared: bool,
    /// The label that names the release's pods in its series, where there is one: a split by version needs it.
    pub pod_label: Option<&'static str>,
}

impl Mapping {
    /// How it fits `release`.
    pub fn fit(&self, release: &ReleaseRef) -> Option<&Fit> {
        self.fits.iter().find(|fit| fit.release == *release)
    }
}

/// Whom `found` speaks of. `coverage` is what [`covering`] brought back; without it names alone decide.
pub fn map(found: &Found, coverage: Option<&Coverage>, workloads: &[Workload]) -> Mapping {
    let pod_label = coverage.and_then(Coverage::pod_label);
    if let Some(release) = &found.release {
        let (fits, doubt) = said::fits(found, release, coverage, workloads);
        let is_shared = doubt.is_some() && !fits.is_empty();
        return Mapping { fits, doubt, is_shared, pod_label };
    }
    let mut fits: Vec<Fit> = workloads.iter().filter_map(|workload| best(found, coverage, workload)).collect();
    // Names are for want of better: pods that were found outweigh them.
    if let Some(surest) = fits.iter().map(|fit| fit.ground).max().filter(|ground| *ground >= Ground::GonePods) {
        fits.retain(|fit| fit.ground >= Ground::GonePods.min(surest));
    }
    fits.sort_by(|a, b| b.ground.cmp(&a.ground).then(b.score.total_cmp(&a.score)).then_with(|| a.release.cmp(&b.release)));
    let doubt = doubt(&fits, coverage);
    let counted = fits.iter().filter(|fit| fit.ground >= Ground::GonePods).count();
    let is_shared = counted > 1 || counted == 1 && coverage.is_some_and(|coverage| coverage.strangers > 0);
    Mapping { fits, doubt, is_shared, pod_label }
}

fn best(found: &Found, coverage: Option<&Coverage>, workload: &Workload) -> Option<Fit> {
    let fit = |ground, score, reason: String| Some(Fit { release: workload.release.clone(), ground, score, reason: Clean::from(reason) });
    let name = &workload.release.name;
    if let Some(counted) = coverage.map(|coverage| coverage.count(workload)) {
        if counted.now > 0 {
            let score = counted.now as f64 / workload.pods.len().max(1) as f64;
            return fit(Ground::Pods, score, format!("Its requests come from {} of {name}'s {}.", counted.now, pods(workload.pods.len())));
        }
        if counted.gone > 0 && workload.pods.is_empty() {
            // Which of them are there is not read here; their ReplicaSets are known.
            return fit(Ground::Pods, 1.0, format!("Its requests come from {} of {name}'s ReplicaSets.", pods(counted.gone)));
        }
        if counted.gone > 0 {
            return fit(Ground::GonePods, 0.5, format!("Its requests come from {} of {name}, gone by now.", pods(counted.gone)));
        }
        // Series that name pods, and none of this release: names would only mislead.
        if coverage.is_some_and(|coverage| coverage.pod_label().is_some()) && !names::is_edge(found) {
            return None;
        }
    }
    names::by_label(found, workload).map(|(ground, score, reason)| Fit {
        release: workload.release.clone(),
        ground,
        score,
        reason: Clean::from(reason),
    })
}

fn pods(count: usize) -> String {
    if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") }
}

fn doubt(fits: &[Fit], coverage: Option<&Coverage>) -> Option<Clean> {
    let [first, second, ..] = fits else {
        return coverage.filter(|coverage| !fits.is_empty() && coverage.strangers > 0).map(|coverage| {
            Clean::from(format!("It also counts requests of {} that belong to none of the releases known here.", pods(coverage.strangers)))
        });
    };
    if first.ground != second.ground {
        return None;
    }
    let names: Vec<String> = fits.iter().filter(|fit| fit.ground == first.ground).map(|fit| fit.release.name.to_string()).collect();
    let (last, rest) = names.split_last()?;
    Some(Clean::from(match first.ground {
        Ground::Pods | Ground::GonePods => {
            format!("It counts requests of {} and {last} together: what it says of one it says of all.", rest.join(", "))
        }
        _ => format!("It could be meant for {} or {last}: only names speak for it.", rest.join(", ")),
    }))
}

#[cfg(test)]
mod tests;
