//! Lists in pages, for servers without streaming lists; and the paths that requests go to.
//! Gives a list only when it is whole.

use std::sync::Arc;

use super::list::{ListReader, Unread};
use super::session::{self, Session};
use super::shared::Shared;
use super::stream::{Feed, Next};
use super::trouble::Trouble;
use super::voice::Voice;
use crate::objects::{Kind, Object};
use crate::ports::{ClusterEvent, Interest, Scope};

/// How many objects a page holds: what kubectl and client-go ask for.
const PAGE: usize = 500;

/// A whole list.
pub(super) struct Listed {
    pub objects: Vec<Object>,
    pub unread: Unread,
    pub revision: String,
}

/// Lists what `interest` names. When the server forgets the list between two pages, it is asked for in one piece (as client-go's pager does).
pub(super) async fn list(session: &Session, shared: &Arc<Shared>, voice: &Voice, interest: &Interest) -> Result<Listed, Trouble> {
    let mut whole = Listed { objects: Vec::new(), unread: Unread::default(), revision: String::new() };
    let mut next = String::new();
    let mut paged = true;
    loop {
        let mut query = vec![];
        if paged {
            query.push(("limit", PAGE.to_string()));
        }
        if !next.is_empty() {
            query.push(("continue", next.clone()));
        }
        let page = page(session, shared, voice, interest, &query).await;
        let (objects, unread, meta) = match page {
            Err(Trouble::Gone) if !next.is_empty() => {
                (whole.objects, whole.unread) = (Vec::new(), Unread::default());
                next.clear();
                paged = false;
                continue;
            }
            other => other?,
        };
        whole.objects.extend(objects);
        whole.unread.count += unread.count;
        if unread.count > 0 {
            whole.unread.last = unread.last;
        }
        whole.revision = meta.resource_version;
        if meta.next.is_empty() {
            return Ok(whole);
        }
        next = meta.next;
    }
}

async fn page(
    session: &Session,
    shared: &Arc<Shared>,
    voice: &Voice,
    interest: &Interest,
    query: &[(&str, String)],
) -> Result<(Vec<Object>, Unread, super::list::ListMeta), Trouble> {
    let quiet = shared.pace().quiet_watch;
    let _there = shared.effort.there();
    let answer = session.get(&path(interest, query), true, quiet).await?;
    shared.heard();
    if let Some(server_time) = session::date(&answer) {
        voice.say(ClusterEvent::Heard { server_time }).await;
    }
    let mut feed = Feed { body: answer.into_body(), shared: shared.clone(), server: session.server.clone() };
    let mut reader = ListReader::new(interest.kind);
    loop {
        match feed.next(quiet).await? {
            Next::Some(piece) => reader.feed(piece.as_ref()),
            Next::End => break,
            Next::Quiet => return Err(Trouble::Broken(format!("{} stopped in the middle of a list", session.server))),
        }
    }
    reader.finish().map_err(|what| Trouble::Server(format!("{}: {what}", interest.kind.plural())))
}

/// The path of a list or watch.
pub(super) fn path(interest: &Interest, query: &[(&str, String)]) -> String {
    let namespace = match &interest.scope {
        Scope::All => None,
        Scope::Namespace(name) => Some(name.as_str()),
    };
    let mut path = resource(interest.kind, namespace);
    let labels = Some(("labelSelector", interest.labels.clone())).filter(|(_, labels)| !labels.is_empty());
    let mut mark = '?';
    for (name, value) in labels.iter().chain(query) {
        path.push(mark);
        path.push_str(name);
        path.push('=');
        escape(value, &mut path);
        mark = '&';
    }
    path
}

/// The path of a kind.
pub(super) fn resource(kind: Kind, namespace: Option<&str>) -> String {
    let mut path = match kind.group() {
        "" => format!("/api/{}", kind.version()),
        group => format!("/apis/{group}/{}", kind.version()),
    };
    if let Some(namespace) = namespace {
        path.push_str("/namespaces/");
        escape(namespace, &mut path);
    }
    path.push('/');
    path.push_str(kind.plural());
    path
}

/// Text as it may stand in a path or a query.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape(text, &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::SourceId;
    use crate::text::Clean;

    #[test]
    fn paths_are_those_of_the_api() {
        let mut interest =
            Interest { source: SourceId(1), kind: Kind::Pod, scope: Scope::All, labels: "app in (a,b),tier=x".to_owned(), release: None };
        assert_eq!(
            path(&interest, &[("limit", "500".to_owned())]),
            "/api/v1/pods?labelSelector=app%20in%20%28a%2Cb%29%2Ctier%3Dx&limit=500"
        );
        interest.kind = Kind::Rollout;
        interest.labels.clear();
        interest.scope = Scope::Namespace(Clean::from("payments"));
        assert_eq!(path(&interest, &[]), "/apis/argoproj.io/v1alpha1/namespaces/payments/rollouts");
    }
}
