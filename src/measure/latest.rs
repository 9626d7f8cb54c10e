//! Keeps the newest of the answers to one question, by the moment they were worked out for.
//! Never lets one that comes late, and was worked out before what is known, take its place.

use std::collections::BTreeMap;

use crate::release::Time;

/// What was worked out for a moment.
pub(super) trait Dated {
    /// That moment, by the cluster's clock.
    fn at(&self) -> Time;
}

impl<A> Dated for (Time, A) {
    fn at(&self) -> Time {
        self.0
    }
}

impl<A, B, C> Dated for (Time, A, B, C) {
    fn at(&self) -> Time {
        self.0
    }
}

/// Puts an answer in the place of the one before it.
pub(super) fn put<V: Dated>(place: &mut Option<V>, answer: V) {
    if place.as_ref().is_none_or(|known| known.at() <= answer.at()) {
        *place = Some(answer);
    }
}

/// The same, for questions that are told apart by a key.
pub(super) fn insert<K: Ord, V: Dated>(places: &mut BTreeMap<K, V>, key: K, answer: V) {
    if places.get(&key).is_none_or(|known| known.at() <= answer.at()) {
        places.insert(key, answer);
    }
}
