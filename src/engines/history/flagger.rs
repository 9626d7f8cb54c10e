//! How the revisions of what Flagger releases ended: by what its primary serves, and by the release under way.
//! Never takes pods of the target for a sign of health: they come with each try and go with it.

use super::evidence::nothing_tells;
use super::set::Set;
use crate::release::acting::Outcome;
use crate::release::{Release, Role};
use crate::text::Clean;

/// How this set's revision ended.
pub fn outcome(release: &Release, sets: &[Set], set: &Set) -> Outcome {
    let control = &release.control;
    let is = |hash: &Clean| !set.hash.is_empty() && set.hash == *hash;
    let tried = control.new_hash != control.stable_hash && is(&control.new_hash);
    if tried && control.aborted {
        let why = release.abort.as_ref().and_then(|abort| abort.chain.last()).map(|why| format!(": {why}")).unwrap_or_default();
        return Outcome::Bad(Clean::from(format!("Flagger took it back{why}")));
    }
    if tried {
        return Outcome::Unknown("it is being released and is not promoted yet".into());
    }
    let serving = release.versions.iter().filter(|version| matches!(version.role, Role::Stable | Role::Active));
    if is(&control.released_as) || serving.into_iter().any(|version| version.revision > 0 && version.revision == set.number) {
        return Outcome::Good("the primary serves it now".into());
    }
    nothing_tells(sets, set)
}
