//! Object metadata and the small types that many kinds share.
//! Keeps only the annotations that some rule reads: others, such as last-applied manifests, can be larger than the object.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use super::Labels;
use super::lenient::null_as_default;
use crate::text::{Clean, share};

/// A moment, in the cluster's own time.
pub type Time = DateTime<Utc>;

/// What identifies an object for its whole life. A recreated object of the same name has another one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uid(pub Arc<str>);

impl<'de> Deserialize<'de> for Uid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Siblings name the same owner.
        Ok(Self(share(&std::borrow::Cow::<'_, str>::deserialize(deserializer)?)))
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl From<&str> for Uid {
    fn from(uid: &str) -> Self {
        Self(Arc::from(uid))
    }
}

/// The owner that controls an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OwnerRef {
    /// Kind of the owner.
    pub kind: Clean,
    /// Name of the owner.
    pub name: Clean,
    /// UID of the owner.
    pub uid: Uid,
    /// Whether this owner is the managing controller.
    #[serde(deserialize_with = "null_as_default")]
    pub controller: bool,
}

/// Object metadata, cut down.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Meta {
    /// Name.
    pub name: Clean,
    /// Namespace; empty for cluster-scoped objects.
    #[serde(deserialize_with = "null_as_default")]
    pub namespace: Clean,
    /// UID.
    pub uid: Uid,
    /// Revision of the object in storage: opaque, only compared for equality.
    #[serde(deserialize_with = "null_as_default")]
    pub resource_version: Clean,
    /// Counts changes of the spec.
    #[serde(deserialize_with = "null_as_default")]
    pub generation: i64,
    /// When it was created.
    pub creation_timestamp: Option<Time>,
    /// When its deletion was asked for.
    pub deletion_timestamp: Option<Time>,
    /// Labels, all of them: selectors need them.
    #[serde(deserialize_with = "null_as_default")]
    pub labels: Labels,
    /// The annotations that some rule reads (see `kept`).
    #[serde(deserialize_with = "kept_annotations")]
    pub annotations: Labels,
    /// The owner that controls it, if any.
    #[serde(rename = "ownerReferences", deserialize_with = "controlling_owner")]
    pub owner: Option<OwnerRef>,
}

impl Meta {
    /// The value of an annotation that is kept.
    pub fn annotation(&self, key: &str) -> Option<&Clean> {
        self.annotations.get(key)
    }

    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&Clean> {
        self.labels.get(key)
    }
}

/// Whether an annotation is kept: those of the release controllers, and the few named ones that are shown.
pub fn kept(key: &str) -> bool {
    key.starts_with("rollout.argoproj.io/") && key != "rollout.argoproj.io/notified"
        || key.starts_with("deployment.kubernetes.io/")
        || key.starts_with("flightdeck.dev/")
        || matches!(key, "scale-down-deadline" | "kubernetes.io/change-cause" | "argocd.argoproj.io/tracking-id")
}

fn kept_annotations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Labels, D::Error> {
    struct Kept;
    impl<'de> serde::de::Visitor<'de> for Kept {
        type Value = Labels;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("annotations")
        }
        fn visit_unit<E: serde::de::Error>(self) -> Result<Labels, E> {
            Ok(Labels::default())
        }
        fn visit_none<E: serde::de::Error>(self) -> Result<Labels, E> {
            Ok(Labels::default())
        }
        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Labels, D::Error> {
            deserializer.deserialize_map(self)
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
            let mut labels = Vec::new();
            while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
                if kept(&key) {
                    labels.push((Clean::from(&*key), map.next_value()?));
                } else {
                    map.next_value::<serde::de::IgnoredAny>()?;
                }
            }
            Ok(labels.into_iter().collect())
        }
    }
    deserializer.deserialize_option(Kept)
}

fn controlling_owner<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OwnerRef>, D::Error> {
    let owners = Option::<Vec<OwnerRef>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(owners.into_iter().find(|owner| owner.controller))
}

/// A status condition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Condition {
    /// Its type, e.g. `Progressing`.
    #[serde(rename = "type")]
    pub kind: Clean,
    /// `True`, `False` or `Unknown`.
    pub status: Clean,
    /// One word for why.
    #[serde(deserialize_with = "null_as_default")]
    pub reason: Clean,
    /// A sentence for why.
    #[serde(deserialize_with = "null_as_default")]
    pub message: Clean,
    /// When the status last changed.
    pub last_transition_time: Option<Time>,
    /// When it was last written (progress deadlines count from here).
    pub last_update_time: Option<Time>,
}

/// A label selector.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Selector {
    /// Labels that must be equal.
    #[serde(deserialize_with = "null_as_default")]
    pub match_labels: Labels,
    /// Further requirements.
    #[serde(deserialize_with = "null_as_default")]
    pub match_expressions: Vec<Requirement>,
}

/// One requirement of a selector.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Requirement {
    /// Label key.
    pub key: Clean,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: Clean,
    /// Values for `In` and `NotIn`.
    #[serde(deserialize_with = "null_as_default")]
    pub values: Vec<Clean>,
}

impl Selector {
    /// Whether `labels` satisfy every requirement. An empty selector matches everything, as in Kubernetes.
    pub fn matches(&self, labels: &Labels) -> bool {
        contains(labels, &self.match_labels)
            && self.match_expressions.iter().all(|r| {
                let value = labels.get(&r.key);
                match r.operator.as_str() {
                    "In" => value.is_some_and(|v| r.values.contains(v)),
                    "NotIn" => value.is_none_or(|v| !r.values.contains(v)),
                    "Exists" => value.is_some(),
                    "DoesNotExist" => value.is_none(),
                    _ => false,
                }
            })
    }

    /// The selector as it is written in a query, e.g. `app=web,tier in (a,b)`.
    pub fn query(&self) -> String {
        let equal = self.match_labels.iter().map(|(k, v)| format!("{k}={v}"));
        let further = self.match_expressions.iter().map(|r| {
            let values = r.values.iter().map(Clean::as_str).collect::<Vec<_>>().join(",");
            match r.operator.as_str() {
                "In" => format!("{} in ({values})", r.key),
                "NotIn" => format!("{} notin ({values})", r.key),
                "Exists" => r.key.to_string(),
                _ => format!("!{}", r.key),
            }
        });
        equal.chain(further).collect::<Vec<_>>().join(",")
    }
}

/// Whether `labels` hold every pair of `wanted`.
pub fn contains(labels: &Labels, wanted: &Labels) -> bool {
    wanted.iter().all(|(k, v)| labels.get(k) == Some(v))
}
