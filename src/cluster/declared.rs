//! Lists the objects that objectives are read from, once each time it is asked, and reads them.
//! Never watches them, never reads a Secret, and takes a kind that is not installed for an answer.

use std::time::Duration;

use serde_json::Value;

use super::pages;
use super::session::Session;
use super::trouble::Trouble;
use crate::objectives::{Read, pyrra, sloth, templates};
use crate::ports::Scope;
use crate::ports::objectives::{Declared, Shelf};
use crate::text::Clean;

/// Reads one shelf: in all namespaces where that is allowed, for whoever looks after objectives keeps them anywhere; else in `scope`'s.
pub(super) async fn read(session: &Session, shelf: Shelf, scope: &Scope, limit: Duration) -> Declared {
    match (list(session, shelf, None, limit).await, scope) {
        (Err(Trouble::Forbidden(_)), Scope::Namespace(namespace)) if !shelf.is_cluster_wide() => {
            told(shelf, Some(namespace), list(session, shelf, Some(namespace), limit).await).await
        }
        (listed, _) => told(shelf, None, listed).await,
    }
}

async fn list(session: &Session, shelf: Shelf, namespace: Option<&str>, limit: Duration) -> Result<Vec<Value>, Trouble> {
    let namespace = namespace.map(|name| format!("/namespaces/{}", pages::escaped(name))).unwrap_or_default();
    let path = format!("/apis/{}{namespace}/{}", shelf.group_version(), shelf.plural());
    let answer = session.get(&path, true, limit).await?;
    let mut list: Value = session.read_long(answer, limit).await?;
    Ok(match list.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    })
}

async fn told(shelf: Shelf, namespace: Option<&Clean>, listed: Result<Vec<Value>, Trouble>) -> Declared {
    match listed {
        // Queries are parsed: not where the screen is drawn.
        Ok(items) => match tokio::task::spawn_blocking(move || all(shelf, &items)).await {
            Ok(read) => Declared::Read(read),
            Err(_) => Declared::Failed(Clean::from("Reading them was cut off.")),
        },
        Err(Trouble::NotFound) => Declared::Absent,
        Err(Trouble::Forbidden(_)) => {
            let place = namespace.map_or_else(|| "all namespaces".to_owned(), ToString::to_string);
            Declared::Denied(Clean::from(format!("list {} in {place}", shelf.resource())))
        }
        Err(trouble) => Declared::Failed(Clean::from(trouble.words())),
    }
}

fn all(shelf: Shelf, items: &[Value]) -> Read {
    let one = |item: &Value| match shelf {
        Shelf::Sloth => sloth::object(item),
        Shelf::Pyrra => pyrra::object(item),
        Shelf::Analysis | Shelf::ClusterAnalysis => templates::argo(item),
        Shelf::Metric => templates::flagger(item),
        Shelf::Canary => templates::canary(item),
    };
    items.iter().map(one).fold(Read::default(), Read::and)
}
