//! Equal texts held once while objects are decoded: a thousand pods say `Running`, the same namespace and the same image.
//! Never grows and never promises that two equal texts are one: it is a cache of fixed size in which newer texts displace older ones.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Texts longer than this are rarely equal and are not looked for.
const LONGEST: usize = 256;
/// Places in the cache. A power of two, so that a place is the hash's lower bits.
const PLACES: usize = 2048;

struct Cache {
    /// Keyed at random, so that nobody who names objects can aim at one place.
    hashing: RandomState,
    places: Vec<Option<Arc<str>>>,
}

thread_local! {
    // One for each thread: decoding takes no lock.
    static CACHE: RefCell<Cache> = RefCell::new(Cache { hashing: RandomState::new(), places: vec![None; PLACES] });
}

/// `text` as a shared string: the same one as before where an equal one was seen lately.
pub(crate) fn share(text: &str) -> Arc<str> {
    if text.len() > LONGEST {
        return Arc::from(text);
    }
    CACHE.with_borrow_mut(|cache| {
        let at = cache.hashing.hash_one(text) as usize % PLACES;
        let place = &mut cache.places[at];
        match place {
            Some(held) if **held == *text => held.clone(),
            _ => place.insert(Arc::from(text)).clone(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        assert!(Arc::ptr_eq(&share("Running"), &share("Running")));
    }

    #[test]
    fn a_flood_of_other_texts_displaces_and_never_confuses() {
        for n in 0..PLACES * 4 {
            assert_eq!(&*share(&format!("pod-{n}")), format!("pod-{n}"));
        }
        assert_eq!(&*share("Running"), "Running");
    }
}
