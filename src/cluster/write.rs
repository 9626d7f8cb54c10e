//! Sends single writes and says what came of each: done, not done, or nobody knows.
//! Never sends one twice on its own, with one exception: a login that the server refuses (401) is renewed first, for then nothing was done.

use std::time::Duration;

use http::header::{HeaderMap, WARNING};
use http::{Method, StatusCode};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::timeout;

use super::effort::Effort;
use super::pages;
use super::session::{Failed, Session};
use super::shared::{Gate, Shared};
use super::trouble::Status;
use crate::objects::{Kind, Object, Time};
use crate::ports::write::{Answer, Fresh, Later, Request, WriteCluster};
use crate::release::acting::PatchKind;
use crate::text::Clean;

/// Who writes, in `managedFields`. Never a name that begins with `kubectl`: GitOps tools treat those as somebody's slip.
const FIELD_MANAGER: &str = "flightdeck";

/// How long an answer to a write is waited for.
const LIMIT: Duration = Duration::from_secs(15);

/// How long a renewed login is waited for.
const RENEWAL: Duration = Duration::from_secs(30);

/// What a failed JSON-patch `test` gets as an answer: it is not named, and not told from other mistakes in the request.
const TEST_FAILED: &str = "the server rejected our request due to an error in our request";

/// The write handle of a connection.
pub struct Writer {
    gate: watch::Receiver<Gate>,
    shared: std::sync::Arc<Shared>,
}

impl Writer {
    pub(super) fn new(gate: watch::Receiver<Gate>, shared: std::sync::Arc<Shared>) -> Self {
        Self { gate, shared }
    }
}

impl WriteCluster for Writer {
    fn submit(&self, request: Request) -> Later<Answer> {
        let (gate, shared) = (self.gate.clone(), self.shared.clone());
        let busy = effort(&shared.effort);
        Box::pin(async move {
            let _busy = busy;
            submit(gate, &shared, &request).await
        })
    }

    fn read_again(&self, kind: Kind, namespace: Clean, name: Clean) -> Later<Result<Fresh, Clean>> {
        let gate = self.gate.clone();
        let busy = effort(&self.shared.effort);
        Box::pin(async move {
            let _busy = busy;
            let Some(session) = up(&gate) else { return Err(Clean::from("the link is down")) };
            read_again(&session, kind, &namespace, &name).await
        })
    }
}

fn effort(effort: &Effort) -> impl Send + use<> {
    effort.there()
}

fn up(gate: &watch::Receiver<Gate>) -> Option<Session> {
    match &*gate.borrow() {
        Gate::Up(session) => Some(session.clone()),
        Gate::Down => None,
    }
}

/// The path of one object.
fn path(kind: Kind, namespace: &str, name: &str) -> String {
    format!("{}/{}", pages::resource(kind, Some(namespace)), pages::escaped(name))
}

async fn submit(mut gate: watch::Receiver<Gate>, shared: &Shared, request: &Request) -> Answer {
    let Some(session) = up(&gate) else { return Answer::Unsent(Clean::from("the link is down, so nothing was sent")) };
    let answer = once(&session, request).await;
    if !matches!(answer, Answer::Refused { code: 401, .. }) {
        return answer;
    }
    shared.unauthorized(session.epoch);
    let renewed = timeout(RENEWAL, gate.wait_for(|gate| matches!(gate, Gate::Up(next) if next.epoch > session.epoch))).await;
    drop(renewed);
    match up(&gate) {
        Some(next) if next.epoch > session.epoch => once(&next, request).await,
        _ => answer,
    }
}

async fn once(session: &Session, request: &Request) -> Answer {
    let part = if request.subresource.is_empty() { String::new() } else { format!("/{}", request.subresource) };
    let dry = if request.dry_run { "&dryRun=All" } else { "" };
    let place = path(request.kind, &request.namespace, &request.name);
    let uri = format!("{place}{part}?fieldManager={FIELD_MANAGER}{dry}");
    match session.write(Method::PATCH, &uri, request.patch.content_type(), &request.body, LIMIT).await {
        Err(Failed::Unsent(why)) => Answer::Unsent(Clean::from(why)),
        Err(Failed::Unknown(why)) => Answer::Unknown(Clean::from(why)),
        Ok((code, headers, body)) => sorted(request, code, &warnings(&headers), &body),
    }
}

/// What an answer means. A server error may have come after the write was done: only the objects tell.
fn sorted(request: &Request, code: StatusCode, warnings: &[Clean], body: &[u8]) -> Answer {
    if code.is_success() {
        let object: Value = serde_json::from_slice(body).unwrap_or_default();
        let resource_version = Clean::from(object["metadata"]["resourceVersion"].as_str().unwrap_or_default());
        return Answer::Accepted { resource_version, warnings: warnings.to_vec() };
    }
    let status: Status = serde_json::from_slice(body).unwrap_or_default();
    let test_failed = code == StatusCode::UNPROCESSABLE_ENTITY && request.patch == PatchKind::Json && status.message == TEST_FAILED;
    let recreated =
        code == StatusCode::UNPROCESSABLE_ENTITY && status.message.contains("metadata.uid") && status.message.contains("immutable");
    if code == StatusCode::CONFLICT || test_failed || recreated {
        return Answer::Conflict;
    }
    let reason = if status.message.is_empty() {
        let name = code.canonical_reason().unwrap_or("an error");
        format!("the server answers {} {name}", code.as_u16())
    } else {
        status.message
    };
    // An admission webhook that fails makes a 500 too, and then nothing was stored; behind a proxy nobody can tell.
    let undone = code.is_client_error() || reason.contains("admission webhook") || request.dry_run;
    if undone {
        Answer::Refused { code: code.as_u16(), reason: Clean::from(reason), warnings: warnings.to_vec() }
    } else {
        Answer::Unknown(Clean::from(reason))
    }
}

