//! Ways to a metrics server inside the cluster: the API server's service proxy, and a stream forwarded to a pod.
//! Never opens a port on this machine, never reads a Secret, and never retries: whoever asks does.

mod forward;
mod tls;
mod ways;

use std::time::Duration;

use http::header::RETRY_AFTER;

use super::access::Asker;
use super::pages;
use super::shared::Gate;
use super::trouble::Status;
use crate::ports::route::{Call, Lost, Place, Route, Told};
use crate::ports::write::Later;
use crate::text::Clean;

/// Longer than any question: whoever asks sets the limit.
const LIMIT: Duration = Duration::from_secs(120);

/// `…/namespaces/NS/services/[https:]NAME:PORT/proxy`: GET alone, under the user's own rights.
pub(super) struct ServiceProxy {
    asker: Asker,
    place: Place,
}

impl ServiceProxy {
    pub fn new(asker: Asker, place: Place) -> Self {
        Self { asker, place }
    }

    fn root(&self) -> String {
        let (namespace, name) = (pages::escaped(&self.place.namespace), segment(&self.place));
        format!("/api/v1/namespaces/{namespace}/services/{name}/proxy")
    }
}

/// What a place is called in the path of the proxy, and in the rules that allow it.
pub(super) fn segment(place: &Place) -> String {
    let scheme = if place.is_https { "https:" } else { "" };
    format!("{scheme}{}:{}", pages::escaped(&place.service), place.port)
}

impl Route for ServiceProxy {
    fn words(&self) -> Clean {
        Clean::from(format!("{} through the API server", self.place.words()))
    }

    fn short(&self) -> &'static str {
        "the API server"
    }

    fn takes_post(&self) -> bool {
        false
    }

    fn carries_login(&self) -> bool {
        false
    }

    fn call(&self, call: Call) -> Later<Result<Told, Lost>> {
        let (asker, path) = (self.asker.clone(), format!("{}{}", self.root(), call.target));
        Box::pin(async move {
            // While the link is down there is nobody to ask; waiting would only hide that.
            let Gate::Up(session) = asker.gate() else {
                return Err(Lost::Broken(Clean::from("the API server itself is not reached")));
            };
            let answer = session.fetch(&path, &call.headers, call.most, LIMIT).await;
            let (head, body, is_cut) = answer.map_err(|why| Lost::Broken(Clean::from(why)))?;
            let told = Told {
                status: head.status.as_u16(),
                retry_after: head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned),
                body,
                is_cut,
            };
            match refusal(&told) {
                Some(lost) => Err(lost),
                None => Ok(told),
            }
        })
    }
}

/// What the API server itself says instead of passing on an answer: a `Status`, which no metrics server writes.
fn refusal(told: &Told) -> Option<Lost> {
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: String,
    }
    if told.status < 400 || serde_json::from_slice::<Kind>(&told.body).ok()?.kind != "Status" {
        return None;
    }
    let status: Status = serde_json::from_slice(&told.body).ok()?;
    let words = Clean::from(if status.message.is_empty() { format!("status {}", told.status) } else { status.message });
    Some(match told.status {
        401 => Lost::Broken(Clean::from("the API server no longer accepts the login")),
        403 => Lost::Denied(words),
        404 => Lost::Away(words),
        _ => Lost::Unreached(words),
    })
}
