//! Reads the revisions of one workload, once, with their whole pod templates.
//! Never keeps them: whoever asked does.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::pages;
use super::session::Session;
use super::trouble::Trouble;
use crate::objects::{Kind, RawHistory, ReleaseRef};
use crate::text::Clean;

/// Reads the object that holds the template, and the ReplicaSets that `labels` find in its namespace.
///
/// # Errors
/// A sentence.
pub(super) async fn read(
    session: &Session,
    release: &ReleaseRef,
    holder: (Kind, &str),
    labels: &str,
    limit: Duration,
) -> Result<RawHistory, Clean> {
    let namespace = Some(release.namespace.as_str());
    let holder = format!("{}/{}", pages::resource(holder.0, namespace), pages::escaped(holder.1));
    let sets = format!("{}?labelSelector={}", pages::resource(Kind::ReplicaSet, namespace), pages::escaped(labels));
    let (holder, mut sets) = (whole(session, &holder, limit).await?, whole(session, &sets, limit).await?);
    let items = sets.get_mut("items").map(Value::take);
    let replica_sets = items.and_then(|items| if let Value::Array(items) = items { Some(items) } else { None }).unwrap_or_default();
    Ok(RawHistory { release: release.clone(), holder: Arc::new(holder), replica_sets: replica_sets.into_iter().map(Arc::new).collect() })
}

async fn whole(session: &Session, path: &str, limit: Duration) -> Result<Value, Clean> {
    let words = |trouble: Trouble| Clean::from(trouble.words());
    let answer = session.get(path, true, limit).await.map_err(words)?;
    session.read_long(answer, limit).await.map_err(words)
}
