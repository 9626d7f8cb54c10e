//! What has to be watched for what is shown: the board's kinds always, the open release's details, and the pods of a few releases in trouble.
//! Never keeps more than it shows, but for a grace time after leaving a release.

use chrono::TimeDelta;

use super::effect::Effect;
use super::state::State;
use crate::objects::{Canary, Kind, SourceId, Time, WorldEvent};
use crate::ports::{Interest, Scope};
use crate::release::words::{Rank, attention};
use crate::release::{Release, ReleaseRef};

/// At most so many releases in trouble get their pods read for the board.
const TROUBLED: usize = 8;
/// How long a release that was left stays watched: going back is free.
pub const GRACE: TimeDelta = TimeDelta::seconds(30);

/// What is wanted, before it has a source: kind, place, labels, release.
type Wanted = (Kind, Scope, String, Option<ReleaseRef>);

impl State {
    /// Compares what is watched with what is needed; where they differ, the effect that says so.
    pub(super) fn watch(&mut self, now: Time) -> Option<Effect> {
        let wanted = self.wanted_watches(now);
        let same = wanted.len() == self.interests.len() && self.interests.iter().zip(&wanted).all(|(i, w)| is(i, w));
        if same {
            return None;
        }
        let mut kept = std::mem::take(&mut self.interests);
        for w in wanted {
            match kept.iter().position(|i| is(i, &w)) {
                Some(at) => self.interests.push(kept.remove(at)),
                None => {
                    let (kind, scope, labels, release) = w;
                    self.next_source += 1;
                    let source = SourceId(self.next_source);
                    self.world.open(source, kind, release.clone());
                    self.interests.push(Interest { source, kind, scope, labels, release });
                }
            }
        }
        for gone in kept {
            self.touched.extend(self.world.apply(gone.source, WorldEvent::Close));
            self.connection.sources.remove(&gone.source);
            self.connection.unreadable.remove(&gone.source);
        }
        Some(Effect::Watch(self.generation, self.interests.clone()))
    }

    fn wanted_watches(&self, now: Time) -> Vec<Wanted> {
        let Some(scope) = &self.scope else { return Vec::new() };
        let mut out: Vec<Wanted> = [Kind::Rollout, Kind::Canary, Kind::Deployment, Kind::ReplicaSet]
            .into_iter()
            .map(|kind| (kind, scope.clone(), String::new(), None))
            .collect();
        let left = self.lingering.as_ref().filter(|(_, until)| *until > now).map(|(key, _)| key);
        // What is guarded is watched, whatever is open.
        let guarded = self.guarded().filter(|key| Some(*key) != self.open.as_ref() && Some(*key) != left);
        for key in self.open.iter().chain(left.filter(|l| Some(*l) != self.open.as_ref())).chain(guarded) {
            if let Some(release) = self.releases.get(key) {
                let canary = self.world.canary(&key.namespace, &key.name);
                // Another router's Canary needs no right to read HTTPRoutes.
                let is_read = |kind: Kind| kind != Kind::HttpRoute || canary.is_some_and(Canary::is_routed_by_gateway);
                out.extend(details(release).filter(|(kind, ..)| is_read(*kind)));
            }
        }
        let others = self.troubled.iter().filter(|key| self.open.as_ref() != Some(*key) && left != Some(*key) && guarded != Some(*key));
        out.extend(others.filter_map(|key| self.releases.get(key)).take(TROUBLED).map(pods));
        out
    }
}

/// Whether its pods have to be read for the board to tell why it is in trouble, or whether it is.
pub(super) fn is_troubled(release: &Release, now: Time) -> bool {
    attention(release, now).rank == Rank::Failing || stuck(release)
}

/// A new version of which no pod is ready may well be failing: only its pods tell.
fn stuck(release: &Release) -> bool {
    release.under_way && release.versions.iter().any(|v| v.runs_new && v.desired > 0 && v.ready == 0)
}

fn details(release: &Release) -> impl Iterator<Item = Wanted> {
    let place = Scope::Namespace(release.key.namespace.clone());
    let own: &[Kind] = match release.key.kind {
        Kind::Rollout => &[Kind::AnalysisRun, Kind::Experiment],
        Kind::Canary => &[Kind::HttpRoute],
        _ => &[],
    };
    let needed = [Kind::Service, Kind::EndpointSlice, Kind::Event].into_iter().chain(own.iter().copied());
    std::iter::once(pods(release)).chain(needed.map(move |kind| (kind, place.clone(), String::new(), Some(release.key.clone()))))
}

fn pods(release: &Release) -> Wanted {
    (Kind::Pod, Scope::Namespace(release.key.namespace.clone()), Interest::labels_of(&release.selector), Some(release.key.clone()))
}

fn is(interest: &Interest, (kind, scope, labels, release): &Wanted) -> bool {
    interest.kind == *kind && interest.scope == *scope && interest.labels == *labels && interest.release == *release
}
