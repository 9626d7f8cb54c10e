//! [`Footing`]: what a controller moves when it takes a step up. A write can raise an index; only the controller moves these.
//! Never judges whether a move was a good one.

use crate::release::Release;
use crate::text::Clean;

/// Where the controller's own work stood at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Footing {
    /// Pods wanted of the version that is being released.
    pub pods: i64,
    /// The weight in force, in the engine's units, where a router holds one.
    pub weight: Option<i64>,
    /// Analyses and experiments that have not ended, by name.
    pub runs: Vec<Clean>,
}

impl Footing {
    /// Of a release as it stands.
    pub fn of(release: &Release) -> Self {
        let hash = &release.control.new_hash;
        let routed = release.exposure.configured.is_some();
        let analyses = release.analyses.iter().filter(|run| !run.phase.is_completed()).map(|run| run.name.clone());
        let experiments = release.experiments.iter().filter(|run| !run.phase.is_completed()).map(|run| run.name.clone());
        let mut runs: Vec<Clean> = analyses.chain(experiments).collect();
        runs.sort();
        Self {
            pods: release.versions.iter().find(|version| version.hash == *hash).map_or(0, |version| version.desired),
            weight: release.weight.filter(|_| routed).map(|weight| weight.actual),
            runs,
        }
    }
}
