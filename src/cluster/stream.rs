//! Reads a watch: one JSON line per event, however the lines are cut into pieces, decoded at once into what it means.
//! Never lets a garbled or oversized line end the watch: it is reported and passed over.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use kube::client::Body;
use serde::Deserialize;

use super::list::{LONGEST, too_long, unreadable};
use super::scan::members;
use super::session::error_of;
use super::shared::Shared;
use super::trouble::{Status, Trouble};
use super::words;
use crate::objects::{Kind, Object, Uid};

/// One line of a watch.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    /// Added or changed.
    Seen(Box<Object>),
    /// Gone, at that revision.
    Gone(Uid, String),
    /// Nothing but a revision; `true` when the objects that were there at the beginning are complete now.
    Mark(String, bool),
    /// The server ends the watch, and why.
    Failed(Trouble),
    /// A line that can't be used, why, and its revision if that can be read.
    Unreadable(String, Option<String>),
}

/// How a body ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<T> {
    Some(T),
    /// The server closed it, in good order.
    End,
    /// It has said nothing for as long as was allowed.
    Quiet,
}

/// A body, as pieces.
pub(super) struct Feed {
    pub body: Body,
    pub shared: Arc<Shared>,
    pub server: String,
}

impl Feed {
    /// The next piece.
    pub async fn next(&mut self, quiet: Duration) -> Result<Next<impl AsRef<[u8]> + use<>>, Trouble> {
        loop {
            let frame = match tokio::time::timeout(quiet, self.body.frame()).await {
                Err(_) => return Ok(Next::Quiet),
                Ok(None) => return Ok(Next::End),
                Ok(Some(Err(error))) => return Err(Trouble::Broken(words::broken(&*error_of(error), &self.server))),
                Ok(Some(Ok(frame))) => frame,
            };
            self.shared.heard();
            if let Ok(data) = frame.into_data() {
                return Ok(Next::Some(data));
            }
        }
    }
}

/// A watch, as lines.
pub(super) struct Lines {
    feed: Feed,
    cut: Cutter,
    kind: Kind,
}

impl Lines {
    pub fn new(feed: Feed, kind: Kind) -> Self {
        Self { feed, cut: Cutter::default(), kind }
    }

    /// The next event. What is left of a line when the server closes in the middle of it is dropped: it comes again from the last revision.
    pub async fn next(&mut self, quiet: Duration) -> Result<Next<Said>, Trouble> {
        loop {
            while let Some(line) = self.cut.line() {
                match line {
                    Ok(line) if line.trim_ascii().is_empty() => {}
                    Ok(line) => return Ok(Next::Some(read(self.kind, line))),
                    Err(TooLong) => return Ok(Next::Some(Said::Unreadable(too_long(self.kind), None))),
                }
            }
            match self.feed.next(quiet).await? {
                Next::Some(piece) => self.cut.feed(piece.as_ref()),
                Next::End => return Ok(Next::End),
                Next::Quiet => return Ok(Next::Quiet),
            }
        }
    }
}

/// What a watch keeps of memory between two large lines.
const ROOM: usize = 256 << 10;

/// Cuts pieces into lines.
#[derive(Default)]
struct Cutter {
    held: Vec<u8>,
    /// Where the first unread line begins.
    from: usize,
    /// How far it was searched for its end.
    searched: usize,
    skipping: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct TooLong;

impl Cutter {
    fn feed(&mut self, piece: &[u8]) {
        self.held.drain(..self.from);
        self.searched -= self.from;
        self.from = 0;
        // One large object must not keep its room for as long as the watch lives.
        if self.held.is_empty() && self.held.capacity() > ROOM {
            self.held = Vec::new();
        }
        self.held.extend_from_slice(piece);
    }

