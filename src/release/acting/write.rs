//! [`Write`]: one request that changes one object, and the guards that keep it from landing on a state nobody saw.

use serde_json::{Value, json};

use crate::objects::{Kind, Uid};
use crate::text::Clean;

/// How the server reads the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchKind {
    /// RFC 7386.
    Merge,
    /// RFC 6902.
    Json,
    /// Kubernetes' own, for built-in kinds.
    Strategic,
}

impl PatchKind {
    /// The content type it is sent as.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Merge => "application/merge-patch+json",
            Self::Json => "application/json-patch+json",
            Self::Strategic => "application/strategic-merge-patch+json",
        }
    }

    /// In one word, as the plan screen says it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Json => "json",
            Self::Strategic => "strategic",
        }
    }
}

/// One request: what is written to which object. Its body holds no guards; [`Write::guarded`] adds them.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// Kind of the object.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: Clean,
    /// Its name.
    pub name: Clean,
    /// Its UID.
    pub uid: Uid,
    /// `status`, or empty for the object itself.
    pub subresource: &'static str,
    /// How the server reads the body.
    pub patch: PatchKind,
    /// The change itself.
    pub body: Value,
}

impl Write {
    /// The body exactly as it is sent: conditioned on the object's UID and on this resourceVersion. On `/status` of a custom resource
    /// only the resourceVersion guards (the API server ignores a UID there), and a recreated object never has an old one's.
    pub fn guarded(&self, resource_version: &Clean) -> Value {
        if self.patch == PatchKind::Json {
            let mut operations = vec![
                json!({"op": "test", "path": "/metadata/uid", "value": &*self.uid.0}),
                json!({"op": "test", "path": "/metadata/resourceVersion", "value": resource_version.as_str()}),
            ];
            operations.extend(self.body.as_array().cloned().unwrap_or_default());
            return Value::Array(operations);
        }
        let mut guards = serde_json::Map::new();
        if self.subresource.is_empty() {
            guards.insert("uid".to_owned(), json!(&*self.uid.0));
        }
        guards.insert("resourceVersion".to_owned(), json!(resource_version.as_str()));
        let mut guarded = serde_json::Map::new();
        guarded.insert("metadata".to_owned(), Value::Object(guards));
        if let Some(body) = self.body.as_object() {
            for (key, value) in body {
                match (key.as_str(), value, guarded.get_mut("metadata")) {
                    ("metadata", Value::Object(own), Some(Value::Object(metadata))) => metadata.extend(own.clone()),
                    _ => {
                        guarded.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        Value::Object(guarded)
    }

    /// `rollouts/checkout/status`.
    pub fn place(&self) -> Clean {
        let part = if self.subresource.is_empty() { String::new() } else { format!("/{}", self.subresource) };
        Clean::from(format!("{}/{}{part}", self.kind.plural(), self.name))
    }
}
