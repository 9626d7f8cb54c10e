//! Policies: which actions on which releases need more than a key, which are denied, and when nothing may go out.
//! Refuses to lose one silently: each mistake here makes the program start read-only.

mod check;
mod clocks;
mod freeze;
mod freeze_text;
mod gate;
mod need;
mod parts;
mod read;
mod recurrence;
mod ruling;
#[cfg(test)]
mod tests;

use wildmatch::WildMatch;

use crate::objects::ReleaseRef;
use crate::release::acting::check::Check;
use crate::release::acting::{Limits, Verb};
use crate::text::Clean;

pub(super) use check::{join as join_checks, read_check};
pub use clocks::zone_named;
pub use freeze::{Freeze, Window};
pub use need::{Need, Rule};
pub(super) use read::read_policy;
pub use ruling::{Because, Frozen, Ruling, next_freeze, rule};

/// Where a policy is written, for the sentences that lean on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// The file, as the person would name it.
    pub file: Clean,
    /// The line, from 1.
    pub line: usize,
    /// The releases it speaks of.
    pub matches: Clean,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} ({})", self.file, self.line, self.matches)
    }
}

/// What policies ask of a release before exposure grows, each with where it is written. What holds without a policy is always the first:
/// adding one never opens a gate.
pub fn gates(policies: &[Policy], context: &str, release: &ReleaseRef) -> Vec<(Limits, Option<Source>)> {
    let asked = policies.iter().filter(|policy| policy.is_about(context, release));
    let asked = asked.filter_map(|policy| Some((policy.gate?, Some(policy.source.clone()))));
    std::iter::once((Limits::default(), None)).chain(asked).collect()
}

/// The checks that the gates of policies ask for on a release, each once, with who asks for it first.
pub fn checks(policies: &[Policy], context: &str, release: &ReleaseRef) -> Vec<(Check, Source)> {
    let mut all: Vec<(Check, Source)> = Vec::new();
    for policy in policies.iter().filter(|policy| policy.is_about(context, release)) {
        for check in &policy.checks {
            if all.iter().all(|(known, _)| known.name != check.name) {
                all.push((check.clone(), policy.source.clone()));
            }
        }
    }
    all
}

/// What holds for some releases.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    /// Where it is written, and the releases as context/namespace/release with `*`.
    pub source: Source,
    /// Nothing may be sent to them.
    pub read_only: bool,
    /// Every action on them needs a note.
    pub note: bool,
    /// What single intents need, in the order of the file.
    pub rules: Vec<Rule>,
    /// When nothing may go out to them.
    pub freeze: Vec<Freeze>,
    /// What has to be so before exposure grows.
    pub gate: Option<Limits>,
    /// Checks that have to hold before it does.
    pub checks: Vec<Check>,
}

impl Policy {
    /// Whether it speaks of this release. A context may hold slashes (cloud vendors and OpenShift name them so), the other two can't.
    pub fn is_about(&self, context: &str, release: &ReleaseRef) -> bool {
        let mut parts = self.source.matches.rsplitn(3, '/');
        let (Some(name), Some(namespace), Some(cluster)) = (parts.next(), parts.next(), parts.next()) else { return false };
        [(cluster, context), (namespace, release.namespace.as_str()), (name, release.name.as_str())]
            .into_iter()
            .all(|(pattern, name)| WildMatch::new(pattern).matches(name))
    }

    /// What is said about an intent, in the order of the file.
    pub fn rules_for(&self, verb: Verb) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.verb == verb)
    }
}
