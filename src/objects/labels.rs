//! [`Labels`]: labels and annotations in as little room as they take.
//! Refuses to change after it was made: objects are replaced whole.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::text::Clean;

/// Pairs in key order. A tree would reserve eleven places for the three labels of a usual pod.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels(Box<[(Clean, Clean)]>);

impl Labels {
    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Clean> {
        let at = self.0.binary_search_by(|(k, _)| k.as_str().cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs, in key order.
    pub fn iter(&self) -> impl Iterator<Item = (&Clean, &Clean)> {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

impl FromIterator<(Clean, Clean)> for Labels {
    fn from_iter<I: IntoIterator<Item = (Clean, Clean)>>(pairs: I) -> Self {
        let mut pairs: Vec<(Clean, Clean)> = pairs.into_iter().collect();
        // Of a key written twice the last one holds, as in every JSON reader; the sort is stable.
        pairs.reverse();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|later, kept| later.0 == kept.0);
        Self(pairs.into_boxed_slice())
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Labels;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs.into_iter().collect())
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_the_last_of_two_holds() {
        let labels: Labels = serde_json::from_str(r#"{"tier":"a","app":"web","zone":"b","app":"api"}"#).unwrap();
        assert_eq!(labels.get("app").map(Clean::as_str), Some("api"));
        assert_eq!(labels.get("zone").map(Clean::as_str), Some("b"));
        assert_eq!(labels.get("none"), None);
        assert_eq!(labels.iter().count(), 3);
    }
}
