//! Applies a patch of any kind the server takes to a JSON document.
//! Never stores anything, and never does server-side apply: that needs field ownership, which this server keeps only as a record.

use serde_json::Value;

use super::refusal::{Answer, Refusal};
use super::strategic;

/// The patch kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PatchKind {
    /// RFC 7386.
    Merge,
    /// RFC 6902.
    Json,
    /// Kubernetes' own, with merge keys for lists.
    Strategic,
}

impl PatchKind {
    /// By content type; strategic merge is for built-in kinds only, as on a real server.
    pub(super) fn of(content_type: &str, custom: bool) -> Answer<Self> {
        match content_type.split(';').next().unwrap_or_default().trim() {
            "application/merge-patch+json" => Ok(Self::Merge),
            "application/json-patch+json" => Ok(Self::Json),
            "application/strategic-merge-patch+json" if !custom => Ok(Self::Strategic),
            _ if custom => Err(Refusal::unsupported_patch("application/json-patch+json, application/merge-patch+json")),
            _ => Err(Refusal::unsupported_patch(
                "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json",
            )),
        }
    }
}

/// `object` with the patch applied.
pub(super) fn apply(kind: PatchKind, object: &Value, body: &[u8]) -> Answer<Value> {
    let unreadable = |e: serde_json::Error| Refusal::bad_request(format!("error decoding patch: {e}"));
    let mut patched = object.clone();
    match kind {
        PatchKind::Json => {
            let operations: json_patch::Patch = serde_json::from_slice(body).map_err(unreadable)?;
            json_patch::patch(&mut patched, &operations).map_err(|_| Refusal::json_patch_failed())?;
        }
        PatchKind::Merge | PatchKind::Strategic => {
            let patch: Value = serde_json::from_slice(body).map_err(unreadable)?;
            if !patch.is_object() {
                return Err(Refusal::bad_request("error decoding patch: it must be a JSON object"));
            }
            match kind {
                PatchKind::Strategic => strategic::merge(&mut patched, &patch)?,
                _ => json_patch::merge(&mut patched, &patch),
            }
        }
    }
    if patched.is_object() { Ok(patched) } else { Err(Refusal::json_patch_failed()) }
}
