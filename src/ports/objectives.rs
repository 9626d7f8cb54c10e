//! What the cluster itself declares of objectives: which objects may hold some, and what became of reading them.
//! Never makes an error of what is not installed or may not be read: it is said, and the rest is read.

use crate::objectives::Read;
use crate::text::Clean;

/// A kind of object that objectives are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// Sloth's `PrometheusServiceLevel`.
    Sloth,
    /// Pyrra's `ServiceLevelObjective`.
    Pyrra,
    /// Argo Rollouts' `AnalysisTemplate`.
    Analysis,
    /// Argo Rollouts' `ClusterAnalysisTemplate`.
    ClusterAnalysis,
    /// Flagger's `MetricTemplate`.
    Metric,
    /// Flagger's `Canary`, which says what the values of its metrics have to be.
    Canary,
}

/// What became of reading a shelf.
#[derive(Debug, Clone, PartialEq)]
pub enum Declared {
    /// Read, here or in all namespaces.
    Read(Read),
    /// The cluster does not know this kind.
    Absent,
    /// It may not be read: the right that is missing, in words.
    Denied(Clean),
    /// It could not be read this time: why, as a sentence.
    Failed(Clean),
}

impl Shelf {
    /// All of them, the most believed first.
    pub const ALL: [Self; 6] = [Self::Sloth, Self::Pyrra, Self::Analysis, Self::ClusterAnalysis, Self::Metric, Self::Canary];

    /// Group and version, as the API has them.
    pub fn group_version(self) -> &'static str {
        match self {
            Self::Sloth => "sloth.slok.dev/v1",
            Self::Pyrra => "pyrra.dev/v1alpha1",
            Self::Analysis | Self::ClusterAnalysis => "argoproj.io/v1alpha1",
            Self::Metric | Self::Canary => "flagger.app/v1beta1",
        }
    }

    /// The resource, as the API has it.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Sloth => "prometheusservicelevels",
            Self::Pyrra => "servicelevelobjectives",
            Self::Analysis => "analysistemplates",
            Self::ClusterAnalysis => "clusteranalysistemplates",
            Self::Metric => "metrictemplates",
            Self::Canary => "canaries",
        }
    }

    /// Whether its objects stand in no namespace.
    pub fn is_cluster_wide(self) -> bool {
        self == Self::ClusterAnalysis
    }

    /// As RBAC names it: `prometheusservicelevels.sloth.slok.dev`.
    pub fn resource(self) -> Clean {
        let group = self.group_version().split('/').next().unwrap_or_default();
        Clean::from(format!("{}.{group}", self.plural()))
    }
}
