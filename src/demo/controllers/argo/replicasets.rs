//! Scales ReplicaSets and keeps old ones warm or lets them go (argo-rollouts rollout/replicaset.go).
//! Never touches pods: that is the ReplicaSet controller's work.

use chrono::{DateTime, TimeDelta, Utc};

use crate::demo::store::{Part, stamp};

use super::objects::{Set, number, set_annotation, text};
use super::rollout::Work;
use super::{DEADLINE, DESIRED, conditions, counts, pause, persist, spec};

impl Work<'_, '_> {
    /// Scales one ReplicaSet and says so; true when the number of pods asked for changed (scaleReplicaSetAndRecordEvent).
    pub fn scale(&mut self, set: &Set, to: i64) -> bool {
        let of = spec::replicas(&self.ro);
        if set.spec == to && set.desired == Some(of) {
            return false;
        }
        let drop_deadline = to == 0 && !self.delays_abort();
        let edited = self.cx.store.edit(&set.key(), Part::Main, |rs| {
            rs["spec"]["replicas"] = serde_json::json!(to);
            set_annotation(rs, DESIRED, Some(&of.to_string()));
            if drop_deadline {
                set_annotation(rs, DEADLINE, None);
            }
        });
        if edited.is_err() || set.spec == to {
            return false;
        }
        let direction = if set.spec < to { "up" } else { "down" };
        let message = format!("Scaled {direction} ReplicaSet {} (revision {}) from {} to {to}", set.name, set.revision, set.spec);
        self.tell("ScalingReplicaSet", &message);
        true
    }

    /// Whether the aborted version keeps its pods for a while (shouldDelayScaleDownOnAbort).
    pub fn delays_abort(&self) -> bool {
        if !self.is_aborted() || self.stable_set().is_none() || (spec::is_canary(&self.ro) && !spec::is_routed(&self.ro)) {
            return false;
        }
        let (delay, said) = spec::abort_delay(&self.ro);
        delay.is_some() && (said || !spec::is_dynamic(&self.ro))
    }

    fn write_deadline(&mut self, set: &Set, deadline: Option<DateTime<Utc>>) {
        let text = deadline.map(stamp);
        let edited = self.cx.store.edit(&set.key(), Part::Main, |rs| set_annotation(rs, DEADLINE, text.as_deref()));
        if let Ok(Some(stored)) = edited {
            self.replace(&stored);
        }
    }

    /// New and stable are wanted: their deadlines go (removeScaleDownDeadlines).
    pub fn remove_deadlines(&mut self) {
        let keep_new = self.delays_abort();
        let wanted = [self.new_set().filter(|_| !keep_new), self.stable_set()];
        let late: Vec<Set> = wanted.into_iter().flatten().filter(|s| s.deadline.is_some()).cloned().collect();
        for set in late {
            self.write_deadline(&set, None);
        }
    }

    /// Scales the new version; true when it did (reconcileNewReplicaSet).
    pub fn scale_new(&mut self) -> bool {
        let Some(new) = self.new_set().cloned() else { return false };
        let mut to = self.wanted_new();
        if self.delays_abort() {
            let delay = spec::abort_delay(&self.ro).0.unwrap_or_default();
            match new.deadline {
                Some(deadline) if deadline > self.cx.now => {
                    self.wake_at(deadline);
                    return false;
                }
                Some(_) => to = 0,
                None => {
                    // The clock starts once stable can carry everything.
                    if self.stable_set().is_some_and(|s| s.available == spec::replicas(&self.ro)) {
                        self.write_deadline(&new, Some(self.cx.now + delay));
                        self.wake(delay);
                    }
                    return false;
                }
            }
        }
        self.scale(&new, to)
    }

    /// Pods the new version should ask for (NewRSNewReplicas).
    fn wanted_new(&self) -> i64 {
        let ro = &self.ro;
        if spec::is_blue_green(ro) {
            let preview = number(ro, "/spec/strategy/blueGreen/previewReplicaCount");
            let active = text(ro, "/status/blueGreen/activeSelector");
            let passed = ro["status"]["blueGreen"]["scaleUpPreviewCheckPoint"] == true || ro["status"]["promoteFull"] == true;
            let other_active = !active.is_empty() && active != self.new_hash();
            return match preview {
                Some(count) if other_active && !passed => count,
                _ => spec::replicas(ro),
            };
        }
        if spec::is_routed(ro) {
            return if self.stable_set().is_none_or(|s| Some(&s.name) == self.new.as_ref()) {
                spec::replicas(ro)
            } else {
                counts::routed_canary(ro, self.canary.get("weights")).0
            };
        }
        counts::basic_canary(&counts::plan(ro, self.new_set(), self.stable_set(), &self.other_sets())).0
    }

    /// Scales down what is neither new nor stable; true when it did (reconcileOtherReplicaSets).
    pub fn scale_others(&mut self) -> bool {
        let others: Vec<Set> = self.other_sets().into_iter().filter(|s| s.spec > 0).cloned().collect();
        if others.is_empty() {
            return false;
        }
        if spec::is_blue_green(&self.ro) { self.scale_others_blue_green(others) } else { self.scale_others_canary(others) }
    }

