//! Which templates a Rollout runs, and what it fills their arguments with.
//! Refuses to read more of a Rollout than that.

use super::fill::{self, Filling};
use crate::objects::{Kind, ReleaseRef, Rollout};
use crate::text::Clean;

/// One template that a Rollout names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The Rollout.
    pub release: ReleaseRef,
    pub(super) template: Clean,
    pub(super) is_cluster_wide: bool,
    /// What it fills in, by hole.
    pub(super) filling: Filling,
    /// Holes it fills with what can't be told here.
    pub(super) untold: Vec<String>,
}

impl Use {
    /// Every use in a Rollout, each once.
    pub fn all(rollout: &Rollout) -> Vec<Self> {
        let meta = &rollout.metadata;
        let release = ReleaseRef { namespace: meta.namespace.clone(), name: meta.name.clone(), kind: Kind::Rollout };
        let mut all: Vec<Self> = Vec::new();
        for analysis in rollout.spec.analyses() {
            let (mut filling, mut untold) = (Filling::new(), Vec::new());
            for one in &analysis.args {
                let hole = format!("args.{}", one.name);
                match fill::argument(one, &meta.name, &meta.namespace, &meta.labels) {
                    Some(said) => drop(filling.insert(hole, said)),
                    None => untold.push(hole),
                }
            }
            for template in &analysis.templates {
                let one = Self {
                    release: release.clone(),
                    template: template.template_name.clone(),
                    is_cluster_wide: template.cluster_scope,
                    filling: filling.clone(),
                    untold: untold.clone(),
                };
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
        all
    }
}