    fn line(&mut self) -> Option<Result<&[u8], TooLong>> {
        loop {
            let end = self.held[self.searched..].iter().position(|byte| *byte == b'\n').map(|at| self.searched + at);
            let Some(end) = end else {
                self.searched = self.held.len();
                if self.held.len() - self.from > LONGEST {
                    self.from = self.held.len();
                    if !std::mem::replace(&mut self.skipping, true) {
                        return Some(Err(TooLong));
                    }
                }
                return None;
            };
            let from = self.from;
            self.from = end + 1;
            self.searched = end + 1;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            return Some(Ok(&self.held[from..end]));
        }
    }
}

#[derive(Deserialize)]
struct Marked {
    metadata: Mark,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Mark {
    resource_version: String,
    uid: Uid,
    annotations: Option<Ends>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ends {
    #[serde(rename = "k8s.io/initial-events-end")]
    initial: String,
}

fn mark(object: &[u8]) -> Result<Mark, serde_json::Error> {
    serde_json::from_slice::<Marked>(object).map(|marked| marked.metadata)
}

/// What a line says.
fn read(kind: Kind, line: &[u8]) -> Said {
    let found = members(line).unwrap_or_default();
    let part = |name: &[u8]| found.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let (Some(what), Some(object)) = (part(b"type"), part(b"object")) else {
        let begin = String::from_utf8_lossy(&line[..line.len().min(40)]).into_owned();
        return Said::Unreadable(format!("a line of the watch of {} is not an event: {begin}", kind.plural()), None);
    };
    match what {
        b"\"ADDED\"" | b"\"MODIFIED\"" => match Object::decode(kind, object) {
            Ok(object) => Said::Seen(Box::new(object)),
            Err(error) => Said::Unreadable(unreadable(kind, object, &error), mark(object).ok().map(|mark| mark.resource_version)),
        },
        b"\"DELETED\"" => match mark(object) {
            Ok(mark) => Said::Gone(mark.uid, mark.resource_version),
            Err(error) => Said::Unreadable(unreadable(kind, object, &error), None),
        },
        b"\"BOOKMARK\"" => match mark(object) {
            Ok(mark) => Said::Mark(mark.resource_version, mark.annotations.is_some_and(|ends| ends.initial == "true")),
            Err(error) => Said::Unreadable(format!("a bookmark could not be read: {error}"), None),
        },
        b"\"ERROR\"" => Said::Failed(Trouble::answered(0, &serde_json::from_slice::<Status>(object).unwrap_or_default(), None)),
        other => Said::Unreadable(format!("a watch event of the unknown type {}", String::from_utf8_lossy(other)), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_the_same_however_they_arrive() {
        let text = b"one\n\ntwo\nthree";
        for size in 1..text.len() {
            let mut cut = Cutter::default();
            let mut lines = Vec::new();
            for piece in text.chunks(size) {
                cut.feed(piece);
                while let Some(line) = cut.line() {
                    lines.push(line.unwrap().to_vec());
                }
            }
            assert_eq!(lines, [b"one".to_vec(), b"".to_vec(), b"two".to_vec()]);
        }
    }

    #[test]
    fn a_line_beyond_all_bounds_is_skipped_once_and_the_next_one_read() {
        let mut cut = Cutter::default();
        let mut seen = Vec::new();
        let mut take = |cut: &mut Cutter| {
            while let Some(line) = cut.line() {
                seen.push(line.map(<[u8]>::to_vec));
            }
        };
        for _ in 0..40 {
            cut.feed(&vec![b'x'; 1 << 20]);
            take(&mut cut);
        }
        assert!(cut.held.capacity() < 3 * LONGEST);
        cut.feed(b"x\nnext\n");
        take(&mut cut);
        assert_eq!(seen, [Err(TooLong), Ok(b"next".to_vec())]);
    }

    #[test]
    fn each_type_means_something() {
        let pod = |kind: &str| format!(r#"{{"type":"{kind}","object":{{"metadata":{{"name":"a","uid":"u","resourceVersion":"7"}}}}}}"#);
        assert!(matches!(read(Kind::Pod, pod("ADDED").as_bytes()), Said::Seen(_)));
        assert_eq!(read(Kind::Pod, pod("DELETED").as_bytes()), Said::Gone(Uid::from("u"), "7".into()));
        assert_eq!(read(Kind::Pod, pod("BOOKMARK").as_bytes()), Said::Mark("7".into(), false));
        let end = r#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}}}"#;
        assert_eq!(read(Kind::Pod, end.as_bytes()), Said::Mark("9".into(), true));
        let gone = r#"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}"#;
        assert_eq!(read(Kind::Pod, gone.as_bytes()), Said::Failed(Trouble::Gone));
        assert!(matches!(read(Kind::Pod, b"garbage"), Said::Unreadable(words, None) if words.contains("not an event: garbage")));
        let bad = r#"{"type":"ADDED","object":{"metadata":{"name":"a","uid":"u","resourceVersion":"8"},"spec":7}}"#;
        assert!(matches!(read(Kind::Pod, bad.as_bytes()), Said::Unreadable(_, Some(revision)) if revision == "8"));
    }
}