    fn scale_others_canary(&mut self, mut others: Vec<Set>) -> bool {
        let mut scaled = false;
        others.sort_by_key(|s| s.created);
        let routed = spec::is_routed(&self.ro);
        for set in &mut others {
            // Pods that aren't available are no loss: they go first (cleanupUnhealthyReplicas).
            if set.available < set.spec {
                scaled |= self.scale(set, set.available);
                set.spec = set.available;
            }
        }
        let least = spec::replicas(&self.ro) - spec::max_unavailable(&self.ro);
        let mut spare = self.sums().2 - least;
        others.sort_by_key(|s| std::cmp::Reverse(s.revision));
        let mut kept = 0;
        for set in others.iter().filter(|s| s.spec > 0) {
            if spare <= 0 {
                break;
            }
            if routed && self.is_referenced(set) {
                continue;
            }
            let to = if !routed {
                (set.spec - spare).max(0)
            } else if (self.is_fully_promoted() || set.deadline.is_some()) && !spec::is_dynamic(&self.ro) {
                self.keep_warm(set, &mut kept, set.spec)
            } else {
                0
            };
            if to != set.spec {
                scaled |= self.scale(set, to);
                spare -= set.spec - to;
            }
        }
        scaled
    }

    fn scale_others_blue_green(&mut self, mut others: Vec<Set>) -> bool {
        if pause::condition(&self.ro, pause::INCONCLUSIVE_RUN).is_some() {
            return false;
        }
        others.sort_by_key(|s| std::cmp::Reverse(s.revision));
        let (mut scaled, mut kept) = (false, 0);
        for set in &others {
            if self.is_referenced(set) {
                continue;
            }
            let to = self.keep_warm(set, &mut kept, spec::replicas(&self.ro));
            if to != set.spec {
                scaled |= self.scale(set, to);
            }
        }
        scaled
    }

    /// Pods an old version keeps until its deadline, which it gets here when it has none (scaleDownDelayHelper).
    fn keep_warm(&mut self, set: &Set, kept: &mut i64, full: i64) -> i64 {
        let limit = spec::scale_down_revision_limit(&self.ro);
        match set.deadline {
            None => {
                if *kept >= limit {
                    return 0;
                }
                *kept += 1;
                let delay = spec::scale_down_delay(&self.ro);
                if delay > TimeDelta::zero() {
                    self.write_deadline(set, Some(self.cx.now + delay));
                    self.wake(delay);
                    set.spec
                } else {
                    0
                }
            }
            Some(deadline) => {
                *kept += 1;
                if *kept > limit || deadline <= self.cx.now {
                    return 0;
                }
                self.wake_at(deadline);
                full
            }
        }
    }

    /// Whether the status or a Service still points at this version (isReplicaSetReferenced).
    fn is_referenced(&self, set: &Set) -> bool {
        let status = &self.ro["status"];
        let pointers = [
            "/stableRS",
            "/currentPodHash",
            "/blueGreen/activeSelector",
            "/blueGreen/previewSelector",
            "/canary/weights/canary/podTemplateHash",
            "/canary/weights/stable/podTemplateHash",
        ];
        pointers.iter().any(|pointer| text(status, pointer) == set.hash) || self.services().iter().any(|s| self.selected(s) == set.hash)
    }

    /// Deletes old ReplicaSets beyond the history limit, once they have no pods (reconcileRevisionHistoryLimit).
    pub fn clean_up_history(&mut self) {
        let limit = usize::try_from(number(&self.ro, "/spec/revisionHistoryLimit").unwrap_or(10)).unwrap_or(0);
        let mut others: Vec<Set> = self.other_sets().into_iter().cloned().collect();
        if others.len() <= limit {
            return;
        }
        others.sort_by_key(|s| (s.created, s.revision));
        let surplus = others.len() - limit;
        for set in others.into_iter().take(surplus).filter(|s| s.spec == 0 && s.actual == 0) {
            self.cx.store.delete(&set.key());
            self.sets.retain(|s| s.name != set.name);
        }
    }

    /// Only scales: the number of replicas changed, nothing else is looked at (syncReplicasOnly).
    pub fn scale_only(&mut self) {
        self.sync_revision_if_known();
        if spec::is_blue_green(&self.ro) {
            self.scale_blue_green();
        } else {
            self.scale_canary();
        }
        let (actual, _, available) = self.sums();
        let mut status = self.ro["status"].clone();
        let active = self.set_of_hash(text(&status, "/blueGreen/activeSelector")).filter(|_| spec::is_blue_green(&self.ro)).cloned();
        status["HPAReplicas"] = serde_json::json!(active.as_ref().map_or(actual, |s| s.actual));
        status["availableReplicas"] = serde_json::json!(active.as_ref().map_or(available, |s| s.available));
        conditions::remove(&mut status, "InvalidSpec");
        persist::write(self, status);
    }

    fn sync_revision_if_known(&mut self) {
        if self.new.is_some() {
            self.sync_revision();
        }
    }
}