/// The texts of `Warning: 299 - "…"` headers.
fn warnings(headers: &HeaderMap) -> Vec<Clean> {
    let text = |value: &http::HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let quoted = text.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map(|(inner, _)| inner.replace("\\\"", "\""));
        Clean::from(quoted.unwrap_or(text))
    };
    headers.get_all(WARNING).iter().map(text).collect()
}

async fn read_again(session: &Session, kind: Kind, namespace: &str, name: &str) -> Result<Fresh, Clean> {
    let answer = session.get(&path(kind, namespace, name), true, LIMIT).await.map_err(|trouble| Clean::from(trouble.words()))?;
    let body: Value = session.read(answer, LIMIT).await.map_err(|trouble| Clean::from(trouble.words()))?;
    let object = Object::decode(kind, body.to_string().as_bytes()).map_err(|error| Clean::from(format!("it can't be read: {error}")))?;
    Ok(Fresh { object, writer: newest_writer(&body) })
}

/// Who wrote last, by `managedFields`. An entry may have no time, and a write that only removes fields leaves none.
fn newest_writer(object: &Value) -> Option<(Clean, Option<Time>)> {
    let entries = object["metadata"]["managedFields"].as_array()?;
    let read = |entry: &Value| {
        let at = entry["time"].as_str().and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok()).map(|at| at.to_utc());
        (Clean::from(entry["manager"].as_str().unwrap_or_default()), at)
    };
    entries.iter().map(read).filter(|(manager, _)| !manager.is_empty()).max_by_key(|(_, at)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(patch: PatchKind, dry_run: bool) -> Request {
        let (namespace, name) = (Clean::from("shop"), Clean::from("web"));
        Request { kind: Kind::Rollout, namespace, name, subresource: "status", patch, body: json!({}), dry_run }
    }

    fn said(code: u16, patch: PatchKind, message: &str) -> Answer {
        let body = json!({ "kind": "Status", "message": message }).to_string();
        sorted(&request(patch, false), StatusCode::from_u16(code).unwrap(), &[], body.as_bytes())
    }

    #[test]
    fn a_conflict_is_told_in_each_way_a_server_has_for_it() {
        assert_eq!(said(409, PatchKind::Merge, "the object has been modified"), Answer::Conflict);
        assert_eq!(said(422, PatchKind::Json, TEST_FAILED), Answer::Conflict);
        assert_eq!(said(422, PatchKind::Merge, "metadata.uid: Invalid value: \"x\": field is immutable"), Answer::Conflict);
        assert!(matches!(said(422, PatchKind::Merge, "spec.replicas: must be a number"), Answer::Refused { code: 422, .. }));
    }

    #[test]
    fn a_server_error_leaves_it_open_unless_admission_refused() {
        assert!(matches!(said(504, PatchKind::Merge, "timeout"), Answer::Unknown(_)));
        assert!(matches!(said(500, PatchKind::Merge, "failed calling webhook: admission webhook \"x\" broke"), Answer::Refused { .. }));
        assert!(matches!(said(429, PatchKind::Merge, "later"), Answer::Refused { code: 429, .. }));
        let dry = sorted(&request(PatchKind::Merge, true), StatusCode::BAD_GATEWAY, &[], b"<html>");
        assert_eq!(dry, Answer::Refused { code: 502, reason: "the server answers 502 Bad Gateway".into(), warnings: Vec::new() });
    }

    #[test]
    fn warnings_are_read_out_of_their_quotes_and_cleaned() {
        let mut headers = HeaderMap::new();
        headers.append(WARNING, "299 - \"unknown field \\\"spec.x\\\"\"".parse().unwrap());
        headers.append(WARNING, http::HeaderValue::from_bytes(b"299 - \"bell\x09 here\"").unwrap());
        let texts = warnings(&headers);
        assert_eq!(texts[0], *"unknown field \"spec.x\"");
        assert!(!texts[1].contains('\t'));
    }

    #[test]
    fn the_newest_writer_is_the_one_with_the_latest_time() {
        let object = json!({ "metadata": { "managedFields": [
            { "manager": "kubectl-edit", "time": "2026-11-21T02:00:00Z" },
            { "manager": "rollouts-controller", "time": "2026-11-21T02:00:09Z" },
            { "manager": "scale" },
        ] } });
        assert_eq!(newest_writer(&object).unwrap().0, *"rollouts-controller");
        assert_eq!(newest_writer(&json!({ "metadata": {} })), None);
    }
}
