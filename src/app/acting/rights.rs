//! The rights that actions need: asked for when a release opens, and again after a refusal.

use super::super::effect::Effect;
use super::super::state::State;
use crate::objects::Kind;
use crate::ports::Scope;
use crate::ports::rights::Right;
use crate::release::acting::Write;
use crate::release::{Engine, Release, ReleaseRef};

/// The right that one write needs.
pub fn right_of(write: &Write) -> Right {
    Right { verb: "patch", kind: write.kind, subresource: write.subresource, scope: Scope::Namespace(write.namespace.clone()) }
}

/// The rights that the actions on a release need in all.
pub fn rights_for(release: &Release) -> Vec<Right> {
    let scope = Scope::Namespace(release.key.namespace.clone());
    let patch = |kind, subresource| Right { verb: "patch", kind, subresource, scope: scope.clone() };
    match release.engine {
        Engine::Deployment => vec![patch(Kind::Deployment, "")],
        Engine::Flagger => vec![patch(Kind::Canary, ""), patch(Kind::Canary, "status"), patch(Kind::Deployment, "")],
        Engine::ArgoRollouts => {
            let referenced = release.control.template.as_ref().is_some_and(|holder| holder.kind == Kind::Deployment);
            let mut rights = vec![patch(Kind::Rollout, ""), patch(Kind::Rollout, "status"), patch(Kind::AnalysisRun, "")];
            rights.extend(referenced.then(|| patch(Kind::Deployment, "")));
            rights
        }
    }
}

/// Asks for those of the plan on screen that were never asked for.
pub(super) fn ask_for_plan(state: &mut State) -> Option<Effect> {
    let change = state.acting.open.as_ref()?.planned.as_ref().ok()?;
    let mut wanted: Vec<Right> = change.stages.iter().filter_map(|stage| stage.write.as_ref()).map(right_of).collect();
    wanted.retain(|right| !state.acting.asked.contains(right));
    state.acting.asked.extend(wanted.iter().cloned());
    (!wanted.is_empty()).then_some(Effect::AskRights(wanted))
}

/// Asks what may be done with the open release, once.
pub(super) fn read(state: &mut State, key: &ReleaseRef) -> Option<Effect> {
    if state.acting.read_only.is_some() || !state.connection.is_live() {
        return None;
    }
    let mut wanted = rights_for(state.releases.get(key)?);
    wanted.retain(|right| !state.acting.asked.contains(right));
    state.acting.asked.extend(wanted.iter().cloned());
    (!wanted.is_empty()).then_some(Effect::AskRights(wanted))
}
